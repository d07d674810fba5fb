//! Filters and orders of an entry.

use super::names::{graphql_name, joined};
use super::{Gateway, gateway};
use crate::emit::proto::{entry_fields, filter_name};
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, ident};
use crate::model::{EntryType, FieldName, Type};
use proc_macro2::TokenStream;
use quote::quote;

impl Gateway<'_> {
    pub(super) fn filter(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (graphql, gateway, proto) = (import("async_graphql"), gateway(), self.proto());
        let base = entry_fields();
        let of_all = base.iter().map(|(name, _, ty)| (name, &ty.ty));
        let indexed = entry.fields.iter().filter(|field| field.indexed).map(|field| (&field.name, &field.ty.ty));
        let all: Vec<(&FieldName, &Type)> = of_all.chain(indexed).collect();
        let declared = all.iter().map(|(name, ty)| {
            let (field, named) = (field_ident(name), graphql_name(name));
            let filter = ident(&format!("{}FieldFilter", filter_name(ty)));
            let doc = format!(" Restricts `{name}`.");
            quote!(#[doc = #doc] #named #field: Option<#gateway::#filter>)
        });
        let fields = all.iter().map(|(name, _)| field_ident(name));
        let name = joined(&[&entry.name.rust(), "Filter"]);
        let doc = format!(" Restricts entries of `{}`; everything that is set must hold.", entry.name);
        let mut items = vec![
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #name {
                    #(#declared,)*
                    /// All of these must hold.
                    and: Option<Vec<#name>>,
                    /// One of these must hold, if there are any.
                    or: Option<Vec<#name>>,
                }
            },
            quote! {
                impl From<#name> for #proto::#name {
                    fn from(filter: #name) -> Self {
                        Self {
                            #(#fields: filter.#fields.map(Into::into),)*
                            and: filter.and.unwrap_or_default().into_iter().map(Into::into).collect(),
                            or: filter.or.unwrap_or_default().into_iter().map(Into::into).collect(),
                        }
                    }
                }
            },
        ];
        items.extend(self.order(entry));
        items
    }

    fn order(&self, entry: &EntryType) -> [TokenStream; 2] {
        let (graphql, gateway, proto) = (import("async_graphql"), gateway(), self.proto());
        let base = entry_fields();
        let sortable = entry.fields.iter().filter(|field| field.indexed && !matches!(field.ty.ty, Type::List(_)));
        let all: Vec<&FieldName> =
            base.iter().map(|(name, ..)| name).chain(sortable.map(|field| &field.name)).collect();
        let declared = all.iter().map(|name| {
            let (field, named) = (field_ident(name), graphql_name(name));
            let doc = format!(" Sorts by `{name}`.");
            quote!(#[doc = #doc] #named #field: Option<#gateway::FieldOrder>)
        });
        let fields = all.iter().map(|name| field_ident(name));
        let name = joined(&[&entry.name.rust(), "Order"]);
        let doc = format!(" Sorts entries of `{}`.", entry.name);
        [
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #name { #(#declared),* }
            },
            quote! {
                impl From<#name> for #proto::#name {
                    fn from(order: #name) -> Self {
                        Self { #(#fields: order.#fields.map(Into::into)),* }
                    }
                }
            },
        ]
    }
}
