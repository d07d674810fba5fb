//! Writing what events have made of entries, with the checkpoint.

use super::failure::Failure;
use super::worker::Worker;
use crate::event::Position;
use crate::tables::{Batch, Checkpoint};

/// A checkpoint that has nothing else to write is written after so many positions.
const LAZY: Position = 10_000;

/// Writes a batch. False if somebody else had moved the checkpoint; then nothing was written.
///
/// # Errors
/// If the database fails.
pub(super) async fn write(worker: &mut Worker, mut batch: Batch, to: Position) -> Result<bool, Failure> {
    if to <= worker.checkpoint.history {
        batch.changes.clear();
    }
    let parked = u64::try_from(batch.parked.len()).unwrap_or(u64::MAX);
    let again = batch.parked.iter().any(|parked| parked.again);
    if !batch.is_empty() || to >= worker.checkpoint.position.saturating_add(LAZY) {
        (batch.from, batch.to) = (worker.checkpoint, to);
        let Some(checkpoint) = worker.tables.write(&worker.place, batch).await? else {
            return restart(worker).await.map(|()| false);
        };
        worker.stored(checkpoint);
    }
    if parked > 0 {
        let projection = worker.place.table.entry;
        metrics::counter!("projection_parked_total", "projection" => projection).increment(parked);
    }
    worker.again |= again;
    worker.applied = to;
    worker.reached(Checkpoint { position: to, ..worker.checkpoint });
    worker.tell().await;
    Ok(true)
}

/// Writes a checkpoint that nothing else was written with, for the next start and for other processes.
pub(super) async fn flush(worker: &mut Worker) {
    if worker.applied <= worker.checkpoint.position {
        return;
    }
    let batch = Batch { from: worker.checkpoint, to: worker.applied, ..Batch::default() };
    match worker.tables.write(&worker.place, batch).await {
        Ok(Some(checkpoint)) => worker.stored(checkpoint),
        // Another process has taken over and knows better.
        Ok(None) => {}
        Err(error) => tracing::warn!(projection = worker.place.table.entry, %error, "the checkpoint was not written"),
    }
}

/// Begins again from the stored checkpoint: another task has written this table.
async fn restart(worker: &mut Worker) -> Result<(), Failure> {
    tracing::warn!(projection = worker.place.table.entry, "another process keeps this table; going on from its place");
    Ok(worker.resume().await?)
}
