//! The slice's error: a variant a case, with the values that its message shows.

use super::slice::Slice;
use crate::emit::rust::expression::Scope;
use crate::emit::rust::names::{ident, type_ident};
use crate::emit::rust::types::{is_copy, is_text, required_type};
use crate::emit::rust::{docs, import};
use crate::model::{ErrorCase, Expr, FieldName, Message, MessagePart, Type};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    vec![error_enum(slice), rejection(slice)]
}

fn error_enum(slice: &Slice<'_>) -> TokenStream {
    let thiserror = import("thiserror");
    let name = &slice.error;
    let cases = &slice.command.errors;
    let doc = match cases.is_empty() {
        true => format!("`{}` is never rejected.", slice.command.name),
        false => format!("Why `{}` was rejected.", slice.command.name),
    };
    let doc = docs(Some(&doc));
    let cases = cases.iter().map(|case| error_case(slice, case));
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq, #thiserror::Error)]
        pub enum #name {
            #(#cases)*
        }
    }
}

fn error_case(slice: &Slice<'_>, case: &ErrorCase) -> TokenStream {
    let name = type_ident(&case.name);
    if slice.command.custom.is_some() {
        let doc = docs(Some(&format!("`{}`, with what the caller reads.", case.name)));
        return quote!(#doc #[error("{0}")] #name(String),);
    }
    let doc = docs(Some(&as_written(&case.message)));
    let format = format_string(&case.message);
    let mut named = Vec::new();
    let mut fields = Vec::new();
    for part in &case.message.parts {
        let MessagePart::Hole { name, value } = part else { continue };
        if named.contains(&name) {
            continue;
        }
        named.push(name);
        let (field, ty) = (case_field(name), hole_type(slice, value));
        fields.push(quote!(#field: #ty));
    }
    let fields = (!fields.is_empty()).then(|| quote!({ #(#fields),* }));
    quote!(#doc #[error(#format)] #name #fields,)
}

fn rejection(slice: &Slice<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let name = &slice.error;
    let arms = slice.command.errors.iter().map(|case| {
        let (variant, written) = (type_ident(&case.name), case.name.as_written());
        let has_fields = case.message.parts.iter().any(|part| matches!(part, MessagePart::Hole { .. }));
        let fields = match slice.command.custom {
            Some(_) => Some(quote!((_))),
            None => has_fields.then(|| quote!({ .. })),
        };
        quote!(Self::#variant #fields => #written,)
    });
    let this = if slice.command.errors.is_empty() { quote!(*self) } else { quote!(self) };
    quote! {
        impl #rt::Rejection for #name {
            fn code(&self) -> &'static str {
                match #this {
                    #(#arms)*
                }
            }
        }
    }
}

/// The message with its holes as the model writes them.
fn as_written(message: &Message) -> String {
    let parts = message.parts.iter().map(|part| match part {
        MessagePart::Text(text) => text.clone(),
        MessagePart::Hole { name, .. } => format!("`{name}`"),
    });
    parts.collect()
}

fn format_string(message: &Message) -> String {
    let parts = message.parts.iter().map(|part| match part {
        MessagePart::Text(text) => text.replace('{', "{{").replace('}', "}}"),
        MessagePart::Hole { name, .. } => format!("{{{}}}", case_field(name)),
    });
    parts.collect()
}

/// A field of an error. `source` and `backtrace` mean something to thiserror, keywords cannot stand in its message.
pub(super) fn case_field(name: &FieldName) -> Ident {
    let rust = name.rust();
    match rust.strip_prefix("r#").or(Some(rust.as_str()).filter(|name| matches!(*name, "source" | "backtrace"))) {
        Some(taken) => ident(&format!("{taken}_")),
        None => ident(&rust),
    }
}

/// Whether the value stands in the error as it is; all else is shown as text.
fn is_shown_itself(value: &Expr) -> bool {
    value.ty.required && (is_text(&value.ty.ty) || (is_copy(&value.ty.ty) && value.ty.ty != Type::Nil))
}

fn hole_type(slice: &Slice<'_>, value: &Expr) -> TokenStream {
    if is_shown_itself(value) { required_type(&value.ty.ty, &slice.events) } else { quote!(String) }
}

pub(super) fn hole_value(scope: &Scope<'_>, value: &Expr) -> TokenStream {
    if is_shown_itself(value) { scope.owned(value) } else { scope.shown(value) }
}
