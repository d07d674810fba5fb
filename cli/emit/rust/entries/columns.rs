//! Fields as columns: kinds, writing, reading.

use crate::emit::rust::import;
use crate::emit::rust::names::field_ident;
use crate::model::{Field, Type};
use proc_macro2::TokenStream;
use quote::{format_ident, quote};

/// How a type meets its column.
enum Column {
    /// Written by `Value::from`, read by this reader.
    Scalar(&'static str, &'static str),
    Enumeration,
    Json,
}

fn column(ty: &Type) -> Column {
    match ty {
        Type::Id | Type::String | Type::Reference(_) | Type::File => Column::Scalar("Text", "text"),
        Type::Int => Column::Scalar("Integer", "integer"),
        Type::Float => Column::Scalar("Real", "real"),
        Type::Boolean => Column::Scalar("Boolean", "boolean"),
        Type::DateTime => Column::Scalar("Instant", "instant"),
        Type::Date => Column::Scalar("Date", "date"),
        Type::Decimal => Column::Scalar("Decimal", "decimal"),
        Type::Enum(_) => Column::Enumeration,
        Type::Json | Type::Object(_) | Type::List(_) | Type::Nil | Type::Map(_) => Column::Json,
    }
}

/// `Column { name: "title", field: "title", kind: ColumnKind::Text, indexed: true }`
pub(super) fn declaration(field: &Field) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let kind = match column(&field.ty.ty) {
        Column::Scalar(kind, _) => format_ident!("{kind}"),
        Column::Enumeration => format_ident!("Text"),
        Column::Json => format_ident!("Json"),
    };
    let (name, written, indexed) = (field.name.column(), field.name.as_written(), field.indexed);
    quote!(#rt::Column { name: #name, field: #written, kind: #rt::ColumnKind::#kind, indexed: #indexed })
}

/// The field as a value of its column.
pub(super) fn write(field: &Field) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let name = field_ident(&field.name);
    match column(&field.ty.ty) {
        Column::Scalar("Text", _) if field.ty.required => quote!(#rt::Value::from(&self.#name)),
        Column::Scalar("Text", _) => quote!(#rt::Value::from(self.#name.as_deref())),
        Column::Scalar(..) => quote!(#rt::Value::from(self.#name)),
        Column::Enumeration => quote!(#rt::Value::enumeration(&self.#name)?),
        Column::Json => quote!(#rt::Value::json(&self.#name)?),
    }
}

/// The field from its column.
pub(super) fn read(field: &Field) -> TokenStream {
    let reader = match column(&field.ty.ty) {
        Column::Scalar(_, reader) => reader,
        Column::Enumeration => "enumeration",
        Column::Json => "json",
    };
    let reader = if field.ty.required { format_ident!("{reader}") } else { format_ident!("optional_{reader}") };
    let column = field.name.column();
    quote!(row.#reader(#column)?)
}
