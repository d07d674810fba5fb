//! Where files stand: in which types, and whether a service has any.

use super::{FieldName, FieldType, Service, ServiceName, Type, TypeName};
use std::collections::BTreeSet;

/// What is known of every stored file, as expressions and examples see it.
pub fn file_fields() -> [(FieldName, FieldType); 4] {
    let fields = [("id", Type::Id), ("name", Type::String), ("contentType", Type::String), ("size", Type::Int)];
    fields.map(|(name, ty)| (FieldName::new(name), FieldType::required(ty)))
}

impl Service {
    /// Whether values of the type hold files, in lists and nested types too.
    pub fn holds_files(&self, ty: &FieldType) -> bool {
        let (mut open, mut seen) = (vec![ty], BTreeSet::new());
        while let Some(next) = open.pop() {
            match &next.ty {
                Type::File => return true,
                Type::List(element) => open.push(element),
                Type::Object(name) if seen.insert(name) => {
                    open.extend(self.object(name).into_iter().flat_map(|object| &object.fields).map(|field| &field.ty));
                }
                _ => {}
            }
        }
        false
    }

    /// Whether files are uploaded to the service: something of its own holds one.
    pub fn has_files(&self) -> bool {
        self.fields().any(|ty| self.holds_files(ty))
    }

    /// The types of all fields of its events, commands and entries.
    fn fields(&self) -> impl Iterator<Item = &FieldType> {
        let recorded = self.events.values().flat_map(|event| &event.fields).map(|field| &field.ty);
        let sent = self.commands.values().flat_map(|command| &command.fields).map(|field| &field.ty);
        let entries = self.entries().into_values().flat_map(|entry| &entry.fields).map(|field| &field.ty);
        recorded.chain(sent).chain(entries)
    }

    /// A nested type of another service that holds files and that this type is made of.
    pub fn foreign_holder<'a>(&'a self, ty: &'a FieldType) -> Option<(&'a TypeName, &'a ServiceName)> {
        let declared = |name: &'a TypeName| self.types.service_of(name).map(|service| (name, service));
        self.holders([ty]).into_iter().filter_map(declared).find(|(_, service)| **service != self.name)
    }

    /// The nested types with files in them that these types are made of, each once.
    pub fn holders<'a>(&'a self, types: impl IntoIterator<Item = &'a FieldType>) -> BTreeSet<&'a TypeName> {
        let (mut open, mut found): (Vec<_>, _) = (types.into_iter().collect(), BTreeSet::new());
        while let Some(next) = open.pop() {
            match &next.ty {
                Type::List(element) => open.push(element),
                Type::Object(name) if self.holds_files(next) && found.insert(name) => {
                    open.extend(self.object(name).into_iter().flat_map(|object| &object.fields).map(|field| &field.ty));
                }
                _ => {}
            }
        }
        found
    }
}
