//! Events that were put aside and are to be tried again: the table's owner does it, between two batches.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::Instant;

use super::batch::{Behind, Step, step};
use super::failure::Failure;
use super::fold::routes;
use super::reading::{Read, concerns, query};
use super::refold::{Reach, Refold};
use super::worker::Worker;
use super::writing::write;
use super::{Route, Target};
use crate::consumer::Resent;
use crate::event::StoredEvent;
use crate::store::Range;
use crate::tables::{Batch, PutAside, Retried};

/// How often another process's wish is looked for although nothing was heard.
const LOOK: Duration = Duration::from_secs(10);

/// What is tried again.
pub(super) struct Again {
    wishes: Resent,
    /// When it was looked for wishes last; none: not since this process owns the table.
    looked: Option<Instant>,
    refold: Option<Refold>,
}

impl Again {
    /// For a process that has become the table's owner.
    pub(super) fn of(worker: &Worker) -> Self {
        Self { wishes: worker.aside.wishes(&worker.place), looked: None, refold: None }
    }

    /// Waits for a wish, which is then looked for.
    pub(super) async fn wished(&mut self) {
        self.wishes.next().await;
        self.looked = None;
    }

    /// Applies the next events, and when there are none for the moment, a piece of what is to be tried again.
    ///
    /// # Errors
    /// [`Failure`] if the database fails.
    pub(super) async fn step(&mut self, worker: &mut Worker) -> Result<Step, Failure> {
        match step(worker).await? {
            Step::Live if self.go_on(worker).await? => Ok(Step::Behind(Behind::More)),
            other => Ok(other),
        }
    }

    /// Does a piece. False when there is nothing more to do.
    async fn go_on(&mut self, worker: &mut Worker) -> Result<bool, Failure> {
        if let Some(refold) = &mut self.refold {
            if !refold.read_on(worker).await? {
                return Ok(true);
            }
            let batch = refold.batch(worker).await?;
            let is_over = refold.is_over();
            // Whoever has moved the checkpoint meanwhile owns the table, and tries it too.
            if !write(worker, batch, worker.applied).await? || is_over {
                self.refold = None;
            } else if let Some(refold) = &mut self.refold {
                refold.next();
            }
            return Ok(true);
        }
        if !worker.again && !self.is_due(worker) {
            return Ok(false);
        }
        let wanted = worker.aside.wanted(&worker.place).await?;
        worker.again = false;
        self.looked = wanted.is_none().then(Instant::now);
        let Some(asked) = wanted else { return Ok(false) };
        self.begin(worker, asked).await?;
        Ok(true)
    }

    fn is_due(&self, worker: &Worker) -> bool {
        self.looked.is_none_or(|at| worker.shared.is_some() && at.elapsed() >= LOOK)
    }

    async fn begin(&mut self, worker: &mut Worker, asked: PutAside) -> Result<(), Failure> {
        let reach = match &asked.parked.entry {
            Some(id) if !id.is_empty() => Ok(Reach::Only(BTreeSet::from([id.clone()]))),
            _ => reach(worker, &asked).await?,
        };
        match reach {
            Ok(reach) => self.refold = Some(Refold::again(worker, asked, reach).await?),
            Err(error) => {
                tracing::warn!(projection = worker.place.table.entry, id = asked.id, error, "it stays aside");
                let retried = vec![Retried { number: asked.number, error: Some(error) }];
                write(worker, Batch { retried, ..Batch::default() }, worker.applied).await?;
            }
        }
        Ok(())
    }
}

/// The entries of an event that could not be read or assigned before; why it still cannot be.
async fn reach(worker: &Worker, asked: &PutAside) -> Result<Result<Reach, String>, Failure> {
    let parked = &asked.parked;
    let range = Range::after(parked.position.saturating_sub(1)).until(parked.position);
    let found = worker.feed.read(Some(&parked.tenant), &query(&worker.kind), range).await?;
    let Some(stored) = found.into_iter().find(|event| concerns(&worker.kind, event)) else {
        return Ok(Err("there is no such event any more".to_owned()));
    };
    Ok(reach_of(worker, stored))
}

fn reach_of(worker: &Worker, stored: StoredEvent) -> Result<Reach, String> {
    let decoded = (worker.kind.decode)(&stored);
    let Some(event) = decoded.map_err(|error| error.to_string())? else { return Ok(Reach::Only(BTreeSet::new())) };
    let routes = routes(&worker.kind, &Read::new(stored, event))?;
    let ids = routes.into_iter().map(|route| match route {
        Route::Upsert(Target::Id(id)) | Route::Remove(Target::Id(id)) => Some(id),
        // Which entries that meant at its place among the events, only they can say.
        _ => None,
    });
    Ok(ids.collect::<Option<_>>().map_or_else(Reach::everything, Reach::Only))
}
