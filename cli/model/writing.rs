//! What may be written into the fields of a CRUD entry, and what fills them.

use super::{EntryType, Field, FieldName, FieldType};
use crate::place::Place;

/// What a field's directives say about writing it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Writing {
    /// `@readonly`: not writable through the API.
    pub readonly: Option<Place>,
    /// `@immutable`: set once.
    pub immutable: Option<Place>,
    /// `@uuidV4`: a UUID of version 4.
    pub uuid: Option<UuidV4>,
    /// `@sequence`: a number that each new entry gets.
    pub sequence: Option<Sequence>,
}

/// `@uuidV4`
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UuidV4 {
    /// It is made where nobody gives it.
    pub generate: bool,
    /// The directive.
    pub place: Place,
}

/// `@sequence`
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sequence {
    /// The first number.
    pub first: i64,
    /// The fields for each value of which there is a counter, each where it is named; ordered by name. Empty: one for all entries.
    pub group: Vec<(FieldName, Place)>,
    /// The directive.
    pub place: Place,
}

impl Field {
    /// Whether the API takes values for it.
    pub fn is_writable(&self) -> bool {
        self.writing.readonly.is_none() && self.writing.sequence.is_none() && self.claim.is_none()
    }

    /// Whether it is made where nobody gives it.
    pub fn is_generated(&self) -> bool {
        self.writing.uuid.is_some_and(|uuid| uuid.generate)
    }

    /// The type in the data of a new entry: what has a value by itself may be left out.
    pub fn created(&self) -> FieldType {
        let required = self.ty.required && self.default.is_none() && !self.is_generated();
        FieldType { ty: self.ty.ty.clone(), required }
    }
}

impl EntryType {
    /// The fields that the API takes values for.
    pub fn writable(&self) -> impl Iterator<Item = &Field> {
        self.fields.iter().filter(|field| field.is_writable())
    }
}
