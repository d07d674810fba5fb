//! Reading what a decision needs to know, step by step, all of it up to one head.

use super::{DecideError, Decision, Folding};
use crate::caller::Context;
use crate::event::{EventSet, Position, Query, Tenant};
use crate::store::{EventStore, Range};

/// Events read at once; a state over more of them is read in several pages.
const PAGE: usize = 1000;

/// The state of a decision as a store gives it.
pub(super) struct Reading<'a, D: Decision> {
    events: &'a dyn EventStore,
    tenant: &'a Tenant,
    folding: Folding<'a, D>,
    seen: Position,
}

impl<'a, D: Decision> Reading<'a, D> {
    /// Nothing is read yet.
    ///
    /// # Errors
    /// If an initial value cannot be computed.
    pub(super) fn begin(
        events: &'a dyn EventStore,
        command: &'a D,
        context: Context<'a>,
    ) -> Result<Self, DecideError<D::Error>> {
        let folding = Folding::begin(command, context)?;
        Ok(Self { events, tenant: &context.caller.tenant, folding, seen: 0 })
    }

    /// Reads on up to the head. What was read before stays read, unless an earlier step now asks a later one for something
    /// else.
    ///
    /// # Errors
    /// If the store fails, or an event cannot be read or folded.
    pub(super) async fn catch_up(&mut self, head: Position) -> Result<(), DecideError<D::Error>> {
        if !self.read(self.seen..head).await? {
            self.folding.begin_again()?;
            self.read(0..head).await?;
        }
        self.seen = head;
        Ok(())
    }

    /// The state so far.
    pub(super) fn state(&self) -> &D::State {
        self.folding.state()
    }

    /// All that was read, of whatever step.
    pub(super) fn query(&self) -> Query {
        self.folding.query()
    }

    /// All steps; false as soon as one reads something else than the last time.
    async fn read(&mut self, positions: std::ops::Range<Position>) -> Result<bool, DecideError<D::Error>> {
        for step in 1..=D::STEPS {
            if !self.folding.enter(step)? {
                return Ok(false);
            }
            self.read_every(step, &positions).await?;
            self.read_newest(step, &positions).await?;
        }
        Ok(true)
    }

    /// Folds the events behind `positions.start` up to `positions.end`.
    async fn read_every(
        &mut self,
        step: usize,
        positions: &std::ops::Range<Position>,
    ) -> Result<(), DecideError<D::Error>> {
        let query = self.folding.every(step);
        let mut after = positions.start;
        if after >= positions.end || matches!(&query, Query::Items(items) if items.is_empty()) {
            return Ok(());
        }
        loop {
            let range = Range::after(after).until(positions.end).limit(PAGE);
            let page = self.events.read(self.tenant, &query, range).await?;
            for stored in &page {
                if let Some(event) = D::Event::decode(&stored.event_type, stored.version, &stored.payload)? {
                    self.folding.fold(step, &event, &stored.tags, &stored.meta())?;
                }
            }
            match page.last() {
                Some(last) if page.len() == PAGE => after = last.position,
                _ => return Ok(()),
            }
        }
    }

    /// Folds the newest event within the same positions for each entry that asks for no more.
    async fn read_newest(
        &mut self,
        step: usize,
        positions: &std::ops::Range<Position>,
    ) -> Result<(), DecideError<D::Error>> {
        if positions.start >= positions.end {
            return Ok(());
        }
        for (entry, item) in self.folding.newest(step) {
            let range = Range::after(positions.start).until(positions.end).backwards().limit(1);
            let found = self.events.read(self.tenant, &Query::of([item]), range).await?;
            let Some(newest) = found.first() else { continue };
            if let Some(event) = D::Event::decode(&newest.event_type, newest.version, &newest.payload)? {
                self.folding.fold_newest(entry, &event, &newest.meta())?;
            }
        }
        Ok(())
    }
}
