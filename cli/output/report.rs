//! What `--check` and `--dry-run` say of a plan: each file, its state, a unified diff.

use super::{Change, Plan};
use similar::TextDiff;

/// How a file differs from what the inputs say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Its text is another.
    Differs,
    /// It is not there.
    Missing,
    /// Nothing asks for it any more.
    Stale,
    /// Somebody edited it by hand.
    Edited,
    /// It is the user's, who may take the change over.
    Yours,
}

impl State {
    /// One word for people and machines.
    pub fn word(self) -> &'static str {
        match self {
            Self::Differs => "differs",
            Self::Missing => "missing",
            Self::Stale => "stale",
            Self::Edited => "edited",
            Self::Yours => "yours",
        }
    }
}

/// One file that is not as it should be.
#[derive(Clone, Debug)]
pub struct Difference {
    /// Relative path.
    pub path: String,
    /// How it differs.
    pub state: State,
    /// From what is there to what should be.
    pub diff: String,
}

/// Every file that a plan would change, sorted by path.
pub fn differences(plan: &Plan<'_>) -> Vec<Difference> {
    let written = plan.write.iter().map(|change| {
        let state = if change.before.is_some() { State::Differs } else { State::Missing };
        difference(change, state)
    });
    let removed = plan.remove.iter().map(|change| difference(change, State::Stale));
    let edited = plan.edited.iter().map(|change| difference(change, State::Edited));
    let mut all: Vec<_> = written.chain(removed).chain(edited).collect();
    all.sort_by(|a, b| a.path.cmp(&b.path));
    all
}

/// From what is there to what should be, in one file.
pub fn difference(change: &Change<'_>, state: State) -> Difference {
    let before = change.before.as_deref().unwrap_or("");
    let diff = TextDiff::from_lines(before, &*change.after);
    let from = if change.before.is_some() { format!("a/{}", change.path) } else { "/dev/null".to_owned() };
    let to = if state == State::Stale { "/dev/null".to_owned() } else { format!("b/{}", change.path) };
    let text = diff.unified_diff().context_radius(3).header(&from, &to).to_string();
    Difference { path: change.path.to_string(), state, diff: text }
}
