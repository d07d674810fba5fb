//! How it stands with a group that is not set off by events, an automation over a view, for whoever asks.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// The runs of such a group in one database, as this process knows them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Runs {
    name: &'static str,
    now: Arc<Mutex<Now>>,
}

/// How many runs there are of which kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Now {
    /// Whether it is this process that works for the group.
    pub(crate) is_owner: bool,
    /// Later ones.
    pub(crate) waiting: u64,
    /// Those whose time has come, and which have not begun.
    pub(crate) due: u64,
    /// Those at work.
    pub(crate) running: u64,
}

impl Runs {
    /// None yet.
    pub(crate) fn new(name: &'static str) -> Self {
        Self { name, now: Arc::default() }
    }

    /// The group's name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// How it stands.
    pub(crate) fn now(&self) -> Now {
        *self.held()
    }

    /// Another process works for the group.
    pub(crate) fn are_elsewhere(&self) {
        *self.held() = Now::default();
    }

    /// Of all that are known so many are due.
    pub(crate) fn plan(&self, known: usize, due: usize) {
        let mut now = self.held();
        (now.is_owner, now.waiting, now.due) = (true, known.saturating_sub(due) as u64, due as u64);
    }

    /// One begins, and ends when this is dropped.
    pub(crate) fn begin(&self) -> AtWork {
        let mut now = self.held();
        now.due = now.due.saturating_sub(1);
        now.running += 1;
        drop(now);
        AtWork(self.clone())
    }

    fn held(&self) -> MutexGuard<'_, Now> {
        self.now.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A run that is at work.
pub(crate) struct AtWork(Runs);

impl Drop for AtWork {
    fn drop(&mut self) {
        let mut now = self.0.held();
        now.running = now.running.saturating_sub(1);
    }
}
