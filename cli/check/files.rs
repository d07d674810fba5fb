//! Files: none leaves the service that it was uploaded to, and none is made of what a caller sends as free JSON.

use crate::diagnostic::codes::files::{FILE_ELSEWHERE, FILE_OUT_OF_JSON};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Automation, Command, EventOrigin, Expr, ExprKind, Model, Projection, Service, Var};

/// Fields, projections, automations and commands of the service.
pub(super) fn check(model: &Model, service: &Service, sink: &mut Sink) {
    check_types(service, sink);
    for projection in service.projections.values() {
        check_projection(model, service, projection, sink);
    }
    for automation in service.automations.values() {
        check_automation(model, service, automation, sink);
    }
    for command in service.commands.values() {
        check_command(service, command, sink);
    }
}

/// The API has one type for all that have a nested type, and that says where its files lie: in the service that declares it.
fn check_types(service: &Service, sink: &mut Sink) {
    let events = service.events.values().filter(|event| event.origin == EventOrigin::Model);
    let recorded = events.flat_map(|event| &event.fields).map(|field| (field.place, &field.ty));
    let sent = service.commands.values().flat_map(|command| &command.fields).map(|field| (field.place, &field.ty));
    let own = service.entries().into_values().filter(|entry| {
        service.projections.get(&entry.name).is_none_or(|view| view.follows == service.name.as_written())
    });
    let kept = own.flat_map(|entry| &entry.fields).map(|field| (field.place, &field.ty));
    for (place, ty) in recorded.chain(sent).chain(kept) {
        let Some((name, declarer)) = service.foreign_holder(ty) else { continue };
        let message = format!("`{name}` of `{declarer}` holds files, which would not be of `{}`", service.name);
        let problem = Diagnostic::error(FILE_ELSEWHERE, place, message).label("a file stays with its service");
        sink.push(problem.help("declare a type of this service, or keep what you need of the file: its id, its name"));
    }
}

fn check_projection(model: &Model, service: &Service, projection: &Projection, sink: &mut Sink) {
    let followed = model.followed(&projection.follows, service);
    if followed.name == service.name {
        return;
    }
    for field in projection.entry.fields.iter().filter(|field| service.holds_files(&field.ty)) {
        let message = format!("`{}.{}` would hold a file of `{}`", projection.entry.name, field.name, followed.name);
        let problem = Diagnostic::error(FILE_ELSEWHERE, field.place, message).label("a file stays with its service");
        let kept = format!("`{0}Id: ID! @from(value: \"event.{0}.id\")`", field.name);
        sink.push(problem.help(format!("keep what you need of it, as {kept}")));
    }
}

fn check_automation(model: &Model, service: &Service, automation: &Automation, sink: &mut Sink) {
    let Some(sends) = &automation.sends else { return };
    let receiver = model.followed(&sends.service, service);
    let Some(command) = receiver.commands.get(&sends.command) else { return };
    let followed = model.followed(&automation.follows, service);
    for (name, value) in automation.cases.iter().flat_map(|case| &case.values) {
        let declared = command.fields.iter().find(|field| field.name == *name);
        let (Some(_), Some(value)) = (declared.filter(|field| receiver.holds_files(&field.ty)), value) else {
            continue;
        };
        // What its own Rust gives is of its own service, like the entries of a view that follows it.
        let owner = if is_of_event(value) { followed } else { service };
        if is_nothing(value) || owner.name == receiver.name {
            continue;
        }
        let message = format!("`{name}` would give a file of `{}` to `{}`", owner.name, receiver.name);
        let problem = Diagnostic::error(FILE_ELSEWHERE, value.place, message).label("a file stays with its service");
        sink.push(problem.help("give what the command needs to know of it: its id, its name"));
    }
}

fn is_of_event(value: &Expr) -> bool {
    matches!(value.kind, ExprKind::Var(Var::Event)) || value.children().into_iter().any(is_of_event)
}

/// A nil, or a list without elements.
fn is_nothing(value: &Expr) -> bool {
    match &value.kind {
        ExprKind::Nil => true,
        ExprKind::List(elements) => elements.is_empty(),
        ExprKind::Widen(inner) => is_nothing(inner),
        _ => false,
    }
}

fn check_command(service: &Service, command: &Command, sink: &mut Sink) {
    let emits = command.emits.iter().chain(command.rules.iter().flat_map(|rule| &rule.emits));
    for (name, value) in emits.flat_map(|emit| &emit.values) {
        let Some(made) = out_of_json(service, value) else { continue };
        let message = format!("`{name}` would be a file that the caller makes up");
        let problem = Diagnostic::error(FILE_OUT_OF_JSON, made.place, message).label("this is JSON");
        sink.push(problem.help("let the command take it in a field of type `File`, which is looked up"));
    }
}

/// The part of an expression that makes a file of JSON, if any.
fn out_of_json<'a>(service: &Service, value: &'a Expr) -> Option<&'a Expr> {
    if matches!(value.kind, ExprKind::FromJson(_)) && service.holds_files(&value.ty) {
        return Some(value);
    }
    value.children().into_iter().find_map(|child| out_of_json(service, child))
}
