//! What processes that share tables tell each other: how far a table has come.

use super::{Checkpoint, Place};
use crate::broadcast::Note;
use std::sync::Arc;
use tokio::sync::broadcast::{self, error::RecvError};

/// Hints about one table. They may be lost; the stored checkpoint is what counts.
pub struct Told {
    notes: broadcast::Receiver<Note>,
    table: Arc<str>,
}

impl Told {
    /// Those about this table among all notes.
    #[must_use]
    pub fn new(notes: broadcast::Receiver<Note>, place: &Place) -> Self {
        Self { notes, table: Arc::clone(&place.name) }
    }

    /// The note that tells this. What others need not know is left out.
    #[must_use]
    pub fn note(place: &Place, now: Checkpoint) -> String {
        format!("table {} {} {}", place.name, now.position, now.last_change)
    }

    /// The next hint; waits for ever when there will be none.
    pub async fn next(&mut self) -> Checkpoint {
        loop {
            match self.notes.recv().await {
                Ok(Note::Said(note)) => {
                    if let Some(now) = self.read(&note) {
                        return now;
                    }
                }
                Ok(Note::Gap) | Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return std::future::pending().await,
            }
        }
    }

    fn read(&self, note: &str) -> Option<Checkpoint> {
        let mut words = note.strip_prefix("table ")?.strip_prefix(&*self.table)?.strip_prefix(' ')?.split(' ');
        let (position, last_change) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
        Some(Checkpoint { position, last_change, ..Checkpoint::default() })
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::entry::Table;

    #[tokio::test]
    async fn a_table_hears_of_itself_only() {
        let place = |name| Place::new("s", Table { entry: "E", name, definition: "d", columns: &[], indexes: &[] });
        let (one, two) = (place("one"), place("one_d"));
        let sender = broadcast::Sender::new(8);
        let mut told = Told::new(sender.subscribe(), &one);
        let now = Checkpoint { position: 7, last_change: 3, history: 0 };
        for note in ["nothing".to_owned(), Told::note(&two, now), "table s_one_d x y".to_owned(), Told::note(&one, now)]
        {
            sender.send(Note::Said(note.into())).unwrap();
        }
        assert_eq!(told.next().await, now);
    }
}
