//! Failures of every layer as the status that a caller gets.

use tonic::Status;

use crate::change::WatchError;
use crate::crud::CrudError;
use crate::decision::{DecideError, Rejection};
use crate::entry::ValueError;
use crate::error::status;
use crate::event::{DecodeError, EncodeError};
use crate::projection::Lag;
use crate::query::Invalid;
use crate::store::StoreError;
use crate::wire::FieldError;

impl From<Invalid> for Status {
    fn from(invalid: Invalid) -> Self {
        let message = invalid.to_string();
        let fields = invalid.problems.into_iter().map(|problem| FieldError {
            path: if problem.field.is_empty() { Vec::new() } else { vec![problem.field] },
            code: "VALIDATION".to_owned(),
            message: problem.message,
        });
        status::invalid(message, fields)
    }
}

pub(crate) fn store(error: StoreError) -> Status {
    match error {
        StoreError::Closed => status::unavailable("the service is shutting down"),
        error @ (StoreError::Unreachable(_)
        | StoreError::Unwritable(_)
        | StoreError::Busy(_)
        | StoreError::Slow(_)
        | StoreError::Away { .. }) => status::unavailable(error.to_string()),
        other => status::internal(other.to_string()),
    }
}

pub(super) fn lag(lag: Lag) -> Status {
    status::unavailable(lag.to_string())
}

pub(super) fn value(error: ValueError) -> Status {
    status::internal(error.to_string())
}

pub(super) fn watch(error: WatchError) -> Status {
    match error {
        WatchError::Store(error) => store(error),
        ended => status::unavailable(ended.to_string()),
    }
}

pub(super) fn crud(error: CrudError) -> Status {
    match error {
        CrudError::Exists { .. } | CrudError::Unique(_) | CrudError::Conflict(_) => status::conflict(error.to_string()),
        CrudError::Missing { .. } => status::not_found(error.to_string()),
        CrudError::Foreign { .. } | CrudError::Unseen { .. } => status::forbidden(error.to_string()),
        CrudError::Invalid(invalid) => invalid.into(),
        CrudError::Decode(error) => decode(error),
        CrudError::Encode(error) => encode(error),
        CrudError::Value(error) => value(error),
        CrudError::Store(error) => store(error),
    }
}

pub(super) fn decide<E: Rejection>(error: DecideError<E>) -> Status {
    match error {
        DecideError::Rejected(rejection) => status::rejected(rejection.code(), rejection.to_string()),
        DecideError::RejectedBefore { code, message } => status::rejected(&code, message),
        DecideError::Failed(_) => status::validation(error.to_string()),
        DecideError::Conflict { .. } => status::conflict(error.to_string()),
        DecideError::Decode(error) => decode(error),
        DecideError::Encode(error) => encode(error),
        DecideError::Store(error) => store(error),
    }
}

fn decode(error: DecodeError) -> Status {
    match error {
        DecodeError::Newer { .. } => {
            tracing::error!(%error, "a call needs a newer program");
            status::unavailable("this needs a newer version of the service")
        }
        DecodeError::Upcast { .. } | DecodeError::Payload { .. } => status::internal(error.to_string()),
    }
}

fn encode(error: EncodeError) -> Status {
    match error {
        EncodeError::Tags { .. } => status::validation(error.to_string()),
        EncodeError::Payload { .. } => status::internal(error.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_work_later_is_unavailable() {
        let why = || "because".to_owned();
        for error in [
            StoreError::Closed,
            StoreError::Unreachable(why()),
            StoreError::Unwritable(why()),
            StoreError::Busy(why()),
            StoreError::Slow(why()),
        ] {
            assert_eq!(status::code(&store(error)), "UNAVAILABLE");
        }
        // Whether it has happened is not known: who repeats it without a key may do it twice.
        assert_eq!(status::code(&store(StoreError::Unknown(why()))), "INTERNAL");
    }
}
