//! The endpoint over real sockets, with a small schema.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod absent;
mod again;
mod fragments;
mod http;
mod page;
mod socket;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use async_graphql::{Context, EmptySubscription, Error, InputObject, MaybeUndefined, Object, Schema, Subscription};
use futures_util::{Stream, StreamExt};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::json;
use tokio::net::TcpListener;

use super::{Channels, Endpoint, GatewayDefinition, Int, Limits, error, fields, fields_below, request, routes};
use crate::auth::{AuthKeys, AuthSettings, Secret, Verifier};
use crate::caller::Caller;
use crate::error::status;
use crate::serve::{Shutdown, Stop, shutdown};
use crate::value::DateTime;
use crate::wire::FieldError;

const SECRET: &str = "a secret that has thirty-two bytes";

struct Query;

#[Object]
impl Query {
    async fn hello(&self, name: Option<String>) -> String {
        format!("hello {}", name.unwrap_or_default())
    }

    async fn asked(&self, input: Asked) -> String {
        let Asked { name, any, limit } = input;
        let any: Vec<String> = any.iter().flatten().map(|one| format!("{:?}", one.name)).collect();
        format!("name {name:?}, any {}, limit {limit:?}", any.join("/"))
    }

    async fn nested(&self) -> Query {
        Query
    }

    async fn echo(&self, number: Int) -> Int {
        number
    }

    async fn huge(&self) -> Option<Int> {
        Some(Int(i64::MAX))
    }

    async fn who(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        Ok(ctx.data::<Caller>()?.user_id.clone())
    }

    /// The metadata that a service would get.
    async fn metadata(&self, ctx: &Context<'_>, name: String) -> Result<Option<String>, Error> {
        let request = request(ctx, ())?;
        Ok(request.metadata().get(&name).map(|value| value.to_str().unwrap().to_owned()))
    }

    async fn wanted(&self, ctx: &Context<'_>) -> Wanted {
        Wanted { here: fields(ctx), below: fields_below(ctx, "data") }
    }

    async fn full(&self) -> Result<String, Error> {
        Err(error(status::rejected("CourseFullyBooked", "no seat is left")))
    }

    async fn wrong(&self) -> Result<String, Error> {
        let field = FieldError { path: vec!["name".into()], code: "VALIDATION".into(), message: "too long".into() };
        Err(error(status::invalid("the input is not valid", [field])))
    }

    async fn down(&self) -> Result<String, Error> {
        Err(error(tonic::Status::unavailable("tcp connect error: 10.0.0.1:50051")))
    }
}

/// As filters and changes are given.
#[derive(InputObject)]
struct Asked {
    name: MaybeUndefined<String>,
    any: Option<Vec<Asked>>,
    limit: Option<i32>,
}

struct Wanted {
    here: Vec<String>,
    below: Vec<String>,
}

#[Object]
impl Wanted {
    async fn here(&self) -> &[String] {
        &self.here
    }

    async fn below(&self) -> &[String] {
        &self.below
    }

    async fn data(&self) -> Query {
        Query
    }
}

struct Mutation;

#[Object]
impl Mutation {
    async fn key(&self, ctx: &Context<'_>) -> Result<Option<String>, Error> {
        let request = request(ctx, ())?;
        Ok(request.metadata().get("x-idempotency-key").map(|value| value.to_str().unwrap().to_owned()))
    }
}

struct Ticks;

#[Subscription]
impl Ticks {
    async fn ticks(&self, up_to: Int) -> impl Stream<Item = Int> {
        futures_util::stream::iter((1..=up_to.0).map(Int))
    }

    async fn forever(&self) -> impl Stream<Item = Int> {
        futures_util::stream::iter([Int(0)]).chain(futures_util::stream::pending())
    }

    async fn who(&self, ctx: &Context<'_>) -> Result<impl Stream<Item = Option<String>> + use<>, Error> {
        let user = ctx.data::<Caller>()?.user_id.clone();
        Ok(futures_util::stream::iter([user]))
    }
}

struct Server {
    address: SocketAddr,
    stop: Stop,
}

const LIMITS: Limits = Limits { depth: 20, complexity: 400, introspection: true };

fn definition() -> GatewayDefinition {
    GatewayDefinition::new(|_| Schema::build(Query, Mutation, Ticks))
}

async fn start() -> Server {
    start_with(definition(), LIMITS).await
}

async fn start_with(definition: GatewayDefinition, limits: Limits) -> Server {
    let keys = AuthKeys::Secret(Secret::new(SECRET).unwrap());
    let verifier = Arc::new(Verifier::new(&AuthSettings { keys, issuer: None, audience: None }).unwrap());
    let graph = definition.graph(&Channels::new(|name| Err(format!("no {name}"))), limits);
    let (stop, shutdown): (Stop, Shutdown) = shutdown();
    let endpoint = Endpoint { graph, verifier, body: 64 * 1024, call: Duration::from_secs(5), shutdown };
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move { axum::serve(listener, routes(endpoint)).await });
    Server { address, stop }
}

fn token(lifetime: i64) -> String {
    let exp = DateTime::now().millis() / 1000 + lifetime;
    let claims = json!({ "sub": "ada", "tenant": "acme", "exp": exp });
    crate::auth::crypto::encode(&Header::new(Algorithm::HS256), &claims, &EncodingKey::from_secret(SECRET.as_bytes()))
        .unwrap()
}
