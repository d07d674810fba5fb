//! Keeps projections up to date: one task for each of them in each database.

use std::any::TypeId;
use std::collections::HashMap;
use std::panic::AssertUnwindSafe;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use futures_util::FutureExt;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::again::Again;
use super::attend::attend;
use super::batch::{Behind, Step};
use super::failure::Failure;
use super::kind::Kind;
use super::pace::Pace;
use super::progress::{Lag, Progress, Readiness, reached};
use super::share::{LOOK, Shared};
use super::uniqueness::Verifier;
use super::verify::at_start;
use super::worker::{Worker, stopped};
use super::writing::flush;
use crate::database::{Database, Databases};
use crate::entry::Entry;
use crate::event::{Position, Tenant};
use crate::feed::{Feed, Feeds};
use crate::lease::Epoch;
use crate::store::StoreError;
use crate::tables::{Aside, Checkpoint, Place, Tables};

/// How often new events are looked for although nothing was heard.
const POLL: Duration = Duration::from_secs(1);
/// The longest pause after a failed attempt.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

/// The running projections of a service. Cheap to clone.
#[derive(Clone)]
pub struct Engines(pub(super) Arc<Running>);

pub(super) struct Running {
    pub(super) service: &'static str,
    pub(super) databases: Databases,
    /// For each database, in its order, what runs there.
    pub(super) lives: Vec<HashMap<TypeId, Live>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

/// A projection as it runs in one database. Cheap to clone.
#[derive(Clone)]
pub struct Live {
    /// Its table.
    pub place: Place,
    /// The database's tables.
    pub tables: Arc<dyn Tables>,
    progress: watch::Receiver<Progress>,
    pub(super) aside: Aside,
    /// The events that it follows.
    pub(crate) feed: Arc<dyn Feed>,
    /// The newest of them.
    pub(super) head: watch::Receiver<Position>,
    /// Whether it is this process that applies events; none where there is no other.
    pub(super) owned: Option<watch::Receiver<Option<Epoch>>>,
}

impl Engines {
    pub(super) async fn start(
        service: &'static str,
        kinds: &[Kind],
        (databases, feeds): (&Databases, &Feeds),
    ) -> Result<Self, StoreError> {
        let (stop, stopping) = watch::channel(false);
        let (mut lives, mut tasks) = (Vec::new(), Vec::new());
        for database in databases.all() {
            let places: Vec<Place> = kinds.iter().map(|kind| Place::new(service, kind.table)).collect();
            tasks.extend(attend(Arc::clone(database.tables()), places.clone(), stopping.clone()).await?);
            let mut running = HashMap::new();
            for (kind, place) in kinds.iter().zip(places) {
                let feed = feeds.of(kind.from, database.events())?;
                let (live, task) = begin((*kind, place), (database, feed), stopping.clone()).await?;
                running.insert(kind.id, live);
                tasks.push(task);
            }
            lives.push(running);
        }
        Ok(Self(Arc::new(Running { service, databases: databases.clone(), lives, tasks: Mutex::new(tasks), stop })))
    }

    /// The databases that the projections run in.
    #[must_use]
    pub fn databases(&self) -> &Databases {
        &self.0.databases
    }

    /// The projection of `E` in the database of a tenant; none if it was never registered.
    ///
    /// # Errors
    /// If the tenant has no database.
    pub fn live<E: Entry>(&self, tenant: &Tenant) -> Result<Option<&Live>, StoreError> {
        self.live_of(TypeId::of::<E>(), tenant)
    }

    /// The same for a type that is known by its id alone.
    pub(crate) fn live_of(&self, id: TypeId, tenant: &Tenant) -> Result<Option<&Live>, StoreError> {
        Ok(self.running_for(tenant)?.and_then(|running| running.get(&id)))
    }

    /// The projection of the entries that the API calls so.
    pub(crate) fn live_called(&self, entry: &str, tenant: &Tenant) -> Result<Option<&Live>, StoreError> {
        let running = self.running_for(tenant)?;
        Ok(running.and_then(|running| running.values().find(|live| live.place.table.entry == entry)))
    }

    fn running_for(&self, tenant: &Tenant) -> Result<Option<&HashMap<TypeId, Live>>, StoreError> {
        let database = self.0.databases.for_tenant(tenant)?;
        let place = self.0.databases.all().iter().position(|other| std::ptr::eq(other, database));
        Ok(place.and_then(|place| self.0.lives.get(place)))
    }

    /// The projection of `E` in every database where it runs.
    pub fn lives<E: Entry>(&self) -> impl Iterator<Item = (&Database, &Live)> {
        let places = self.0.databases.all().iter().zip(&self.0.lives);
        places.filter_map(|(database, running)| Some((database, running.get(&TypeId::of::<E>())?)))
    }

    /// How far each projection has come, in every database.
    #[must_use]
    pub fn readiness(&self) -> Vec<Readiness> {
        let mut found: Vec<Readiness> = self.0.lives.iter().flat_map(HashMap::values).map(Live::readiness).collect();
        found.sort_by_key(|one| one.entry);
        found
    }

    /// Whether all of them have caught up with what there was at start.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        self.readiness().iter().all(|one| one.progress.is_ready())
    }

    /// Lets every task finish its batch and ends it.
    pub async fn stop(&self) {
        let _ = self.0.stop.send(true);
        let tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(failure) = task.await {
                tracing::error!(%failure, "a projection's task ended badly");
            }
        }
    }
}

impl Live {
    /// How far it has come.
    #[must_use]
    pub fn readiness(&self) -> Readiness {
        let (entry, progress) = (self.place.table.entry, self.progress.borrow().clone());
        Readiness { entry, progress, source: self.feed.source(), trouble: self.feed.trouble() }
    }

    /// Fails while it is still being built or has stopped.
    ///
    /// # Errors
    /// [`Lag`], which says what is missing.
    pub fn check(&self) -> Result<(), Lag> {
        self.readiness().lag().map_or(Ok(()), Err)
    }

    /// Waits until every event up to `position` is applied and readable.
    ///
    /// # Errors
    /// [`Lag`] if it is not there within `at_most`.
    pub async fn reached(&self, position: Position, at_most: Duration) -> Result<(), Lag> {
        reached(self.progress.clone(), self.place.table.entry, position, at_most).await
    }

    /// Its progress, as it moves on.
    #[must_use]
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }
}

async fn begin(
    (kind, place): (Kind, Place),
    (database, feed): (&Database, Arc<dyn Feed>),
    stop: watch::Receiver<bool>,
) -> Result<(Live, JoinHandle<()>), StoreError> {
    let tables = Arc::clone(database.tables());
    // Another service may not be there yet, and it is no reason not to start: the task asks it.
    let target = if feed.source().is_none() { feed.head().await? } else { 0 };
    let checkpoint = tables.prepare(&place, target).await?;
    let Checkpoint { position: applied, last_change, .. } = checkpoint;
    let started = feed.source().is_none();
    let uniqueness = at_start(&kind, (&*tables, &place), started && applied >= target).await?;
    let now = Progress { applied, target, last_change, started, uniqueness, ..Progress::default() };
    let pace = Pace::new(kind.table.entry, &now);
    let (progress, receiver) = watch::channel(now);
    let aside = database.aside();
    let shared = Shared::of(database, &place);
    let live = Live {
        place: place.clone(),
        tables: Arc::clone(&tables),
        progress: receiver,
        aside: aside.clone(),
        feed: Arc::clone(&feed),
        head: feed.watch(),
        owned: shared.as_ref().map(Shared::owned),
    };
    let verifier = Verifier::default();
    let worker = Worker {
        kind,
        place,
        tables,
        feed,
        progress,
        checkpoint,
        applied,
        pace,
        aside,
        again: false,
        verifier,
        shared,
        stop,
    };
    Ok((live, spawn(worker)))
}

/// Starts a projection's task.
fn spawn(worker: Worker) -> JoinHandle<()> {
    let progress = worker.progress.clone();
    let name = worker.place.table.entry;
    tokio::spawn(async move {
        // Entries that silently stop following their events would be worse than an error.
        if AssertUnwindSafe(run(worker)).catch_unwind().await.is_err() {
            stopped(&progress, name, "its fold panicked");
        }
    })
}

/// Applies events while this process owns the table, and follows its owner else.
async fn run(mut worker: Worker) {
    worker.aim().await;
    while !*worker.stop.borrow() && worker.progress.borrow().stopped.is_none() {
        worker.follow().await;
        if worker.is_owner() && !own(&mut worker).await {
            break;
        }
    }
    worker.leave().await;
}

/// Applies events until another process owns the table. False when there is nothing more to be done.
async fn own(worker: &mut Worker) -> bool {
    let mut head = worker.feed.watch();
    let mut pause = Duration::from_millis(50);
    // Events are held against unique constraints only once those have been looked at.
    let mut resumed = worker.shared.is_none() && !worker.kind.holds_unique;
    let mut again = Again::of(worker);
    while worker.is_owner() {
        if *worker.stop.borrow() {
            flush(worker).await;
            return false;
        }
        // Seen before the step reads, so that what comes meanwhile wakes the task again.
        head.mark_unchanged();
        let stepped = if resumed { again.step(worker).await } else { resume(worker).await };
        let stepped = verified(worker, stepped).await;
        let wait = match stepped {
            Ok(Step::Behind(Behind::More)) => {
                resumed = true;
                None
            }
            Ok(Step::Behind(Behind::Stopped(reason))) => {
                stopped(&worker.progress, worker.place.table.entry, &reason);
                return false;
            }
            Ok(Step::Live) => {
                pause = Duration::from_millis(50);
                Some(if worker.shared.is_some() { LOOK } else { POLL })
            }
            Err(Failure::Closed) => return false,
            Err(Failure::Store(gone @ (StoreError::Deleted { .. } | StoreError::DeletedThere { .. }))) => {
                stopped(&worker.progress, worker.place.table.entry, &gone.to_string());
                return false;
            }
            Err(Failure::Store(error)) => {
                again_later(worker.place.table.entry, &error);
                pause = (pause * 2).min(LONGEST_PAUSE);
                let _ = tokio::time::timeout(pause, worker.stop.wait_for(|stop| *stop)).await;
                None
            }
        };
        if let Some(poll) = wait
            && !woken(&mut head, &mut worker.stop, again.wished(), poll).await
        {
            flush(worker).await;
            return false;
        }
        if worker.is_due() {
            flush(worker).await;
        }
    }
    true
}

/// Looks at the unique constraints behind what was written.
async fn verified(worker: &mut Worker, stepped: Result<Step, Failure>) -> Result<Step, Failure> {
    let step = stepped?;
    worker.verify().await?;
    Ok(step)
}

/// A new owner goes on where the last one has stopped.
async fn resume(worker: &mut Worker) -> Result<Step, Failure> {
    worker.resume().await?;
    Ok(Step::Behind(Behind::More))
}

/// Waits for new events, or for the fallback's poll. False when the store or the service is gone.
async fn woken(
    head: &mut watch::Receiver<Position>,
    stop: &mut watch::Receiver<bool>,
    wished: impl Future<Output = ()>,
    poll: Duration,
) -> bool {
    tokio::select! {
        changed = head.changed() => changed.is_ok(),
        () = wished => true,
        _ = stop.changed() => false,
        () = tokio::time::sleep(poll) => true,
    }
}

fn again_later(projection: &str, error: &StoreError) {
    match error {
        // Whoever listens to the other service has told so, once.
        StoreError::Away { .. } => tracing::debug!(projection, %error, "what the other service has is waited for"),
        error => tracing::error!(projection, %error, "a batch failed and is tried again"),
    }
}
