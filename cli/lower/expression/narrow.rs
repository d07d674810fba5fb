//! What a test tells about nil: `x != nil and …` makes `x` a required value in what follows.

use crate::model::{BinaryOp, Expr, ExprKind, UnaryOp, Var};
use std::collections::BTreeSet;

/// Paths of values that are known not to be nil.
pub(crate) type Facts = BTreeSet<String>;

/// What is known when the expression came out as `truth`.
pub(super) fn facts(expr: &Expr, truth: bool, depth: usize) -> Facts {
    match &expr.kind {
        ExprKind::Unary(UnaryOp::Not, inner) => facts(inner, !truth, depth),
        ExprKind::Binary(BinaryOp::And, left, right) => {
            combine(facts(left, truth, depth), facts(right, truth, depth), truth)
        }
        ExprKind::Binary(BinaryOp::Or, left, right) => {
            combine(facts(left, truth, depth), facts(right, truth, depth), !truth)
        }
        ExprKind::Binary(BinaryOp::NotEqual, left, right) if truth => not_nil(left, right, depth),
        ExprKind::Binary(BinaryOp::Equal, left, right) if !truth => not_nil(left, right, depth),
        ExprKind::Binary(BinaryOp::Equal, left, right) => equal(left, right, depth),
        ExprKind::Binary(BinaryOp::NotEqual, left, right) => equal(left, right, depth),
        _ => Facts::new(),
    }
}

/// How the paths of what belongs to one element of a list begin.
const OF_ITEM: &str = "item ";

/// Whether a path belongs to one element of a list.
pub(super) fn is_of_item(path: &str) -> bool {
    path.starts_with(OF_ITEM)
}

/// A name for a value that stays the same for as long as the expression is computed; none for computed values.
pub(super) fn path(expr: &Expr, depth: usize) -> Option<String> {
    match &expr.kind {
        ExprKind::Var(Var::CommandField(name)) => Some(format!("command.{name}")),
        ExprKind::Var(Var::Element) => Some(format!("#{depth}")),
        ExprKind::Var(Var::StateEntry(name)) => Some(format!("state entry {name}")),
        ExprKind::Var(Var::EventField(name)) => Some(format!("event.{name}")),
        ExprKind::Var(Var::Item(list)) => Some(format!("{OF_ITEM}of {list}")),
        ExprKind::Var(Var::StateOfItem(name)) => Some(format!("{OF_ITEM}state entry {name}")),
        ExprKind::Var(var) => Some(format!("{var:?}").to_lowercase()),
        ExprKind::Field { base, name, .. } => Some(format!("{}.{name}", path(base, depth)?)),
        ExprKind::Narrowed(inner) | ExprKind::Widen(inner) => path(inner, depth),
        _ => None,
    }
}

fn combine(left: Facts, right: Facts, both: bool) -> Facts {
    if both { left.union(&right).cloned().collect() } else { left.intersection(&right).cloned().collect() }
}

/// `x != nil`, either way round.
fn not_nil(left: &Expr, right: &Expr, depth: usize) -> Facts {
    match (&left.kind, &right.kind) {
        (ExprKind::Nil, _) => known(right, depth),
        (_, ExprKind::Nil) => known(left, depth),
        _ => Facts::new(),
    }
}

/// `x == y` where one of them is never nil.
fn equal(left: &Expr, right: &Expr, depth: usize) -> Facts {
    let mut facts = Facts::new();
    if is_required(right) {
        facts.extend(known(left, depth));
    }
    if is_required(left) {
        facts.extend(known(right, depth));
    }
    facts
}

fn is_required(expr: &Expr) -> bool {
    match &expr.kind {
        ExprKind::Widen(inner) => is_required(inner),
        _ => expr.ty.required,
    }
}

/// The value and, for `a?.b`, what it was reached through.
fn known(expr: &Expr, depth: usize) -> Facts {
    let mut facts = Facts::new();
    let mut at = Some(expr);
    while let Some(expr) = at {
        facts.extend(path(expr, depth));
        at = match &expr.kind {
            ExprKind::Field { base, .. } => Some(base),
            ExprKind::Narrowed(inner) | ExprKind::Widen(inner) => Some(inner),
            _ => None,
        };
    }
    facts
}
