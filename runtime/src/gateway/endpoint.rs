//! The HTTP endpoint: `POST /graphql`, its WebSocket on the same path, and GraphiQL.

use std::time::Instant;

use async_graphql::{Executor, Request, Response as Answer};
use axum::body::Bytes;
use axum::extract::{DefaultBodyLimit, FromRequestParts, State, WebSocketUpgrade};
use axum::http::{HeaderMap, StatusCode, header, request::Parts};
use axum::response::{IntoResponse, Response};
use axum::routing::{MethodRouter, get, post};
use axum::{Json, Router};
use tonic::Status;

use super::edge::{Endpoint, failed};
use super::session::Session;
use super::{graphiql, socket};
use crate::error::status;

/// The routes of the endpoint.
pub(crate) fn routes(endpoint: Endpoint) -> Router {
    let body = endpoint.body;
    let graphql: MethodRouter<Endpoint> = post(execute).get(upgrade);
    Router::new()
        .route("/graphql", graphql)
        .layer(DefaultBodyLimit::max(body))
        .with_state(endpoint)
        .route("/", get(graphiql::page))
        .route("/graphiql", get(graphiql::page))
        .route("/graphiql/{file}", get(graphiql::file))
}

async fn execute(State(endpoint): State<Endpoint>, headers: HeaderMap, body: Bytes) -> Response {
    let started = Instant::now();
    let (code, answer) = match answer(&endpoint, &headers, &body).await {
        Ok(answer) => (StatusCode::OK, answer),
        Err((code, status)) => (code, failed(status)),
    };
    let outcome = if code != StatusCode::OK {
        "refused"
    } else if answer.is_ok() {
        "ok"
    } else {
        "error"
    };
    metrics::counter!("graphql_requests_total", "outcome" => outcome).increment(1);
    metrics::histogram!("graphql_request_duration_seconds").record(started.elapsed().as_secs_f64());
    (code, [(header::CACHE_CONTROL, "no-store")], Json(answer)).into_response()
}

async fn answer(endpoint: &Endpoint, headers: &HeaderMap, body: &[u8]) -> Result<Answer, (StatusCode, Status)> {
    // Only JSON: a form of another site cannot send it without asking the browser first.
    if !is_json(headers) {
        let message = "the body must be JSON with the content type application/json";
        return Err((StatusCode::UNSUPPORTED_MEDIA_TYPE, status::validation(message)));
    }
    let request: Request = serde_json::from_slice(body).map_err(|cause| {
        (StatusCode::BAD_REQUEST, status::validation(format!("the body is no GraphQL request: {cause}")))
    })?;
    let session = Session::open(&endpoint.verifier, headers, None).await.map_err(|status| {
        let unauthenticated = status.code() == tonic::Code::Unauthenticated;
        (if unauthenticated { StatusCode::UNAUTHORIZED } else { StatusCode::SERVICE_UNAVAILABLE }, status)
    })?;
    let span = session.span();
    let executed = tracing::Instrument::instrument(endpoint.graph.execute(session.request(request)), span);
    match tokio::time::timeout(endpoint.call, executed).await {
        Ok(answer) => Ok(answer),
        Err(_) => Ok(failed(status::unavailable("the request took too long"))),
    }
}

async fn upgrade(State(endpoint): State<Endpoint>, mut parts: Parts) -> Response {
    match WebSocketUpgrade::from_request_parts(&mut parts, &()).await {
        Ok(upgrade) => socket::serve(endpoint, upgrade, parts.headers),
        Err(_) => {
            let message = "queries and mutations are sent by POST; subscriptions over a WebSocket";
            (StatusCode::METHOD_NOT_ALLOWED, [(header::ALLOW, "POST")], Json(failed(status::validation(message))))
                .into_response()
        }
    }
}

fn is_json(headers: &HeaderMap) -> bool {
    let value = headers.get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    value.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/json"))
}
