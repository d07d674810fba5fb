//! Files over HTTP: uploaded with a token, loaded by their owner or by a link. Nothing of them is held here, and who may what is
//! decided in the service that keeps them.

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::load::load;
use super::place::Place;
use super::upload::upload;
use crate::auth::Verifier;
use crate::gateway::{Channels, GatewayDefinition};

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
