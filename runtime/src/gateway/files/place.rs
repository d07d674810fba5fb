//! The way to the files of one service, and how a failure there is answered.

use std::sync::Arc;

use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::json;
use tonic::Status;
use tonic::client::Grpc;

use crate::auth::Verifier;
use crate::error::status;
use crate::files::SERVICE;
use crate::gateway;
use crate::rpc::{Channel, Client};

/// The way to the files of one service.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) service: &'static str,
    pub(super) channel: Channel,
    pub(super) verifier: Arc<Verifier>,
}

impl Place {
    pub(super) fn client(&self) -> Client<Channel> {
        Client::new(SERVICE, Grpc::new(self.channel.clone()))
    }
}

/// A failure as a problem document (RFC 9457).
pub(super) fn refusal(status: &Status) -> Response {
    let failure = gateway::error(status.clone());
    let code = status::code(status);
    let http = match code.as_str() {
        "UNAUTHENTICATED" => StatusCode::UNAUTHORIZED,
        "FORBIDDEN" => StatusCode::FORBIDDEN,
        "NOT_FOUND" => StatusCode::NOT_FOUND,
        "VALIDATION" if status.code() == tonic::Code::ResourceExhausted => StatusCode::PAYLOAD_TOO_LARGE,
        "VALIDATION" => StatusCode::BAD_REQUEST,
        "CONFLICT" => StatusCode::CONFLICT,
        "UNAVAILABLE" => StatusCode::SERVICE_UNAVAILABLE,
        _ => StatusCode::INTERNAL_SERVER_ERROR,
    };
    let title = http.canonical_reason().unwrap_or_default();
    let problem = json!({ "title": title, "status": http.as_u16(), "detail": failure.message, "code": code });
    let kind = [(header::CONTENT_TYPE, "application/problem+json"), (header::CACHE_CONTROL, "no-store")];
    (http, kind, problem.to_string()).into_response()
}
