//! How the state of a decision becomes a snapshot, and a snapshot a state.

use crate::value::Json;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::fmt;

/// How the states of a command are kept: as JSON, again whenever so many more events were folded.
#[derive(Clone, Copy)]
pub struct Snapshots<S> {
    events: u32,
    definition: &'static str,
    write: fn(&S) -> serde_json::Result<Json>,
    read: fn(&Json) -> serde_json::Result<S>,
}

impl<S> Snapshots<S> {
    /// A state is kept whenever at least so many events were folded since the last one was. The definition is a hash of all
    /// that the fold uses: a state of another one is never read.
    pub const fn every(events: u32, definition: &'static str) -> Self
    where
        S: Serialize + DeserializeOwned,
    {
        Self { events, definition, write: |state| serde_json::to_value(state), read: |json| S::deserialize(json) }
    }
}

impl<S> fmt::Debug for Snapshots<S> {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "Snapshots::every({}, {:?})", self.events, self.definition)
    }
}
