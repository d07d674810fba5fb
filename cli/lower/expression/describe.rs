//! Types and values as diagnostics name them.

use crate::model::{Expr, ExprKind, FieldType, Var};

/// A type as the user would write it: `[ID!]!`.
pub(crate) fn type_name(ty: &FieldType) -> String {
    ty.to_string()
}

/// How the user would write a value, if it is a name or a path: `event.note`.
pub(crate) fn value_name(expr: &Expr) -> Option<String> {
    match &expr.kind {
        ExprKind::Var(var) => Some(variable_name(var)),
        ExprKind::Field { base, name, .. } => Some(format!("{}.{name}", value_name(base)?)),
        ExprKind::Narrowed(inner) | ExprKind::Widen(inner) => value_name(inner),
        _ => None,
    }
}

/// Names a value in a sentence: the path in back quotes, else "this value".
pub(crate) fn value_phrase(expr: &Expr) -> String {
    value_name(expr).map_or_else(|| "this value".to_owned(), |name| format!("`{name}`"))
}

fn variable_name(var: &Var) -> String {
    let name = match var {
        Var::StateEntry(name) | Var::StateOfItem(name) | Var::CommandField(name) | Var::EventField(name) => {
            name.as_written()
        }
        Var::State => "state",
        Var::Command => "command",
        Var::Event => "event",
        Var::Version => "version",
        Var::Meta => "meta",
        Var::Projection => "projection",
        Var::Item(_) => "item",
        Var::Now => "now",
        Var::Caller => "caller",
        Var::Entry => "entry",
        Var::Result => "result",
        Var::Element => "#",
    };
    name.to_owned()
}
