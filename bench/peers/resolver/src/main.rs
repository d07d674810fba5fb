//! The list of courses, written by hand: one table, prepared statements, a token that says whose courses.
//!
//! `scaffold-bench-resolver ADDRESS DATABASE TABLE SECRET`

mod courses;
mod database;

use async_graphql::{EmptyMutation, EmptySubscription, Request, Response, Schema};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use axum::{Json, Router};
use courses::{Query, Tenant};
use database::Database;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use std::sync::Arc;

type Courses = Schema<Query, EmptyMutation, EmptySubscription>;

#[derive(Clone)]
struct Server {
    schema: Courses,
    key: Arc<DecodingKey>,
}

/// What the token says.
#[derive(Deserialize)]
struct Claims {
    tenant: String,
}

#[tokio::main]
async fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, url, table, secret] = &arguments[..] else { panic!("ADDRESS DATABASE TABLE SECRET") };
    let database = Database::open(url, table).await.expect("the database");
    let schema = Schema::build(Query, EmptyMutation, EmptySubscription).data(database).finish();
    let server = Server { schema, key: Arc::new(DecodingKey::from_secret(secret.as_bytes())) };
    let routes = Router::new().route("/graphql", post(answer)).with_state(server);
    let listener = tokio::net::TcpListener::bind(address).await.expect("the address");
    axum::serve(listener, routes).await.expect("the server");
}

async fn answer(
    State(server): State<Server>,
    headers: HeaderMap,
    Json(request): Json<Request>,
) -> Result<Json<Response>, StatusCode> {
    let token = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok()?.strip_prefix("Bearer "));
    let token = token.ok_or(StatusCode::UNAUTHORIZED)?;
    let verified = jsonwebtoken::decode::<Claims>(token, &server.key, &Validation::new(Algorithm::HS256));
    let Claims { tenant } = verified.map_err(|_| StatusCode::UNAUTHORIZED)?.claims;
    Ok(Json(server.schema.execute(request.data(Tenant(tenant))).await))
}
