//! Names in the gateway: modules of services, what a nested input is called, GraphQL names where derivation would differ.

use crate::emit::rust::names::ident;
use crate::model::{Command, FieldName, ObjectType, Service, TypeName};
use heck::ToLowerCamelCase as _;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// The module of a service: `enrollment`, `type_`.
pub fn service_module(service: &Service) -> String {
    TypeName::new(service.name.pascal()).module()
}

/// The input type of a nested object: its own name if that says so, else with `Input` behind.
pub fn input_name(object: &ObjectType, is_output_too: bool) -> TypeName {
    if object.name.as_written().ends_with("Input") && !is_output_too {
        return object.name.clone();
    }
    TypeName::new(format!("{}Input", object.name))
}

/// The input type of a command.
pub fn command_input(command: &Command) -> TypeName {
    TypeName::new(format!("{}Input", command.name))
}

/// `#[graphql(name = …)]` for a field or argument, if derivation would give another name than was written.
pub fn graphql_name(name: &FieldName) -> TokenStream {
    let written = name.as_written();
    let plain = written.chars().all(|letter| letter.is_ascii_alphabetic());
    let derived = name.rust().trim_start_matches("r#").to_lower_camel_case();
    if plain && derived == written { TokenStream::new() } else { quote!(#[graphql(name = #written)]) }
}

/// `#[graphql(name = …)]` for a type, if Rust spells its name another way.
pub fn graphql_type(name: &TypeName) -> TokenStream {
    let written = name.as_written();
    if name.rust() == written { TokenStream::new() } else { quote!(#[graphql(name = #written)]) }
}

/// An identifier from its parts.
pub fn joined(parts: &[&str]) -> Ident {
    ident(&TypeName::new(parts.concat()).rust())
}
