//! Asking for a lease again and again, and keeping it.

use super::{Epoch, Leases};
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;

/// A lease that a task takes whenever it is free, and keeps until told to stop.
pub struct Kept {
    /// The epoch to write with, while this process has the lease; none while another has it or nothing is known.
    pub epoch: watch::Receiver<Option<Epoch>>,
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl Kept {
    /// Gives the lease back.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        if let Err(failure) = self.task.await {
            tracing::error!(%failure, "the task that keeps a lease ended badly");
        }
    }
}

/// Takes a lease for an owner that nobody else is, whenever it is free. Must run inside tokio.
#[must_use]
pub fn keep(leases: Arc<dyn Leases>, name: impl Into<String>) -> Kept {
    let (epoch, receiver) = watch::channel(None);
    let (stop, stopped) = watch::channel(false);
    let keeper = Keeper { leases, name: name.into(), owner: owner(), epoch, until: Instant::now() };
    Kept { epoch: receiver, stop, task: tokio::spawn(keeper.run(stopped)) }
}

/// A name that says where to look, and that no other owner has.
fn owner() -> String {
    format!("{}/{}", std::process::id(), uuid::Uuid::now_v7())
}

struct Keeper {
    leases: Arc<dyn Leases>,
    name: String,
    owner: String,
    epoch: watch::Sender<Option<Epoch>>,
    /// When the lease has run out if nothing more is heard.
    until: Instant,
}

impl Keeper {
    async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let every = self.leases.timing().every;
        while !*stop.borrow() {
            let pause = self.ask().await;
            tokio::select! {
                () = tokio::time::sleep(pause.min(every)) => {}
                // An error says that nobody wants it any more.
                _ = stop.changed() => break,
            }
        }
        self.epoch.send_replace(None);
        if let Err(error) = self.leases.release(&self.name, &self.owner).await {
            tracing::debug!(lease = self.name, %error, "a lease was not given back and will run out");
        }
    }

    /// Asks once, and says when to ask again.
    async fn ask(&mut self) -> Duration {
        let timing = self.leases.timing();
        let asked = Instant::now();
        // Whoever gets no answer must have let go before another can have it.
        let patience = if self.has_it() { self.until } else { asked + timing.span };
        let answer = tokio::time::timeout_at(patience, self.leases.take(&self.name, &self.owner, timing.span)).await;
        match answer {
            Ok(Ok(Some(epoch))) => {
                self.until = asked + timing.span;
                self.now(Some(epoch));
                timing.every
            }
            Ok(Ok(None)) => {
                self.now(None);
                // So that many who wait do not all ask in the same moment.
                timing.every.mul_f64(0.5 + fastrand::f64() / 2.0)
            }
            Ok(Err(StoreError::Closed)) => {
                self.now(None);
                timing.every
            }
            Ok(Err(error)) => self.unknown(&error.to_string()),
            Err(_) => self.unknown("the database does not answer"),
        }
    }

    fn has_it(&self) -> bool {
        self.epoch.borrow().is_some()
    }

    fn now(&self, epoch: Option<Epoch>) {
        let changed = self.epoch.send_if_modified(|old| std::mem::replace(old, epoch) != epoch);
        if changed {
            tracing::debug!(lease = self.name, ?epoch, "a lease has changed hands");
        }
    }

    fn unknown(&self, problem: &str) -> Duration {
        tracing::warn!(lease = self.name, problem, "it is not known who has a lease; asking again");
        if Instant::now() >= self.until {
            self.now(None);
        }
        Duration::from_millis(200)
    }
}
