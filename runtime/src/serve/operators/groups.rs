//! Consumer groups, and what they have parked.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde_json::json;

use super::{Failed, Operated, Page, Services, first, nothing_parked};

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/groups", get(groups))
        .route("/groups/{group}/parked", get(parked))
        .route("/groups/{group}/parked/{id}", delete(discard))
        .route("/groups/{group}/parked/{id}/resend", post(resend))
}

async fn groups(State(services): State<Services>) -> Result<Response, Failed> {
    let mut found = Vec::new();
    for Operated { service, groups, .. } in services.iter() {
        for group in groups.overview().await? {
            let mut group = json!(group);
            group["service"] = json!(service);
            found.push(group);
        }
    }
    Ok(Json(json!({ "groups": found })).into_response())
}

async fn parked(
    State(services): State<Services>,
    Path(group): Path<String>,
    Query(page): Query<Page>,
) -> Result<Response, Failed> {
    let mut found = Vec::new();
    for Operated { groups, .. } in services.iter() {
        found.extend(groups.parked(&group, page.after.as_deref(), page.limit()).await?);
    }
    found.sort_by(|one, other| one.id.cmp(&other.id));
    Ok(Json(json!({ "parked": first(found, page.limit()) })).into_response())
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
