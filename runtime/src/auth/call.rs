//! One call, as its metadata describes it.

use tonic::metadata::MetadataMap;
use tonic::{Extensions, Request, Status};

use super::{TokenError, Verifier};
use crate::caller::Caller;
use crate::error::status;
use crate::event::Tenant;
use crate::value::DateTime;

/// The longest correlation id, idempotency key or tenant that is taken, in bytes.
const LONGEST_KEY: usize = 256;

/// Who calls, and what the call is called.
#[derive(Clone, Debug)]
pub struct Call {
    /// Who calls, and for which tenant.
    pub caller: Caller,
    /// Ties together what one request from outside causes: `x-correlation-id`, else the trace id,
    /// else a new one.
    pub correlation_id: String,
    /// The event that led to the call, by id: from services alone.
    pub causation_id: Option<String>,
    /// Makes a repeated command answer what it answered the first time.
    pub idempotency_key: Option<String>,
    /// The W3C trace context, forwarded as it came.
    pub traceparent: Option<String>,
    /// From when on the token no longer counts; none without a token.
    pub expires: Option<DateTime>,
}

/// Marks a request as coming from this very process. Extensions never cross a network, so no
/// caller from outside can set it.
#[derive(Clone, Debug)]
pub struct System(pub Tenant);

impl Call {
    /// Verifies the token of a request and reads its metadata.
    ///
    /// # Errors
    /// `UNAUTHENTICATED` for a token that is not valid, even where none is needed; `UNAVAILABLE`
    /// while tokens cannot be verified; `VALIDATION` for malformed metadata.
    pub async fn from_request<T>(verifier: &Verifier, request: &Request<T>) -> Result<Self, Status> {
        Self::from_parts(verifier, request.metadata(), request.extensions()).await
    }

    /// Like [`Call::from_request`], from metadata alone.
    ///
    /// # Errors
    /// As [`Call::from_request`].
    pub async fn from_metadata(verifier: &Verifier, metadata: &MetadataMap) -> Result<Self, Status> {
        Self::from_parts(verifier, metadata, &Extensions::new()).await
    }

    /// A call of the process itself for a tenant.
    pub fn system(tenant: Tenant) -> Self {
        Self {
            caller: Caller::system(tenant),
            correlation_id: new_id(),
            causation_id: None,
            idempotency_key: None,
            traceparent: None,
            expires: None,
        }
    }

    async fn from_parts(verifier: &Verifier, metadata: &MetadataMap, extensions: &Extensions) -> Result<Self, Status> {
        let traceparent = text(metadata, "traceparent")?.filter(|value| trace_id(value).is_some());
        let from_trace = || traceparent.as_deref().and_then(trace_id).map(str::to_owned);
        let correlation_id = text(metadata, "x-correlation-id")?.or_else(from_trace).unwrap_or_else(new_id);
        let idempotency_key = text(metadata, "x-idempotency-key")?;
        let (caller, expires) = match extensions.get::<System>() {
            Some(System(tenant)) => (Caller::system(tenant.clone()), None),
            None => caller(verifier, metadata).await?,
        };
        let causation_id = text(metadata, "x-causation-id")?.filter(|_| caller.only.is_some());
        Ok(Self { caller, correlation_id, causation_id, idempotency_key, traceparent, expires })
    }
}

async fn caller(verifier: &Verifier, metadata: &MetadataMap) -> Result<(Caller, Option<DateTime>), Status> {
    let mut given = metadata.get_all("authorization").iter();
    let Some(value) = given.next() else {
        let tenant = text(metadata, "x-tenant-id")?.unwrap_or_default();
        return Ok((Caller::anonymous(Tenant::new(tenant)), None));
    };
    if given.next().is_some() {
        return Err(status::unauthenticated("more than one authorization is given"));
    }
    let value = value.to_str().map_err(|_| status::unauthenticated("the authorization is malformed"))?;
    let verified = verifier.verify(bearer(value)?).await.map_err(refused)?;
    Ok((verified.caller, Some(verified.expires)))
}

/// The token of an authorization header; the scheme's case does not matter.
fn bearer(value: &str) -> Result<&str, Status> {
    match value.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") && !token.trim().is_empty() => Ok(token.trim()),
        _ => Err(status::unauthenticated("the authorization must be `Bearer` and a token")),
    }
}

/// The answer to a token that was not accepted.
fn refused(error: TokenError) -> Status {
    match error {
        TokenError::Invalid(_) => status::unauthenticated(error.to_string()),
        TokenError::Unavailable => status::unavailable(error.to_string()),
    }
}

/// The trace id of a W3C `traceparent` (`00-<32 hex>-<16 hex>-<2 hex>`).
pub(crate) fn trace_id(traceparent: &str) -> Option<&str> {
    let mut parts = traceparent.split('-');
    let (version, trace, parent) = (parts.next()?, parts.next()?, parts.next()?);
    let hex = |text: &str, length| text.len() == length && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    let valid = hex(version, 2) && hex(trace, 32) && hex(parent, 16) && trace.bytes().any(|byte| byte != b'0');
    valid.then_some(trace)
}

fn text(metadata: &MetadataMap, name: &'static str) -> Result<Option<String>, Status> {
    let Some(value) = metadata.get(name) else { return Ok(None) };
    match value.to_str() {
        Ok("") => Ok(None),
        Ok(text) if text.len() <= LONGEST_KEY => Ok(Some(text.to_owned())),
        _ => Err(status::validation(format!("`{name}` must be ASCII of at most {LONGEST_KEY} bytes"))),
    }
}

fn new_id() -> String {
    uuid::Uuid::now_v7().to_string()
}
