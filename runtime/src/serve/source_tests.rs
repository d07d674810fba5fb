//! A service that reads another one's events: in one process with it, and in two over sockets.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

use prost::Message;
use prost_types::FileDescriptorProto;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::client::Grpc;
use tonic::service::Routes;
use tonic::{Request, Status};
use tonic_reflection::pb::v1::ServerReflectionRequest;
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;

use super::channel::over_network;
use super::config::Config;
use super::kind::Kind;
use super::peers::{Trust, trust_by};
use super::process::Process;
use super::readiness::Readiness;
use super::running::Running;
use super::{ServiceDefinition, Stop, outer_routes, run, start, stop};
use crate::auth::Call;
use crate::automation::{Automation, Failure, OnEvents, Retry, Run, Target};
use crate::error::Error;
use crate::event::{EventSet, Meta, Tenant};
use crate::feed::tests::tally::{Given, Tally, given, row, tallies};
use crate::rpc::{Answer, Channel, Client, Incoming, Methods, Server};
use crate::service::Service;
use crate::store::Append;
use crate::testing::get;
use crate::wire::{CommandResult, StringList};

const SECRET: &str = "a secret that has thirty-two bytes";

/// Lets tests append: the other service's commands.
struct Giving;

impl Methods for Giving {
    const SERVICE: &'static str = "test.v1.Giving";

    fn answer(incoming: Incoming) -> Answer {
        incoming.one(give)
    }
}

async fn give(service: Service, call: Call, message: StringList) -> Result<CommandResult, Status> {
    let events = message.values.iter().map(|number| given("one", number.parse().unwrap())).collect();
    let databases = service.engines().databases();
    databases.all()[0].events().append(Append::new(call.caller.tenant, events)).await.unwrap();
    Ok(CommandResult::default())
}

/// What the automation was run for, by its keys.
static RUNS: Mutex<Vec<(String, String)>> = Mutex::new(Vec::new());
struct Noting;

impl Automation for Noting {
    const NAME: &'static str = "Noting";
    const RETRY: Retry = Retry { attempts: 1, from: Duration::ZERO, to: Duration::ZERO };
    const TARGET: Option<Target> = None;
}

impl OnEvents for Noting {
    type Event = Given;
    const FROM: Option<&'static str> = Some("enrollment");
    const EVENTS: &'static [&'static str] = &["Given"];

    async fn run(event: &Given, meta: &Meta, run: &Run<'_>) -> Result<(), Failure> {
        let number = event.encode().unwrap().json["number"].as_str().unwrap().to_owned();
        let noted = (format!("{} {}", meta.tenant_id, run.tenant), number);
        RUNS.lock().unwrap().push(noted);
        Ok(())
    }
}

fn enrollment() -> ServiceDefinition {
    ServiceDefinition::new("enrollment").routes(|service| Routes::new(Server::<Giving>::new(service)))
}

fn config(kind: Kind, services: &[&'static str], set: &[(&str, &str)]) -> Config {
    let get = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::read(kind, services, &get).unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_services_of_one_process_need_no_address() {
    let config = config(Kind::App, &["billing", "enrollment"], &[("DATABASE_URL", "sqlite::memory:")]);
    let definitions = || {
        let billing = ServiceDefinition::new("billing").projection::<Tally>().on_events::<Noting>();
        vec![billing, enrollment()]
    };
    let trust = trust_by(&definitions(), &config, &|_| None).unwrap();
    let running = start(definitions(), &config, &trust).await.unwrap();
    // What happens as soon as all run is not too early for an automation.
    let tenant = Tenant::new("in one process");
    let events = running[1].events().1;
    events.append(Append::new(tenant.clone(), vec![given("one", 1), given("one", 2)])).await.unwrap();
    let engines = running[0].operated().engines;
    eventually("it is folded", async || tallies(&engines, tenant.as_str()).await.get("one") == Some(&row(2))).await;
    let is_ours = |run: &&(String, String)| run.0.ends_with("in one process");
    eventually("it is run", async || RUNS.lock().unwrap().iter().filter(is_ours).count() >= 2).await;
    assert!(running[0].probe()().await.is_empty());
    reflects_the_events(&running, &trust).await;
    // The other one's store is closed before the reader's tasks have ended.
    stop(running.into_iter().rev().collect()).await;
    let mut found: Vec<_> = RUNS.lock().unwrap().iter().filter(is_ours).cloned().collect();
    found.dedup();
    let both = "in one process in one process".to_owned();
    assert_eq!(found, [(both.clone(), "1".to_owned()), (both, "2".to_owned())]);
}

/// Whoever asks a process what it serves hears of the service by which its events are read.
async fn reflects_the_events(running: &[Running], trust: &Trust) {
    let routes = outer_routes(running, (&Readiness::default(), trust), &Process::new()).unwrap();
    let mut client = ServerReflectionClient::new(Channel::here(routes, Duration::from_secs(60)));
    let ask = |message| ServerReflectionRequest { host: String::new(), message_request: Some(message) };
    let asked = [
        ask(MessageRequest::ListServices(String::new())),
        ask(MessageRequest::FileContainingSymbol("scaffold.v1.Events".to_owned())),
    ];
    let mut answers = client.server_reflection_info(tokio_stream::iter(asked)).await.unwrap().into_inner();
    let listed = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::ListServicesResponse(list)) = listed else { panic!("{listed:?}") };
    assert!(list.service.iter().any(|service| service.name == "scaffold.v1.Events"), "{list:?}");
    let file = answers.message().await.unwrap().unwrap().message_response;
    let Some(MessageResponse::FileDescriptorResponse(file)) = file else { panic!("{file:?}") };
    let file = FileDescriptorProto::decode(file.file_descriptor_proto[0].as_slice()).unwrap();
    let methods: Vec<&str> = file.service[0].method.iter().map(|method| method.name()).collect();
    assert_eq!(methods, ["Head", "Read", "Follow"]);
}

async fn eventually(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..6000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}

/// A service as a process of its own, as far as a test can have one.
struct Alone {
    http: SocketAddr,
    stop: Stop,
    running: JoinHandle<Result<(), Error>>,
}

async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

fn settings(name: &'static str, definition: &ServiceDefinition, set: &[(&str, &str)]) -> (Config, Trust) {
    let config = config(Kind::Service, &[name], set);
    let get = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    let trust = trust_by(std::slice::from_ref(definition), &config, &get).unwrap();
    (config, trust)
}

impl Alone {
    async fn start(name: &'static str, definition: ServiceDefinition, file: &Path, more: &[(&str, &str)]) -> Self {
        let (http, url) = (free().await, format!("sqlite:{}", file.display()));
        let address = http.to_string();
        let mut set = vec![("DATABASE_URL", url.as_str()), ("HTTP_ADDR", &address), ("SERVICE_SECRET", SECRET)];
        set.push(("SHUTDOWN_TIMEOUT", "3600"));
        set.extend(more);
        let (config, trust) = settings(name, &definition, &set);
        let process = Process::new();
        let stop = process.stopper();
        let running = tokio::spawn(async move { run(vec![definition], config, (&trust, process)).await });
        Self { http, stop, running }
    }

    async fn end(self) {
        self.stop.now();
        // It would wait for an hour, and whoever follows its events is no reason to.
        tokio::time::timeout(Duration::from_secs(60), self.running).await.expect("it ends").unwrap().unwrap();
    }

    async fn waits_for(&self) -> serde_json::Value {
        eventually("it listens", async || tokio::net::TcpStream::connect(self.http).await.is_ok()).await;
        get(self.http, "/ready").await.json()["waitingFor"].clone()
    }
}

async fn send(grpc: SocketAddr, number: usize) {
    let channel = over_network(&format!("http://{grpc}"), Duration::from_secs(5)).unwrap();
    eventually("it is given", async || {
        let mut request = Request::new(StringList { values: vec![number.to_string()] });
        request.metadata_mut().insert("x-tenant-id", "acme".parse().unwrap());
        let mut client = Client::new(Giving::SERVICE, Grpc::new(channel.clone()));
        client.one::<StringList, CommandResult>("Give", request).await.is_ok()
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_processes_lose_nothing_whichever_goes_away() {
    let folder = tempfile::tempdir().unwrap();
    let (theirs, ours) = (folder.path().join("enrollment.db"), folder.path().join("billing.db"));
    let (there, here) = (free().await, free().await);
    let (there_text, here_text, url) = (there.to_string(), here.to_string(), format!("http://{there}"));
    let billing = async || {
        let definition = ServiceDefinition::new("billing")
            .projection::<Tally>()
            .routes(|service| Routes::new(Server::<Asking>::new(service)));
        let set = [("GRPC_ADDR", here_text.as_str()), ("ENROLLMENT_URL", url.as_str())];
        Alone::start("billing", definition, &ours, &set).await
    };
    let enrollment = async || Alone::start("enrollment", enrollment(), &theirs, &[("GRPC_ADDR", &there_text)]).await;

    let reader = billing().await;
    eventually("it is said what is missing", async || {
        let waits = reader.waits_for().await;
        waits[0]["source"] == "enrollment" && waits[0]["projection"] == "Tally" && waits[0]["sourceError"].is_string()
    })
    .await;
    let writer = enrollment().await;
    send(there, 1).await;
    eventually("it has caught up", async || reader.waits_for().await == serde_json::json!([])).await;
    eventually("it is folded", async || asked(here).await == [row(1)]).await;
    writer.end().await;
    assert_eq!(asked(here).await, [row(1)], "it serves what it has");
    let writer = enrollment().await;
    send(there, 2).await;
    eventually("it goes on", async || asked(here).await == [row(2)]).await;
    reader.end().await;
    send(there, 3).await;
    let reader = billing().await;
    eventually("it goes on where it was", async || asked(here).await == [row(3)]).await;
    reader.end().await;
    writer.end().await;
}

/// Lets tests see what the reader has.
struct Asking;

impl Methods for Asking {
    const SERVICE: &'static str = "test.v1.Asking";

    fn answer(incoming: Incoming) -> Answer {
        incoming.one(async |service: Service, call: Call, _: StringList| {
            let found = tallies(service.engines(), call.caller.tenant.as_str()).await;
            Ok(StringList { values: found.into_values().collect() })
        })
    }
}

async fn asked(grpc: SocketAddr) -> Vec<String> {
    let channel = over_network(&format!("http://{grpc}"), Duration::from_secs(5)).unwrap();
    let mut request = Request::new(StringList::default());
    request.metadata_mut().insert("x-tenant-id", "acme".parse().unwrap());
    let mut client = Client::new(Asking::SERVICE, Grpc::new(channel));
    client
        .one::<StringList, StringList>("Ask", request)
        .await
        .map(|found| found.into_inner().values)
        .unwrap_or_default()
}

#[test]
fn whose_events_are_read_has_to_be_found() {
    let definition = ServiceDefinition::new("billing").projection::<Tally>();
    let config = config(Kind::Service, &["billing"], &[("DATABASE_URL", "sqlite::memory:")]);
    let problems = |url: Option<&str>| {
        let get = |name: &str| url.filter(|_| name == "ENROLLMENT_URL").map(str::to_owned);
        trust_by(std::slice::from_ref(&definition), &config, &get).err().map(|error| error.to_string())
    };
    let missing = problems(None).unwrap();
    assert!(missing.contains("ENROLLMENT_URL: is not set") && missing.contains("whose events are read"), "{missing}");
}
