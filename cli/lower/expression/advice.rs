//! What to do about a mistake: how values of one type become values of another, what things of other languages are called here.

use super::describe::value_name;
use crate::diagnostic::Diagnostic;
use crate::model::{Expr, ExprKind, FieldType, Function, Type};

/// Functions by the names that other languages give them.
const FUNCTIONS: &[(&str, &str)] = &[
    ("contains", "in"),
    ("distinct", "unique"),
    ("every", "all"),
    ("exists", "any"),
    ("length", "len"),
    ("lowercase", "lower"),
    ("number", "float"),
    ("parseInt", "int"),
    ("push", "append"),
    ("size", "len"),
    ("some", "any"),
    ("str", "string"),
    ("toInt", "int"),
    ("toLower", "lower"),
    ("toLowerCase", "lower"),
    ("toString", "string"),
    ("toUpper", "upper"),
    ("toUpperCase", "upper"),
    ("uppercase", "upper"),
];

/// A function by the name that another language has for it.
pub(super) fn function(written: &str) -> Option<&'static str> {
    let found = FUNCTIONS.iter().find(|(other, _)| other.eq_ignore_ascii_case(written));
    found.map(|(_, here)| *here)
}

/// How a function with a wrong number of arguments is called.
pub(super) fn usage(function: Function, name: &str) -> Option<String> {
    Some(match function {
        Function::All | Function::Any | Function::Filter | Function::Find | Function::None => {
            format!("the second is a condition over each element, `#`: `{name}(items, # > 1)`")
        }
        Function::Map => "the second is made of each element, `#`: `map(items, #.id)`".to_owned(),
        Function::Replace => "a text, what is replaced, and by what: `replace(title, '-', ' ')`".to_owned(),
        Function::Split => "a text and what parts it: `split(names, ',')`".to_owned(),
        Function::Append => "a list and what is added: `append(items, 'x')`".to_owned(),
        _ => return None,
    })
}

/// Says how the value becomes one of the expected type, if there is a way.
pub(super) fn converted(diagnostic: Diagnostic, found: &Expr, expected: &FieldType) -> Diagnostic {
    match conversion(found, expected) {
        Some(help) => diagnostic.help(help),
        None => diagnostic,
    }
}

fn conversion(found: &Expr, expected: &FieldType) -> Option<String> {
    let value = value_name(found).unwrap_or_else(|| "x".to_owned());
    Some(match (&found.ty.ty, &expected.ty) {
        (Type::Int | Type::Float | Type::Decimal, Type::Boolean) => format!("compare it: `{value} > 0`"),
        (Type::Id | Type::String, Type::Boolean) => format!("compare it: `{value} != ''`"),
        (Type::List(_), Type::Boolean) => format!("ask for its elements: `len({value}) > 0`"),
        (
            Type::Int | Type::Float | Type::Decimal | Type::Boolean | Type::Enum(_) | Type::DateTime | Type::Date,
            Type::Id | Type::String,
        ) => format!("make a text of it: `string({value})`"),
        (Type::Id | Type::String, Type::Int) => format!("read the number: `int({value})`"),
        (Type::Id | Type::String, Type::Float) => format!("read the number: `float({value})`"),
        (Type::Id | Type::String, Type::Decimal) => format!("read the number: `decimal({value})`"),
        (Type::Float | Type::Decimal, Type::Int) => {
            format!("leave its fraction off: `int({value})`, or `int(round({value}))`")
        }
        (Type::List(element), wanted) if element.ty == *wanted => format!("take one of them: `first({value})`"),
        (one, Type::List(element)) if *one == element.ty => format!("make a list of it: `[{value}]`"),
        (Type::File, Type::Id | Type::String) => format!("take one of its fields: `{value}.id`, `{value}.name`"),
        (_, Type::File) => "a file is uploaded, never written down: take it from a field of type `File`".to_owned(),
        _ => return None,
    })
}

/// Says how two values can be compared after all, if there is a way.
pub(super) fn compared(diagnostic: Diagnostic, left: &Expr, right: &Expr) -> Diagnostic {
    let is_number = |expr: &Expr| matches!(expr.ty.ty, Type::Int | Type::Float | Type::Decimal);
    let is_text = |expr: &Expr| matches!(expr.ty.ty, Type::Id | Type::String);
    match (&left.kind, &right.kind) {
        (_, ExprKind::Text(text)) if is_number(left) && text.parse::<f64>().is_ok() => {
            diagnostic.help(format!("without quotes it is a number: `{text}`"))
        }
        (ExprKind::Text(text), _) if is_number(right) && text.parse::<f64>().is_ok() => {
            diagnostic.help(format!("without quotes it is a number: `{text}`"))
        }
        _ if is_number(left) && is_text(right) => converted(diagnostic, left, &right.ty),
        _ if is_text(left) && is_number(right) => converted(diagnostic, right, &left.ty),
        _ => diagnostic,
    }
}

/// What can stand in a tag in place of a value that cannot.
pub(super) fn tagged(diagnostic: Diagnostic, found: &Expr) -> Diagnostic {
    let value = value_name(found).unwrap_or_else(|| "x".to_owned());
    match &found.ty.ty {
        Type::File => diagnostic.help(format!("a file is known by its id: `{{{value}.id}}`")),
        _ => diagnostic,
    }
}

/// What can stand in a text in place of a value that cannot.
pub(super) fn printed(diagnostic: Diagnostic, found: &Expr) -> Diagnostic {
    let value = value_name(found).unwrap_or_else(|| "x".to_owned());
    match &found.ty.ty {
        Type::List(element) if matches!(element.ty, Type::Id | Type::String) => {
            diagnostic.help(format!("join its elements, `{{join({value}, ', ')}}`, or count them, `{{len({value})}}`"))
        }
        Type::List(_) => diagnostic.help(format!("say how many there are: `{{len({value})}}`")),
        Type::File => diagnostic.help(format!("name one of its fields: `{{{value}.name}}`")),
        Type::Object(_) => diagnostic.help(format!("name one of its fields: `{{{value}. …}}`")),
        _ => diagnostic,
    }
}
