//! Who sends GraphQL requests over a connection, and what is passed on for them.

use async_graphql::{Data, Request};
use http::{HeaderMap, HeaderName, HeaderValue};
use tonic::Status;
use tonic::metadata::MetadataMap;

use super::Forward;
use super::context::Token;
use crate::auth::{Call, Verifier};
use crate::caller::Caller;
use crate::event::Tenant;
use crate::value::DateTime;

const PASSED_ON: [&str; 5] = ["authorization", "x-tenant-id", "x-correlation-id", "x-idempotency-key", "traceparent"];

/// A caller whose token was verified here; the services verify it again.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    caller: Caller,
    forward: Forward,
    /// From when on the token no longer counts.
    pub(super) expires: Option<DateTime>,
}

impl Session {
    /// Verifies the token of the headers, or the one given instead of theirs.
    ///
    /// # Errors
    /// As [`Call::from_metadata`].
    pub(super) async fn open(
        verifier: &Verifier,
        headers: &HeaderMap,
        authorization: Option<&str>,
    ) -> Result<Self, Status> {
        let mut kept = HeaderMap::new();
        for name in PASSED_ON {
            for value in headers.get_all(name) {
                kept.append(HeaderName::from_static(name), value.clone());
            }
        }
        if let Some(text) = authorization {
            let value = HeaderValue::from_str(text)
                .map_err(|_| crate::error::status::unauthenticated("the authorization is malformed"))?;
            kept.insert("authorization", value);
        }
        let call = Call::from_metadata(verifier, &MetadataMap::from_headers(kept)).await?;
        Ok(Self::of(call))
    }

    /// The process itself.
    pub(crate) fn system(tenant: Tenant) -> Self {
        Self::of(Call::system(tenant))
    }

    fn of(call: Call) -> Self {
        let forward = Forward {
            token: call.caller.token.clone().map(Token),
            tenant: Some(call.caller.tenant.as_str().to_owned()).filter(|tenant| !tenant.is_empty()),
            traceparent: Some(call.traceparent.unwrap_or_else(new_trace)),
            correlation_id: Some(call.correlation_id),
            idempotency_key: call.idempotency_key,
        };
        Self { caller: call.caller, forward, expires: call.expires }
    }

    /// The request, with what its resolvers need.
    pub(crate) fn request(&self, request: Request) -> Request {
        request.data(self.caller.clone()).data(self.forward.clone())
    }

    /// The same for all requests of a connection.
    pub(super) fn data(&self) -> Data {
        let mut data = Data::default();
        data.insert(self.caller.clone());
        data.insert(self.forward.clone());
        data
    }

    /// What is passed on to a service.
    pub(super) fn forward(&self) -> &Forward {
        &self.forward
    }

    pub(super) fn span(&self) -> tracing::Span {
        let trace = self.forward.traceparent.as_deref().and_then(crate::auth::trace_id).unwrap_or_default();
        tracing::info_span!("graphql", trace_id = trace, tenant = %self.caller.tenant)
    }
}

/// A trace of our own for a request that brings none.
fn new_trace() -> String {
    let trace = uuid::Uuid::now_v7().simple();
    format!("00-{trace}-{:016x}-01", fastrand::u64(1..))
}
