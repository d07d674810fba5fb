//! The servers over real sockets and within the process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio_stream::StreamExt;
use tonic::Request;
use tonic::service::Routes;
use tonic::service::interceptor::InterceptedService;
use tonic_health::pb::health_check_response::ServingStatus;
use tonic_health::pb::health_client::HealthClient;
use tonic_health::pb::{FILE_DESCRIPTOR_SET, HealthCheckRequest};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use super::channel::over_network;
use super::process::{Process, Servers};
use super::readiness::{Lag, Probe, Readiness};
use super::running::as_system;
use super::shutdown::shutdown;
use super::telemetry::Metrics;
use super::{grpc, http};
use crate::auth::System;
use crate::error::status;
use crate::event::Tenant;
use crate::rpc::Channel;
use crate::testing::get;

const CALL: Duration = Duration::from_secs(30);

fn until(ready: &Arc<AtomicBool>) -> Readiness {
    let ready = Arc::clone(ready);
    let lag = Lag { projection: Some("Course".into()), ..Lag::of_service("enrollment", "3 of 9".into()) };
    let probe: Probe = Arc::new(move || {
        let lagging = if ready.load(Ordering::SeqCst) { Vec::new() } else { vec![lag.clone()] };
        Box::pin(std::future::ready(lagging))
    });
    Readiness::of_services(vec![probe])
}

async fn health(channel: Channel, service: &str) -> ServingStatus {
    let request = HealthCheckRequest { service: service.to_owned() };
    HealthClient::new(channel).check(request).await.unwrap().get_ref().status()
}

async fn becomes(channel: &Channel, wanted: ServingStatus) {
    for _ in 0..1200 {
        if health(channel.clone(), "").await == wanted {
            return;
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    panic!("it never became {wanted:?}");
}

#[tokio::test]
async fn health_follows_the_readiness_within_the_process() {
    let ready = Arc::new(AtomicBool::new(false));
    let (stop, shutdown) = shutdown();
    // Two services that share a file of messages, as all of ours do.
    let descriptors = [FILE_DESCRIPTOR_SET, FILE_DESCRIPTOR_SET];
    let routes = grpc::complete(Routes::default(), &descriptors, until(&ready), shutdown).unwrap();
    let channel = Channel::here(routes, CALL);
    becomes(&channel, ServingStatus::NotServing).await;
    ready.store(true, Ordering::SeqCst);
    becomes(&channel, ServingStatus::Serving).await;
    assert_eq!(health(channel.clone(), "grpc.health.v1.Health").await, ServingStatus::Serving);
    stop.now();
    becomes(&channel, ServingStatus::NotServing).await;
}

#[tokio::test]
async fn many_calls_are_carried_at_once() {
    let (_stop, shutdown) = shutdown();
    let routes = grpc::complete(Routes::default(), &[], Readiness::default(), shutdown).unwrap();
    let channel = Channel::here(routes, CALL);
    becomes(&channel, ServingStatus::Serving).await;
    let calls = (0..64).map(|_| health(channel.clone(), ""));
    assert!(futures_util::future::join_all(calls).await.iter().all(|status| *status == ServingStatus::Serving));
}

#[tokio::test]
async fn reflection_lists_what_is_served() {
    let (_stop, shutdown) = shutdown();
    let routes = grpc::complete(Routes::default(), &[FILE_DESCRIPTOR_SET], Readiness::default(), shutdown).unwrap();
    let mut client = ServerReflectionClient::new(Channel::here(routes, CALL));
    let request = ServerReflectionRequest {
        host: String::new(),
        message_request: Some(MessageRequest::ListServices(String::new())),
    };
    let mut answers = client.server_reflection_info(tokio_stream::iter([request])).await.unwrap().into_inner();
    let answer = answers.next().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = answer else { panic!("{answer:?}") };
    assert!(list.service.iter().any(|service| service.name == "grpc.health.v1.Health"), "{list:?}");
}

#[tokio::test]
async fn http_says_whether_it_is_ready_and_for_what_it_waits() {
    let ready = Arc::new(AtomicBool::new(false));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = http::routes(until(&ready), Metrics::install());
    tokio::spawn(async move { axum::serve(listener, router).await });
    assert_eq!(get(address, "/health").await.code, 200);
    let waiting = get(address, "/ready").await;
    assert_eq!(waiting.code, 503);
    assert_eq!(waiting.json()["waitingFor"][0]["projection"], "Course");
    ready.store(true, Ordering::SeqCst);
    assert_eq!(get(address, "/ready").await.code, 200);
}

/// An address that nobody listens on.
async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn servers(process: &Process, http: SocketAddr, grpc: SocketAddr) -> Servers {
    let readiness = Readiness::default();
    let routes = grpc::complete(Routes::default(), &[], readiness.clone(), process.shutdown.clone()).unwrap();
    Servers {
        http,
        router: http::routes(readiness, process.metrics.clone()),
        grpc: Some((grpc, routes)),
        call: CALL,
        patience: Duration::from_secs(30),
    }
}

#[tokio::test]
async fn a_process_serves_counts_and_ends_when_asked() {
    let (process, [http, grpc]) = (Process::new(), [free().await, free().await]);
    let stop = process.stopper();
    let servers = servers(&process, http, grpc);
    let running = tokio::spawn(process.serve(servers));
    let channel = over_network(&format!("http://{grpc}"), CALL).unwrap();
    let ask = || async { HealthClient::new(channel.clone()).check(HealthCheckRequest::default()).await };
    for _ in 0..3000 {
        if ask().await.is_ok() {
            break;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    let metrics = get(http, "/metrics").await.text();
    assert!(metrics.contains("grpc_requests_total{"), "{metrics}");
    assert!(metrics.contains("method=\"Check\"") && metrics.contains("code=\"OK\""), "{metrics}");
    stop.now();
    tokio::time::timeout(Duration::from_secs(60), running).await.expect("it ends").unwrap().unwrap();
}

#[tokio::test]
async fn an_address_in_use_is_said() {
    let taken = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let process = Process::new();
    let servers = servers(&process, taken.local_addr().unwrap(), free().await);
    let error = process.serve(servers).await.unwrap_err().to_string();
    assert!(error.contains(&taken.local_addr().unwrap().to_string()), "{error}");
}

#[tokio::test]
async fn a_service_that_does_not_answer_is_named() {
    let channel = over_network(&format!("http://{}", free().await), CALL).unwrap();
    let lagging = Readiness::of_channels(vec![("enrollment".to_owned(), channel)]).lagging().await;
    assert_eq!(lagging.len(), 1);
    assert_eq!(lagging[0].service, "enrollment");
    assert!(over_network("https://host", CALL).is_err());
    assert!(over_network("host:50051", CALL).is_err());
}

#[tokio::test]
async fn only_the_process_itself_comes_in_as_the_system() {
    let (_, health) = tonic_health::server::health_reporter();
    let guarded = InterceptedService::new(health, |request: Request<()>| match request.extensions().get::<System>() {
        Some(System(tenant)) if tenant.as_str() == "acme" => Ok(request),
        _ => Err(status::unauthenticated("not the system")),
    });
    let routes = Routes::new(guarded);
    let inner = Channel::here(as_system(routes.clone(), Tenant::new("acme")), CALL);
    assert!(HealthClient::new(inner).check(HealthCheckRequest::default()).await.is_ok());
    // Whatever a client puts beside its message stays with the client.
    let mut request = Request::new(HealthCheckRequest::default());
    request.extensions_mut().insert(System(Tenant::new("acme")));
    let refused = HealthClient::new(Channel::here(routes, CALL)).check(request).await.unwrap_err();
    assert_eq!(status::code(&refused), "UNAUTHENTICATED");
}
