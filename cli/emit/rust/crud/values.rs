//! What becomes of the values that a caller gives: checked, completed, and compared with what is there.

use super::{Parts, owned};
use crate::emit::rust::entries::{EntryCode, initial_value};
use crate::emit::rust::expression::takes_call;
use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::model::{ExprKind, Field};
use proc_macro2::TokenStream;
use quote::quote;

/// The checks of values that have to be UUIDs, each a statement.
pub(super) fn uuids(parts: &Parts<'_>) -> Vec<TokenStream> {
    let checked = parts.crud.entry.writable().filter(|field| field.writing.uuid.is_some());
    let check = checked.map(|field| {
        let (name, written) = (field_ident(&field.name), field.name.as_written());
        quote!(written.uuid_v4(#written, &mut data.#name);)
    });
    check.collect()
}

/// The checks of values that stay as they were from the beginning, each a statement.
pub(super) fn unchanged(parts: &Parts<'_>) -> Vec<TokenStream> {
    let fixed = parts.crud.entry.writable().filter(|field| is_fixed(field));
    let check = fixed.map(|field| {
        let (name, written) = (field_ident(&field.name), field.name.as_written());
        quote!(written.unchanged(#written, data.#name, &self.#name);)
    });
    check.collect()
}

/// Whether no update ever gives the field another value.
pub(super) fn is_fixed(field: &Field) -> bool {
    !field.is_writable() || (field.writing.immutable.is_some() && field.ty.required)
}

/// A field of the event that creates an entry.
pub(super) fn created(field: &Field, entry: &EntryCode<'_>) -> TokenStream {
    let name = field_ident(&field.name);
    if let Some(claim) = &field.claim {
        return owned::value(field, claim);
    }
    let value = match (field.is_writable(), field.is_generated()) {
        (true, true) => generated(field),
        (false, true) => made(field),
        (true, false) => given(field, entry),
        (false, false) => initial_value(entry.service, &entry.events, field),
    };
    quote!(#name: #value)
}

/// What was given, else its default.
fn given(field: &Field, entry: &EntryCode<'_>) -> TokenStream {
    let name = field_ident(&field.name);
    let Some(written) = &field.default else { return quote!(data.#name) };
    if field.ty.required && matches!(&written.kind, ExprKind::List(elements) if elements.is_empty()) {
        return quote!(data.#name.unwrap_or_default());
    }
    let default = initial_value(entry.service, &entry.events, field);
    let call = match (field.ty.required, takes_call(&default)) {
        (true, false) => quote!(unwrap_or(#default)),
        (true, true) => quote!(unwrap_or_else(|| #default)),
        (false, false) => quote!(or(#default)),
        (false, true) => quote!(or_else(|| #default)),
    };
    quote!(data.#name.#call)
}

/// What was given, else a new UUID.
fn generated(field: &Field) -> TokenStream {
    let (rt, name) = (import("scaffold_runtime::codegen"), field_ident(&field.name));
    match field.ty.required {
        true => quote!(data.#name.unwrap_or_else(#rt::new_uuid_v4)),
        false => quote!(data.#name.or_else(|| Some(#rt::new_uuid_v4()))),
    }
}

/// A new UUID, whatever the caller says.
fn made(field: &Field) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    if field.ty.required { quote!(#rt::new_uuid_v4()) } else { quote!(Some(#rt::new_uuid_v4())) }
}

/// A field of the event that changes an entry.
pub(super) fn changed(field: &Field) -> TokenStream {
    let (name, written) = (field_ident(&field.name), field.name.as_written());
    if is_fixed(field) {
        return quote!(#name: None);
    }
    if field.writing.immutable.is_some() {
        return quote!(#name: written.once(#written, data.#name, &self.#name));
    }
    quote!(#name: data.#name.filter(|value| *value != self.#name))
}
