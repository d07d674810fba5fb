//! The services that automations send commands to, and whose events are read: in this process, or over the network.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;

use crate::auth::ServiceKeys;
#[cfg(feature = "erasure")]
use crate::erasure::Erasure;
use crate::rpc::Channel;

/// How long a run waits for the services of its process to be there.
const PATIENCE: Duration = Duration::from_secs(10);

type Channels = Arc<BTreeMap<String, Channel>>;

/// The ways to other services, and what is shown there. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Peers {
    keys: ServiceKeys,
    channels: watch::Receiver<Option<Channels>>,
    open: Arc<watch::Sender<Option<Channels>>>,
    /// What erases subjects of the service whose automations these are.
    #[cfg(feature = "erasure")]
    erasure: Option<Erasure>,
}

impl Peers {
    /// No ways yet: all services of a process start first.
    pub(crate) fn new(keys: ServiceKeys) -> Self {
        let (open, channels) = watch::channel(None);
        Self {
            keys,
            channels,
            open: Arc::new(open),
            #[cfg(feature = "erasure")]
            erasure: None,
        }
    }

    /// The same for the automations of a service whose events have personal fields.
    #[cfg(feature = "erasure")]
    pub(crate) fn erasing_with(self, erasure: Option<Erasure>) -> Self {
        Self { erasure, ..self }
    }

    /// What erases subjects of the service.
    #[cfg(feature = "erasure")]
    pub(crate) fn erasure(&self) -> Option<&Erasure> {
        self.erasure.as_ref()
    }

    /// Says where each service is; runs that wait for it go on.
    pub(crate) fn open(&self, channels: BTreeMap<String, Channel>) {
        self.open.send_replace(Some(Arc::new(channels)));
    }

    /// What tokens are signed with.
    pub(crate) fn keys(&self) -> &ServiceKeys {
        &self.keys
    }

    /// The way to a service.
    ///
    /// # Errors
    /// A sentence if it is not there yet, or not known here.
    pub(crate) async fn channel(&self, service: &str) -> Result<Channel, String> {
        let mut channels = self.channels.clone();
        let known = tokio::time::timeout(PATIENCE, channels.wait_for(Option::is_some)).await;
        let Ok(Ok(known)) = known else { return Err("the services of this process are not there yet".to_owned()) };
        let found = known.as_ref().and_then(|channels| channels.get(service)).cloned();
        found.ok_or_else(|| format!("it is not known where the service `{service}` is"))
    }
}
