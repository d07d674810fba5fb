//! Types and values as diagnostics name them.

use crate::model::{Expr, ExprKind, FieldType, Type, Var};

/// A type as the user would write it: `[ID!]!`.
pub(crate) fn type_name(ty: &FieldType) -> String {
    let bare = bare_name(&ty.ty);
    let marked = ty.required && !matches!(ty.ty, Type::Nil | Type::Map(_));
    if marked { format!("{bare}!") } else { bare }
}

/// A type without its `!`.
pub(crate) fn bare_name(ty: &Type) -> String {
    match ty {
        Type::Id => "ID".to_owned(),
        Type::String => "String".to_owned(),
        Type::Int => "Int".to_owned(),
        Type::Float => "Float".to_owned(),
        Type::Boolean => "Boolean".to_owned(),
        Type::DateTime => "DateTime".to_owned(),
        Type::Date => "Date".to_owned(),
        Type::Decimal => "Decimal".to_owned(),
        Type::Json => "JSON".to_owned(),
        Type::File => "File".to_owned(),
        Type::Enum(name) | Type::Object(name) | Type::Reference(name) => name.to_string(),
        Type::List(element) => format!("[{}]", type_name(element)),
        Type::Nil => "nil".to_owned(),
        Type::Map(_) => "map".to_owned(),
    }
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
