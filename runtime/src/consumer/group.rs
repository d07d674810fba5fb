//! A group in one database: what stays the same while its owner changes, and how one event is handled.

use super::parked::{EventOf, NewParked, Parked};
use super::schedule::Ticket;
use super::statement::{Statement, Writes};
use super::{Consumer, Delivery, Failure, Ledger, Options, Start};
use crate::event::{Position, Query, StoredEvent};
use crate::feed::Feed;
use crate::store::{Range, StoreError};
use futures_util::FutureExt;
use std::panic::AssertUnwindSafe;
use std::sync::atomic::AtomicU64;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};

/// Parked events that are tried once more at the same time, at most.
const ASKED_FOR: u32 = 16;

/// A group in one database.
pub(super) struct Group {
    pub(super) name: String,
    pub(super) consumer: Arc<dyn Consumer>,
    pub(super) query: Query,
    pub(super) options: Options,
    /// What sets it off.
    pub(super) feed: Arc<dyn Feed>,
    pub(super) ledger: Ledger,
    pub(super) progress: watch::Sender<Progress>,
    /// Positions behind the newest event, in the metrics.
    pub(super) lag: metrics::Gauge,
    /// Says that something parked was asked for again.
    pub(super) resent: Notify,
    /// How many events are being handled here.
    pub(super) running: AtomicU64,
    /// Why this program cannot work for it, if it cannot.
    pub(super) unable: Mutex<Option<String>>,
}

/// How far this process has brought a group.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Progress {
    /// Whether it is this process that works for it.
    pub(super) is_owner: bool,
    /// Everything up to here is settled.
    pub(super) reached: Position,
}

/// An event to be handled, or a parked one once more.
#[derive(Clone)]
pub(super) enum Work {
    Event {
        position: Position,
        /// Not kept in memory while it is put off.
        event: Option<Arc<StoredEvent>>,
        /// Attempts that have failed.
        failed: u32,
        /// Whether the database knows that it is put off.
        is_put_off: bool,
    },
    Resent {
        parked: Box<Parked>,
        event: Arc<StoredEvent>,
    },
}

/// What an attempt has come to.
pub(super) struct Finished {
    pub(super) ticket: Ticket,
    pub(super) outcome: Attempt,
}

pub(super) enum Attempt {
    Done(Vec<Statement>, Arc<StoredEvent>),
    Failed(Failure, Arc<StoredEvent>),
    /// The event is no longer there.
    Gone,
    /// The event could not be read.
    Unread(StoreError),
}

impl Group {
    /// Notes where it begins, if it is new.
    pub(super) async fn begin(&self) -> Result<(), StoreError> {
        if self.feed.source().is_some() && self.ledger.kept(&self.name).await?.is_some() {
            return Ok(());
        }
        let start = match self.options.start {
            Start::Beginning => 0,
            Start::Now => self.feed.head().await?,
        };
        self.ledger.begin(&self.name, start).await
    }

    /// Notes why this program cannot work for the group, or that it tries to.
    pub(super) fn stopped(&self, reason: Option<String>) {
        *self.unable.lock().unwrap_or_else(PoisonError::into_inner) = reason;
    }

    /// One attempt at an event. Neither a panic nor a consumer that never ends reaches the others.
    pub(super) async fn attempt(self: Arc<Self>, ticket: Ticket, work: Work) -> Finished {
        let (position, event, attempt) = match work {
            Work::Event { position, event, failed, .. } => (position, event, failed + 1),
            Work::Resent { parked, event } => (event.position, Some(event), parked.attempts + 1),
        };
        let event = match event {
            Some(event) => event,
            None => match self.event(position).await {
                Ok(Some(event)) => event,
                Ok(None) => return Finished { ticket, outcome: Attempt::Gone },
                Err(error) => return Finished { ticket, outcome: Attempt::Unread(error) },
            },
        };
        let writes = Writes::default();
        let delivery = Delivery { event: &event, attempt, group: &self.name, writes: &writes };
        let handled = AssertUnwindSafe(self.consumer.handle(delivery)).catch_unwind();
        let failure = match tokio::time::timeout(self.options.at_most, handled).await {
            Ok(Ok(Ok(()))) => return Finished { ticket, outcome: Attempt::Done(writes.take(), event) },
            Ok(Ok(Err(failure))) => failure,
            Ok(Err(_)) => Failure::Retry("the consumer panicked".to_owned()),
            Err(_) => Failure::Retry(format!("it took longer than {:?}", self.options.at_most)),
        };
        Finished { ticket, outcome: Attempt::Failed(failure, event) }
    }

    /// The event at a position, if it is still there.
    pub(super) async fn event(&self, position: Position) -> Result<Option<Arc<StoredEvent>>, StoreError> {
        let range = Range::after(position.saturating_sub(1)).until(position);
        let found = self.feed.read(None, &Query::All, range).await?;
        Ok(found.into_iter().next().map(Arc::new))
    }

    /// What was parked and asked for again, with its event.
    pub(super) async fn asked_for(&self) -> Result<Vec<(Parked, Arc<StoredEvent>)>, StoreError> {
        let mut found = Vec::new();
        for parked in self.ledger.resent(&self.name, ASKED_FOR).await? {
            let Some(position) = parked.position else { continue };
            match self.event(position).await? {
                Some(event) => found.push((parked, event)),
                None => self.ledger.ran_again(&parked.id, Err("the event is no longer there".to_owned())).await?,
            }
        }
        Ok(found)
    }

    /// What is put aside of an event that was given up.
    pub(super) fn parked(&self, event: &StoredEvent, attempts: u32, error: String) -> (NewParked, EventOf) {
        let parked = NewParked {
            group: self.name.clone(),
            key: event.id.to_string(),
            tenant: event.tenant.clone(),
            attempts,
            error,
            data: None,
        };
        (parked, EventOf::from(event))
    }

    /// Counts what came of an event.
    pub(super) fn count(&self, outcome: &'static str) {
        metrics::counter!("consumer_events_total", "group" => self.name.clone(), "outcome" => outcome).increment(1);
    }
}
