//! The consumer groups of a service, as they run.

use super::engine;
use super::group::{Group, Progress};
use super::{Consumer, Ledger, Parked, Start};
use crate::database::{Database, Databases};
use crate::event::Position;
use crate::lease::Leases;
use crate::store::{EventStore, StoreError};
use serde::Serialize;
use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;

/// The consumer groups of a service, as they run in this process. Cheap to clone.
#[derive(Clone)]
pub struct Groups(Arc<Running>);

struct Running {
    groups: Vec<Arc<Group>>,
    /// Of all databases.
    ledgers: Vec<Ledger>,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    stop: watch::Sender<bool>,
}

/// What a group works on.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) events: Arc<dyn EventStore>,
    pub(super) ledger: Ledger,
    pub(super) leases: Arc<dyn Leases>,
}

impl From<&Database> for Place {
    fn from(database: &Database) -> Self {
        Self {
            events: Arc::clone(database.events()),
            ledger: database.groups().clone(),
            leases: Arc::clone(database.leases()),
        }
    }
}

/// How a group is doing, for operators.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Overview {
    /// The group's name.
    pub group: String,
    /// Everything up to this position is handled, put off or parked; none if it is not events that set it off.
    pub position: Option<Position>,
    /// How many positions that is behind the newest event, whether they concern the group or not.
    pub lag: Option<u64>,
    /// Events that wait for another attempt, or behind one that does.
    pub waiting: u64,
    /// What was given up.
    pub parked: u64,
    /// Whether it is this process that works for it.
    pub here: bool,
}

impl Groups {
    /// Starts a task for each consumer in each database. Where a new group begins is noted when this returns.
    ///
    /// # Errors
    /// [`StoreError::Invalid`] if two of them have one name; else if a database fails.
    pub async fn start(consumers: &[Arc<dyn Consumer>], databases: &Databases) -> Result<Self, StoreError> {
        let places: Vec<Place> = databases.all().iter().map(Place::from).collect();
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
                let group = Arc::new(group(consumer, place));
                begin(&group).await?;
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
        Ok(Self(Arc::new(Running { groups, ledgers, tasks: Mutex::new(tasks), stop })))
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

    /// How the groups are doing, in the order of their names. Also those that have parked something and are not set off by
    /// events.
    ///
    /// # Errors
    /// If a database fails.
    pub async fn overview(&self) -> Result<Vec<Overview>, StoreError> {
        let mut found = Vec::new();
        for group in &self.0.groups {
            let kept = group.ledger.kept(&group.name).await?.unwrap_or_default();
            let Progress { is_owner, reached } = *group.progress.borrow();
            let position = kept.cursor.max(reached);
            let lag = group.events.watch().borrow().saturating_sub(position);
            found.push(Overview {
                group: group.name.clone(),
                position: Some(position),
                lag: Some(lag),
                waiting: kept.put_off,
                parked: kept.parked,
                here: is_owner,
            });
        }
        for ledger in &self.0.ledgers {
            for (group, parked) in ledger.have_parked().await? {
                if self.named(&group).next().is_none() {
                    found.push(Overview { group, position: None, lag: None, waiting: 0, parked, here: false });
                }
            }
        }
        found.sort_by(|one, other| one.group.cmp(&other.group));
        Ok(found)
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

fn group(consumer: &Arc<dyn Consumer>, place: &Place) -> Group {
    Group {
        name: consumer.name().to_owned(),
        query: consumer.query(),
        options: consumer.options(),
        consumer: Arc::clone(consumer),
        events: Arc::clone(&place.events),
        ledger: place.ledger.clone(),
        progress: watch::Sender::new(Progress::default()),
        lag: metrics::gauge!("consumer_lag", "group" => consumer.name().to_owned()),
        resent: Notify::new(),
    }
}

/// Notes where a new group begins.
async fn begin(group: &Group) -> Result<(), StoreError> {
    let start = match group.options.start {
        Start::Beginning => 0,
        Start::Now => group.events.head().await?,
    };
    group.ledger.begin(&group.name, start).await
}
