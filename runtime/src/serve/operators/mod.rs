//! What operators see and do over HTTP, with a token of their own: consumer groups and projections, what they have parked,
//! tables that nobody serves, and subjects that are to be erased.
//!
//! Without `OPERATOR_TOKEN` there is nothing of it. It shows data of all tenants: keep the address away from the public.

#[cfg(feature = "erasure")]
mod erasures;
mod groups;
mod projections;
#[cfg(all(test, feature = "gateway"))]
mod tests;
mod token;

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use crate::consumer::Groups;
#[cfg(feature = "erasure")]
use crate::erasure::Erasure;
use crate::projection::Engines;
use crate::store::StoreError;

pub(crate) use token::OperatorToken;

/// What is listed at once, unless asked for, and at most.
const LISTED: u32 = 100;
const LISTED_AT_MOST: u32 = 1000;

/// A service's part of what operators see.
#[derive(Clone)]
pub(super) struct Operated {
    pub(super) service: &'static str,
    pub(super) groups: Groups,
    pub(super) engines: Engines,
    #[cfg(feature = "erasure")]
    pub(super) erasure: Option<Erasure>,
}

type Services = Arc<[Operated]>;

/// The routes; none without a token.
pub(super) fn routes(token: Option<OperatorToken>, services: Vec<Operated>) -> Router {
    let Some(token) = token else { return Router::new() };
    let routes = Router::new().merge(groups::routes()).merge(projections::routes());
    #[cfg(feature = "erasure")]
    let routes = routes.merge(erasures::routes());
    routes.with_state(Services::from(services)).route_layer(middleware::from_fn_with_state(token, guard))
}

async fn guard(State(token): State<OperatorToken>, request: Request, next: Next) -> Response {
    let shown = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    match shown.and_then(|value| value.strip_prefix("Bearer ")) {
        Some(shown) if token.is(shown.trim()) => next.run(request).await,
        _ => refusal(StatusCode::UNAUTHORIZED, "an operator's token is needed"),
    }
}

/// Which part of a list is wanted.
#[derive(Deserialize)]
struct Page {
    after: Option<String>,
    limit: Option<u32>,
}

impl Page {
    fn limit(&self) -> u32 {
        self.limit.unwrap_or(LISTED).clamp(1, LISTED_AT_MOST)
    }
}

/// The first ones of a list that several databases gave.
fn first<T>(mut found: Vec<T>, limit: u32) -> Vec<T> {
    found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    found
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
