//! Examples that cannot pass, or show nothing.

use crate::diagnostic::codes::lints::UNREAD_GIVEN;
use crate::diagnostic::codes::rules::IMPOSSIBLE_SPEC;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{
    Command, CustomDecision, Emit, Event, EventOrigin, FieldName, Model, Service, Spec, SpecEvent, SpecOutcome,
    TypeName,
};
use serde_json::Value as Json;
use std::collections::BTreeSet;

/// Examples of commands and views.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        for spec in &command.specs {
            check_outcome(command, spec, sink);
            let read = |event: &TypeName| command.state.iter().any(|entry| entry.on.contains_key(event));
            check_given(&spec.given, (&format!("the state of `{}`", command.name), service), read, sink);
        }
    }
    for (name, projection) in &service.projections {
        let reader = (format!("`{name}`"), model.followed(&projection.follows, service));
        for spec in &projection.specs {
            check_given(&spec.given, (&reader.0, reader.1), |event| projection.events.contains(event), sink);
        }
    }
}

/// What a command may record is fixed by its `emit`, so another list of events cannot come of it; nor of a rejection another
/// one than its rule records.
fn check_outcome(command: &Command, spec: &Spec, sink: &mut Sink) {
    if let Some(custom) = &command.custom {
        return check_custom(command, custom, spec, sink);
    }
    let (events, ways): (_, Vec<&[Emit]>) = match &spec.then {
        SpecOutcome::Events(events) => (events, vec![&command.emits]),
        SpecOutcome::Error { error, events, .. } => {
            let rules = command.rules.iter().filter(|rule| rule.error == *error);
            (events, rules.map(|rule| rule.emits.as_slice()).collect())
        }
    };
    let expected: Vec<&TypeName> = events.iter().map(|event| &event.event).collect();
    let unmet: Option<Vec<usize>> = ways.iter().map(|emits| first_unmet(emits, &expected, &spec.when)).collect();
    // Several rules may give the error: the one that comes furthest is the one that was meant.
    let Some((first, emits)) = unmet.and_then(|unmet| unmet.into_iter().zip(ways).max_by_key(|(first, _)| *first))
    else {
        return;
    };
    let place = events.get(first).map_or(spec.place, |event| event.place);
    let what = match &spec.then {
        SpecOutcome::Events(_) => format!("`{}`", command.name),
        SpecOutcome::Error { error, .. } => format!("a rejection with `{error}`"),
    };
    let (records, expected) = (recorded(emits), listed(expected.iter().map(|name| format!("`{name}`"))));
    let message = format!("this example cannot pass: {what} records {records}, not {expected}");
    let mut problem = Diagnostic::error(IMPOSSIBLE_SPEC, place, message).label("never recorded so");
    if let Some(emit) = emits.first() {
        problem = problem.related(emit.place, "what it records");
    }
    sink.push(problem.help(match spec.then {
        SpecOutcome::Events(_) => "`then` names all events of `emit`, in its order, or an error",
        SpecOutcome::Error { .. } => {
            "`events` beside `error` names all events that the rule's `emit` records, in its order"
        }
    }));
}

/// A decision in Rust may record what its `emits` names, as often and in whatever order.
fn check_custom(command: &Command, custom: &CustomDecision, spec: &Spec, sink: &mut Sink) {
    let (SpecOutcome::Events(events) | SpecOutcome::Error { events, .. }) = &spec.then;
    for event in events.iter().filter(|event| !custom.emits.contains(&event.event)) {
        let message =
            format!("this example cannot pass: `emits` of `{}` does not name `{}`", command.name, event.event);
        let problem = Diagnostic::error(IMPOSSIBLE_SPEC, event.place, message).label("never recorded");
        sink.push(problem.help("`emits` names every event that the decision may record"));
    }
}

/// The first of the expected events that the command cannot record there, or their number if one lacks; none if it may
/// record all of them and nothing else. An event with a condition may be left out, so that several ways lead on; with `each`
/// there are as many as the example's list has elements.
fn first_unmet(emits: &[Emit], expected: &[&TypeName], when: &Json) -> Option<usize> {
    let mut reached = BTreeSet::from([0]);
    let mut furthest = 0;
    for emit in emits {
        let elements = |list: &FieldName| when.get(list.as_written()).and_then(Json::as_array).map_or(0, Vec::len);
        let most = emit.each.as_ref().map_or(1, elements);
        let least = if emit.when.is_some() { 0 } else { most };
        let mut next = BTreeSet::new();
        for start in reached {
            let met = expected[start..].iter().take(most).take_while(|event| **event == &emit.event).count();
            furthest = furthest.max(start + met);
            next.extend((least..=met).map(|count| start + count));
        }
        reached = next;
    }
    (!reached.contains(&expected.len())).then_some(furthest)
}

fn recorded(emits: &[Emit]) -> String {
    let name = |emit: &Emit| match emit.when {
        Some(_) => format!("`{}` (under a condition)", emit.event),
        None => format!("`{}`", emit.event),
    };
    let name = |emit: &Emit| match &emit.each {
        Some(list) => format!("{} for each of `{list}`", name(emit)),
        None => name(emit),
    };
    listed(emits.iter().map(name))
}

fn listed(names: impl Iterator<Item = String>) -> String {
    let names: Vec<String> = names.collect();
    if names.is_empty() { "nothing".to_owned() } else { names.join(", ") }
}

/// Lints about given events that nobody reads, of the service that is followed.
pub(super) fn check_given(
    given: &[SpecEvent],
    (reader, followed): (&str, &Service),
    read: impl Fn(&TypeName) -> bool,
    sink: &mut Sink,
) {
    let is_lost = |(at, event): &(usize, &SpecEvent)| !read(&event.event) && !erases(followed, &given[..*at], event);
    for (_, event) in given.iter().enumerate().filter(is_lost) {
        let message = format!("`{}` changes nothing in this example: {reader} never reads it", event.event);
        let problem = Diagnostic::warning(UNREAD_GIVEN, event.place, message).label("given, but not read");
        sink.push(problem.help("read the event, or leave it out of `given`"));
    }
}

/// Whether the event is the erasure of a person of whom an earlier one holds personal data: that is read in another way then.
fn erases(service: &Service, earlier: &[SpecEvent], event: &SpecEvent) -> bool {
    let Some(erased) = erased(service, event) else { return false };
    let is_about = |earlier: &SpecEvent| {
        let personal = service.events.get(&earlier.event).into_iter().flat_map(Event::personal_fields);
        personal.into_iter().any(|(_, personal)| earlier.payload.get(personal.subject.as_written()) == Some(erased))
    };
    earlier.iter().any(is_about)
}

/// Who is erased by a given event, if anybody is.
pub(super) fn erased<'a>(service: &Service, event: &'a SpecEvent) -> Option<&'a Json> {
    let is_erasure = service.events.get(&event.event).is_some_and(|known| known.origin == EventOrigin::Erasure);
    is_erasure.then(|| event.payload.get("subjectId")).flatten()
}
