//! Rules that reject nil: `let Some(capacity) = state.capacity else { … };` names what is there from then on.

use crate::model::{BinaryOp, Command, Emit, Expr, ExprKind, FieldName, MessagePart, Rule, Var};

/// What the code around a decision calls its own.
const TAKEN: &[&str] = &["context", "element", "event", "index", "item", "meta", "recorded", "state"];

/// The state entry to which the rule of this number gives a name: it rejects nothing but that the entry is nil, and something
/// behind it knows that.
pub(super) fn by_rule(command: &Command, number: usize) -> Option<&FieldName> {
    let (rule, later) = command.rules.get(number..)?.split_first()?;
    let name = rejected_nil(rule)?;
    let rust = name.rust();
    let is_free = !TAKEN.contains(&rust.as_str()) && !rust.starts_with("r#") && !rust.starts_with("value");
    let again = command.rules[..number].iter().any(|rule| rejected_nil(rule) == Some(name));
    let is_known =
        later.iter().any(|rule| rule_knows(rule, name)) || command.emits.iter().any(|emit| emit_knows(emit, name));
    (is_free && !again && is_known).then_some(name)
}

/// The entry of a rule that is `entry == nil`, for all elements or none.
fn rejected_nil(rule: &Rule) -> Option<&FieldName> {
    let ExprKind::Binary(BinaryOp::Equal, left, right) = &rule.reject.kind else { return None };
    match (&left.kind, &right.kind) {
        (ExprKind::Var(Var::StateEntry(name)), ExprKind::Nil)
        | (ExprKind::Nil, ExprKind::Var(Var::StateEntry(name))) => Some(name),
        _ => None,
    }
}

fn rule_knows(rule: &Rule, name: &FieldName) -> bool {
    let in_message = rule.message.parts.iter().any(|part| match part {
        MessagePart::Text(_) => false,
        MessagePart::Hole { value, .. } => knows(value, name),
    });
    in_message || knows(&rule.reject, name) || rule.emits.iter().any(|emit| emit_knows(emit, name))
}

fn emit_knows(emit: &Emit, name: &FieldName) -> bool {
    emit.when.iter().chain(emit.values.iter().map(|(_, value)| value)).any(|value| knows(value, name))
}

fn knows(expr: &Expr, name: &FieldName) -> bool {
    let is_entry = |inner: &Expr| matches!(&inner.kind, ExprKind::Var(Var::StateEntry(entry)) if entry == name);
    matches!(&expr.kind, ExprKind::Narrowed(inner) if is_entry(inner))
        || expr.children().into_iter().any(|child| knows(child, name))
}
