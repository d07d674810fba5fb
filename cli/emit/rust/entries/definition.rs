//! The definition of an entry: a hash of all that its fold uses. Another definition is another table.

use crate::emit::rust::Home;
use crate::emit::rust::events::upcast;
use crate::model::{EntryType, Event, FieldType, Service, Type, TypeName};
use proc_macro2::TokenStream;
use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Raised when the same tokens come to mean something else.
const FOLD_VERSION: u32 = 2;

/// The hash of the entry's fields, the events that reach it and how older ones are read, the types that they use and the code of
/// its fold, in hexadecimal.
pub fn definition(service: &Service, entry: &EntryType, events: &[&Event], fold: &[TokenStream]) -> String {
    let mut text = format!("fold {FOLD_VERSION}\nentry {}\n", entry.name);
    let mut types = BTreeSet::new();
    for field in &entry.fields {
        line(&mut text, field.name.as_written(), &field.ty);
        let _ =
            writeln!(text, "indexed {} default {:?}", field.indexed, field.default.as_ref().map(|value| &value.kind));
        named(&field.ty.ty, &mut types);
    }
    for event in events {
        let _ = writeln!(text, "event {} of {} version {}", event.name, event.topic, event.version);
        for field in &event.fields {
            line(&mut text, field.name.as_written(), &field.ty);
            named(&field.ty.ty, &mut types);
        }
        // Whichever crate the types lie in.
        if let Some(upcast) = upcast(service, event, &Home::inside_of_types(service)) {
            let _ = writeln!(text, "{upcast}");
        }
    }
    describe(service, types, &mut text);
    for index in &entry.indexes {
        let _ = writeln!(text, "index {:?}", index.fields);
    }
    for item in fold {
        let _ = writeln!(text, "{item}");
    }
    blake3::hash(text.as_bytes()).to_hex()[..16].to_owned()
}

fn line(text: &mut String, name: &str, ty: &FieldType) {
    let _ = writeln!(text, "{name}: {ty:?}");
}

/// The enums and nested objects that a type names.
fn named(ty: &Type, types: &mut BTreeSet<TypeName>) {
    match ty {
        Type::Enum(name) | Type::Object(name) => {
            types.insert(name.clone());
        }
        Type::List(element) => named(&element.ty, types),
        _ => {}
    }
}

/// Writes the named types and those that they name in turn, each once.
fn describe(service: &Service, mut open: BTreeSet<TypeName>, text: &mut String) {
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop_first() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let _ = writeln!(text, "type {name}");
        if let Some(declared) = service.enumeration(&name) {
            declared.values.iter().for_each(|value| text.push_str(&format!("{}\n", value.name)));
        }
        for field in service.object(&name).map(|object| object.fields.as_slice()).unwrap_or_default() {
            line(text, field.name.as_written(), &field.ty);
            named(&field.ty.ty, &mut open);
        }
    }
}
