//! Who may read events: services alone, with a token for just that.

use std::time::Duration;

use futures_util::StreamExt;
use tonic::client::Grpc;
use tonic::{Code, Request, Status};

use super::super::SERVICE;
use super::ground::{SECRET, keys};
use super::{Enrollment, On};
use crate::auth::{Secret, ServiceKeys};
use crate::automation::Target;
use crate::event::{Position, Tenant};
use crate::rpc::Client;
use crate::value::DateTime;
use crate::wire::{EventPage, EventsHead, EventsOf, ReadEvents};

fn with<T>(message: T, token: Option<&str>) -> Request<T> {
    let mut request = Request::new(message);
    if let Some(token) = token {
        request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
    }
    request.metadata_mut().insert("x-tenant-id", "acme".parse().unwrap());
    request
}

/// How each method answers a token, asked for a service's events.
async fn answers(enrollment: &Enrollment, service: &str, token: Option<&str>) -> [Option<Code>; 3] {
    let client = || Client::new(SERVICE, Grpc::new(enrollment.channel()));
    let of = EventsOf { service: service.to_owned() };
    let head = client().one::<EventsOf, EventsHead>("Head", with(of.clone(), token)).await.err();
    let follow = client().many::<EventsOf, EventsHead>("Follow", with(of, token)).await.err();
    let read = ReadEvents { service: service.to_owned(), ..ReadEvents::default() };
    let read = client().one::<ReadEvents, EventPage>("Read", with(read, token)).await.err();
    [head, follow, read].map(|refused| refused.as_ref().map(Status::code))
}

#[tokio::test]
async fn events_are_for_services_with_a_token_for_them() {
    let enrollment = Enrollment::open(On::Sqlite).await;
    let right = keys().events_token("enrollment").unwrap();
    assert_eq!(answers(&enrollment, "enrollment", Some(&right)).await, [None; 3]);
    assert_eq!(answers(&enrollment, "enrollment", None).await, [Some(Code::Unauthenticated); 3]);
    let user = serde_json::json!({ "sub": "u", "tenant": "acme", "scopes": ["ADMIN", "$events"], "exp": 4_000_000_000_u64,
        "command": "enrollment.$events" });
    let signed = jsonwebtoken::EncodingKey::from_secret(SECRET.as_bytes());
    let user = crate::auth::crypto::encode(&jsonwebtoken::Header::default(), &user, &signed).unwrap();
    let target = Target { service: "enrollment", command: "Subscribe", permission: Some("$events"), ignore: &[] };
    let command = keys().token(&Tenant::new("acme"), &target).unwrap();
    let elsewhere = keys().events_token("billing").unwrap();
    for token in [user, command, elsewhere] {
        assert_eq!(answers(&enrollment, "enrollment", Some(&token)).await, [Some(Code::PermissionDenied); 3]);
    }
    let stranger = ServiceKeys::new(&Secret::new("another secret of thirty-two bytes!").unwrap()).unwrap();
    let stranger = stranger.events_token("enrollment").unwrap();
    assert_eq!(answers(&enrollment, "enrollment", Some(&stranger)).await, [Some(Code::Unauthenticated); 3]);
    let billing = keys().events_token("billing").unwrap();
    assert_eq!(answers(&enrollment, "billing", Some(&billing)).await, [Some(Code::NotFound); 3]);
    let mut client = Client::new(SERVICE, Grpc::new(enrollment.channel()));
    let other = client.one::<EventsOf, EventsHead>("Append", with(EventsOf::default(), Some(&right))).await;
    assert_eq!(other.unwrap_err().code(), Code::Unimplemented);
}

#[tokio::test]
async fn a_stream_ends_with_its_token() {
    let enrollment = Enrollment::open(On::Sqlite).await;
    let now = DateTime::now().millis() / 1000;
    let late = keys().events_token_until("enrollment", now - 60).unwrap();
    assert_eq!(answers(&enrollment, "enrollment", Some(&late)).await, [Some(Code::Unauthenticated); 3]);
    let short = keys().events_token_until("enrollment", now + 2).unwrap();
    let mut client = Client::new(SERVICE, Grpc::new(enrollment.channel()));
    let of = EventsOf { service: "enrollment".to_owned() };
    let heads = client.many::<EventsOf, EventsHead>("Follow", with(of, Some(&short))).await.unwrap().into_inner();
    let heads = tokio::time::timeout(Duration::from_secs(60), heads.collect::<Vec<_>>()).await.expect("it ends");
    assert!(heads.iter().all(Result::is_ok) && !heads.is_empty(), "{heads:?}");
}

/// How many events the pages of all there are have.
pub(super) async fn pages(enrollment: &Enrollment, head: Position) -> Vec<usize> {
    let token = keys().events_token("enrollment").unwrap();
    let mut client = Client::new(SERVICE, Grpc::new(enrollment.channel()).max_decoding_message_size(64 << 20));
    let (mut found, mut after) = (Vec::new(), 0);
    while after < head {
        let ask = ReadEvents { service: "enrollment".into(), after, limit: u32::MAX, ..ReadEvents::default() };
        let page = client.one::<ReadEvents, EventPage>("Read", with(ask, Some(&token))).await.unwrap().into_inner();
        assert!(page.to > after);
        after = page.to;
        found.push(page.events.len());
    }
    found
}
