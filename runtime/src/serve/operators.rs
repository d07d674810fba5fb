//! What operators see and do over HTTP, with a token of their own: consumer groups, and what they have parked.
//!
//! Without `OPERATOR_TOKEN` there is nothing of it. It shows data of all tenants: keep the address away from the public.

use std::fmt;
use std::sync::Arc;

use axum::extract::{Path, Query, Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::consumer::Groups;
use crate::store::StoreError;

/// The shortest token that is accepted, in bytes.
const SHORTEST_TOKEN: usize = 16;
/// What is listed at once, unless asked for, and at most.
const LISTED: u32 = 100;
const LISTED_AT_MOST: u32 = 1000;

/// What an operator has to show; never shown itself.
#[derive(Clone)]
pub(crate) struct OperatorToken(Arc<str>);

impl OperatorToken {
    /// Takes a token of at least 16 bytes.
    ///
    /// # Errors
    /// A sentence that says so, without the token.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        if text.len() < SHORTEST_TOKEN {
            return Err(format!("it has {} bytes; {SHORTEST_TOKEN} or more are needed", text.len()));
        }
        Ok(Self(text.into()))
    }

    /// Takes as long for a token that is nearly right as for one that is all wrong.
    fn is(&self, shown: &str) -> bool {
        let differ = self.0.bytes().zip(shown.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
        std::hint::black_box(differ) == 0 && self.0.len() == shown.len()
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OperatorToken(…)")
    }
}

/// A service's part of what operators see.
#[derive(Clone)]
pub(super) struct Operated {
    pub(super) service: &'static str,
    pub(super) groups: Groups,
}

type Services = Arc<[Operated]>;

/// The routes; none without a token.
pub(super) fn routes(token: Option<OperatorToken>, services: Vec<Operated>) -> Router {
    let Some(token) = token else { return Router::new() };
    Router::new()
        .route("/groups", get(groups))
        .route("/groups/{group}/parked", get(parked))
        .route("/groups/{group}/parked/{id}", delete(discard))
        .route("/groups/{group}/parked/{id}/resend", post(resend))
        .with_state(Services::from(services))
        .route_layer(middleware::from_fn_with_state(token, guard))
}

async fn guard(State(token): State<OperatorToken>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shown.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(shown) if token.is(shown.trim()) => next.run(request).await,
        _ => refusal(StatusCode::UNAUTHORIZED, "an operator's token is needed"),
    }
}

async fn groups(State(services): State<Services>) -> Result<Response, Failed> {
    let mut found = Vec::new();
    for Operated { service, groups } in services.iter() {
        for group in groups.overview().await? {
            let mut group = json!(group);
            group["service"] = json!(service);
            found.push(group);
        }
    }
    Ok(Json(json!({ "groups": found })).into_response())
}

/// Which part of a list is wanted.
#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<u32>,
}

async fn parked(
    State(services): State<Services>,
    Path(group): Path<String>,
    Query(page): Query<Page>,
) -> Result<Response, Failed> {
    let limit = page.limit.unwrap_or(LISTED).clamp(1, LISTED_AT_MOST);
    let mut found = Vec::new();
    for Operated { groups, .. } in services.iter() {
        found.extend(groups.parked(&group, page.after.as_deref(), limit).await?);
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(Json(json!({ "parked": found })).into_response())
}

async fn resend(
    State(services): State<Services>,
    Path((group, id)): Path<(String, String)>,
) -> Result<Response, Failed> {
    for Operated { groups, .. } in services.iter() {
        if groups.resend(&group, &id).await? {
            tracing::info!(group, id, "an operator has sent a parked event again");
            return Ok(StatusCode::ACCEPTED.into_response());
        }
    }
    Ok(nothing_parked())
}

async fn discard(
    State(services): State<Services>,
    Path((group, id)): Path<(String, String)>,
) -> Result<Response, Failed> {
    for Operated { groups, .. } in services.iter() {
        if groups.discard(&group, &id).await? {
            tracing::info!(group, id, "an operator has discarded a parked event");
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Ok(nothing_parked())
}

fn nothing_parked() -> Response {
    refusal(StatusCode::NOT_FOUND, "nothing of this id is parked there")
}

fn refusal(code: StatusCode, message: &str) -> Response {
    (code, Json(json!({ "error": message }))).into_response()
}

/// A database that failed; what it said is logged and not told.
struct Failed(StoreError);

impl From<StoreError> for Failed {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl IntoResponse for Failed {
    fn into_response(self) -> Response {
        tracing::error!(error = %self.0, "an operator's call failed");
        refusal(StatusCode::SERVICE_UNAVAILABLE, "the database failed; the log says how")
    }
}

#[cfg(all(test, feature = "gateway"))]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::consumer::{Consumer, Delivery, Failure};
    use crate::database::{Database, Databases};
    use crate::event::{Metadata, NewEvent, Query, Tenant};
    use crate::store::Append;
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
        let groups = Groups::start(&[consumer], &Databases::single(database)).await.unwrap();
        let router = routes(token, vec![Operated { service: "bank", groups: groups.clone() }]);
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        tokio::spawn(async move { axum::serve(listener, router).await });
        (address, groups)
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
        assert_eq!(
            (&found["tenant"], &found["position"], &found["eventType"]),
            (&json!("acme"), &json!(1), &json!("A"))
        );
        let listed = call(address, "GET", "/groups").await.json()["groups"][0].clone();
        let expected = json!({
            "service": "bank", "group": "refusing", "position": 1, "lag": 0, "waiting": 0, "parked": 1, "here": true,
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
}
