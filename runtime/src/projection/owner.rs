//! Who applies events where several processes share a database: the one that has the table's lease. The others follow what
//! it has written, so that reads, waits and subscriptions are the same in every process.
//!
//! The lease only keeps processes from doing the same work. Should two of them take themselves for the owner, the checkpoint
//! decides: a batch that was worked out from another one is not written.

use std::sync::Arc;
use std::time::Duration;

use super::share::LOOK;
use super::worker::{Worker, stopped};
use crate::event::Position;
use crate::feed::Feed;

/// How often a service is asked that could not be reached.
const ASK: Duration = Duration::from_secs(1);

impl Worker {
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
