//! Values and events of examples, as Rust literals.

use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::types::{decimal_literal, enum_value, int_literal, is_text};
use crate::emit::rust::{Home, import, json};
use crate::model::{EventField, EventOrigin, FieldName, FieldType, Service, SpecCaller, SpecEvent, Type, file_fields};
use heck::ToSnakeCase;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::{format_ident, quote};
use serde_json::Value;
use std::collections::BTreeSet;

/// Writes the values of a reader's examples.
pub struct Examples<'a> {
    /// The service whose events are given.
    pub service: &'a Service,
    /// Where events, enums and nested objects come from.
    pub events: Home,
}

impl Examples<'_> {
    /// `let given = […];` and `spec::given(given)`, or `spec::history(given)` where an event says when or by whom.
    pub fn given(&self, events: &[SpecEvent]) -> (TokenStream, TokenStream) {
        let rt = import("scaffold_runtime::codegen");
        let plain = events.iter().all(|event| event.at == 0 && event.by.is_none());
        let values: Vec<TokenStream> = events.iter().map(|event| self.event(event)).collect();
        if events.is_empty() {
            return (TokenStream::new(), quote!(#rt::spec::given([])));
        }
        if plain {
            return (quote!(let given = [#(#values),*];), quote!(#rt::spec::given(given)));
        }
        let values = events.iter().zip(values).map(|(event, value)| {
            let value = match event.at {
                0 => quote!(#rt::spec::event(#value)),
                at => {
                    let at = moment(at);
                    quote!(#rt::spec::at(#at, #value))
                }
            };
            let by = event.by.as_ref().map(by);
            quote!(#value #by)
        });
        (quote!(let given = [#(#values),*];), quote!(#rt::spec::history(given)))
    }

    fn event(&self, event: &SpecEvent) -> TokenStream {
        let (events, name) = (&self.events, type_ident(&event.event));
        if let Some(version) = event.older {
            let (rt, written) = (import("scaffold_runtime::codegen"), event.event.as_written());
            let (version, payload) = (Literal::u32_unsuffixed(version), json::json(&event.payload));
            return quote!(#rt::spec::older(#written, #version, #payload));
        }
        let declared = self.service.events.get(&event.event);
        match declared.filter(|declared| declared.origin != EventOrigin::Undeclared) {
            Some(declared) => {
                let value = self.record(&quote!(#events::#name), &declared.fields, &event.payload);
                quote!(#events::Event::from(#value))
            }
            None => {
                let payload = json::json(&event.payload);
                quote!(#events::Event::#name(#payload))
            }
        }
    }

    /// A struct literal of these fields.
    pub fn record(&self, name: &TokenStream, fields: &[EventField], payload: &Value) -> TokenStream {
        let values = fields.iter().map(|field| {
            let ident = field_ident(&field.name);
            let written = payload.get(field.name.as_written());
            let value = match (field.may_be_absent, written) {
                (true, None) => quote!(None),
                (true, Some(written)) => {
                    let value = self.value(written, &field.ty);
                    quote!(Some(#value))
                }
                (false, written) => self.value(written.unwrap_or(&Value::Null), &field.ty),
            };
            quote!(#ident: #value)
        });
        quote!(#name { #(#values),* })
    }

    /// A value of this type.
    fn value(&self, value: &Value, ty: &FieldType) -> TokenStream {
        if ty.required {
            return self.required(value, &ty.ty);
        }
        if value.is_null() {
            return quote!(None);
        }
        let value = self.required(value, &ty.ty);
        quote!(Some(#value))
    }

    fn required(&self, value: &Value, ty: &Type) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        match (ty, value) {
            (Type::Enum(name), Value::String(text)) => {
                let (ty, variant) = (self.events.ty(name), enum_value(text));
                quote!(#ty::#variant)
            }
            (Type::Decimal, Value::String(text)) => decimal_literal(text),
            (Type::DateTime | Type::Date, Value::String(text)) => quote!(#text.parse().unwrap_or_default()),
            (Type::DateTime, Value::Number(number)) => {
                let millis = int_literal(number.as_i64().unwrap_or_default());
                quote!(#rt::DateTime::from_millis(#millis))
            }
            (Type::Object(name), Value::Object(_)) => {
                let fields = self.service.object(name).map(|object| object.fields.as_slice()).unwrap_or_default();
                let values = fields.iter().map(|field| self.member(&field.name, &field.ty, value));
                let ty = self.events.ty(name);
                quote!(#ty { #(#values),* })
            }
            (Type::File, Value::Object(_)) => self.file(value),
            (Type::List(element), Value::Array(elements)) => {
                let elements = elements.iter().map(|value| self.value(value, element));
                quote!(vec![#(#elements),*])
            }
            (text, Value::String(value)) if is_text(text) => quote!(#value.into()),
            (Type::Float, Value::Number(number)) => {
                let literal = Literal::f64_unsuffixed(number.as_f64().unwrap_or_default().abs());
                if number.as_f64().is_some_and(f64::is_sign_negative) { quote!(-#literal) } else { quote!(#literal) }
            }
            (Type::Int, Value::Number(number)) => int_literal(number.as_i64().unwrap_or_default()),
            (Type::Boolean, Value::Bool(value)) => quote!(#value),
            _ => json::json(value),
        }
    }

    /// A file by what is said of it; the rest does not matter to the example.
    fn file(&self, value: &Value) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        let fields = file_fields();
        let said = fields.iter().filter(|(name, _)| value.get(name.as_written()).is_some());
        let values: Vec<_> = said.map(|(name, ty)| self.member(name, ty, value)).collect();
        let rest = (values.len() < fields.len()).then(|| quote!(..#rt::File::default()));
        quote!(#rt::File { #(#values,)* #rest })
    }

    fn member(&self, name: &FieldName, ty: &FieldType, of: &Value) -> TokenStream {
        let value = self.value(of.get(name.as_written()).unwrap_or(&Value::Null), ty);
        let name = field_ident(name);
        quote!(#name: #value)
    }
}

/// Milliseconds in the largest unit that goes into them: `-20 * spec::MINUTE`.
fn moment(millis: i64) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let units = [("DAY", 86_400_000), ("HOUR", 3_600_000), ("MINUTE", 60_000), ("SECOND", 1000)];
    match units.into_iter().find(|(_, unit)| millis % unit == 0) {
        Some((name, unit)) => {
            let (count, name) = (millis / unit, format_ident!("{name}"));
            let unit = quote!(#rt::spec::#name);
            match count {
                1 => unit,
                -1 => quote!(-#unit),
                count => {
                    let count = int_literal(count);
                    quote!(#count * #unit)
                }
            }
        }
        None => int_literal(millis),
    }
}

/// `.by("u1", ["STUDENT"])`
pub(super) fn by(caller: &SpecCaller) -> TokenStream {
    let (user_id, permissions) = (&caller.user_id, &caller.permissions);
    quote!(.by(#user_id, [#(#permissions),*]))
}

/// The test's name for an example's name, unlike those taken before.
pub fn slug(name: &str, taken: &mut BTreeSet<String>) -> Ident {
    let ascii: String =
        name.chars().map(|character| if character.is_ascii_alphanumeric() { character } else { ' ' }).collect();
    let mut slug = ascii.to_snake_case();
    if slug.is_empty()
        || slug.starts_with(|first: char| first.is_ascii_digit())
        || syn::parse_str::<Ident>(&slug).is_err()
    {
        slug = format!("example_{slug}").trim_end_matches('_').to_owned();
    }
    let mut unique = slug.clone();
    let mut number = 2;
    while !taken.insert(unique.clone()) {
        unique = format!("{slug}_{number}");
        number += 1;
    }
    format_ident!("{unique}")
}
