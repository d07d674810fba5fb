//! Expressions that turn values into protobuf fields and back, for both ends: the service's types and the gateway's.

use super::names::type_ident;
use super::{from_crate, import, types_crate};
use crate::emit::proto::wire::{self, Position, Raw, is_message};
use crate::model::{FieldType, Service, Type, TypeName};
use proc_macro2::TokenStream;
use quote::quote;

/// Which end of the wire the values live at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Side {
    /// Events, commands and entries; what comes in is checked.
    Service,
    /// GraphQL; what comes in was checked by the service.
    Gateway,
}

/// Writes conversions for one service's types.
#[derive(Clone, Copy, Debug)]
pub struct Converter<'a> {
    /// Whose types.
    pub service: &'a Service,
    /// Which end.
    pub side: Side,
}

/// A conversion from the wire.
pub struct Conversion {
    tokens: TokenStream,
    /// Whether the tokens are a `Result`.
    is_result: bool,
    /// Whether an error inside of them returns from the function around.
    returns: bool,
}

impl Conversion {
    fn sure(tokens: TokenStream) -> Self {
        Self { tokens, is_result: false, returns: false }
    }

    fn result(tokens: TokenStream) -> Self {
        Self { tokens, is_result: true, returns: false }
    }

    /// The value itself; an error returns from the function around.
    pub fn value(&self) -> TokenStream {
        let tokens = &self.tokens;
        if self.is_result { quote!(#tokens?) } else { tokens.clone() }
    }

    /// The same as a `Result`, as the last expression of a function.
    pub fn as_result(&self) -> TokenStream {
        let tokens = &self.tokens;
        if self.is_result { tokens.clone() } else { quote!(Ok(#tokens)) }
    }

    /// Whether it can fail.
    pub fn fails(&self) -> bool {
        self.is_result || self.returns
    }
}

impl Converter<'_> {
    /// `proto`, the module of the service's messages.
    pub fn proto(&self) -> TokenStream {
        let home = match self.side {
            Side::Service => import("crate"),
            Side::Gateway => from_crate(&format!("{}-grpc", self.service.name.kebab())),
        };
        quote!(#home::proto)
    }

    /// The enum of this name among the messages of the service that declares it.
    fn enumeration(&self, name: &TypeName) -> TokenStream {
        let types = &self.service.types;
        let other = types.service_of(name).filter(|declarer| **declarer != self.service.name);
        let home = other.map(|declarer| match self.side {
            Side::Service => types_crate(declarer),
            Side::Gateway => from_crate(&format!("{}-grpc", declarer.kebab())),
        });
        let (proto, name) = (home.map_or_else(|| self.proto(), |home| quote!(#home::proto)), type_ident(name));
        quote!(#proto::#name)
    }

    /// The field of a message, made from a value of this type.
    pub fn field_out(&self, value: &TokenStream, ty: &FieldType, position: Position) -> TokenStream {
        match (position, ty.required) {
            (Position::Value, true) => match &ty.ty {
                Type::List(element) if element.required => self.repeated_out(value, element),
                inner if is_message(inner) => {
                    let raw = self.raw_out(value, inner);
                    quote!(Some(#raw))
                }
                inner => self.raw_out(value, inner),
            },
            (Position::Value, false) | (Position::Update, true) => self.option_out(value, &ty.ty),
            (Position::Update, false) => {
                let wrapper = self.path(&wire::nullable(&ty.ty));
                let inner = self.option_out(&quote!(value), &ty.ty);
                if self.is_same(&ty.ty) {
                    return quote!(#value.map(|value| #wrapper { value }));
                }
                quote!(#value.map(|value| #wrapper { value: #inner }))
            }
        }
    }

    /// A field that may be null in the message, made from a value that is there.
    pub fn present_out(&self, value: &TokenStream, ty: &Type) -> TokenStream {
        let raw = self.raw_out(value, ty);
        quote!(Some(#raw))
    }

    /// A value of this type, made from the field of a message; `field` is its name in the API.
    pub fn field_in(&self, value: &TokenStream, ty: &FieldType, position: Position, field: &str) -> Conversion {
        match (position, ty.required) {
            (Position::Value, true) => match &ty.ty {
                Type::List(element) if element.required => self.repeated_in(value, element, field),
                inner if is_message(inner) => {
                    let convert = self.convert();
                    let raw = self.raw_in(&quote!(#convert::required(#field, #value)?), inner, field);
                    Conversion { returns: true, ..raw }
                }
                inner => self.raw_in(value, inner, field),
            },
            (Position::Value, false) | (Position::Update, true) => self.option_in(value, &ty.ty, field),
            (Position::Update, false) => {
                let inner = self.option_in(&quote!(value.value), &ty.ty, field);
                let tokens = inner.tokens;
                if inner.is_result {
                    Conversion::result(quote!(#value.map(|value| #tokens).transpose()))
                } else {
                    Conversion::sure(quote!(#value.map(|value| #tokens)))
                }
            }
        }
    }

    fn raw_out(&self, value: &TokenStream, ty: &Type) -> TokenStream {
        match (ty, self.side) {
            (Type::List(element), _) => {
                let wrapper = self.path(&wire::list(element));
                let values = self.repeated_out(value, element);
                quote!(#wrapper { values: #values })
            }
            (Type::Enum(name), _) => {
                let ty = self.enumeration(name);
                quote!(#ty::from(#value).into())
            }
            (Type::DateTime, Side::Service) => {
                let wire = wire_module();
                quote!(#wire::timestamp(#value))
            }
            (Type::Date | Type::Decimal | Type::Json, Side::Service) => quote!(#value.to_string()),
            (Type::Id | Type::Reference(_), Side::Gateway) => quote!(#value.0),
            (Type::File, Side::Gateway) => {
                let wire = wire_module();
                quote!(#wire::File::of_id(#value.0))
            }
            _ if self.is_same(ty) => value.clone(),
            _ => quote!(#value.into()),
        }
    }

    fn raw_in(&self, value: &TokenStream, ty: &Type, field: &str) -> Conversion {
        let convert = self.convert();
        match (ty, self.side) {
            (Type::List(element), _) => self.repeated_in(&quote!(#value.values), element, field),
            (Type::Enum(name), _) => {
                let ty = self.enumeration(name);
                Conversion::result(quote!(#convert::enumeration::<#ty, _>(#field, #value)))
            }
            (Type::Object(name), Side::Service) if object_can_fail(self, name, &mut Vec::new()) => {
                Conversion::result(quote!(#convert::nested(#field, #value)))
            }
            (Type::DateTime, Side::Service) => Conversion::result(quote!(#convert::instant(#field, #value))),
            (Type::Date, Side::Service) => Conversion::result(quote!(#convert::date(#field, &#value))),
            (Type::Decimal, Side::Service) => Conversion::result(quote!(#convert::decimal(#field, &#value))),
            (Type::Json, Side::Service) => Conversion::result(quote!(#convert::json(#field, &#value))),
            (Type::Id | Type::Reference(_), Side::Gateway) => {
                let graphql = import("async_graphql");
                Conversion::sure(quote!(#graphql::ID(#value)))
            }
            (Type::File, Side::Gateway) => {
                let (gateway, service) = (self.convert(), self.service.name.kebab());
                Conversion::sure(quote!(#gateway::File::new(#service, #value)))
            }
            _ if self.is_same(ty) => Conversion::sure(value.clone()),
            _ => Conversion::sure(quote!(#value.into())),
        }
    }

    fn option_out(&self, value: &TokenStream, ty: &Type) -> TokenStream {
        if self.is_same(ty) {
            return value.clone();
        }
        if let Some(function) = self.function_out(ty) {
            return quote!(#value.map(#function));
        }
        let raw = self.raw_out(&quote!(value), ty);
        quote!(#value.map(|value| #raw))
    }

    fn option_in(&self, value: &TokenStream, ty: &Type, field: &str) -> Conversion {
        if self.is_same(ty) {
            return Conversion::sure(value.clone());
        }
        let raw = self.raw_in(&quote!(value), ty, field);
        let tokens = raw.tokens;
        if raw.is_result {
            return Conversion::result(quote!(#value.map(|value| #tokens).transpose()));
        }
        match self.function_in(ty) {
            Some(function) => Conversion::sure(quote!(#value.map(#function))),
            None => Conversion::sure(quote!(#value.map(|value| #tokens))),
        }
    }

    fn repeated_out(&self, value: &TokenStream, element: &FieldType) -> TokenStream {
        if !element.required {
            let wrapper = self.path(&wire::nullable(&element.ty));
            let inner = self.option_out(&quote!(value), &element.ty);
            let body =
                if self.is_same(&element.ty) { quote!(#wrapper { value }) } else { quote!(#wrapper { value: #inner }) };
            return quote!(#value.into_iter().map(|value| #body).collect());
        }
        if self.is_same(&element.ty) {
            return value.clone();
        }
        if let Some(function) = self.function_out(&element.ty) {
            return quote!(#value.into_iter().map(#function).collect());
        }
        let raw = self.raw_out(&quote!(value), &element.ty);
        quote!(#value.into_iter().map(|value| #raw).collect())
    }

    fn repeated_in(&self, value: &TokenStream, element: &FieldType, field: &str) -> Conversion {
        if element.required && self.is_same(&element.ty) {
            return Conversion::sure(value.clone());
        }
        let inner = if element.required {
            self.raw_in(&quote!(value), &element.ty, field)
        } else {
            self.option_in(&quote!(value.value), &element.ty, field)
        };
        let tokens = inner.tokens;
        if inner.is_result {
            return Conversion::result(quote!(#value.into_iter().map(|value| #tokens).collect::<Result<_, _>>()));
        }
        match self.function_in(&element.ty).filter(|_| element.required) {
            Some(function) => Conversion::sure(quote!(#value.into_iter().map(#function).collect())),
            None => Conversion::sure(quote!(#value.into_iter().map(|value| #tokens).collect())),
        }
    }

    /// The function that a closure around [`Self::raw_out`] would only repeat.
    fn function_out(&self, ty: &Type) -> Option<TokenStream> {
        let wire = wire_module();
        match (ty, self.side) {
            (Type::DateTime, Side::Service) => Some(quote!(#wire::timestamp)),
            (Type::Object(_), _) | (Type::File, Side::Service) => Some(quote!(Into::into)),
            (ty, Side::Gateway) if is_gateway_scalar(ty) => Some(quote!(Into::into)),
            _ => None,
        }
    }

    fn function_in(&self, ty: &Type) -> Option<TokenStream> {
        let graphql = import("async_graphql");
        match (ty, self.side) {
            (Type::Id | Type::Reference(_), Side::Gateway) => Some(quote!(#graphql::ID)),
            (Type::Object(_), _) | (Type::File, Side::Service) => Some(quote!(Into::into)),
            (ty, Side::Gateway) if is_gateway_scalar(ty) => Some(quote!(Into::into)),
            _ => None,
        }
    }

    /// Whether a value is the same on the wire.
    fn is_same(&self, ty: &Type) -> bool {
        match ty {
            Type::String | Type::Float | Type::Boolean => true,
            Type::Id | Type::Reference(_) | Type::Int => self.side == Side::Service,
            _ => false,
        }
    }

    fn path(&self, raw: &Raw) -> TokenStream {
        match raw {
            Raw::Own(wrapper) => {
                let (proto, name) = (self.proto(), type_ident(&TypeName::new(&wrapper.name)));
                quote!(#proto::#name)
            }
            Raw::Declared(name) => {
                let (proto, name) = (self.proto(), type_ident(name));
                quote!(#proto::#name)
            }
            Raw::Shared(name) | Raw::Plain(name) => {
                let (wire, name) = (wire_module(), type_ident(&TypeName::new(name)));
                quote!(#wire::#name)
            }
        }
    }

    /// The functions that check what comes in.
    fn convert(&self) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        match self.side {
            Side::Service => quote!(#rt::convert),
            Side::Gateway => quote!(#rt::gateway),
        }
    }
}

/// Whether reading a nested object from the wire can fail in a service.
pub fn object_can_fail(converter: &Converter<'_>, name: &TypeName, seen: &mut Vec<TypeName>) -> bool {
    let Some(object) = converter.service.object(name).filter(|_| !seen.contains(name)) else { return false };
    seen.push(name.clone());
    object.fields.iter().any(|field| field_can_fail(converter, &field.ty, seen))
}

fn field_can_fail(converter: &Converter<'_>, ty: &FieldType, seen: &mut Vec<TypeName>) -> bool {
    match &ty.ty {
        Type::DateTime | Type::Date | Type::Decimal | Type::Json | Type::Enum(_) => true,
        Type::File => ty.required,
        Type::Object(name) => ty.required || object_can_fail(converter, name, seen),
        Type::List(element) => (ty.required && !element.required) || value_can_fail(converter, &element.ty, seen),
        _ => false,
    }
}

/// As [`field_can_fail`], for what is not a field by itself and so is never missing.
fn value_can_fail(converter: &Converter<'_>, ty: &Type, seen: &mut Vec<TypeName>) -> bool {
    field_can_fail(converter, &FieldType::nullable(ty.clone()), seen)
}

/// Whether the gateway has a type of its own for it, which converts by itself.
fn is_gateway_scalar(ty: &Type) -> bool {
    matches!(ty, Type::DateTime | Type::Date | Type::Decimal | Type::Json | Type::Int)
}

fn wire_module() -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    quote!(#rt::wire)
}
