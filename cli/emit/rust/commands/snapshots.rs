//! Commands whose state is kept: how often, and under which definition.

use super::slice::Slice;
use crate::emit::rust::definition::Definition;
use crate::emit::rust::events::{Around, tag_code};
use crate::emit::rust::import;
use crate::emit::rust::types::int_literal;
use crate::model::{Event, StateEntry, TypeName};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

/// `SNAPSHOTS` of the `Decision`, if the state is kept.
pub(super) fn of_decision(slice: &Slice<'_>) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let every = int_literal(i64::from(slice.command.snapshots?.every));
    let definition = definition(slice);
    Some(quote! {
        const SNAPSHOTS: Option<#rt::Snapshots<State>> = Some(#rt::Snapshots::every(#every, #definition));
    })
}

/// The traits that a kept state derives besides.
pub(super) fn derived(slice: &Slice<'_>) -> Option<TokenStream> {
    let serde = import("serde");
    slice.command.snapshots.map(|_| quote!(, #serde::Serialize, #serde::Deserialize))
}

/// The hash of the state's entries, what they read and what they make of it, the events that they read and how older ones are
/// read, and the types of all of these.
fn definition(slice: &Slice<'_>) -> String {
    let mut definition = Definition::of(slice.service, &format!("state of {}", slice.command.name));
    let mut read: BTreeSet<&TypeName> = BTreeSet::new();
    for entry in &slice.command.state {
        describe(slice, entry, &mut definition);
        read.extend(entry.on.keys());
    }
    let events: Vec<&Event> = read.into_iter().filter_map(|name| slice.service.events.get(name)).collect();
    events.iter().for_each(|event| definition.event(event));
    definition.types();
    definition.hash()
}

fn describe(slice: &Slice<'_>, entry: &StateEntry, definition: &mut Definition<'_>) {
    definition.field(entry.name.as_written(), &entry.ty);
    let StateEntry { each, step, last_only, .. } = entry;
    definition.line(format_args!("each {each:?} step {step} last only {last_only}"));
    let mut scope = slice.scope();
    definition.line(format_args!("initial {}", scope.owned(&entry.initial)));
    for tag in &entry.tags {
        let mut around = Around::default();
        let tag = tag_code(&scope, tag, &mut around);
        definition.line(format_args!("tag {}", around.wrap(tag)));
    }
    scope.entry = Some(entry);
    for (event, value) in &entry.on {
        scope.event = slice.service.events.get(event);
        definition.line(format_args!("on {event} {}", scope.owned(value)));
    }
}
