//! The GraphQL edge: what generated gateway code is written with, and the endpoint that serves it.

mod absent;
mod answers;
mod context;
mod definition;
mod edge;
mod endpoint;
mod errors;
mod files;
mod filters;
mod graphiql;
mod growth;
mod nesting;
mod payloads;
mod references;
mod scalars;
mod session;
mod socket;
#[cfg(test)]
mod tests;

pub use answers::{Changes, changes, enumeration, required};
pub use context::{Forward, fields, fields_below, forward, request, request_as_tenant};
pub(crate) use definition::Graph;
pub(crate) use edge::Endpoint;
pub(crate) use endpoint::routes;
pub(crate) use files::{FileLinks, file_routes};
pub(crate) use session::Session;

pub use definition::{Channels, GatewayDefinition, Limits};
pub use errors::{Forbidden, error, or_null, report};
pub use files::File;
pub use filters::{
    BooleanFieldFilter, DateFieldFilter, DateTimeFieldFilter, DecimalFieldFilter, Direction, FieldOrder,
    FloatFieldFilter, IdFieldFilter, IntFieldFilter, ListFieldFilter, StringFieldFilter,
};
pub use payloads::{CommandPayload, DeleteResponse, RemoveData};
pub use references::{ByIds, References};
pub use scalars::{Date, DateTime, Decimal, Int, Json};

pub use async_graphql;
