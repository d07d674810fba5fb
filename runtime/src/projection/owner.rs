//! Who applies events where several processes share a database: the one that has the table's lease. The others follow what
//! it has written, so that reads, waits and subscriptions are the same in every process.
//!
//! The lease only keeps processes from doing the same work. Should two of them take themselves for the owner, the checkpoint
//! decides: a batch that was worked out from another one is not written.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;

use super::engine::{Worker, stopped};
use crate::database::Database;
use crate::event::Position;
use crate::feed::Feed;
use crate::lease::{Epoch, Kept, keep};
use crate::store::StoreError;
use crate::tables::{Checkpoint, Place, Told};

/// How often a follower looks at the checkpoint although nothing was heard, and how long an owner keeps one back that
/// nothing else is written with.
pub(super) const LOOK: Duration = Duration::from_millis(200);

/// How often a service is asked that could not be reached.
const ASK: Duration = Duration::from_secs(1);

/// A process's part in keeping a table that others share.
pub(super) struct Shared {
    lease: Kept,
    told: Told,
    /// When the checkpoint was written last.
    written: Instant,
}

impl Shared {
    /// Takes part, if there can be others.
    pub(super) fn of(database: &Database, place: &Place) -> Option<Self> {
        let told = database.tables().told(place)?;
        let lease = keep(database.leases().clone(), format!("projection/{}", place.name));
        Some(Self { lease, told, written: Instant::now() })
    }

    fn epoch(&self) -> Option<Epoch> {
        *self.lease.epoch.borrow()
    }

    /// Says whether it is this process that applies events.
    pub(super) fn owned(&self) -> watch::Receiver<Option<Epoch>> {
        self.lease.epoch.clone()
    }
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

    /// Asks another service what there is to catch up with, however long it takes to be reached.
    pub(super) async fn aim(&mut self) {
        let Some(service) = self.feed.source() else { return };
        let (feed, mut stop) = (Arc::clone(&self.feed), self.stop.clone());
        let head = tokio::select! {
            head = reachable(&*feed) => head,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let applied = self.applied;
        if head < applied {
            let reason = format!(
                "the events of the service `{service}` end at {head}, and those up to {applied} are applied: they are others than before"
            );
            return stopped(&self.progress, self.place.table.entry, &reason);
        }
        self.progress.send_modify(|progress| {
            progress.target = head;
            progress.started = true;
        });
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

    /// Follows the owner until this process is it, or is to stop.
    pub(super) async fn follow(&mut self) {
        while !self.is_owner() && !*self.stop.borrow() {
            let Some(shared) = &mut self.shared else { return };
            tokio::select! {
                // An error says that the lease is kept no more, which happens on the way out only.
                _ = shared.lease.epoch.changed() => {}
                _ = self.stop.changed() => {}
                now = shared.told.next() => self.reached(now),
                () = tokio::time::sleep(LOOK) => self.look().await,
            }
            if let Err(error) = self.verify().await {
                tracing::debug!(projection = self.place.table.entry, %error, "cannot look at unique constraints");
            }
        }
    }

    async fn look(&mut self) {
        match self.tables.checkpoint(&self.place).await {
            Ok(now) => self.reached(now),
            Err(error) => tracing::debug!(projection = self.place.table.entry, %error, "cannot follow"),
        }
    }

    /// Lets somebody else apply events.
    pub(super) async fn leave(&mut self) {
        if let Some(shared) = self.shared.take() {
            shared.lease.stop().await;
        }
    }
}

/// The head of another service's events, once it can be reached.
async fn reachable(feed: &dyn Feed) -> Position {
    let mut known = feed.watch();
    loop {
        match feed.head().await {
            Ok(head) => return head,
            Err(error) => tracing::debug!(%error, "a projection waits"),
        }
        // Whoever follows the events has reached it, if they have moved.
        let _ = tokio::time::timeout(ASK, known.changed()).await;
    }
}
