//! What is known of another service's events.

use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use tokio::sync::watch;

use crate::event::Position;

/// What is known of the other service's events. Cheap to clone.
#[derive(Clone, Default)]
pub(super) struct Known {
    head: watch::Sender<Position>,
    trouble: Arc<Mutex<Option<String>>>,
    /// The id of the first one, once there is one.
    first: Arc<OnceLock<String>>,
}

impl Known {
    pub(super) fn head(&self) -> Position {
        *self.head.borrow()
    }

    pub(super) fn first(&self) -> Option<String> {
        self.first.get().cloned()
    }

    /// Notes the first event's id.
    pub(super) fn begins(&self, first: String) {
        let _ = self.first.set(first);
    }

    pub(super) fn watch(&self) -> watch::Receiver<Position> {
        self.head.subscribe()
    }

    pub(super) fn trouble(&self) -> Option<String> {
        self.trouble.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes that everything up to here can be read. It never goes back.
    pub(super) fn reached(&self, position: Position) {
        self.head.send_if_modified(|head| {
            let grows = position > *head;
            *head = position.max(*head);
            grows
        });
    }

    /// Notes whether the service can be reached; true if that is new.
    pub(super) fn turned(&self, trouble: Option<String>) -> bool {
        let mut known = self.trouble.lock().unwrap_or_else(PoisonError::into_inner);
        let is_new = known.is_some() != trouble.is_some();
        *known = trouble;
        is_new
    }
}
