//! What a group has given up, put aside for a person to look at.

use crate::event::{Position, StoredEvent, Tenant};
use crate::value::{DateTime, Json};
use serde::Serialize;

/// An event, or a run that no event started, which was given up.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Parked {
    /// Names it to [`super::Ledger::resend`] and [`super::Ledger::discard`].
    pub id: String,
    /// The group that gave up.
    pub group: String,
    /// The event's id, or what names the run. A group has it once: parked again, it keeps its id.
    pub key: String,
    /// Whose it is.
    pub tenant: Tenant,
    /// Where the event stands, if it is one.
    pub position: Option<Position>,
    /// The event's type, if it is one.
    pub event_type: Option<String>,
    /// How often it was tried.
    pub attempts: u32,
    /// What was wrong the last time.
    pub error: String,
    /// When it was parked, on the database's clock.
    pub parked_at: DateTime,
    /// Whether it was asked for again and waits to be tried.
    pub resent: bool,
    /// What a run needs to be carried out again.
    pub data: Option<Json>,
}

/// Something to be put aside that no event started.
#[derive(Clone, Debug, PartialEq)]
pub struct NewParked {
    /// The group that gives up.
    pub group: String,
    /// Names the run within its group.
    pub key: String,
    /// Whose it is.
    pub tenant: Tenant,
    /// How often it was tried.
    pub attempts: u32,
    /// What was wrong the last time.
    pub error: String,
    /// What is needed to carry it out again.
    pub data: Option<Json>,
}

/// The event behind something that is put aside.
#[derive(Clone, Debug)]
pub(super) struct EventOf {
    pub(super) position: Position,
    pub(super) event_type: String,
    pub(super) correlation: Option<String>,
}

impl From<&StoredEvent> for EventOf {
    fn from(event: &StoredEvent) -> Self {
        Self {
            position: event.position,
            event_type: event.event_type.clone(),
            correlation: event.metadata.correlation_id.clone(),
        }
    }
}
