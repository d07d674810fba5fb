//! Types of the model → types of Rust.

use super::{Home, import, names};
use crate::model::{FieldType, Service, Type};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// Whether values of the type are copied, not moved.
pub fn is_copy(ty: &Type) -> bool {
    matches!(ty, Type::Int | Type::Float | Type::Boolean | Type::DateTime | Type::Date)
        || matches!(ty, Type::Decimal | Type::Enum(_) | Type::Nil)
}

/// Whether the type is text in Rust: texts, ids and references.
pub fn is_text(ty: &Type) -> bool {
    matches!(ty, Type::Id | Type::String | Type::Reference(_))
}

/// Whether both are one type in Rust.
pub fn is_same(one: &Type, other: &Type) -> bool {
    match (one, other) {
        (Type::List(one), Type::List(other)) => one.required == other.required && is_same(&one.ty, &other.ty),
        _ => one == other || (is_text(one) && is_text(other)),
    }
}

/// The Rust type of a field. `home` is where enums and nested objects are imported from.
pub fn rust_type(ty: &FieldType, home: &Home) -> TokenStream {
    let bare = required_type(&ty.ty, home);
    if ty.required { bare } else { quote!(Option<#bare>) }
}

/// The Rust type of a value that is there.
pub fn required_type(ty: &Type, home: &Home) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    match ty {
        Type::Id | Type::String | Type::Reference(_) => quote!(String),
        Type::Int => quote!(i64),
        Type::Float => quote!(f64),
        Type::Boolean => quote!(bool),
        Type::DateTime => quote!(#rt::DateTime),
        Type::Date => quote!(#rt::Date),
        Type::Decimal => quote!(#rt::Decimal),
        Type::Json | Type::Nil | Type::Map(_) => quote!(#rt::Json),
        Type::File => quote!(#rt::File),
        Type::Enum(name) | Type::Object(name) => home.ty(name),
        Type::List(element) => {
            let element = rust_type(element, home);
            quote!(Vec<#element>)
        }
    }
}

/// What a field holds before anything has set it: null, or the type's zero value.
pub fn zero_value(ty: &FieldType, service: &Service, home: &Home) -> TokenStream {
    if !ty.required {
        return quote!(None);
    }
    let rt = import("scaffold_runtime::codegen");
    match &ty.ty {
        Type::Id | Type::String | Type::Reference(_) => quote!(String::new()),
        Type::Int => quote!(0),
        Type::Float => quote!(0.0),
        Type::Boolean => quote!(false),
        Type::DateTime => quote!(#rt::DateTime::from_millis(0)),
        Type::Date => quote!(#rt::Date::default()),
        Type::Decimal => quote!(#rt::Decimal::ZERO),
        Type::Json | Type::Nil | Type::Map(_) => quote!(#rt::Json::Null),
        Type::File => quote!(#rt::File::default()),
        Type::List(_) => quote!(Vec::new()),
        Type::Object(name) => {
            let ty = home.ty(name);
            quote!(#ty::default())
        }
        Type::Enum(name) => {
            let first = service.enumeration(name).and_then(|declared| declared.values.first());
            let value = first.map(|value| enum_value(&value.name)).unwrap_or_else(|| names::ident("Unknown"));
            let ty = home.ty(name);
            quote!(#ty::#value)
        }
    }
}

/// The variant of an enum's value: `IN_PROGRESS` is `InProgress`.
pub fn enum_value(written: &str) -> Ident {
    names::ident(&crate::model::FieldName::new(written).variant())
}

/// `dec!(10.10)`: the digits as they were written.
pub fn decimal_literal(plain: &str) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let digits: TokenStream = plain.parse().unwrap_or_else(|_| quote!(#plain));
    quote!(#rt::dec!(#digits))
}

/// A number as it stands in code, its digits in groups of three.
pub fn int_literal(value: i64) -> TokenStream {
    if value == i64::MIN {
        return quote!(i64::MIN);
    }
    let digits = value.unsigned_abs().to_string();
    let mut grouped = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) && digits.len() > 4 {
            grouped.push('_');
        }
        grouped.push(digit);
    }
    let literal: TokenStream = grouped.parse().unwrap_or_else(|_| {
        let plain = Literal::u64_unsuffixed(value.unsigned_abs());
        quote!(#plain)
    });
    if value < 0 { quote!(-#literal) } else { literal }
}
