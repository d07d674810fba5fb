//! Writing what came of events: all that has gathered, in one transaction.

use super::{End, Session};
use crate::consumer::Failure;
use crate::consumer::settled::{Outcome, Settled};
use crate::consumer::statement::RunError;
use crate::consumer::window::Advance;
use crate::event::Position;
use crate::store::StoreError;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// What is written at once, at most.
const BATCH: usize = 256;
/// A cursor that has nothing else to write is written after so many positions.
const LAZY: Position = 1000;

/// A write that is under way.
pub(super) struct Writing(BoxFuture<'static, Written>);

/// A write that has ended.
pub(super) struct Written {
    settled: Vec<Settled>,
    advance: Advance,
    outcome: Result<(), RunError>,
}

/// Waits for the write that may be under way; for ever if none is.
pub(super) async fn of(writing: &mut Option<Writing>) -> Written {
    match writing {
        Some(Writing(future)) => {
            let written = future.await;
            *writing = None;
            written
        }
        None => std::future::pending().await,
    }
}

impl Session {
    /// Begins to write what has gathered, unless a write is under way. On the way out also a cursor by itself.
    pub(super) fn write(&mut self, is_last: bool) {
        let lazy = if is_last { 1 } else { LAZY };
        let is_worth_it = self.window.reached() >= self.window.cursor().saturating_add(lazy);
        if self.writing.is_some() || (self.pending.is_empty() && !is_worth_it) {
            return;
        }
        let settled = self.batch();
        let advance = self.window.advance(settled.iter().filter_map(|one| one.position));
        let (group, fence) = (Arc::clone(&self.group), self.fence.clone());
        self.writing = Some(Writing(Box::pin(async move {
            let outcome = group.ledger.settle(fence, &group.name, &advance, &settled).await;
            Written { settled, advance, outcome }
        })));
    }

    fn batch(&mut self) -> Vec<Settled> {
        let mut batch: Vec<Settled> = Vec::new();
        while batch.len() < BATCH && self.pending.front().is_some_and(|next| batch.is_empty() || !next.alone) {
            batch.extend(self.pending.pop_front());
            if batch.last().is_some_and(|last| last.alone) {
                break;
            }
        }
        batch
    }

    pub(super) fn written(&mut self, written: Written) -> Result<(), End> {
        let Written { settled, advance, outcome } = written;
        match outcome {
            Ok(()) => {
                self.window.settle(settled.iter().filter_map(|one| one.position), &advance);
                settled.into_iter().for_each(|one| self.release(one));
                Ok(())
            }
            Err(RunError::Store(error)) if is_of_a_statement(&error) && settled.iter().any(Settled::has_writes) => {
                self.apart(settled, &error);
                Ok(())
            }
            Err(error) => Err(error.into()),
        }
    }

    /// One of them writes what the database refuses. The others must not suffer.
    fn apart(&mut self, mut settled: Vec<Settled>, error: &StoreError) {
        if settled.len() > 1 {
            for mut one in settled.into_iter().rev() {
                one.alone = true;
                self.pending.push_front(one);
            }
            return;
        }
        if let Some(Settled { release: Some((ticket, event)), .. }) = settled.pop() {
            self.failed(ticket, Failure::Retry(error.to_string()), &event);
        }
    }

    fn release(&mut self, settled: Settled) {
        if let Outcome::ResentDone { id, .. } | Outcome::ResentFailed { id, .. } = &settled.outcome {
            self.resent.remove(id);
            // What is being looked for may still find it.
            self.asking = None;
        }
        if let Some((ticket, _)) = settled.release {
            self.schedule.remove(ticket);
            self.group.count("handled");
        }
    }
}

/// Whether it was the statement that was wrong, or takes too long, and not the way to the database or others there.
fn is_of_a_statement(error: &StoreError) -> bool {
    matches!(
        error,
        StoreError::Sqlite(_)
            | StoreError::Postgres(_)
            | StoreError::Invalid(_)
            | StoreError::Commit(_)
            | StoreError::Slow(_)
    )
}
