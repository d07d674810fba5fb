//! What a call's metadata says.

use tonic::metadata::MetadataMap;
use tonic::{Code, Request};

use super::super::{Call, System};
use super::*;
use crate::event::Tenant;

async fn call(metadata: &[(&'static str, &str)]) -> Result<Call, tonic::Status> {
    let mut map = MetadataMap::new();
    for (name, value) in metadata {
        map.append(*name, value.parse().unwrap());
    }
    Call::from_metadata(&secret_verifier(), &map).await
}

#[tokio::test]
async fn without_a_token_the_caller_is_anonymous() {
    let anonymous = call(&[("x-tenant-id", "acme")]).await.unwrap();
    assert!(!anonymous.caller.is_signed_in());
    assert_eq!(anonymous.caller.tenant.as_str(), "acme");
    assert_eq!(call(&[]).await.unwrap().caller.tenant.as_str(), "");
    assert_eq!(anonymous.expires, None);
}

#[tokio::test]
async fn a_bad_token_is_refused_though_none_would_be_needed() {
    let bearer = format!("Bearer {}", with_secret(&claims(json!({ "exp": in_seconds(-60) }))));
    for value in ["Bearer x", "Basic eDp5", "Bearer", "Bearer ", "x", &bearer] {
        let status = call(&[("authorization", value)]).await.unwrap_err();
        assert_eq!(status.code(), Code::Unauthenticated, "{value}");
        assert_eq!(crate::error::status::code(&status), "UNAUTHENTICATED");
    }
    let good = format!("Bearer {}", with_secret(&claims(json!({}))));
    let twice = call(&[("authorization", &good), ("authorization", &good)]).await;
    assert_eq!(twice.unwrap_err().code(), Code::Unauthenticated);
}

#[tokio::test]
async fn the_token_says_the_tenant_whatever_the_header_says() {
    let good = format!("bearer {}", with_secret(&claims(json!({}))));
    let call = call(&[("authorization", &good), ("x-tenant-id", "other")]).await.unwrap();
    assert_eq!(call.caller.tenant.as_str(), "acme");
    assert!(call.expires.is_some());
}

#[tokio::test]
async fn calls_are_tied_together() {
    let trace = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    let traced = call(&[("traceparent", trace), ("x-idempotency-key", "k1")]).await.unwrap();
    assert_eq!(traced.correlation_id, "4bf92f3577b34da6a3ce929d0e0e4736");
    assert_eq!(traced.traceparent.as_deref(), Some(trace));
    assert_eq!(traced.idempotency_key.as_deref(), Some("k1"));
    let named = call(&[("traceparent", trace), ("x-correlation-id", "c1")]).await.unwrap();
    assert_eq!(named.correlation_id, "c1");
    let malformed = call(&[("traceparent", "00-zz-1-1")]).await.unwrap();
    assert_eq!(malformed.traceparent, None);
    assert!(!malformed.correlation_id.is_empty());
    let long = "k".repeat(300);
    assert_eq!(call(&[("x-idempotency-key", &long)]).await.unwrap_err().code(), Code::InvalidArgument);
}

#[tokio::test]
async fn only_this_process_can_be_the_system() {
    let mut request = Request::new(());
    request.extensions_mut().insert(System(Tenant::new("acme")));
    let call = Call::from_request(&secret_verifier(), &request).await.unwrap();
    assert!(call.caller.system);
    assert_eq!(call.caller.tenant.as_str(), "acme");
    let claimed = with_secret(&claims(json!({ "system": true })));
    assert!(!secret_verifier().verify(&claimed).await.unwrap().caller.system);
}
