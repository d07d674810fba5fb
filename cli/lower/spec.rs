//! Examples of commands and views.

use super::context::Context;
use super::fields::BUILT_IN;
use super::generate::fill;
use super::permission;
use super::value::{Record, Slot, untyped};
use crate::diagnostic::codes::names::{UNKNOWN_ERROR, UNKNOWN_VIEW};
use crate::diagnostic::codes::rules::{NOTHING_OLDER, VIEW_SPEC_WITHOUT_ID};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{
    Access, Command, EntryType, Event, EventField, EventOrigin, FieldType, Projection, Spec, SpecCaller, SpecEvent,
    SpecOutcome, Type, TypeName, ViewSpec,
};
use crate::source::{
    RawCaller, RawOutcome, RawService, RawSpec, RawSpecEvent, RawValue, RawValueKind, RawView, RawViewSpec,
};
use serde_json::Value as Json;
use std::collections::BTreeMap;

/// A command's examples that could be read.
pub(super) fn lower_specs(raw: &[RawSpec], command: &Command, context: &Context, sink: &mut Sink) -> Vec<Spec> {
    raw.iter().filter_map(|spec| lower_spec(spec, command, context, sink)).collect()
}

/// Adds the examples of the event model's `views` to their projections.
pub(super) fn lower_views(
    raw: &RawService,
    context: &Context,
    projections: &mut BTreeMap<TypeName, Projection>,
    sink: &mut Sink,
) {
    for view in raw.models.iter().flat_map(|model| &model.views) {
        let name = TypeName::new(&view.name.value);
        let Some(projection) = projections.get_mut(&name) else {
            unknown_view(view, context, projections, sink);
            continue;
        };
        let specs = view.specs.iter().filter_map(|spec| lower_view_spec(spec, projection, context, sink));
        let specs: Vec<_> = specs.collect();
        projection.specs.extend(specs);
    }
}

fn unknown_view(view: &RawView, context: &Context, projections: &BTreeMap<TypeName, Projection>, sink: &mut Sink) {
    let name = &view.name.value;
    if context.types.refused.contains(&TypeName::new(name)) {
        return;
    }
    let message = format!("there is no projection `{name}`");
    let diagnostic = Diagnostic::error(UNKNOWN_VIEW, view.name.place, message);
    let is_crud = context.types.entry_names.contains(&TypeName::new(name));
    sink.push(if is_crud {
        diagnostic.help(format!("`{name}` is a CRUD type; examples belong to types with `@upsertOn`"))
    } else {
        diagnostic.suggest(name, projections.keys().map(TypeName::as_written))
    });
}

fn lower_spec(raw: &RawSpec, command: &Command, context: &Context, sink: &mut Sink) -> Option<Spec> {
    let given: Vec<_> = raw.given.iter().map(|event| own_event(event, true, context, sink)).collect();
    let slots = slots(&command.sent());
    let owner = command.name.as_written();
    let when = Record { owner, slots: &slots, whole: true, place: raw.when.place };
    let mut when = when.read(&raw.when, &context.types, sink);
    if let Some(when) = &mut when {
        fill(command, when);
    }
    let by = raw.by.as_ref().map(|by| lower_caller(by, &context.permissions, sink));
    let then = lower_outcome(&raw.then, command, context, sink);
    Some(Spec {
        name: raw.name.value.clone(),
        given: given.into_iter().collect::<Option<_>>()?,
        when: when?,
        by,
        then: then?,
        place: raw.place,
    })
}

fn lower_outcome(raw: &RawOutcome, command: &Command, context: &Context, sink: &mut Sink) -> Option<SpecOutcome> {
    match raw {
        RawOutcome::Invalid => None,
        RawOutcome::Events(events) => Some(SpecOutcome::Events(lower_expected(&events.value, context, sink)?)),
        RawOutcome::Error { error, message, events } => {
            let events = lower_expected(events, context, sink);
            let name = TypeName::new(&error.value);
            let rules = command.rules.iter().map(|rule| &rule.error);
            let known: Vec<_> = rules.chain(command.errors.iter().map(|error| &error.name)).collect();
            if !known.contains(&&name) {
                let text = match command.custom {
                    Some(_) => format!("`errors` of `{}` does not name `{name}`", command.name),
                    None => format!("no rule of `{}` gives the error `{name}`", command.name),
                };
                let names = known.into_iter().map(TypeName::as_written);
                sink.push(Diagnostic::error(UNKNOWN_ERROR, error.place, text).suggest(&error.value, names));
                return None;
            }
            let message = message.as_ref().map(|message| message.value.clone());
            Some(SpecOutcome::Error { error: name, message, events: events? })
        }
    }
}

/// Events of a `then`: the fields named.
fn lower_expected(raw: &[RawSpecEvent], context: &Context, sink: &mut Sink) -> Option<Vec<SpecEvent>> {
    let events: Vec<_> = raw.iter().map(|event| own_event(event, false, context, sink)).collect();
    events.into_iter().collect()
}

/// An event of a command's example: `whole` where all of its fields must be there.
fn own_event(raw: &RawSpecEvent, whole: bool, context: &Context, sink: &mut Sink) -> Option<SpecEvent> {
    let by = raw.by.as_ref().map(|by| lower_caller(by, &context.permissions, sink));
    let event = context.event(&raw.name, sink)?;
    lower_event((raw, event), by, whole, context, sink)
}

/// An event that is given to a projection or an automation, by the reader's name and the service that it follows.
pub(super) fn given_event(
    raw: &RawSpecEvent,
    reader: (&str, &str),
    context: &Context,
    sink: &mut Sink,
) -> Option<SpecEvent> {
    // Whoever did it may have had to hold what another service asks for.
    let permissions = if reader.1 == context.name { &context.permissions } else { &*context.project_permissions };
    let by = raw.by.as_ref().map(|by| lower_caller(by, permissions, sink));
    let event = context.given(&raw.name, reader, sink)?;
    lower_event((raw, event), by, true, context, sink)
}

fn lower_event(
    (raw, event): (&RawSpecEvent, &Event),
    by: Option<SpecCaller>,
    whole: bool,
    context: &Context,
    sink: &mut Sink,
) -> Option<SpecEvent> {
    let older = older(raw, event, sink)?;
    let payload = if event.origin == EventOrigin::Undeclared || older.is_some() {
        untyped(&raw.payload)
    } else {
        let slots = slots(&event.fields);
        let record = Record { owner: event.name.as_written(), slots: &slots, whole, place: raw.name.place };
        record.read(&raw.payload, &context.types, sink)?
    };
    let at = raw.at.as_ref().map_or(0, |at| at.value);
    Some(SpecEvent { event: event.name.clone(), payload, older, at, by, place: raw.name.place })
}

/// The older version that a given event was stored as, if it says so; none if that is wrong, which is reported.
fn older(raw: &RawSpecEvent, event: &Event, sink: &mut Sink) -> Option<Option<u32>> {
    let Some(version) = &raw.version else { return Some(None) };
    if version.value < event.version {
        return Some(Some(version.value));
    }
    let message = format!("`{}` is at version {}: an example gives older ones", event.name, event.version);
    let label = if version.value == event.version { "this is today's" } else { "there is no such version yet" };
    let problem = Diagnostic::error(NOTHING_OLDER, version.place, message).label(label);
    sink.push(problem.help("leave `version` out for an event of today"));
    None
}

fn lower_caller(raw: &RawCaller, permissions: &[String], sink: &mut Sink) -> SpecCaller {
    let names = raw.permissions.iter().map(|name| (name.value.as_str(), name.place)).collect();
    let permissions = match permission::any_of_these(names, permissions, sink) {
        Access::AnyOf(permissions) => permissions,
        _ => Vec::new(),
    };
    SpecCaller { user_id: raw.user_id.as_ref().map_or_else(String::new, |id| id.value.clone()), permissions }
}

fn lower_view_spec(raw: &RawViewSpec, view: &Projection, context: &Context, sink: &mut Sink) -> Option<ViewSpec> {
    let reader = (view.entry.name.as_written(), view.follows.as_str());
    let given: Vec<_> = raw.given.iter().map(|event| given_event(event, reader, context, sink)).collect();
    let then: Vec<_> = raw.then.iter().map(|expected| lower_entry(expected, &view.entry, context, sink)).collect();
    Some(ViewSpec {
        name: raw.name.value.clone(),
        given: given.into_iter().collect::<Option<_>>()?,
        then: then.into_iter().collect::<Option<_>>()?,
        place: raw.place,
    })
}

/// The named fields of one expected entry.
fn lower_entry(raw: &RawValue, entry: &EntryType, context: &Context, sink: &mut Sink) -> Option<Json> {
    let built_in = BUILT_IN.iter().map(|(name, ty)| Slot {
        name: (*name).to_owned(),
        ty: FieldType::required(ty.clone()),
        may_be_absent: true,
    });
    let own = entry.fields.iter().map(|field| Slot {
        name: field.name.to_string(),
        ty: stored(&field.ty),
        may_be_absent: true,
    });
    let slots: Vec<_> = built_in.chain(own).collect();
    let record = Record { owner: entry.name.as_written(), slots: &slots, whole: false, place: raw.place };
    let value = record.read(raw, &context.types, sink)?;
    if let (RawValueKind::Map(_), None) = (&raw.kind, value.get("id")) {
        let message = "an expected entry is named by its `id`";
        sink.push(Diagnostic::error(VIEW_SPEC_WITHOUT_ID, raw.place, message).help("add `id: …` to it"));
        return None;
    }
    Some(value)
}

/// References are stored as ids.
fn stored(ty: &FieldType) -> FieldType {
    match &ty.ty {
        Type::Reference(_) => FieldType { ty: Type::Id, required: ty.required },
        _ => ty.clone(),
    }
}

/// The fields of an example's record.
pub(super) fn slots(fields: &[EventField]) -> Vec<Slot> {
    let slot = |field: &EventField| Slot {
        name: field.name.to_string(),
        ty: field.ty.clone(),
        may_be_absent: field.may_be_absent,
    };
    fields.iter().map(slot).collect()
}
