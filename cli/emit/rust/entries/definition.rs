//! The definition of an entry. Another definition is another table.

use crate::emit::rust::definition::Definition;
use crate::model::{EntryType, Event, Service};
use proc_macro2::TokenStream;

/// The hash of the entry's fields, the events that reach it and how older ones are read, the types that they use and the code of
/// its fold, in hexadecimal.
pub fn definition(service: &Service, entry: &EntryType, events: &[&Event], fold: &[TokenStream]) -> String {
    let mut definition = Definition::of(service, &format!("entry {}", entry.name));
    for field in &entry.fields {
        definition.field(field.name.as_written(), &field.ty);
        let default = field.default.as_ref().map(|value| &value.kind);
        definition.line(format_args!("indexed {} default {default:?}", field.indexed));
    }
    events.iter().for_each(|event| definition.event(event));
    definition.types();
    for index in &entry.indexes {
        definition.line(format_args!("index {:?}", index.fields));
    }
    // Its name is told to callers, and the table is the same whatever it is.
    for unique in &entry.uniques {
        definition.line(format_args!("unique {:?}", unique.fields));
    }
    fold.iter().for_each(|item| definition.line(item));
    definition.hash()
}
