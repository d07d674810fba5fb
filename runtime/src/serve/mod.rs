//! Running a service, a gateway, or both in one process. All of it is configured by the
//! environment; see `docs/reference/configuration.md`.

#[cfg(feature = "progress-bar")]
mod bars;
mod channel;
#[cfg(feature = "erasure")]
mod commands;
// Without the gateway some of the settings and checks have no reader.
#[cfg_attr(not(feature = "gateway"), allow(dead_code))]
mod config;
mod definition;
#[cfg(feature = "gateway")]
mod edge;
#[cfg(all(test, feature = "gateway", feature = "erasure"))]
mod erasure_tests;
#[cfg(all(test, feature = "files", feature = "gateway"))]
mod file_tests;
#[cfg(feature = "files")]
mod files;
mod grpc;
mod http;
#[cfg(feature = "erasure")]
mod keys;
#[cfg_attr(not(feature = "gateway"), allow(dead_code))]
mod kind;
mod layer;
mod operators;
mod peers;
mod process;
mod reader;
#[cfg_attr(not(feature = "gateway"), allow(dead_code))]
mod readiness;
#[cfg_attr(not(feature = "gateway"), allow(dead_code))]
mod running;
#[cfg(feature = "erasure")]
mod sealing;
#[cfg(feature = "gateway")]
mod seed;
mod shutdown;
#[cfg(all(test, feature = "gateway"))]
mod source_tests;
mod telemetry;
#[cfg(all(test, feature = "gateway"))]
mod tests;

use std::process::ExitCode;

use config::Config;
use kind::Kind;
use operators::OperatorToken;
use peers::Trust;
use process::{Process, Servers};
use readiness::Readiness;
use running::{Running, with_files};
use telemetry::Metrics;

use crate::auth::{AuthKeys, AuthSettings, Verifier};
use crate::error::Error;
use crate::feed::Events;

#[cfg(test)]
pub(crate) use channel::over_network;
pub use definition::ServiceDefinition;
#[cfg(feature = "gateway")]
pub use edge::{app, serve_gateway};
pub(crate) use layer::Observed;
pub(crate) use shutdown::Shutdown;
#[cfg(all(test, feature = "gateway"))]
pub(crate) use shutdown::{Stop, shutdown};

/// Runs one service until the process is asked to end: gRPC with health and reflection, and HTTP
/// with `/health`, `/ready`, `/metrics`, and what operators see. With arguments it does what they say and ends: `erase` and
/// `keys`, where the service has personal fields.
pub fn serve(definition: ServiceDefinition) -> ExitCode {
    #[cfg(feature = "erasure")]
    if let Some(done) = commands::run(Kind::Service, std::slice::from_ref(&definition)) {
        return done;
    }
    let name = definition.name;
    process::run(Kind::Service, &[name], |config, process| service(definition, config, process))
}

async fn service(definition: ServiceDefinition, config: Config, process: Process) -> Result<(), Error> {
    let definitions = vec![definition];
    let trust = peers::trust(&definitions, &config)?;
    run(definitions, config, (&trust, process)).await
}

async fn run(
    definitions: Vec<ServiceDefinition>,
    config: Config,
    (trust, process): (&Trust, Process),
) -> Result<(), Error> {
    let running = start(definitions, &config, trust).await?;
    let readiness = Readiness::of_services(running.iter().map(Running::probe).collect());
    let routes = outer_routes(&running, (&readiness, trust), &process)?;
    let servers = Servers {
        http: config.http,
        router: http::routes(readiness, measured(&process, &running)).merge(operated(config.operators, &running)),
        grpc: Some((config.grpc, routes)),
        call: config.bounds.call,
        patience: config.bounds.shutdown,
    };
    let outcome = process.serve(servers).await;
    stop(running).await;
    outcome
}

/// Builds what verifies tokens of users.
fn verifier(settings: &AuthSettings) -> Result<Verifier, Error> {
    if matches!(settings.keys, AuthKeys::None) {
        tracing::warn!("neither AUTH_SECRET nor AUTH_JWKS is set: every token is refused");
    }
    Verifier::new(settings).map_err(|problem| Error::Config(vec![format!("AUTH_JWKS: {problem}")]))
}

/// Starts services one after the other; when one fails, those before it are stopped again. Once all run, their automations
/// reach each other.
async fn start(definitions: Vec<ServiceDefinition>, config: &Config, trust: &Trust) -> Result<Vec<Running>, Error> {
    let mut running = Vec::new();
    for definition in definitions {
        match Running::start(definition, config, trust).await {
            Ok(service) => running.push(service),
            Err(error) => {
                stop(running).await;
                return Err(error);
            }
        }
    }
    trust.open(running.iter().map(|service| service.here(trust, config.bounds.call)));
    futures_util::future::join_all(running.iter().map(Running::begin)).await;
    #[cfg(feature = "progress-bar")]
    bars::draw(running.iter().map(Running::engines).collect());
    Ok(running)
}

/// The routes of all services, with their events and files, health and reflection, for callers from outside.
fn outer_routes(
    running: &[Running],
    (readiness, trust): (&Readiness, &Trust),
    process: &Process,
) -> Result<tonic::service::Routes, Error> {
    let events = Events::new(running.iter().map(Running::events), trust.verifier(), Some(process.shutdown.clone()));
    let routes = grpc::merged(running.iter().map(Running::routes)).add_service(events);
    let routes = with_files(routes, running, trust);
    let of_services = running.iter().flat_map(|service| service.descriptors.clone());
    let descriptors: Vec<&'static [u8]> = of_services.chain([crate::wire::EVENTS]).collect();
    grpc::complete(routes, &descriptors, readiness.clone(), process.shutdown.clone())
        .map_err(|problem| Error::Stopped("the gRPC server", problem.into()))
}

/// The process's metrics, with those of the services' projections.
fn measured(process: &Process, running: &[Running]) -> Metrics {
    process.metrics.clone().measuring(running.iter().map(Running::measure).collect())
}

/// What operators see and do.
fn operated(token: Option<OperatorToken>, running: &[Running]) -> axum::Router {
    operators::routes(token, running.iter().map(Running::operated).collect())
}

async fn stop(running: Vec<Running>) {
    running.iter().for_each(Running::turn_away);
    for service in running {
        service.stop().await;
    }
}
