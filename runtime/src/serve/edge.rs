//! Running the GraphQL edge: by itself in front of services elsewhere, or with them in one process.

use std::collections::BTreeMap;
use std::process::ExitCode;
use std::sync::Arc;

use super::channel::over_network;
use super::config::{Bounds, Config, Seed, url_setting};
use super::kind::Kind;
use super::peers::Trust;
use super::process::{Process, Servers, run};
use super::readiness::Readiness;
use super::running::Running;
use super::{ServiceDefinition, http, measured, operated, outer_routes, peers, seed, start, stop, verifier};
use crate::auth::{LinkKeys, Verifier};
use crate::error::Error;
use crate::gateway::{self, Channels, Endpoint, FileLinks, GatewayDefinition, Graph, Limits};
use crate::rpc::Channel;

/// Runs the GraphQL edge until the process is asked to end. `<SERVICE>_URL` says where each
/// service is.
pub fn serve_gateway(definition: GatewayDefinition) -> ExitCode {
    run(Kind::Gateway, &[], |config, process| edge(definition, config, process))
}

/// Runs the GraphQL edge and all services in one process, until it is asked to end. With arguments it does what they say and
/// ends, as a service does.
pub fn app(gateway: GatewayDefinition, services: Vec<ServiceDefinition>) -> ExitCode {
    #[cfg(feature = "erasure")]
    if let Some(done) = super::commands::run(Kind::App, &services) {
        return done;
    }
    let names: Vec<&'static str> = services.iter().map(|service| service.name).collect();
    run(Kind::App, &names, |config, process| whole(gateway, services, config, process))
}

async fn edge(definition: GatewayDefinition, config: Config, process: Process) -> Result<(), Error> {
    let verifier = Arc::new(verifier(&config.auth)?);
    let call = config.bounds.call;
    let find = move |service: &str| {
        let setting = url_setting(service);
        let url = std::env::var(&setting).unwrap_or_default();
        if url.trim().is_empty() {
            return Err(format!("{setting}: is not set; it says where the service `{service}` is"));
        }
        over_network(url.trim(), call).map_err(|problem| format!("{setting}: {problem}"))
    };
    let channels = match file_links(&definition, &config)? {
        Some(links) => Channels::new(find).with_links(links),
        None => Channels::new(find),
    };
    let graph = definition.graph(&channels, limits(&config.bounds));
    let files = gateway::file_routes(&definition, &channels, Arc::clone(&verifier));
    let services = channels.opened().map_err(Error::Config)?;
    let readiness = Readiness::of_channels(services);
    let router = router(graph, verifier, &config.bounds, &process)
        .merge(files)
        .merge(http::routes(readiness, process.metrics.clone()));
    let bounds = config.bounds;
    process.serve(Servers { http: config.http, router, grpc: None, call, patience: bounds.shutdown }).await
}

/// What makes links to files, where there are files: the services have to know the secret that they are signed with.
pub(super) fn file_links(definition: &GatewayDefinition, config: &Config) -> Result<Option<FileLinks>, Error> {
    if definition.with_files().is_empty() {
        return Ok(None);
    }
    let missing = "is not set; it signs the links by which files are loaded, and the services have to have the same";
    let secret = config.service_secret.as_ref().ok_or(missing.to_owned());
    let keys = secret.and_then(LinkKeys::new);
    let keys = keys.map_err(|problem| Error::Config(vec![format!("SERVICE_SECRET: {problem}")]))?;
    Ok(Some(FileLinks::new(keys, config.link)))
}

async fn whole(
    gateway: GatewayDefinition,
    services: Vec<ServiceDefinition>,
    config: Config,
    process: Process,
) -> Result<(), Error> {
    let trust = peers::trust(&services, &config)?;
    let running = start(services, &config, &trust).await?;
    let outcome = serve_whole(gateway, (&running, &trust), config, process).await;
    stop(running).await;
    outcome
}

async fn serve_whole(
    gateway: GatewayDefinition,
    (running, trust): (&[Running], &Trust),
    config: Config,
    process: Process,
) -> Result<(), Error> {
    let bounds = config.bounds;
    if let Some(wanted) = &config.seed {
        fill(&gateway, running, wanted, &bounds).await?;
    }
    let here = |service: &Running| (service.name(), Channel::here(service.inner_routes(trust), bounds.call));
    let channels = within(running.iter().map(here)).with_links(FileLinks::new(trust.links(), config.link));
    let graph = gateway.graph(&channels, limits(&bounds));
    let files = gateway::file_routes(&gateway, &channels, trust.verifier());
    channels.opened().map_err(Error::Config)?;
    let readiness = Readiness::of_services(running.iter().map(Running::probe).collect());
    let routes = outer_routes(running, (&readiness, trust), &process)?;
    let router = router(graph, trust.verifier(), &bounds, &process)
        .merge(files)
        .merge(http::routes(readiness, measured(&process, running)))
        .merge(operated(config.operators, running));
    let servers = Servers {
        http: config.http,
        router,
        grpc: Some((config.grpc, routes)),
        call: bounds.call,
        patience: bounds.shutdown,
    };
    process.serve(servers).await
}

/// Executes the seed, unless any of the stores holds something already.
async fn fill(gateway: &GatewayDefinition, running: &[Running], wanted: &Seed, bounds: &Bounds) -> Result<(), Error> {
    for service in running {
        let empty = service.is_empty().await;
        if !empty.map_err(|cause| Error::Start { service: service.name(), cause: cause.into() })? {
            tracing::info!(service = service.name(), "its store is not empty: nothing is seeded");
            return Ok(());
        }
    }
    let tenant = || wanted.tenant.clone();
    let channels =
        running.iter().map(|service| (service.name(), Channel::here(service.system_routes(tenant()), bounds.call)));
    // A file of one's own may be larger than what strangers are allowed.
    let limits = Limits { depth: usize::MAX, complexity: usize::MAX, introspection: true };
    let channels = within(channels);
    let graph = gateway.graph(&channels, limits);
    channels.opened().map_err(Error::Config)?;
    seed::run(wanted, &graph).await
}

/// The ways to the services of this process.
fn within(channels: impl Iterator<Item = (&'static str, Channel)>) -> Channels {
    let known: BTreeMap<&'static str, Channel> = channels.collect();
    Channels::new(move |service: &str| {
        let missing = || format!("the gateway needs the service `{service}`, which is not part of this app");
        known.get(service).cloned().ok_or_else(missing)
    })
}

fn limits(bounds: &Bounds) -> Limits {
    Limits { depth: bounds.depth, complexity: bounds.complexity, introspection: bounds.introspection }
}

fn router(graph: Graph, verifier: Arc<Verifier>, bounds: &Bounds, process: &Process) -> axum::Router {
    let shutdown = process.shutdown.clone();
    gateway::routes(Endpoint { graph, verifier, body: bounds.body, call: bounds.call, shutdown })
}
