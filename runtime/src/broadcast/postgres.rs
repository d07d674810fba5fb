//! Broadcasts among the processes of a PostgreSQL schema: told through `NOTIFY`, heard by `LISTEN`.
//!
//! One statement of its own for each message, one at a time, so that neither appends nor reads wait for them. Within the process
//! messages do not go through the server's ears: behind a pooler, where nothing is heard, it is still a broadcast to this one.

use super::{Broadcast, Broadcasts, Hub, NotSent, Note, Notes, Subscription};
use crate::event::Tenant;
use crate::store::StoreError;
use crate::store::postgres::PostgresEvents;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Mutex;
use tokio::sync::broadcast::{Receiver, error::RecvError};
use uuid::Uuid;

/// What a message begins with among the notes.
const WORD: &str = "say ";
/// How long a message waits for those before it.
const PATIENCE: Duration = Duration::from_secs(10);
/// Senders whose last message is remembered, at most.
const SENDERS: usize = 1000;

/// The broadcasts of the processes that share a schema.
pub(crate) struct PostgresBroadcasts {
    hub: Arc<Hub>,
    notes: Arc<dyn Notes>,
    /// Tells this process's messages from the others'.
    sender: Uuid,
    /// The number of the last message that was sent; whoever holds it sends.
    sent: Mutex<u64>,
}

impl PostgresBroadcasts {
    /// Those of the schema of these events. Must be called in a runtime.
    pub(crate) fn new(events: &PostgresEvents) -> Self {
        let (hub, sender) = (Arc::new(Hub::default()), Uuid::now_v7());
        let others = Others { own: sender, last: HashMap::new(), hub: Arc::clone(&hub) };
        tokio::spawn(others.listen(events.notes()));
        Self { hub, notes: Arc::new(events.clone()), sender, sent: Mutex::new(0) }
    }
}

#[async_trait::async_trait]
impl Broadcasts for PostgresBroadcasts {
    async fn send(&self, message: Broadcast) -> Result<(), NotSent> {
        let text = message.encode()?;
        let turn = tokio::time::timeout(PATIENCE, self.sent.lock()).await;
        let mut sent = turn.map_err(|_| StoreError::Unreachable("others wait to be told something".to_owned()))?;
        *sent += 1;
        self.notes.tell(&format!("{WORD}{} {sent} {text}", self.sender.simple())).await?;
        self.hub.publish(message);
        Ok(())
    }

    fn subscribe(&self, tenant: &Tenant, topic: &str) -> Subscription {
        Hub::subscribe(&self.hub, tenant, topic)
    }

    fn close(&self) {
        self.hub.close();
    }
}

#[async_trait::async_trait]
impl Notes for PostgresEvents {
    async fn tell(&self, note: &str) -> Result<(), StoreError> {
        Self::tell(self, note).await
    }

    fn notes(&self) -> Receiver<Note> {
        Self::notes(self)
    }
}

/// What other processes send.
struct Others {
    own: Uuid,
    /// The number of each sender's last message: one whose connection ended may have been told twice.
    last: HashMap<Uuid, u64>,
    hub: Arc<Hub>,
}

impl Others {
    async fn listen(mut self, mut notes: Receiver<Note>) {
        loop {
            match notes.recv().await {
                Ok(Note::Said(note)) => {
                    if let Some(message) = note.strip_prefix(WORD).and_then(|note| self.read(note)) {
                        self.hub.publish(message);
                    }
                }
                // Among what came too fast may have been messages.
                Ok(Note::Gap) | Err(RecvError::Lagged(_)) => self.hub.gap(),
                Err(RecvError::Closed) => return,
            }
        }
    }

    /// A message that is not this process's own, and was not heard yet.
    fn read(&mut self, note: &str) -> Option<Broadcast> {
        let mut words = note.splitn(3, ' ');
        let sender = Uuid::parse_str(words.next()?).ok().filter(|sender| *sender != self.own)?;
        let number = words.next()?.parse().ok()?;
        if self.last.len() >= SENDERS && !self.last.contains_key(&sender) {
            self.last.clear();
        }
        let last = self.last.insert(sender, number).unwrap_or_default();
        if number > last { Broadcast::decode(words.next()?) } else { None }
    }
}
