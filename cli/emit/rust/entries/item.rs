//! The entry: its struct and `Entry`.

use super::{columns, rows};
use crate::emit::rust::commands::access;
use crate::emit::rust::expression::{Scope, is_fallible};
use crate::emit::rust::names::{field_ident, field_rename, type_ident};
use crate::emit::rust::types::{rust_type, zero_value};
use crate::emit::rust::{Home, docs, import, json};
use crate::model::{EntryType, Expr, ExprKind, Field, FieldAccess, FieldName, Kind, Service, Type};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// What the items of an entry are made from.
pub struct EntryCode<'a> {
    /// Its service.
    pub service: &'a Service,
    /// The entry.
    pub entry: &'a EntryType,
    /// Where events, enums and nested objects come from.
    pub events: Home,
    /// The hash of all that the fold uses.
    pub definition: String,
    /// Whether the fold asks if it sees the entry's first event.
    pub asks_first: bool,
}

/// The struct and its `Entry`.
pub fn entry_items(code: &EntryCode<'_>) -> Vec<TokenStream> {
    vec![entry_struct(code), entry_impl(code)]
}

fn entry_struct(code: &EntryCode<'_>) -> TokenStream {
    let (rt, serde) = (import("scaffold_runtime::codegen"), import("serde"));
    let default_doc = format!("An entry of `{}`.", code.entry.name);
    let docs_above = docs(Some(code.entry.doc.as_deref().unwrap_or(&default_doc)));
    let name = type_ident(&code.entry.name);
    let fields = code.entry.fields.iter().map(|field| {
        let docs = docs(field.doc.as_deref());
        let rename = field_rename(&field.name);
        let (name, ty) = (field_ident(&field.name), rust_type(&field.ty, &code.events));
        quote!(#docs #rename pub #name: #ty,)
    });
    let is_new = code.asks_first.then(|| {
        quote! {
            /// Whether no event has been applied yet.
            #[serde(skip)]
            pub(super) __is_new: bool,
        }
    });
    quote! {
        #docs_above
        #[derive(Clone, Debug, PartialEq, #serde::Serialize)]
        #[serde(rename_all = "camelCase")]
        pub struct #name {
            /// What it is found by.
            pub id: String,
            /// When the event that created it was raised.
            pub created_at: #rt::DateTime,
            /// When the last event that reached it was raised.
            pub changed_at: #rt::DateTime,
            #(#fields)*
            #is_new
        }
    }
}

fn entry_impl(code: &EntryCode<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let name = type_ident(&code.entry.name);
    let (table, access, fields) = (table(code), entry_access(code.entry), field_access(code.entry));
    let rows = rows::rules(code.entry);
    let unique = unique(code.entry);
    let (new, store, load) = (new(code), store(code.entry), load(code));
    let known = code.asks_first.then(|| quote!(self.__is_new = false;));
    quote! {
        impl #rt::Entry for #name {
            const TABLE: #rt::Table = #table;
            const ACCESS: #rt::EntryAccess = #access;
            #fields
            #rows
            #unique

            #new

            fn id(&self) -> &str {
                &self.id
            }

            fn created_at(&self) -> #rt::DateTime {
                self.created_at
            }

            fn changed_at(&self) -> #rt::DateTime {
                self.changed_at
            }

            fn touch(&mut self, at: #rt::DateTime) {
                self.changed_at = at;
                #known
            }

            #store

            #load
        }
    }
}

fn table(code: &EntryCode<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (entry, name, definition) = (code.entry.name.as_written(), code.entry.name.table(), &code.definition);
    let columns = code.entry.fields.iter().map(columns::declaration);
    let indexes = code.entry.indexes.iter().map(|index| {
        let columns = index.fields.iter().map(FieldName::column);
        quote!(&[#(#columns),*])
    });
    quote! {
        #rt::Table {
            entry: #entry,
            name: #name,
            definition: #definition,
            columns: &[#(#columns),*],
            indexes: &[#(#indexes),*],
        }
    }
}

fn entry_access(entry: &EntryType) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let who = &entry.access;
    if entry.kind != Kind::Crud {
        let (read, read_by_id) = (access(&who.read), access(&who.read_by_id));
        return quote!(#rt::EntryAccess::read_only(#read, #read_by_id));
    }
    let all = [&who.read, &who.read_by_id, &who.create, &who.update, &who.delete];
    if all.iter().all(|other| **other == who.read) {
        let same = access(&who.read);
        return quote!(#rt::EntryAccess::same(#same));
    }
    let [read, read_by_id, create, update, delete] = all.map(access);
    quote! {
        #rt::EntryAccess {
            read: #read,
            read_by_id: #read_by_id,
            create: #create,
            update: #update,
            delete: #delete,
        }
    }
}

/// The fields whose `@permission` asks for more than the entry's.
fn field_access(entry: &EntryType) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let restricted: Vec<TokenStream> = entry
        .fields
        .iter()
        .filter(|field| field.access != FieldAccess::open())
        .map(|field| {
            let (name, who) = (field.name.as_written(), &field.access);
            let [read, read_by_id, create, update] = [&who.read, &who.read_by_id, &who.create, &who.update].map(access);
            quote! {
                #rt::FieldAccess {
                    field: #name,
                    read: #read,
                    read_by_id: #read_by_id,
                    create: #create,
                    update: #update,
                }
            }
        })
        .collect();
    (!restricted.is_empty()).then(|| quote!(const FIELDS: &'static [#rt::FieldAccess] = &[#(#restricted),*];))
}

/// The constraints, by the columns that they are over.
fn unique(entry: &EntryType) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let constraints = entry.uniques.iter().map(|unique| {
        let (name, columns) = (&unique.name, unique.fields.iter().map(FieldName::column));
        quote!(#rt::Unique { name: #name, columns: &[#(#columns),*] })
    });
    (!entry.uniques.is_empty()).then(|| quote!(const UNIQUE: &'static [#rt::Unique] = &[#(#constraints),*];))
}

fn new(code: &EntryCode<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let values = code.entry.fields.iter().map(|field| {
        let (name, value) = (field_ident(&field.name), initial_value(code.service, &code.events, field));
        quote!(#name: #value,)
    });
    let is_new = code.asks_first.then(|| quote!(__is_new: true,));
    quote! {
        fn new(id: String, at: #rt::DateTime) -> Self {
            Self { id, created_at: at, changed_at: at, #(#values)* #is_new }
        }
    }
}

/// What a field holds in a new entry: its `@default`, else null or the type's zero value.
pub fn initial_value(service: &Service, events: &Home, field: &Field) -> TokenStream {
    match &field.default {
        Some(default) => default_value(service, events, (field, default)),
        None => zero_value(&field.ty, service, events),
    }
}

fn default_value(service: &Service, events: &Home, (field, default): (&Field, &Expr)) -> TokenStream {
    let scope = Scope::command(service, events.clone());
    let default = bare(default);
    let value = match (&default.kind, &field.ty.ty) {
        (_, Type::Json) => literal_json(default).map_or_else(|| scope.owned(default), |value| json::json(&value)),
        (ExprKind::Date(text), _) => quote!(#text.parse().unwrap_or_default()),
        _ => scope.owned(default),
    };
    let is_null = matches!(default.kind, ExprKind::Nil);
    let wraps = !field.ty.required && !is_null && (default.ty.required || field.ty.ty == Type::Json);
    let value = if wraps { quote!(Some(#value)) } else { value };
    debug_assert!(!is_fallible(&value), "a default is a literal");
    value
}

/// The literal below what makes it nullable.
fn bare(expr: &Expr) -> &Expr {
    match &expr.kind {
        ExprKind::Widen(inner) if inner.ty.ty == expr.ty.ty => bare(inner),
        _ => expr,
    }
}

/// A literal as JSON.
fn literal_json(expr: &Expr) -> Option<Value> {
    Some(match &expr.kind {
        ExprKind::Nil => Value::Null,
        ExprKind::Boolean(value) => Value::from(*value),
        ExprKind::Int(value) => Value::from(*value),
        ExprKind::Float { value, .. } => Value::from(*value),
        ExprKind::Text(text) | ExprKind::EnumValue(text) | ExprKind::Date(text) | ExprKind::Decimal(text) => {
            Value::from(text.as_str())
        }
        ExprKind::List(elements) => Value::Array(elements.iter().map(literal_json).collect::<Option<_>>()?),
        ExprKind::Map(entries) => {
            let entries = entries.iter().map(|(key, value)| Some((key.clone(), literal_json(value)?)));
            Value::Object(entries.collect::<Option<_>>()?)
        }
        ExprKind::Widen(inner) => literal_json(inner)?,
        _ => return None,
    })
}

fn store(entry: &EntryType) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let values = entry.fields.iter().map(columns::write);
    let values = if entry.fields.is_empty() { quote!(Vec::new()) } else { quote!(vec![#(#values),*]) };
    quote! {
        fn store(&self) -> Result<Vec<#rt::Value>, #rt::ValueError> {
            Ok(#values)
        }
    }
}

fn load(code: &EntryCode<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let values = code.entry.fields.iter().map(|field| {
        let (name, value) = (field_ident(&field.name), columns::read(field));
        quote!(#name: #value,)
    });
    let is_new = code.asks_first.then(|| quote!(__is_new: false,));
    quote! {
        fn load(row: #rt::EntryRow) -> Result<Self, #rt::ValueError> {
            Ok(Self {
                id: row.id(),
                created_at: row.created_at(),
                changed_at: row.changed_at(),
                #(#values)*
                #is_new
            })
        }
    }
}
