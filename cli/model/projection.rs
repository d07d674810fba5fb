//! Entries: projections and CRUD types of the schema.

use super::{Access, Expr, FieldName, FieldType, RowRule, SpecEvent, TypeName, Writing};
use crate::place::Place;
use std::collections::BTreeSet;

/// What projections and CRUD types have in common: a stored, queryable entry.
#[derive(Clone, Debug)]
pub struct EntryType {
    /// Its name.
    pub name: TypeName,
    /// Its description.
    pub doc: Option<String>,
    /// Projection or CRUD type.
    pub kind: Kind,
    /// Its fields in the order written; without `id`, `createdAt`, `changedAt`, which every entry has.
    pub fields: Vec<Field>,
    /// Indexes over several fields (a field's own `@index` is [`Field::indexed`]).
    pub indexes: Vec<Index>,
    /// Fields whose values no two entries share.
    pub uniques: Vec<Unique>,
    /// Who may do what.
    pub access: TypeAccess,
    /// `@filterByJwtData`: which entries a caller sees, those for which all of these hold.
    pub rows: Vec<RowRule>,
    /// Its name in the schema.
    pub place: Place,
}

/// `@unique`: fields whose values, taken together, no two entries of a tenant share.
#[derive(Clone, Debug)]
pub struct Unique {
    /// What it is called in errors.
    pub name: String,
    /// Its fields in the order written, each once.
    pub fields: Vec<FieldName>,
    /// The directive.
    pub place: Place,
}

/// Which kind of entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Folded from events.
    Projection,
    /// Written through the API.
    Crud,
}

/// One field of an entry.
#[derive(Clone, Debug)]
pub struct Field {
    /// Its name.
    pub name: FieldName,
    /// Its description.
    pub doc: Option<String>,
    /// Its type; a [`super::Type::Reference`] is stored as an id.
    pub ty: FieldType,
    /// `@index` (alone or as part of one): may be filtered and sorted by.
    pub indexed: bool,
    /// `@default`, already checked against the type.
    pub default: Option<Expr>,
    /// `@from`, in the order written.
    pub from: Vec<From>,
    /// `@permission`: who may see and write it, beside being allowed to do so with the entry.
    pub access: FieldAccess,
    /// CRUD types only: what may be written into it.
    pub writing: Writing,
    /// `@fromJwtData`: the claim that fills it; no caller writes it.
    pub claim: Option<String>,
    /// Its name in the schema.
    pub place: Place,
}

/// Who may see and write a field; [`Access::Public`] asks for nothing more than the entry does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FieldAccess {
    /// Lists, filters, orders and subscriptions to lists.
    pub read: Access,
    /// In an entry that is named by its id.
    pub read_by_id: Access,
    /// CRUD types only.
    pub create: Access,
    /// CRUD types only.
    pub update: Access,
}

impl FieldAccess {
    /// Asks for nothing.
    pub fn open() -> Self {
        let open = || Access::Public;
        Self { read: open(), read_by_id: open(), create: open(), update: open() }
    }

    /// Some callers do not see the field.
    pub fn hides(&self) -> bool {
        self.read != Access::Public || self.read_by_id != Access::Public
    }
}

impl Field {
    /// The type in answers: what some callers do not see may be null.
    pub fn shown(&self) -> FieldType {
        FieldType { ty: self.ty.ty.clone(), required: self.ty.required && !self.access.hides() }
    }
}

impl EntryType {
    /// The fields that some callers do not see.
    pub fn hidden(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.access.hides())
    }

    /// Are there any?
    pub fn hides(&self) -> bool {
        self.hidden().next().is_some()
    }
}

/// `@from`: where a field's value comes from.
#[derive(Clone, Debug)]
pub struct From {
    /// For these events; empty: for every event of the projection (`events` left out).
    pub events: BTreeSet<TypeName>,
    /// The value, one expression for each event it can meet (an expression types differently over each payload).
    pub values: Vec<(TypeName, Expr)>,
    /// The condition, typed over each payload like `values`; empty if there is none.
    pub conditions: Vec<(TypeName, Expr)>,
    /// A nil value is stored as null (true) or leaves the field as it is (false, the default).
    pub allow_null: bool,
    /// The directive.
    pub place: Place,
}

/// `@index(fields:)`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Index {
    /// Its name.
    pub name: String,
    /// Its fields in order.
    pub fields: Vec<FieldName>,
}

/// Who may do what with an entry.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypeAccess {
    /// Lists and subscriptions to lists.
    pub read: Access,
    /// One entry by id.
    pub read_by_id: Access,
    /// CRUD types only.
    pub create: Access,
    /// CRUD types only.
    pub update: Access,
    /// CRUD types only.
    pub delete: Access,
}

/// A type with `@upsertOn`.
#[derive(Clone, Debug)]
pub struct Projection {
    /// The stored entry.
    pub entry: EntryType,
    /// The service whose events it follows, all of them of this one: its own or another, as the model calls it.
    pub follows: String,
    /// `@upsertOn`, in the order written.
    pub upserts: Vec<Target>,
    /// `@removeOn`, in the order written.
    pub removes: Vec<Target>,
    /// All events that reach it, through whatever directive, sorted. With an empty `eventTypes` these are all events of the topic.
    pub events: BTreeSet<TypeName>,
    /// Examples of the event model's `views`.
    pub specs: Vec<ViewSpec>,
}

/// Which entries an event reaches.
#[derive(Clone, Debug)]
pub struct Target {
    /// The topic it listens to.
    pub topic: String,
    /// The events, resolved (all of the topic if none was named).
    pub events: BTreeSet<TypeName>,
    /// How the entry's id comes about; none: all entries, or those that `filter` matches.
    pub identify: Option<Identify>,
    /// `filterBy`.
    pub filter: Option<RowFilter>,
    /// The directive.
    pub place: Place,
}

/// `identifyBy`: attributes, then payload parts, joined by `-`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identify {
    /// In order.
    pub parts: Vec<IdentifyPart>,
}

/// A part of an entry's id.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum IdentifyPart {
    /// A field of `meta` by its name in the language (`tenantId`, `userId`, `stream` …).
    Attribute(String),
    /// A path into the payload; its last field may be a list of ids (then each is reached).
    Payload(Vec<FieldName>),
}

/// `filterBy`: entries whose fields compare to the event's.
#[derive(Clone, Debug)]
pub enum RowFilter {
    /// All must hold.
    And(Vec<RowFilter>),
    /// One must hold.
    Or(Vec<RowFilter>),
    /// One comparison.
    Compare {
        /// The entry's field.
        projection_field: FieldName,
        /// A path into the payload.
        event_field: Vec<FieldName>,
        /// How.
        operation: RowFilterOp,
    },
}

/// Comparisons of `filterBy`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum RowFilterOp {
    Equals,
    NotEquals,
    In,
    NotIn,
    LessThan,
    LessThanOrEqual,
    GreaterThan,
    GreaterThanOrEqual,
}

/// A type with `@crudType`. Its events are in [`super::Service::events`].
#[derive(Clone, Debug)]
pub struct Crud {
    /// The stored entry.
    pub entry: EntryType,
}

/// An example of a projection.
#[derive(Clone, Debug)]
pub struct ViewSpec {
    /// As written.
    pub name: String,
    /// What happened.
    pub given: Vec<SpecEvent>,
    /// The named fields of all entries, each with its `id`.
    pub then: Vec<serde_json::Value>,
    /// Where it stands.
    pub place: Place,
}
