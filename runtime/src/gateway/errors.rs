//! Errors as clients see them: `extensions.code` says what to act on, `extensions.fields` which
//! fields a validation names.

use std::sync::Arc;

use async_graphql::{Context, Error, ErrorExtensionValues, PathSegment, Pos, ServerError, Value};
use tonic::Status;

use crate::error::status;
use crate::wire::FieldError;

/// What a service answered, as a GraphQL error.
pub fn error(status: Status) -> Error {
    let code = status::code(&status);
    let mut error = coded(&code, message(&status, &code));
    let fields: Vec<Value> = status::fields(&status).iter().map(field).collect();
    if !fields.is_empty() {
        error.extensions.get_or_insert_with(ErrorExtensionValues::default).set("fields", Value::List(fields));
    }
    error
}

/// The fields of an entry that its caller may not see, and why; shared by all entries of an answer.
#[derive(Clone, Debug, Default)]
pub struct Forbidden(Arc<[FieldError]>);

impl Forbidden {
    /// What the service said of them.
    #[must_use]
    pub fn new(errors: Vec<FieldError>) -> Self {
        Self(errors.into())
    }

    /// Whether the field is one of them; the answer then gets its error, with the path of the current field, which is to be null.
    #[must_use]
    pub fn hides(&self, ctx: &Context<'_>, field: &str) -> bool {
        let Some(found) = self.0.iter().find(|error| error.path.first().is_some_and(|first| first == field)) else {
            return false;
        };
        let error = coded(&found.code, found.message.as_str()).into_server_error(ctx.item.pos);
        ctx.add_error(ctx.set_error_path(error));
        true
    }
}

/// The value of a field that may be null: null where it cannot be had, with the error beside it. (A resolver that fails has no field in
/// the answer at all.)
pub fn or_null<T>(ctx: &Context<'_>, found: Result<T, Error>) -> Option<T> {
    let told = |error: Error| ctx.add_error(ctx.set_error_path(error.into_server_error(ctx.item.pos)));
    found.map_err(told).ok()
}

/// Adds to the answer the errors of fields that a service left out.
pub fn report(ctx: &Context<'_>, errors: Vec<FieldError>) {
    for found in errors {
        let mut error = ServerError::new(found.message, Some(ctx.item.pos));
        let mut extensions = ErrorExtensionValues::default();
        extensions.set("code", found.code);
        error.extensions = Some(extensions);
        let mut error = ctx.set_error_path(error);
        error.path.extend(found.path.into_iter().map(segment));
        ctx.add_error(error);
    }
}

/// An error about no place of the document: the list of places stays empty, since line 0 is none.
pub(super) fn placeless(error: Error) -> ServerError {
    ServerError { locations: Vec::new(), ..error.into_server_error(Pos::default()) }
}

/// A request that is wrong in itself.
pub(super) fn validation(message: impl Into<String>) -> Error {
    coded("VALIDATION", message)
}

fn coded(code: &str, message: impl Into<String>) -> Error {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    Error { extensions: Some(extensions), ..Error::new(message) }
}

/// What the transport itself says (addresses, protocol states) is for the log, not for callers.
fn message(status: &Status, code: &str) -> String {
    let ours = status.metadata().contains_key("scaffold-code");
    match code {
        _ if ours => status.message().to_owned(),
        "UNAVAILABLE" => {
            tracing::warn!(code = ?status.code(), message = status.message(), "a service did not answer");
            "the service cannot be reached at the moment".to_owned()
        }
        _ => {
            tracing::error!(code = ?status.code(), message = status.message(), "a service answered unexpectedly");
            "an internal error occurred".to_owned()
        }
    }
}

fn field(error: &FieldError) -> Value {
    let entries = [
        ("path", Value::List(error.path.iter().map(|part| Value::from(part.as_str())).collect())),
        ("code", Value::from(error.code.as_str())),
        ("message", Value::from(error.message.as_str())),
    ];
    Value::Object(entries.map(|(name, value)| (async_graphql::Name::new(name), value)).into_iter().collect())
}

fn segment(part: String) -> PathSegment {
    match part.parse() {
        Ok(index) => PathSegment::Index(index),
        Err(_) => PathSegment::Field(part),
    }
}
