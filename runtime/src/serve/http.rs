//! What every process answers over HTTP: whether it lives, whether it is ready, its metrics.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use axum::{Json, Router};
use serde_json::json;

use super::readiness::Readiness;
use super::telemetry::Metrics;

/// `/health`, `/ready` and `/metrics`.
pub(super) fn routes(readiness: Readiness, metrics: Metrics) -> Router {
    let health = get(|| async { Json(json!({ "status": "ok" })) });
    Router::new()
        .route("/health", health)
        .route("/ready", get(ready).with_state(readiness))
        .route("/metrics", get(render).with_state(metrics))
}

async fn ready(State(readiness): State<Readiness>) -> Response {
    let lagging = readiness.lagging().await;
    let (code, status) =
        if lagging.is_empty() { (StatusCode::OK, "ready") } else { (StatusCode::SERVICE_UNAVAILABLE, "not ready") };
    (code, Json(json!({ "status": status, "waitingFor": lagging }))).into_response()
}

async fn render(State(metrics): State<Metrics>) -> Response {
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], metrics.render()).into_response()
}
