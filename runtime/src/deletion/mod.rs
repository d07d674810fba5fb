//! Events that go after they were consumed: a task that deletes those of certain topics behind the consumer groups that have
//! to have had them.
//!
//! Of several processes one does it at a time. That saves work and guards nothing: up to where groups have come is read
//! before it is deleted, and they never go back, so a second one at the same time, or one that dies in between, harms nobody.

mod task;
#[cfg(test)]
mod tests;

use crate::consumer::Consumer;
use crate::store::StoreError;
use std::sync::Arc;
use std::time::Duration;

pub use task::{Deleting, Pace};

/// Events of a topic that go after they were consumed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name, in the log and the metrics.
    pub name: &'static str,
    /// The types of its events.
    pub types: &'static [&'static str],
    /// The consumer groups that must have had an event; never empty.
    pub groups: &'static [&'static str],
    /// How old it must be besides.
    pub keep: Duration,
}

/// Makes sure that the groups are there that events wait for: else nothing would ever be deleted, or too early.
///
/// # Errors
/// [`StoreError::Invalid`] says which topic waits for whom.
pub(crate) fn check(topics: &[Topic], consumers: &[Arc<dyn Consumer>]) -> Result<(), StoreError> {
    for topic in topics {
        let is_there = |group: &str| consumers.iter().any(|one| one.name() == group && one.source().is_none());
        if let Some(missing) = topic.groups.iter().find(|group| !is_there(group)) {
            return Err(StoreError::Invalid(format!(
                "events of the topic `{}` are deleted after the consumer group `{missing}` had them, and the service has no \
                 such group: add it to its definition with `.consumer(…)`, or take it out of `scaffold.yaml`",
                topic.name
            )));
        }
        if topic.groups.is_empty() {
            return Err(StoreError::Invalid(format!(
                "events of the topic `{}` are deleted after nobody had them",
                topic.name
            )));
        }
    }
    Ok(())
}
