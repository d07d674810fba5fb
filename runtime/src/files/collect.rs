//! Removing what nobody needs: files that no event holds, and what remains of uploads that were cut off.
//!
//! Whoever names a file in a command touches its row first. A file is given up only if that was long ago, in the statement that
//! gives it up; from then on nobody finds it, and its bytes can go. So a command either finds the file and keeps it, or is told
//! that there is none.

use std::time::Duration;

use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::stored::Files;
use super::table::{Rows, Unused};
use crate::consumer::{Fence, RunError};
use crate::database::Database;
use crate::event::{Query, QueryItem};
use crate::lease::{self, Epoch, Kept};
use crate::store::{Range, StoreError};

/// How long an unused file stays. No command takes nearly as long.
pub(super) const GRACE: Duration = Duration::from_secs(24 * 60 * 60);
/// How often unused files are looked for.
const EVERY: Duration = Duration::from_secs(60 * 60);
/// Files that are looked at at once.
const PAGE: i64 = 200;
/// Who of several processes does it.
pub(super) const LEASE: &str = "files";

/// Removes the unused files of a service, in the one of several processes that has the lease.
pub(crate) struct Collector(Vec<(Kept, watch::Sender<bool>, JoinHandle<()>)>);

impl Collector {
    /// Begins. Must run inside tokio.
    pub(crate) fn start(files: &Files) -> Self {
        let one = |database: &Database| {
            let kept = lease::keep(database.leases().clone(), LEASE);
            let (stop, stopped) = watch::channel(false);
            let task = run(files.clone(), database.clone(), kept.epoch.clone(), stopped);
            (kept, stop, tokio::spawn(task))
        };
        Self(files.databases().all().iter().map(one).collect())
    }

    /// Ends when the file at hand is done with.
    pub(crate) async fn stop(self) {
        for (kept, stop, task) in self.0 {
            let _ = stop.send(true);
            if let Err(failure) = task.await {
                tracing::error!(%failure, "the task that removes unused files ended badly");
            }
            kept.stop().await;
        }
    }
}

async fn run(
    files: Files,
    database: Database,
    mut lease: watch::Receiver<Option<Epoch>>,
    mut stop: watch::Receiver<bool>,
) {
    loop {
        let epoch = *lease.borrow_and_update();
        let next = match epoch {
            Some(epoch) => {
                let fence = Fence { lease: LEASE.to_owned(), epoch };
                report(collect(&files, &database, &fence, GRACE, &stop).await);
                EVERY
            }
            // Woken when it changes hands.
            None => Duration::MAX,
        };
        tokio::select! {
            _ = stop.wait_for(|stop| *stop) => return,
            changed = lease.changed() => if changed.is_err() { return },
            () = tokio::time::sleep(next) => {}
        }
    }
}

fn report(outcome: Result<u64, RunError>) {
    match outcome {
        Ok(0) | Err(RunError::Stale) => {}
        Ok(removed) => tracing::info!(removed, "files that no event holds were removed"),
        Err(RunError::Store(error)) => tracing::warn!(%error, "unused files are looked for again later"),
    }
}

/// Removes the files that were touched so long ago, and says how many those were.
pub(super) async fn collect(
    files: &Files,
    database: &Database,
    fence: &Fence,
    grace: Duration,
    stop: &watch::Receiver<bool>,
) -> Result<u64, RunError> {
    let rows = Rows::new(database.groups());
    let grace = i64::try_from(grace.as_millis()).unwrap_or(i64::MAX);
    let mut removed = 0;
    loop {
        let page = rows.unused(grace, PAGE).await?;
        let mut settled = 0;
        for file in &page {
            if *stop.borrow() {
                return Ok(removed);
            }
            if file.is_stored && is_held(database, file).await? {
                rows.keep(fence, file).await?;
                settled += 1;
            } else if rows.leave(fence, file, grace).await? && remove(files, &rows, file).await? {
                (settled, removed) = (settled + 1, removed + 1);
            }
        }
        // What could not be settled now would be found again at once.
        if settled == 0 || i64::try_from(page.len()).unwrap_or(i64::MAX) < PAGE {
            return Ok(removed);
        }
    }
}

/// Whether an event holds it.
async fn is_held(database: &Database, file: &Unused) -> Result<bool, StoreError> {
    let query = Query::of([QueryItem::of(&[], [super::value::tag(&file.id)])]);
    let found = database.events().read(&file.tenant, &query, Range::default().limit(1)).await?;
    Ok(!found.is_empty())
}

async fn remove(files: &Files, rows: &Rows, file: &Unused) -> Result<bool, StoreError> {
    match files.objects().remove(&file.tenant, &file.id).await {
        Ok(()) => rows.forget(&file.tenant, &file.id).await.map(|()| true),
        Err(error) => {
            tracing::warn!(%error, "an unused file could not be removed and will be tried again");
            Ok(false)
        }
    }
}
