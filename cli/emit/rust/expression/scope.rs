//! Where an expression stands: what its names are called in the generated function.

use super::code::{Code, Form};
use crate::emit::rust::Home;
use crate::emit::rust::names::field_ident;
use crate::emit::rust::types::is_copy;
use crate::model::{EntryType, Event, Field, FieldName, FieldType, Service, StateEntry, Type, Var};
use proc_macro2::TokenStream;
use quote::quote;
use std::collections::BTreeSet;

/// What the names of an expression are in Rust.
#[derive(Clone, Debug)]
pub struct Scope<'a> {
    /// The service that the expression belongs to.
    pub service: &'a Service,
    /// Where enums and nested objects are imported from.
    pub home: Home,
    /// The event being folded, bound as `event`.
    pub event: Option<&'a Event>,
    /// The state entry being folded: what `state` means.
    pub entry: Option<&'a StateEntry>,
    /// The projection being folded: what `projection` means.
    pub projection: Option<&'a EntryType>,
    /// State entries that have a name of their own, being there for sure.
    pub bound: BTreeSet<FieldName>,
    /// The instant that `now` means.
    pub now: TokenStream,
}

impl<'a> Scope<'a> {
    /// Over a command's fields and state, inside a method that has `context`.
    pub fn command(service: &'a Service, home: Home) -> Self {
        Self {
            service,
            home,
            event: None,
            entry: None,
            projection: None,
            bound: BTreeSet::new(),
            now: quote!(context.now),
        }
    }

    /// Over an entry and an event, inside `apply`.
    pub fn projection(service: &'a Service, home: Home, projection: &'a EntryType, event: Option<&'a Event>) -> Self {
        let projection = Some(projection);
        Self { service, home, event, entry: None, projection, bound: BTreeSet::new(), now: quote!(meta.raised_at) }
    }

    /// Over an event or an entry that starts an automation.
    pub fn automation(service: &'a Service, home: Home, event: Option<&'a Event>) -> Self {
        Self {
            service,
            home,
            event,
            entry: None,
            projection: None,
            bound: BTreeSet::new(),
            now: quote!(meta.raised_at),
        }
    }

    pub(super) fn variable(&self, var: &Var, ty: &FieldType) -> Code {
        match var {
            Var::State => match self.entry {
                Some(StateEntry { name, each: Some(_), .. }) => state_of_item(name),
                Some(entry) => state_field(&entry.name),
                None => Code::of(Form::Place, quote!(state)),
            },
            Var::StateEntry(name) => state_field(name),
            Var::StateOfItem(name) => state_of_item(name),
            Var::CommandField(name) | Var::EventField(name) => {
                let field = field_ident(name);
                Code::of(Form::Place, quote!(self.#field))
            }
            Var::Now if ty.ty == Type::Int => {
                let now = &self.now;
                Code::new(quote!(#now.millis()))
            }
            Var::Now => Code::new(self.now.clone()),
            Var::Element => Code::of(Form::PlaceRef, quote!(element)),
            Var::Event => Code::of(Form::PlaceRef, quote!(event)),
            Var::Version => Code::new(quote!(i64::from(version))),
            Var::Meta => Code::of(Form::PlaceRef, quote!(meta)),
            Var::Command | Var::Projection => Code::of(Form::PlaceRef, quote!(self)),
            Var::Caller => Code::of(Form::PlaceRef, quote!(context.caller)),
            Var::Item(_) => Code::of(Form::PlaceRef, quote!(item)),
            Var::Entry => Code::of(Form::PlaceRef, quote!(entry)),
            Var::Result => Code::of(Form::PlaceRef, quote!(result)),
        }
    }

    /// A field of `event`: a patch tells absent from null, which are both nil here.
    pub(super) fn event_field(&self, name: &FieldName) -> Code {
        let field = field_ident(name);
        let declared = self.event.and_then(|event| event.fields.iter().find(|field| field.name == *name));
        match declared {
            Some(declared) if declared.may_be_absent && !declared.ty.required => {
                if is_copy(&declared.ty.ty) {
                    return Code::new(quote!(event.#field.flatten()));
                }
                let inside = super::access::option_inside(&declared.ty.ty);
                Code::of(Form::Reference, quote!(event.#field.as_ref().and_then(#inside)))
            }
            _ => Code::of(Form::Place, quote!(event.#field)),
        }
    }

    /// A field of `meta`.
    pub(super) fn meta_field(&self, name: &FieldName) -> Code {
        match name.as_written() {
            "id" => Code::new(quote!(meta.id.to_string())),
            "tenantId" => Code::of(Form::Reference, quote!(meta.tenant_id.as_str())),
            "type" => Code::of(Form::Place, quote!(meta.event_type)),
            "position" => Code::new(quote!(meta.position.cast_signed())),
            _ => {
                let field = field_ident(name);
                Code::of(Form::Place, quote!(meta.#field))
            }
        }
    }

    /// A field of `projection`, the entry before the event; nil on the first event where the type says that it may be.
    pub(super) fn projection_field(&self, name: &FieldName, ty: &FieldType) -> Code {
        let field = field_ident(name);
        let place = Code::of(Form::Place, quote!(self.#field));
        let Some(declared) = self.first_event_field(name, ty) else { return place };
        let copied = is_copy(&ty.ty);
        let value = if copied { place.owned(&declared.ty) } else { place.lent(&declared.ty) };
        let value = if declared.ty.required { quote!(Some(#value)) } else { value };
        let form = if copied { Form::Owned } else { Form::Reference };
        Code::of(form, quote!(if self.__is_new { None } else { #value }))
    }

    /// The field, if it is nil on the entry's first event although the entry holds a value from its beginning.
    pub(super) fn first_event_field(&self, name: &FieldName, ty: &FieldType) -> Option<&'a Field> {
        let declared = self.projection?.fields.iter().find(|field| field.name == *name)?;
        (!ty.required && (declared.ty.required || declared.default.is_some())).then_some(declared)
    }
}

/// The value of the element at `index`.
fn state_of_item(name: &FieldName) -> Code {
    let field = field_ident(name);
    Code::of(Form::Place, quote!(state.#field[index]))
}

fn state_field(name: &FieldName) -> Code {
    let field = field_ident(name);
    Code::of(Form::Place, quote!(state.#field))
}
