//! The crate `<service>-events`: a file an event, a file an enum or nested object, and the list of all events.

mod event;
mod personal;
mod set;
mod tags;
mod types;

pub(super) use event::upcast;
pub use tags::{Around, bound_value, tag_code};

use super::Home;
use super::names::{ident, module_ident, type_ident};
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
    // Shared types lie in a crate of their own, so that the crates of events need not know each other.
    if !service.is_shared() {
        type_files(service, &Home::inside(service), &mut push);
    }
    let doc = format!("The events of the service `{}`, and the types that they are made of.", service.name.kebab());
    files.rust(Owner::OursList, format!("{root}/lib.rs"), &service.input_folders(), &doc, list(service));
}

/// Gives the enums and nested types to `push`: the name, the place, the file's doc and its items.
pub(super) fn type_files(
    service: &Service,
    home: &Home,
    push: &mut impl FnMut(&TypeName, Place, String, Vec<TokenStream>),
) {
    for (name, declared) in &service.enums {
        push(name, declared.place, format!("The enum `{name}` of the schema."), types::enum_items(declared));
    }
    for (name, declared) in &service.objects {
        let doc = format!("The nested type `{name}` of the schema.");
        push(name, declared.place, doc, types::object_items(service, declared, home));
    }
}

fn declared(service: &Service) -> impl Iterator<Item = &Event> {
    service.events.values().filter(|event| event.origin != EventOrigin::Undeclared)
}

fn list(service: &Service) -> Vec<TokenStream> {
    let mut types: Vec<&TypeName> = service.enums.keys().chain(service.objects.keys()).collect();
    types.sort();
    let (own, shared) = if service.is_shared() { (Vec::new(), types) } else { (types, Vec::new()) };
    let mut names: Vec<&TypeName> = declared(service).map(|event| &event.name).chain(own).collect();
    names.sort_by_key(|name| name.module());
    let modules = names.iter().map(|name| module_ident(name)).map(|module| quote!(mod #module;));
    let shared = shared_types(service, &shared);
    modules.chain(shared).chain(set::items(service, &names)).collect()
}

/// Whoever reads the events finds the types that they are made of in one place.
fn shared_types(service: &Service, names: &[&TypeName]) -> Option<TokenStream> {
    // From outside of the crate: an event may be called like it.
    let (home, names) = (ident(&format!("{}_types", service.name.snake())), names.iter().map(|name| type_ident(name)));
    match names.collect::<Vec<_>>().as_slice() {
        [] => None,
        [name] => Some(quote!(pub use ::#home::#name;)),
        names => Some(quote!(pub use ::#home::{#(#names),*};)),
    }
}
