//! The one door through which generated code reaches the runtime.

pub use crate::auth::{Call, Verifier};
pub use crate::automation;
pub use crate::broadcast;
pub use crate::caller::{Access, Caller, Context, Denied};
pub use crate::change::Change;
pub use crate::convert;
pub use crate::crud::{Counter, CrudType, Written, new_uuid_v4};
pub use crate::dec;
pub use crate::decision::{Decision, Generated, Refused, Rejection, Snapshots};
pub use crate::deletion;
pub use crate::entry::{
    Column, ColumnKind, EACH, Entry, EntryAccess, EntryRow, FieldAccess, Hop, OwnedField, Row, RowBase, RowRule, Table,
    Unique, Value, ValueError,
};
pub use crate::erasure::{Personal, PersonalEvent, PersonalTag};
pub use crate::error::status;
pub use crate::event::{
    self, DecodeError, DomainEvent, EncodeError, EventSet, Meta, Payload, Position, Query, QueryItem, Renamed, Tag,
    Tenant,
};
pub use crate::expr::{self, EvalError};
pub use crate::files::{File, FilesFound, HoldsFiles, TakesFiles, file_tags};
#[cfg(feature = "gateway")]
pub use crate::gateway;
pub use crate::projection::{Projection, Route, Source, Target};
pub use crate::query::{Comparison, Filter, Invalid, List, Order, Problem, Test, TextTest, filter_of as filter, order};
pub use crate::rows::claim;
pub use crate::rpc;
pub use crate::serve::ServiceDefinition;
pub use crate::service::{Found, Get, Hidden, Page, Service, Wait};
pub use crate::spec;
pub use crate::value::{Date, DateTime, Decimal, Json, patch};
pub use crate::wire;
pub use serde_json::json;
