//! Erasing subjects, and looking after the keys.

use axum::extract::State;
use axum::extract::rejection::JsonRejection;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::post;
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::{Failed, Services, refusal};
use crate::erasure::{By, Erasure};
use crate::event::Tenant;

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/erasures", post(erase))
        .route("/erasures/replay", post(replay))
        .route("/keys/rotate", post(rotate))
}

/// Whom to erase.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    service: Option<String>,
    tenant: String,
    subject: String,
    reason: Option<String>,
    user: Option<String>,
}

fn all(services: &Services) -> Vec<&Erasure> {
    services.iter().filter_map(|one| one.erasure.as_ref()).collect()
}

async fn erase(
    State(services): State<Services>,
    wanted: Result<Json<Wanted>, JsonRejection>,
) -> Result<Response, Failed> {
    let Json(Wanted { service, tenant, subject, reason, user }) = match wanted {
        Ok(wanted) => wanted,
        Err(rejection) => return Ok(refusal(StatusCode::BAD_REQUEST, &rejection.body_text())),
    };
    let mut meant = all(&services);
    meant.retain(|one| service.as_ref().is_none_or(|name| name == one.service()));
    let erasure = match meant[..] {
        [] => return Ok(refusal(StatusCode::NOT_FOUND, "no such service has personal fields here")),
        [only] => only,
        _ => {
            return Ok(refusal(
                StatusCode::BAD_REQUEST,
                "several services have personal fields: `service` must say which",
            ));
        }
    };
    let erased = erasure.erase(&Tenant::new(&tenant), &subject, By { user, reason }).await?;
    let mut told = json!(erased);
    told["service"] = json!(erasure.service());
    told["tenant"] = json!(tenant);
    told["subject"] = json!(subject);
    Ok(Json(told).into_response())
}

async fn replay(State(services): State<Services>) -> Result<Response, Failed> {
    let mut done = Vec::new();
    for erasure in all(&services) {
        done.push(json!({ "service": erasure.service(), "subjects": erasure.replay().await? }));
    }
    Ok(Json(json!({ "services": done })).into_response())
}

async fn rotate(State(services): State<Services>) -> Result<Response, Failed> {
    let mut done = Vec::new();
    for erasure in all(&services) {
        done.push(json!({ "service": erasure.service(), "keys": erasure.rotate().await? }));
    }
    Ok(Json(json!({ "services": done })).into_response())
}
