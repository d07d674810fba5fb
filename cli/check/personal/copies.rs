//! Values that a command puts into a personal field, and somewhere else where no erasure reaches them.

use crate::diagnostic::codes::lints::PERSONAL_COPY;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Command, Emit, Event, Expr, ExprKind, FieldName, Function, MessagePart, Rule, Service, Type, Var};
use crate::place::Place;
use std::collections::{BTreeMap, BTreeSet};

/// Every command of the service that is decided in the model.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for command in service.commands.values() {
        let Inputs(inputs) = Inputs::of(service, command);
        if inputs.is_empty() {
            continue;
        }
        for emit in command.all_emits() {
            check_emit(service, emit, &inputs, sink);
        }
        for rule in command.rules.iter().filter(|rule| !rule.emits.is_empty()) {
            check_message(rule, &inputs, sink);
        }
    }
}

/// What is personal of a command's fields and state: names, and where that is said.
struct Inputs<'a>(BTreeMap<&'a FieldName, Place>);

impl<'a> Inputs<'a> {
    fn of(service: &'a Service, command: &'a Command) -> Self {
        let mut inputs = BTreeMap::new();
        for (event, emit) in command.all_emits().filter_map(|emit| Some((service.events.get(&emit.event)?, emit))) {
            for (name, value) in &emit.values {
                if let (Some(personal), Some(input)) = (event.personal(name), input(value)) {
                    inputs.insert(input, personal.place);
                }
            }
        }
        for entry in &command.state {
            for (event, value) in entry.on.iter().filter_map(|(name, value)| Some((service.events.get(name)?, value))) {
                if let Some(place) = read_of_event(event, value).filter(|_| is_data(value)) {
                    inputs.insert(&entry.name, place);
                }
            }
        }
        Self(inputs)
    }
}

fn check_emit(service: &Service, emit: &Emit, inputs: &BTreeMap<&FieldName, Place>, sink: &mut Sink) {
    let Some(event) = service.events.get(&emit.event) else { return };
    for (name, value) in emit.values.iter().filter(|(name, value)| event.personal(name).is_none() && is_data(value)) {
        let Some((read, place)) = names(value).into_iter().find_map(|read| Some((read, *inputs.get(read)?))) else {
            continue;
        };
        let message = format!("`{read}` is personal, but `{name}` of `{}` keeps it", emit.event);
        let problem = Diagnostic::warning(PERSONAL_COPY, value.place, message).label("stays when the person is erased");
        let problem = problem.related(place, "personal here");
        sink.push(problem.help(format!("mark `{name}` by `gdpr` too, or leave the value out")));
    }
}

fn check_message(rule: &Rule, inputs: &BTreeMap<&FieldName, Place>, sink: &mut Sink) {
    for part in &rule.message.parts {
        let MessagePart::Hole { value, .. } = part else { continue };
        let Some((read, place)) = names(value).into_iter().find_map(|read| Some((read, *inputs.get(read)?))) else {
            continue;
        };
        let message = format!("`{read}` is personal, but this message is kept for whoever repeats the call");
        let problem = Diagnostic::warning(PERSONAL_COPY, value.place, message).label("stays when the person is erased");
        sink.push(problem.related(place, "personal here").help("leave it out of the message"));
    }
}

/// The command's field or state entry that the value is, spelt in another way at most.
fn input(value: &Expr) -> Option<&FieldName> {
    match &value.kind {
        ExprKind::Widen(inner) | ExprKind::Narrowed(inner) => input(inner),
        ExprKind::Call { function: Function::Lower | Function::Trim | Function::Upper, arguments } => {
            arguments.first().and_then(input)
        }
        _ => name(value),
    }
}

/// The command's fields and state entries that an expression reads.
fn names(expr: &Expr) -> BTreeSet<&FieldName> {
    expr.children().into_iter().flat_map(names).chain(name(expr)).collect()
}

fn name(expr: &Expr) -> Option<&FieldName> {
    match &expr.kind {
        ExprKind::Var(Var::CommandField(name) | Var::StateEntry(name) | Var::StateOfItem(name)) => Some(name),
        ExprKind::Field { base, name, .. } if base.kind == ExprKind::Var(Var::Command) => Some(name),
        _ => None,
    }
}

/// Where it is said that a field of the event is personal that the expression reads, if so.
fn read_of_event(event: &Event, expr: &Expr) -> Option<Place> {
    let own = match &expr.kind {
        ExprKind::Field { base, name, .. } if base.kind == ExprKind::Var(Var::Event) => event.personal(name),
        _ => None,
    };
    let below = || expr.children().into_iter().find_map(|child| read_of_event(event, child));
    own.map(|personal| personal.place).or_else(below)
}

/// Whether a person's data can be told from the value: a yes or no, or a count, says little.
fn is_data(value: &Expr) -> bool {
    !matches!(value.ty.ty, Type::Boolean | Type::Int | Type::Float)
}
