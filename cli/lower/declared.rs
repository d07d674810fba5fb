//! What a schema declares, as far as the declarations alone say it.

use crate::diagnostic::codes::directives::CONFLICTING_KINDS;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{EntryType, Kind};
use crate::source::{RawDirective, RawObject, RawObjectKind};

/// The enum whose values are the project's permissions.
pub(super) const PERMISSIONS: &str = "Permission";

/// An entry type with the directives that its own rooms still read.
pub(super) struct SchemaEntry<'r> {
    /// The entry, its `@from` not lowered yet.
    pub entry: EntryType,
    /// The type as written.
    pub raw: &'r RawObject,
    /// Its directives, all of the right form.
    pub directives: Vec<&'r RawDirective>,
}

/// A projection or CRUD type of which only the name is known.
pub(super) struct DeclaredEntry<'r> {
    /// The type as written.
    pub raw: &'r RawObject,
    /// What its directives make it.
    pub kind: Kind,
    /// Its directives, all of the right form.
    pub directives: Vec<&'r RawDirective>,
}

/// What the name of an object stands for, as far as its declaration alone says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Declares {
    /// An enum.
    Enum,
    /// A nested type or an input.
    Object,
    /// A projection or CRUD type.
    Entry,
    /// Something that no field can have; that is said where it stands.
    Refused,
}

/// What an object's name stands for.
pub(super) fn declares(object: &RawObject) -> Declares {
    match kind_of(object, &mut Sink::default()) {
        _ if object.kind == RawObjectKind::Interface => Declares::Refused,
        Some(_) => Declares::Entry,
        None if is_view(object) => Declares::Refused,
        None => Declares::Object,
    }
}

/// Whether it is a view, which is refused where it stands.
pub(super) fn is_view(object: &RawObject) -> bool {
    object.directives.iter().any(|found| matches!(found.name.value.as_str(), "view" | "baseView"))
}

/// The first directive that makes a kind decides; a nested type has none.
pub(super) fn kind_of(object: &RawObject, sink: &mut Sink) -> Option<Kind> {
    let find = |name: &str| object.directives.iter().find(|directive| directive.name.value == name);
    let crud = find("crudType");
    let projection = find("upsertOn").or_else(|| find("dangerouslyUpsertOn"));
    let other = projection.or_else(|| find("removeOn"));
    if let (Some(crud), Some(other)) = (crud, other) {
        let message = format!("`{}` is a CRUD type already", object.name.value);
        let diagnostic = Diagnostic::error(CONFLICTING_KINDS, other.place, message);
        sink.push(diagnostic.related(crud.place, "made one here"));
    }
    match (crud, projection) {
        (Some(_), _) => Some(Kind::Crud),
        (None, Some(_)) => Some(Kind::Projection),
        (None, None) => None,
    }
}
