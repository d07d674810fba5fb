//! Tags: of an event's payload, and of a command's fields for its queries.

use crate::emit::rust::expression::{Code, Form, Piece, Scope, Want, format_text};
use crate::emit::rust::import;
use crate::emit::rust::types::is_copy;
use crate::model::{Expr, ExprKind, FieldType, Function, TagPart, TagTemplate, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// What must be there for a tag to be: `if let` and `for` heads, outermost first.
#[derive(Debug, Default)]
pub struct Around(Vec<(TokenStream, Head)>);

#[derive(Clone, Copy, Debug)]
enum Head {
    Each,
    IfThere,
}

impl Around {
    /// Whether the tag is there in any case.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The statement inside of all heads.
    pub fn wrap(&self, statement: TokenStream) -> TokenStream {
        self.0.iter().rev().fold(statement, |inner, (head, kind)| match kind {
            Head::Each => quote!(for #head { #inner }),
            Head::IfThere => quote!(if let #head { #inner }),
        })
    }
}

/// The body of `tags()`: `Ok(vec![…])`, or pushes where nil or a list can come; `of_files` adds those of files.
pub(super) fn tags_body(scope: &Scope<'_>, templates: &[TagTemplate], of_files: Vec<TokenStream>) -> TokenStream {
    let (mut always, mut sometimes) = (Vec::new(), Vec::new());
    for template in templates {
        let mut around = Around::default();
        let tag = tag_code(scope, template, &mut around);
        match around.is_empty() {
            true => always.push(tag),
            false => sometimes.push(around.wrap(quote!(tags.push(#tag);))),
        }
    }
    sometimes.extend(of_files);
    let first = if always.is_empty() { quote!(Vec::new()) } else { quote!(vec![#(#always),*]) };
    if sometimes.is_empty() {
        return quote!(Ok(#first));
    }
    quote! {
        let mut tags = #first;
        #(#sometimes)*
        Ok(tags)
    }
}

/// The expression of one tag. What may be missing (a nil gives no tag) or many (one tag for each element of a list) is bound
/// in `around`.
pub fn tag_code(scope: &Scope<'_>, template: &TagTemplate, around: &mut Around) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let mut pieces = Vec::new();
    for part in &template.parts {
        match part {
            TagPart::Text(text) => pieces.push(Piece::Text(text.clone())),
            TagPart::Hole(hole) => pieces.push(Piece::Value(hole_value(scope, hole, around))),
        }
    }
    let text = match pieces.as_slice() {
        [Piece::Text(text)] => quote!(#text),
        pieces => format_text(pieces),
    };
    quote!(#rt::Tag::new(#text))
}

/// The value of a hole; what may be missing or many is bound around it first.
fn hole_value(scope: &Scope<'_>, hole: &Expr, around: &mut Around) -> TokenStream {
    bound_value(scope, hole, around).0.tokens
}

/// A value that is there, and its type. A nil gives none, a list each of its elements, untyped JSON its text.
pub fn bound_value(scope: &Scope<'_>, value: &Expr, around: &mut Around) -> (Code, FieldType) {
    if let Some((function, inner)) = shaped_if_there(value) {
        let (inner, _) = bound_value(scope, inner, around);
        let inner = inner.tokens;
        let shaped = if function == Function::Lower { quote!(#inner.to_lowercase()) } else { quote!(#inner.trim()) };
        return (Code::new(shaped), FieldType::required(Type::String));
    }
    let rt = import("scaffold_runtime::codegen");
    let mut ty = value.ty.clone();
    let mut value = scope.code(value, Want::Borrowed);
    loop {
        let variable = match around.0.len() {
            0 => format_ident!("value"),
            n => format_ident!("value{}", n + 1),
        };
        if ty.ty == Type::Json {
            let json = value.borrowed(&ty);
            around.0.push((quote!(#variable in #rt::expr::json_ids(#json)), Head::Each));
            return (Code::new(quote!(#variable)), FieldType::required(Type::String));
        } else if !ty.required {
            let optional = if matches!(value.form, Form::Place) && !is_copy(&ty.ty) {
                let place = &value.tokens;
                quote!(&#place)
            } else {
                value.borrowed(&ty)
            };
            around.0.push((quote!(Some(#variable) = #optional), Head::IfThere));
            ty.required = true;
            let form = if is_copy(&ty.ty) { Form::Owned } else { Form::PlaceRef };
            value = Code::of(form, quote!(#variable));
        } else if let Type::List(element) = &ty.ty {
            let list = value.borrowed(&ty);
            around.0.push((quote!(#variable in #list), Head::Each));
            ty = FieldType::clone(element);
            value = Code::of(Form::PlaceRef, quote!(#variable));
        } else {
            return (value, ty);
        }
    }
}

/// `email == nil ? nil : lower(email)`, which is what `{email | lower()}` says of a value that may be nil: since a nil gives no
/// tag, the value is bound first and shaped then.
fn shaped_if_there(value: &Expr) -> Option<(Function, &Expr)> {
    let ExprKind::Conditional { then, otherwise, .. } = &value.kind else { return None };
    let (ExprKind::Nil, ExprKind::Widen(shaped)) = (&then.kind, &otherwise.kind) else { return None };
    let ExprKind::Call { function: function @ (Function::Lower | Function::Trim), arguments } = &shaped.kind else {
        return None;
    };
    match arguments.as_slice() {
        [Expr { kind: ExprKind::Narrowed(inner), .. }] => Some((*function, inner)),
        _ => None,
    }
}
