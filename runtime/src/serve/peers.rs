//! How the services of this process know each other and those elsewhere: the tokens that they show, and where to find them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::channel::over_network;
use super::config::{Config, url_setting};
use super::{ServiceDefinition, verifier};
#[cfg(any(feature = "files", feature = "gateway"))]
use crate::auth::LinkKeys;
use crate::auth::{Secret, ServiceKeys, Verifier};
use crate::automation::Peers;
use crate::error::Error;
use crate::rpc::Channel;

/// Whom the services of this process believe, and whom they reach.
pub(super) struct Trust {
    verifier: Arc<Verifier>,
    #[cfg(any(feature = "files", feature = "gateway"))]
    links: LinkKeys,
    peers: Peers,
    /// Services that this process calls over the network.
    away: BTreeMap<String, Channel>,
}

/// Builds it for the services that are about to start.
///
/// # Errors
/// [`Error::Config`]: a service that is sent commands, or whose events are read, is not here, and it is not said where it is.
pub(super) fn trust(definitions: &[ServiceDefinition], config: &Config) -> Result<Trust, Error> {
    trust_by(definitions, config, &|name| std::env::var(name).ok())
}

/// The same by other settings than those of the environment.
pub(super) fn trust_by(
    definitions: &[ServiceDefinition],
    config: &Config,
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<Trust, Error> {
    let here: BTreeSet<&str> = definitions.iter().map(|definition| definition.name).collect();
    let wanted = definitions.iter().flat_map(|one| one.targets.iter().chain(one.sources.keys()).copied());
    let wanted: BTreeSet<&str> = wanted.collect();
    let away = away(wanted.difference(&here).copied(), config, get)?;
    // Whoever runs by itself needs no secret that others know.
    let secret = config.service_secret.clone().unwrap_or_else(Secret::random);
    let unusable = |problem| Error::Config(vec![format!("SERVICE_SECRET: {problem}")]);
    let keys = ServiceKeys::new(&secret).map_err(unusable)?;
    #[cfg(any(feature = "files", feature = "gateway"))]
    let links = LinkKeys::new(&secret).map_err(unusable)?;
    let verifier = Arc::new(verifier(&config.auth)?.with_services(keys.clone()));
    Ok(Trust {
        verifier,
        #[cfg(any(feature = "files", feature = "gateway"))]
        links,
        peers: Peers::new(keys),
        away,
    })
}

impl Trust {
    pub(super) fn verifier(&self) -> Arc<Verifier> {
        Arc::clone(&self.verifier)
    }

    /// What signs links to files, and verifies them.
    #[cfg(any(feature = "files", feature = "gateway"))]
    pub(super) fn links(&self) -> LinkKeys {
        self.links.clone()
    }

    pub(super) fn peers(&self) -> Peers {
        self.peers.clone()
    }

    /// Lets the services reach what runs here, and what runs elsewhere.
    pub(super) fn open(&self, here: impl Iterator<Item = (String, Channel)>) {
        self.peers.open(here.chain(self.away.clone()).collect());
    }
}

fn away<'a>(
    names: impl Iterator<Item = &'a str>,
    config: &Config,
    get: &dyn Fn(&str) -> Option<String>,
) -> Result<BTreeMap<String, Channel>, Error> {
    let (mut channels, mut problems) = (BTreeMap::new(), Vec::new());
    for name in names {
        let setting = url_setting(name);
        let url = get(&setting).unwrap_or_default();
        let found = match url.trim() {
            "" => Err(format!(
                "is not set; it says where the service `{name}` is, to which commands are sent or whose events are read"
            )),
            url => over_network(url, config.bounds.call),
        };
        match found {
            Ok(channel) => drop(channels.insert(name.to_owned(), channel)),
            Err(problem) => problems.push(format!("{setting}: {problem}")),
        }
    }
    if !channels.is_empty() && config.service_secret.is_none() {
        let problem =
            "SERVICE_SECRET: is not set; it signs the tokens with which other processes are sent commands and read";
        problems.push(problem.to_owned());
    }
    if problems.is_empty() { Ok(channels) } else { Err(Error::Config(problems)) }
}
