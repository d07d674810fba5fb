//! Answers to calls that fail: a gRPC status whose metadata names the code that clients act on.
//!
//! `scaffold-code` carries it; `scaffold-field-bin` carries one encoded
//! [`FieldError`] for each field of a validation.

use prost::Message;
use tonic::metadata::{MetadataMap, MetadataValue};
use tonic::{Code, Status};

use crate::caller::Denied;
use crate::wire::FieldError;

const CODE: &str = "scaffold-code";
const FIELD: &str = "scaffold-field-bin";
// Messages and metadata travel in headers, whose total size both sides limit, and may quote what a caller sent.
const MOST_FIELDS: usize = 32;
const LONGEST_MESSAGE: usize = 1024;
const LONGEST_OF_A_FIELD: usize = 120;

const KNOWN: [(&str, Code); 7] = [
    ("UNAUTHENTICATED", Code::Unauthenticated),
    ("FORBIDDEN", Code::PermissionDenied),
    ("NOT_FOUND", Code::NotFound),
    ("VALIDATION", Code::InvalidArgument),
    ("CONFLICT", Code::Aborted),
    ("UNAVAILABLE", Code::Unavailable),
    ("INTERNAL", Code::Internal),
];

/// There is no token, or it is not valid.
pub fn unauthenticated(message: impl Into<String>) -> Status {
    coded(Code::Unauthenticated, "UNAUTHENTICATED", message)
}

/// The caller is known and may not.
pub fn forbidden(message: impl Into<String>) -> Status {
    coded(Code::PermissionDenied, "FORBIDDEN", message)
}

/// What was asked for is not there, or not for this caller.
pub fn not_found(message: impl Into<String>) -> Status {
    coded(Code::NotFound, "NOT_FOUND", message)
}

/// The request itself is wrong.
pub fn validation(message: impl Into<String>) -> Status {
    coded(Code::InvalidArgument, "VALIDATION", message)
}

/// The request is wrong in that there is too much of something.
#[cfg(feature = "files")]
pub(crate) fn too_large(message: impl Into<String>) -> Status {
    coded(Code::ResourceExhausted, "VALIDATION", message)
}

/// Somebody else was faster, or a value is taken.
pub fn conflict(message: impl Into<String>) -> Status {
    coded(Code::Aborted, "CONFLICT", message)
}

/// It cannot be done now; later it may.
pub fn unavailable(message: impl Into<String>) -> Status {
    coded(Code::Unavailable, "UNAVAILABLE", message)
}

/// Something broke. The cause goes to the log and never to the caller.
pub fn internal(cause: impl Into<String>) -> Status {
    tracing::error!(cause = %cause.into(), "a call failed");
    coded(Code::Internal, "INTERNAL", "an internal error occurred")
}

/// A command's own rule says no; `code` is the error's name in the model.
pub fn rejected(code: &str, message: impl Into<String>) -> Status {
    coded(Code::FailedPrecondition, code, message)
}

/// The request is wrong in these fields.
pub fn invalid(message: impl Into<String>, fields: impl IntoIterator<Item = FieldError>) -> Status {
    with_fields(validation(message), fields)
}

fn with_fields(mut status: Status, fields: impl IntoIterator<Item = FieldError>) -> Status {
    for mut field in fields.into_iter().take(MOST_FIELDS) {
        field.path.iter_mut().chain([&mut field.message]).for_each(|text| cut(text, LONGEST_OF_A_FIELD));
        let value = MetadataValue::from_bytes(&field.encode_to_vec());
        status.metadata_mut().append_bin(FIELD, value);
    }
    status
}

/// The answer to a caller whom [`Access::check`](crate::caller::Access::check) turned away.
pub fn denied(denied: Denied) -> Status {
    match denied {
        Denied::Unauthenticated => unauthenticated(denied.to_string()),
        Denied::Forbidden => forbidden(denied.to_string()),
    }
}

/// The answer to a caller who may not do this with one field.
pub fn denied_field(reason: Denied, field: FieldError) -> Status {
    let status = match reason {
        Denied::Unauthenticated => unauthenticated(format!("{}: {reason}", field.path.join("."))),
        Denied::Forbidden => forbidden(format!("{}: {reason}", field.path.join("."))),
    };
    with_fields(status, [field])
}

/// The code that a status carries; for a status from elsewhere (a proxy, the transport) the
/// nearest of the known ones.
pub fn code(status: &Status) -> String {
    if let Some(code) = status.metadata().get(CODE).and_then(|value| value.to_str().ok()) {
        return code.to_owned();
    }
    match status.code() {
        Code::DeadlineExceeded | Code::ResourceExhausted | Code::Cancelled => "UNAVAILABLE".to_owned(),
        Code::OutOfRange | Code::FailedPrecondition => "VALIDATION".to_owned(),
        Code::AlreadyExists => "CONFLICT".to_owned(),
        // No service sends a cause along: it is the connection that broke, and the answer that never came.
        Code::Unknown if std::error::Error::source(status).is_some() => "UNAVAILABLE".to_owned(),
        found => known(found).to_owned(),
    }
}

/// The fields that a validation or a refusal names.
pub fn fields(status: &Status) -> Vec<FieldError> {
    let values = status.metadata().get_all_bin(FIELD).into_iter();
    values.filter_map(|value| FieldError::decode(value.to_bytes().ok()?).ok()).collect()
}

fn known(code: Code) -> &'static str {
    KNOWN.iter().find(|(_, known)| *known == code).map_or("INTERNAL", |(name, _)| name)
}

fn coded(grpc: Code, code: &str, message: impl Into<String>) -> Status {
    let mut metadata = MetadataMap::new();
    if let Ok(value) = code.parse() {
        metadata.insert(CODE, value);
    }
    let mut message = message.into();
    cut(&mut message, LONGEST_MESSAGE);
    Status::with_metadata(grpc, message, metadata)
}

/// Shortens a text to so many bytes, and says that it did.
fn cut(text: &mut String, longest: usize) {
    if text.len() > longest {
        let end = (0..=longest).rev().find(|end| text.is_char_boundary(*end)).unwrap_or_default();
        text.truncate(end);
        text.push('…');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_that_breaks_is_told_from_a_service_that_fails() {
        let broken = std::io::Error::from(std::io::ErrorKind::ConnectionReset);
        let status = Status::from_error(Box::new(broken));
        assert_eq!((status.code(), code(&status).as_str()), (Code::Unknown, "UNAVAILABLE"));
        assert_eq!(code(&Status::unknown("no such thing")), "INTERNAL");
    }

    #[test]
    fn a_commands_own_code_survives_the_way_over_headers() {
        let status = rejected("CourseFullyBooked", "no seat is left");
        let back = Status::from_header_map(&status.to_http_map());
        assert_eq!(back.as_ref().map(code).as_deref(), Some("CourseFullyBooked"));
        assert_eq!(back.map(|status| status.code()), Some(Code::FailedPrecondition));
    }

    #[test]
    fn fields_survive_the_way_over_headers() {
        let field =
            FieldError { path: vec!["data".into(), "name".into()], code: "VALIDATION".into(), message: "ä".into() };
        let status = invalid("wrong", [field.clone()]);
        let back = Status::from_header_map(&status.to_http_map());
        assert_eq!(back.as_ref().map(fields), Some(vec![field]));
    }

    #[test]
    fn what_a_caller_sent_does_not_burst_the_headers() {
        let long = "ä".repeat(100_000);
        let field = || FieldError { path: vec![long.clone()], code: "VALIDATION".into(), message: long.clone() };
        let status = invalid(long.clone(), std::iter::repeat_with(field).take(40));
        let headers = status.to_http_map();
        let size: usize = headers.iter().map(|(name, value)| name.as_str().len() + value.len() + 32).sum();
        assert!(size < 16 * 1024, "{size}");
        assert!(rejected("CourseDoesNotExist", long.clone()).message().ends_with("ä…"));
    }

    #[test]
    fn a_foreign_status_gets_the_nearest_code() {
        assert_eq!(code(&Status::deadline_exceeded("late")), "UNAVAILABLE");
        assert_eq!(code(&Status::unimplemented("what")), "INTERNAL");
        assert_eq!(code(&Status::permission_denied("no")), "FORBIDDEN");
    }

    #[test]
    fn causes_stay_inside() {
        let status = internal("disk /secret/path is full");
        assert!(!status.message().contains("secret"));
    }

    trait ToHttpMap {
        fn to_http_map(&self) -> http::HeaderMap;
    }

    impl ToHttpMap for Status {
        fn to_http_map(&self) -> http::HeaderMap {
            let mut headers = http::HeaderMap::new();
            assert!(self.add_header(&mut headers).is_ok());
            headers
        }
    }
}
