//! A service with files and the edge before it, each on a socket of its own.

use std::net::SocketAddr;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, EmptyMutation, EmptySubscription, Object, Schema};
use serde_json::json;
use tempfile::TempDir;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tonic::service::Routes;
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

use crate::auth::{AuthKeys, AuthSettings, LinkKeys, Secret, ServiceKeys, Verifier};
use crate::caller::Caller;
use crate::consumer::{SqlValue, Statement};
use crate::database::{Database, Databases};
use crate::event::Tenant;
use crate::files::{Accepted, Files, FilesSettings, Served};
use crate::gateway::{self, Channels, Endpoint, File, FileLinks, GatewayDefinition, Limits};
use crate::serve::{Stop, over_network, shutdown};
use crate::value::DateTime;
use crate::wire;

pub(super) const SECRET: &str = "a secret that has thirty-two bytes";
pub(super) const SERVICE: &str = "papers";
/// The largest file of most tests.
pub(super) const MOST: u64 = 1 << 20;
pub(super) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR and so on";

/// Where what is known of files is kept.
#[derive(Clone, Copy)]
pub(super) enum On {
    Sqlite,
    #[cfg(feature = "postgres")]
    Postgres,
}

/// All of it, as long as a test takes.
pub(super) struct Ground {
    pub(super) folder: Arc<TempDir>,
    url: String,
    pub(super) database: Database,
    pub(super) files: Files,
    pub(super) edge: SocketAddr,
    pub(super) links: LinkKeys,
    _stop: Stop,
}

struct Query;

#[Object]
impl Query {
    /// As a field of an entry would be.
    async fn file(&self, ctx: &Context<'_>, id: String) -> File {
        assert!(ctx.data::<Caller>().is_ok());
        Self::named(id)
    }

    /// As a field of an entry of public data would be.
    async fn public_file(&self, ctx: &Context<'_>, tenant_id: String, id: String) -> async_graphql::Result<File> {
        gateway::request_as_tenant(ctx, tenant_id, ())?;
        Ok(Self::named(id))
    }
}

impl Query {
    fn named(id: String) -> File {
        File::new(SERVICE, wire::File { name: "a.png".into(), size: 7, ..wire::File::of_id(id) })
    }
}

impl Ground {
    pub(super) async fn new(on: On) -> Self {
        Self::with(on, MOST, Accepted::all()).await
    }

    pub(super) async fn with(on: On, max_bytes: u64, accepted: Accepted) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let url = match on {
            On::Sqlite => format!("sqlite:{}", folder.path().join("papers.db").display()),
            #[cfg(feature = "postgres")]
            On::Postgres => crate::store::conformance::address_on_server(),
        };
        Self::on(folder, url, FilesSettings { url: None, max_bytes, accepted }).await
    }

    /// Ends it, and begins again on the same data.
    pub(super) async fn restarted(self) -> Self {
        self.database.close().await;
        let settings = FilesSettings { url: None, max_bytes: MOST, accepted: Accepted::all() };
        Self::on(self.folder, self.url, settings).await
    }

    async fn on(folder: Arc<TempDir>, url: String, settings: FilesSettings) -> Self {
        let database = Database::open(&url, SERVICE).await.unwrap();
        let databases = Databases::single(database.clone());
        let secret = Secret::new(SECRET).unwrap();
        let links = LinkKeys::new(&secret).unwrap();
        let place = format!("file:{}", folder.path().join("kept").display());
        let settings = FilesSettings { url: Some(place), ..settings };
        let files = Files::open((SERVICE, &url), databases, settings, links.clone()).unwrap();
        let auth = AuthSettings { keys: AuthKeys::Secret(secret.clone()), issuer: None, audience: None };
        let verifier = Verifier::new(&auth).unwrap().with_services(ServiceKeys::new(&secret).unwrap());
        let verifier = Arc::new(verifier);
        let grpc = serve(Served::new([(SERVICE, files.clone())], Arc::clone(&verifier))).await;
        let (edge, stop) = serve_edge(grpc, verifier, links.clone()).await;
        Self { folder, url, database, files, edge, links, _stop: stop }
    }

    /// Uploads bytes as ada of acme, and says what it is called from then on.
    pub(super) async fn uploaded(&self, bytes: &[u8]) -> String {
        let answer = self.upload(&bearer("ada", "acme"), "?name=a.png", &[], bytes).await;
        assert_eq!(answer.code, 201, "{}", answer.text());
        answer.json()["id"].as_str().unwrap().to_owned()
    }

    pub(super) async fn upload(&self, token: &str, more: &str, headers: &[(&str, &str)], bytes: &[u8]) -> Answer {
        let mut all = vec![("authorization", token)];
        all.extend_from_slice(headers);
        self.send("POST", &format!("/v1/papers/files{more}"), &all, bytes).await
    }

    pub(super) async fn load(&self, path: &str, headers: &[(&str, &str)]) -> Answer {
        self.send("GET", path, headers, b"").await
    }

    pub(super) async fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let length = body.len().to_string();
        let mut stream = self.begin(method, path, headers, &[("content-length", &length)]).await;
        // It may answer, and close, before it has read everything.
        let _ = stream.write_all(body).await;
        answer(stream).await
    }

    /// Sends the head of a request.
    pub(super) async fn begin(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        more: &[(&str, &str)],
    ) -> TcpStream {
        let headers: String = headers.iter().chain(more).map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let head = format!("{method} {path} HTTP/1.1\r\nhost: test\r\nconnection: close\r\n{headers}\r\n");
        let mut stream = TcpStream::connect(self.edge).await.unwrap();
        stream.write_all(head.as_bytes()).await.unwrap();
        stream
    }

    /// Runs SQL in the service's database.
    pub(super) async fn sql(&self, sql: &str) -> Vec<Vec<SqlValue>> {
        let rows = self.database.groups().transactions().run(None, vec![Statement::new(sql)]).await;
        rows.unwrap().into_iter().next().unwrap()
    }

    /// How many files are known, and how many are on the disk, finished or not.
    pub(super) async fn count(&self) -> (usize, usize) {
        (self.sql("SELECT id FROM files").await.len(), on_disk(&self.folder.path().join("kept")))
    }

    /// As if nobody had touched any file for two days.
    pub(super) async fn age(&self) {
        self.sql("UPDATE files SET touched_at = touched_at - 172800000 RETURNING id").await;
    }
}

fn on_disk(folder: &Path) -> usize {
    let found = std::fs::read_dir(folder).unwrap().map(|found| found.unwrap().path());
    found.map(|path| if path.is_dir() { on_disk(&path) } else { 1 }).sum()
}

/// The service on a socket.
async fn serve(served: Served) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    // As processes do: a call may take so long, and a file longer.
    let server = Server::builder().timeout(Duration::from_secs(30)).add_routes(Routes::new(served));
    tokio::spawn(server.serve_with_incoming(TcpIncoming::from(listener)));
    address
}

/// The edge on a socket.
async fn serve_edge(grpc: SocketAddr, verifier: Arc<Verifier>, links: LinkKeys) -> (SocketAddr, Stop) {
    let find = move |_: &str| over_network(&format!("http://{grpc}"), Duration::from_secs(30));
    let channels = Channels::new(find).with_links(FileLinks::new(links, Duration::from_secs(600)));
    let definition =
        GatewayDefinition::new(|_| Schema::build(Query, EmptyMutation, EmptySubscription)).files(&[SERVICE]);
    let graph = definition.graph(&channels, Limits { depth: 20, complexity: 400, introspection: true });
    let files = gateway::file_routes(&definition, &channels, Arc::clone(&verifier));
    let (stop, shutdown) = shutdown();
    let endpoint = Endpoint { graph, verifier, body: 64 * 1024, call: Duration::from_secs(30), shutdown };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, gateway::routes(endpoint).merge(files)).await });
    (address, stop)
}

pub(super) fn bearer(user: &str, tenant: &str) -> String {
    token(&json!({ "sub": user, "tenant": tenant }))
}

pub(super) fn token(claims: &serde_json::Value) -> String {
    let mut claims = claims.clone();
    claims["exp"] = json!(DateTime::now().millis() / 1000 + 3600);
    let key = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    format!("Bearer {}", crate::auth::crypto::encode(&jsonwebtoken::Header::default(), &claims, &key).unwrap())
}

pub(super) fn tenant() -> Tenant {
    Tenant::new("acme")
}

/// An answer as it came.
pub(super) struct Answer {
    pub(super) code: u16,
    head: String,
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) fn text(&self) -> String {
        format!("{}\n{}", self.head, String::from_utf8_lossy(&self.body))
    }

    pub(super) fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.text()))
    }

    pub(super) fn header(&self, name: &str) -> Option<&str> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines.find(|(found, _)| found.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

pub(super) async fn answer(mut stream: TcpStream) -> Answer {
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes).await;
    let end = bytes.windows(4).position(|window| window == b"\r\n\r\n").expect("an answer");
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    let code = head.split(' ').nth(1).unwrap().parse().unwrap();
    let body = bytes[end + 4..].to_vec();
    let is_chunked = head.to_ascii_lowercase().contains("transfer-encoding: chunked");
    assert!(!is_chunked, "every answer says how long it is: {head}");
    Answer { code, head, body }
}

/// Waits until something is so.
pub(super) async fn until(what: &str, mut so: impl AsyncFnMut() -> bool) {
    for _ in 0..6000 {
        if so().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("it never came to this: {what}");
}
