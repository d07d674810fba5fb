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
        let mut items: Vec<QueryItem> = Vec::with_capacity(self.reads.len());
        for (_, item) in &self.reads {
            if !items.contains(item) {
                items.push(item.clone());
            }
        }
        Query::Items(items)
    }

    /// Folds an event into every entry that reads it; false if none does.
    ///
    /// # Errors
    /// If a new value cannot be computed.
    pub(crate) fn fold(&mut self, event: &D::Event, tags: &[Tag], meta: &Meta) -> Result<bool, EvalError> {
        let mut met = false;
        for (entry, item) in &self.reads {
            if item.matches(event.event_type(), tags) {
                self.decision.fold(&mut self.state, *entry, event, meta, &self.context)?;
                met = true;
            }
        }
        Ok(met)
    }

    /// The state so far.
    pub(crate) fn state(&self) -> &D::State {
        &self.state
    }
}
