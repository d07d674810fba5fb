//! Typing of expressions: names looked up, every node with its type, every conversion said.
//!
//! What has no type was reported; it comes back as none, so that one cause gives one diagnostic.

mod access;
mod advice;
mod conditional;
mod decimal;
mod describe;
mod fit;
mod function;
mod function_list;
mod misfit;
mod narrow;
mod operator;
mod scope;
mod template;
#[cfg(test)]
mod tests;

pub(crate) use describe::type_name;
pub(crate) use fit::same_value;
pub(crate) use narrow::Facts;
pub(crate) use scope::{Scope, meta_fields, payload};

use super::types::Types;
use crate::diagnostic::codes::expressions::{NOT_PRINTABLE, UNTYPED};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{BinaryOp, Expr, ExprKind, FieldType, Type, TypeName};
use crate::place::Place;
use crate::source::{Name, RawExpr, RawExprKind};

/// Types the expressions of one scope.
pub(crate) struct Typer<'a> {
    types: &'a Types,
    scope: &'a Scope,
    sink: &'a mut Sink,
    /// Values that are known not to be nil.
    facts: Facts,
    /// What `#` is, innermost last.
    elements: Vec<FieldType>,
    /// Which event `event` and `payload` are, for diagnostics.
    event: Option<&'a TypeName>,
    /// In tags, `list.field` stands for that field of each element.
    spreads: bool,
}

impl<'a> Typer<'a> {
    /// A typer for a scope.
    pub fn new(types: &'a Types, scope: &'a Scope, sink: &'a mut Sink) -> Self {
        Self { types, scope, sink, facts: Facts::new(), elements: Vec::new(), event: None, spreads: false }
    }

    /// The same typer, which knows what was shown before.
    pub fn knowing(mut self, facts: &Facts) -> Self {
        self.facts.clone_from(facts);
        self
    }

    /// What is known by now.
    pub fn into_known(self) -> Facts {
        self.facts
    }

    /// An expression whose value has the expected type.
    pub fn typed(&mut self, raw: &RawExpr, expected: &FieldType) -> Option<Expr> {
        let expr = self.value(raw, Some(expected))?;
        self.coerce(expr, expected)
    }

    /// Where problems go.
    pub fn sink(&mut self) -> &mut Sink {
        self.sink
    }

    /// Whether a name means something here.
    pub fn knows(&self, name: &str) -> bool {
        !self.scope.get(name).is_empty()
    }

    /// Says which event `event` and `payload` are.
    pub fn event_is(&mut self, name: &'a TypeName) {
        self.event = Some(name);
    }

    /// What follows stands where `expr` came out true, as the value of a `@from` whose condition holds.
    pub fn assume(&mut self, expr: &Expr) {
        self.facts.extend(narrow::facts(expr, true, self.elements.len()));
    }

    /// What follows stands where `expr` came out false, as after a rule that rejects.
    pub fn assume_not(&mut self, expr: &Expr) {
        self.facts.extend(narrow::facts(expr, false, self.elements.len()));
    }

    /// What follows stands where `expr` came out false for every element of a list, of which there may be none: only what
    /// that says about the elements is known.
    pub fn assume_not_of_items(&mut self, expr: &Expr) {
        let facts = narrow::facts(expr, false, self.elements.len());
        self.facts.extend(facts.into_iter().filter(|path| narrow::is_of_item(path)));
    }

    /// An expression of any type. What is expected is passed down to literals that have no type of their own; the value
    /// may still be of another type.
    pub(crate) fn value(&mut self, raw: &RawExpr, expected: Option<&FieldType>) -> Option<Expr> {
        let place = raw.place;
        match &raw.kind {
            RawExprKind::Invalid => None,
            RawExprKind::Nil => Some(literal(ExprKind::Nil, FieldType::nullable(Type::Nil), place)),
            RawExprKind::Boolean(value) => Some(constant(ExprKind::Boolean(*value), Type::Boolean, place)),
            RawExprKind::Int(value) => Some(constant(ExprKind::Int(*value), Type::Int, place)),
            RawExprKind::Float { text, value } => {
                Some(constant(ExprKind::Float { value: *value, text: text.clone() }, Type::Float, place))
            }
            RawExprKind::Text(text) => Some(constant(ExprKind::Text(text.clone()), Type::String, place)),
            RawExprKind::List(elements) => self.list(elements, expected, place),
            RawExprKind::Map(entries) => self.map(entries, expected, place),
            RawExprKind::Name(name) => self.name(name, place),
            RawExprKind::Element => self.element(place),
            RawExprKind::Field { base, name, optional } => self.field(base, name, *optional, place),
            RawExprKind::Index { base, index } => self.index(base, index, place),
            RawExprKind::Unary(op, operand) => self.unary(*op, operand, place),
            RawExprKind::Binary { op: BinaryOp::Coalesce, left, right, .. } => {
                self.coalesce(left, right, expected, place)
            }
            RawExprKind::Binary { op, operator, left, right } => {
                self.binary(operator::Sides { op: *op, operator: *operator, left, right, place })
            }
            RawExprKind::Conditional { condition, then, otherwise } => {
                self.conditional([condition, then, otherwise], expected, place)
            }
            RawExprKind::Call { function, arguments } => self.call(function, arguments, expected, place),
        }
    }

    /// Types `raw` as it is when `expr` came out as `truth`.
    pub fn given<T>(&mut self, expr: &Expr, truth: bool, then: impl FnOnce(&mut Self) -> Option<T>) -> Option<T> {
        let before = self.facts.clone();
        self.facts.extend(narrow::facts(expr, truth, self.elements.len()));
        let result = then(self);
        self.facts = before;
        result
    }

    fn list(&mut self, elements: &[RawExpr], expected: Option<&FieldType>, place: Place) -> Option<Expr> {
        let element = match expected.map(|expected| &expected.ty) {
            Some(Type::List(element)) => Some(element.as_ref().clone()),
            Some(Type::Json) => Some(FieldType::required(Type::Json)),
            _ => self.element_type(elements, place)?,
        }?;
        let typed: Vec<_> = elements.iter().map(|raw| self.typed(raw, &element)).collect();
        let elements = typed.into_iter().collect::<Option<Vec<_>>>()?;
        Some(constant(ExprKind::List(elements), Type::List(Box::new(element)), place))
    }

    /// The type that all elements of a literal have together; an empty list has none without a context.
    fn element_type(&mut self, elements: &[RawExpr], place: Place) -> Option<Option<FieldType>> {
        let Some((first, rest)) = elements.split_first() else {
            let message = "what the elements of this empty list are cannot be told here";
            return self.fail(Diagnostic::error(UNTYPED, place, message));
        };
        let mut common = self.value(first, None)?;
        for raw in rest {
            let next = self.value(raw, None)?;
            common = self.unified(&common, &next)?.0;
        }
        Some(Some(common.ty))
    }

    fn map(&mut self, entries: &[(Name, RawExpr)], expected: Option<&FieldType>, place: Place) -> Option<Expr> {
        if let Some(Type::Object(name)) = expected.map(|expected| &expected.ty) {
            return self.object(name, entries, place);
        }
        let json = FieldType::nullable(Type::Json);
        let typed: Vec<_> =
            entries.iter().map(|(name, raw)| Some((name.value.clone(), self.value(raw, Some(&json))?))).collect();
        let entries = typed.into_iter().collect::<Option<Vec<_>>>()?;
        let types = entries.iter().map(|(name, value)| (name.clone(), value.ty.clone())).collect();
        Some(constant(ExprKind::Map(entries), Type::Map(types), place))
    }

    /// Reports and gives nothing.
    fn fail<T>(&mut self, diagnostic: Diagnostic) -> Option<T> {
        // Of JSON that stands for a broken type nothing can be said.
        let follows = self.types.has_broken.get() && matches!(diagnostic.code, UNTYPED | NOT_PRINTABLE);
        if !follows {
            self.sink.push(diagnostic);
        }
        None
    }
}

/// A node that is never nil.
fn constant(kind: ExprKind, ty: Type, place: Place) -> Expr {
    literal(kind, FieldType::required(ty), place)
}

fn literal(kind: ExprKind, ty: FieldType, place: Place) -> Expr {
    Expr { kind, ty, place }
}
