//! The crate `<service>-events`: a file an event, a file an enum or nested object, and the list of all events.

mod event;
mod set;
mod tags;
mod types;

pub(super) use event::upcast;
pub use tags::{Around, bound_value, tag_code};

use super::Home;
use super::names::module_ident;
use crate::model::{Event, EventOrigin, Service, TypeName};
use crate::output::{Files, Owner};
use crate::place::Place;
use proc_macro2::TokenStream;
use quote::quote;

/// Emits the crate's sources.
pub fn emit_events(service: &Service, files: &mut Files) {
    let root = format!("generated/{}/events/src", service.name.kebab());
    let mut push = |name: &TypeName, place: Place, doc: String, items: Vec<TokenStream>| {
        let inputs = service.inputs_of([place]);
        files.rust(Owner::Ours, format!("{root}/{}.rs", name.module()), &inputs, &doc, items);
    };
    for event in declared(service) {
        let name = &event.name;
        push(name, event.place, format!("The event `{name}`."), event::items(service, event, &Home::inside(service)));
    }
    for (name, declared) in &service.enums {
        push(name, declared.place, format!("The enum `{name}` of the schema."), types::enum_items(declared));
    }
    for (name, declared) in &service.objects {
        let doc = format!("The nested type `{name}` of the schema.");
        push(name, declared.place, doc, types::object_items(service, declared, &Home::inside(service)));
    }
    let doc = format!("The events of the service `{}`, and the types that they are made of.", service.name.kebab());
    files.rust(Owner::OursList, format!("{root}/lib.rs"), &service.input_folders(), &doc, list(service));
}

fn declared(service: &Service) -> impl Iterator<Item = &Event> {
    service.events.values().filter(|event| event.origin != EventOrigin::Undeclared)
}

fn list(service: &Service) -> Vec<TokenStream> {
    let names = declared(service).map(|event| &event.name);
    let mut names: Vec<&TypeName> = names.chain(service.enums.keys()).chain(service.objects.keys()).collect();
    names.sort_by_key(|name| name.module());
    let modules = names.iter().map(|name| module_ident(name)).map(|module| quote!(mod #module;));
    modules.chain(set::items(service, &names)).collect()
}
