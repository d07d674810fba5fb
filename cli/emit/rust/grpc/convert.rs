//! `convert/`: a file a type, from the wire and onto it.

use super::{Grpc, proto};
use crate::emit::proto::wire::Position;
use crate::emit::rust::names::{field_ident, ident, module_ident, type_ident};
use crate::emit::rust::types::enum_value;
use crate::emit::rust::wire::object_can_fail;
use crate::emit::rust::{from_crate, import};
use crate::model::{Command, EnumType, FieldName, FieldType, ObjectType, TypeName};
use crate::output::Files;
use crate::place::Place;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// A struct to be filled from a message: its path, the message, its fields.
pub(super) struct Reading<'a> {
    pub(super) target: TokenStream,
    pub(super) message: Ident,
    pub(super) fields: Vec<(&'a FieldName, FieldType, Position)>,
}

impl<'a> Grpc<'a> {
    /// The enums and nested types.
    pub(super) fn types(&self) -> Vec<(&'a TypeName, Place, Vec<TokenStream>)> {
        let enums = self.service.enums.values().map(|ty| (&ty.name, ty.place, self.enumeration(ty)));
        let objects = self.service.objects.values().map(|ty| (&ty.name, ty.place, self.object(ty)));
        enums.chain(objects).collect()
    }
}

impl Grpc<'_> {
    pub(super) fn emit_convert(&self, root: &str, files: &mut Files) {
        let mut modules: Vec<&TypeName> = Vec::new();
        for (name, place, items) in self.conversions() {
            modules.push(name);
            let doc = format!("`{name}` on the wire.");
            self.rust(files, place, format!("{root}/convert/{}.rs", name.module()), (&doc, items));
        }
        modules.sort();
        let items = modules.iter().map(|name| module_ident(name)).map(|module| quote!(mod #module;)).collect();
        let doc = "Values on their way to the wire and back, a file a type.";
        self.list(files, format!("{root}/convert/mod.rs"), doc, items);
    }

    /// Every type that travels; a command without fields is made on the spot.
    fn conversions(&self) -> Vec<(&TypeName, Place, Vec<TokenStream>)> {
        let service = self.service;
        // Shared types bring theirs along.
        let types = if service.is_shared() { Vec::new() } else { self.types() };
        let entries = service.entries().into_values().map(|entry| (&entry.name, entry.place, self.entry(entry)));
        let commands = service.commands.values().map(|command| (&command.name, command.place, self.command(command)));
        types.into_iter().chain(entries).chain(commands).collect()
    }

    /// The crate's sibling: `enrollment-events`.
    pub(super) fn sibling(&self, part: &str) -> Ident {
        from_crate(&format!("{}-{part}", self.service.name.kebab()))
    }

    fn enumeration(&self, ty: &EnumType) -> Vec<TokenStream> {
        let (proto, events, name) = (proto(), &self.types, type_ident(&ty.name));
        let rt = import("scaffold_runtime::codegen");
        let values: Vec<Ident> = ty.values.iter().map(|value| enum_value(&value.name)).collect();
        let wire: Vec<Ident> = ty.values.iter().map(|value| wire_value(ty, &value.name)).collect();
        vec![
            quote! {
                impl From<#events::#name> for #proto::#name {
                    fn from(value: #events::#name) -> Self {
                        match value { #(#events::#name::#values => Self::#wire,)* }
                    }
                }
            },
            quote! {
                impl TryFrom<#proto::#name> for #events::#name {
                    type Error = #rt::convert::Unspecified;

                    fn try_from(value: #proto::#name) -> Result<Self, #rt::convert::Unspecified> {
                        match value {
                            #proto::#name::Unspecified => Err(#rt::convert::Unspecified),
                            #(#proto::#name::#wire => Ok(Self::#values),)*
                        }
                    }
                }
            },
        ]
    }

    fn object(&self, ty: &ObjectType) -> Vec<TokenStream> {
        let (events, name) = (&self.types, type_ident(&ty.name));
        let fields: Vec<_> = ty.fields.iter().map(|field| (&field.name, field.ty.clone(), Position::Value)).collect();
        let outward = self.outward(&quote!(#events::#name), &name, self.fields_out(&fields));
        let reading = Reading { target: quote!(#events::#name), message: name, fields };
        vec![outward, self.reading(reading, object_can_fail(&self.converter, &ty.name, &mut Vec::new()))]
    }

    fn command(&self, command: &Command) -> Vec<TokenStream> {
        let (commands, name) = (self.sibling("commands"), type_ident(&command.name));
        let message = type_ident(&TypeName::new(format!("{}Request", command.name)));
        let fields = command.fields.iter().map(|field| (&field.name, field.ty.clone(), Position::Value)).collect();
        let reading = Reading { target: quote!(#commands::#name), message, fields };
        let fails = self.fails(&reading) || !command.generated.is_empty();
        let made = command.generated.iter().map(|generated| &generated.field).collect();
        let mut items = vec![self.reading_with(reading, fails, made)];
        items.extend(command.is_sent.then(|| self.sent(command)));
        items
    }

    /// The message of a command, as automations send it. What they leave to be generated is empty.
    fn sent(&self, command: &Command) -> TokenStream {
        let (proto, commands, name) = (proto(), self.sibling("commands"), type_ident(&command.name));
        let message = type_ident(&TypeName::new(format!("{}Request", command.name)));
        let assigned = command.fields.iter().map(|field| {
            let name = field_ident(&field.name);
            if command.generated.iter().any(|generated| generated.field == field.name) {
                return quote!(#name: (!value.#name.is_empty()).then_some(value.#name));
            }
            let value = self.converter.field_out(&quote!(value.#name), &field.ty, Position::Value);
            quote!(#name: #value)
        });
        let argument = if command.fields.is_empty() { quote!(_) } else { quote!(value) };
        quote! {
            impl From<#commands::#name> for #proto::#message {
                fn from(#argument: #commands::#name) -> Self {
                    Self { #(#assigned),* }
                }
            }
        }
    }

    /// Whether any field of the message can be refused.
    pub(super) fn fails(&self, reading: &Reading<'_>) -> bool {
        let field = |(name, ty, position): &(&FieldName, FieldType, Position)| {
            self.converter.field_in(&quote!(value), ty, *position, name.as_written()).fails()
        };
        reading.fields.iter().any(field)
    }

    /// `impl From` (or `TryFrom`, if it can fail) for a struct of ours from a message.
    pub(super) fn reading(&self, reading: Reading<'_>, fails: bool) -> TokenStream {
        self.reading_with(reading, fails, Vec::new())
    }

    /// The same, where some fields may be absent from the message and are filled in before it is read.
    fn reading_with(&self, reading: Reading<'_>, fails: bool, filled: Vec<&FieldName>) -> TokenStream {
        let (rt, proto) = (import("scaffold_runtime::codegen"), proto());
        let Reading { target, message, fields } = reading;
        let is_empty = fields.is_empty();
        let assigned = fields.into_iter().map(|(name, ty, position)| {
            let (field, written) = (field_ident(name), name.as_written());
            let mut given = quote!(message.#field);
            if filled.contains(&name) {
                given = quote!(#rt::convert::required(#written, #given)?);
            }
            let value = self.converter.field_in(&given, &ty, position, written).value();
            quote!(#field: #value)
        });
        let argument = if is_empty { quote!(_) } else { quote!(message) };
        if fails {
            return quote! {
                impl TryFrom<#proto::#message> for #target {
                    type Error = #rt::Invalid;

                    fn try_from(#argument: #proto::#message) -> Result<Self, #rt::Invalid> {
                        Ok(Self { #(#assigned),* })
                    }
                }
            };
        }
        quote! {
            impl From<#proto::#message> for #target {
                fn from(#argument: #proto::#message) -> Self {
                    Self { #(#assigned),* }
                }
            }
        }
    }

    /// The fields of a message, each from the field of that name.
    pub(super) fn fields_out(&self, fields: &[(&FieldName, FieldType, Position)]) -> Vec<TokenStream> {
        let field = |(name, ty, position): &(&FieldName, FieldType, Position)| {
            let field = field_ident(name);
            let value = self.converter.field_out(&quote!(value.#field), ty, *position);
            quote!(#field: #value)
        };
        fields.iter().map(field).collect()
    }

    /// `impl From` for a message from a struct of ours.
    pub(super) fn outward(&self, source: &TokenStream, message: &Ident, assigned: Vec<TokenStream>) -> TokenStream {
        let proto = proto();
        let argument = if assigned.is_empty() { quote!(_) } else { quote!(value) };
        quote! {
            impl From<#source> for #proto::#message {
                fn from(#argument: #source) -> Self {
                    Self { #(#assigned),* }
                }
            }
        }
    }
}

/// What prost calls the value of an enum: without the enum's name in front, unless that leaves no name.
pub fn wire_value(ty: &EnumType, value: &str) -> Ident {
    use heck::{ToShoutySnakeCase as _, ToUpperCamelCase as _};
    let prefix = ty.name.rust();
    let whole = format!("{}_{}", ty.name.constant(), value.to_shouty_snake_case()).to_upper_camel_case();
    let stripped = whole.strip_prefix(&prefix).unwrap_or(&whole);
    let starts_a_name = stripped.starts_with(|first: char| first.is_uppercase());
    match stripped {
        "Self" => ident("Self_"),
        _ if starts_a_name => ident(stripped),
        _ => ident(&whole),
    }
}
