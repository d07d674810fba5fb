//! Functions: which there are, and what those on single values take and give.

use super::decimal::digits;
use super::describe::type_name;
use super::fit::fit;
use super::misfit::Misfit;
use super::operator::untyped;
use super::{Typer, advice, constant};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::{TYPE_MISMATCH, UNKNOWN_FUNCTION, WRONG_ARGUMENTS};
use crate::model::{Expr, ExprKind, FieldType, Function, Type};
use crate::place::Place;
use crate::source::{Name, RawExpr};

/// Name, function, fewest and most arguments.
const FUNCTIONS: &[(&str, Function, usize, usize)] = &[
    ("abs", Function::Abs, 1, 1),
    ("all", Function::All, 2, 2),
    ("any", Function::Any, 2, 2),
    ("append", Function::Append, 2, usize::MAX),
    ("ceil", Function::Ceil, 1, 1),
    ("concat", Function::Concat, 1, usize::MAX),
    ("count", Function::Count, 1, 2),
    ("decimal", Function::Decimal, 1, 1),
    ("filter", Function::Filter, 2, 2),
    ("find", Function::Find, 2, 2),
    ("first", Function::First, 1, 1),
    ("float", Function::Float, 1, 1),
    ("floor", Function::Floor, 1, 1),
    ("int", Function::Int, 1, 1),
    ("intSum", Function::IntSum, 1, 2),
    ("join", Function::Join, 1, 2),
    ("last", Function::Last, 1, 1),
    ("len", Function::Len, 1, 1),
    ("lower", Function::Lower, 1, 1),
    ("map", Function::Map, 2, 2),
    ("max", Function::Max, 1, usize::MAX),
    ("min", Function::Min, 1, usize::MAX),
    ("none", Function::None, 2, 2),
    ("replace", Function::Replace, 3, 3),
    ("round", Function::Round, 1, 2),
    ("sort", Function::Sort, 1, 1),
    ("split", Function::Split, 2, 2),
    ("string", Function::String, 1, 1),
    ("sum", Function::Sum, 1, 2),
    ("trim", Function::Trim, 1, 1),
    ("unique", Function::Unique, 1, 1),
    ("upper", Function::Upper, 1, 1),
];

/// A call as written, its function known.
#[derive(Clone, Copy)]
pub(super) struct Call<'r> {
    pub function: Function,
    pub name: &'r Name,
    pub arguments: &'r [RawExpr],
    /// What is expected of the result, for literals.
    pub expected: Option<&'r FieldType>,
    pub place: Place,
}

impl Call<'_> {
    /// The finished node.
    pub fn node(self, arguments: Vec<Expr>, ty: FieldType) -> Expr {
        Expr { kind: ExprKind::Call { function: self.function, arguments }, ty, place: self.place }
    }
}

impl Typer<'_> {
    /// `f(a, b)`
    pub(super) fn call(
        &mut self,
        name: &Name,
        arguments: &[RawExpr],
        expected: Option<&FieldType>,
        place: Place,
    ) -> Option<Expr> {
        let Some((_, function, fewest, most)) = FUNCTIONS.iter().find(|(known, ..)| *known == name.value) else {
            let message = format!("there is no function `{}`", name.value);
            let names = FUNCTIONS.iter().map(|(known, ..)| known);
            let problem = Diagnostic::error(UNKNOWN_FUNCTION, name.place, message);
            return self.fail(match advice::function(&name.value) {
                Some("in") => problem.help("it is an operator here: `x in list`, `text contains 'x'`"),
                Some(here) => problem.help(format!("it is called `{here}` here")),
                None => problem.suggest(&name.value, names),
            });
        };
        if arguments.len() < *fewest || arguments.len() > *most {
            let expected = arity(*fewest, *most);
            let message = format!("`{}` takes {expected}, not {}", name.value, arguments.len());
            let problem = Diagnostic::error(WRONG_ARGUMENTS, place, message);
            return self.fail(match advice::usage(*function, &name.value) {
                Some(usage) => problem.help(usage),
                None => problem,
            });
        }
        let call = Call { function: *function, name, arguments, expected, place };
        match function {
            Function::Upper | Function::Lower | Function::Trim => self.texts(call, Type::String),
            Function::Replace => self.texts(call, Type::String),
            Function::Split => self.texts(call, Type::List(Box::new(FieldType::required(Type::String)))),
            Function::Int | Function::Float | Function::Decimal => self.number_from(call),
            Function::String => self.text_from(call),
            Function::Abs | Function::Round | Function::Floor | Function::Ceil => self.rounding(call),
            _ => self.list_call(call),
        }
    }

    /// A function of texts alone.
    fn texts(&mut self, call: Call<'_>, result: Type) -> Option<Expr> {
        let text = FieldType::required(Type::String);
        let typed: Vec<_> = call.arguments.iter().map(|raw| self.typed(raw, &text)).collect();
        let arguments = typed.into_iter().collect::<Option<_>>()?;
        Some(call.node(arguments, FieldType::required(result)))
    }

    /// `int(x)`, `float(x)`, `decimal(x)`
    fn number_from(&mut self, call: Call<'_>) -> Option<Expr> {
        let argument = self.only(call)?;
        let target = match call.function {
            Function::Int => Type::Int,
            Function::Float => Type::Float,
            _ => Type::Decimal,
        };
        match &argument.ty.ty {
            Type::Int | Type::Float | Type::String | Type::Json if target == Type::Decimal => {
                self.decimal_from(call, argument)
            }
            Type::Json => Some(Expr {
                kind: ExprKind::FromJson(Box::new(argument)),
                ty: FieldType::required(target),
                place: call.place,
            }),
            Type::DateTime => {
                let milliseconds = self.coerce(argument, &FieldType::required(Type::Int))?;
                self.coerce(milliseconds, &FieldType::required(target))
            }
            Type::Int | Type::Float | Type::Decimal | Type::String | Type::Id | Type::Reference(_) => {
                Some(call.node(vec![argument], FieldType::required(target)))
            }
            _ => self.no_argument(call, &argument, "a number or a text"),
        }
    }

    /// `decimal(x)`: of a literal its own digits; of JSON a number with a fraction too.
    fn decimal_from(&mut self, call: Call<'_>, argument: Expr) -> Option<Expr> {
        let decimal = FieldType::required(Type::Decimal);
        let place = argument.place;
        if let ExprKind::Text(text) = &argument.kind {
            return match digits(text, &argument) {
                Ok(digits) => Some(constant(ExprKind::Decimal(digits), Type::Decimal, place)),
                Err(Misfit::Literal(diagnostic)) => self.fail(*diagnostic),
                Err(_) => None,
            };
        }
        if matches!(argument.ty.ty, Type::Int | Type::Float)
            && let Ok(exact) = fit(self.types, argument.clone(), &decimal)
        {
            return Some(exact);
        }
        let argument = match argument.ty.required {
            true => argument,
            false => constant(ExprKind::Narrowed(Box::new(argument)), Type::Json, place),
        };
        Some(call.node(vec![argument], decimal))
    }

    /// `string(x)`
    fn text_from(&mut self, call: Call<'_>) -> Option<Expr> {
        let argument = self.only(call)?;
        match &argument.ty.ty {
            Type::Json => Some(Expr {
                kind: ExprKind::FromJson(Box::new(argument)),
                ty: FieldType::required(Type::String),
                place: call.place,
            }),
            Type::List(_) | Type::Object(_) | Type::File | Type::Map(_) => {
                self.no_argument(call, &argument, "a plain value")
            }
            _ => Some(call.node(vec![argument], FieldType::required(Type::String))),
        }
    }

    /// `abs` keeps the type, the others give a Float, or of a Decimal a Decimal.
    fn rounding(&mut self, call: Call<'_>) -> Option<Expr> {
        let argument = self.only(call)?;
        let argument = self.number(argument)?;
        let keeps = call.function == Function::Abs || argument.ty.ty == Type::Decimal;
        let ty = if keeps { argument.ty.clone() } else { FieldType::required(Type::Float) };
        let mut arguments = vec![self.coerce(argument, &ty)?];
        if let [_, places] = call.arguments {
            arguments.push(self.typed(places, &FieldType::required(Type::Int))?);
        }
        Some(call.node(arguments, ty))
    }

    /// The first argument, not nil: of most functions the only one.
    pub(super) fn only(&mut self, call: Call<'_>) -> Option<Expr> {
        let raw = call.arguments.first()?;
        let argument = self.value(raw, None)?;
        self.known(argument)
    }

    /// Says that an argument is of the wrong kind.
    pub(super) fn no_argument(&mut self, call: Call<'_>, argument: &Expr, expected: &str) -> Option<Expr> {
        if argument.ty.ty == Type::Json {
            return self.fail(untyped(argument.place));
        }
        let found = type_name(&argument.ty);
        let message = format!("`{}` takes {expected}, found `{found}`", call.name.value);
        self.fail(Diagnostic::error(TYPE_MISMATCH, argument.place, message))
    }
}

/// A whole number that a function gives.
pub(super) fn int(call: Call<'_>, arguments: Vec<Expr>) -> Expr {
    let Call { function, place, .. } = call;
    constant(ExprKind::Call { function, arguments }, Type::Int, place)
}

fn arity(fewest: usize, most: usize) -> String {
    let plural = |count: usize| if count == 1 { "argument" } else { "arguments" };
    match most {
        usize::MAX => format!("at least {fewest} {}", plural(fewest)),
        most if most == fewest => format!("{fewest} {}", plural(fewest)),
        most => format!("{fewest} to {most} arguments"),
    }
}
