//! The crate `<service>-crud`: a folder a CRUD type, and the list of them.

mod counters;
mod fold;
mod owned;
mod restricted;
mod values;
mod write;

use super::Home;
use super::entries::{EntryCode, definition, entry_items};
use super::names::{module_ident, type_ident};
use crate::model::{Crud, Event, EventOrigin, Service};
use crate::output::{Files, Owner};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// Emits the crate's sources.
pub fn emit_crud(service: &Service, files: &mut Files) {
    // No crate for nothing: it would have no manifest either.
    if service.cruds.is_empty() {
        return;
    }
    let root = format!("generated/{}/crud/src", service.name.kebab());
    let mut items = Vec::new();
    for crud in service.cruds.values() {
        let Some(parts) = Parts::of(service, crud) else { continue };
        emit_type(&parts, &root, files);
        let module = module_ident(&crud.entry.name);
        items.push(quote!(mod #module;));
    }
    for crud in service.cruds.values() {
        let (module, name) = (module_ident(&crud.entry.name), type_ident(&crud.entry.name));
        let (create, update) = (format_ident!("Create{name}"), format_ident!("Update{name}"));
        items.push(quote!(pub use #module::{#name, #create, #update};));
    }
    let doc = format!("The CRUD types of the service `{}`, a module each.", service.name.kebab());
    files.rust(Owner::OursList, format!("{root}/lib.rs"), &service.input_folders(), &doc, items);
}

/// One CRUD type, its events and the names that all of its files use.
pub(super) struct Parts<'a> {
    service: &'a Service,
    crud: &'a Crud,
    created: &'a Event,
    updated: &'a Event,
    deleted: &'a Event,
    /// Where events, enums and nested objects come from.
    events: Home,
}

impl<'a> Parts<'a> {
    /// Nothing if an event of the type is missing, which `lower` never leaves so.
    fn of(service: &'a Service, crud: &'a Crud) -> Option<Self> {
        let name = &crud.entry.name;
        let find = |origin: EventOrigin| service.events.values().find(|event| event.origin == origin);
        Some(Self {
            service,
            crud,
            created: find(EventOrigin::CrudCreated(name.clone()))?,
            updated: find(EventOrigin::CrudUpdated(name.clone()))?,
            deleted: find(EventOrigin::CrudDeleted(name.clone()))?,
            events: Home::of(service),
        })
    }

    fn name(&self) -> Ident {
        type_ident(&self.crud.entry.name)
    }
}

fn emit_type(parts: &Parts<'_>, root: &str, files: &mut Files) {
    let (service, crud) = (parts.service, parts.crud);
    let name = &crud.entry.name;
    let folder = format!("{root}/{}", name.module());
    let fold = fold::items(parts);
    let reached = [parts.created, parts.updated, parts.deleted];
    let entry = EntryCode {
        service,
        entry: &crud.entry,
        events: parts.events.clone(),
        definition: definition(service, &crud.entry, &reached, &fold),
        asks_first: false,
    };
    let inputs = service.inputs_of([crud.entry.place]);
    let mut push = |file: &str, doc: String, items: Vec<TokenStream>| {
        files.rust(Owner::Ours, format!("{folder}/{file}.rs"), &inputs, &doc, items);
    };
    let rust = type_ident(name);
    let (create, update) = (format_ident!("Create{rust}"), format_ident!("Update{rust}"));
    let module = vec![
        quote!(
            mod entry;
            mod fold;
            mod write;
        ),
        quote!(pub use entry::#rust; pub use write::{#create, #update};),
    ];
    push("mod", format!("The CRUD type `{name}`."), module);
    push("write", format!("How `{name}` is created, changed and deleted."), write::items(parts, &entry));
    push("entry", format!("An entry of `{name}` and the table that keeps it."), entry_items(&entry));
    push("fold", format!("How events become entries of `{name}`."), fold);
}
