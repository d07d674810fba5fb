//! Decisions that are written in Rust: the model declares their results.

use super::emit::recordable;
use crate::diagnostic::codes::reading::INVALID_VALUE;
use crate::diagnostic::codes::rules::{RESULTS_OF_RULES, TWO_DECISIONS};
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::Context;
use crate::lower::names::Names;
use crate::model::{Command, CustomDecision, ErrorCase, Message, TypeName};
use crate::source::{Name, RawCommand};

/// `decide: custom` with `errors` and `emits`; says whether all that it records could be read.
pub(super) fn lower_custom(raw: &RawCommand, command: &mut Command, context: &Context, sink: &mut Sink) -> bool {
    let Some(way) = &raw.decide else { return true };
    if way.value != "custom" {
        let message = format!("`decide` is `custom` or left out, not `{}`", way.value);
        sink.push(Diagnostic::error(INVALID_VALUE, way.place, message).suggest(&way.value, ["custom"]));
    }
    let rules = raw.rules.as_ref().map(|rules| ("rules", rules.place));
    let emit = raw.emit.as_ref().map(|emit| ("emit", emit.place));
    for (key, place) in rules.into_iter().chain(emit) {
        let message = format!("`{}` is decided in Rust, so it has no `{key}`", command.name);
        let problem = Diagnostic::error(TWO_DECISIONS, place, message).related(way.place, "decided in Rust");
        sink.push(problem.help("`errors` and `emits` name what can come of it"));
    }
    let mut names = Names::default();
    for error in raw.errors.iter().flat_map(|errors| &errors.value) {
        if names.first("error", error, sink) {
            let (name, message) = (TypeName::new(&error.value), Message { parts: Vec::new() });
            command.errors.push(ErrorCase { name, message, place: error.place });
        }
    }
    let written: Vec<&Name> = raw.emits.iter().flat_map(|emits| &emits.value).collect();
    let mut names = Names::default();
    let unique = written.iter().filter(|name| names.first("event", &context.bare(name), sink)).collect::<Vec<_>>();
    let events = unique.into_iter().filter_map(|name| Some(recordable(name, context, sink)?.name.clone()));
    let emits: Vec<TypeName> = events.collect();
    let is_whole = emits.len() == written.len();
    command.custom = Some(CustomDecision { emits, place: way.place });
    is_whole
}

/// `errors` and `emits` where rules decide.
pub(super) fn refuse_results(raw: &RawCommand, sink: &mut Sink) {
    let errors = raw.errors.as_ref().map(|errors| ("errors", errors.place, "each rule names its `error`"));
    let emits = raw.emits.as_ref().map(|emits| ("emits", emits.place, "`emit` says what is recorded"));
    for (key, place, instead) in errors.into_iter().chain(emits) {
        let message = format!("`{key}` declares what a decision in Rust gives");
        let problem = Diagnostic::error(RESULTS_OF_RULES, place, message).label("without `decide: custom`");
        sink.push(problem.help(format!("add `decide: custom`, or leave it out: {instead}")));
    }
}
