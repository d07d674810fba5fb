//! Which of a service's types the API shows and which it takes: only those are emitted, each on its own side.

use crate::model::{Access, FieldType, Kind, Model, Service, Type, TypeName};
use std::collections::BTreeSet;

/// Names of enums and nested objects by where they occur, and of entries that are referred to.
#[derive(Debug, Default)]
pub struct Usage {
    /// In what the API answers.
    pub outputs: BTreeSet<TypeName>,
    /// In what the API takes.
    pub inputs: BTreeSet<TypeName>,
    /// Entries of this service that some entry refers to, or a nested type inside of one.
    pub referred: BTreeSet<TypeName>,
}

impl Usage {
    /// Looks through the entries and commands of a service, and of all where types are shared; references may come from any
    /// service.
    pub fn of(model: &Model, service: &Service) -> Self {
        let mut usage = Self::default();
        let with_others = model.shared().next().is_some();
        let used = model.services.values().filter(|other| with_others || other.name == service.name);
        used.for_each(|service| usage.add(service));
        for other in model.services.values() {
            let fields = shown(other);
            let names = fields.iter().filter_map(|ty| reference(&ty.ty));
            let own = |name: &&TypeName| {
                service.entry(name).is_some() && (other.name == service.name || other.entry(name).is_none())
            };
            usage.referred.extend(names.filter(own).cloned());
        }
        usage
    }

    /// Adds what the API of one service shows and takes.
    fn add(&mut self, service: &Service) {
        for entry in service.entries().into_values() {
            entry.fields.iter().for_each(|field| collect(service, &field.ty, &mut self.outputs));
            if entry.kind == Kind::Crud {
                entry.writable().for_each(|field| collect(service, &field.ty, &mut self.inputs));
            }
        }
        // What only automations send is no part of the API.
        for command in service.commands.values().filter(|command| command.access != Access::Nobody) {
            command.fields.iter().for_each(|field| collect(service, &field.ty, &mut self.inputs));
        }
    }
}

/// The types of all fields that the API of a service shows: those of entries, and of what is nested in them.
fn shown(service: &Service) -> Vec<&FieldType> {
    let entries = service.entries();
    let mut fields: Vec<&FieldType> =
        entries.values().flat_map(|entry| entry.fields.iter().map(|field| &field.ty)).collect();
    let mut nested = BTreeSet::new();
    fields.iter().for_each(|ty| collect(service, ty, &mut nested));
    let objects = nested.iter().filter_map(|name| service.object(name));
    fields.extend(objects.flat_map(|object| object.fields.iter().map(|field| &field.ty)));
    fields
}

/// The entry that a field refers to, alone or in a list.
pub fn reference(ty: &Type) -> Option<&TypeName> {
    match ty {
        Type::Reference(name) => Some(name),
        Type::List(element) => match &element.ty {
            Type::Reference(name) => Some(name),
            _ => None,
        },
        _ => None,
    }
}

fn collect(service: &Service, ty: &FieldType, names: &mut BTreeSet<TypeName>) {
    match &ty.ty {
        Type::List(element) => collect(service, element, names),
        Type::Enum(name) => {
            names.insert(name.clone());
        }
        Type::Object(name) => {
            if !names.insert(name.clone()) {
                return;
            }
            let object = service.object(name).into_iter();
            object.flat_map(|object| &object.fields).for_each(|field| collect(service, &field.ty, names));
        }
        _ => {}
    }
}
