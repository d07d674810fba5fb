//! The crate `<service>-projections`: a folder a projection, and the list of them.

mod apply;
mod payload;
mod route;
mod specs;
mod stored;

use super::entries::{EntryCode, definition, entry_items};
use super::names::{module_ident, type_ident};
use super::tokens::{names, uses};
use super::{Home, import};
use crate::model::{Event, Model, Projection, Service};
use crate::output::{Files, Owner};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeMap;

/// Emits the crate's sources.
pub fn emit_projections(model: &Model, service: &Service, files: &mut Files) {
    // No crate for nothing: it would have no manifest either.
    if service.projections.is_empty() {
        return;
    }
    let root = format!("generated/{}/projections/src", service.name.kebab());
    for projection in service.projections.values() {
        emit_projection(&View::new(model, service, projection), &root, files);
    }
    let names = service.projections.keys();
    let modules = names.clone().map(module_ident).map(|module| quote!(mod #module;));
    let uses =
        names.map(|name| (module_ident(name), type_ident(name))).map(|(module, name)| quote!(pub use #module::#name;));
    let doc = format!("The projections of the service `{}`, a module each.", service.name.kebab());
    let items = modules.chain(uses).collect();
    files.rust(Owner::OursList, format!("{root}/lib.rs"), &service.input_folders(), &doc, items);
}

fn emit_projection(view: &View<'_>, root: &str, files: &mut Files) {
    let (service, projection) = (view.service, view.projection);
    let name = &projection.entry.name;
    let folder = format!("{root}/{}", name.module());
    let fold = fold_items(view);
    let entry = EntryCode {
        service,
        entry: &projection.entry,
        events: view.events.clone(),
        definition: definition_of(view, &fold),
        asks_first: fold.iter().any(|item| names(item, "__is_new")),
    };
    let specs = projection.specs.iter().map(|spec| spec.place);
    let inputs = service.inputs_of(specs.chain([projection.entry.place]));
    let mut push = |file: &str, doc: String, items: Vec<TokenStream>| {
        files.rust(Owner::Ours, format!("{folder}/{file}.rs"), &inputs, &doc, items);
    };
    push("mod", format!("The projection `{name}`."), module_items(view));
    push("entry", format!("An entry of `{name}` and the table that keeps it."), entry_items(&entry));
    push("fold", format!("How events become entries of `{name}`."), fold);
    if !projection.specs.is_empty() {
        push("specs", format!("The examples of `{name}`."), specs::items(view));
    }
}

/// The definition goes by the names that events are stored under: no table is built anew because an event is called otherwise.
fn definition_of(view: &View<'_>, fold: &[TokenStream]) -> String {
    if let Some((followed, projection)) = stored::by_stored_names(view.followed, view.projection) {
        let stored =
            View { service: view.service, followed: &followed, projection: &projection, events: view.events.clone() };
        return definition(view.service, &projection.entry, &reached(&stored), &fold_items(&stored));
    }
    definition(view.service, &view.projection.entry, &reached(view), fold)
}

fn reached<'a>(view: &View<'a>) -> Vec<&'a Event> {
    view.projection.events.iter().filter_map(|event| view.followed.events.get(event)).collect()
}

/// One projection and the names that all of its files use.
pub(super) struct View<'a> {
    service: &'a Service,
    /// The service whose events it follows.
    followed: &'a Service,
    projection: &'a Projection,
    /// Where events, enums and nested objects come from.
    events: Home,
}

impl<'a> View<'a> {
    fn new(model: &'a Model, service: &'a Service, projection: &'a Projection) -> Self {
        let followed = model.followed(&projection.follows, service);
        Self { service, followed, projection, events: Home::following(service, followed) }
    }

    /// The service that it follows, if that is not its own.
    fn other(&self) -> Option<&'a str> {
        Some(self.followed.name.as_written()).filter(|name| *name != self.service.name.as_written())
    }
}

fn module_items(view: &View<'_>) -> Vec<TokenStream> {
    let name = type_ident(&view.projection.entry.name);
    let specs = (!view.projection.specs.is_empty()).then(|| {
        quote!(
            #[cfg(test)]
            mod specs;
        )
    });
    vec![quote!(mod entry; mod fold; #specs), quote!(pub use entry::#name;)]
}

fn fold_items(view: &View<'_>) -> Vec<TokenStream> {
    let (rt, here, events) = (import("scaffold_runtime::codegen"), import("super"), &view.events);
    let name = type_ident(&view.projection.entry.name);
    let (sources, route, apply) = (sources(view), route::body(view), apply::body(view));
    let (route_event, route_meta) = (parameter(&route, "event"), parameter(&route, "meta"));
    let (apply_event, apply_meta) = (parameter(&apply, "event"), parameter(&apply, "meta"));
    // Part of the definition, as all of this is: one that follows another service is another table.
    let from = view.other().map(|other| quote!(const FROM: Option<&'static str> = Some(#other);));
    vec![quote! {
        impl #rt::Projection for #here::#name {
            type Event = #events::Event;
            #from
            const SOURCES: &'static [#rt::Source] = &[#(#sources),*];

            fn route(#route_event: &#events::Event, #route_meta: &#rt::Meta) -> Result<Vec<#rt::Route>, #rt::EvalError> {
                #route
            }

            fn apply(&mut self, #apply_event: &#events::Event, #apply_meta: &#rt::Meta) -> Result<(), #rt::EvalError> {
                #apply
                Ok(())
            }
        }
    }]
}

fn parameter(body: &TokenStream, name: &str) -> TokenStream {
    if uses(body, name) { name.parse().unwrap_or_default() } else { quote!(_) }
}

/// The events by topic.
fn sources(view: &View<'_>) -> Vec<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let mut by_topic: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for name in &view.projection.events {
        let event = view.followed.events.get(name);
        let topic = event.map_or_else(|| view.followed.name.as_written(), |event| &event.topic);
        by_topic.entry(topic).or_default().push(name.as_written());
    }
    let sources =
        by_topic.into_iter().map(|(topic, types)| quote!(#rt::Source { topic: #topic, types: &[#(#types),*] }));
    sources.collect()
}
