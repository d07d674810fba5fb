//! The time in which this process works for a group: from getting the lease until losing it.
//!
//! One task holds all there is to know; reading, handling and writing run beside it, one read and one write at a time.

mod outcomes;
mod writing;

use super::group::{Finished, Group, Progress, Work};
use super::ledger::{Loaded, Resent};
use super::parked::Parked;
use super::schedule::Schedule;
use super::settled::Settled;
use super::statement::{Fence, RunError};
use super::window::Window;
use crate::event::{Position, StoredEvent};
use crate::lease::Epoch;
use crate::store::{Range, StoreError};
use futures_util::future::BoxFuture;
use std::collections::{BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::{JoinError, JoinSet};
use tokio::time::Instant;
use writing::Writing;

/// Events between the cursor and where reading goes on, at most.
const WINDOW: usize = 512;
/// Events read at once.
const PAGE: usize = 128;
/// Events that are put off, at most; a group with more of them waits for them.
const PUT_OFF: usize = 10_000;
/// How often it is looked for what was asked for again, should nobody have said so.
const POLL: Duration = Duration::from_secs(2);
/// How long nothing is read of another service that could not be reached.
const AWAY: Duration = Duration::from_secs(1);
/// How long a service that stops waits for what is being handled.
const PATIENCE: Duration = Duration::from_secs(5);

/// How the time with the lease ended.
pub(super) enum End {
    /// The service stops.
    Stopped,
    /// Another process has the lease.
    Lost,
    /// Only a newer program can handle what comes next.
    Unable(String),
    /// Something failed; what the database knows is the truth.
    Failed(StoreError),
}

impl From<RunError> for End {
    fn from(error: RunError) -> Self {
        match error {
            RunError::Stale => Self::Lost,
            RunError::Store(error) => Self::Failed(error),
        }
    }
}

/// What the owner of a group knows.
pub(super) struct Session {
    group: Arc<Group>,
    fence: Fence,
    window: Window,
    schedule: Schedule<Work>,
    /// In the order in which it happened.
    pending: VecDeque<Settled>,
    handling: JoinSet<Finished>,
    reading: Option<BoxFuture<'static, Result<Page, StoreError>>>,
    writing: Option<Writing>,
    asking: Option<BoxFuture<'static, Result<Vec<AskedFor>, StoreError>>>,
    /// Parked ones that are being tried once more.
    resent: BTreeSet<String>,
    /// Before this nothing is read on: the service whose events these are could not be reached.
    away_until: Instant,
}

/// A parked event that is to be tried once more.
type AskedFor = (Parked, Arc<StoredEvent>);

/// Some of the events up to a position.
struct Page {
    events: Vec<StoredEvent>,
    to: Position,
}

/// What a session listens to.
pub(super) struct Signals {
    pub(super) epoch: watch::Receiver<Option<Epoch>>,
    pub(super) stop: watch::Receiver<bool>,
    pub(super) head: watch::Receiver<Position>,
    pub(super) resent: Resent,
}

impl Session {
    /// Begins where the database says.
    pub(super) fn new(group: Arc<Group>, fence: Fence, loaded: Loaded) -> Self {
        let mut schedule = Schedule::default();
        for waiting in loaded.waiting {
            let work =
                Work::Event { position: waiting.position, event: None, failed: waiting.failed, is_put_off: true };
            // Longer than any pause means that the database's clock went back.
            let pause = waiting.pause.min(group.options.retry.to);
            schedule.offer_put_off(waiting.keys, work, Instant::now() + pause);
        }
        Self {
            group,
            fence,
            window: Window::new(loaded.cursor, loaded.ahead),
            schedule,
            pending: VecDeque::new(),
            handling: JoinSet::new(),
            reading: None,
            writing: None,
            asking: None,
            resent: BTreeSet::new(),
            away_until: Instant::now(),
        }
    }

    /// Works until the lease is lost, the service stops, or something fails.
    pub(super) async fn run(mut self, mut signals: Signals) -> End {
        let mut poll = Instant::now();
        loop {
            if poll <= Instant::now() {
                self.ask();
                poll = Instant::now() + POLL;
            }
            let head = *signals.head.borrow_and_update();
            self.read(head);
            self.handle();
            self.write(false);
            self.tell(head);
            let wake = self.schedule.next_due().map_or(poll, |due| due.min(poll));
            let wake = if self.away_until > Instant::now() { wake.min(self.away_until) } else { wake };
            let step = tokio::select! {
                Some(finished) = self.handling.join_next() => self.ended(finished),
                page = of(&mut self.reading) => self.page(page),
                written = writing::of(&mut self.writing) => self.written(written),
                parked = of(&mut self.asking) => self.asked(parked),
                _ = signals.head.changed(), if self.reading.is_none() => Ok(()),
                () = asked_again(&self.group, &mut signals.resent) => {
                    // What is being looked for may have been looked for too early.
                    self.asking = None;
                    poll = Instant::now();
                    Ok(())
                }
                () = tokio::time::sleep_until(wake) => Ok(()),
                () = becomes(&mut signals.epoch, |epoch| *epoch != Some(self.fence.epoch)) => Err(End::Lost),
                () = becomes(&mut signals.stop, |stop| *stop) => Err(End::Stopped),
            };
            match step {
                Ok(()) => {}
                Err(end @ (End::Stopped | End::Unable(_))) => return self.drain(end).await,
                Err(end) => return end,
            }
        }
    }

    /// Reads on if there is something to read and room for it.
    fn read(&mut self, head: Position) {
        let room = WINDOW.saturating_sub(self.window.len()).min(PAGE);
        let after = self.window.read();
        let is_full = room < PAGE.min(WINDOW / 2) || self.schedule.count_put_off() >= PUT_OFF;
        if self.reading.is_some() || head <= after || is_full || self.away_until > Instant::now() {
            return;
        }
        let (feed, query) = (Arc::clone(&self.group.feed), self.group.query.clone());
        self.reading = Some(Box::pin(async move {
            let events = feed.read(None, &query, Range::after(after).until(head).limit(room).whole()).await?;
            let to = if events.len() < room { head } else { events.last().map_or(head, |event| event.position) };
            Ok(Page { events, to })
        }));
    }

    fn page(&mut self, page: Result<Page, StoreError>) -> Result<(), End> {
        let Page { events, to } = match page {
            Ok(page) => page,
            Err(StoreError::Away { .. }) => {
                self.away_until = Instant::now() + AWAY;
                return Ok(());
            }
            // To try again does not bring them back.
            Err(gone @ (StoreError::Deleted { .. } | StoreError::DeletedThere { .. })) => {
                return Err(End::Unable(gone.to_string()));
            }
            Err(error) => return Err(End::Failed(error)),
        };
        for event in events {
            if self.window.open(event.position) {
                self.take_in(event);
            }
        }
        self.window.read_to(to);
        Ok(())
    }

    /// Hands out what may be handled now.
    fn handle(&mut self) {
        while self.handling.len() < self.group.options.parallel.max(1) {
            let Some((ticket, work)) = self.schedule.next(Instant::now()) else { return };
            let attempt = Arc::clone(&self.group).attempt(ticket, work.clone());
            self.handling.spawn(attempt);
        }
    }

    fn ended(&mut self, finished: Result<Finished, JoinError>) -> Result<(), End> {
        let broken = |error: JoinError| End::Failed(StoreError::Invalid(format!("an attempt was broken off: {error}")));
        self.finished(finished.map_err(broken)?)
    }

    /// Looks for what was parked and asked for again.
    fn ask(&mut self) {
        if self.asking.is_none() {
            let group = Arc::clone(&self.group);
            self.asking = Some(Box::pin(async move { group.asked_for().await }));
        }
    }

    fn asked(&mut self, asked_for: Result<Vec<AskedFor>, StoreError>) -> Result<(), End> {
        let asked_for = match asked_for {
            // It is looked for again a little later.
            Err(StoreError::Away { .. }) => return Ok(()),
            asked_for => asked_for.map_err(End::Failed)?,
        };
        for (parked, event) in asked_for {
            self.take_in_again(parked, event);
        }
        Ok(())
    }

    /// Lets others in this process know how far it is.
    fn tell(&self, head: Position) {
        let now = Progress { is_owner: true, reached: self.window.reached() };
        self.group.progress.send_if_modified(|old| std::mem::replace(old, now) != now);
        self.group.running.store(self.handling.len() as u64, Ordering::Relaxed);
        self.group.lag.set(i32::try_from(head.saturating_sub(now.reached)).unwrap_or(i32::MAX));
    }

    /// Waits for what is being handled, and writes what came of it.
    async fn drain(mut self, end: End) -> End {
        let deadline = Instant::now() + PATIENCE;
        while let Ok(Some(finished)) = tokio::time::timeout_at(deadline, self.handling.join_next()).await {
            match self.ended(finished) {
                Ok(()) | Err(End::Unable(_)) => {}
                Err(worse) => return worse,
            }
        }
        loop {
            self.write(true);
            if self.writing.is_none() {
                return end;
            }
            let written = writing::of(&mut self.writing).await;
            if let Err(worse) = self.written(written) {
                return worse;
            }
        }
    }
}

/// Waits until something parked is asked for again: here, or in another process.
async fn asked_again(group: &Group, elsewhere: &mut Resent) {
    tokio::select! {
        () = group.resent.notified() => {}
        () = elsewhere.next() => {}
    }
}

/// Waits for a value to be so, or for nobody to be there who could change it.
async fn becomes<T>(value: &mut watch::Receiver<T>, so: impl FnMut(&T) -> bool) {
    let _ = value.wait_for(so).await;
}

/// Waits for what may be under way; for ever if nothing is.
async fn of<T>(under_way: &mut Option<BoxFuture<'static, T>>) -> T {
    match under_way {
        Some(future) => {
            let outcome = future.await;
            *under_way = None;
            outcome
        }
        None => std::future::pending().await,
    }
}
