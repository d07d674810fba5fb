//! Functions on lists, with predicates over `#`.

use super::conditional::is_literal;
use super::describe::type_name;
use super::function::{Call, int};
use super::operator::is_ordered;
use super::{Typer, constant};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::{MAY_BE_NIL, TYPE_MISMATCH};
use crate::model::{Expr, ExprKind, FieldType, Function, Type};
use crate::source::RawExpr;

impl Typer<'_> {
    /// A function whose first argument is a list (of `len`, also a text; of `min` and `max`, also plain values).
    pub(super) fn list_call(&mut self, call: Call<'_>) -> Option<Expr> {
        let (first, rest) = call.arguments.split_first()?;
        if matches!(call.function, Function::Min | Function::Max) && !rest.is_empty() {
            return self.smallest(call);
        }
        let hint = call.expected.filter(|_| is_literal(first) && keeps_type(call.function));
        let list = self.value(first, hint)?;
        let list = self.known(list)?;
        if call.function == Function::Len && !matches!(list.ty.ty, Type::List(_)) {
            return self.length(call, list);
        }
        let json = FieldType::required(Type::List(Box::new(FieldType::nullable(Type::Json))));
        let list = if list.ty.ty == Type::Json { self.coerce(list, &json)? } else { list };
        let Type::List(element) = &list.ty.ty else { return self.no_argument(call, &list, "a list") };
        let element = element.as_ref().clone();
        match (call.function, rest) {
            (Function::Filter | Function::Find | Function::Any | Function::All | Function::None, [body])
            | (Function::Count, [body]) => {
                let body = self.predicate(body, &element)?;
                let ty = predicate_result(call.function, &list.ty, element);
                Some(call.node(vec![list, body], ty))
            }
            (Function::Map, [body]) => {
                let expected = match call.expected.map(|expected| &expected.ty) {
                    Some(Type::List(element)) => Some(element.as_ref()),
                    _ => None,
                };
                let body = self.of_each(&element, |typer| typer.value(body, expected))?;
                let ty = FieldType::required(Type::List(Box::new(body.ty.clone())));
                Some(call.node(vec![list, body], ty))
            }
            (Function::Sum | Function::IntSum, rest) => self.sum(call, list, element, rest.first()),
            (Function::Append, rest) => self.append(call, list, &element, rest),
            (Function::Concat, rest) => self.append(call, list.clone(), &list.ty, rest),
            (Function::Join, rest) => self.join(call, list, element, rest.first()),
            (Function::Sort, _) if !is_ordered(&element.ty) || !element.required => self.unordered(&list, &element),
            (Function::Min | Function::Max, _) if !is_ordered(&element.ty) || !element.required => {
                self.unordered(&list, &element)
            }
            (Function::Min | Function::Max | Function::First | Function::Last, _) => {
                Some(call.node(vec![list], FieldType::nullable(element.ty)))
            }
            (Function::Sort | Function::Unique, _) => {
                let ty = list.ty.clone();
                Some(call.node(vec![list], ty))
            }
            (Function::Count, []) if element != FieldType::required(Type::Boolean) => {
                self.no_argument(call, &list, "a predicate, or a list of Booleans (`len` counts all elements)")
            }
            // `len` and `count` of one argument.
            _ => Some(int(call, vec![list])),
        }
    }

    /// A condition over `#`.
    fn predicate(&mut self, body: &RawExpr, element: &FieldType) -> Option<Expr> {
        self.of_each(element, |typer| typer.typed(body, &FieldType::required(Type::Boolean)))
    }

    /// What is typed here may speak of `#`, and what it tests holds for it alone.
    fn of_each(&mut self, element: &FieldType, typed: impl FnOnce(&mut Self) -> Option<Expr>) -> Option<Expr> {
        self.elements.push(element.clone());
        let before = self.facts.clone();
        let body = typed(self);
        self.facts = before;
        self.elements.pop();
        body
    }

    fn length(&mut self, call: Call<'_>, argument: Expr) -> Option<Expr> {
        if argument.ty.ty == Type::Json {
            return self.no_argument(call, &argument, "a list or a text");
        }
        match fits_text(&argument) {
            true => Some(int(call, vec![argument])),
            false => self.no_argument(call, &argument, "a list or a text"),
        }
    }

    /// `sum(list)`, `sum(list, #.price)`: of Ints an Int, of Floats a Float, of Decimals a Decimal.
    fn sum(&mut self, call: Call<'_>, list: Expr, element: FieldType, body: Option<&RawExpr>) -> Option<Expr> {
        let (arguments, summand) = match body {
            Some(body) => {
                let body = self.of_each(&element, |typer| match call.function {
                    Function::IntSum => typer.typed(body, &FieldType::required(Type::Int)),
                    _ => typer.value(body, None),
                })?;
                let summand = body.ty.clone();
                (vec![list, body], summand)
            }
            None => (vec![list], element),
        };
        let is_number = matches!(summand.ty, Type::Int | Type::Float | Type::Decimal);
        if !is_number || !summand.required || (call.function == Function::IntSum && summand.ty != Type::Int) {
            let message = format!("expected numbers that are never nil, found `{}`", type_name(&summand));
            let place = arguments.last().map_or(call.place, |argument| argument.place);
            return self.fail(Diagnostic::error(TYPE_MISMATCH, place, message));
        }
        Some(call.node(arguments, summand))
    }

    /// `append(list, x, …)`, `concat(list, other, …)`
    fn append(&mut self, call: Call<'_>, list: Expr, each: &FieldType, rest: &[RawExpr]) -> Option<Expr> {
        let ty = list.ty.clone();
        let more: Vec<_> = rest.iter().map(|raw| self.typed(raw, each)).collect();
        let mut arguments = vec![list];
        arguments.extend(more.into_iter().collect::<Option<Vec<_>>>()?);
        Some(call.node(arguments, ty))
    }

    /// `join(list)`, `join(list, ', ')`
    fn join(&mut self, call: Call<'_>, list: Expr, element: FieldType, separator: Option<&RawExpr>) -> Option<Expr> {
        if !super::fit::is_text(&element.ty) || !element.required {
            return self.no_argument(call, &list, "a list of texts");
        }
        let text = FieldType::required(Type::String);
        let separator = match separator {
            Some(raw) => self.typed(raw, &text)?,
            None => constant(ExprKind::Text(String::new()), Type::String, call.place),
        };
        Some(call.node(vec![list, separator], text))
    }

    /// `min(a, b, …)`
    fn smallest(&mut self, call: Call<'_>) -> Option<Expr> {
        let (first, rest) = call.arguments.split_first()?;
        let first = self.value(first, None)?;
        let mut arguments = vec![self.known(first)?];
        for raw in rest {
            let next = self.value(raw, None)?;
            let next = self.known(next)?;
            let common = self.unified(&arguments[0], &next)?.0.ty;
            arguments.push(next);
            let typed: Vec<_> = arguments.into_iter().map(|argument| self.coerce(argument, &common)).collect();
            arguments = typed.into_iter().collect::<Option<_>>()?;
        }
        let ty = arguments[0].ty.clone();
        if !is_ordered(&ty.ty) {
            return self.no_argument(call, &arguments[0], "values with an order");
        }
        Some(call.node(arguments, ty))
    }

    fn unordered(&mut self, list: &Expr, element: &FieldType) -> Option<Expr> {
        let found = type_name(element);
        let diagnostic = if is_ordered(&element.ty) {
            let message = "elements of this list may be nil";
            Diagnostic::error(MAY_BE_NIL, list.place, message)
                .help("`filter(list, # != nil)` does not change their type")
        } else {
            Diagnostic::error(TYPE_MISMATCH, list.place, format!("`{found}` has no order"))
        };
        self.fail(diagnostic)
    }
}

fn fits_text(expr: &Expr) -> bool {
    super::fit::is_text(&expr.ty.ty)
}

/// Does the result have the type of the list?
fn keeps_type(function: Function) -> bool {
    matches!(function, Function::Append | Function::Concat | Function::Filter | Function::Sort | Function::Unique)
}

fn predicate_result(function: Function, list: &FieldType, element: FieldType) -> FieldType {
    match function {
        Function::Filter => list.clone(),
        Function::Find => FieldType::nullable(element.ty),
        Function::Count => FieldType::required(Type::Int),
        _ => FieldType::required(Type::Boolean),
    }
}
