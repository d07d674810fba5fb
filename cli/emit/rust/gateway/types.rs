//! Enums and nested objects, a file each, and how GraphQL types are spelt in Rust.

use super::names::{graphql_name, graphql_type, input_name};
use super::object::Shown;
use super::{Gateway, gateway};
use crate::emit::proto::wire::Position;
use crate::emit::rust::grpc::wire_value;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::types::enum_value;
use crate::emit::rust::{docs, import};
use crate::model::{EnumType, FieldName, FieldType, ObjectType, Type, TypeName};
use crate::output::Files;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// A field of an input object.
pub(super) struct InputField<'a> {
    pub(super) name: &'a FieldName,
    pub(super) doc: Option<&'a str>,
    pub(super) ty: FieldType,
    pub(super) position: Position,
}

impl Gateway<'_> {
    pub(super) fn emit_types(&self, root: &str, files: &mut Files) {
        for ty in self.service.enums.values().filter(|ty| self.is_used(&ty.name)) {
            let doc = format!("The enum `{}`.", ty.name);
            self.rust(files, ty.place, format!("{root}/{}.rs", ty.name.module()), (&doc, self.enumeration(ty)));
        }
        for ty in self.service.objects.values().filter(|ty| self.is_used(&ty.name)) {
            let doc = format!("The nested type `{}`.", ty.name);
            self.rust(files, ty.place, format!("{root}/{}.rs", ty.name.module()), (&doc, self.nested(ty)));
        }
    }

    pub(super) fn is_used(&self, name: &TypeName) -> bool {
        self.usage.outputs.contains(name) || self.usage.inputs.contains(name)
    }

    /// The path of a nested object's input type.
    pub(super) fn input_path(&self, name: &TypeName) -> TokenStream {
        let home = self.home_of(name);
        let is_output_too = self.usage.outputs.contains(name);
        let input = self.service.object(name).map(|object| input_name(object, is_output_too));
        let input = type_ident(&input.unwrap_or_else(|| name.clone()));
        quote!(#home::#input)
    }

    /// The Rust type of an input's value.
    pub(super) fn input_type(&self, ty: &FieldType) -> TokenStream {
        let bare = match &ty.ty {
            Type::Object(name) => self.input_path(name),
            Type::File => {
                // A file is named by its id; what else is known of it the service looks up.
                let graphql = import("async_graphql");
                quote!(#graphql::ID)
            }
            Type::List(element) => {
                let element = self.input_type(element);
                quote!(Vec<#element>)
            }
            other => self.scalar(other),
        };
        if ty.required { bare } else { quote!(Option<#bare>) }
    }

    /// The Rust type of an output's value, references aside.
    pub(super) fn output_type(&self, ty: &FieldType) -> TokenStream {
        let bare = match &ty.ty {
            Type::Object(name) => {
                let (home, name) = (self.home_of(name), type_ident(name));
                quote!(#home::#name)
            }
            Type::List(element) => {
                let element = self.output_type(element);
                quote!(Vec<#element>)
            }
            other => self.scalar(other),
        };
        if ty.required { bare } else { quote!(Option<#bare>) }
    }

    fn scalar(&self, ty: &Type) -> TokenStream {
        let (graphql, gateway) = (import("async_graphql"), gateway());
        match ty {
            Type::Id | Type::Reference(_) => quote!(#graphql::ID),
            Type::Int => quote!(#gateway::Int),
            Type::Float => quote!(f64),
            Type::Boolean => quote!(bool),
            Type::DateTime => quote!(#gateway::DateTime),
            Type::Date => quote!(#gateway::Date),
            Type::Decimal => quote!(#gateway::Decimal),
            Type::Json => quote!(#gateway::Json),
            Type::File => quote!(#gateway::File),
            Type::Enum(name) => {
                let (home, name) = (self.home_of(name), type_ident(name));
                quote!(#home::#name)
            }
            _ => quote!(String),
        }
    }

    fn enumeration(&self, ty: &EnumType) -> Vec<TokenStream> {
        let (graphql, proto, name) = (import("async_graphql"), self.proto(), type_ident(&ty.name));
        let rt = import("scaffold_runtime::codegen");
        let values: Vec<Ident> = ty.values.iter().map(|value| enum_value(&value.name)).collect();
        let wire: Vec<Ident> = ty.values.iter().map(|value| wire_value(ty, &value.name)).collect();
        let variants = ty.values.iter().zip(&values).map(|(value, variant)| {
            let (doc, written) = (docs(value.doc.as_deref()), &value.name);
            quote!(#doc #[graphql(name = #written)] #variant)
        });
        let (doc, named) = (docs(ty.doc.as_deref()), graphql_type(&ty.name));
        let declaration = quote! {
            #doc
            #[derive(Clone, Copy, Debug, PartialEq, Eq, #graphql::Enum)]
            #named
            pub enum #name { #(#variants),* }
        };
        let outward = quote! {
            impl From<#name> for #proto::#name {
                fn from(value: #name) -> Self {
                    match value { #(#name::#values => Self::#wire,)* }
                }
            }
        };
        let inward = quote! {
            impl TryFrom<#proto::#name> for #name {
                type Error = #rt::convert::Unspecified;

                fn try_from(value: #proto::#name) -> Result<Self, #rt::convert::Unspecified> {
                    match value {
                        #proto::#name::Unspecified => Err(#rt::convert::Unspecified),
                        #(#proto::#name::#wire => Ok(Self::#values),)*
                    }
                }
            }
        };
        let mut items = vec![declaration];
        items.extend(self.usage.inputs.contains(&ty.name).then_some(outward));
        items.extend(self.usage.outputs.contains(&ty.name).then_some(inward));
        items
    }

    fn nested(&self, ty: &ObjectType) -> Vec<TokenStream> {
        let mut items = Vec::new();
        if self.usage.outputs.contains(&ty.name) {
            let fields = ty.fields.iter().map(|field| Shown {
                name: &field.name,
                doc: field.doc.as_deref(),
                ty: field.ty.clone(),
                hidden: false,
            });
            items.extend(self.object(&ty.name, ty.doc.as_deref(), fields.collect()));
        }
        if self.usage.inputs.contains(&ty.name) {
            let fields = ty.fields.iter().map(|field| InputField {
                name: &field.name,
                doc: field.doc.as_deref(),
                ty: field.ty.clone(),
                position: Position::Value,
            });
            let name = input_name(ty, self.usage.outputs.contains(&ty.name));
            items.extend(self.input_object(&name, ty.doc.as_deref(), fields.collect(), &ty.name));
        }
        items
    }

    /// An input object and its way into a message.
    pub(super) fn input_object(
        &self,
        name: &TypeName,
        doc: Option<&str>,
        fields: Vec<InputField<'_>>,
        message: &TypeName,
    ) -> Vec<TokenStream> {
        let (graphql, proto) = (import("async_graphql"), self.proto());
        let (input, message) = (type_ident(name), type_ident(message));
        let declared = fields.iter().map(|field| {
            let (ident, ty) = (field_ident(field.name), self.input_field_type(field));
            let (doc, named) = (docs(field.doc), graphql_name(field.name));
            quote!(#doc #named pub(crate) #ident: #ty)
        });
        let assigned = fields.iter().map(|field| {
            let ident = field_ident(field.name);
            let value = self.converter.field_out(&self.input_value(field), &field.ty, field.position);
            quote!(#ident: #value)
        });
        let (doc, named) = (docs(doc), graphql_type(name));
        vec![
            quote! {
                #doc
                #[derive(Clone, Debug, #graphql::InputObject)]
                #named
                pub struct #input { #(#declared),* }
            },
            quote! {
                impl From<#input> for #proto::#message {
                    fn from(input: #input) -> Self {
                        Self { #(#assigned),* }
                    }
                }
            },
        ]
    }

    /// The value of an input's field; of a change that may be null, absent, null and a value are three things.
    fn input_value(&self, field: &InputField<'_>) -> TokenStream {
        let ident = field_ident(field.name);
        if field.position == Position::Value || field.ty.required {
            return quote!(input.#ident);
        }
        let inner = self.input_type(&FieldType::required(field.ty.ty.clone()));
        quote!(Option::<Option<#inner>>::from(input.#ident))
    }

    fn input_field_type(&self, field: &InputField<'_>) -> TokenStream {
        let graphql = import("async_graphql");
        match (field.position, field.ty.required) {
            (Position::Value, _) => self.input_type(&field.ty),
            (Position::Update, true) => self.input_type(&FieldType::nullable(field.ty.ty.clone())),
            (Position::Update, false) => {
                let inner = self.input_type(&FieldType::required(field.ty.ty.clone()));
                quote!(#graphql::MaybeUndefined<#inner>)
            }
        }
    }

    /// The modules of the types.
    pub(super) fn type_modules(&self) -> Vec<(&TypeName, Vec<Ident>)> {
        let enums = self.service.enums.values().filter(|ty| self.is_used(&ty.name));
        let enums = enums.map(|ty| (&ty.name, vec![type_ident(&ty.name)]));
        let objects = self.service.objects.values().filter(|ty| self.is_used(&ty.name)).map(|ty| {
            let is_output = self.usage.outputs.contains(&ty.name);
            let output = is_output.then(|| type_ident(&ty.name));
            let input = self.usage.inputs.contains(&ty.name).then(|| type_ident(&input_name(ty, is_output)));
            (&ty.name, output.into_iter().chain(input).collect())
        });
        enums.chain(objects).collect()
    }
}
