//! What comes in, and what comes of it.

use super::{AWAY, End, Session};
use crate::consumer::Failure;
use crate::consumer::group::{Attempt, Finished, Work};
use crate::consumer::parked::Parked;
use crate::consumer::schedule::Ticket;
use crate::consumer::settled::{Outcome, PutOff, Settled};
use crate::consumer::statement::Statement;
use crate::event::{Position, StoredEvent};
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio::time::Instant;

impl Session {
    /// An event that was read.
    pub(super) fn take_in(&mut self, event: StoredEvent) {
        let keys = self.group.options.order.keys(&event);
        let work = Work::Event { position: event.position, event: Some(Arc::new(event)), failed: 0, is_put_off: false };
        if let (ticket, true) = self.schedule.offer(keys, work) {
            self.put_off(ticket, PutOff::default());
        }
    }

    /// A parked one that was asked for again. It comes behind what waits under its keys.
    pub(super) fn take_in_again(&mut self, parked: Parked, event: Arc<StoredEvent>) {
        if self.resent.insert(parked.id.clone()) {
            let keys = self.group.options.order.keys(&event);
            self.schedule.offer(keys, Work::Resent { parked: Box::new(parked), event });
        }
    }

    /// Notes what came of an attempt.
    pub(super) fn finished(&mut self, Finished { ticket, outcome }: Finished) -> Result<(), End> {
        match outcome {
            // The event has not been tried.
            Attempt::Unread(StoreError::Away { .. }) => self.later(ticket, AWAY),
            Attempt::Unread(error) => return Err(End::Failed(error)),
            Attempt::Gone => self.done(ticket, Vec::new(), None),
            Attempt::Done(writes, event) => self.done(ticket, writes, Some(event)),
            Attempt::Failed(Failure::Stop(error), event) if !self.is_resent(ticket) => {
                return Err(End::Unable(format!("{} at {}: {error}", event.event_type, event.position)));
            }
            Attempt::Failed(failure, event) => self.failed(ticket, failure, &event),
        }
        Ok(())
    }

    fn is_resent(&self, ticket: Ticket) -> bool {
        matches!(self.schedule.get(ticket), Some((_, Work::Resent { .. })))
    }

    fn done(&mut self, ticket: Ticket, writes: Vec<Statement>, event: Option<Arc<StoredEvent>>) {
        let Some((_, work)) = self.schedule.get(ticket) else { return };
        // What it writes has to be there before the next of its key comes; otherwise nobody has to wait for the disk.
        let release = event.filter(|_| !writes.is_empty()).map(|event| (ticket, event));
        let (position, outcome) = match work {
            Work::Event { position, is_put_off, .. } => {
                (Some(*position), Outcome::Done { writes, was_put_off: *is_put_off })
            }
            Work::Resent { parked, .. } => (None, Outcome::ResentDone { id: parked.id.clone(), writes }),
        };
        if release.is_none() {
            self.schedule.remove(ticket);
            self.group.count("handled");
        }
        self.pending.push_back(Settled { position, outcome, release, alone: false });
    }

    /// Tries again later what failed, or gives it up.
    pub(super) fn failed(&mut self, ticket: Ticket, failure: Failure, event: &StoredEvent) {
        match self.schedule.get(ticket) {
            Some((_, Work::Event { failed, is_put_off, .. })) => {
                let (failed, is_put_off) = (failed + 1, *is_put_off);
                match failure {
                    Failure::Retry(error) => match self.group.options.retry.pause(failed) {
                        Some(pause) => self.again(ticket, event, (failed, pause, error)),
                        None => self.park(ticket, event, (failed, is_put_off, error)),
                    },
                    Failure::Park(error) | Failure::Stop(error) => {
                        self.park(ticket, event, (failed, is_put_off, error));
                    }
                }
            }
            Some((_, Work::Resent { parked, .. })) => {
                let (id, error) = (parked.id.clone(), failure.into_text());
                self.schedule.remove(ticket);
                self.group.count("parked");
                self.settle(None, Outcome::ResentFailed { id, error });
            }
            None => {}
        }
    }

    fn park(&mut self, ticket: Ticket, event: &StoredEvent, (attempts, was_put_off, error): (u32, bool, String)) {
        let (group, position) = (self.group.name.as_str(), event.position);
        tracing::warn!(group, position, event_type = event.event_type, attempts, error, "an event is parked");
        self.schedule.remove(ticket);
        self.group.count("parked");
        let (parked, event) = self.group.parked(event, attempts, error);
        self.settle(Some(position), Outcome::Parked { parked, event, was_put_off });
    }

    fn again(&mut self, ticket: Ticket, event: &StoredEvent, (failed, pause, error): (u32, Duration, String)) {
        let (group, position) = (self.group.name.as_str(), event.position);
        tracing::info!(group, position, attempts = failed, ?pause, error, "an event is tried again later");
        self.group.count("retried");
        self.put_off(ticket, PutOff { failed, pause, error, ..PutOff::default() });
        self.later(ticket, pause);
    }

    /// Puts off what the database knows to be put off already, and what waits behind it.
    fn later(&mut self, ticket: Ticket, pause: Duration) {
        let behind = self.schedule.put_off(ticket, Instant::now() + pause);
        for other in behind.into_iter().filter(|other| *other != ticket) {
            self.put_off(other, PutOff::default());
        }
    }

    /// Lets the database know that an event waits, so that the cursor may pass it, and lets go of it until its turn comes.
    fn put_off(&mut self, ticket: Ticket, put_off: PutOff) {
        let Some((keys, _)) = self.schedule.get(ticket) else { return };
        let keys = keys.to_vec();
        let Some(Work::Event { position, event, failed, is_put_off }) = self.schedule.get_mut(ticket) else { return };
        *failed = put_off.failed;
        *is_put_off = true;
        let correlation = event.take().and_then(|event| event.metadata.correlation_id.clone());
        let position = *position;
        self.settle(Some(position), Outcome::PutOff(PutOff { keys, correlation, ..put_off }));
    }

    fn settle(&mut self, position: Option<Position>, outcome: Outcome) {
        self.pending.push_back(Settled { position, outcome, release: None, alone: false });
    }
}
