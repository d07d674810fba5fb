//! Commands: what they read, and the errors they give.

use super::reads::{message_reads_state, reads_state, tag_reads_state};
use crate::diagnostic::codes::lints::{CONSTANT_RULE, UNUSED_STATE};
use crate::diagnostic::codes::rules::{QUERY_WITHOUT_EVENTS, RESERVED_ERROR};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, Emit, ExprKind, FieldName, Service, StateEntry};

/// Codes that the API answers by itself.
const API_ERRORS: &[&str] =
    &["UNAUTHENTICATED", "FORBIDDEN", "NOT_FOUND", "VALIDATION", "CONFLICT", "UNAVAILABLE", "INTERNAL"];

/// Every command of the service.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        for entry in &command.state {
            check_state(command, entry, sink);
        }
        check_errors(command, sink);
        check_rules(command, sink);
        check_emits(command, sink);
    }
}

fn check_state(command: &Command, entry: &StateEntry, sink: &mut Sink) {
    if entry.on.is_empty() {
        let (message, label) = if entry.tags.is_empty() {
            (format!("`{}` would read every event there is", entry.name), "neither events (`on:`) nor tags (`tags:`)")
        } else {
            (format!("`{}` names no event that changes it", entry.name), "no event below `on:`")
        };
        let problem = Diagnostic::error(QUERY_WITHOUT_EVENTS, entry.place, message).label(label);
        sink.push(problem.help("name the events below `on:`, each with the value that it gives the entry"));
    }
    // What a decision in Rust makes of its state nobody sees here.
    if command.custom.is_none() && !is_used(command, entry) {
        let message = format!("`{}` is read from the store, but no rule, message or emit uses it", entry.name);
        let problem = Diagnostic::warning(UNUSED_STATE, entry.place, message).label("never used");
        sink.push(problem.help("leave it out: what is not read cannot conflict"));
    }
}

fn is_used(command: &Command, entry: &StateEntry) -> bool {
    let name = &entry.name;
    let in_rules = command
        .rules
        .iter()
        .any(|rule| reads_state(&rule.reject, name) || message_reads_state(&rule.message.parts, name));
    let in_emits = command.all_emits().any(|emit| emit_reads_state(emit, name));
    let in_tags = command.state.iter().flat_map(|other| &other.tags).any(|tag| tag_reads_state(tag, name));
    in_rules || in_emits || in_tags
}

fn emit_reads_state(emit: &Emit, name: &FieldName) -> bool {
    emit.when.iter().chain(emit.values.iter().map(|(_, value)| value)).any(|value| reads_state(value, name))
}

fn check_emits(command: &Command, sink: &mut Sink) {
    for when in command.all_emits().filter_map(|emit| emit.when.as_ref()) {
        if let ExprKind::Boolean(value) = when.kind {
            let message = if value { "this event is always recorded" } else { "this event is never recorded" };
            let label = format!("always {value}");
            sink.push(Diagnostic::warning(CONSTANT_RULE, when.place, message).label(label));
        }
    }
}

fn check_errors(command: &Command, sink: &mut Sink) {
    for error in command.errors.iter().filter(|error| API_ERRORS.contains(&error.name.constant().as_str())) {
        let (name, code) = (&error.name, error.name.constant());
        let message = format!("`{name}` is taken: the API answers `{code}` by itself");
        let problem =
            Diagnostic::error(RESERVED_ERROR, error.place, message).label("callers could not tell the two apart");
        sink.push(problem.help(format!("say what it is about, for example `{}{}`", command.name, name.rust())));
    }
}

fn check_rules(command: &Command, sink: &mut Sink) {
    for rule in &command.rules {
        if let ExprKind::Boolean(value) = rule.reject.kind {
            let message = if value { "this rule rejects everything" } else { "this rule never rejects" };
            let label = format!("always {value}");
            sink.push(Diagnostic::warning(CONSTANT_RULE, rule.reject.place, message).label(label));
        }
    }
}
