//! Files over HTTP: uploaded with a token, loaded by their owner or by a link. Nothing of them is held here, and who may what is
//! decided in the service that keeps them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::json;
use tonic::Status;
use tonic::client::Grpc;

use super::load::load;
use super::upload::upload;
use crate::auth::Verifier;
use crate::error::status;
use crate::files::SERVICE;
use crate::gateway::{self, Channels, GatewayDefinition};
use crate::rpc::{Channel, Client};

/// The way to the files of one service.
#[derive(Clone)]
pub(super) struct Place {
    pub(super) service: &'static str,
    channel: Channel,
    pub(super) verifier: Arc<Verifier>,
}

impl Place {
    pub(super) fn client(&self) -> Client<Channel> {
        Client::new(SERVICE, Grpc::new(self.channel.clone()))
    }
}

/// The routes of the files of all services that have some.
pub(crate) fn file_routes(definition: &GatewayDefinition, channels: &Channels, verifier: Arc<Verifier>) -> Router {
    definition.with_files().iter().fold(Router::new(), |router, service| {
        let place = Place { service, channel: channels.get(service), verifier: Arc::clone(&verifier) };
        // How large a file may be is for its service to say.
        let routes = Router::new()
            .route(&format!("/v1/{service}/files"), post(upload).layer(DefaultBodyLimit::disable()))
            .route(&format!("/v1/{service}/files/{{id}}"), get(load))
            .with_state(place);
        router.merge(routes)
    })
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
