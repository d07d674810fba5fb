//! Whether the entries of a table keep its unique constraints, as far as it is known.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio::time::Instant;

use crate::event::{Position, Tenant};

/// How long it takes at least until a table that broke a constraint is looked at again, once it has changed.
const PAUSE: Duration = Duration::from_millis(500);
/// Looking takes at most this part of the time.
const PART: u32 = 10;

/// Whether the entries of a table keep its unique constraints.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Uniqueness {
    /// They do. What has been said once is not taken back.
    #[default]
    Held,
    /// It has not been looked at yet.
    Unknown,
    /// They do not.
    Broken(Arc<[Shared]>),
}

impl Uniqueness {
    pub(super) fn of(shared: Vec<Shared>) -> Self {
        if shared.is_empty() { Self::Held } else { Self::Broken(shared.into()) }
    }

    /// The entries that break them, as far as they are known.
    #[must_use]
    pub fn broken(&self) -> Vec<Shared> {
        match self {
            Self::Broken(shared) => shared.to_vec(),
            Self::Held | Self::Unknown => Vec::new(),
        }
    }
}

/// Entries that share what they must not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Shared {
    /// The constraint's name.
    pub constraint: &'static str,
    /// Whose entries.
    pub tenant: Tenant,
    /// Their ids, the first ten of them.
    pub entries: Vec<String>,
}

/// The constraints that are broken, each once, for whoever must not know by which entries.
pub(super) fn names(shared: &[Shared]) -> String {
    let mut names: Vec<&str> = shared.iter().map(|one| one.constraint).collect();
    names.dedup();
    format!("'{}'", names.join("', '"))
}

/// How far a table is: the last event, and the last change, since an entry may change by an event that lay aside.
pub(super) type Seen = (Position, u64);

/// What a process knows of a table's unique constraints.
#[derive(Default)]
pub(super) struct Verifier {
    /// When the table was looked at last, as of when, and how long that took.
    pub(super) looked: Option<(Instant, Seen, Duration)>,
    /// What it came to.
    pub(super) found: Vec<Shared>,
    /// Whether the entries kept them when this process looked, and it has owned the table ever since.
    pub(super) is_clean: bool,
}

impl Verifier {
    /// Whether there is reason to look.
    pub(super) fn is_due(&self, now: Seen) -> bool {
        let rested = |at: Instant, took: Duration| at.elapsed() >= PAUSE.max(took.saturating_mul(PART));
        self.looked.is_none_or(|(at, seen, took)| now != seen && rested(at, took))
    }
}
