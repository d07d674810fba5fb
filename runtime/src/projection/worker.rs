//! What a projection's task works with, and what is noted of how far it is.

use std::sync::Arc;

use tokio::sync::watch;
use tokio::time::Instant;

use super::kind::Kind;
use super::pace::Pace;
use super::progress::Progress;
use super::share::{LOOK, Shared};
use super::uniqueness::Verifier;
use crate::event::Position;
use crate::feed::Feed;
use crate::store::StoreError;
use crate::tables::{Aside, Checkpoint, Place, Tables};

/// What a projection's task works with.
pub(super) struct Worker {
    pub(super) kind: Kind,
    pub(super) place: Place,
    pub(super) tables: Arc<dyn Tables>,
    pub(super) feed: Arc<dyn Feed>,
    pub(super) progress: watch::Sender<Progress>,
    /// The checkpoint as it is stored.
    pub(super) checkpoint: Checkpoint,
    /// Every event up to here is applied; what came behind the checkpoint changed nothing.
    pub(super) applied: Position,
    pub(super) pace: Pace,
    /// What was put aside.
    pub(super) aside: Aside,
    /// Whether an entry is to be folded again.
    pub(super) again: bool,
    /// Whether the unique constraints hold.
    pub(super) verifier: Verifier,
    /// This process's part, where others may keep the same table.
    pub(super) shared: Option<Shared>,
    pub(super) stop: watch::Receiver<bool>,
}

impl Worker {
    /// Whether this process applies events to the table.
    pub(super) fn is_owner(&self) -> bool {
        self.shared.as_ref().is_none_or(|shared| shared.epoch().is_some())
    }

    /// Whether the others should see a checkpoint that nothing else is written with.
    pub(super) fn is_due(&self) -> bool {
        let waited = self.shared.as_ref().is_some_and(|shared| shared.written.elapsed() >= LOOK);
        waited && self.applied > self.checkpoint.position
    }

    /// Tells the others how far the table has come.
    pub(super) async fn tell(&self) {
        if self.shared.is_some() {
            let now = Checkpoint { position: self.applied, ..self.checkpoint };
            self.tables.tell(&self.place, now).await;
        }
    }

    /// Notes what has been written.
    pub(super) fn stored(&mut self, checkpoint: Checkpoint) {
        self.checkpoint = checkpoint;
        if let Some(shared) = &mut self.shared {
            shared.written = Instant::now();
        }
    }

    /// Goes on from the stored checkpoint.
    ///
    /// # Errors
    /// If the database fails.
    pub(super) async fn resume(&mut self) -> Result<(), StoreError> {
        self.checkpoint = self.tables.checkpoint(&self.place).await?;
        self.applied = self.checkpoint.position;
        self.reached(self.checkpoint);
        Ok(())
    }

    /// Notes that everything up to here is applied and readable. What was said once is not taken back.
    pub(super) fn reached(&mut self, now: Checkpoint) {
        let Self { progress, pace, .. } = self;
        progress.send_if_modified(|progress| {
            let (applied, last_change) = (progress.applied, progress.last_change);
            let was_ready = progress.is_ready();
            progress.applied = applied.max(now.position);
            progress.last_change = last_change.max(now.last_change);
            if progress.applied > applied {
                let moved = Instant::now();
                progress.per_second = pace.reached(moved, progress.applied);
                progress.moved = Some(moved);
            }
            match (was_ready, progress.is_ready()) {
                (false, false) if progress.is_built() => {}
                (false, false) => pace.tell(progress),
                (false, true) => pace.tell_all(progress),
                (true, _) => {}
            }
            (progress.applied, progress.last_change) != (applied, last_change)
        });
    }
}

/// Notes that it goes on no more, and why.
pub(super) fn stopped(progress: &watch::Sender<Progress>, projection: &str, reason: &str) {
    tracing::error!(projection, reason, "the projection is stopped");
    progress.send_modify(|progress| progress.stopped = Some(reason.into()));
}
