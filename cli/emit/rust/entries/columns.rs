//! Fields as columns: kinds, writing, reading.

use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::model::{Field, Type, TypeName};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// How a type meets its column.
enum Column {
    /// Written by `Value::from`; the constructor of its column is called as its reader.
    Scalar(&'static str),
    Enumeration,
    Json,
}

fn column(ty: &Type) -> Column {
    match ty {
        Type::Id | Type::String | Type::Reference(_) => Column::Scalar("text"),
        Type::Int => Column::Scalar("integer"),
        Type::Float => Column::Scalar("real"),
        Type::Boolean => Column::Scalar("boolean"),
        Type::DateTime => Column::Scalar("instant"),
        Type::Date => Column::Scalar("date"),
        Type::Decimal => Column::Scalar("decimal"),
        Type::Enum(_) => Column::Enumeration,
        Type::Json | Type::Object(_) | Type::File | Type::List(_) | Type::Nil | Type::Map(_) => Column::Json,
    }
}

/// The variant of `ColumnKind` for a type.
pub fn column_kind(ty: &Type) -> Ident {
    let name = match column(ty) {
        Column::Scalar(kind) => kind,
        Column::Enumeration => "text",
        Column::Json => "json",
    };
    type_ident(&TypeName::new(name))
}

/// `Column::text("seat_no", "seatNo").indexed()`
pub(super) fn declaration(field: &Field) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let kind = match column(&field.ty.ty) {
        Column::Scalar(kind) => format_ident!("{kind}"),
        Column::Enumeration => format_ident!("text"),
        Column::Json => format_ident!("json"),
    };
    let (name, written) = (field.name.column(), field.name.as_written());
    let indexed = field.indexed.then(|| quote!(.indexed()));
    quote!(#rt::Column::#kind(#name, #written) #indexed)
}

/// The field as a value of its column.
pub(super) fn write(field: &Field) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let name = field_ident(&field.name);
    match column(&field.ty.ty) {
        Column::Scalar("text") if field.ty.required => quote!(#rt::Value::from(&self.#name)),
        Column::Scalar("text") => quote!(#rt::Value::from(self.#name.as_deref())),
        Column::Scalar(..) => quote!(#rt::Value::from(self.#name)),
        Column::Enumeration => quote!(#rt::Value::enumeration(&self.#name)?),
        Column::Json => quote!(#rt::Value::json(&self.#name)?),
    }
}

/// The field from its column.
pub(super) fn read(field: &Field) -> TokenStream {
    let reader = match column(&field.ty.ty) {
        Column::Scalar(reader) => reader,
        Column::Enumeration => "enumeration",
        Column::Json => "json",
    };
    let reader = if field.ty.required { format_ident!("{reader}") } else { format_ident!("optional_{reader}") };
    let column = field.name.column();
    quote!(row.#reader(#column)?)
}
