//! Definitions: hashes of all that a fold uses. What was kept of one definition is never read by another.

use super::Home;
use super::events::upcast;
use crate::model::{Event, FieldType, Service, Type, TypeName};
use std::collections::BTreeSet;
use std::fmt::{Display, Write as _};

/// Raised when the same tokens come to mean something else.
const FOLD_VERSION: u32 = 2;

/// What a fold uses, line by line.
pub struct Definition<'a> {
    service: &'a Service,
    text: String,
    /// The enums and nested objects that were named and not yet described.
    named: BTreeSet<TypeName>,
}

impl<'a> Definition<'a> {
    /// Of what is folded: `entry Course`.
    pub fn of(service: &'a Service, what: &str) -> Self {
        Self { service, text: format!("fold {FOLD_VERSION}\n{what}\n"), named: BTreeSet::new() }
    }

    /// Anything else that the fold uses.
    pub fn line(&mut self, line: impl Display) {
        let _ = writeln!(self.text, "{line}");
    }

    /// A value that is folded, or that is folded into.
    pub fn field(&mut self, name: &str, ty: &FieldType) {
        self.line(format_args!("{name}: {ty:?}"));
        name_types(&ty.ty, &mut self.named);
    }

    /// An event that reaches it, and how older ones are read.
    pub fn event(&mut self, event: &Event) {
        self.line(format_args!("event {} of {} version {}", event.name, event.topic, event.version));
        for field in &event.fields {
            self.field(field.name.as_written(), &field.ty);
        }
        // Whichever crate the types lie in.
        if let Some(upcast) = upcast(self.service, event, &Home::inside_of_types(self.service)) {
            self.line(upcast);
        }
    }

    /// The types that were named so far, and those that they name in turn, each once.
    pub fn types(&mut self) {
        let (mut open, mut seen) = (std::mem::take(&mut self.named), BTreeSet::new());
        while let Some(name) = open.pop_first() {
            if !seen.insert(name.clone()) {
                continue;
            }
            self.line(format_args!("type {name}"));
            for value in self.service.enumeration(&name).map(|declared| declared.values.as_slice()).unwrap_or_default()
            {
                self.line(&value.name);
            }
            for field in self.service.object(&name).map(|object| object.fields.as_slice()).unwrap_or_default() {
                self.field(field.name.as_written(), &field.ty);
            }
            open.append(&mut self.named);
        }
    }

    /// The hash of all lines, in hexadecimal.
    pub fn hash(self) -> String {
        blake3::hash(self.text.as_bytes()).to_hex()[..16].to_owned()
    }
}

/// The enums and nested objects that a type names.
fn name_types(ty: &Type, types: &mut BTreeSet<TypeName>) {
    match ty {
        Type::Enum(name) | Type::Object(name) => {
            types.insert(name.clone());
        }
        Type::List(element) => name_types(&element.ty, types),
        _ => {}
    }
}
