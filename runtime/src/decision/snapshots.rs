//! How the state of a decision becomes a snapshot, and a snapshot a state.

use super::{Decision, Folding};
use crate::event::{Position, Tenant};
use crate::expr::EvalError;
use crate::store::{EventStore, Snapshot, SnapshotKey, StoreError};
use crate::value::Json;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::borrow::Cow;
use std::fmt;
use std::time::Duration;

/// How long it may take to keep a state.
const PATIENCE: Duration = Duration::from_secs(10);

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

/// What is kept: a state, and what must be the same for whoever reads on from it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Kept {
    /// The state before the first event. It says, among other things, how long the lists are that have a value each in the state.
    initial: Json,
    /// What each later step reads.
    later: Vec<String>,
    state: Json,
}

/// Finds and writes the snapshots of one decision.
pub(super) struct Keeper<S> {
    snapshots: Snapshots<S>,
    key: SnapshotKey,
    initial: Json,
}

impl<S> Keeper<S> {
    /// For a decision of which the first step is entered and nothing is folded yet; none if nothing is kept of it.
    pub(super) fn of<D: Decision<State = S>>(folding: &Folding<'_, D>) -> Option<Self> {
        let snapshots = D::SNAPSHOTS?;
        let initial = match (snapshots.write)(folding.state()) {
            Ok(initial) => initial,
            Err(error) => {
                tracing::warn!(command = D::NAME, %error, "a state cannot be written, so that it is not kept");
                return None;
            }
        };
        let key = SnapshotKey {
            command: Cow::Borrowed(D::NAME),
            reads: text(folding, 1),
            definition: Cow::Borrowed(snapshots.definition),
            query: folding.query(),
        };
        Some(Self { snapshots, key, initial })
    }

    /// Puts the state that was kept in the place of the one without events, and says up to where it was read. None if there is
    /// none that fits: nothing is folded then.
    ///
    /// # Errors
    /// As for [`Folding::begin_again`] and [`Folding::enter`].
    pub(super) async fn resume<D: Decision<State = S>>(
        &self,
        events: &dyn EventStore,
        tenant: &Tenant,
        folding: &mut Folding<'_, D>,
    ) -> Result<Option<Position>, EvalError> {
        let found = match events.snapshot(tenant, &self.key).await {
            Ok(Some(found)) => found,
            Ok(None) => return Ok(None),
            Err(error) => {
                tracing::warn!(command = D::NAME, %error, "a kept state cannot be found; all events are read");
                return Ok(None);
            }
        };
        let (state, later) = match self.read(&found.state) {
            Ok(Some(read)) => read,
            Ok(None) => return Ok(None),
            Err(error) => {
                tracing::warn!(command = D::NAME, %error, "a kept state cannot be read; all events are read");
                return Ok(None);
            }
        };
        // What a later step reads may depend on the command as well, and then on another one than that of the kept state.
        if folding.resume(state).is_ok() && texts_of_later(folding) == later {
            return Ok(Some(found.position));
        }
        folding.begin_again()?;
        folding.enter(1)?;
        Ok(None)
    }

    /// The state, and what its later steps have read; none if it was folded onto another initial state.
    fn read(&self, kept: &Json) -> serde_json::Result<Option<(S, Vec<String>)>> {
        let kept = Kept::deserialize(kept)?;
        if kept.initial != self.initial {
            return Ok(None);
        }
        Ok(Some(((self.snapshots.read)(&kept.state)?, kept.later)))
    }

    /// What is to be kept after so many events were folded; none if that is not due, or the state would not be read as it is.
    pub(super) fn due<D: Decision<State = S>>(
        &self,
        folding: &Folding<'_, D>,
        (folded, position): (u64, Position),
        tenant: &Tenant,
    ) -> Option<Keeping> {
        if folded < u64::from(self.snapshots.events.max(1)) {
            return None;
        }
        match self.written(folding) {
            Ok(Some(state)) => {
                let key = SnapshotKey { query: folding.query(), ..self.key.clone() };
                Some(Keeping { tenant: tenant.clone(), key, snapshot: Snapshot { position, state } })
            }
            Ok(None) => {
                tracing::warn!(
                    command = D::NAME,
                    "a state would not be read as it was written, so that it is not kept"
                );
                None
            }
            Err(error) => {
                tracing::warn!(command = D::NAME, %error, "a state cannot be written, so that it is not kept");
                None
            }
        }
    }

    /// The state as it is kept; none if it would be read as another one.
    fn written<D: Decision<State = S>>(&self, folding: &Folding<'_, D>) -> serde_json::Result<Option<Json>> {
        let state = (self.snapshots.write)(folding.state())?;
        let kept = Kept { initial: self.initial.clone(), later: texts_of_later(folding), state };
        let again: Kept = serde_json::from_str(&serde_json::to_string(&kept)?)?;
        let is_same = again == kept && (self.snapshots.write)(&(self.snapshots.read)(&again.state)?)? == kept.state;
        if is_same { serde_json::to_value(kept).map(Some) } else { Ok(None) }
    }
}

/// A state that is to be kept.
pub(super) struct Keeping {
    tenant: Tenant,
    key: SnapshotKey,
    snapshot: Snapshot,
}

impl Keeping {
    /// Keeps it. If that fails, or takes too long, a later decision tries again.
    pub(super) async fn keep(self, events: &dyn EventStore) {
        let command = self.key.command.clone();
        match tokio::time::timeout(PATIENCE, events.keep(&self.tenant, &self.key, self.snapshot)).await {
            Ok(Ok(())) => {}
            Ok(Err(StoreError::Closed)) => tracing::debug!(%command, "a state is not kept: the store was closed"),
            Ok(Err(error)) => tracing::warn!(%command, %error, "a state is not kept"),
            Err(_) => tracing::warn!(%command, "a state is not kept: the store takes too long"),
        }
    }
}

/// What the entries of a step read, each under its name, in order.
fn text<D: Decision>(folding: &Folding<'_, D>, step: usize) -> String {
    let reads = folding.reads(step).iter().map(|(entry, item)| json!([format!("{entry:?}"), item.types, item.tags]));
    Json::Array(reads.collect()).to_string()
}

fn texts_of_later<D: Decision>(folding: &Folding<'_, D>) -> Vec<String> {
    (2..=D::STEPS).map(|step| text(folding, step)).collect()
}
