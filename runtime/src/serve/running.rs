//! A service that runs in this process: its databases, its projections, its consumer groups, its routes.

use std::sync::Arc;
use std::time::Duration;

use tonic::service::Routes;

use super::ServiceDefinition;
use super::config::Config;
#[cfg(feature = "files")]
use super::files::Keeper;
use super::grpc;
use super::operators::Operated;
use super::peers::Trust;
use super::readiness::{Lag, Probe};
#[cfg(feature = "erasure")]
use super::sealing;
use super::telemetry::Measure;
use crate::auth::System;
use crate::automation::Keeping;
use crate::consumer::Groups;
use crate::database::{Database, Databases};
use crate::deletion::{self, Deleting, Pace};
#[cfg(feature = "erasure")]
use crate::erasure::Erasure;
use crate::error::Error;
use crate::event::{Names, Tenant};
use crate::feed::{Events, Feeds};
#[cfg(feature = "files")]
use crate::files::{Files, Served};
use crate::projection::Engines;
use crate::rpc::Channel;
use crate::service::Service;
use crate::store::{EventStore, StoreError};

/// A service that has been started.
pub(super) struct Running {
    name: &'static str,
    databases: Databases,
    events: Arc<dyn EventStore>,
    names: Names,
    feeds: Feeds,
    engines: Engines,
    groups: Groups,
    /// Where it has personal fields.
    #[cfg(feature = "erasure")]
    erasure: Option<Erasure>,
    /// Automations over views.
    views: Vec<Keeping>,
    deleting: Deleting,
    routes: Routes,
    #[cfg(feature = "files")]
    files: Option<Keeper>,
    /// For reflection.
    pub(super) descriptors: Vec<&'static [u8]>,
}

impl Running {
    /// Opens the database, starts the projections and then the consumer groups.
    ///
    /// # Errors
    /// [`Error::Start`], and [`Error::Config`] if its files cannot be kept.
    pub(super) async fn start(definition: ServiceDefinition, config: &Config, trust: &Trust) -> Result<Self, Error> {
        let service = definition.name;
        let url = config.databases.get(service).map(String::as_str).unwrap_or_default();
        let failed = |cause: StoreError| Error::Start { service, cause: cause.into() };
        let database = Database::open(url, service).await.map_err(failed)?.renamed(definition.renamed);
        #[cfg(feature = "erasure")]
        let (database, erasure) = match sealing::open(&definition, config, database.clone(), false).await {
            Ok(opened) => opened,
            Err(error) => {
                database.close().await;
                return Err(error);
            }
        };
        let (events, names) = (Arc::clone(database.events()), database.names().clone());
        let feeds = Feeds::new((service, &database), trust.peers(), definition.sources);
        let databases = Databases::single(database);
        let engines = definition.projections.start_on(&databases, &feeds).await.map_err(failed)?;
        let handle = Service::new(databases.clone(), trust.verifier(), engines.clone(), service);
        let peers = trust.peers();
        #[cfg(feature = "erasure")]
        let peers = peers.erasing_with(erasure.clone());
        handle.meet(peers);
        #[cfg(feature = "files")]
        let files = if definition.files { Some(Keeper::start((&handle, &databases), config, trust)?) } else { None };
        let routes = grpc::merged(definition.routes.iter().map(|routes| routes(handle.clone())));
        // After everything that they may ask of the service is there.
        let consumers: Vec<_> = definition.consumers.iter().map(|make| make(&handle)).collect();
        deletion::check(&definition.topics, &consumers).map_err(failed)?;
        let groups = Groups::start_on(&consumers, &databases, &feeds).await.map_err(failed)?;
        let views: Vec<Keeping> = definition.views.iter().flat_map(|start| start(&handle)).collect();
        groups.list(views.iter().map(Keeping::runs).collect());
        let deleting = Deleting::start(service, &definition.topics, &databases, Pace::default());
        tracing::info!(service, "started");
        let descriptors = definition.descriptors;
        Ok(Self {
            name: service,
            databases,
            events,
            names,
            feeds,
            engines,
            groups,
            #[cfg(feature = "erasure")]
            erasure,
            views,
            deleting,
            routes,
            #[cfg(feature = "files")]
            files,
            descriptors,
        })
    }

    /// Its routes, for callers of every kind.
    pub(super) fn routes(&self) -> Routes {
        self.routes.clone()
    }

    /// The same, with its files, for callers within the process.
    #[cfg(feature = "gateway")]
    pub(super) fn inner_routes(&self, trust: &Trust) -> Routes {
        with_files(self.routes(), [self], trust)
    }

    /// Its files.
    #[cfg(feature = "files")]
    pub(super) fn files(&self) -> Option<(&'static str, Files)> {
        self.files.as_ref().map(|keeper| (self.name, keeper.files()))
    }

    /// Its routes for the process itself, which may do everything for this tenant.
    pub(super) fn system_routes(&self, tenant: Tenant) -> Routes {
        as_system(self.routes.clone(), tenant)
    }

    /// The way to it for the other services of this process, each call for this long at most.
    pub(super) fn here(&self, trust: &Trust, call: Duration) -> (String, Channel) {
        let events = Events::new([self.events()], trust.verifier(), None);
        (self.name.to_owned(), Channel::here(self.routes().add_service(events), call))
    }

    /// Its events, for other services.
    pub(super) fn events(&self) -> (&'static str, Arc<dyn EventStore>, Names) {
        (self.name, Arc::clone(&self.events), self.names.clone())
    }

    /// Notes where new groups of other services' events begin, as far as those can be reached.
    pub(super) async fn begin(&self) {
        self.groups.begin().await;
    }

    /// Its name.
    pub(super) fn name(&self) -> &'static str {
        self.name
    }

    /// Its part of what operators see.
    pub(super) fn operated(&self) -> Operated {
        Operated {
            service: self.name,
            groups: self.groups.clone(),
            engines: self.engines.clone(),
            #[cfg(feature = "erasure")]
            erasure: self.erasure.clone(),
        }
    }

    /// What tells whether its projections have caught up and its databases can be written.
    pub(super) fn probe(&self) -> Probe {
        let (service, engines, databases) = (self.name, self.engines.clone(), self.databases.clone());
        Arc::new(move || {
            let (engines, databases) = (engines.clone(), databases.clone());
            Box::pin(async move { lagging(service, &engines, &databases).await })
        })
    }

    /// What sets the metrics of its projections.
    pub(super) fn measure(&self) -> Measure {
        let engines = self.engines.clone();
        Arc::new(move || engines.measure())
    }

    /// Its projections.
    #[cfg(feature = "progress-bar")]
    pub(super) fn engines(&self) -> Engines {
        self.engines.clone()
    }

    /// Whether no event has ever been stored.
    pub(super) async fn is_empty(&self) -> Result<bool, StoreError> {
        for database in self.databases.all() {
            if database.events().head().await? != 0 {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Follows other services no longer, which may be stopped before this one.
    pub(super) fn turn_away(&self) {
        self.feeds.stop();
    }

    /// Stops what consumes events, then the projections, and closes the databases.
    pub(super) async fn stop(self) {
        #[cfg(feature = "files")]
        if let Some(keeper) = self.files {
            keeper.stop().await;
        }
        futures_util::future::join_all(self.views.into_iter().map(Keeping::stop)).await;
        self.deleting.stop().await;
        self.groups.stop().await;
        self.engines.stop().await;
        #[cfg(feature = "erasure")]
        if let Some(erasure) = &self.erasure {
            erasure.close().await;
        }
        self.databases.close().await;
    }
}

/// The routes, with the files of these services.
pub(super) fn with_files<'a>(routes: Routes, running: impl IntoIterator<Item = &'a Running>, trust: &Trust) -> Routes {
    #[cfg(feature = "files")]
    {
        let served = Served::new(running.into_iter().filter_map(Running::files), trust.verifier());
        if !served.is_empty() {
            return routes.add_service(served);
        }
    }
    #[cfg(not(feature = "files"))]
    let _ = (running, trust);
    routes
}

async fn lagging(service: &str, engines: &Engines, databases: &Databases) -> Vec<Lag> {
    let behind = engines.readiness().into_iter().filter(|one| one.lag().is_some());
    let mut found: Vec<Lag> = behind.map(|one| Lag::of(service, &one)).collect();
    for database in databases.all() {
        if let Some(problem) = database.trouble().await {
            let state = format!("its database cannot be written: {problem}");
            found.push(Lag::of_service(service, state));
        }
    }
    found
}

/// The same routes, whose every request comes from this very process. Not to be listened with.
pub(super) fn as_system(routes: Routes, tenant: Tenant) -> Routes {
    Routes::from(routes.into_axum_router().layer(axum::Extension(System(tenant))))
}
