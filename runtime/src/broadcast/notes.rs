//! What the processes of a database tell each other in passing: hints, never more.

use crate::store::StoreError;
use std::sync::Arc;
use tokio::sync::broadcast;

/// How many notes may wait for one who listens.
const KEPT: usize = 1024;

/// Something that was heard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// What a process told, this one perhaps.
    Said(Arc<str>),
    /// What was told before this, and not heard, is lost: this process was cut off.
    Gap,
}

/// Where processes tell each other something.
#[async_trait::async_trait]
pub(crate) trait Notes: Send + Sync + 'static {
    /// Tells all processes, this one among them.
    ///
    /// # Errors
    /// If the database fails.
    async fn tell(&self, note: &str) -> Result<(), StoreError>;

    /// What is told from now on.
    fn notes(&self) -> broadcast::Receiver<Note>;
}

/// Notes where there is no other process.
pub(crate) struct Own(broadcast::Sender<Note>);

impl Own {
    /// Nobody listens yet.
    pub(crate) fn new() -> Self {
        Self(broadcast::Sender::new(KEPT))
    }
}

#[async_trait::async_trait]
impl Notes for Own {
    async fn tell(&self, note: &str) -> Result<(), StoreError> {
        // Nobody may be listening.
        let _ = self.0.send(Note::Said(note.into()));
        Ok(())
    }

    fn notes(&self) -> broadcast::Receiver<Note> {
        self.0.subscribe()
    }
}
