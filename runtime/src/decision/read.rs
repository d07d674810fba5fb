//! Reading what a decision needs to know, step by step, all of it up to one head.

use super::snapshots::{Keeper, Keeping};
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
    keeper: Option<Keeper<D::State>>,
    seen: Position,
    /// How many events were folded since the state that was kept.
    folded: u64,
    /// Whether the state is that of all events up to `seen`.
    is_whole: bool,
}

impl<'a, D: Decision> Reading<'a, D> {
    /// No event is read yet: the state is what was kept of it, or else the initial one.
    ///
    /// # Errors
    /// If an initial value or a tag cannot be computed.
    pub(super) async fn begin(
        events: &'a dyn EventStore,
        command: &'a D,
        context: Context<'a>,
    ) -> Result<Self, DecideError<D::Error>> {
        let (tenant, mut folding) = (&context.caller.tenant, Folding::begin(command, context)?);
        let (mut keeper, mut seen) = (None, 0);
        if D::SNAPSHOTS.is_some() {
            folding.enter(1)?;
            keeper = Keeper::of(&folding);
            if let Some(keeper) = &keeper {
                seen = keeper.resume(events, tenant, &mut folding).await?.unwrap_or(0);
            }
        }
        Ok(Self { events, tenant, folding, keeper, seen, folded: 0, is_whole: false })
    }

    /// Reads on up to the head. What was read before stays read, unless an earlier step now asks a later one for something
    /// else.
    ///
    /// # Errors
    /// If the store fails, or an event cannot be read or folded.
    pub(super) async fn catch_up(&mut self, head: Position) -> Result<(), DecideError<D::Error>> {
        self.is_whole = false;
        // A state from behind the head is one of other events, which a backup has replaced.
        if head < self.seen || !self.read(self.seen..head).await? {
            self.folding.begin_again()?;
            self.folded = 0;
            self.read(0..head).await?;
        }
        self.seen = head;
        self.is_whole = true;
        Ok(())
    }

    /// The state at the head that it was read up to, if it is to be kept.
    pub(super) fn due(&self) -> Option<Keeping> {
        let keeper = self.keeper.as_ref().filter(|_| self.is_whole)?;
        keeper.due(&self.folding, (self.folded, self.seen), self.tenant)
    }

    /// Where it reads.
    pub(super) fn events(&self) -> &'a dyn EventStore {
        self.events
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
            self.folded += page.len() as u64;
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
            self.folded += 1;
            if let Some(event) = D::Event::decode(&newest.event_type, newest.version, &newest.payload)? {
                self.folding.fold_newest(entry, &event, &newest.meta())?;
            }
        }
        Ok(())
    }
}
