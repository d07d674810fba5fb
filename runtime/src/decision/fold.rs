//! A decision's state while events are folded into it.

use super::Decision;
use super::reads::{Reads, distinct};
use crate::caller::Context;
use crate::event::{EventSet, Meta, Query, QueryItem, Tag};
use crate::expr::EvalError;

/// The state of one decision, and what it reads. Steps are counted from 1.
pub(crate) struct Folding<'a, D: Decision> {
    decision: &'a D,
    context: Context<'a>,
    /// The steps that were looked at so far.
    steps: Vec<Reads<D::Entry>>,
    state: D::State,
}

impl<'a, D: Decision> Folding<'a, D> {
    /// The state before the first event.
    ///
    /// # Errors
    /// If an initial value cannot be computed.
    pub(crate) fn begin(decision: &'a D, context: Context<'a>) -> Result<Self, EvalError> {
        let state = decision.initial(&context)?;
        Ok(Self { decision, context, steps: Vec::with_capacity(D::STEPS), state })
    }

    /// Forgets all that was folded.
    ///
    /// # Errors
    /// As for [`Folding::begin`].
    pub(crate) fn begin_again(&mut self) -> Result<(), EvalError> {
        self.steps.clear();
        self.state = self.decision.initial(&self.context)?;
        Ok(())
    }

    /// Goes on from a state that was folded before, and finds out what the later steps have read for it.
    ///
    /// # Errors
    /// If a tag cannot be computed; what is folded is worth nothing then.
    pub(crate) fn resume(&mut self, state: D::State) -> Result<(), EvalError> {
        self.state = state;
        for step in 2..=D::STEPS {
            self.enter(step)?;
        }
        Ok(())
    }

    /// Finds out what a step reads when all steps before it are folded. False if it read something else the last time: what
    /// is folded in this step is worth nothing then.
    ///
    /// # Errors
    /// If a tag cannot be computed.
    pub(crate) fn enter(&mut self, step: usize) -> Result<bool, EvalError> {
        if step == 1 && !self.steps.is_empty() {
            return Ok(true);
        }
        let reads = match step {
            1 => self.decision.reads(&self.context)?,
            _ => self.decision.later_reads(step, &self.state, &self.context)?,
        };
        match self.steps.get(step - 1) {
            Some(known) => Ok(known.all() == reads),
            None => {
                self.steps.push(Reads::of(reads));
                Ok(true)
            }
        }
    }

    /// All that the state reads, as one query; several entries that read the same count once.
    pub(crate) fn query(&self) -> Query {
        Query::Items(distinct(self.steps.iter().flat_map(Reads::all).map(|(_, item)| item)))
    }

    /// What those entries of a step read that fold every event.
    pub(crate) fn every(&self, step: usize) -> Query {
        let every = self.reads(step).iter().filter(|(entry, _)| !D::last_only(*entry));
        Query::Items(distinct(every.map(|(_, item)| item)))
    }

    /// The entries of a step for which just the newest event counts, each with what it reads.
    pub(crate) fn newest(&self, step: usize) -> Vec<(D::Entry, QueryItem)> {
        self.reads(step).iter().filter(|(entry, _)| D::last_only(*entry)).cloned().collect()
    }

    /// The entries of a step, each with what it reads.
    pub(crate) fn reads(&self, step: usize) -> &[(D::Entry, QueryItem)] {
        self.steps.get(step - 1).map_or(&[], Reads::all)
    }

    /// Whether any entry reads such an event.
    pub(crate) fn meets(&self, event_type: &str, tags: &[Tag]) -> bool {
        self.steps.iter().any(|reads| reads.of_event(event_type, tags).next().is_some())
    }

    /// Folds an event into every entry of a step that reads it and folds all of them.
    ///
    /// # Errors
    /// If a new value cannot be computed.
    pub(crate) fn fold(&mut self, step: usize, event: &D::Event, tags: &[Tag], meta: &Meta) -> Result<(), EvalError> {
        let Some(reads) = self.steps.get(step - 1) else { return Ok(()) };
        for entry in reads.of_event(event.event_type(), tags).filter(|entry| !D::last_only(*entry)) {
            self.decision.fold(&mut self.state, entry, event, meta, &self.context)?;
        }
        Ok(())
    }

    /// Folds the newest event of an entry for which no other counts.
    ///
    /// # Errors
    /// If the new value cannot be computed.
    pub(crate) fn fold_newest(&mut self, entry: D::Entry, event: &D::Event, meta: &Meta) -> Result<(), EvalError> {
        self.decision.fold(&mut self.state, entry, event, meta, &self.context)
    }

    /// The state so far.
    pub(crate) fn state(&self) -> &D::State {
        &self.state
    }
}
