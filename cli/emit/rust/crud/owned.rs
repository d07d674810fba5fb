//! Fields that the token fills.

use super::Parts;
use crate::emit::rust::entries::column_kind;
use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::model::Field;
use proc_macro2::TokenStream;
use quote::quote;

/// `OWNED` of `CrudType`, where the token fills any.
pub(super) fn fields(parts: &Parts<'_>) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let owned: Vec<TokenStream> = parts.crud.entry.fields.iter().filter_map(owned).collect();
    (!owned.is_empty()).then(|| quote!(const OWNED: &'static [#rt::OwnedField] = &[#(#owned),*];))
}

fn owned(field: &Field) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let claim = field.claim.as_ref()?;
    let (name, column, kind) = (field.name.as_written(), field.name.column(), column_kind(&field.ty.ty));
    Some(quote!(#rt::OwnedField { field: #name, column: #column, claim: #claim, kind: #rt::ColumnKind::#kind }))
}

/// The field of a new entry.
pub(super) fn value(field: &Field, claim: &str) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (name, written) = (field_ident(&field.name), field.name.as_written());
    quote!(#name: #rt::claim(context, #claim, #written)?)
}
