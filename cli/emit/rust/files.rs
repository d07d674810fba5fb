//! What generated types say of the files that they hold: which to keep, and which to look up when they come in.

use super::import;
use super::names::field_ident;
use crate::model::{FieldName, FieldType, Service};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The fields of something that hold files, among others.
pub struct Holder<'a> {
    /// Whose types.
    pub service: &'a Service,
    /// The struct that has the fields.
    pub name: &'a Ident,
    /// All of its fields.
    pub fields: Vec<(&'a FieldName, &'a FieldType)>,
}

impl Holder<'_> {
    /// `impl HoldsFiles`, if it holds any: so that an event can say which files it needs.
    pub fn holds_files(&self) -> Option<TokenStream> {
        let (rt, name) = (import("scaffold_runtime::codegen"), self.name);
        let fields: Vec<_> = self.holding().map(field_ident).collect();
        (!fields.is_empty()).then(|| {
            quote! {
                impl #rt::HoldsFiles for #name {
                    fn files<'a>(&'a self, found: &mut Vec<&'a #rt::File>) {
                        #(self.#fields.files(found);)*
                    }
                }
            }
        })
    }

    /// `impl TakesFiles`, if it holds any: so that what a caller names by its id is looked up.
    pub fn takes_files(&self) -> Option<TokenStream> {
        let (rt, name) = (import("scaffold_runtime::codegen"), self.name);
        let fields: Vec<_> = self.holding().map(field_ident).collect();
        let written = self.holding().map(FieldName::as_written);
        (!fields.is_empty()).then(|| {
            quote! {
                impl #rt::TakesFiles for #name {
                    fn files<'a>(&'a mut self, found: &mut #rt::FilesFound<'a>) {
                        #(found.field(#written, &mut self.#fields);)*
                    }
                }
            }
        })
    }

    fn holding(&self) -> impl Iterator<Item = &FieldName> {
        self.fields.iter().filter(|(_, ty)| self.service.holds_files(ty)).map(|(name, _)| *name)
    }
}

/// The statements that add the tags of the files in an event's fields to `tags`.
pub fn tags_of_files<'a>(
    service: &Service,
    fields: impl Iterator<Item = (&'a FieldName, &'a FieldType)>,
) -> Vec<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let holding = fields.filter(|(_, ty)| service.holds_files(ty)).map(|(name, _)| field_ident(name));
    holding.map(|field| quote!(tags.extend(#rt::file_tags(&self.#field));)).collect()
}
