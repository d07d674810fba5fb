//! The decision model of a command.

use crate::diagnostic::codes::reading::MISSING_KEY;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::expression::{Scope, Typer, mentions_state, payload};
use crate::lower::schema::doc;
use crate::lower::service::{Context, Names, refuse};
use crate::model::{
    Event, EventField, EventOrigin, Expr, ExprKind, FieldName, FieldType, StateEntry, TagTemplate, Type, TypeName,
};
use crate::source::{RawStateEntry, RawTemplate};
use std::collections::BTreeMap;

/// Every entry in the order written; none if one of them is broken.
pub(super) fn lower_state(
    raw: &[RawStateEntry],
    fields: &[EventField],
    context: &Context,
    sink: &mut Sink,
) -> Option<Vec<StateEntry>> {
    let mut names = Names::default();
    let unique: Vec<_> = raw.iter().filter(|entry| names.first("state entry", &entry.name, sink)).collect();
    let typed: Vec<_> = unique
        .iter()
        .map(|entry| {
            let ty = entry.ty.as_ref().and_then(|ty| context.types.resolve(ty, &context.neighbours, sink));
            (*entry, ty)
        })
        .collect();
    let mut tag_scope = Scope::default().with_command(fields, true).with_caller().with_now();
    for (entry, ty) in &typed {
        // Bound so that a tag that names one is understood, and refused for now.
        if let Some(ty) = ty {
            tag_scope = tag_scope.with_state_entry(&FieldName::new(&entry.name.value), ty, entry.name.place);
        }
    }
    let complete = typed.len() == raw.len();
    let entries: Vec<_> =
        typed.into_iter().map(|(raw, ty)| Entry { raw, ty: ty?, fields, context }.lower(&tag_scope, sink)).collect();
    let entries = entries.into_iter().collect::<Option<Vec<_>>>();
    entries.filter(|_| complete)
}

/// One entry with all that it is lowered against.
struct Entry<'a> {
    raw: &'a RawStateEntry,
    ty: FieldType,
    fields: &'a [EventField],
    context: &'a Context,
}

impl Entry<'_> {
    fn lower(self, tag_scope: &Scope, sink: &mut Sink) -> Option<StateEntry> {
        if self.refused(sink) {
            return None;
        }
        let initial = self.initial(sink);
        let tags = self.tags(tag_scope, sink);
        let on = self.on(sink);
        Some(StateEntry {
            name: FieldName::new(&self.raw.name.value),
            doc: doc(&self.raw.doc),
            initial: initial?,
            tags: tags?,
            on: on?,
            ty: self.ty,
            place: self.raw.name.place,
        })
    }

    fn refused(&self, sink: &mut Sink) -> bool {
        let last_only = self.raw.last_only.as_ref().filter(|last_only| last_only.value);
        if let Some(last_only) = last_only {
            refuse(last_only.place, "`lastOnly` is not generated yet", sink);
        }
        if let Some(each) = &self.raw.each {
            refuse(each.place, "`each` is not generated yet", sink);
        }
        last_only.is_some() || self.raw.each.is_some()
    }

    fn initial(&self, sink: &mut Sink) -> Option<Expr> {
        let place = self.raw.name.place;
        let Some(raw) = &self.raw.initial else {
            if self.ty.required {
                let message = format!("the state entry `{}` needs `initial`", self.raw.name.value);
                sink.push(Diagnostic::error(MISSING_KEY, place, message));
                return None;
            }
            return Some(Expr { kind: ExprKind::Nil, ty: self.ty.clone(), place });
        };
        let scope = Scope::default().with_command(self.fields, false).with_caller().with_now();
        Typer::new(&self.context.types, &scope, sink).typed(raw, &self.ty)
    }

    fn tags(&self, scope: &Scope, sink: &mut Sink) -> Option<Vec<TagTemplate>> {
        let written = self.raw.tags.iter().flat_map(|tags| &tags.value);
        let tags: Vec<_> = written.map(|tag| self.tag(tag, scope, sink)).collect();
        tags.into_iter().collect()
    }

    fn tag(&self, raw: &RawTemplate, scope: &Scope, sink: &mut Sink) -> Option<TagTemplate> {
        let tag = Typer::new(&self.context.types, scope, sink).tag(raw, false)?;
        if mentions_state(&tag) {
            refuse(raw.place, "a tag that names a state entry is not generated yet", sink);
            return None;
        }
        Some(tag)
    }

    fn on(&self, sink: &mut Sink) -> Option<BTreeMap<TypeName, Expr>> {
        let mut names = Names::default();
        let mut complete = true;
        let mut on = BTreeMap::new();
        for assignment in &self.raw.on {
            if !names.first("event", &assignment.name, sink) {
                complete = false;
                continue;
            }
            let Some(event) = self.context.event(&assignment.name, sink) else {
                complete = false;
                continue;
            };
            let scope = self.scope(event);
            let mut typer = Typer::new(&self.context.types, &scope, sink);
            typer.event_is(&event.name);
            match typer.typed(&assignment.value, &self.ty) {
                Some(value) => drop(on.insert(event.name.clone(), value)),
                None => complete = false,
            }
        }
        complete.then_some(on)
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
