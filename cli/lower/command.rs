//! Commands: what they need to know, when they reject, what they record.

mod custom;
mod decide;
mod each;
mod emit;
mod state;
mod steps;

use super::context::Context;
use super::event::{lower_fields, refuse_personal};
use super::names::Names;
use super::names::doc;
use super::permission::command_access;
use super::{generate, spec};
use crate::diagnostic::codes::rules::MESSAGES_DIFFER;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, ErrorCase, Message, MessagePart, TypeName};
use crate::source::{RawCommand, RawService};
use std::collections::BTreeMap;

/// Every command of the service, by name.
pub(super) fn lower_commands(raw: &RawService, context: &Context, sink: &mut Sink) -> BTreeMap<TypeName, Command> {
    let mut names = Names::default();
    let mut commands = BTreeMap::new();
    for command in raw.models.iter().flat_map(|model| &model.commands) {
        if names.first("command", &command.name, sink) {
            let lowered = lower_command(command, context, sink);
            commands.insert(lowered.name.clone(), lowered);
        }
    }
    commands
}

fn lower_command(raw: &RawCommand, context: &Context, sink: &mut Sink) -> Command {
    let access = command_access(raw, context, sink);
    let fields = lower_fields(&raw.fields, context, sink);
    refuse_personal(&raw.fields, sink);
    let generated = generate::lower_generate(raw, &fields, &context.types, sink);
    let state = state::lower_state(&raw.state, &fields, context, sink);
    let mut command = Command {
        name: TypeName::new(&raw.name.value),
        doc: doc(&raw.doc),
        fields,
        generated,
        access,
        state,
        rules: Vec::new(),
        errors: Vec::new(),
        emits: Vec::new(),
        custom: None,
        specs: Vec::new(),
        is_sent: false,
        snapshots: None,
        place: raw.name.place,
    };
    let is_whole = if raw.decide.is_some() {
        custom::lower_custom(raw, &mut command, context, sink)
    } else {
        custom::refuse_results(raw, sink);
        let is_whole = decide::lower_decision(raw, &mut command, context, sink);
        share_messages(raw, &mut command, sink);
        is_whole
    };
    let specs = spec::lower_specs(&raw.specs, &command, context, sink);
    // Of an event that was reported nobody can say whether an example expects it.
    command.specs = if is_whole { specs } else { Vec::new() };
    command
}

/// Gives every rule its message and the command its errors: rules that share an error share the message.
fn share_messages(raw: &RawCommand, command: &mut Command, sink: &mut Sink) {
    let written: Vec<_> = raw.rules.iter().flat_map(|rules| &rules.value).collect();
    for rule in &command.rules {
        let known = command.errors.iter_mut().find(|known| known.name == rule.error);
        let has_message = !rule.message.parts.is_empty();
        match known {
            None => {
                let (name, message) = (rule.error.clone(), rule.message.clone());
                command.errors.push(ErrorCase { name, message, place: rule.place });
            }
            Some(known) if known.message.parts.is_empty() => known.message = rule.message.clone(),
            Some(known) if has_message && text(&known.message) != text(&rule.message) => {
                let message = format!("`{}` has another message already", rule.error);
                let first = written.iter().find(|other| other.error.value == rule.error.as_written());
                let mut diagnostic = Diagnostic::error(MESSAGES_DIFFER, rule.place, message);
                if let Some(first) = first {
                    diagnostic = diagnostic.related(first.place, "the first");
                }
                sink.push(diagnostic.help("use one message, or give the second error a name of its own"));
            }
            Some(_) => {}
        }
    }
    for error in &mut command.errors {
        if error.message.parts.is_empty() {
            error.message.parts.push(MessagePart::Text(error.name.to_string()));
        }
    }
    for rule in &mut command.rules {
        let shared = command.errors.iter().find(|known| known.name == rule.error);
        if let (true, Some(shared)) = (rule.message.parts.is_empty(), shared) {
            rule.message = shared.message.clone();
        }
    }
}

/// The message as text, for comparing.
fn text(message: &Message) -> String {
    let part = |part: &MessagePart| match part {
        MessagePart::Text(text) => text.clone(),
        MessagePart::Hole { name, .. } => format!("{{{name}}}"),
    };
    message.parts.iter().map(part).collect()
}
