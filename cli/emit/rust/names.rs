//! Names of the model → identifiers, and when serde needs to be told how a name was written.

use crate::model::{FieldName, TypeName};
use proc_macro2::{Ident, Span, TokenStream};
use quote::quote;

/// An identifier; `r#type` becomes a raw one.
pub fn ident(name: &str) -> Ident {
    match name.strip_prefix("r#") {
        Some(raw) => Ident::new_raw(raw, Span::call_site()),
        None => Ident::new(name, Span::call_site()),
    }
}

/// The Rust type of this name.
pub fn type_ident(name: &TypeName) -> Ident {
    ident(&name.rust())
}

/// The Rust module of this name.
pub fn module_ident(name: &TypeName) -> Ident {
    ident(&name.module())
}

/// The struct field of this name.
pub fn field_ident(name: &FieldName) -> Ident {
    ident(&name.rust())
}

/// A field as the variant of an enum.
pub fn variant_ident(name: &FieldName) -> Ident {
    ident(&name.variant())
}

/// `#[serde(rename = …)]` for a field below `rename_all = "camelCase"`, if that rule gives another name than was written.
pub fn field_rename(name: &FieldName) -> TokenStream {
    let rust = name.rust();
    let written = name.as_written();
    if camel_case(rust.trim_start_matches("r#")) == written {
        return TokenStream::new();
    }
    quote!(#[serde(rename = #written)])
}

/// What serde makes of a snake-case field under `rename_all = "camelCase"`.
fn camel_case(field: &str) -> String {
    let mut camel = String::new();
    let mut upper = false;
    for character in field.chars() {
        if character == '_' {
            upper = true;
        } else if upper && !camel.is_empty() {
            camel.push(character.to_ascii_uppercase());
            upper = false;
        } else {
            camel.push(if camel.is_empty() { character.to_ascii_lowercase() } else { character });
            upper = false;
        }
    }
    camel
}

/// What serde makes of a variant under `rename_all = "SCREAMING_SNAKE_CASE"`.
pub fn screaming_case(variant: &str) -> String {
    let mut screaming = String::new();
    for (at, character) in variant.char_indices() {
        if at > 0 && character.is_uppercase() {
            screaming.push('_');
        }
        screaming.push(character.to_ascii_uppercase());
    }
    screaming
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn serde_is_told_only_what_its_rule_does_not_give() {
        let rename = |written: &str| field_rename(&FieldName::new(written)).to_string();
        assert_eq!(rename("courseId"), "");
        assert_eq!(rename("type"), "");
        assert_eq!(rename("self"), "");
        assert!(rename("course_id").contains("\"course_id\""));
        assert!(rename("URL").contains("\"URL\""));
        assert_eq!(screaming_case("InProgress"), "IN_PROGRESS");
    }
}
