//! The language's functions.

use super::code::{Code, Form, group};
use super::{Scope, Want};
use crate::emit::rust::import;
use crate::emit::rust::types::{is_copy, is_text};
use crate::model::{Expr, ExprKind, FieldType, Function, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

impl Scope<'_> {
    pub(super) fn call(&self, function: Function, arguments: &[Expr], ty: &FieldType) -> Code {
        let Some((first, rest)) = arguments.split_first() else { return Code::new(quote!(vec![])) };
        match function {
            Function::Filter | Function::Map | Function::Any | Function::All | Function::None => {
                self.predicate(function, first, rest)
            }
            Function::Count | Function::Find => self.predicate(function, first, rest),
            Function::Sum | Function::IntSum => self.sum(function, first, rest),
            Function::Len | Function::Append | Function::Concat | Function::Unique | Function::Sort => {
                self.list_call(function, arguments)
            }
            Function::First | Function::Last => self.one_end(function, first, ty),
            Function::Min | Function::Max => self.extreme(function, arguments, ty),
            Function::Upper
            | Function::Lower
            | Function::Trim
            | Function::Split
            | Function::Join
            | Function::Replace
            | Function::String => self.text_call(function, first, rest),
            Function::Int | Function::Float | Function::Decimal => self.conversion(function, first),
            Function::Abs | Function::Round | Function::Floor | Function::Ceil => {
                self.rounding(function, first, rest, ty)
            }
        }
    }

    fn list_call(&self, function: Function, arguments: &[Expr]) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let lists: Vec<TokenStream> = arguments.iter().map(|argument| self.borrowed(argument)).collect();
        let list = &lists[0];
        Code::new(match function {
            Function::Len if arguments[0].ty.ty == Type::Json => quote!(#rt::expr::json_len(#list)?),
            Function::Len => quote!(#rt::expr::len(#list)),
            Function::Unique => quote!(#rt::expr::unique(#list)),
            Function::Sort => quote!(#rt::expr::sort(#list)),
            Function::Append => {
                let (list, elements) = (self.owned(&arguments[0]), self.all_owned(&arguments[1..]));
                quote!(#rt::expr::append(#list, [#(#elements),*]))
            }
            _ => quote!(#rt::expr::concat(&[#(#lists),*])),
        })
    }

    fn all_owned(&self, values: &[Expr]) -> Vec<TokenStream> {
        values.iter().map(|value| self.owned(value)).collect()
    }

    /// `push(x)` or `extend([x, y])` for an `append` to the very list that `is_grown` knows: it grows where it is.
    pub fn growth(&self, value: &Expr, is_grown: impl Fn(&Expr) -> bool) -> Option<TokenStream> {
        let ExprKind::Call { function: Function::Append, arguments } = &value.kind else { return None };
        let (_, elements) = arguments.split_first().filter(|(list, _)| list.ty.required && is_grown(list))?;
        let elements = self.all_owned(elements);
        Some(match elements.as_slice() {
            [element] => quote!(push(#element)),
            elements => quote!(extend([#(#elements),*])),
        })
    }

    fn one_end(&self, function: Function, list: &Expr, ty: &FieldType) -> Code {
        let end = if function == Function::First { quote!(first) } else { quote!(last) };
        let found = group(&self.code(list, Want::Borrowed).tokens);
        found_element(quote!(#found.#end()), list, ty)
    }

    fn extreme(&self, function: Function, arguments: &[Expr], ty: &FieldType) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let name = if function == Function::Min { quote!(min) } else { quote!(max) };
        if let [list] = arguments
            && matches!(list.ty.ty, Type::List(_))
        {
            let values = self.borrowed(list);
            return found_element(quote!(#rt::expr::#name(#values)), list, ty);
        }
        let mut values = arguments.iter().map(|argument| self.owned(argument));
        let first = values.next().unwrap_or_default();
        Code::new(values.fold(first, |least, value| {
            let least = group(&least);
            quote!(#least.#name(#value))
        }))
    }

    fn text_call(&self, function: Function, text: &Expr, rest: &[Expr]) -> Code {
        let rt = import("scaffold_runtime::codegen");
        if function == Function::String {
            return self.as_text(text);
        }
        let value = group(&self.code(text, Want::Borrowed).tokens);
        let rest: Vec<TokenStream> = rest.iter().map(|argument| self.lent(argument)).collect();
        match function {
            Function::Upper => Code::new(quote!(#value.to_uppercase())),
            Function::Lower => Code::new(quote!(#value.to_lowercase())),
            Function::Trim => Code::of(Form::Reference, quote!(#value.trim())),
            Function::Join => {
                let separator = rest.first().cloned().unwrap_or_else(|| quote!(""));
                Code::new(quote!(#value.join(#separator)))
            }
            Function::Split => {
                let value = self.borrowed(text);
                Code::new(quote!(#rt::expr::split(#value, #(#rest),*)))
            }
            _ => Code::new(quote!(#value.replace(#(#rest),*))),
        }
    }

    fn as_text(&self, value: &Expr) -> Code {
        if value.ty.required && is_text(&value.ty.ty) {
            return self.code(value, Want::Borrowed);
        }
        if value.ty.required && is_copy(&value.ty.ty) {
            let tokens = group(&self.owned(value));
            return Code::new(quote!(#tokens.to_string()));
        }
        Code::new(self.shown(value))
    }

    /// Any value as text for people.
    pub fn shown(&self, value: &Expr) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        let tokens = self.borrowed(value);
        let copied = is_copy(&value.ty.ty) || !value.ty.required;
        let tokens = if copied { quote!(&#tokens) } else { tokens };
        quote!(#rt::expr::show(#tokens))
    }

    fn conversion(&self, function: Function, value: &Expr) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let (target, name) = match function {
            Function::Int => (Type::Int, format_ident!("int")),
            Function::Float => (Type::Float, format_ident!("float")),
            _ => (Type::Decimal, format_ident!("decimal")),
        };
        if value.ty.ty == target {
            return self.code(value, Want::Owned);
        }
        let tokens = self.lent_or_copied(value);
        Code::new(quote!(#rt::expr::#name(#tokens)?))
    }

    fn rounding(&self, function: Function, value: &Expr, rest: &[Expr], ty: &FieldType) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let tokens = self.owned(value);
        let name = match function {
            Function::Abs => return Code::new(quote!(#rt::expr::abs(#tokens)?)),
            Function::Round => format_ident!("round"),
            Function::Floor => format_ident!("floor"),
            _ => format_ident!("ceil"),
        };
        if let [places] = rest {
            let places = self.owned(places);
            return Code::new(quote!(#rt::expr::round_to(#tokens, #places)?));
        }
        if value.ty.ty == Type::Int {
            return Code::new(tokens);
        }
        let rounded = quote!(#rt::expr::#name(#tokens));
        Code::new(if ty.ty == Type::Int { quote!(#rt::expr::int(#rounded)?) } else { rounded })
    }

    fn lent_or_copied(&self, value: &Expr) -> TokenStream {
        if is_copy(&value.ty.ty) { self.owned(value) } else { self.lent(value) }
    }
}

/// An element that was looked for: an `Option` of a look at it.
pub(super) fn found_element(found: TokenStream, list: &Expr, ty: &FieldType) -> Code {
    let Type::List(element) = &list.ty.ty else { return Code::new(found) };
    if is_copy(&ty.ty) {
        let flatten = if element.required { quote!() } else { quote!(.flatten()) };
        return Code::new(quote!(#found.copied()#flatten));
    }
    let tokens = match (&element.ty, element.required) {
        (text, true) if is_text(text) => quote!(#found.map(String::as_str)),
        (Type::List(_), true) => quote!(#found.map(Vec::as_slice)),
        (_, true) => found,
        (inside, false) => {
            let look = super::access::option_inside(inside);
            quote!(#found.and_then(#look))
        }
    };
    Code::of(Form::Reference, tokens)
}
