//! Who listens in this process, and the way of a message to them: a ring a topic of a tenant, so that nobody who is slow holds
//! anybody up or more than a ring in memory.

use super::Broadcast;
use crate::event::Tenant;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::broadcast::{self, error::RecvError};

/// How many messages are kept for a subscriber that is slower than they come.
const KEPT: usize = 256;

/// What a subscriber hears.
#[derive(Clone, Debug, PartialEq)]
pub enum Heard {
    /// A message.
    Message(Arc<Broadcast>),
    /// Something was sent that it will not hear: whatever it knows from messages may be out of date.
    Missed(Missed),
}

/// What a subscriber will not hear.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Missed {
    /// Messages that came faster than they were taken.
    pub count: u64,
    /// Whether others may have been sent while this process was cut off from them; nobody knows how many.
    pub perhaps_more: bool,
}

/// The topics that somebody listens to.
#[derive(Default)]
pub(super) struct Hub(Mutex<Kept>);

#[derive(Default)]
struct Kept {
    topics: HashMap<Key, Topic>,
    is_closed: bool,
}

/// A topic of a tenant.
pub(super) type Key = (Tenant, String);

struct Topic {
    sender: broadcast::Sender<Item>,
    now: Count,
}

impl Default for Topic {
    fn default() -> Self {
        Self { sender: broadcast::Sender::new(KEPT), now: Count::default() }
    }
}

/// What a topic has seen since somebody listens to it.
#[derive(Clone, Copy, Default)]
struct Count {
    messages: u64,
    gaps: u64,
}

#[derive(Clone)]
struct Item {
    /// With this one.
    count: Count,
    /// None for a gap.
    message: Option<Arc<Broadcast>>,
}

impl Topic {
    fn tell(&mut self, message: Option<Arc<Broadcast>>) {
        match message {
            Some(_) => self.now.messages += 1,
            None => self.now.gaps += 1,
        }
        // Whoever listened may just have gone.
        let _ = self.sender.send(Item { count: self.now, message });
    }
}

impl Hub {
    /// Lets the subscribers of its topic hear a message.
    pub(super) fn publish(&self, message: Broadcast) {
        let mut kept = self.kept();
        if kept.topics.is_empty() {
            return;
        }
        let key = (message.tenant.clone(), message.topic.clone());
        if let Some(topic) = kept.topics.get_mut(&key) {
            topic.tell(Some(Arc::new(message)));
        }
    }

    /// Tells all subscribers that something may have been sent that was not heard.
    #[cfg(feature = "postgres")]
    pub(super) fn gap(&self) {
        self.kept().topics.values_mut().for_each(|topic| topic.tell(None));
    }

    /// Listens to a topic of a tenant from now on.
    pub(super) fn subscribe(hub: &Arc<Self>, tenant: &Tenant, topic: &str) -> Subscription {
        let key = (tenant.clone(), topic.to_owned());
        let mut kept = hub.kept();
        let (receiver, seen) = if kept.is_closed {
            (Topic::default().sender.subscribe(), Count::default())
        } else {
            let topic = kept.topics.entry(key.clone()).or_default();
            (topic.sender.subscribe(), topic.now)
        };
        drop(kept);
        Subscription { receiver, seen, held: None, key, hub: Arc::clone(hub) }
    }

    /// Ends all subscriptions.
    pub(super) fn close(&self) {
        let mut kept = self.kept();
        kept.is_closed = true;
        kept.topics.clear();
    }

    fn leave(&self, key: &Key) {
        let mut kept = self.kept();
        // Whoever leaves still counts.
        if kept.topics.get(key).is_some_and(|topic| topic.sender.receiver_count() <= 1) {
            kept.topics.remove(key);
        }
    }

    #[cfg(test)]
    pub(super) fn topics(&self) -> usize {
        self.kept().topics.len()
    }

    fn kept(&self) -> MutexGuard<'_, Kept> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is sent about one topic of one tenant. Dropped, it is over.
pub struct Subscription {
    receiver: broadcast::Receiver<Item>,
    /// What was told so far.
    seen: Count,
    /// A message that comes behind what was missed.
    held: Option<Arc<Broadcast>>,
    key: Key,
    hub: Arc<Hub>,
}

impl Subscription {
    /// The next message, or that some were missed; none when the database is closed. Up to 256 messages wait to be taken,
    /// then the oldest go. It may be dropped while it waits without losing anything.
    pub async fn next(&mut self) -> Option<Heard> {
        if let Some(message) = self.held.take() {
            return Some(Heard::Message(message));
        }
        loop {
            match self.receiver.recv().await {
                Ok(Item { count, message }) => {
                    let before = count.messages - u64::from(message.is_some());
                    let missed = Missed {
                        count: before.saturating_sub(self.seen.messages),
                        perhaps_more: count.gaps > self.seen.gaps,
                    };
                    self.seen = count;
                    if missed != Missed::default() {
                        self.held = message;
                        return Some(Heard::Missed(missed));
                    }
                    if let Some(message) = message {
                        return Some(Heard::Message(message));
                    }
                }
                // The next one tells how many.
                Err(RecvError::Lagged(_)) => {}
                Err(RecvError::Closed) => return None,
            }
        }
    }
}

#[cfg(test)]
impl Subscription {
    pub(super) fn key(&self) -> &Key {
        &self.key
    }
}

impl Drop for Subscription {
    fn drop(&mut self) {
        self.hub.leave(&self.key);
    }
}
