//! One test a spec.

use super::expected;
use super::given::{Examples, by, slug};
use super::slice::Slice;
use crate::emit::rust::{import, json};
use crate::model::{Spec, SpecEvent, SpecOutcome};
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    let mut taken = BTreeSet::new();
    slice.command.specs.iter().map(|spec| test(slice, spec, slug(&spec.name, &mut taken))).collect()
}

fn test(slice: &Slice<'_>, spec: &Spec, test: Ident) -> TokenStream {
    let here = import("super");
    let examples = Examples { service: slice.service, events: slice.events.clone() };
    let (before, given) = examples.given(&spec.given);
    let by = spec.by.as_ref().map(by);
    let name = &slice.name;
    let when = examples.record(&quote!(#here::#name), &slice.command.fields, &spec.when);
    let then = then(slice, &spec.then);
    quote! {
        #[test]
        fn #test() {
            #before
            let when = #when;
            #given #by.when(when).#then;
        }
    }
}

fn then(slice: &Slice<'_>, outcome: &SpecOutcome) -> TokenStream {
    match outcome {
        SpecOutcome::Events(events) => {
            let events = recorded(slice, events);
            quote!(then_events(#events))
        }
        SpecOutcome::Error { error, message, events } => {
            let error = error.as_written();
            let message = message.as_ref().map_or_else(|| quote!(None), |message| quote!(Some(#message)));
            if events.is_empty() {
                return quote!(then_rejected(#error, #message));
            }
            let events = recorded(slice, events);
            quote!(then_rejected_recording(#error, #message, #events))
        }
    }
}

/// `json!([{"StudentSubscribed": {…}}])`
fn recorded(slice: &Slice<'_>, events: &[SpecEvent]) -> TokenStream {
    let name = |event: &SpecEvent| event.event.as_written().to_owned();
    let events = events.iter().map(|event| json!({ name(event): expected::event(slice.service, event) }));
    json::json(&Value::Array(events.collect()))
}
