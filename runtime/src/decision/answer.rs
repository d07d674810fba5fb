//! The answer that is kept under an idempotency key, for whoever repeats the call.

use super::{DecideError, Decided, Decision, Rejection, Request};
use crate::event::{EventSet, Names};
use crate::store::{Answer, EventStore, StoreError};
use crate::value::Json;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What is kept under a key.
#[derive(Serialize, Deserialize)]
pub(super) struct Stored {
    /// Ids that were generated, by field.
    pub(super) ids: BTreeMap<String, String>,
    /// The types of the events recorded.
    pub(super) events: Vec<String>,
    /// The error that was answered, if a rule recorded the events.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) rejected: Option<Rejected>,
}

/// An error as its caller saw it.
#[derive(Serialize, Deserialize)]
pub(super) struct Rejected {
    code: String,
    message: String,
}

impl Rejected {
    pub(super) fn of(rejection: &impl Rejection) -> Self {
        Self { code: rejection.code().to_owned(), message: rejection.to_string() }
    }
}

impl Stored {
    pub(super) fn write(&self) -> Result<Json, StoreError> {
        serde_json::to_value(self).map_err(|error| StoreError::Invalid(format!("an answer cannot be written: {error}")))
    }
}

/// The answer that was given before under the request's key, if any.
///
/// # Errors
/// If the store fails or the answer cannot be read.
pub(super) async fn first<D: Decision>(
    events: &dyn EventStore,
    request: &Request<'_>,
) -> Result<Option<Answer>, StoreError> {
    let Some(key) = &request.idempotency_key else { return Ok(None) };
    events.answer(&request.caller.tenant, D::NAME, key).await
}

/// What the first call was answered.
///
/// # Errors
/// [`DecideError::RejectedBefore`] if that was an error.
pub(super) fn repeated<D: Decision>(first: Answer) -> Result<Decided, DecideError<D::Error>> {
    let mut stored = Stored::deserialize(&first.answer)
        .map_err(|error| StoreError::Invalid(format!("a stored answer cannot be read: {error}")))?;
    let names = Names::new(D::Event::RENAMED);
    for event in &mut stored.events {
        // As today's first answer would be.
        if let Some(today) = names.other(event) {
            today.clone_into(event);
        }
    }
    match stored.rejected {
        Some(Rejected { code, message }) => Err(DecideError::RejectedBefore { code, message }),
        None => Ok(Decided { position: first.position, ids: stored.ids, events: stored.events, repeated: true }),
    }
}
