//! PostgreSQL as it is run: several processes on one schema, slow ones, and a server that dies under load.
//!
//! Needs a server's programs: `scripts/postgres.sh` gets them. Only with the feature `postgres`.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod broadcasts;
mod faults;
mod limits;
mod one_trip;
mod order;
mod pooler;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../../src/store/conformance/server.rs"]
mod server;
mod sharing;
mod tls;
mod upgrade;

use scaffold_runtime::event::{Metadata, NewEvent, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use scaffold_runtime::store::postgres::PostgresEvents;
use scaffold_runtime::store::{Append, AppendError, Appended, EventStore, Range, SnapshotKey};
use server::Server;
use std::borrow::Cow;
use std::sync::LazyLock;
use uuid::Uuid;

/// For tests that leave the server alone.
static SERVER: LazyLock<Server> = LazyLock::new(Server::start);

async fn open(url: &str) -> PostgresEvents {
    PostgresEvents::open(url, "unused").await.unwrap()
}

/// A plain connection, past the store.
async fn plain(url: &str) -> tokio_postgres::Client {
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}

fn schema(url: &str) -> &str {
    url.split_once("schema=").unwrap().1
}

fn tenant() -> Tenant {
    Tenant::new("acme")
}

fn event(tag: &str) -> NewEvent {
    NewEvent {
        id: Uuid::now_v7(),
        topic: Cow::Borrowed("test"),
        stream: None,
        event_type: Cow::Borrowed("Taken"),
        version: 1,
        tags: vec![Tag::new(tag)],
        payload: serde_json::json!({}),
        metadata: Metadata::default(),
        raised_at: 1,
    }
}

fn about(tag: &str) -> Query {
    Query::of([QueryItem::of(&["Taken"], [Tag::new(tag)])])
}

/// Under what the state of a decision about seats is kept.
fn key(definition: &'static str) -> SnapshotKey {
    let (command, reads) = (Cow::Borrowed("Take"), "[]".to_owned());
    SnapshotKey { command, reads, definition: Cow::Borrowed(definition), query: about("x:1") }
}

async fn all(events: &dyn EventStore) -> Vec<StoredEvent> {
    events.read_all(&Query::All, Range::default()).await.unwrap()
}

fn positions(events: &[StoredEvent]) -> Vec<Position> {
    events.iter().map(|event| event.position).collect()
}
