//! Enums and nested objects of the schema.

use crate::emit::rust::files::Holder;
use crate::emit::rust::names::{field_ident, field_rename, screaming_case, type_ident};
use crate::emit::rust::types::{enum_value, rust_type};
use crate::emit::rust::{Home, docs, import};
use crate::model::{EnumType, EnumValue, ObjectType, Service};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn enum_items(declared: &EnumType) -> Vec<TokenStream> {
    vec![enum_type(declared), enum_text(declared), enum_display(declared)]
}

fn enum_type(declared: &EnumType) -> TokenStream {
    let serde = import("serde");
    let docs = docs(declared.doc.as_deref());
    let name = type_ident(&declared.name);
    let by_rule =
        declared.values.iter().all(|value| screaming_case(&enum_value(&value.name).to_string()) == value.name);
    let rule = by_rule.then(|| quote!(#[serde(rename_all = "SCREAMING_SNAKE_CASE")]));
    let values = declared.values.iter().enumerate().map(|(at, value)| variant(value, at == 0, by_rule));
    quote! {
        #docs
        #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, #serde::Serialize, #serde::Deserialize)]
        #rule
        pub enum #name {
            #(#values)*
        }
    }
}

fn variant(value: &EnumValue, is_first: bool, by_rule: bool) -> TokenStream {
    let docs = docs(value.doc.as_deref());
    let default = is_first.then(|| quote!(#[default]));
    let written = &value.name;
    let rename = (!by_rule).then(|| quote!(#[serde(rename = #written)]));
    let name = enum_value(written);
    quote!(#docs #default #rename #name,)
}

fn enum_text(declared: &EnumType) -> TokenStream {
    let name = type_ident(&declared.name);
    let arms = declared.values.iter().map(|value| {
        let (variant, written) = (enum_value(&value.name), &value.name);
        quote!(Self::#variant => #written,)
    });
    quote! {
        impl #name {
            /// The value as the schema writes it.
            pub fn as_str(self) -> &'static str {
                match self {
                    #(#arms)*
                }
            }
        }
    }
}

fn enum_display(declared: &EnumType) -> TokenStream {
    let fmt = import("std");
    let name = type_ident(&declared.name);
    quote! {
        impl #fmt::fmt::Display for #name {
            fn fmt(&self, formatter: &mut #fmt::fmt::Formatter<'_>) -> #fmt::fmt::Result {
                formatter.write_str(self.as_str())
            }
        }
    }
}

pub(super) fn object_items(service: &Service, declared: &ObjectType, home: &Home) -> Vec<TokenStream> {
    let name = type_ident(&declared.name);
    let fields = declared.fields.iter().map(|field| (&field.name, &field.ty)).collect();
    let holder = Holder { service, name: &name, fields };
    let of_files = holder.holds_files().into_iter().chain(holder.takes_files());
    std::iter::once(object_type(declared, home)).chain(of_files).collect()
}

fn object_type(declared: &ObjectType, home: &Home) -> TokenStream {
    let serde = import("serde");
    let docs_above = docs(declared.doc.as_deref());
    let name = type_ident(&declared.name);
    let fields = declared.fields.iter().map(|field| {
        let docs = docs(field.doc.as_deref());
        let rename = field_rename(&field.name);
        let (name, ty) = (field_ident(&field.name), rust_type(&field.ty, home));
        quote!(#docs #rename pub #name: #ty,)
    });
    quote! {
        #docs_above
        #[derive(Clone, Debug, Default, PartialEq, #serde::Serialize, #serde::Deserialize)]
        #[serde(rename_all = "camelCase")]
        pub struct #name {
            #(#fields)*
        }
    }
}
