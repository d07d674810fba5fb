//! The one door through which generated code reaches the runtime.

pub use crate::auth::{Call, Verifier};
pub use crate::caller::{Access, Caller, Context, Denied};
pub use crate::error::status;
pub use crate::event::{
    self, DecodeError, DomainEvent, EncodeError, EventSet, Meta, Payload, Position, Query, QueryItem, Tag, Tenant,
};
pub use crate::expr::{self, EvalError};
pub use crate::value::{Date, DateTime, Json, patch};
pub use crate::wire;
