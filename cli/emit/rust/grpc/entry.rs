//! `convert/<entry>.rs`: an entry, its requests, filters and orders, and what a CRUD type is written from.

use super::convert::Reading;
use super::{Grpc, proto};
use crate::emit::proto::wire::Position;
use crate::emit::proto::{entry_fields, filter_name};
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, ident, type_ident};
use crate::model::{EntryType, Field, FieldName, FieldType, Kind, Type, TypeName};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

impl Grpc<'_> {
    /// Everything of an entry that travels.
    pub(super) fn entry(&self, entry: &EntryType) -> Vec<TokenStream> {
        let source = self.entry_path(entry);
        let base = entry_fields();
        let of_all: Vec<_> = base.iter().map(|(name, _, ty)| (name, ty.clone(), Position::Value)).collect();
        let mut fields = self.fields_out(&of_all);
        fields.extend(entry.fields.iter().map(|field| self.shown(field)));
        let mut items = vec![
            self.outward(&source, &type_ident(&entry.name), fields),
            change(entry, &source),
            get(entry),
            wait(entry),
            list(entry),
            filter(entry),
            order(entry),
        ];
        if entry.hides() {
            items.splice(1..1, [without(entry)]);
            items.splice(3..3, [change_without(entry)]);
        }
        if entry.kind == Kind::Crud {
            items.extend([self.create(entry), self.update(entry)]);
        }
        items
    }

    /// A field of an answer: what some callers do not see may be null there.
    fn shown(&self, field: &Field) -> TokenStream {
        let name = field_ident(&field.name);
        let value = quote!(value.#name);
        let value = match field.shown() == field.ty {
            true => self.converter.field_out(&value, &field.ty, Position::Value),
            false => self.converter.present_out(&value, &field.ty.ty),
        };
        quote!(#name: #value)
    }

    /// The entry's struct in the crate that folds it.
    pub(super) fn entry_path(&self, entry: &EntryType) -> TokenStream {
        let home = self.sibling(if entry.kind == Kind::Crud { "crud" } else { "projections" });
        let name = type_ident(&entry.name);
        quote!(#home::#name)
    }

    fn create(&self, entry: &EntryType) -> TokenStream {
        let fields = entry.given_on_create().map(|field| {
            let required = field.ty.required && field.default.is_none();
            (&field.name, FieldType { ty: field.ty.ty.clone(), required }, Position::Value)
        });
        self.written("Create", entry, fields.collect())
    }

    fn update(&self, entry: &EntryType) -> TokenStream {
        let fields = entry.given_on_update().map(|field| (&field.name, field.ty.clone(), Position::Update));
        self.written("Update", entry, fields.collect())
    }

    fn written(&self, verb: &str, entry: &EntryType, fields: Vec<(&FieldName, FieldType, Position)>) -> TokenStream {
        let crud = self.sibling("crud");
        let name = message(&format!("{verb}{}", entry.name));
        let reading = Reading { target: quote!(#crud::#name), message: name, fields };
        // Both are read the same way, whatever their fields.
        self.reading(reading, true)
    }
}

/// The Rust name of a message.
pub(super) fn message(name: &str) -> Ident {
    type_ident(&TypeName::new(name))
}

fn change(entry: &EntryType, source: &TokenStream) -> TokenStream {
    let (rt, proto) = (import("scaffold_runtime::codegen"), proto());
    let name = message(&format!("{}Change", entry.name));
    let module = ident(&TypeName::new(format!("{}Change", entry.name)).snake());
    let errors = entry.hides().then(|| quote!(, errors: Vec::new()));
    quote! {
        impl From<#rt::Change<#source>> for #proto::#name {
            fn from(change: #rt::Change<#source>) -> Self {
                let change = match change {
                    #rt::Change::Data(entry) => #proto::#module::Change::Data(entry.into()),
                    #rt::Change::Removed(id) => #proto::#module::Change::Removed(id),
                };
                Self { change: Some(change) #errors }
            }
        }
    }
}

/// The entry as a caller may see it who does not see every field.
fn without(entry: &EntryType) -> TokenStream {
    let (rt, proto, name) = (import("scaffold_runtime::codegen"), proto(), type_ident(&entry.name));
    let emptied = entry.hidden().map(|field| {
        let (written, field) = (field.name.as_written(), field_ident(&field.name));
        quote! {
            if hidden.holds(#written) {
                self.#field = None;
            }
        }
    });
    quote! {
        impl #proto::#name {
            /// Leaves out what the caller may not see.
            pub(crate) fn without(mut self, hidden: &#rt::Hidden) -> Self {
                #(#emptied)*
                self
            }
        }
    }
}

fn change_without(entry: &EntryType) -> TokenStream {
    let (rt, proto) = (import("scaffold_runtime::codegen"), proto());
    let name = message(&format!("{}Change", entry.name));
    let module = ident(&TypeName::new(format!("{}Change", entry.name)).snake());
    quote! {
        impl #proto::#name {
            /// Leaves out what the caller may not see, and says so.
            pub(crate) fn without(self, hidden: &#rt::Hidden) -> Self {
                match self.change {
                    Some(#proto::#module::Change::Data(entry)) => {
                        let change = #proto::#module::Change::Data(entry.without(hidden));
                        Self { change: Some(change), errors: hidden.errors() }
                    }
                    change => Self { change, ..self },
                }
            }
        }
    }
}

fn get(entry: &EntryType) -> TokenStream {
    let (rt, proto, name) =
        (import("scaffold_runtime::codegen"), proto(), message(&format!("Get{}Request", entry.name)));
    quote! {
        impl TryFrom<#proto::#name> for #rt::Get {
            type Error = #rt::Invalid;

            fn try_from(message: #proto::#name) -> Result<Self, #rt::Invalid> {
                Ok(Self {
                    id: message.id,
                    filter: #rt::convert::or_default(message.filter)?,
                    return_empty: message.return_empty_data_if_not_found,
                    wait: message.wait.map(TryInto::try_into).transpose()?,
                    strong: message.use_strong_consistency,
                    fields: message.fields,
                })
            }
        }
    }
}

fn wait(entry: &EntryType) -> TokenStream {
    let (rt, proto, name) = (import("scaffold_runtime::codegen"), proto(), message(&format!("{}Wait", entry.name)));
    quote! {
        impl TryFrom<#proto::#name> for #rt::Wait {
            type Error = #rt::Invalid;

            fn try_from(message: #proto::#name) -> Result<Self, #rt::Invalid> {
                Ok(Self {
                    timeout_ms: message.timeout.unwrap_or_default(),
                    condition: #rt::convert::or_default(message.condition_filter)?,
                })
            }
        }
    }
}

fn list(entry: &EntryType) -> TokenStream {
    let (rt, proto) = (import("scaffold_runtime::codegen"), proto());
    let name = message(&format!("Get{}ListRequest", entry.name));
    quote! {
        impl TryFrom<#proto::#name> for #rt::List {
            type Error = #rt::Invalid;

            fn try_from(message: #proto::#name) -> Result<Self, #rt::Invalid> {
                Ok(Self {
                    limit: message.limit,
                    page: message.page,
                    after: message.after,
                    filter: #rt::convert::or_default(message.filter)?,
                    order: message.order.map(Into::into).unwrap_or_default(),
                    strong: message.use_strong_consistency,
                    fields: message.fields,
                })
            }
        }
    }
}

fn filter(entry: &EntryType) -> TokenStream {
    let (rt, proto, name) = (import("scaffold_runtime::codegen"), proto(), message(&format!("{}Filter", entry.name)));
    let base = entry_fields();
    let of_all = base.iter().map(|(name, _, ty)| (name, &ty.ty));
    let indexed = entry.fields.iter().filter(|field| field.indexed).map(|field| (&field.name, &field.ty.ty));
    let parts = of_all.chain(indexed).map(|(name, ty)| {
        let (column, field, function) = (name.column(), field_ident(name), filter_function(ty));
        quote!(#rt::filter::#function(#column, message.#field)?)
    });
    quote! {
        impl TryFrom<#proto::#name> for #rt::Filter {
            type Error = #rt::Invalid;

            fn try_from(message: #proto::#name) -> Result<Self, #rt::Invalid> {
                let and = message.and.into_iter().map(Self::try_from).collect::<Result<_, _>>()?;
                let or = message.or.into_iter().map(Self::try_from).collect::<Result<_, _>>()?;
                Ok(Self::all(vec![#(#parts,)* Self::all(and), Self::any(or)]))
            }
        }
    }
}

fn filter_function(ty: &Type) -> Ident {
    match ty {
        Type::Enum(_) => ident("enumeration"),
        _ => ident(&TypeName::new(filter_name(ty)).snake()),
    }
}

fn order(entry: &EntryType) -> TokenStream {
    let (rt, proto, name) = (import("scaffold_runtime::codegen"), proto(), message(&format!("{}Order", entry.name)));
    let base = entry_fields();
    let of_all = base.iter().map(|(name, ..)| name);
    let sortable = entry.fields.iter().filter(|field| field.indexed && !matches!(field.ty.ty, Type::List(_)));
    let parts = of_all.chain(sortable.map(|field| &field.name)).map(|name| {
        let (column, field) = (name.column(), field_ident(name));
        quote!((#column, message.#field))
    });
    quote! {
        impl From<#proto::#name> for Vec<#rt::Order> {
            fn from(message: #proto::#name) -> Self {
                #rt::order([#(#parts),*])
            }
        }
    }
}
