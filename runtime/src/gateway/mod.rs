//! The GraphQL edge: what generated gateway code is written with, and the endpoint that serves it.

mod context;
mod definition;
mod errors;
mod filters;
mod payloads;
mod scalars;

pub use context::{Forward, fields, fields_below, forward, request, request_as_tenant};
pub use definition::{Channels, GatewayDefinition, Limits};
pub use errors::{error, report};
pub use filters::{
    BooleanFieldFilter, DateFieldFilter, DateTimeFieldFilter, Direction, FloatFieldFilter, IdFieldFilter,
    IntFieldFilter, ListFieldFilter, OrderInput, StringFieldFilter,
};
pub use payloads::{CommandPayload, DeleteResponse, RemoveData};
pub use scalars::{Date, DateTime, Int, Json};

pub use async_graphql;
