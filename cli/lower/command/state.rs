//! The decision model of a command.

use crate::diagnostic::codes::reading::MISSING_KEY;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::event::broken_tag;
use crate::lower::expression::{Scope, Typer, mentions_state, payload};
use crate::lower::schema::doc;
use crate::lower::service::{Context, Names, refuse};
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
    let mut tag_scope = Scope::default().with_command(fields, true).with_caller().with_now();
    let mut entries = Vec::new();
    for raw in unique {
        let ty = context.types.resolve_or_any(raw.ty.as_ref(), &context.neighbours, sink);
        // Bound so that a tag that names one is understood, and refused for now.
        tag_scope = tag_scope.with_state_entry(&FieldName::new(&raw.name.value), &ty, raw.name.place);
        entries.push(Entry { raw, ty, fields, context });
    }
    entries.into_iter().map(|entry| entry.lower(&tag_scope, sink)).collect()
}

/// One entry with all that it is lowered against.
struct Entry<'a> {
    raw: &'a RawStateEntry,
    ty: FieldType,
    fields: &'a [EventField],
    context: &'a Context,
}

impl Entry<'_> {
    fn lower(self, tag_scope: &Scope, sink: &mut Sink) -> StateEntry {
        let refused = self.refused(sink);
        let nil = Expr { kind: ExprKind::Nil, ty: self.ty.clone(), place: self.raw.name.place };
        let mut entry = StateEntry {
            name: FieldName::new(&self.raw.name.value),
            doc: doc(&self.raw.doc),
            initial: nil.clone(),
            tags: Vec::new(),
            last_only: self.raw.last_only.as_ref().is_some_and(|last_only| last_only.value),
            on: self.events().map(|name| (name, nil.clone())).collect(),
            ty: self.ty.clone(),
            place: self.raw.name.place,
        };
        // With `each`, tags and values speak of an `item` that nothing here knows.
        if !refused {
            entry.initial = self.initial(sink).unwrap_or(nil);
            entry.tags = self.tags(tag_scope, sink);
            self.on(&mut entry.on, sink);
        }
        entry
    }

    /// All that are named, unknown ones too: an entry that names a wrong one is not one that names none.
    fn events(&self) -> impl Iterator<Item = TypeName> {
        self.raw.on.iter().map(|assignment| TypeName::new(&assignment.name.value))
    }

    fn refused(&self, sink: &mut Sink) -> bool {
        if let Some(each) = &self.raw.each {
            refuse(each.place, "`each` is not generated yet", sink);
        }
        self.raw.each.is_some()
    }

    fn initial(&self, sink: &mut Sink) -> Option<Expr> {
        let Some(raw) = &self.raw.initial else {
            if self.ty.required {
                let message = format!("the state entry `{}` needs `initial`", self.raw.name.value);
                sink.push(Diagnostic::error(MISSING_KEY, self.raw.name.place, message));
            }
            return None;
        };
        let scope = Scope::default().with_command(self.fields, false).with_caller().with_now();
        Typer::new(&self.context.types, &scope, sink).typed(raw, &self.ty)
    }

    fn tags(&self, scope: &Scope, sink: &mut Sink) -> Vec<TagTemplate> {
        let written = self.raw.tags.iter().flat_map(|tags| &tags.value);
        written.map(|tag| self.tag(tag, scope, sink).unwrap_or_else(|| broken_tag(tag))).collect()
    }

    fn tag(&self, raw: &RawTemplate, scope: &Scope, sink: &mut Sink) -> Option<TagTemplate> {
        let tag = Typer::new(&self.context.types, scope, sink).tag(raw, false)?;
        if mentions_state(&tag) {
            refuse(raw.place, "a tag that names a state entry is not generated yet", sink);
        }
        Some(tag)
    }

    fn on(&self, on: &mut BTreeMap<TypeName, Expr>, sink: &mut Sink) {
        let mut names = Names::default();
        for assignment in &self.raw.on {
            if !names.first("event", &assignment.name, sink) {
                continue;
            }
            let Some(event) = self.context.event(&assignment.name, sink) else { continue };
            let scope = self.scope(event);
            let mut typer = Typer::new(&self.context.types, &scope, sink);
            typer.event_is(&event.name);
            if let Some(value) = typer.typed(&assignment.value, &self.ty) {
                on.insert(event.name.clone(), value);
            }
        }
    }

    fn scope(&self, event: &Event) -> Scope {
        let ty = match event.origin {
            EventOrigin::Undeclared => FieldType::required(Type::Json),
            _ => payload(&event.fields),
        };
        let scope = Scope::default().with_state(&self.ty).with_event(&["event"], &ty).with_meta(&["meta"]);
        scope.with_command(self.fields, false).with_caller().with_now()
    }
}
