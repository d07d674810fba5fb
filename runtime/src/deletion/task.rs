//! The task of one database.

use super::Topic;
use crate::database::{Database, Databases};
use crate::event::Position;
use crate::lease::keep;
use crate::store::{Deletion, Forgetting, StoreError};
use std::collections::BTreeSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};
use tokio::sync::watch;
use tokio::task::JoinHandle;

/// The lease under which events are deleted.
const LEASE: &str = "deletion";

/// Events that are looked at in one transaction.
const BATCH: usize = 500;

/// How often it is looked for what has to go, and how long what is left of it stays.
#[derive(Clone, Copy, Debug)]
pub struct Pace {
    /// The pause between two looks.
    pub every: Duration,
    /// How long after its append an event's id and tags are kept, at least. Much more than a minute where several processes
    /// share a database: for so long each of them may go by what it knew of deletions.
    pub remember: Duration,
}

/// Soon enough for anybody's disk, and longer than anybody tries to append the same events once more.
impl Default for Pace {
    fn default() -> Self {
        Self { every: Duration::from_secs(5), remember: Duration::from_secs(24 * 3600) }
    }
}

/// The tasks that delete a service's events.
pub struct Deleting {
    stop: watch::Sender<bool>,
    tasks: Vec<JoinHandle<()>>,
}

impl Deleting {
    /// Starts a task for each database, if there is a topic at all. Must run inside tokio.
    pub fn start(service: &'static str, topics: &[Topic], databases: &Databases, pace: Pace) -> Self {
        let (stop, stopped) = watch::channel(false);
        let databases = if topics.is_empty() { &[] } else { databases.all() };
        let task = |database: &Database| {
            let works = topics.iter().map(|topic| Work::new(service, *topic)).collect();
            let task = Task { database: database.clone(), works, pace, remnants: 0, stop: stopped.clone() };
            tokio::spawn(task.run())
        };
        Self { stop, tasks: databases.iter().map(task).collect() }
    }

    /// Ends them, between two transactions.
    pub async fn stop(self) {
        self.stop.send_replace(true);
        for task in self.tasks {
            if let Err(failure) = task.await {
                tracing::error!(%failure, "the task that deletes events ended badly");
            }
        }
    }
}

struct Task {
    database: Database,
    works: Vec<Work>,
    pace: Pace,
    /// Behind which position remnants are looked for.
    remnants: Position,
    stop: watch::Receiver<bool>,
}

impl Task {
    async fn run(mut self) {
        let kept = keep(std::sync::Arc::clone(self.database.leases()), LEASE);
        let mut epoch = kept.epoch.clone();
        while !*self.stop.borrow() {
            tokio::select! {
                _ = epoch.wait_for(Option::is_some) => {}
                _ = self.stop.changed() => break,
            }
            match self.step(|| kept.epoch.borrow().is_some()).await {
                Ok(()) => {}
                Err(StoreError::Closed) => break,
                Err(error) => tracing::warn!(%error, "events could not be deleted; it is tried again"),
            }
            // An error says that nobody wants it any more.
            let _ = tokio::time::timeout(self.pace.every, self.stop.wait_for(|stop| *stop)).await;
        }
        kept.stop().await;
    }

    /// Deletes what may go by now.
    async fn step(&mut self, is_owner: impl Fn() -> bool) -> Result<(), StoreError> {
        let stop = self.stop.clone();
        let goes_on = || is_owner() && !*stop.borrow();
        for work in &mut self.works {
            work.step(&self.database, &goes_on).await?;
        }
        while goes_on() {
            let forgetting = Forgetting { age: self.pace.remember, after: self.remnants, limit: BATCH };
            let forgotten = self.database.events().forget(forgetting).await?;
            self.remnants = forgotten.next.unwrap_or(0);
            if forgotten.next.is_none() {
                break;
            }
        }
        Ok(())
    }
}

/// What is known of one topic.
struct Work {
    service: &'static str,
    topic: Topic,
    /// Up to here everything is gone, or held.
    walked: Position,
    /// Events before that which wait for a group that has put them off or parked them.
    held: BTreeSet<Position>,
}

impl Work {
    fn new(service: &'static str, topic: Topic) -> Self {
        Self { service, topic, walked: 0, held: BTreeSet::new() }
    }

    async fn step(&mut self, database: &Database, goes_on: &impl Fn() -> bool) -> Result<(), StoreError> {
        let Some(consumed) = database.groups().consumed(self.topic.groups).await? else { return Ok(()) };
        let wish = Deletion {
            types: self.topic.types.iter().map(|one| (*one).to_owned()).collect(),
            raised_before: now_micros().saturating_sub(micros(self.topic.keep)),
            except: consumed.open,
            limit: BATCH,
            ..Deletion::default()
        };
        let settled: Vec<Position> = self.held.difference(&wish.except).copied().collect();
        for position in settled.into_iter().take_while(|_| goes_on()) {
            let one = Deletion { after: position - 1, until: position, ..wish.clone() };
            if !self.delete(database, &one).await? {
                self.held.remove(&position);
            }
        }
        while self.walked < consumed.until && goes_on() {
            let next = Deletion { after: self.walked, until: consumed.until, ..wish.clone() };
            if self.delete(database, &next).await? {
                break;
            }
        }
        Ok(())
    }

    /// Deletes a few; true if what comes next is too young.
    async fn delete(&mut self, database: &Database, wish: &Deletion) -> Result<bool, StoreError> {
        let deleted = database.events().delete(wish).await?;
        self.held.extend(deleted.kept);
        self.walked = self.walked.max(deleted.to);
        if deleted.events > 0 {
            let (service, topic) = (self.service, self.topic.name);
            metrics::counter!("events_deleted_total", "service" => service, "topic" => topic).increment(deleted.events);
            tracing::info!(
                service,
                topic,
                events = deleted.events,
                to = deleted.to,
                "events were deleted: all had them"
            );
        }
        Ok(deleted.is_early)
    }
}

/// The clock in microseconds since 1970.
fn now_micros() -> i64 {
    micros(SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default())
}

fn micros(span: Duration) -> i64 {
    i64::try_from(span.as_micros()).unwrap_or(i64::MAX)
}
