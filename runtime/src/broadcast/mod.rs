//! Messages that are not stored: to every subscriber that is there at that moment, in all processes of a service, and to nobody
//! who comes later.
//!
//! For what is worthless a moment later: who is typing, that a cache is stale, that a screen may refresh. What must arrive is an
//! event. A message is heard at most once, those of one sender in the order in which they were sent. A subscriber that is too
//! slow, or whose process was cut off from the others, is told that it has missed something.

mod hub;
mod notes;
#[cfg(feature = "postgres")]
mod postgres;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::event::Tenant;
use crate::store::StoreError;
use crate::value::Json;

use hub::Hub;
pub use hub::{Heard, Missed, Subscription};
pub use notes::Note;
pub(crate) use notes::{Notes, Own};
#[cfg(feature = "postgres")]
pub(crate) use postgres::PostgresBroadcasts;

/// The longest message, in bytes: the JSON of `[tenant, topic, payload]`. PostgreSQL carries 8,000 bytes from process to process,
/// and what goes there goes everywhere.
pub const LARGEST: usize = 7_900;

/// A message that is not stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Broadcast {
    /// Whose it is: only this tenant's subscribers hear it.
    pub tenant: Tenant,
    /// What it is about; subscribers name it.
    pub topic: String,
    /// What it says.
    pub payload: Json,
}

impl Broadcast {
    /// A message of a tenant about a topic.
    pub fn new(tenant: Tenant, topic: impl Into<String>, payload: Json) -> Self {
        Self { tenant, topic: topic.into(), payload }
    }

    /// As it travels.
    ///
    /// # Errors
    /// [`NotSent::TooLarge`].
    fn encode(&self) -> Result<String, NotSent> {
        let text = serde_json::json!([self.tenant, self.topic, self.payload]).to_string();
        if text.len() > LARGEST { Err(NotSent::TooLarge { bytes: text.len() }) } else { Ok(text) }
    }

    /// What travelled; none if it is none of ours.
    #[cfg(feature = "postgres")]
    fn decode(text: &str) -> Option<Self> {
        let (tenant, topic, payload) = serde_json::from_str(text).ok()?;
        Some(Self { tenant, topic, payload })
    }
}

/// Why a message was not sent.
#[derive(Debug, thiserror::Error)]
pub enum NotSent {
    /// It is longer than [`LARGEST`].
    #[error(
        "a message of {bytes} bytes is too large to be broadcast; {LARGEST} are possible: store it, and say where it is"
    )]
    TooLarge {
        /// How long it is.
        bytes: usize,
    },
    /// The database failed. Nobody in this process has heard it; other processes may have, if the connection ended meanwhile.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The broadcasts of a database.
#[async_trait::async_trait]
pub trait Broadcasts: Send + Sync + 'static {
    /// Sends to all who have subscribed to the topic for the tenant, in all processes. It takes part in no transaction: to be
    /// sent after what it tells of is stored.
    ///
    /// # Errors
    /// [`NotSent`].
    async fn send(&self, message: Broadcast) -> Result<(), NotSent>;

    /// What is sent about a topic for a tenant from now on.
    fn subscribe(&self, tenant: &Tenant, topic: &str) -> Subscription;

    /// Ends all subscriptions, those to come among them.
    fn close(&self);
}

/// Broadcasts where there is no other process.
pub(crate) struct InProcess(Arc<Hub>);

impl InProcess {
    /// Nobody has subscribed yet.
    pub(crate) fn new() -> Self {
        Self(Arc::default())
    }
}

#[async_trait::async_trait]
impl Broadcasts for InProcess {
    async fn send(&self, message: Broadcast) -> Result<(), NotSent> {
        message.encode()?;
        self.0.publish(message);
        Ok(())
    }

    fn subscribe(&self, tenant: &Tenant, topic: &str) -> Subscription {
        Hub::subscribe(&self.0, tenant, topic)
    }

    fn close(&self) {
        self.0.close();
    }
}
