//! Automations over a view: one run for each entry that it holds, when the entry has changed and every so often while it stays.
//!
//! Of all processes one keeps an automation (a lease). It knows what is due from the table alone: whoever takes over finds every
//! entry again, and a run that was done already has the same key, so that its command changes nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::marker::PhantomData;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::{FutureExt, StreamExt};
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

use super::due::{Due, Known};
use super::{Failure, OnView, Peers, Run};
use crate::consumer::{Ledger, NewParked, Parked, Runs};
use crate::database::Database;
use crate::event::{Position, Tenant};
use crate::lease::{self, Kept as Lease};
use crate::projection::Live;
use crate::service::Service;
use crate::store::StoreError;
use crate::tables::{Changed, Kept};
use crate::value::{DateTime, Json};

/// Runs at the same time.
const PARALLEL: usize = 16;
/// Parked runs tried again at once.
const RESENT: u32 = 16;
/// Entries read at once.
const PAGE: usize = 500;
/// How long runs may go on when the service ends.
const LAST_RUNS: Duration = Duration::from_secs(5);
/// How long it is before everything is looked at again, whatever was heard.
const POLL: Duration = Duration::from_secs(1);

/// An entry's key.
type Key = (Tenant, String);

/// An automation over a view at work in one database.
pub(crate) struct Keeping {
    runs: Runs,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Keeping {
    /// Starts it in every database of the service; must run inside tokio.
    pub(crate) fn start_all<A: OnView>(service: &Service) -> Vec<Self> {
        let places = service.engines().lives::<A::View>();
        places.map(|(database, live)| Self::start::<A>(database, live.clone(), service.peers().cloned())).collect()
    }

    fn start<A: OnView>(database: &Database, live: Live, peers: Option<Peers>) -> Self {
        let (stop, stopping) = watch::channel(false);
        let lease = lease::keep(Arc::clone(database.leases()), format!("automation/{}", A::NAME));
        let runs = Runs::new(A::NAME);
        let keeper = Keeper::<A> {
            live,
            runs: runs.clone(),
            ledger: database.groups().clone(),
            peers,
            known: BTreeMap::new(),
            looked: None,
            newest: BTreeSet::new(),
            automation: PhantomData,
        };
        Self { runs, stop, task: tokio::spawn(keeper.keep(lease, stopping)) }
    }

    /// How its runs stand.
    pub(crate) fn runs(&self) -> Runs {
        self.runs.clone()
    }

    /// Lets the runs at work end, for a few seconds, and ends it. What is broken off is run again under the same key.
    pub(crate) async fn stop(mut self) {
        let _ = self.stop.send(true);
        match tokio::time::timeout(LAST_RUNS, &mut self.task).await {
            Ok(Ok(())) => {}
            Ok(Err(failure)) => tracing::error!(%failure, "an automation's task ended badly"),
            Err(_) => self.task.abort(),
        }
    }
}

struct Keeper<A> {
    live: Live,
    ledger: Ledger,
    peers: Option<Peers>,
    runs: Runs,
    /// Entries that are due at some time.
    known: BTreeMap<Key, Known>,
    /// Up to where the table has been looked through, and the number of its last change then; none: not at all.
    looked: Option<(Position, u64)>,
    /// Entries that it has seen to be changed at that very position.
    newest: BTreeSet<Key>,
    automation: PhantomData<fn() -> A>,
}

impl<A: OnView> Keeper<A> {
    async fn keep(mut self, lease: Lease, mut stop: watch::Receiver<bool>) {
        let mut progress = self.live.progress();
        let mut epoch = lease.epoch.clone();
        let mut resent = self.ledger.resent_of(A::NAME);
        while !*stop.borrow() {
            progress.mark_unchanged();
            let mut wait = POLL;
            if epoch.borrow_and_update().is_none() {
                self.known.clear();
                self.looked = None;
                self.runs.are_elsewhere();
            } else if self.live.check().is_ok() {
                match self.step().await {
                    Ok(due) => wait = due.unwrap_or(POLL).min(POLL),
                    Err(StoreError::Closed) => break,
                    Err(error) => tracing::warn!(automation = A::NAME, %error, "a step failed and is tried again"),
                }
            }
            tokio::select! {
                () = tokio::time::sleep(wait) => {}
                _ = progress.changed() => {}
                () = resent.next() => {}
                _ = epoch.changed() => {}
                _ = stop.changed() => break,
            }
        }
        lease.stop().await;
    }

    /// Does what is due, and says how long it is until the next is.
    async fn step(&mut self) -> Result<Option<Duration>, StoreError> {
        self.look().await?;
        for parked in self.ledger.resent(A::NAME, RESENT).await? {
            self.again(parked).await?;
        }
        let now = Instant::now();
        let due: Vec<Key> =
            self.known.iter().filter(|(_, known)| known.at <= now).map(|(key, _)| key.clone()).collect();
        self.runs.plan(self.known.len(), due.len());
        for keys in due.chunks(PAGE) {
            self.run_all(keys.to_vec()).await?;
        }
        self.runs.plan(self.known.len(), 0);
        let next = self.known.values().map(|known| known.at).min();
        Ok(next.map(|at| at.saturating_duration_since(Instant::now())))
    }

    /// Finds entries that have changed since it looked last.
    async fn look(&mut self) -> Result<(), StoreError> {
        let (applied, last_change) = {
            let progress = self.live.progress();
            let now = progress.borrow();
            (now.applied, now.last_change)
        };
        let (after, seen) = self.looked.map_or((0, None), |(after, seen)| (after, Some(seen)));
        if seen == Some(last_change) {
            return Ok(());
        }
        // An entry that was folded again has changed at the position where the table was.
        let (before, is_refolded) = (after.saturating_sub(1), after == applied);
        let (mut from, mut newest) = (None, BTreeSet::new());
        loop {
            let changed = Changed { after: before, from, limit: PAGE };
            let found = self.live.tables.changed(&self.live.place, changed).await?;
            from = found.last().map(|last| (last.tenant.clone(), last.row.base.id.clone()));
            let is_last = found.len() < PAGE;
            for kept in found {
                let key = (kept.tenant.clone(), kept.row.base.id.clone());
                if kept.position == applied {
                    newest.insert(key.clone());
                }
                if kept.position > after || is_refolded || !self.newest.contains(&key) {
                    self.found(kept).await?;
                }
            }
            if is_last {
                break;
            }
        }
        self.newest = newest;
        self.looked = Some((applied, last_change));
        Ok(())
    }

    async fn found(&mut self, kept: Kept) -> Result<(), StoreError> {
        let key = (kept.tenant, kept.row.base.id);
        if self.known.get(&key).is_some_and(|known| known.position >= kept.position) {
            return Ok(());
        }
        if self.ledger.is_parked(A::NAME, &parked_key(&key, kept.position)).await? {
            self.known.remove(&key);
            return Ok(());
        }
        self.known.insert(key, Known::changed(kept.position, Instant::now()));
        Ok(())
    }

    /// Runs these entries as they are now; those that the view no longer holds are forgotten.
    async fn run_all(&mut self, keys: Vec<Key>) -> Result<(), StoreError> {
        let held = self.live.tables.load(&self.live.place, keys.clone()).await?;
        for key in keys {
            if !held.iter().any(|kept| kept.tenant == key.0 && kept.row.base.id == key.1) {
                self.known.remove(&key);
            }
        }
        let this = &*self;
        let runs = futures_util::stream::iter(held).map(|kept| async move {
            let key = (kept.tenant.clone(), kept.row.base.id.clone());
            let known = this.known.get(&key).copied().unwrap_or(Known::changed(kept.position, Instant::now()));
            let known = if known.position < kept.position { Known::changed(kept.position, known.at) } else { known };
            // Another attempt is the same run, though its time may have come round meanwhile.
            let tick = known.due_tick(this.tick(&kept));
            let outcome = this.run(&kept, tick, known.failed + 1).await;
            (key, kept, Known { tick, ..known }, outcome)
        });
        let done: Vec<_> = runs.buffer_unordered(PARALLEL).collect().await;
        for (key, kept, known, outcome) in done {
            self.settle(key, &kept, known, outcome).await?;
        }
        Ok(())
    }

    /// How often the entry's time has come round since it changed.
    fn tick(&self, kept: &Kept) -> u64 {
        A::EVERY.map_or(0, |every| Due { every, since: kept.row.base.changed_at }.tick(DateTime::now()))
    }

    async fn run(&self, kept: &Kept, tick: u64, attempt: u32) -> Result<(), Failure> {
        let id = kept.row.base.id.clone();
        let name = super::run_key(A::NAME, &[&id, &kept.position.to_string(), &tick.to_string()]);
        let _at_work = self.runs.begin();
        let entry: A::View = kept.row.clone().into_entry().map_err(|error| Failure::Park(error.to_string()))?;
        let run = Run { attempt, ..Run::example(&kept.tenant, &name) };
        let run = run.with_peers(self.peers.as_ref());
        let running = AssertUnwindSafe(A::run(&entry, &run)).catch_unwind();
        match tokio::time::timeout(super::AT_MOST, running).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_)) => Err(Failure::Retry("the automation panicked".to_owned())),
            Err(_) => Err(Failure::Retry(format!("it took longer than {:?}", super::AT_MOST))),
        }
    }

    /// Says when an entry's next run is, or that it is parked.
    async fn settle(
        &mut self,
        key: Key,
        kept: &Kept,
        known: Known,
        outcome: Result<(), Failure>,
    ) -> Result<(), StoreError> {
        let (error, pause) = match outcome {
            Ok(()) => {
                self.rest(key, kept, known.tick);
                return Ok(());
            }
            Err(Failure::Retry(error)) => (error, A::RETRY.pause(known.failed + 1)),
            Err(Failure::Park(error)) => (error, None),
            // The entry stays, and is tried for as long as nobody newer is there.
            Err(Failure::Stop(error)) => (error, Some(A::RETRY.to)),
        };
        let failed = known.failed + 1;
        if let Some(pause) = pause {
            self.known.insert(key, known.failed_until(Instant::now(), pause));
            return Ok(());
        }
        tracing::warn!(automation = A::NAME, entry = key.1, error, "a run over a view is parked");
        let data = serde_json::json!({ "entry": key.1, "position": kept.position, "tick": known.tick });
        let parked = NewParked {
            group: A::NAME.to_owned(),
            key: parked_key(&key, kept.position),
            tenant: key.0.clone(),
            attempts: failed,
            error,
            data: Some(data),
        };
        self.ledger.park(&parked).await?;
        self.known.remove(&key);
        Ok(())
    }

    /// After a run that went well: until the entry changes, or its time comes round again.
    fn rest(&mut self, key: Key, kept: &Kept, tick: u64) {
        match A::EVERY {
            None => {
                self.known.remove(&key);
            }
            Some(every) => {
                let wait = Due { every, since: kept.row.base.changed_at }.wait(tick, DateTime::now());
                let next = Known::changed(kept.position, Instant::now() + wait);
                self.known.insert(key, Known { tick: tick.saturating_add(1), ..next });
            }
        }
    }

    /// A parked run once more, as an operator asked: under its old key, unless the entry has changed or gone since.
    async fn again(&mut self, parked: Parked) -> Result<(), StoreError> {
        let number = |name: &str| parked.data.as_ref().and_then(|data| data.get(name)).and_then(Json::as_u64);
        let entry = parked.data.as_ref().and_then(|data| data.get("entry")).and_then(Json::as_str).unwrap_or_default();
        let key = (parked.tenant.clone(), entry.to_owned());
        let held = self.live.tables.load(&self.live.place, vec![key.clone()]).await?;
        let kept = held.into_iter().next().filter(|kept| Some(kept.position) == number("position"));
        let tick = number("tick").unwrap_or_default();
        let outcome = match &kept {
            Some(kept) => self.run(kept, tick, parked.attempts.saturating_add(1)).await,
            None => Ok(()),
        };
        if let (Some(kept), Ok(())) = (&kept, &outcome) {
            self.rest(key, kept, tick);
        }
        let outcome = outcome.map_err(Failure::into_text);
        self.ledger.ran_again(&parked.id, outcome).await
    }
}

/// What a parked run is called within its group.
fn parked_key((tenant, id): &Key, position: Position) -> String {
    format!("{}/{id}/{position}", tenant.as_str())
}
