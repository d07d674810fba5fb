//! Projections: how far they are, what they have parked, and the tables of definitions that nobody serves any more.

use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{delete, get, post};
use axum::{Json, Router};
use serde::Deserialize;
use serde_json::json;

use super::{Failed, Operated, Page, Services, first, nothing_parked, refusal};

pub(super) fn routes() -> Router<Services> {
    Router::new()
        .route("/projections", get(projections))
        .route("/projections/prune", post(prune))
        .route("/projections/{projection}/parked", get(parked))
        .route("/projections/{projection}/parked/{id}", delete(discard))
        .route("/projections/{projection}/parked/{id}/resend", post(resend))
}

async fn projections(State(services): State<Services>) -> Result<Response, Failed> {
    let mut found = Vec::new();
    for Operated { service, engines, .. } in services.iter() {
        for projection in engines.overview().await? {
            let mut projection = json!(projection);
            projection["service"] = json!(service);
            found.push(projection);
        }
    }
    Ok(Json(json!({ "projections": found })).into_response())
}

/// How far pruning goes.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Prune {
    #[serde(default)]
    dry_run: bool,
}

async fn prune(State(services): State<Services>, Query(wanted): Query<Prune>) -> Result<Response, Failed> {
    let mut found = Vec::new();
    for Operated { service, engines, .. } in services.iter() {
        for table in engines.unused(!wanted.dry_run).await? {
            let mut table = json!(table);
            table["service"] = json!(service);
            found.push(table);
        }
    }
    Ok(Json(json!({ "dryRun": wanted.dry_run, "tables": found })).into_response())
}

async fn parked(
    State(services): State<Services>,
    Path(projection): Path<String>,
    Query(page): Query<Page>,
) -> Result<Response, Failed> {
    let (mut found, mut is_known) = (Vec::new(), false);
    for Operated { engines, .. } in services.iter() {
        let parked = engines.parked(&projection, page.after.as_deref(), page.limit()).await?;
        is_known |= parked.is_some();
        found.extend(parked.unwrap_or_default());
    }
    if !is_known {
        return Ok(refusal(StatusCode::NOT_FOUND, "there is no projection of this name"));
    }
    found.sort_by_key(|one| one.order());
    Ok(Json(json!({ "parked": first(found, page.limit()) })).into_response())
}

async fn resend(
    State(services): State<Services>,
    Path((projection, id)): Path<(String, String)>,
) -> Result<Response, Failed> {
    for Operated { engines, .. } in services.iter() {
        if engines.resend(&projection, &id).await? {
            tracing::info!(projection, id, "an operator wants a parked event applied");
            return Ok(StatusCode::ACCEPTED.into_response());
        }
    }
    Ok(nothing_parked())
}

async fn discard(
    State(services): State<Services>,
    Path((projection, id)): Path<(String, String)>,
) -> Result<Response, Failed> {
    for Operated { engines, .. } in services.iter() {
        if engines.discard(&projection, &id).await? {
            tracing::info!(projection, id, "an operator has discarded a parked event");
            return Ok(StatusCode::NO_CONTENT.into_response());
        }
    }
    Ok(nothing_parked())
}
