//! The decision model of a command.

use super::each::{lower_each, with_entry, with_item};
use super::steps;
use crate::diagnostic::codes::reading::MISSING_KEY;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::Context;
use crate::lower::event::broken_tag;
use crate::lower::expression::{Scope, Typer, payload};
use crate::lower::names::Names;
use crate::lower::names::doc;
use crate::model::{
    Event, EventField, EventOrigin, Expr, ExprKind, FieldName, FieldType, StateEntry, TagTemplate, Type, TypeName,
};
use crate::source::{RawStateEntry, RawTemplate};
use std::collections::BTreeMap;

/// Every entry in the order written. What is wrong in one is reported, and something stands for it, so that the rest can
/// be judged.
pub(super) fn lower_state(
    raw: &[RawStateEntry],
    fields: &[EventField],
    context: &Context,
    sink: &mut Sink,
) -> Vec<StateEntry> {
    let mut names = Names::default();
    let unique: Vec<_> = raw.iter().filter(|entry| names.first("state entry", &entry.name, sink)).collect();
    let mut entries: Vec<_> = unique.iter().map(|raw| begin(raw, fields, context, sink)).collect();
    // Tags may name any entry, so that all have to be known before.
    let known: Vec<StateEntry> = entries.iter().map(|(entry, _)| entry.clone()).collect();
    for (raw, (entry, is_whole)) in unique.into_iter().zip(&mut entries) {
        // With a wrong `each`, tags and values speak of an `item` that nothing here knows.
        if *is_whole {
            Filling { raw, fields, context }.fill(entry, &known, sink);
        }
    }
    let mut entries: Vec<StateEntry> = entries.into_iter().map(|(entry, _)| entry).collect();
    steps::number(&mut entries, sink);
    entries
}

/// An entry with nothing but its name and type, and whether more can be said of it.
fn begin(raw: &RawStateEntry, fields: &[EventField], context: &Context, sink: &mut Sink) -> (StateEntry, bool) {
    let ty = context.types.resolve_or_any(raw.ty.as_ref(), &context.neighbours, sink);
    let each = lower_each(raw.each.as_ref(), fields, &context.types, sink);
    let nil = Expr { kind: ExprKind::Nil, ty: ty.clone(), place: raw.name.place };
    // All events that are named, unknown ones too: an entry that names a wrong one is not one that names none.
    let events = raw.on.iter().map(|assignment| TypeName::new(context.bare(&assignment.name).value));
    let entry = StateEntry {
        name: FieldName::new(&raw.name.value),
        doc: doc(&raw.doc),
        initial: nil.clone(),
        each: each.clone().unwrap_or_default(),
        tags: Vec::new(),
        step: 1,
        last_only: raw.last_only.as_ref().is_some_and(|last_only| last_only.value),
        on: events.map(|name| (name, nil.clone())).collect(),
        ty,
        place: raw.name.place,
    };
    (entry, each.is_ok())
}

/// What the rest of an entry is lowered against.
struct Filling<'a> {
    raw: &'a RawStateEntry,
    fields: &'a [EventField],
    context: &'a Context,
}

impl Filling<'_> {
    fn fill(&self, entry: &mut StateEntry, known: &[StateEntry], sink: &mut Sink) {
        if let Some(initial) = self.initial(entry, sink) {
            entry.initial = initial;
        }
        let scope = Scope::default().with_command(self.fields, true).with_caller().with_now();
        let scope = with_item(scope, entry.each.as_ref(), self.fields);
        let scope = known.iter().fold(scope, |scope, other| with_entry(scope, other, entry.each.as_ref()));
        entry.tags = self.tags(&scope, sink);
        self.on(entry, known, sink);
    }

    fn initial(&self, entry: &StateEntry, sink: &mut Sink) -> Option<Expr> {
        let Some(raw) = &self.raw.initial else {
            if entry.ty.required {
                let message = format!("the state entry `{}` needs `initial`", entry.name);
                sink.push(Diagnostic::error(MISSING_KEY, self.raw.name.place, message));
            }
            return None;
        };
        Typer::new(&self.context.types, &self.scope(entry), sink).typed(raw, &entry.ty)
    }

    fn tags(&self, scope: &Scope, sink: &mut Sink) -> Vec<TagTemplate> {
        let written = self.raw.tags.iter().flat_map(|tags| &tags.value);
        let tag = |raw: &RawTemplate, sink: &mut Sink| Typer::new(&self.context.types, scope, sink).tag(raw, false);
        written.map(|raw| tag(raw, sink).unwrap_or_else(|| broken_tag(raw))).collect()
    }

    fn on(&self, entry: &mut StateEntry, known: &[StateEntry], sink: &mut Sink) {
        let mut names = Names::default();
        let mut on = BTreeMap::new();
        for assignment in &self.raw.on {
            if !names.first("event", &self.context.bare(&assignment.name), sink) {
                continue;
            }
            let Some(event) = self.context.event(&assignment.name, sink) else { continue };
            let scope = self.scope_of_event(entry, known, event);
            let mut typer = Typer::new(&self.context.types, &scope, sink);
            typer.event_is(&event.name);
            if let Some(value) = typer.typed(&assignment.value, &entry.ty) {
                on.insert(event.name.clone(), value);
            }
        }
        entry.on.append(&mut on);
    }

    /// What the values of an entry may name, whatever happens.
    fn scope(&self, entry: &StateEntry) -> Scope {
        let scope = Scope::default().with_command(self.fields, false).with_caller().with_now();
        with_item(scope, entry.each.as_ref(), self.fields)
    }

    fn scope_of_event(&self, entry: &StateEntry, known: &[StateEntry], event: &Event) -> Scope {
        let ty = match event.origin {
            EventOrigin::Undeclared => FieldType::required(Type::Json),
            _ => payload(&event.fields),
        };
        let scope = self.scope(entry).with_state(&entry.ty).with_event(&["event"], &ty).with_meta(&["meta"]);
        known.iter().fold(scope, |scope, other| scope.with_state_apart(&other.name, other.name == entry.name))
    }
}
