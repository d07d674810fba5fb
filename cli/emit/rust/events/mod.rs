//! The crate `<service>-events`: a file an event, the service's enums and nested objects, and the list of all events.

mod event;
mod set;
mod tags;
mod types;

pub use tags::{Around, bound_value, tag_code};

use super::import;
use super::names::module_ident;
use crate::model::{EventOrigin, Service};
use crate::output::{Files, Owner};
use proc_macro2::Ident;
use quote::quote;

/// The import path of the crate's items, as other generated crates see it.
pub fn events_crate(service: &Service) -> Ident {
    super::from_crate(&format!("{}-events", service.name.kebab()))
}

/// Emits the crate's sources.
pub fn emit_events(service: &Service, files: &mut Files) {
    let root = format!("generated/{}/events/src", service.name.kebab());
    for event in service.events.values().filter(|event| event.origin != EventOrigin::Undeclared) {
        let path = format!("{root}/{}.rs", event.name.module());
        let doc = format!("The event `{}`.", event.name);
        files.rust(Owner::Ours, path, &service.inputs, &doc, event::items(service, event, &import("crate")));
    }
    let types = types::items(service);
    let has_types = !types.is_empty();
    if has_types {
        let doc = "Enums and nested objects of the schema.";
        files.rust(Owner::Ours, format!("{root}/types.rs"), &service.inputs, doc, types);
    }
    let doc = format!("The events of the service `{}`.", service.name.kebab());
    let mut items = Vec::new();
    for event in service.events.values().filter(|event| event.origin != EventOrigin::Undeclared) {
        let module = module_ident(&event.name);
        items.push(quote!(mod #module;));
    }
    if has_types {
        items.push(quote!(
            mod types;
        ));
    }
    items.extend(set::items(service));
    files.rust(Owner::OursList, format!("{root}/lib.rs"), &service.inputs, &doc, items);
}
