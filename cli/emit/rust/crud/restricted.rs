//! Which fields with a permission of their own a caller writes.

use super::Parts;
use crate::emit::rust::names::field_ident;
use crate::model::{Access, Field};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// `sets` and `changes` of `CrudType`, where some fields are not for everybody to write.
pub(super) fn items(parts: &Parts<'_>) -> TokenStream {
    let fields = &parts.crud.entry.fields;
    let fields = || fields.iter().filter(|field| field.claim.is_none());
    let set = |field: &Field| (field.access.create != Access::Public).then(|| is_set(field, true));
    let changed = |field: &Field| (field.access.update != Access::Public).then(|| is_set(field, false));
    let sets = function(format_ident!("sets"), format_ident!("Create"), fields().filter_map(set).collect());
    let changes = function(format_ident!("changes"), format_ident!("Update"), fields().filter_map(changed).collect());
    quote!(#sets #changes)
}

/// The field's name, and whether the data gives it.
fn is_set(field: &Field, creation: bool) -> (String, TokenStream) {
    let name = field_ident(&field.name);
    let is_always = creation && field.ty.required && field.default.is_none();
    let given = if is_always { quote!(true) } else { quote!(data.#name.is_some()) };
    (field.name.as_written().to_owned(), given)
}

fn function(name: Ident, data: Ident, fields: Vec<(String, TokenStream)>) -> Option<TokenStream> {
    let is_read = fields.iter().any(|(_, given)| given.to_string() != "true");
    let argument = if is_read { quote!(data) } else { quote!(_) };
    let fields: Vec<_> = fields.iter().map(|(field, given)| quote!((#field, #given))).collect();
    (!fields.is_empty()).then(|| {
        quote! {
            fn #name(#argument: &Self::#data) -> Vec<&'static str> {
                let fields = [#(#fields),*];
                fields.into_iter().filter_map(|(field, is_set)| is_set.then_some(field)).collect()
            }
        }
    })
}
