//! Names, fields, elements and object literals.

use super::describe::{type_name, value_phrase};
use super::fit::may_be_nil;
use super::scope::DURATIONS;
use super::{Typer, constant, literal, narrow};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::expressions::{
    AMBIGUOUS_NAME, ELEMENT_OUTSIDE, NO_SUCH_FIELD, TYPE_MISMATCH, UNKNOWN_NAME,
};
use crate::diagnostic::codes::rules::{MISSING_VALUE, WITHOUT_EACH};
use crate::model::{Expr, ExprKind, FieldName, FieldType, Function, ObjectField, Type, TypeName, Var, file_fields};
use crate::place::Place;
use crate::source::{Name, RawExpr, RawExprKind};

impl Typer<'_> {
    /// A bare name as a value.
    pub(super) fn name(&mut self, name: &str, place: Place) -> Option<Expr> {
        let expr = self.lookup(name, place)?;
        if matches!(expr.kind, ExprKind::Var(_)) && matches!(expr.ty.ty, Type::Map(_)) {
            let message = format!("`{name}` is not a value of its own");
            let help = format!("take one of its fields: `{name}.…`");
            return self.fail(Diagnostic::error(TYPE_MISMATCH, place, message).help(help));
        }
        Some(self.narrowed(expr))
    }

    fn lookup(&mut self, name: &str, place: Place) -> Option<Expr> {
        // A tag is about fields: one that is called `day` is meant there, and nothing else could name it.
        let is_field = self.spreads && !self.scope.get(name).is_empty();
        let duration = DURATIONS.iter().find(|(known, _)| *known == name && !is_field);
        match (self.scope.get(name), duration) {
            ([], Some((_, milliseconds))) => Some(constant(ExprKind::Int(*milliseconds), Type::Int, place)),
            ([binding], None) => Some(literal(ExprKind::Var(binding.var.clone()), binding.ty.clone(), place)),
            ([], None) => self.unknown_name(name, place),
            _ => self.ambiguous(name, duration.is_some(), place),
        }
    }

    fn unknown_name(&mut self, name: &str, place: Place) -> Option<Expr> {
        if let Some((list, declared)) = self.scope.of_others(name) {
            let message = format!("`{name}` has a value for each of `{list}`, not one for all");
            let problem = Diagnostic::error(WITHOUT_EACH, place, message).related(*declared, "declared here");
            let help = format!("what names it goes over the same list: `each: {list}`");
            return self.fail(problem.help(help));
        }
        let diagnostic = Diagnostic::error(UNKNOWN_NAME, place, format!("nothing here is called `{name}`"));
        let diagnostic = match self.scope.folded(name) {
            Some(true) => diagnostic.help("what the entry holds so far is called `state` here"),
            Some(false) => diagnostic.help("an entry is folded without the others: `state` is what it holds so far"),
            None => diagnostic,
        };
        let records = self.scope.records_with(name);
        let diagnostic = match records.as_slice() {
            [] => diagnostic.suggest(name, self.scope.names()),
            records => {
                records.iter().fold(diagnostic, |diagnostic, path| diagnostic.help(format!("did you mean `{path}`?")))
            }
        };
        self.fail(diagnostic)
    }

    fn ambiguous(&mut self, name: &str, is_duration: bool, place: Place) -> Option<Expr> {
        let bindings = self.scope.get(name).to_vec();
        let mut diagnostic = Diagnostic::error(AMBIGUOUS_NAME, place, format!("`{name}` could mean two things here"));
        for binding in &bindings {
            if let Some(place) = binding.place {
                diagnostic = diagnostic.related(place, "this");
            }
            if let Var::CommandField(field) = &binding.var {
                diagnostic = diagnostic.help(format!("`command.{field}` is the command's field"));
            }
        }
        if is_duration {
            diagnostic = diagnostic.help(format!("`{name}` is also a length of time"));
        }
        self.fail(diagnostic)
    }

    /// `#`
    pub(super) fn element(&mut self, place: Place) -> Option<Expr> {
        let Some(ty) = self.elements.last().cloned() else {
            let message = "`#` is an element only inside of a predicate";
            let problem = Diagnostic::error(ELEMENT_OUTSIDE, place, message);
            return self.fail(
                problem.help("write it inside of `any(list, …)`, `filter(list, …)`, `map(list, …)` or their like"),
            );
        };
        let expr = literal(ExprKind::Var(Var::Element), ty, place);
        Some(self.narrowed(expr))
    }

    /// `a.b`, `a?.b`
    pub(super) fn field(&mut self, base: &RawExpr, name: &Name, optional: bool, place: Place) -> Option<Expr> {
        let base = match &base.kind {
            RawExprKind::Name(record) => {
                let found = match self.scope.with_fields(record) {
                    Some(binding) => literal(ExprKind::Var(binding.var.clone()), binding.ty.clone(), base.place),
                    None => self.lookup(record, base.place)?,
                };
                self.narrowed(found)
            }
            _ => self.value(base, None)?,
        };
        self.field_of(base, name, optional, place)
    }

    fn field_of(&mut self, base: Expr, name: &Name, optional: bool, place: Place) -> Option<Expr> {
        if let (true, Type::List(element)) = (self.spreads, &base.ty.ty) {
            let element = element.as_ref().clone();
            return self.spread(base, element, name, place);
        }
        // A nil gives no tag, wherever on the way to the value it stands.
        let optional = (optional || self.spreads) && !base.ty.required && base.ty.ty != Type::Json;
        if !base.ty.required && !optional && base.ty.ty != Type::Json {
            let diagnostic = may_be_nil(&base).help(format!("`?.{}` gives nil if it is nil", name.value));
            return self.fail(diagnostic);
        }
        let mut ty = self.field_type(&base, name)?;
        ty.required &= !optional;
        let kind = ExprKind::Field { base: Box::new(base), name: FieldName::new(&name.value), optional };
        Some(self.narrowed(literal(kind, ty, place)))
    }

    /// `{list.field}` of a tag: that field of each element.
    fn spread(&mut self, base: Expr, element: FieldType, name: &Name, place: Place) -> Option<Expr> {
        if !base.ty.required {
            return self.fail(may_be_nil(&base));
        }
        self.elements.push(element.clone());
        let item = literal(ExprKind::Var(Var::Element), element, name.place);
        let field = self.field_of(item, name, false, name.place);
        self.elements.pop();
        let field = field?;
        let ty = Type::List(Box::new(field.ty.clone()));
        Some(constant(ExprKind::Call { function: Function::Map, arguments: vec![base, field] }, ty, place))
    }

    fn field_type(&mut self, base: &Expr, name: &Name) -> Option<FieldType> {
        let fields: Vec<(String, FieldType)> = match &base.ty.ty {
            Type::Json => return Some(FieldType::nullable(Type::Json)),
            Type::Map(fields) => fields.clone(),
            Type::Object(object) => self.object_fields(object),
            Type::File => file_fields().into_iter().map(|(field, ty)| (field.to_string(), ty)).collect(),
            _ => {
                let found = type_name(&base.ty);
                let message = format!("`{found}` has no fields");
                let mut diagnostic = Diagnostic::error(NO_SUCH_FIELD, name.place, message);
                if matches!(base.ty.ty, Type::Reference(_)) {
                    diagnostic = diagnostic.help(format!("of a reference to `{found}` only the id is stored"));
                }
                return self.fail(diagnostic);
            }
        };
        if let Some((_, ty)) = fields.iter().find(|(field, _)| *field == name.value) {
            return Some(ty.clone());
        }
        let whose = match (&base.ty.ty, &base.kind, self.event) {
            (Type::Object(object), ..) => format!("`{object}`"),
            (_, ExprKind::Var(Var::Event), Some(event)) => format!("`{event}`"),
            _ => value_phrase(base),
        };
        let message = format!("{whose} has no field `{}`", name.value);
        let names = fields.iter().map(|(field, _)| field);
        self.fail(Diagnostic::error(NO_SUCH_FIELD, name.place, message).suggest(&name.value, names))
    }

    fn object_fields(&self, name: &TypeName) -> Vec<(String, FieldType)> {
        let fields: &[ObjectField] = self.types.object(name).map_or(&[], |object| &object.fields);
        fields.iter().map(|field| (field.name.to_string(), field.ty.clone())).collect()
    }

    /// `a[0]`, `a["k"]`
    pub(super) fn index(&mut self, base: &RawExpr, index: &RawExpr, place: Place) -> Option<Expr> {
        if let RawExprKind::Text(key) = &index.kind {
            let typed = match &base.kind {
                RawExprKind::Name(record) => self.lookup(record, base.place)?,
                _ => self.value(base, None)?,
            };
            if matches!(typed.ty.ty, Type::Map(_) | Type::Object(_) | Type::File | Type::Json) {
                return self.field_of(typed, &Name::new(key.clone(), index.place), false, place);
            }
        }
        let base = self.value(base, None)?;
        let ty = match &base.ty.ty {
            Type::Json => FieldType::nullable(Type::Json),
            Type::List(_) if !base.ty.required => return self.fail(may_be_nil(&base)),
            Type::List(element) => element.as_ref().clone(),
            _ => {
                let message = format!("`{}` has no elements", type_name(&base.ty));
                return self.fail(Diagnostic::error(TYPE_MISMATCH, base.place, message).label("expected a list"));
            }
        };
        let index = self.typed(index, &FieldType::required(Type::Int))?;
        Some(literal(ExprKind::Index { base: Box::new(base), index: Box::new(index) }, ty, place))
    }

    /// `{k: v}` where an object is expected: every field, in the object's order.
    pub(super) fn object(&mut self, name: &TypeName, entries: &[(Name, RawExpr)], place: Place) -> Option<Expr> {
        let fields = self.object_fields(name);
        let mut complete = true;
        for (key, _) in entries {
            if !fields.iter().any(|(field, _)| *field == key.value) {
                let message = format!("`{name}` has no field `{}`", key.value);
                let known = fields.iter().map(|(field, _)| field);
                self.sink.push(Diagnostic::error(NO_SUCH_FIELD, key.place, message).suggest(&key.value, known));
                complete = false;
            }
        }
        let mut values = Vec::new();
        for (field, ty) in fields {
            let value = match entries.iter().find(|(key, _)| key.value == field) {
                Some((_, raw)) => self.typed(raw, &ty),
                None if !ty.required => Some(literal(ExprKind::Nil, ty, place)),
                None => {
                    let message = format!("`{name}` needs a value for `{field}`");
                    self.fail(Diagnostic::error(MISSING_VALUE, place, message))
                }
            };
            complete &= value.is_some();
            values.extend(value.map(|value| (field, value)));
        }
        complete.then(|| constant(ExprKind::Map(values), Type::Object(name.clone()), place))
    }

    /// The value as a required one, if a test has shown that it is not nil.
    fn narrowed(&self, expr: Expr) -> Expr {
        let known = narrow::path(&expr, self.elements.len()).is_some_and(|path| self.facts.contains(&path));
        if expr.ty.required || !known || expr.ty.ty == Type::Json {
            return expr;
        }
        let (ty, place) = (FieldType::required(expr.ty.ty.clone()), expr.place);
        literal(ExprKind::Narrowed(Box::new(expr)), ty, place)
    }
}
