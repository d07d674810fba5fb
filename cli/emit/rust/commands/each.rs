//! Loops over the list that an `each` names.

use super::slice::Slice;
use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::emit::rust::tokens::uses;
use crate::model::{FieldName, Type};
use proc_macro2::TokenStream;
use quote::quote;

/// The statements for every element of the list, with `item` and `index` as far as they name them.
pub(super) fn for_each(slice: &Slice<'_>, list: &FieldName, body: &TokenStream) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let elements = lent(slice, list);
    let item = if uses(body, "item") { quote!(item) } else { quote!(_) };
    if uses(body, "index") {
        return quote!(for (index, #item) in #rt::expr::each(#elements)?.enumerate() { #body });
    }
    quote!(for #item in #rt::expr::each(#elements)? { #body })
}

/// One value for each element; the value may name `item`.
pub(super) fn of_each(slice: &Slice<'_>, list: &FieldName, value: &TokenStream) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    if uses(value, "item") {
        let elements = lent(slice, list);
        return quote!(#rt::expr::map(#elements, |item| Ok(#value))?);
    }
    let elements = elements(slice, list);
    quote!(vec![#value; #elements.len()])
}

/// `let item = …;` for the element at `index`, if the statements name it.
pub(super) fn item_at_index(slice: &Slice<'_>, list: &FieldName, body: &TokenStream) -> Option<TokenStream> {
    let elements = elements(slice, list);
    uses(body, "item").then(|| quote!(let item = &#elements[index];))
}

/// The list as a place; no list is one without elements.
fn elements(slice: &Slice<'_>, list: &FieldName) -> TokenStream {
    let field = field_ident(list);
    if is_there(slice, list) { quote!(self.#field) } else { quote!(self.#field.as_deref().unwrap_or_default()) }
}

/// The list as a slice.
fn lent(slice: &Slice<'_>, list: &FieldName) -> TokenStream {
    let elements = elements(slice, list);
    if is_there(slice, list) { quote!(&#elements) } else { elements }
}

fn is_there(slice: &Slice<'_>, list: &FieldName) -> bool {
    let field = slice.command.fields.iter().find(|field| field.name == *list);
    field.is_some_and(|field| field.ty.required && matches!(field.ty.ty, Type::List(_)))
}
