//! Examples that cannot pass, or show nothing.

use crate::diagnostic::codes::lints::UNREAD_GIVEN;
use crate::diagnostic::codes::rules::IMPOSSIBLE_SPEC;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, Service, Spec, SpecEvent, SpecOutcome, TypeName};

/// Examples of commands and views.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        for spec in &command.specs {
            check_outcome(command, spec, sink);
            let read = |event: &TypeName| command.state.iter().any(|entry| entry.on.contains_key(event));
            check_given(&spec.given, &format!("the state of `{}`", command.name), read, sink);
        }
    }
    for (name, projection) in &service.projections {
        for spec in &projection.specs {
            check_given(&spec.given, &format!("`{name}`"), |event| projection.events.contains(event), sink);
        }
    }
}

/// What a command records is fixed by its `emit`, so another list of events cannot come of it.
fn check_outcome(command: &Command, spec: &Spec, sink: &mut Sink) {
    let SpecOutcome::Events(events) = &spec.then else { return };
    let expected: Vec<&TypeName> = events.iter().map(|event| &event.event).collect();
    let recorded: Vec<&TypeName> = command.emits.iter().map(|emit| &emit.event).collect();
    if expected == recorded {
        return;
    }
    let wrong = events
        .iter()
        .zip(recorded.iter().map(Some).chain(std::iter::repeat(None)))
        .find(|(event, name)| Some(&&event.event) != *name);
    let place = wrong.map_or(spec.place, |(event, _)| event.place);
    let message = format!(
        "this example cannot pass: `{}` records {}, not {}",
        command.name,
        listed(&recorded),
        listed(&expected)
    );
    let mut problem = Diagnostic::error(IMPOSSIBLE_SPEC, place, message).label("never recorded so");
    if let Some(emit) = command.emits.first() {
        problem = problem.related(emit.place, "what it records");
    }
    sink.push(problem.help("`then` names all events of `emit`, in its order, or an error"));
}

fn listed(names: &[&TypeName]) -> String {
    if names.is_empty() {
        return "nothing".to_owned();
    }
    let quoted: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    quoted.join(", ")
}

fn check_given(given: &[SpecEvent], reader: &str, read: impl Fn(&TypeName) -> bool, sink: &mut Sink) {
    for event in given.iter().filter(|event| !read(&event.event)) {
        let message = format!("`{}` changes nothing in this example: {reader} never reads it", event.event);
        let problem = Diagnostic::warning(UNREAD_GIVEN, event.place, message).label("given, but not read");
        sink.push(problem.help("read the event, or leave it out of `given`"));
    }
}
