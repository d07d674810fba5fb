//! A compiled expression, and the ways to take its value.

use crate::emit::rust::types::{is_copy, is_text};
use crate::model::{FieldType, Type};
use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};
use quote::quote;

/// How a compiled expression gives its value of type `T`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Form {
    /// It names a `T` that belongs to somebody else: `self.title`.
    Place,
    /// It is a reference to the `T` as it is stored: `&String`, `&Vec<_>`, `&Option<_>`.
    PlaceRef,
    /// It is a look inside: `&str`, `&[_]`, `&T`, or an `Option` of those.
    Reference,
    /// It is a `T` of its own.
    Owned,
}

/// A compiled expression.
#[derive(Clone, Debug)]
pub struct Code {
    /// The Rust expression.
    pub tokens: TokenStream,
    /// What it gives.
    pub form: Form,
}

impl Code {
    /// A value of its own.
    pub fn new(tokens: TokenStream) -> Self {
        Self { tokens, form: Form::Owned }
    }

    /// A value of this form.
    pub fn of(form: Form, tokens: TokenStream) -> Self {
        Self { tokens, form }
    }

    /// The value, owned.
    pub fn owned(&self, ty: &FieldType) -> TokenStream {
        let tokens = group(&self.tokens);
        if is_copy(&ty.ty) {
            return self.copied(ty);
        }
        match (self.form, ty.required) {
            (Form::Owned, _) => self.tokens.clone(),
            (Form::Place | Form::PlaceRef, _) => quote!(#tokens.clone()),
            (Form::Reference, true) if is_text(&ty.ty) => quote!(#tokens.to_owned()),
            (Form::Reference, true) if matches!(ty.ty, Type::List(_)) => quote!(#tokens.to_vec()),
            (Form::Reference, true) => quote!(#tokens.clone()),
            (Form::Reference, false) if is_text(&ty.ty) => quote!(#tokens.map(str::to_owned)),
            (Form::Reference, false) if matches!(ty.ty, Type::List(_)) => quote!(#tokens.map(<[_]>::to_vec)),
            (Form::Reference, false) => quote!(#tokens.cloned()),
        }
    }

    /// The value, lent.
    pub fn borrowed(&self, ty: &FieldType) -> TokenStream {
        let tokens = group(&self.tokens);
        if is_copy(&ty.ty) {
            return self.copied(ty);
        }
        let inside = is_text(&ty.ty) || matches!(ty.ty, Type::List(_));
        match (self.form, ty.required) {
            (Form::Reference, _) | (Form::PlaceRef, true) => self.tokens.clone(),
            (Form::Place | Form::Owned, true) => quote!(&#tokens),
            (_, false) if inside => quote!(#tokens.as_deref()),
            (_, false) => quote!(#tokens.as_ref()),
        }
    }

    /// The value, lent as what is inside: `&str` and `&[_]`, never `&String`.
    pub fn lent(&self, ty: &FieldType) -> TokenStream {
        let tokens = group(&self.tokens);
        match self.form {
            Form::Reference => self.tokens.clone(),
            _ if ty.required && is_text(&ty.ty) => quote!(#tokens.as_str()),
            _ if ty.required && matches!(ty.ty, Type::List(_)) => quote!(#tokens.as_slice()),
            _ => self.borrowed(ty),
        }
    }

    /// The value as an operand of `==`, next to another bare one.
    pub fn bare(&self, ty: &FieldType) -> TokenStream {
        let tokens = group(&self.tokens);
        if is_copy(&ty.ty) {
            return self.copied(ty);
        }
        let inside = is_text(&ty.ty) || matches!(ty.ty, Type::List(_));
        match self.form {
            Form::Place | Form::Owned => self.tokens.clone(),
            Form::PlaceRef => quote!(*#tokens),
            Form::Reference if inside || !ty.required => self.tokens.clone(),
            Form::Reference => quote!(*#tokens),
        }
    }

    fn copied(&self, ty: &FieldType) -> TokenStream {
        let tokens = group(&self.tokens);
        match (self.form, ty.required) {
            (Form::Place | Form::Owned, _) => self.tokens.clone(),
            (Form::Reference, false) => quote!(#tokens.copied()),
            (Form::PlaceRef, _) | (Form::Reference, true) => quote!(*#tokens),
        }
    }
}

/// The expression as one operand: printed with parentheses only where Rust needs them.
pub fn group(tokens: &TokenStream) -> TokenStream {
    let mut trees = tokens.clone().into_iter();
    if let (Some(only), None) = (trees.next(), trees.next()) {
        return TokenTree::into(only);
    }
    TokenTree::Group(Group::new(Delimiter::None, tokens.clone())).into()
}

/// Whether the expression can leave its function early.
pub fn is_fallible(tokens: &TokenStream) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Punct(punct) => punct.as_char() == '?',
        TokenTree::Group(group) => is_fallible(&group.stream()),
        TokenTree::Ident(_) | TokenTree::Literal(_) => false,
    })
}

/// What looks like a call and costs nothing.
const LOOKS: [&str; 6] = ["Some", "as_str", "as_slice", "as_deref", "as_ref", "millis"];

/// Whether computing the expression takes a call, so that it should wait until it is needed.
pub fn takes_call(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let called = tokens.windows(2).any(|pair| match pair {
        [TokenTree::Ident(name), TokenTree::Group(group)] => {
            group.delimiter() == Delimiter::Parenthesis && !LOOKS.iter().any(|look| name == look)
        }
        // A macro, but for the one that is a constant.
        [TokenTree::Ident(name), TokenTree::Punct(punct)] => punct.as_char() == '!' && name != "dec",
        _ => false,
    });
    called || tokens.iter().any(|token| matches!(token, TokenTree::Group(group) if takes_call(&group.stream())))
}
