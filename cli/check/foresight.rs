//! Examples whose outcome can be told without running them, since no given event reaches what the rules read.
//!
//! Just what is certain: plain values, comparisons and connectives. Whatever is more is left to the test.

use super::specs::erased;
use crate::diagnostic::codes::lints::CANNOT_PASS;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{
    BinaryOp, Command, Expr, ExprKind, FieldName, Rule, Service, Spec, SpecEvent, SpecOutcome, StateEntry, TagPart,
    TagTemplate, Type, UnaryOp, Var,
};
use serde_json::Value as Json;

/// Every example of every command.
pub(super) fn check(service: &Service, sink: &mut Sink) {
    for command in service.commands.values().filter(|command| !command.rules.is_empty()) {
        for spec in &command.specs {
            if let Some(problem) = (Example { service, command, spec }).contradiction() {
                sink.push(problem);
            }
        }
    }
}

/// One example with all that decides it.
struct Example<'a> {
    service: &'a Service,
    command: &'a Command,
    spec: &'a Spec,
}

/// A value that is certain.
#[derive(Clone, Debug, PartialEq)]
enum Known {
    Nil,
    Boolean(bool),
    Int(i64),
    Text(String),
}

impl Example<'_> {
    /// What is expected although something else is certain.
    fn contradiction(&self) -> Option<Diagnostic> {
        // What an erasure leaves of the events before it is not told from here.
        if self.spec.given.iter().any(|event| erased(self.service, event).is_some()) {
            return None;
        }
        let rejection = self.foreseen()?;
        let (message, rule) = match (&self.spec.then, rejection) {
            (SpecOutcome::Error { error, .. }, None) => {
                (format!("nothing that is given makes a rule reject with `{error}`"), self.rule(error.as_written()))
            }
            (SpecOutcome::Error { error, .. }, Some(rule)) if rule.error != *error => {
                (format!("`{}` comes first, not `{error}`", rule.error), Some(rule))
            }
            (SpecOutcome::Events(_), Some(rule)) => {
                (format!("nothing that is given keeps the rule from rejecting with `{}`", rule.error), Some(rule))
            }
            _ => return None,
        };
        let problem = Diagnostic::warning(CANNOT_PASS, self.spec.place, format!("this example cannot pass: {message}"));
        let problem = match rule {
            Some(rule) => problem.related(rule.reject.place, "decides on this"),
            None => problem,
        };
        Some(problem.help("what a state entry reads must be given with the same ids as stand in `when`"))
    }

    fn rule(&self, error: &str) -> Option<&Rule> {
        self.command.rules.iter().find(|rule| rule.error.as_written() == error)
    }

    /// The rule that rejects, none if all let the command pass; nothing if that is not certain.
    fn foreseen(&self) -> Option<Option<&Rule>> {
        for rule in &self.command.rules {
            if rule.each.is_some() {
                return None;
            }
            match self.value(&rule.reject)? {
                Known::Boolean(true) => return Some(Some(rule)),
                Known::Boolean(false) => {}
                _ => return None,
            }
        }
        Some(None)
    }

    fn value(&self, expr: &Expr) -> Option<Known> {
        match &expr.kind {
            ExprKind::Nil => Some(Known::Nil),
            ExprKind::Boolean(value) => Some(Known::Boolean(*value)),
            ExprKind::Int(value) => Some(Known::Int(*value)),
            ExprKind::Text(text) | ExprKind::EnumValue(text) => Some(Known::Text(text.clone())),
            ExprKind::Var(Var::StateEntry(name)) => self.state(name),
            ExprKind::Var(Var::CommandField(name)) => read(&self.spec.when, name, expr),
            ExprKind::Field { base, name, .. } if base.kind == ExprKind::Var(Var::Command) => {
                read(&self.spec.when, name, expr)
            }
            ExprKind::Narrowed(inner) => self.value(inner),
            ExprKind::Widen(inner) if inner.ty.ty == expr.ty.ty => self.value(inner),
            ExprKind::Unary(UnaryOp::Not, inner) => match self.value(inner)? {
                Known::Boolean(value) => Some(Known::Boolean(!value)),
                _ => None,
            },
            ExprKind::Binary(op, left, right) => self.binary(*op, left, right),
            _ => None,
        }
    }

    fn binary(&self, op: BinaryOp, left: &Expr, right: &Expr) -> Option<Known> {
        let (left, right) = (self.value(left), self.value(right));
        let truth = |known: &Option<Known>, wanted: bool| *known == Some(Known::Boolean(wanted));
        match op {
            BinaryOp::And if truth(&left, false) || truth(&right, false) => return Some(Known::Boolean(false)),
            BinaryOp::Or if truth(&left, true) || truth(&right, true) => return Some(Known::Boolean(true)),
            _ => {}
        }
        let (left, right) = (left?, right?);
        let answer = match (op, &left, &right) {
            (BinaryOp::And, Known::Boolean(a), Known::Boolean(b)) => *a && *b,
            (BinaryOp::Or, Known::Boolean(a), Known::Boolean(b)) => *a || *b,
            (BinaryOp::Equal, a, b) => a == b,
            (BinaryOp::NotEqual, a, b) => a != b,
            (BinaryOp::Less, Known::Int(a), Known::Int(b)) => a < b,
            (BinaryOp::LessOrEqual, Known::Int(a), Known::Int(b)) => a <= b,
            (BinaryOp::Greater, Known::Int(a), Known::Int(b)) => a > b,
            (BinaryOp::GreaterOrEqual, Known::Int(a), Known::Int(b)) => a >= b,
            _ => return None,
        };
        Some(Known::Boolean(answer))
    }

    /// What an entry is that no given event reaches.
    fn state(&self, name: &FieldName) -> Option<Known> {
        let entry = self.command.state.iter().find(|entry| entry.name == *name)?;
        let reached =
            self.spec.given.iter().any(|event| entry.on.contains_key(&event.event) && self.may_reach(entry, event));
        if reached { None } else { self.value(&entry.initial) }
    }

    /// An event with the tags that are asked for, or one of which that is not certain.
    fn may_reach(&self, entry: &StateEntry, given: &SpecEvent) -> bool {
        let Some(event) = self.service.events.get(&given.event) else { return true };
        let has: Option<Vec<String>> = event.tags.iter().map(|tag| text(tag, |hole| payload(hole, given))).collect();
        let Some(has) = has else { return true };
        let lacks = |tag: &TagTemplate| text(tag, |hole| self.value(hole)).is_some_and(|asked| !has.contains(&asked));
        !entry.tags.iter().any(lacks)
    }
}

/// A tag with its values, if they are certain.
fn text(tag: &TagTemplate, value: impl Fn(&Expr) -> Option<Known>) -> Option<String> {
    let part = |part: &TagPart| match part {
        TagPart::Text(text) => Some(text.clone()),
        TagPart::Hole(hole) => match value(hole)? {
            Known::Text(text) => Some(text),
            Known::Int(number) => Some(number.to_string()),
            _ => None,
        },
    };
    tag.parts.iter().map(part).collect()
}

fn payload(hole: &Expr, given: &SpecEvent) -> Option<Known> {
    match &hole.kind {
        ExprKind::Var(Var::EventField(name)) => read(&given.payload, name, hole),
        _ => None,
    }
}

/// A plain value of an example, as its type says; instants, days and decimals have more than one spelling.
fn read(values: &Json, name: &FieldName, expr: &Expr) -> Option<Known> {
    let value = values.get(name.as_written())?;
    match (&expr.ty.ty, value) {
        (_, Json::Null) => Some(Known::Nil),
        (Type::Boolean, Json::Bool(value)) => Some(Known::Boolean(*value)),
        (Type::Int, Json::Number(number)) => number.as_i64().map(Known::Int),
        (Type::Id | Type::String | Type::Reference(_) | Type::Enum(_), Json::String(text)) => {
            Some(Known::Text(text.clone()))
        }
        _ => None,
    }
}
