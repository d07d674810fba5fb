//! Rules and what is recorded.

use super::bound;
use super::each::for_each;
use super::slice::Slice;
use crate::emit::rust::expression::Scope;
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, type_ident};
use crate::emit::rust::tokens::uses;
use crate::emit::rust::types::is_copy;
use crate::model::{Emit, FieldName, MessagePart, Rule};
use proc_macro2::TokenStream;
use quote::quote;

/// Which parameters the decision uses.
pub(super) struct Uses {
    pub state: bool,
    pub context: bool,
}

pub(super) fn parameters(slice: &Slice<'_>) -> Uses {
    let body = body(slice);
    Uses { state: slice.has_state() && uses(body, "state"), context: uses(body, "context") }
}

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    let (rt, events, here) = (import("scaffold_runtime::codegen"), &slice.events, import("super"));
    let (name, error) = (&slice.name, &slice.error);
    let body = body(slice);
    let uses = parameters(slice);
    let state = uses.state.then(|| quote!(state: &#here::State,));
    let context = uses.context.then(|| quote!(context: &#rt::Context<'_>,));
    vec![quote! {
        impl #here::#name {
            /// The events to record, or the first rule that rejects.
            pub(super) fn decide_from(&self, #state #context) -> Result<Vec<#events::Event>, #rt::Refused<#here::#error, #events::Event>> {
                #body
            }
        }
    }]
}

/// Two files of the slice want to know it.
fn body<'a>(slice: &'a Slice<'_>) -> &'a TokenStream {
    slice.decided.get_or_init(|| decided(slice))
}

fn decided(slice: &Slice<'_>) -> TokenStream {
    let mut scope = slice.scope();
    let mut rules = Vec::new();
    for (number, rule) in slice.command.rules.iter().enumerate() {
        let bound = bound::by_rule(slice.command, number);
        let named = bound.map(|name| (name, rule_statement(slice, &scope, rule, bound)));
        rules.push((named, rule_statement(slice, &scope, rule, None)));
        scope.bound.extend(bound.cloned());
    }
    let (recording, recorded) = recording(slice, &scope, &slice.command.emits);
    let mut body = quote!(#recording Ok(#recorded));
    for (named, plain) in rules.into_iter().rev() {
        // What only compares an entry is content without a name for it.
        let named = named.filter(|(name, _)| uses(&body, &field_ident(name).to_string()));
        let statement = named.map_or(plain, |(_, statement)| statement);
        body = quote!(#statement #body);
    }
    body
}

/// What is recorded: the list up to the first event with a condition or an `each` as one literal. Statements, and the list
/// that they leave.
fn recording(slice: &Slice<'_>, scope: &Scope<'_>, emits: &[Emit]) -> (TokenStream, TokenStream) {
    let is_sure = |emit: &Emit| emit.when.is_none() && emit.each.is_none();
    let first = emits.iter().position(|emit| !is_sure(emit)).unwrap_or(emits.len());
    let (sure, rest) = emits.split_at(first);
    let sure = sure.iter().map(|emit| event_value(slice, scope, emit));
    let list = if first == 0 { quote!(Vec::new()) } else { quote!(vec![#(#sure),*]) };
    if rest.is_empty() {
        return (TokenStream::new(), list);
    }
    let rest = rest.iter().map(|emit| push(slice, scope, emit));
    (quote!(let mut recorded = #list; #(#rest)*), quote!(recorded))
}

fn push(slice: &Slice<'_>, scope: &Scope<'_>, emit: &Emit) -> TokenStream {
    let value = event_value(slice, scope, emit);
    let push = quote!(recorded.push(#value););
    let push = match &emit.when {
        Some(when) => {
            let condition = scope.owned(when);
            quote!(if #condition { #push })
        }
        None => push,
    };
    match &emit.each {
        Some(list) => for_each(slice, list, &push),
        None => push,
    }
}

fn event_value(slice: &Slice<'_>, scope: &Scope<'_>, emit: &Emit) -> TokenStream {
    let (events, event) = (&slice.events, event_literal(slice, scope, emit));
    quote!(#events::Event::from(#event))
}

/// The rule; where it shows that a state entry is there, by giving it a name.
fn rule_statement(slice: &Slice<'_>, scope: &Scope<'_>, rule: &Rule, bound: Option<&FieldName>) -> TokenStream {
    let rejecting = rejecting(slice, scope, rule);
    if let Some(name) = bound {
        let field = field_ident(name);
        let is_copied = slice.command.state.iter().any(|entry| entry.name == *name && is_copy(&entry.ty.ty));
        let lent = (!is_copied).then(|| quote!(&));
        return quote!(let Some(#field) = #lent state.#field else { #rejecting };);
    }
    let condition = scope.owned(&rule.reject);
    let statement = quote!(if #condition { #rejecting });
    match &rule.each {
        Some(list) => for_each(slice, list, &statement),
        None => statement,
    }
}

/// What a rule does that holds.
fn rejecting(slice: &Slice<'_>, scope: &Scope<'_>, rule: &Rule) -> TokenStream {
    let (rt, here) = (import("scaffold_runtime::codegen"), import("super"));
    let (error, case) = (&slice.error, type_ident(&rule.error));
    let mut named = Vec::new();
    let mut values = Vec::new();
    for part in &rule.message.parts {
        let MessagePart::Hole { name, value } = part else { continue };
        if named.contains(&name) {
            continue;
        }
        named.push(name);
        let (field, value) = (super::error::case_field(name), super::error::hole_value(scope, value));
        values.push(quote!(#field: #value));
    }
    let fields = (!values.is_empty()).then(|| quote!({ #(#values),* }));
    let rejection = quote!(#here::#error::#case #fields);
    if rule.emits.is_empty() {
        return quote!(return Err(#rt::Refused::Rejected(#rejection)););
    }
    let (recording, recorded) = recording(slice, scope, &rule.emits);
    quote! {
        #recording
        return Err(#rt::Refused::recording(#rejection, #recorded));
    }
}

fn event_literal(slice: &Slice<'_>, scope: &Scope<'_>, emit: &Emit) -> TokenStream {
    let events = &slice.events;
    let declared = slice.service.events.get(&emit.event).map(|event| event.fields.as_slice()).unwrap_or_default();
    let values = declared.iter().map(|field| {
        let name = field_ident(&field.name);
        let value = emit.values.iter().find(|(name, _)| *name == field.name).map(|(_, value)| scope.owned(value));
        match (value, field.may_be_absent) {
            (Some(value), false) => quote!(#name: #value),
            (Some(value), true) => quote!(#name: Some(#value)),
            (None, _) => quote!(#name: None),
        }
    });
    let event = type_ident(&emit.event);
    quote!(#events::#event { #(#values),* })
}
