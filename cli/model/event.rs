//! Events, their tags and versions.

use super::{Expr, ExprKind, FieldName, FieldType, TypeName, Var};
use crate::place::Place;
use std::collections::BTreeSet;

/// Something that happened, as it is recorded.
#[derive(Clone, Debug)]
pub struct Event {
    /// Its name; also its type in the store, unless it was called otherwise once.
    pub name: TypeName,
    /// What it was called before, oldest first.
    pub earlier: Vec<EarlierName>,
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

/// A name that an event had.
#[derive(Clone, Debug)]
pub struct EarlierName {
    /// The name.
    pub name: TypeName,
    /// Where it stands.
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
    /// The service, where events of it have personal fields: `SubjectErased`, recorded when a person is erased.
    Erasure,
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
    /// `gdpr`: whose data it is, if it is personal.
    pub personal: Option<Personal>,
    /// Where it stands.
    pub place: Place,
}

/// What `gdpr` says of an event's field.
#[derive(Clone, Debug, PartialEq)]
pub struct Personal {
    /// The field of the same event that holds the person's id.
    pub subject: FieldName,
    /// What stands for the value once the person is erased: JSON of the field's type.
    pub default: serde_json::Value,
    /// What stands below `gdpr`.
    pub place: Place,
}

impl Event {
    /// The name that it is stored under for good: the oldest.
    pub fn stored_name(&self) -> &TypeName {
        self.earlier.first().map_or(&self.name, |oldest| &oldest.name)
    }

    /// Was it called this?
    pub fn was_called(&self, name: &str) -> bool {
        self.earlier.iter().any(|earlier| earlier.name.as_written() == name)
    }

    /// The personal field of this name, with what is said of it.
    pub fn personal(&self, name: &FieldName) -> Option<&Personal> {
        self.fields.iter().find(|field| field.name == *name)?.personal.as_ref()
    }

    /// The subjects of the personal fields that a tag of it is made of.
    pub fn subjects(&self, tag: &TagTemplate) -> BTreeSet<&FieldName> {
        tag.fields().into_iter().filter_map(|name| self.personal(name)).map(|personal| &personal.subject).collect()
    }

    /// Its personal fields, in their order.
    pub fn personal_fields(&self) -> impl Iterator<Item = (&EventField, &Personal)> {
        self.fields.iter().filter_map(|field| Some((field, field.personal.as_ref()?)))
    }

    /// Is any of its fields personal?
    pub fn is_personal(&self) -> bool {
        self.personal_fields().next().is_some()
    }
}

/// `prefix:{field}`, over an event's payload or a command's fields.
#[derive(Clone, Debug, PartialEq)]
pub struct TagTemplate {
    /// Literal text and holes in order; `student:{studentId}` is `[Text("student:"), Hole(..)]`.
    pub parts: Vec<TagPart>,
    /// The whole text.
    pub place: Place,
}

impl TagTemplate {
    /// `course` of `course:{courseId}`: what stands before the first colon; none if a value may stand before it.
    pub fn word(&self) -> Option<&str> {
        match self.parts.first()? {
            TagPart::Text(text) => text.split_once(':').map(|(word, _)| word),
            TagPart::Hole(_) => None,
        }
    }

    /// The fields that a tag of an event is made of.
    pub fn fields(&self) -> Vec<&FieldName> {
        let holes = self.parts.iter().filter_map(|part| match part {
            TagPart::Hole(hole) => Some(hole),
            TagPart::Text(_) => None,
        });
        let mut found = Vec::new();
        holes.for_each(|hole| read_fields(hole, &mut found));
        found
    }
}

fn read_fields<'a>(expr: &'a Expr, found: &mut Vec<&'a FieldName>) {
    if let ExprKind::Var(Var::EventField(name)) = &expr.kind {
        found.push(name);
    }
    expr.children().into_iter().for_each(|child| read_fields(child, found));
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
