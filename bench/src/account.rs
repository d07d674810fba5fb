//! What is measured with: accounts, into which money is paid.

use scaffold_runtime::event::{Metadata, NewEvent, Query, QueryItem, Tag, Tenant};
use scaffold_runtime::value::Json;
use serde_json::json;
use std::borrow::Cow;
use std::time::{SystemTime, UNIX_EPOCH};
use uuid::Uuid;

/// The type of all events.
pub const TYPE: &str = "Deposited";

/// Whose they are.
pub fn tenant() -> Tenant {
    Tenant::new("bench")
}

/// An event with this tag.
pub fn event(tag: &str) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        topic: Cow::Borrowed("bank"),
        stream: None,
        event_type: Cow::Borrowed(TYPE),
        version: 1,
        tags: vec![Tag::new(tag)],
        payload: payload(tag),
        metadata: Metadata::default(),
        raised_at: now(),
    }
}

/// What happened.
pub fn payload(account: &str) -> Json {
    json!({ "account": account, "amount": 12, "note": "paid in at the counter" })
}

/// All events with this tag.
pub fn query(tag: &str) -> Query {
    Query::of([QueryItem::of(&[TYPE], [Tag::new(tag)])])
}

/// In microseconds since 1970.
pub fn now() -> i64 {
    let elapsed = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(elapsed.as_micros()).unwrap_or(i64::MAX)
}
