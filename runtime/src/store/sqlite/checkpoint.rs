//! Brings the write-ahead log into the database, off the writer's path.
//!
//! SQLite would let a commit do it, now and then: that commit, and all who wait behind it, then wait for thousands of pages.
//! Here a thread with a connection of its own does nearly all of it while commits go on. As the log can start over only
//! when all of it is in the database, the writer brings in the few pages that came meanwhile. A log that starts over is
//! also what keeps flushes cheap: flushing a file that grows costs several times as much.

use crate::store::StoreError;
use rusqlite::Connection;
use std::cell::Cell;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread::JoinHandle;
use std::time::Duration;

/// Pages in the log at which the work begins: 16 MiB.
const BEGIN: u32 = 4096;

/// So few that the writer can do the rest between two groups.
const REST: u32 = 256;

/// How often to follow the writer before it has to do the rest, however much it is.
const ROUNDS: u32 = 8;

/// The writer's end of it.
pub(super) struct Checkpointer {
    /// Pages in the log, as of the last commit.
    pages: Arc<AtomicU32>,
    /// Whether the writer is to do the rest.
    rest: Arc<AtomicBool>,
    wake: Option<SyncSender<()>>,
    thread: Option<JoinHandle<()>>,
    /// Pages at which the thread is woken next.
    next: Cell<u32>,
}

impl Checkpointer {
    /// Starts the thread, and takes the work over from the connection that writes.
    ///
    /// # Errors
    /// If the database cannot be opened or no thread be started.
    pub(super) fn start(path: &Path, writer: &mut Connection) -> Result<Self, StoreError> {
        let pages = Arc::new(AtomicU32::new(0));
        let of_hook = Arc::clone(&pages);
        // A hook of one's own takes the place of SQLite's.
        writer.wal_hook(Some(move |_: &mut rusqlite::hooks::Wal, count: std::ffi::c_int| {
            of_hook.store(count.unsigned_abs(), Ordering::Relaxed);
            Ok(())
        }))?;
        let connection = Connection::open(path)?;
        connection.busy_timeout(Duration::from_secs(10))?;
        let (wake, woken) = sync_channel(1);
        let rest = Arc::new(AtomicBool::new(false));
        let of_thread = Arc::clone(&rest);
        let thread = std::thread::Builder::new()
            .name("sqlite-checkpoint".to_owned())
            .spawn(move || work(&connection, &woken, &of_thread))
            .map_err(|failure| StoreError::Invalid(format!("no thread for checkpoints: {failure}")))?;
        Ok(Self { pages, rest, wake: Some(wake), thread: Some(thread), next: Cell::new(BEGIN) })
    }

    /// Called by the writer between two groups.
    pub(super) fn after_commit(&self, writer: &Connection) {
        if self.rest.swap(false, Ordering::Acquire) {
            // A reader may still need the log: then it starts over another time.
            let _ = checkpoint(writer);
            return;
        }
        let pages = self.pages.load(Ordering::Relaxed);
        if pages < BEGIN {
            self.next.set(BEGIN);
        } else if pages >= self.next.get()
            && let Some(wake) = &self.wake
            && wake.try_send(()).is_ok()
        {
            self.next.set(pages.saturating_add(BEGIN));
        }
    }
}

impl Drop for Checkpointer {
    fn drop(&mut self) {
        drop(self.wake.take());
        if let Some(thread) = self.thread.take() {
            // It panics on nothing; if it did, there is nobody left to tell.
            let _ = thread.join();
        }
    }
}

fn work(connection: &Connection, woken: &Receiver<()>, rest: &AtomicBool) {
    while woken.recv().is_ok() {
        let mut left_before = u32::MAX;
        for _ in 0..ROUNDS {
            let left = match checkpoint(connection) {
                Ok(left) => left,
                Err(error) => {
                    tracing::warn!(%error, "the write-ahead log could not be brought in; it is tried again");
                    break;
                }
            };
            if left <= REST || left >= left_before {
                break;
            }
            left_before = left;
        }
        rest.store(true, Ordering::Release);
    }
}

/// Brings in what no reader needs, without making anybody wait. Gives the number of pages left in the log.
fn checkpoint(connection: &Connection) -> rusqlite::Result<u32> {
    let (pages, done): (i64, i64) = connection
        .prepare_cached("PRAGMA wal_checkpoint(PASSIVE)")?
        .query_row([], |row| Ok((row.get(1)?, row.get(2)?)))?;
    Ok(u32::try_from(pages.saturating_sub(done)).unwrap_or(0))
}
