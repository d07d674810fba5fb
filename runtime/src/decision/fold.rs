//! A decision's state while events are folded into it.

use super::Decision;
use crate::caller::Context;
use crate::event::{EventSet, Meta, Query, QueryItem, Tag};
use crate::expr::EvalError;

/// The state of one decision, and what it reads.
pub(crate) struct Folding<'a, D: Decision> {
    decision: &'a D,
    context: Context<'a>,
    reads: Vec<(D::Entry, QueryItem)>,
    state: D::State,
}

impl<'a, D: Decision> Folding<'a, D> {
    /// The state before the first event.
    ///
    /// # Errors
    /// If a tag or an initial value cannot be computed.
    pub(crate) fn begin(decision: &'a D, context: Context<'a>) -> Result<Self, EvalError> {
        let (reads, state) = (decision.reads(&context)?, decision.initial(&context)?);
        Ok(Self { decision, context, reads, state })
    }

    /// All that the state reads, as one query; several entries that read the same count once.
    pub(crate) fn query(&self) -> Query {
        one_query(self.reads.iter())
    }

    /// What those entries read that fold every event.
    pub(crate) fn every(&self) -> Query {
        one_query(self.reads.iter().filter(|(entry, _)| !D::last_only(*entry)))
    }

    /// The entries for which just the newest event counts, each with what it reads.
    pub(crate) fn newest(&self) -> Vec<(D::Entry, QueryItem)> {
        self.reads.iter().filter(|(entry, _)| D::last_only(*entry)).cloned().collect()
    }

    /// Whether any entry reads such an event.
    pub(crate) fn meets(&self, event_type: &str, tags: &[Tag]) -> bool {
        self.reads.iter().any(|(_, item)| item.matches(event_type, tags))
    }

    /// Folds an event into every entry that reads it and folds all of them.
    ///
    /// # Errors
    /// If a new value cannot be computed.
    pub(crate) fn fold(&mut self, event: &D::Event, tags: &[Tag], meta: &Meta) -> Result<(), EvalError> {
        for (entry, item) in &self.reads {
            if !D::last_only(*entry) && item.matches(event.event_type(), tags) {
                self.decision.fold(&mut self.state, *entry, event, meta, &self.context)?;
            }
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

fn one_query<'a, E: 'a>(reads: impl Iterator<Item = &'a (E, QueryItem)>) -> Query {
    let mut items: Vec<QueryItem> = Vec::new();
    for (_, item) in reads {
        if !items.contains(item) {
            items.push(item.clone());
        }
    }
    Query::Items(items)
}
