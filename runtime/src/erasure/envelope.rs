//! The form in which personal fields are stored: out of the payload's plain part, under one key that no field can have.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::event::{NewEvent, StoredEvent, Tenant};
use crate::store::StoreError;
use crate::value::Json;

/// No name in GraphQL begins so.
const KEY: &str = "$personal";

/// What is sealed of an event, by the subject whose it is.
pub(super) type Envelope = BTreeMap<String, Sealed>;

/// What is sealed of one subject.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Sealed {
    /// What the key is called that has sealed it.
    pub(super) key: String,
    /// Each field, sealed by itself.
    #[serde(default)]
    pub(super) fields: BTreeMap<String, String>,
    /// What stands before the colon of the event's tags that go with the subject.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(super) tags: Vec<String>,
}

/// Puts it into an event that is to be stored.
///
/// # Errors
/// If it cannot be written.
pub(super) fn close(event: &mut NewEvent, envelope: &Envelope) -> Result<(), StoreError> {
    let written = serde_json::to_value(envelope);
    let written = written.map_err(|error| StoreError::Invalid(format!("an event cannot be sealed: {error}")))?;
    if let Json::Object(fields) = &mut event.payload {
        fields.insert(KEY.to_owned(), written);
    }
    Ok(())
}

/// Reads it, and leaves it where it is; none in an event of which nothing is sealed.
///
/// # Errors
/// If it is not as it was written.
pub(super) fn read(event: &StoredEvent) -> Result<Option<Envelope>, StoreError> {
    let Some(sealed) = event.payload.get(KEY) else { return Ok(None) };
    let broken = |error| StoreError::Invalid(format!("what is sealed of event {} cannot be read: {error}", event.id));
    Envelope::deserialize(sealed).map(Some).map_err(broken)
}

/// Puts opened fields into its place.
pub(super) fn unwrap(event: &mut StoredEvent, opened: impl IntoIterator<Item = (String, Json)>) {
    if let Json::Object(fields) = &mut event.payload {
        fields.remove(KEY);
        fields.extend(opened);
    }
}

/// Parts that a sealed field belongs to.
pub(super) fn place<'a>(tenant: &'a Tenant, event: &'a str, subject: &'a str, field: &'a str) -> [&'a str; 5] {
    ["field", tenant.as_str(), event, subject, field]
}
