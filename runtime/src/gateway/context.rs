//! What a resolver passes on to the services: the caller's token and trace, and which fields are
//! wanted.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use async_graphql::{Context, Error, SelectionField};
use tonic::Request;
use tonic::metadata::{AsciiMetadataValue, MetadataMap};

use crate::caller::Caller;
use crate::event::Tenant;
use crate::query::WITHOUT_TOTAL;

/// What every call for one GraphQL request carries. Two that are equal may share a batch.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Forward {
    pub(super) token: Option<Token>,
    pub(super) tenant: Option<String>,
    pub(super) correlation_id: Option<String>,
    pub(super) idempotency_key: Option<String>,
    pub(super) traceparent: Option<String>,
}

/// A raw token; never shown.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(super) struct Token(pub(super) String);

impl std::fmt::Debug for Token {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("Token(…)")
    }
}

impl Forward {
    /// A request to a service that carries all of it.
    pub fn request<M>(&self, message: M) -> Request<M> {
        let mut request = Request::new(message);
        let metadata = request.metadata_mut();
        let token = self.token.as_ref().map(|token| format!("Bearer {}", token.0));
        set(metadata, "authorization", token.as_deref());
        set(metadata, "x-tenant-id", self.tenant.as_deref());
        set(metadata, "x-correlation-id", self.correlation_id.as_deref());
        set(metadata, "x-idempotency-key", self.idempotency_key.as_deref());
        set(metadata, "traceparent", self.traceparent.as_deref());
        request
    }
}

/// What the current GraphQL request passes on.
///
/// # Errors
/// When the schema is executed without the endpoint's data.
pub fn forward(ctx: &Context<'_>) -> Result<Forward, Error> {
    ctx.data::<Forward>().cloned()
}

/// A request to a service for the current field. A caller's idempotency key counts for each field
/// of the request by itself.
///
/// # Errors
/// As [`forward`].
pub fn request<M>(ctx: &Context<'_>, message: M) -> Result<Request<M>, Error> {
    Ok(own(ctx, forward(ctx)?).request(message))
}

/// Like [`request`], as an anonymous caller who looks at the public data of a tenant.
///
/// # Errors
/// As [`forward`].
pub fn request_as_tenant<M>(ctx: &Context<'_>, tenant_id: String, message: M) -> Result<Request<M>, Error> {
    if let (Some(asked), Some(root)) = (ctx.data_opt::<AskedTenants>(), root(ctx)) {
        asked.0.lock().unwrap_or_else(PoisonError::into_inner).insert(root, tenant_id.clone());
    }
    let forward = Forward { token: None, tenant: Some(tenant_id), ..own(ctx, forward(ctx)?) };
    Ok(forward.request(message))
}

/// The tenants whose public data is looked at, by the operation's own fields: an operation may look at several.
#[derive(Debug, Default)]
pub(super) struct AskedTenants(Mutex<BTreeMap<String, String>>);

/// Whose data the current field shows.
///
/// # Errors
/// As [`forward`].
pub(super) fn tenant(ctx: &Context<'_>) -> Result<Tenant, Error> {
    let asked = ctx
        .data_opt::<AskedTenants>()
        .zip(root(ctx))
        .and_then(|(asked, root)| asked.0.lock().unwrap_or_else(PoisonError::into_inner).get(&root).map(Tenant::new));
    asked.map_or_else(|| Ok(ctx.data::<Caller>()?.tenant.clone()), Ok)
}

/// The field of the operation that the current one stands below, by its name in the answer.
fn root(ctx: &Context<'_>) -> Option<String> {
    ctx.path_node?.to_string_vec().into_iter().next()
}

/// The names of the fields that are selected below the current one, each once; fragments are
/// looked into.
pub fn fields(ctx: &Context<'_>) -> Vec<String> {
    names(ctx.field().selection_set())
}

/// The names of the fields selected below a field of this name, e.g. those of a page's `data`. Behind them stands
/// [`WITHOUT_TOTAL`] where the page's `total` is not selected: then nobody needs to count.
pub fn fields_below(ctx: &Context<'_>, field: &str) -> Vec<String> {
    let selected = ctx.field();
    let below = selected.selection_set().filter(|found| found.name() == field);
    let mut found = names(below.flat_map(|found| found.selection_set().collect::<Vec<_>>()));
    if !selected.selection_set().any(|found| found.name() == "total") {
        found.push(WITHOUT_TOTAL.to_owned());
    }
    found
}

fn names<'a>(fields: impl Iterator<Item = SelectionField<'a>>) -> Vec<String> {
    let mut names: Vec<String> = Vec::new();
    for field in fields.filter(|field| !field.name().starts_with("__")) {
        if !names.iter().any(|name| name == field.name()) {
            names.push(field.name().to_owned());
        }
    }
    names
}

fn own(ctx: &Context<'_>, mut forward: Forward) -> Forward {
    if let (Some(key), Some(path)) = (forward.idempotency_key.as_mut(), ctx.path_node) {
        key.push('/');
        key.push_str(&path.to_string_vec().join("."));
    }
    forward
}

fn set(metadata: &mut MetadataMap, name: &'static str, value: Option<&str>) {
    if let Some(value) = value.and_then(|text| AsciiMetadataValue::try_from(text).ok()) {
        metadata.insert(name, value);
    }
}
