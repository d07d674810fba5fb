//! A service with personal fields, served: over sockets, stopped and started again, in one process with another that reads it.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::Status;
use tonic::client::Grpc;
use tonic::service::Routes;

use super::channel::over_network;
use super::config::Config;
use super::kind::Kind;
use super::peers::trust_by;
use super::process::Process;
use super::{ServiceDefinition, Stop, run, start, stop};
use crate::auth::Call;
use crate::entry::Entry;
use crate::erasure::tests::entries::{Person, Plan};
use crate::erasure::tests::ground::{People, master, signed_up};
use crate::error::Error;
use crate::event::{Position, Tenant};
use crate::projection::Engines;
use crate::query::{List, Selection};
use crate::rpc::{Answer, Client, Incoming, Methods, Server};
use crate::service::Service;
use crate::store::Append;
use crate::testing::{self, send};
use crate::wire::{CommandResult, StringList};

const TOKEN: &str = "an operator's token";
const LONG: Duration = Duration::from_secs(60);

/// Lets tests sign people up, and look at them.
struct Signing;

impl Methods for Signing {
    const SERVICE: &'static str = "test.v1.Signing";

    fn answer(incoming: Incoming) -> Answer {
        match incoming.method() {
            "Look" => incoming.one(look),
            _ => incoming.one(sign_up),
        }
    }
}

async fn sign_up(service: Service, call: Call, message: StringList) -> Result<CommandResult, Status> {
    let event = signed_up(&message.values[0], &message.values[1]);
    let events = service.engines().databases().all()[0].events().clone();
    events.append(Append::new(call.caller.tenant, vec![event])).await.unwrap();
    Ok(CommandResult::default())
}

async fn look(service: Service, call: Call, _: StringList) -> Result<StringList, Status> {
    let head = service.engines().databases().all()[0].events().head().await.unwrap();
    Ok(StringList { values: notes::<Person>(service.engines(), &call.caller.tenant, head).await })
}

/// What a projection has noted of a tenant's people, once it is there.
async fn notes<E: Entry>(engines: &Engines, tenant: &Tenant, position: Position) -> Vec<String> {
    let live = engines.live::<E>(tenant).unwrap().unwrap();
    live.reached(position, LONG).await.unwrap();
    let list = Selection::new(E::TABLE, List { limit: 100, ..List::default() }).unwrap();
    let rows = live.tables.list(&live.place, tenant, list).await.unwrap().rows;
    rows.into_iter()
        .map(|row| row.into_entry::<Person>().unwrap())
        .map(|one| format!("{} {}", one.id, one.note))
        .collect()
}

fn people() -> ServiceDefinition {
    let routes = |service| Routes::new(Server::<Signing>::new(service));
    ServiceDefinition::new("people").personal::<People>().projection::<Person>().routes(routes)
}

fn config(kind: Kind, services: &[&'static str], set: &[(&str, &str)]) -> Config {
    let get = |name: &str| set.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned());
    Config::read(kind, services, &get).unwrap()
}

/// The service, as if it were a process of its own.
struct Alone {
    http: SocketAddr,
    grpc: SocketAddr,
    stop: Stop,
    running: JoinHandle<Result<(), Error>>,
}

async fn free() -> SocketAddr {
    TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap()
}

impl Alone {
    async fn start(url: &str, master: &str) -> Self {
        let (http, grpc) = (free().await, free().await);
        let (http_text, grpc_text) = (http.to_string(), grpc.to_string());
        let mut set = vec![("DATABASE_URL", url), ("HTTP_ADDR", &http_text), ("GRPC_ADDR", &grpc_text)];
        set.extend([("OPERATOR_TOKEN", TOKEN), ("SCAFFOLD_MASTER_KEY", master)]);
        let config = config(Kind::Service, &["people"], &set);
        let trust = trust_by(&[people()], &config, &|_| None).unwrap();
        let process = Process::new();
        let stop = process.stopper();
        let running = tokio::spawn(async move { run(vec![people()], config, (&trust, process)).await });
        let one = Self { http, grpc, stop, running };
        eventually("it is ready", async || one.is_ready().await).await;
        one
    }

    async fn is_ready(&self) -> bool {
        assert!(!self.running.is_finished(), "it ended");
        let is_open = tokio::net::TcpStream::connect(self.http).await.is_ok();
        is_open && testing::get(self.http, "/ready").await.code == 200
    }

    async fn end(self) {
        self.stop.now();
        tokio::time::timeout(LONG, self.running).await.expect("it ends").unwrap().unwrap();
    }

    async fn call<O: prost::Message + Default + 'static>(&self, method: &'static str, values: &[&str]) -> O {
        let channel = over_network(&format!("http://{}", self.grpc), LONG).unwrap();
        let mut request =
            tonic::Request::new(StringList { values: values.iter().map(|value| (*value).to_owned()).collect() });
        request.metadata_mut().insert("x-tenant-id", "acme".parse().unwrap());
        let mut client = Client::new(Signing::SERVICE, Grpc::new(channel));
        client.one::<StringList, O>(method, request).await.unwrap().into_inner()
    }

    async fn sign_up(&self, person: &str, email: &str) {
        self.call::<CommandResult>("SignUp", &[person, email]).await;
    }

    async fn look(&self) -> Vec<String> {
        self.call::<StringList>("Look", &[]).await.values
    }

    async fn operate(&self, path: &str, body: &str) -> testing::Answer {
        let bearer = format!("Bearer {TOKEN}");
        let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
        send(self.http, "POST", path, &headers, body).await
    }
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_operator_erases_over_http_and_it_stays_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut urls = vec![format!("sqlite:{}", folder.path().join("people.db").display())];
    #[cfg(feature = "postgres")]
    urls.push(crate::store::conformance::address_on_server());
    for url in urls {
        let key = master();
        let service = Alone::start(&url, &key).await;
        service.sign_up("ada", "ada@lovelace.uk").await;
        service.sign_up("bob", "bob@example.org").await;
        assert_eq!(service.look().await, ["ada basic at lovelace.uk", "bob basic at example.org"]);
        assert_eq!(send(service.http, "POST", "/erasures", &[], "{}").await.code, 401);

        let wanted = r#"{ "tenant": "acme", "subject": "ada", "reason": "article 17", "user": "dpo" }"#;
        let told = service.operate("/erasures", wanted).await.json();
        let expected = serde_json::json!({
            "service": "people", "tenant": "acme", "subject": "ada", "outcome": "erased", "position": 3,
        });
        assert_eq!(told, expected);
        assert_eq!(service.operate("/erasures", wanted).await.json()["outcome"], "already");
        let nobody = r#"{ "tenant": "acme", "subject": "nobody" }"#;
        assert_eq!(service.operate("/erasures", nobody).await.json()["outcome"], "unknown");
        for wrong in ["{}", "ada", r#"{ "tenant": "acme", "subject": "ada", "force": true }"#] {
            assert_eq!(service.operate("/erasures", wrong).await.code, 400, "{wrong}");
        }
        let elsewhere = r#"{ "service": "billing", "tenant": "acme", "subject": "ada" }"#;
        assert_eq!(service.operate("/erasures", elsewhere).await.code, 404);
        let after = ["ada basic at nowhere", "bob basic at example.org"];
        assert_eq!(service.look().await, after);
        let replayed = service.operate("/erasures/replay", "").await.json();
        assert_eq!(replayed, serde_json::json!({ "services": [{ "service": "people", "subjects": 0 }] }));
        service.end().await;

        let newer = format!("{} {key}", master());
        let service = Alone::start(&url, &newer).await;
        assert_eq!(service.look().await, after);
        let rotated = service.operate("/keys/rotate", "").await.json();
        assert_eq!(rotated["services"][0]["keys"], 3, "his, the tenant's, and that of the store");
        service.end().await;
        let service = Alone::start(&url, newer.split(' ').next().unwrap()).await;
        assert_eq!(service.look().await, after);
        service.end().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_service_without_its_master_key_does_not_start() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("people.db").display());
    let service = Alone::start(&url, &master()).await;
    service.sign_up("ada", "ada@lovelace.uk").await;
    service.end().await;
    let refused = async |set: &[(&str, &str)]| {
        let config = config(Kind::Service, &["people"], set);
        let trust = trust_by(&[people()], &config, &|_| None).unwrap();
        start(vec![people()], &config, &trust).await.err().unwrap().to_string()
    };
    let error = refused(&[("DATABASE_URL", &url)]).await;
    assert!(error.contains("SCAFFOLD_MASTER_KEY: is not set; the service `people`"), "{error}");
    let error = refused(&[("DATABASE_URL", &url), ("SCAFFOLD_MASTER_KEY", &master())]).await;
    assert!(error.contains("another master key"), "{error}");
    let elsewhere = format!("sqlite:{}", folder.path().join("new.db").display());
    let error = refused(&[("DATABASE_URL", &url), ("SCAFFOLD_MASTER_KEY", &master()), ("KEYS_URL", &elsewhere)]).await;
    assert!(error.contains("the key store is new"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn another_service_folds_anew_what_it_has_read() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}/{{service}}.db", folder.path().display());
    // Development: nobody has set a master key.
    let config = config(Kind::App, &["people", "plans"], &[("DATABASE_URL", &url)]);
    let definitions = || vec![people(), ServiceDefinition::new("plans").projection::<Plan>()];
    let trust = trust_by(&definitions(), &config, &|_| None).unwrap();
    let running = start(definitions(), &config, &trust).await.unwrap();
    let (tenant, events) = (Tenant::new("acme"), running[0].events().1);
    for (person, email) in [("ada", "ada@lovelace.uk"), ("bob", "bob@example.org")] {
        events.append(Append::new(tenant.clone(), vec![signed_up(person, email)])).await.unwrap();
    }
    let plans = running[1].operated().engines;
    assert_eq!(notes::<Plan>(&plans, &tenant, 2).await, ["basic [ada@lovelace.uk][bob@example.org]"]);
    let erasure = running[0].operated().erasure.unwrap();
    erasure.erase(&tenant, "ada", Default::default()).await.unwrap();
    assert_eq!(notes::<Plan>(&plans, &tenant, 3).await, ["basic [][bob@example.org]"]);
    assert!(running[1].operated().erasure.is_none(), "nothing of its own is personal");
    stop(running).await;
    assert!(Path::new(&folder.path().join("people.master.key")).exists());
    assert!(!folder.path().join("plans.keys.db").exists());
}
