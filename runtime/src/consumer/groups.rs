//! The consumer groups of a service, as they run.

use super::engine;
use super::group::{Group, Progress};
use super::runs::Runs;
use super::{Consumer, Ledger, Parked};
use crate::database::{Database, Databases};
use crate::event::Position;
use crate::feed::{Feed, Feeds};
use crate::lease::Leases;
use crate::store::{EventStore, StoreError};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// How long a service that starts waits for others, to note where its new groups begin.
const REACHED: Duration = Duration::from_secs(3);

/// The consumer groups of a service, as they run in this process. Cheap to clone.
#[derive(Clone)]
pub struct Groups(Arc<Running>);

struct Running {
    groups: Vec<Arc<Group>>,
    /// Of all databases.
    ledgers: Vec<Ledger>,
    /// Groups that are not set off by events, once they run.
    runs: OnceLock<Vec<Runs>>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

/// What a group works on.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) events: Arc<dyn EventStore>,
    pub(super) ledger: Ledger,
    pub(super) leases: Arc<dyn Leases>,
    /// The events of other services.
    pub(super) feeds: Feeds,
}

impl From<&Database> for Place {
    fn from(database: &Database) -> Self {
        Self {
            events: Arc::clone(database.events()),
            ledger: database.groups().clone(),
            leases: Arc::clone(database.leases()),
            feeds: Feeds::default(),
        }
    }
}

/// How a group is doing, for operators.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The group's name.
    pub group: String,
    /// The service whose events set it off, where that is another one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source: Option<&'static str>,
    /// Why that one cannot be reached at the moment, if it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub source_error: Option<String>,
    /// Everything up to this position is handled, put off or parked; none if it is not events that set it off.
    pub position: Option<Position>,
    /// How many positions that is behind the newest event, whether they concern the group or not.
    pub lag: Option<u64>,
    /// Events that wait for another attempt, or behind one that does; entries of a view that run again later.
    pub waiting: u64,
    /// Entries of a view whose run is due and has not begun, as far as this process works for it; none for events.
    pub due: Option<u64>,
    /// What this process is at work on.
    pub running: u64,
    /// What was given up.
    pub parked: u64,
    /// Whether it is this process that works for it.
    pub here: bool,
    /// Why this process cannot work for it, if only a newer program can.
    pub stopped: Option<String>,
}

impl Groups {
    /// Starts a task for each consumer in each database. Where a new group begins is noted when this returns.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if two of them have one name; else if a database fails.
    pub async fn start(consumers: &[Arc<dyn Consumer>], databases: &Databases) -> Result<Self, StoreError> {
        Self::start_on(consumers, databases, &Feeds::default()).await
    }

    /// The same for groups of other services' events too. Where a new group of those begins is noted as soon as their service
    /// can be reached.
    ///
    /// # Errors
    /// As [`Groups::start`], and if there is no way to one of the services.
    pub async fn start_on(
        consumers: &[Arc<dyn Consumer>],
        databases: &Databases,
        feeds: &Feeds,
    ) -> Result<Self, StoreError> {
        let place = |database| Place { feeds: feeds.clone(), ..Place::from(database) };
        let places: Vec<Place> = databases.all().iter().map(place).collect();
        Self::start_in(consumers, &places).await
    }

    pub(super) async fn start_in(consumers: &[Arc<dyn Consumer>], places: &[Place]) -> Result<Self, StoreError> {
        let mut names = BTreeSet::new();
        if let Some(twice) = consumers.iter().find(|consumer| !names.insert(consumer.name())) {
            return Err(StoreError::Invalid(format!("two consumer groups are called `{}`", twice.name())));
        }
        let mut beginning = Vec::new();
        for place in places {
            for consumer in consumers {
                let feed = place.feeds.of(consumer.source(), &place.events)?;
                let group = Arc::new(group(consumer, place, feed));
                if group.feed.source().is_none() {
                    group.begin().await?;
                }
                beginning.push((group, place));
            }
        }
        let (stop, stopped) = watch::channel(false);
        let (mut groups, mut tasks) = (Vec::new(), Vec::new());
        for (group, place) in beginning {
            let run = engine::run(Arc::clone(&group), Arc::clone(&place.leases), stopped.clone());
            tasks.push(tokio::spawn(run));
            groups.push(group);
        }
        let ledgers = places.iter().map(|place| place.ledger.clone()).collect();
        Ok(Self(Arc::new(Running { groups, ledgers, runs: OnceLock::new(), tasks: Mutex::new(tasks), stop })))
    }

    /// Notes where new groups of other services' events begin, as far as those can be reached now.
    pub(crate) async fn begin(&self) {
        let others = self.0.groups.iter().filter(|group| group.feed.source().is_some());
        let begun = others.map(|group| tokio::time::timeout(REACHED, group.begin()));
        for begun in futures_util::future::join_all(begun).await {
            if let Ok(Err(error)) = begun {
                tracing::debug!(%error, "a new group begins later");
            }
        }
    }

    /// Lets what is being handled end, for a few seconds, writes how far the groups are, and gives their leases back.
    pub async fn stop(&self) {
        let _ = self.0.stop.send(true);
        let tasks = std::mem::take(&mut *self.0.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            if let Err(failure) = task.await {
                tracing::error!(%failure, "a consumer group's task ended badly");
            }
        }
    }

    /// Lists these too, which are not set off by events.
    pub(crate) fn list(&self, runs: Vec<Runs>) {
        let _ = self.0.runs.set(runs);
    }

    /// How the groups are doing, in the order of their names. Also those that are not set off by events.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn overview(&self) -> Result<Vec<Overview>, StoreError> {
        let mut found = Vec::new();
        for group in &self.0.groups {
            found.push(overview(group).await?);
        }
        found.extend(self.without_events().await?);
        found.sort_by(|one, other| one.group.cmp(&other.group));
        Ok(found)
    }

    /// Those that run here, and those that have parked something although nothing runs of them any more.
    async fn without_events(&self) -> Result<impl Iterator<Item = Overview> + use<>, StoreError> {
        let mut found: BTreeMap<String, Overview> = BTreeMap::new();
        let named = |name: &str| Overview { group: name.to_owned(), due: Some(0), ..Overview::default() };
        for runs in self.0.runs.get().into_iter().flatten() {
            let now = runs.now();
            let one = found.entry(runs.name().to_owned()).or_insert_with(|| named(runs.name()));
            one.waiting += now.waiting;
            one.due = one.due.map(|due| due + now.due);
            one.running += now.running;
            one.here |= now.is_owner;
        }
        for ledger in &self.0.ledgers {
            for (group, parked) in ledger.have_parked().await? {
                if self.named(&group).next().is_none() {
                    found.entry(group.clone()).or_insert_with(|| named(&group)).parked += parked;
                }
            }
        }
        Ok(found.into_values())
    }

    /// What a group has parked, oldest first, behind the one with the id `after`; at most `limit` a database.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn parked(&self, group: &str, after: Option<&str>, limit: u32) -> Result<Vec<Parked>, StoreError> {
        let mut found = Vec::new();
        for ledger in &self.0.ledgers {
            found.extend(ledger.parked(group, after, limit).await?);
        }
        // Noted before an event was renamed, they have its earlier name.
        if let Some(group) = self.named(group).next() {
            for name in found.iter_mut().filter_map(|parked| parked.event_type.as_mut()) {
                if let Some(today) = group.feed.today(name).map(str::to_owned) {
                    *name = today;
                }
            }
        }
        Ok(found)
    }

    /// Asks for a parked one to be tried once more. False if there is none of this id.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn resend(&self, group: &str, id: &str) -> Result<bool, StoreError> {
        for ledger in &self.0.ledgers {
            if ledger.resend(group, id).await? {
                self.named(group).for_each(|group| group.resent.notify_one());
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Forgets a parked one. False if there is none of this id.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn discard(&self, group: &str, id: &str) -> Result<bool, StoreError> {
        for ledger in &self.0.ledgers {
            if ledger.discard(group, id).await? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    pub(super) fn named(&self, name: &str) -> impl Iterator<Item = &Arc<Group>> {
        self.0.groups.iter().filter(move |group| group.name == name)
    }
}

fn group(consumer: &Arc<dyn Consumer>, place: &Place, feed: Arc<dyn Feed>) -> Group {
    Group {
        name: consumer.name().to_owned(),
        query: consumer.query(),
        options: consumer.options(),
        consumer: Arc::clone(consumer),
        feed,
        ledger: place.ledger.clone(),
        progress: watch::Sender::new(Progress::default()),
        lag: metrics::gauge!("consumer_lag", "group" => consumer.name().to_owned()),
        resent: Notify::new(),
        running: AtomicU64::new(0),
        unable: Mutex::default(),
    }
}

async fn overview(group: &Group) -> Result<Overview, StoreError> {
    let kept = group.ledger.kept(&group.name).await?.unwrap_or_default();
    let Progress { is_owner, reached } = *group.progress.borrow();
    let position = kept.cursor.max(reached);
    Ok(Overview {
        group: group.name.clone(),
        source: group.feed.source(),
        source_error: group.feed.trouble(),
        position: Some(position),
        lag: Some(group.feed.watch().borrow().saturating_sub(position)),
        waiting: kept.put_off,
        due: None,
        running: group.running.load(Ordering::Relaxed),
        parked: kept.parked,
        here: is_owner,
        stopped: group.unable.lock().unwrap_or_else(PoisonError::into_inner).clone(),
    })
}
