//! The gRPC server: the services' routes, standard health with the real state, reflection.

use std::time::Duration;

use prost::Message;
use prost_types::FileDescriptorSet;
use tokio::net::TcpListener;
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;
use tonic_health::ServingStatus;
use tonic_health::server::HealthReporter;

use super::layer::Observe;
use super::readiness::Readiness;
use super::shutdown::Shutdown;

/// How often the health service looks at the real state.
const LOOK_EVERY: Duration = Duration::from_millis(500);
const KEEPALIVE: Duration = Duration::from_secs(30);
const KEEPALIVE_TIMEOUT: Duration = Duration::from_secs(10);

/// The routes of several services as one.
pub(super) fn merged(all: impl IntoIterator<Item = Routes>) -> Routes {
    let router = all.into_iter().fold(Routes::default().into_axum_router(), |router, routes| {
        // Only one of them may answer for what none of them knows.
        router.merge(routes.into_axum_router().reset_fallback())
    });
    Routes::from(router).prepare()
}

/// Adds health and reflection to the routes; the health service follows the readiness until the
/// process stops, and says so before it does.
///
/// # Errors
/// A sentence, when the descriptors cannot be read.
pub(super) fn complete(
    routes: Routes,
    descriptors: &[&'static [u8]],
    readiness: Readiness,
    shutdown: Shutdown,
) -> Result<Routes, String> {
    let (reporter, health) = tonic_health::server::health_reporter();
    let names = service_names(descriptors)?;
    tokio::spawn(report(reporter, names, readiness, shutdown));
    let reflection = || {
        let builder = tonic_reflection::server::Builder::configure();
        descriptors.iter().fold(builder, |builder, set| builder.register_encoded_file_descriptor_set(set))
    };
    let v1 = reflection().build_v1().map_err(|cause| cause.to_string())?;
    let v1alpha = reflection().build_v1alpha().map_err(|cause| cause.to_string())?;
    Ok(routes.add_service(health).add_service(v1).add_service(v1alpha))
}

/// Serves until the shutdown is wished and the calls have ended.
pub(super) async fn serve(
    listener: TcpListener,
    routes: Routes,
    call: Duration,
    shutdown: Shutdown,
) -> Result<(), tonic::transport::Error> {
    Server::builder()
        .timeout(call)
        .http2_keepalive_interval(Some(KEEPALIVE))
        .http2_keepalive_timeout(Some(KEEPALIVE_TIMEOUT))
        .layer(Observe)
        .add_routes(routes)
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), shutdown.wished())
        .await
}

async fn report(reporter: HealthReporter, names: Vec<String>, readiness: Readiness, shutdown: Shutdown) {
    let mut before = None;
    let stop = shutdown.wished();
    tokio::pin!(stop);
    loop {
        let ready = readiness.lagging().await.is_empty();
        if before.replace(ready) != Some(ready) {
            set(&reporter, &names, if ready { ServingStatus::Serving } else { ServingStatus::NotServing }).await;
        }
        tokio::select! {
            () = &mut stop => break,
            () = tokio::time::sleep(LOOK_EVERY) => {}
        }
    }
    set(&reporter, &names, ServingStatus::NotServing).await;
}

async fn set(reporter: &HealthReporter, names: &[String], status: ServingStatus) {
    for name in names {
        reporter.set_service_status(name, status).await;
    }
}

/// The full names of the services that the descriptors declare, and `""` for all of them.
fn service_names(descriptors: &[&'static [u8]]) -> Result<Vec<String>, String> {
    let mut names = vec![String::new()];
    for bytes in descriptors {
        let set =
            FileDescriptorSet::decode(*bytes).map_err(|cause| format!("the descriptors cannot be read: {cause}"))?;
        for file in &set.file {
            names.extend(file.service.iter().map(|service| format!("{}.{}", file.package(), service.name())));
        }
    }
    Ok(names)
}
