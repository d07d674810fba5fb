//! `@upsertOn` and `@removeOn`.

use super::filter;
use super::followed::{Followed, resolve};
use crate::diagnostic::codes::directives::{MISSING_ARGUMENT, TARGET_WITHOUT_EVENTS, WRONG_IDENTITY};
use crate::diagnostic::codes::lints::UNDECLARED_EVENT;
use crate::diagnostic::codes::names::{DOUBLED_NAME, UNKNOWN_EVENT, UNKNOWN_FIELD};
use crate::diagnostic::codes::services::TWO_SERVICES;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::{Context, suggest};
use crate::lower::declared::SchemaEntry;
use crate::lower::directive::texts;
use crate::lower::event::topics;
use crate::lower::expression::{meta_fields, type_name};
use crate::model::{Event, EventOrigin, FieldName, FieldType, Identify, IdentifyPart, Target, Type, TypeName};
use crate::place::Place;
use crate::source::{RawDirective, RawSchemaValue};
use std::collections::BTreeSet;

/// The directives that name events, in the order in which they are lowered.
fn naming<'r>(entry: &'r SchemaEntry<'_>) -> impl Iterator<Item = &'r RawDirective> {
    let of = |name: &'static str| entry.directives.iter().copied().filter(move |found| found.name.value == name);
    of("upsertOn").chain(of("removeOn"))
}

/// The service whose events have this topic: the own one if nobody else's have.
fn service_of<'a>(topic: &str, context: &'a Context) -> &'a str {
    let other = context.neighbours.service_of_topic(topic);
    other.filter(|_| !topics(context).contains(topic)).unwrap_or(&context.name)
}

/// Declares the events that a directive names and no model does, if their topic is no other service's.
pub(super) fn declare_events(entry: &SchemaEntry<'_>, context: &mut Context, sink: &mut Sink) {
    for raw in naming(entry) {
        let Some(on) = raw.argument("on") else { continue };
        let Some(topic) = on.get("topic").and_then(|topic| topic.word()) else { continue };
        if service_of(topic, context) != context.name {
            continue;
        }
        for (name, place) in texts(on.get("eventTypes")) {
            // By an earlier name it is told later.
            let is_known = |event: &Event| event.name.as_written() == name || event.was_called(name);
            if !context.events.values().any(is_known) {
                declare((name, place), topic, context, sink);
            }
        }
    }
}

/// The service that a projection follows: that of its first directive. Another one's are reported.
pub(super) fn followed<'a>(entry: &SchemaEntry<'_>, context: &'a Context, sink: &mut Sink) -> Followed<'a> {
    let topics = naming(entry).filter_map(|raw| raw.argument("on")?.get("topic"));
    let mut first: Option<(&str, Place)> = None;
    for topic in topics {
        let Some(service) = topic.word().map(|written| service_of(written, context)) else { continue };
        let Some((follows, place)) = first else {
            first = Some((service, topic.place));
            continue;
        };
        if service != follows {
            let message = format!("`{}` follows `{follows}`, so it cannot follow `{service}` too", entry.entry.name);
            let problem = Diagnostic::error(TWO_SERVICES, topic.place, message).label(format!("events of `{service}`"));
            let problem = problem.related(place, format!("events of `{follows}`"));
            sink.push(problem.help("their events have no order in common; make a projection of each"));
        }
    }
    let service = first.map_or(context.name.as_str(), |(service, _)| service);
    Followed { context, service, events: context.events_of(service) }
}

impl Followed<'_> {
    /// The directives of this name, in the order written.
    pub fn lower_targets(self, name: &str, entry: &SchemaEntry<'_>, sink: &mut Sink) -> Vec<Target> {
        let named = entry.directives.iter().filter(|directive| directive.name.value == name);
        named.filter_map(|directive| self.lower_target(directive, entry, sink)).collect()
    }

    fn lower_target(self, raw: &RawDirective, entry: &SchemaEntry<'_>, sink: &mut Sink) -> Option<Target> {
        let on = raw.argument("on")?;
        let topic = on.get("topic")?;
        // Another service than that of the first directive was reported.
        if service_of(topic.word()?, self.context) != self.service {
            return None;
        }
        let events = self.listened(on, topic, sink)?;
        let identify = match raw.argument("identifyBy") {
            Some(identify) => Some(lower_identify(identify, &events, self, sink)?),
            None => None,
        };
        let filter = match raw.argument("filterBy") {
            Some(filter) => Some(filter::lower_filter(filter, &entry.entry, &events, self, sink)?),
            None => None,
        };
        Some(Target { topic: topic.word()?.to_owned(), events, identify, filter, place: raw.place })
    }

    /// The events of `eventTypes`, or all of the topic.
    fn listened(self, on: &RawSchemaValue, topic: &RawSchemaValue, sink: &mut Sink) -> Option<BTreeSet<TypeName>> {
        let topic_name = topic.word()?;
        let named = texts(on.get("eventTypes"));
        if named.is_empty() {
            // Erasure has no part in what a topic is about: whoever wants it names it.
            let is_meant = |event: &&Event| event.topic == topic_name && event.origin != EventOrigin::Erasure;
            let of_topic = self.events.values().filter(is_meant);
            let events: BTreeSet<_> = of_topic.map(|event| event.name.clone()).collect();
            if events.is_empty() {
                let message = format!("no event of the topic `{topic_name}` is declared; name them in `eventTypes`");
                let diagnostic = Diagnostic::error(TARGET_WITHOUT_EVENTS, on.place, message);
                sink.push(diagnostic.suggest(topic_name, topics(self.context)));
            }
            return Some(events);
        }
        let found = named.into_iter().filter_map(|event| self.listen(event, topic_name, sink));
        Some(found.collect())
    }

    /// One event by name.
    fn listen(self, (name, place): (&str, Place), topic: &str, sink: &mut Sink) -> Option<TypeName> {
        let type_name = TypeName::new(name);
        let Some(known) = self.events.get(&type_name) else {
            let message = format!("there is no event `{name}` in `{}`", self.service);
            sink.push(suggest(Diagnostic::error(UNKNOWN_EVENT, place, message), name, self.events));
            return None;
        };
        if known.topic == topic {
            return Some(type_name);
        }
        let message = format!("the event `{name}` is of the topic `{}`, not `{topic}`", known.topic);
        sink.push(Diagnostic::error(DOUBLED_NAME, place, message).related(known.place, "declared here"));
        None
    }
}

/// An event that only a directive names: its payload is untyped.
fn declare((name, place): (&str, Place), topic: &str, context: &mut Context, sink: &mut Sink) {
    let message = format!("the event `{name}` is not declared in the event model");
    let declared = context.events.values().filter(|event| event.origin != EventOrigin::Undeclared);
    let near = crate::diagnostic::closest(name, declared.map(|event| event.name.as_written()));
    let mut diagnostic = Diagnostic::warning(UNDECLARED_EVENT, place, message).label("its payload is untyped JSON");
    if let Some(near) = near {
        diagnostic = diagnostic.help(format!("did you mean `{near}`?"));
    }
    sink.push(diagnostic);
    let event = Event {
        name: TypeName::new(name),
        earlier: Vec::new(),
        doc: None,
        topic: topic.to_owned(),
        version: 1,
        fields: Vec::new(),
        tags: Vec::new(),
        upcast: Vec::new(),
        origin: EventOrigin::Undeclared,
        place,
    };
    context.events.insert(event.name.clone(), event);
}

fn lower_identify(
    raw: &RawSchemaValue,
    events: &BTreeSet<TypeName>,
    followed: Followed<'_>,
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
            complete &= check_identity(path, place, event, followed, sink);
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
fn check_identity(path: &str, place: Place, event: &TypeName, followed: Followed<'_>, sink: &mut Sink) -> bool {
    let found = match resolve(path, place, event, followed) {
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
