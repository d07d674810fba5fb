//! What the inputs say is judged here: whatever passes can be generated.
//!
//! One group of rules a file; each pushes all that it finds. Only this room makes a [`CheckedModel`], and `emit` takes
//! nothing else.

mod access;
mod api;
mod automations;
mod circles;
mod collisions;
mod commands;
mod entries;
mod events;
mod files;
mod foresight;
mod names;
mod objects;
mod personal;
mod projections;
mod reads;
mod renames;
mod reserved;
mod rows;
mod services;
mod snapshots;
mod specs;
mod tags;
mod topics;
mod uniques;
mod walk;
mod writing;

pub use names::{LONGEST, is_legal, legal_form};
pub use services::{project_name_fault, service_name_fault};

use crate::diagnostic::codes::lints::UNDECLARED_EVENT;
use crate::diagnostic::{Severity, Sink};
use crate::model::{Model, TypeName};
use std::ops::Deref;

/// A model that every rule was applied to, without an error.
#[derive(Clone, Debug)]
pub struct CheckedModel(Model);

impl Deref for CheckedModel {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.0
    }
}

/// Applies every rule; lints only if nothing was wrong before. None if the sink holds an error, be it from here or from an earlier stage.
///
/// `strict` makes an error of events that no event model declares.
pub fn check(mut model: Model, sink: &mut Sink, strict: bool) -> Option<CheckedModel> {
    let mut found = Sink::default();
    apply_rules(&model, &mut found);
    // What could not be read is missing here, so that lints would speak of things that are no problem.
    let is_whole = !sink.has_errors();
    for diagnostic in found.sorted() {
        if is_whole || diagnostic.severity == Severity::Error {
            sink.push(diagnostic.clone());
        }
    }
    if strict {
        sink.escalate(UNDECLARED_EVENT);
    }
    drop_empty(&mut model);
    (!sink.has_errors()).then_some(CheckedModel(model))
}

fn apply_rules(model: &Model, sink: &mut Sink) {
    services::check(model, sink);
    api::check(model, sink);
    automations::check(model, sink);
    circles::check(model, sink);
    for service in model.services.values() {
        names::check(service, sink);
        collisions::check(service, sink);
        objects::check(model, service, sink);
        events::check(model, service, sink);
        renames::check(model, service, sink);
        commands::check(service, sink);
        tags::check(service, sink);
        personal::check(model, service, sink);
        specs::check(model, service, sink);
        foresight::check(service, sink);
        entries::check(service, sink);
        writing::check(service, sink);
        uniques::check(service, sink);
        files::check(model, service, sink);
        projections::check(model, service, sink);
        access::check(service, sink);
        rows::check(service, sink);
        topics::check(model, service, sink);
        snapshots::check(service, sink);
    }
}

/// A nested type without fields that nothing holds says nothing.
fn drop_empty(model: &mut Model) {
    let objects = model.services.values().flat_map(|service| &service.objects);
    let empty = objects.filter(|(name, object)| object.fields.is_empty() && !objects::is_used(model, name));
    let empty: Vec<TypeName> = empty.map(|(name, _)| name.clone()).collect();
    for service in model.services.values_mut() {
        service.objects.retain(|name, _| !empty.contains(name));
    }
}
