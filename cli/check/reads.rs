//! Which names an expression reads.

use crate::model::{Expr, ExprKind, FieldName, MessagePart, TagPart, TagTemplate, Var};

/// Whether the state entry `name` is read anywhere in the expression.
pub(super) fn reads_state(expr: &Expr, name: &FieldName) -> bool {
    matches!(&expr.kind, ExprKind::Var(Var::StateEntry(read) | Var::StateOfItem(read)) if read == name)
        || expr.children().into_iter().any(|child| reads_state(child, name))
}

/// The same for the holes of a message.
pub(super) fn message_reads_state(parts: &[MessagePart], name: &FieldName) -> bool {
    parts.iter().any(|part| matches!(part, MessagePart::Hole { value, .. } if reads_state(value, name)))
}

/// The same for the holes of a tag.
pub(super) fn tag_reads_state(tag: &TagTemplate, name: &FieldName) -> bool {
    tag.parts.iter().any(|part| matches!(part, TagPart::Hole(value) if reads_state(value, name)))
}
