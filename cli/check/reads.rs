//! Which names an expression reads.

use crate::model::{Expr, ExprKind, FieldName, MessagePart, TagPart, TagTemplate, Var};

/// Whether the state entry `name` is read anywhere in the expression.
pub(super) fn reads_state(expr: &Expr, name: &FieldName) -> bool {
    matches!(&expr.kind, ExprKind::Var(Var::StateEntry(read)) if read == name)
        || children(expr).into_iter().any(|child| reads_state(child, name))
}

/// The same for the holes of a message.
pub(super) fn message_reads_state(parts: &[MessagePart], name: &FieldName) -> bool {
    parts.iter().any(|part| matches!(part, MessagePart::Hole { value, .. } if reads_state(value, name)))
}

/// The same for the holes of a tag.
pub(super) fn tag_reads_state(tag: &TagTemplate, name: &FieldName) -> bool {
    tag.parts.iter().any(|part| matches!(part, TagPart::Hole(value) if reads_state(value, name)))
}

/// The expressions right below this one.
fn children(expr: &Expr) -> Vec<&Expr> {
    match &expr.kind {
        ExprKind::List(elements) => elements.iter().collect(),
        ExprKind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
        ExprKind::Field { base, .. } => vec![base],
        ExprKind::Index { base, index } => vec![base, index],
        ExprKind::Unary(_, inner) | ExprKind::Widen(inner) | ExprKind::Narrowed(inner) | ExprKind::FromJson(inner) => {
            vec![inner]
        }
        ExprKind::Binary(_, left, right) => vec![left, right],
        ExprKind::Conditional { condition, then, otherwise } => vec![condition, then, otherwise],
        ExprKind::Call { arguments, .. } => arguments.iter().collect(),
        ExprKind::Nil
        | ExprKind::Boolean(_)
        | ExprKind::Int(_)
        | ExprKind::Float { .. }
        | ExprKind::Decimal(_)
        | ExprKind::Text(_)
        | ExprKind::DateTime(_)
        | ExprKind::Date(_)
        | ExprKind::EnumValue(_)
        | ExprKind::Var(_) => Vec::new(),
    }
}
