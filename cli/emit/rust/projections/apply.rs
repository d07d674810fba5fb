//! What an event changes in an entry.

use super::View;
use crate::emit::rust::expression::{Scope, group};
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::tokens::uses;
use crate::emit::rust::types::{is_same, zero_value};
use crate::model::{Event, Expr, ExprKind, Field, From, Type, Var};
use proc_macro2::{Ident, TokenStream, TokenTree};
use quote::{format_ident, quote};

/// The statement that folds an event into the entry.
pub(super) fn body(view: &View<'_>) -> TokenStream {
    let events = view.projection.events.iter().filter_map(|name| view.followed.events.get(name));
    let arms: Vec<(TokenStream, TokenStream)> = events.filter_map(|event| arm(view, event)).collect();
    let complete = arms.len() == view.followed.events.len();
    match (arms.as_slice(), complete) {
        ([], _) => quote!(),
        ([(pattern, body)], true) => quote!(let #pattern = event; #body),
        ([(pattern, body)], false) => quote!(if let #pattern = event { #body }),
        (arms, complete) => {
            let arms = arms.iter().map(|(pattern, body)| quote!(#pattern => { #body }));
            let rest = (!complete).then(|| quote!(_ => {}));
            quote!(match event { #(#arms)* #rest })
        }
    }
}

fn arm(view: &View<'_>, event: &Event) -> Option<(TokenStream, TokenStream)> {
    let reached = view.projection.upserts.iter().any(|target| target.events.contains(&event.name));
    let fields = view.projection.entry.fields.iter();
    let changes: Vec<Change> = fields.filter_map(|field| change(view, event, field)).collect();
    if !reached || changes.is_empty() {
        return None;
    }
    let body = in_order(&changes);
    let binding = if uses(&body, "event") { quote!(event) } else { quote!(_) };
    let (events, name) = (&view.events, type_ident(&event.name));
    Some((quote!(#events::Event::#name(#binding)), body))
}

/// What happens to one field.
struct Change {
    field: Ident,
    /// The variable that holds the new value where it must be computed before others are assigned.
    variable: Ident,
    kind: ChangeKind,
}

enum ChangeKind {
    /// Takes this value.
    Always(TokenStream),
    /// Takes the value if there is one.
    IfSome(ChangeOf),
    /// The list grows by this (`push(x)`); else it takes the value, where that must be computed first.
    Grows(TokenStream, TokenStream),
    /// The first condition that holds decides.
    First(Vec<(TokenStream, ChangeOf)>),
}

/// The value of one case.
type ChangeOf = (TokenStream, There);

/// When a value is there.
#[derive(Clone, Copy, PartialEq, Eq)]
enum There {
    Always,
    /// It is an `Option` of the field's type.
    Perhaps,
    /// It is an `Option` as the field is, which keeps what it has where there is none.
    Kept,
}

impl Change {
    fn reads(&self, field: &Ident) -> bool {
        let read = |tokens: &TokenStream| reads_field(tokens, field);
        match &self.kind {
            ChangeKind::Always(value) | ChangeKind::IfSome((value, _)) | ChangeKind::Grows(_, value) => read(value),
            ChangeKind::First(cases) => cases.iter().any(|(condition, (value, _))| read(condition) || read(value)),
        }
    }

    fn statement(&self) -> TokenStream {
        let field = &self.field;
        let assign = |(value, there): &ChangeOf| match there {
            There::Always => quote!(self.#field = #value;),
            There::Perhaps => quote!(if let Some(value) = #value { self.#field = value; }),
            There::Kept => quote!(if let Some(value) = #value { self.#field = Some(value); }),
        };
        match &self.kind {
            ChangeKind::Always(value) => assign(&(value.clone(), There::Always)),
            ChangeKind::Grows(growth, _) => quote!(self.#field.#growth;),
            ChangeKind::IfSome(of) => assign(of),
            ChangeKind::First(cases) => {
                chain(cases.iter().map(|(condition, of)| (condition.clone(), assign(of))).collect())
            }
        }
    }

    /// Computed first, assigned later.
    fn split(&self) -> (TokenStream, TokenStream) {
        let (field, variable) = (&self.field, &self.variable);
        let if_some = quote!(if let Some(value) = #variable { self.#field = value; });
        match &self.kind {
            ChangeKind::Always(value) | ChangeKind::Grows(_, value) => {
                (quote!(let #variable = #value;), quote!(self.#field = #variable;))
            }
            ChangeKind::IfSome((value, There::Kept)) => {
                let kept = quote!(if let Some(value) = #variable { self.#field = Some(value); });
                (quote!(let #variable = #value;), kept)
            }
            ChangeKind::IfSome((value, _)) => (quote!(let #variable = #value;), if_some),
            ChangeKind::First(cases) => {
                let some = |(value, there): &ChangeOf| match there {
                    There::Always => quote!(Some(#value)),
                    There::Perhaps => value.clone(),
                    There::Kept => {
                        let value = group(value);
                        quote!(#value.map(Some))
                    }
                };
                let cases = cases.iter().map(|(condition, of)| (condition.clone(), some(of))).collect();
                let chain = chain(cases);
                let has_else = uses_else(&chain);
                let rest = (!has_else).then(|| quote!(else { None }));
                (quote!(let #variable = #chain #rest;), if_some)
            }
        }
    }
}

/// `if a { … } else if b { … } else { … }`; an empty condition always holds.
fn chain(cases: Vec<(TokenStream, TokenStream)>) -> TokenStream {
    cases.into_iter().rev().fold(TokenStream::new(), |rest, (condition, body)| {
        match (condition.is_empty(), rest.is_empty()) {
            (true, _) => quote!({ #body }),
            (false, true) => quote!(if #condition { #body }),
            (false, false) => quote!(if #condition { #body } else #rest),
        }
    })
}

/// Whether the chain ends with a case that always holds.
fn uses_else(chain: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = chain.clone().into_iter().collect();
    matches!(tokens.as_slice(), [.., TokenTree::Ident(last), TokenTree::Group(_)] if last == "else")
}

/// What reads a field that another change sets is computed before anything is set: `projection` is the entry before the event.
fn in_order(changes: &[Change]) -> TokenStream {
    let needs_before =
        |change: &Change| changes.iter().any(|other| other.field != change.field && change.reads(&other.field));
    let (mut first, mut after) = (Vec::new(), Vec::new());
    for change in changes {
        if needs_before(change) {
            let (compute, assign) = change.split();
            first.push(compute);
            after.push(assign);
        } else {
            after.push(change.statement());
        }
    }
    quote!(#(#first)* #(#after)*)
}

fn reads_field(tokens: &TokenStream, field: &Ident) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let here = tokens.windows(3).any(|window| {
        matches!(window, [TokenTree::Ident(base), TokenTree::Punct(dot), TokenTree::Ident(name)]
            if base == "self" && dot.as_char() == '.' && name == field)
    });
    let inside = |token: &TokenTree| matches!(token, TokenTree::Group(group) if reads_field(&group.stream(), field));
    here || tokens.iter().any(inside)
}

fn change(view: &View<'_>, event: &Event, field: &Field) -> Option<Change> {
    let scope = Scope::projection(view.service, view.events.clone(), &view.projection.entry, Some(event));
    let from: Vec<&From> =
        field.from.iter().filter(|from| from.values.iter().any(|(name, _)| *name == event.name)).collect();
    let kind = from_directives(&scope, event, field, &from)?;
    let variable = format_ident!("new_{}", field.name.column());
    Some(Change { field: field_ident(&field.name), variable, kind })
}

fn from_directives(scope: &Scope<'_>, event: &Event, field: &Field, from: &[&From]) -> Option<ChangeKind> {
    let mut cases = Vec::new();
    for directive in from {
        let (_, value) = directive.values.iter().find(|(name, _)| *name == event.name)?;
        let condition = directive.conditions.iter().find(|(name, _)| *name == event.name);
        let condition = condition.map(|(_, condition)| scope.owned(condition));
        let is_last = condition.is_none();
        let Some(of) = value_of(scope, field, value, directive.allow_null) else { continue };
        cases.push((condition.unwrap_or_default(), of));
        if is_last {
            break;
        }
    }
    match cases.as_slice() {
        [] => None,
        [(condition, (value, There::Always))] if condition.is_empty() => {
            Some(match growth(scope, event, field, from) {
                Some(growth) => ChangeKind::Grows(growth, value.clone()),
                None => ChangeKind::Always(value.clone()),
            })
        }
        [(condition, of)] if condition.is_empty() => Some(ChangeKind::IfSome(of.clone())),
        _ => Some(ChangeKind::First(cases)),
    }
}

/// How the field's own list grows, if that is all that the first directive does to it.
fn growth(scope: &Scope<'_>, event: &Event, field: &Field, from: &[&From]) -> Option<TokenStream> {
    let (_, value) = from.first()?.values.iter().find(|(name, _)| *name == event.name)?;
    let is_own = |list: &Expr| match &list.kind {
        ExprKind::Field { base, name, .. } => {
            matches!(base.kind, ExprKind::Var(Var::Projection)) && *name == field.name
        }
        _ => false,
    };
    if field.ty.required { scope.growth(value, is_own) } else { None }
}

/// The field's new value; `None` if it is always nil and nil leaves the field alone.
fn value_of(scope: &Scope<'_>, field: &Field, value: &Expr, allow_null: bool) -> Option<ChangeOf> {
    if let ExprKind::Widen(inner) = &value.kind
        && inner.ty.required
        && !value.ty.required
    {
        let value = scope.owned(inner);
        if is_same(&inner.ty.ty, &field.ty.ty) && field.ty.required {
            return Some((value, There::Always));
        }
    }
    let is_nil = matches!(value.kind, ExprKind::Nil)
        || matches!(&value.kind, ExprKind::Widen(inner) if inner.ty.ty == Type::Nil);
    let sure = value.ty.required || matches!(&value.kind, ExprKind::Widen(inner) if inner.ty.required);
    let tokens = scope.owned(value);
    match (field.ty.required, sure, allow_null) {
        (true, true, _) => Some((tokens, There::Always)),
        (false, true, _) if value.ty.required => Some((quote!(Some(#tokens)), There::Always)),
        (false, true, _) => Some((tokens, There::Always)),
        (_, false, false) if is_nil => None,
        (true, false, false) => Some((tokens, There::Perhaps)),
        (false, false, false) => Some((tokens, There::Kept)),
        (false, false, true) => Some((tokens, There::Always)),
        (true, false, true) => {
            let zero = zero_value(&field.ty, scope.service, &scope.home);
            if is_nil {
                return Some((zero, There::Always));
            }
            let tokens = group(&tokens);
            Some((quote!(#tokens.unwrap_or_default()), There::Always))
        }
    }
}
