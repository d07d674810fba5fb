//! What operators see and do, over a socket.

#![allow(clippy::unwrap_used)]

use super::*;
use crate::consumer::{Consumer, Delivery, Failure};
use crate::database::{Database, Databases};
use crate::entry::{Entry, Table};
use crate::event::{Metadata, NewEvent, Query, Tenant};
use crate::projection::Registry;
use crate::projection::tasks::{Task, called, heal, sicken};
use crate::store::Append;
use crate::tables::Place;
use crate::testing::{Answer, send};
use std::net::SocketAddr;
use tokio::net::TcpListener;

const TOKEN: &str = "an operator's token";

/// Has no use for anything.
struct Refusing;

#[async_trait::async_trait]
impl Consumer for Refusing {
    fn name(&self) -> &'static str {
        "refusing"
    }

    fn query(&self) -> Query {
        Query::All
    }

    async fn handle(&self, delivery: Delivery<'_>) -> Result<(), Failure> {
        Err(Failure::Park(format!("attempt {}", delivery.attempt)))
    }
}

async fn serve(token: Option<OperatorToken>) -> (SocketAddr, Groups) {
    let (address, operated, _) = serve_all(token).await;
    (address, operated.groups)
}

async fn serve_all(token: Option<OperatorToken>) -> (SocketAddr, Operated, Databases) {
    let database = Database::open("sqlite::memory:", "bank").await.unwrap();
    let event = NewEvent {
        id: uuid::Uuid::now_v7(),
        topic: "test".into(),
        stream: None,
        event_type: "A".into(),
        version: 1,
        tags: Vec::new(),
        payload: json!({}),
        metadata: Metadata::default(),
        raised_at: 1,
    };
    database.events().append(Append::new(Tenant::new("acme"), vec![event])).await.unwrap();
    let consumer: Arc<dyn Consumer> = Arc::new(Refusing);
    let databases = Databases::single(database);
    let groups = Groups::start(&[consumer], &databases).await.unwrap();
    let engines = Registry::new("bank").add::<Task>().start(&databases).await.unwrap();
    let operated = Operated {
        service: "bank",
        groups,
        engines,
        #[cfg(feature = "erasure")]
        erasure: None,
    };
    let router = routes(token, vec![operated.clone()]);
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, router).await });
    (address, operated, databases)
}

async fn call(address: SocketAddr, method: &str, path: &str) -> Answer {
    let token = format!("Bearer {TOKEN}");
    send(address, method, path, &[("authorization", &token)], "").await
}

async fn parked(address: SocketAddr, error: &str) -> serde_json::Value {
    for _ in 0..3000 {
        let found = call(address, "GET", "/groups/refusing/parked").await.json()["parked"][0].clone();
        if found["error"] == error {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    unreachable!("it was never parked with `{error}`")
}

#[tokio::test]
async fn without_a_token_of_its_own_there_is_nothing() {
    let (address, groups) = serve(None).await;
    assert_eq!(call(address, "GET", "/groups").await.code, 404);
    groups.stop().await;
    let (address, groups) = serve(OperatorToken::new(TOKEN).ok()).await;
    for shown in ["", "Bearer", "Bearer an operator's tokem", "Bearer an operator's token2", "Basic x"] {
        let refused = send(address, "GET", "/groups", &[("authorization", shown)], "").await;
        assert_eq!(refused.code, 401, "{shown}");
    }
    assert_eq!(send(address, "DELETE", "/groups/refusing/parked/x", &[], "").await.code, 401);
    groups.stop().await;
    assert!(OperatorToken::new("too short").is_err());
}

#[tokio::test]
async fn what_is_parked_is_listed_sent_again_and_discarded() {
    let (address, groups) = serve(OperatorToken::new(TOKEN).ok()).await;
    let found = parked(address, "attempt 1").await;
    assert_eq!((&found["tenant"], &found["position"], &found["eventType"]), (&json!("acme"), &json!(1), &json!("A")));
    let listed = call(address, "GET", "/groups").await.json()["groups"][0].clone();
    let expected = json!({
        "service": "bank", "group": "refusing", "position": 1, "lag": 0, "waiting": 0, "due": null, "running": 0,
        "parked": 1, "here": true, "stopped": null,
    });
    assert_eq!(listed, expected);
    let path = format!("/groups/refusing/parked/{}", found["id"].as_str().unwrap());
    assert_eq!(call(address, "POST", &format!("{path}/resend")).await.code, 202);
    parked(address, "attempt 2").await;
    assert_eq!(call(address, "DELETE", &path).await.code, 204);
    assert_eq!(call(address, "DELETE", &path).await.code, 404);
    assert_eq!(call(address, "POST", &format!("{path}/resend")).await.code, 404);
    assert_eq!(call(address, "GET", "/groups/refusing/parked").await.json()["parked"], json!([]));
    groups.stop().await;
}

/// What projections have parked, once there is as much of it as wanted.
async fn aside(address: SocketAddr, wanted: usize, attempts: u32) -> Vec<serde_json::Value> {
    for _ in 0..3000 {
        let found = call(address, "GET", "/projections/Task/parked").await.json()["parked"].as_array().unwrap().clone();
        if found.len() == wanted && found.first().is_none_or(|one| one["attempts"] == attempts) {
            return found;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    unreachable!("there were never {wanted} tried {attempts} times")
}

#[tokio::test]
async fn what_projections_have_parked_is_listed_sent_again_and_discarded() {
    let (address, Operated { groups, engines, .. }, databases) = serve_all(OperatorToken::new(TOKEN).ok()).await;
    sicken("lost");
    sicken("found");
    let append = Append::new(Tenant::new("acme"), vec![called("well"), called("lost"), called("found")]);
    databases.all()[0].events().append(append).await.unwrap();
    let parked = aside(address, 2, 1).await;
    let one = &parked[0];
    assert_eq!(
        (&one["tenant"], &one["position"], &one["entry"], &one["resent"]),
        (&json!("acme"), &json!(3), &json!("one"), &json!(false))
    );
    let path = |number: usize| format!("/projections/Task/parked/{}", parked[number]["id"].as_str().unwrap());
    assert_eq!(call(address, "POST", &format!("{}/resend", path(0))).await.code, 202);
    aside(address, 2, 2).await;
    assert_eq!(call(address, "DELETE", &path(0)).await.code, 204);
    heal("lost");
    heal("found");
    assert_eq!(call(address, "POST", &format!("{}/resend", path(1))).await.code, 202);
    aside(address, 0, 0).await;
    for (method, path) in [("DELETE", path(0)), ("POST", format!("{}/resend", path(1)))] {
        assert_eq!(call(address, method, &path).await.code, 404);
    }
    assert_eq!(call(address, "GET", "/projections/Nothing/parked").await.code, 404);
    let listed = call(address, "GET", "/projections").await.json()["projections"][0].clone();
    let expected = json!({
        "service": "bank", "projection": "Task", "table": "bank_task_0", "state": "live", "position": 4, "behind": 0,
        "percent": 100, "eventsPerSecond": listed["eventsPerSecond"], "parked": 0, "here": true,
    });
    assert_eq!(listed, expected);
    groups.stop().await;
    engines.stop().await;
}

#[tokio::test]
async fn tables_that_nobody_serves_are_listed_and_pruned() {
    let (address, Operated { groups, engines, .. }, databases) = serve_all(OperatorToken::new(TOKEN).ok()).await;
    let old = Place::new("bank", Table { definition: "0ld", ..Task::TABLE });
    databases.all()[0].tables().prepare(&old, 0).await.unwrap();
    let prune = async |path| call(address, "POST", path).await.json();
    let table = json!({
        "service": "bank", "table": "bank_task_0ld", "projection": "Task", "definition": "0ld", "position": 0,
    });
    assert_eq!(prune("/projections/prune?dryRun=true").await, json!({ "dryRun": true, "tables": [&table] }));
    assert_eq!(prune("/projections/prune").await, json!({ "dryRun": false, "tables": [table] }));
    assert_eq!(prune("/projections/prune").await["tables"], json!([]));
    assert!(databases.all()[0].tables().checkpoint(&old).await.is_err());
    assert_eq!(send(address, "POST", "/projections/prune", &[], "").await.code, 401);
    groups.stop().await;
    engines.stop().await;
}
