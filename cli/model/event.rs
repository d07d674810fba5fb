//! Events, their tags and versions.

use super::{Expr, FieldName, FieldType, TypeName};
use crate::place::Place;

/// Something that happened, as it is recorded.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name; also its type in the store.
    pub name: TypeName,
    /// What it says.
    pub doc: Option<String>,
    /// The service's name unless `topic:` says otherwise.
    pub topic: String,
    /// From 1.
    pub version: u32,
    /// Payload fields in the order written.
    pub fields: Vec<EventField>,
    /// How its tags derive from the payload.
    pub tags: Vec<TagTemplate>,
    /// A value for every field, in its order, when an older version is read: what was written, else the old payload's field of
    /// that name. Empty if nothing was written.
    pub upcast: Vec<Upcast>,
    /// Who declared it.
    pub origin: EventOrigin,
    /// Its name in the model (or its CRUD type's name in the schema).
    pub place: Place,
}

/// Who declared an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EventOrigin {
    /// The event model.
    Model,
    /// A CRUD type: `XCreated`; every field of the type but `createdAt` and `changedAt`, `id` first.
    CrudCreated(TypeName),
    /// A CRUD type: `XUpdated`; `id` and, each absent unless it changed, the type's fields.
    CrudUpdated(TypeName),
    /// A CRUD type: `XDeleted`; just the `id`.
    CrudDeleted(TypeName),
    /// Nobody: named in a directive only; its payload is untyped JSON.
    Undeclared,
}

/// One field of a payload.
#[derive(Clone, Debug)]
pub struct EventField {
    /// Its name.
    pub name: FieldName,
    /// What it holds.
    pub doc: Option<String>,
    /// Its type.
    pub ty: FieldType,
    /// Only in `XUpdated`: the key may be absent, which is not null.
    pub may_be_absent: bool,
    /// Where it stands.
    pub place: Place,
}

/// `prefix:{field}`, over an event's payload or a command's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct TagTemplate {
    /// Literal text and holes in order; `student:{studentId}` is `[Text("student:"), Hole(..)]`.
    pub parts: Vec<TagPart>,
    /// The whole text.
    pub place: Place,
}

/// A piece of a [`TagTemplate`].
#[derive(Clone, Debug, PartialEq)]
pub enum TagPart {
    /// Literal text.
    Text(String),
    /// A value; a nil gives no tag, a list one tag for each element. `| lower()` and `| trim()` are in the expression.
    Hole(Expr),
}

/// A field's value when an older version is read.
#[derive(Clone, Debug)]
pub struct Upcast {
    /// The field of today's version.
    pub field: FieldName,
    /// Over `event`, the old payload as JSON, and `version`, the one that it was stored as.
    pub value: Expr,
}
