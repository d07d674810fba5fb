//! `@upsertOn` and `@removeOn`.

use super::filter;
use crate::diagnostic::codes::directives::{MISSING_ARGUMENT, TARGET_WITHOUT_EVENTS, WRONG_IDENTITY};
use crate::diagnostic::codes::later::OTHER_SERVICE_LATER;
use crate::diagnostic::codes::lints::UNDECLARED_EVENT;
use crate::diagnostic::codes::names::{DOUBLED_NAME, UNKNOWN_FIELD};
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::directive::texts;
use crate::lower::event::topics;
use crate::lower::expression::{meta_fields, type_name};
use crate::lower::schema::SchemaEntry;
use crate::lower::service::Context;
use crate::model::{Event, EventOrigin, FieldName, FieldType, Identify, IdentifyPart, Target, Type, TypeName};
use crate::place::Place;
use crate::source::{RawDirective, RawSchemaValue};
use std::collections::BTreeSet;

/// The directives of this name, in the order written.
pub(super) fn lower_targets(
    name: &str,
    entry: &SchemaEntry<'_>,
    context: &mut Context,
    sink: &mut Sink,
) -> Vec<Target> {
    let named = entry.directives.iter().filter(|directive| directive.name.value == name);
    named.filter_map(|directive| lower_target(directive, entry, context, sink)).collect()
}

fn lower_target(raw: &RawDirective, entry: &SchemaEntry<'_>, context: &mut Context, sink: &mut Sink) -> Option<Target> {
    let on = raw.argument("on")?;
    let topic = on.get("topic")?;
    let events = listened(on, topic, context, sink)?;
    let identify = match raw.argument("identifyBy") {
        Some(identify) => Some(lower_identify(identify, &events, context, sink)?),
        None => None,
    };
    let filter = match raw.argument("filterBy") {
        Some(filter) => Some(filter::lower_filter(filter, &entry.entry, &events, context, sink)?),
        None => None,
    };
    Some(Target { topic: topic.word()?.to_owned(), events, identify, filter, place: raw.place })
}

/// The events of `eventTypes`, or all of the topic.
fn listened(
    on: &RawSchemaValue,
    topic: &RawSchemaValue,
    context: &mut Context,
    sink: &mut Sink,
) -> Option<BTreeSet<TypeName>> {
    let topic_name = topic.word()?;
    let own = topics(context).contains(topic_name);
    if let (false, Some(service)) = (own, context.neighbours.service_of_topic(topic_name)) {
        let message = format!("events of another service (`{service}`) cannot be used yet");
        sink.push(Diagnostic::error(OTHER_SERVICE_LATER, topic.place, message));
        return None;
    }
    let named = texts(on.get("eventTypes"));
    if named.is_empty() {
        let of_topic = context.events.values().filter(|event| event.topic == topic_name);
        let events: BTreeSet<_> = of_topic.map(|event| event.name.clone()).collect();
        if events.is_empty() {
            let message = format!("no event of the topic `{topic_name}` is declared; name them in `eventTypes`");
            let diagnostic = Diagnostic::error(TARGET_WITHOUT_EVENTS, on.place, message);
            sink.push(diagnostic.suggest(topic_name, topics(context)));
        }
        return Some(events);
    }
    let found = named.into_iter().filter_map(|event| listen(event, topic_name, context, sink));
    Some(found.collect())
}

/// One event by name; an undeclared one is declared here, with an untyped payload.
fn listen((name, place): (&str, Place), topic: &str, context: &mut Context, sink: &mut Sink) -> Option<TypeName> {
    let type_name = TypeName::new(name);
    if let Some(known) = context.events.get(&type_name) {
        if known.topic == topic {
            return Some(type_name);
        }
        let message = format!("the event `{name}` is of the topic `{}`, not `{topic}`", known.topic);
        sink.push(Diagnostic::error(DOUBLED_NAME, place, message).related(known.place, "declared here"));
        return None;
    }
    let message = format!("the event `{name}` is not declared in the event model");
    let declared = context.events.values().filter(|event| event.origin != EventOrigin::Undeclared);
    let near = crate::diagnostic::closest(name, declared.map(|event| event.name.as_written()));
    let mut diagnostic = Diagnostic::warning(UNDECLARED_EVENT, place, message).label("its payload is untyped JSON");
    if let Some(near) = near {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    sink.push(diagnostic);
    let event = Event {
        name: type_name.clone(),
        doc: None,
        topic: topic.to_owned(),
        version: 1,
        fields: Vec::new(),
        tags: Vec::new(),
        upcast: Vec::new(),
        origin: EventOrigin::Undeclared,
        place,
    };
    context.events.insert(type_name.clone(), event);
    Some(type_name)
}

fn lower_identify(
    raw: &RawSchemaValue,
    events: &BTreeSet<TypeName>,
    context: &Context,
    sink: &mut Sink,
) -> Option<Identify> {
    let mut parts = Vec::new();
    let mut complete = true;
    for (name, place) in texts(raw.get("attributes")) {
        let known = meta_fields();
        if known.iter().any(|(field, _)| field == name) {
            parts.push(IdentifyPart::Attribute(name.to_owned()));
            continue;
        }
        let message = format!("`meta` has no field `{name}`");
        let names = known.iter().map(|(field, _)| field);
        sink.push(Diagnostic::error(UNKNOWN_FIELD, place, message).suggest(name, names));
        complete = false;
    }
    for (path, place) in texts(raw.get("payload")) {
        for event in events {
            complete &= check_identity(path, place, event, context, sink);
        }
        parts.push(IdentifyPart::Payload(path.split('.').map(FieldName::new).collect()));
    }
    if parts.is_empty() && complete {
        let message = "`identifyBy` needs `attributes` or `payload`; leave it out to reach all entries";
        sink.push(Diagnostic::error(MISSING_ARGUMENT, raw.place, message));
        complete = false;
    }
    complete.then_some(Identify { parts })
}

/// Ids are texts or whole numbers that are always there; a list of them reaches several entries.
fn check_identity(path: &str, place: Place, event: &TypeName, context: &Context, sink: &mut Sink) -> bool {
    let found = match resolve(path, place, event, context) {
        Ok(Some(found)) => found,
        Ok(None) => return true,
        Err(diagnostic) => {
            sink.push(*diagnostic);
            return false;
        }
    };
    let plain = |ty: &FieldType| {
        ty.required
            && matches!(ty.ty, Type::Id | Type::String | Type::Int | Type::Date | Type::Reference(_) | Type::Enum(_))
    };
    let fits = match &found.ty {
        Type::List(element) => found.required && plain(element),
        Type::Json => true,
        _ => plain(&found),
    };
    if !fits {
        let message = format!("`{path}` of `{event}` is `{}`, which cannot identify an entry", type_name(&found));
        let diagnostic = Diagnostic::error(WRONG_IDENTITY, place, message);
        sink.push(diagnostic.help("an id is made of `ID!`, `String!`, `Int!`, `Date!` or a list of them"));
    }
    fits
}

/// The type at a path of an event's payload; none if the payload is untyped.
pub(super) fn resolve(
    path: &str,
    place: Place,
    event: &TypeName,
    context: &Context,
) -> Result<Option<FieldType>, Box<Diagnostic>> {
    let Some(event) = context.events.get(event).filter(|event| event.origin != EventOrigin::Undeclared) else {
        return Ok(None);
    };
    let mut whose = event.name.clone();
    let mut fields: Vec<(&FieldName, FieldType)> = event
        .fields
        .iter()
        .map(|field| {
            (&field.name, FieldType { required: field.ty.required && !field.may_be_absent, ..field.ty.clone() })
        })
        .collect();
    let mut found: Option<FieldType> = None;
    for part in path.split('.') {
        if let Some(FieldType { ty: Type::Json, .. }) = found {
            return Ok(None);
        }
        let Some((_, ty)) = fields.iter().find(|(name, _)| name.as_written() == part) else {
            let message = format!("`{whose}` has no field `{part}`");
            let names = fields.iter().map(|(name, _)| name.as_written());
            return Err(Box::new(Diagnostic::error(UNKNOWN_FIELD, place, message).suggest(part, names)));
        };
        let required = ty.required && found.as_ref().is_none_or(|found| found.required);
        let ty = FieldType { ty: ty.ty.clone(), required };
        fields = match &ty.ty {
            Type::Object(name) => {
                whose = name.clone();
                let object = context.types.objects.get(name);
                object
                    .into_iter()
                    .flat_map(|object| &object.fields)
                    .map(|field| (&field.name, field.ty.clone()))
                    .collect()
            }
            _ => Vec::new(),
        };
        found = Some(ty);
    }
    Ok(found)
}
