//! Faults under load: connections that are cut in the middle of a commit, disks that are full, clocks that jump.
//!
//! What has to hold each time: no event that was acknowledged is lost, none is there twice, none is skipped, and every group
//! and every table comes to what a rebuild from zero comes to. With `SOAK_ROUNDS` the random ones go on for that long.
#![cfg(feature = "postgres")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, missing_docs)]

mod clock;
mod commit;
#[allow(dead_code, unused_imports, reason = "other tests use more of it")]
#[path = "../entries/fixture.rs"]
mod fixture;
mod full;
mod moved;
mod process;
mod proxy;
mod rebuild;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../entries/school.rs"]
mod school;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../../src/store/conformance/server.rs"]
mod server;
mod small;
mod storm;
#[allow(dead_code, reason = "other tests use more of it")]
#[path = "../entries/tickets.rs"]
mod tickets;
mod tokens;

use scaffold_runtime::event::{Metadata, NewEvent, Position, Query, QueryItem, StoredEvent, Tag, Tenant};
use scaffold_runtime::store::postgres::PostgresEvents;
use scaffold_runtime::store::{Append, AppendError, Appended, EventStore, Idempotency, Positions, Range, StoreError};
use server::{Server, Setup};
use std::borrow::Cow;
use std::sync::LazyLock;
use uuid::Uuid;

/// Where the hand-written service has its tables.
#[derive(Clone, Copy, Debug)]
pub enum On {
    Sqlite,
    Postgres,
}

/// For tests that leave the server alone.
static SERVER: LazyLock<Server> = LazyLock::new(|| Server::with(Setup::quick()));

async fn open(url: &str) -> PostgresEvents {
    PostgresEvents::open(url, "unused").await.unwrap()
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

async fn all(events: &dyn EventStore) -> Vec<StoredEvent> {
    events.read_all(&Query::All, Range::default()).await.unwrap()
}

fn rounds(short: usize) -> usize {
    std::env::var("SOAK_ROUNDS").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(short)
}

/// A plain connection, past the store.
async fn plain(url: &str) -> tokio_postgres::Client {
    let url = url.split_once('?').map_or(url, |(url, _)| url);
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    client
}
