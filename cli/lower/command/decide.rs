//! Rules and what is recorded, over the state entries and the command's fields.

use super::each::{deciding, lower_each};
use super::emit;
use crate::diagnostic::codes::rules::NO_LIST;
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::context::Context;
use crate::lower::expression::{Facts, Scope, Typer};
use crate::model::{Command, Emit, Expr, ExprKind, FieldName, FieldType, Message, Rule, Type, TypeName};
use crate::place::Place;
use crate::source::{RawCommand, RawEmit, RawRule};

/// Gives the command its rules and emits; says whether all that is recorded could be read.
pub(super) fn lower_decision(raw: &RawCommand, command: &mut Command, context: &Context, sink: &mut Sink) -> bool {
    let mut deciding = Deciding { command, context, known: Facts::default(), sink };
    let mut rules = Vec::new();
    let mut is_whole = true;
    for written in raw.rules.iter().flat_map(|rules| &rules.value) {
        let (rule, emits) = deciding.rule(written);
        is_whole &= emits.is_some();
        rules.push(match rule.zip(emits) {
            Some((rule, emits)) => Rule { emits, ..rule },
            // A spec may expect the error of a rule that was reported.
            None => placeholder(TypeName::new(&written.error.value), deciding.command.place),
        });
    }
    let written = raw.emit.iter().flat_map(|emits| &emits.value);
    let emits: Vec<_> = written.map(|emit| deciding.emit(emit, None, None)).collect();
    is_whole &= emits.iter().all(Option::is_some);
    command.rules = rules;
    command.emits = emits.into_iter().flatten().collect();
    is_whole
}

/// A rule that never rejects, for one that was reported: the run ends before anything is made of it.
fn placeholder(error: TypeName, place: Place) -> Rule {
    let never = ExprKind::Boolean(false);
    let reject = Expr { kind: never, ty: FieldType::required(Type::Boolean), place };
    Rule { each: None, reject, message: Message { parts: Vec::new() }, emits: Vec::new(), error, place }
}

/// What rules and emits are lowered against, one after the other.
struct Deciding<'a> {
    command: &'a Command,
    context: &'a Context,
    /// What the rules so far have shown.
    known: Facts,
    sink: &'a mut Sink,
}

impl Deciding<'_> {
    fn each(&mut self, raw: Option<&crate::source::Name>) -> Result<Option<FieldName>, ()> {
        lower_each(raw, &self.command.fields, &self.context.types, self.sink)
    }

    fn typer<'s>(&'s mut self, scope: &'s Scope) -> Typer<'s> {
        Typer::new(&self.context.types, scope, self.sink).knowing(&self.known)
    }

    /// A rule, and apart from it what it records: each may be broken alone.
    fn rule(&mut self, raw: &RawRule) -> (Option<Rule>, Option<Vec<Emit>>) {
        let Ok(each) = self.each(raw.each.as_ref()) else { return (None, None) };
        let scope = deciding(self.command, each.as_ref());
        let mut typer = self.typer(&scope);
        let reject = typer.typed(&raw.reject, &FieldType::required(Type::Boolean));
        // The message is shown when the rule rejects, and knows what that says about nil.
        let message = match (&raw.message, &reject) {
            (Some(message), Some(reject)) => typer.message_when(reject, message),
            (Some(message), None) => typer.message(message),
            (None, _) => Some(Message { parts: Vec::new() }),
        };
        let emits = self.emits_of_rule(raw, each.as_ref(), reject.as_ref());
        let Some(reject) = reject else { return (None, emits) };
        let mut typer = self.typer(&scope);
        match each {
            // Of a list without elements the rule has shown nothing else.
            Some(_) => typer.assume_not_of_items(&reject),
            None => typer.assume_not(&reject),
        }
        self.known = typer.into_known();
        let (error, place) = (TypeName::new(&raw.error.value), raw.place);
        let rule = message.map(|message| Rule { each, reject, error, message, emits: Vec::new(), place });
        (rule, emits)
    }

    fn emits_of_rule(&mut self, raw: &RawRule, each: Option<&FieldName>, holds: Option<&Expr>) -> Option<Vec<Emit>> {
        let written = raw.emit.iter().flat_map(|emits| &emits.value);
        let emits: Vec<_> = written.map(|emit| self.emit(emit, each, holds)).collect();
        emits.into_iter().collect()
    }

    /// An entry of `emit`, of a rule for each element of a list or not, that records when `holds` does.
    fn emit(&mut self, raw: &RawEmit, of_rule: Option<&FieldName>, holds: Option<&Expr>) -> Option<Emit> {
        let each = self.each(raw.each.as_ref()).ok()?;
        if let (Some(own), Some(_)) = (&raw.each, of_rule) {
            let message = "a rule with `each` records for the one element that it rejects";
            let problem = Diagnostic::error(NO_LIST, own.place, message).label("there is no list to go over");
            self.sink.push(problem.help("leave `each` out here: `item` is that element"));
            return None;
        }
        let scope = deciding(self.command, each.as_ref().or(of_rule));
        let (command, context) = (self.command, self.context);
        let mut typer = self.typer(&scope);
        let lower = |typer: &mut Typer<'_>| emit::lower_emit(raw, &command.fields, context, typer);
        let emit = match holds {
            Some(holds) => typer.given(holds, true, lower),
            None => lower(&mut typer),
        };
        Some(Emit { each, ..emit? })
    }
}
