//! One run of an automation: what it is called, and the way its commands go out.

use tonic::Request;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};

use super::answer::judge;
use super::{Failure, Peers, Sends, Target};
#[cfg(feature = "erasure")]
use crate::erasure::{By, Erased};
use crate::event::Tenant;

/// One run: for one event, or for one entry as it is now.
#[derive(Clone, Debug)]
pub struct Run<'a> {
    /// Whose data it is about.
    pub tenant: &'a Tenant,
    /// What it is called: the same in every attempt, another for every other run. Effects that must not happen twice hand it
    /// on (as a mail's message id, a payment's reference).
    pub key: &'a str,
    /// Which attempt it is, from 1.
    pub attempt: u32,
    /// Ties together what one request from outside causes.
    pub correlation_id: Option<&'a str>,
    /// The event that led to it, by id; none for a run over a view.
    pub cause: Option<&'a str>,
    pub(super) peers: Option<&'a Peers>,
}

impl<'a> Run<'a> {
    /// A first attempt that can send nothing: for tests of effects.
    #[must_use]
    pub fn example(tenant: &'a Tenant, key: &'a str) -> Self {
        Self { tenant, key, attempt: 1, correlation_id: None, cause: None, peers: None }
    }

    /// The same, with a way to send commands.
    pub(super) fn with_peers(self, peers: Option<&'a Peers>) -> Self {
        Self { peers, ..self }
    }

    /// Sends the commands one after the other; the first that fails ends the run, and those before it answer the next attempt
    /// as they answered this one.
    ///
    /// # Errors
    /// [`Failure::Retry`] for what may pass, [`Failure::Park`] for a rejection that is not passed over.
    pub async fn send<A: Sends>(
        &self,
        commands: impl IntoIterator<Item = A::Command, IntoIter: Send> + Send,
    ) -> Result<(), Failure> {
        let (Some(peers), Some(target)) = (self.peers, A::TARGET) else {
            return Err(Failure::Park(format!("{} has no way to send a command", A::NAME)));
        };
        for (index, command) in commands.into_iter().enumerate() {
            let channel = peers.channel(target.service).await.map_err(Failure::Retry)?;
            let request = self.request(peers, &target, index, command)?;
            judge(&target, A::send(channel, request).await)?;
        }
        Ok(())
    }

    /// Erases the personal data of a subject of the automation's own service, in the run's tenant. That this run wanted it is
    /// recorded with the reason.
    ///
    /// # Errors
    /// [`Failure::Retry`] if a store fails: the erasure may be half done, and another attempt finishes it. [`Failure::Park`] where
    /// the service has no personal fields.
    #[cfg(feature = "erasure")]
    pub async fn erase(&self, subject: &str, reason: Option<&str>) -> Result<Erased, Failure> {
        let erasure = self.peers.and_then(Peers::erasure);
        let erasure = erasure.ok_or_else(|| Failure::Park("the service has no personal fields to erase".to_owned()))?;
        let by = By { user: Some(self.key.to_owned()), reason: reason.map(str::to_owned) };
        erasure.erase(self.tenant, subject, by).await.map_err(|error| Failure::Retry(error.to_string()))
    }

    fn request<C>(&self, peers: &Peers, target: &Target, index: usize, command: C) -> Result<Request<C>, Failure> {
        let token = peers.keys().token(self.tenant, target).map_err(Failure::Retry)?;
        let mut request = Request::new(command);
        let metadata = request.metadata_mut();
        let bearer = format!("Bearer {token}");
        put(metadata, "authorization", &bearer)?;
        put(metadata, "x-idempotency-key", &format!("{}/{index}", self.key))?;
        if let Some(correlation_id) = self.correlation_id {
            put(metadata, "x-correlation-id", correlation_id)?;
        }
        if let Some(cause) = self.cause {
            put(metadata, "x-causation-id", cause)?;
        }
        Ok(request)
    }
}

fn put(metadata: &mut MetadataMap, name: &'static str, value: &str) -> Result<(), Failure> {
    let value: AsciiMetadataValue =
        value.parse().map_err(|_| Failure::Park(format!("`{name}` cannot travel: it is not plain ASCII")))?;
    metadata.insert(name, value);
    Ok(())
}

impl From<crate::expr::EvalError> for Failure {
    /// An expression without a value has none the next time either.
    fn from(error: crate::expr::EvalError) -> Self {
        Self::Park(error.to_string())
    }
}
