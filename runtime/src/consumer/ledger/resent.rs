//! Letting whoever works for a group know at once that something parked was asked for again.

use super::Ledger;
use crate::broadcast::Note;
use tokio::sync::broadcast::{Receiver, error::RecvError};

/// What the note begins with; the group's name follows.
const WORD: &str = "resent ";

/// Hints that something of one group was asked for again. They may be lost; the ledger is what counts.
pub(crate) struct Resent {
    notes: Receiver<Note>,
    group: String,
}

impl Ledger {
    /// Hints about this group, wherever it was asked, from now on.
    pub(crate) fn resent_of(&self, group: &str) -> Resent {
        Resent { notes: self.notes.notes(), group: group.to_owned() }
    }

    /// Tells every process.
    pub(crate) async fn tell_resent(&self, group: &str) {
        if let Err(error) = self.notes.tell(&format!("{WORD}{group}")).await {
            tracing::debug!(group, %error, "other processes were not told and will find out by themselves");
        }
    }
}

impl Resent {
    /// Waits for the next hint; for ever when there will be none.
    pub(crate) async fn next(&mut self) {
        loop {
            match self.notes.recv().await {
                Ok(Note::Said(note)) if note.strip_prefix(WORD) != Some(&self.group) => {}
                // It may have been among what was not heard.
                Ok(Note::Said(_) | Note::Gap) | Err(RecvError::Lagged(_)) => return,
                Err(RecvError::Closed) => std::future::pending().await,
            }
        }
    }
}
