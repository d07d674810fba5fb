//! The files of a service that runs in this process.

use super::config::Config;
use super::peers::Trust;
use crate::database::Databases;
use crate::error::Error;
use crate::files::{Collector, Files};
use crate::service::Service;

/// Keeps the files of a service, and removes those that nobody needs.
pub(super) struct Keeper {
    files: Files,
    collector: Collector,
}

impl Keeper {
    /// Opens them, lets the service use them, and begins to look for unused ones.
    ///
    /// # Errors
    /// [`Error::Config`]: it is not said where they are, or they cannot be there.
    pub(super) fn start(
        (service, databases): (&Service, &Databases),
        config: &Config,
        trust: &Trust,
    ) -> Result<Self, Error> {
        let name = service.name();
        let database = config.databases.get(name).map(String::as_str).unwrap_or_default();
        let files = Files::open((name, database), databases.clone(), config.files.clone(), trust.links());
        let files = files.map_err(|problem| Error::Config(vec![problem]))?;
        service.keep_files(files.clone());
        Ok(Self { collector: Collector::start(&files), files })
    }

    pub(super) fn files(&self) -> Files {
        self.files.clone()
    }

    /// Stops looking for unused ones.
    pub(super) async fn stop(self) {
        self.collector.stop().await;
    }
}
