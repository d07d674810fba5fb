//! One test an example.

use super::{Slice, command};
use crate::emit::rust::commands::{Examples, expected_record, slug};
use crate::emit::rust::{import, json};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    let (here, name) = (import("super"), &slice.name);
    let examples = Examples { service: slice.followed, events: slice.events.clone() };
    let meta = slice.target.as_ref().is_some_and(|target| command::parameters(slice, target).meta);
    let function = match (slice.entry(), meta) {
        (Some(_), _) => quote!(#here::#name::command),
        (None, true) => quote!(#here::#name::command),
        (None, false) => quote!(|event, _| #here::#name::command(event)),
    };
    let mut taken = BTreeSet::new();
    let tests = slice.automation.specs.iter().map(|spec| {
        let test = slug(&spec.name, &mut taken);
        let (before, given) = examples.given(&spec.given);
        let then = json::json(&spec.then.iter().map(|command| expected(slice, command)).collect());
        let check = match slice.entry() {
            Some(entry) => {
                let view = slice.entry_path(entry);
                quote!(then_sent_for::<#view, _>(#function, #then))
            }
            None => quote!(then_sent(#function, #then)),
        };
        quote! {
            #[test]
            fn #test() {
                #before
                #given.#check;
            }
        }
    });
    tests.collect()
}

/// The named fields of a command.
fn expected(slice: &Slice<'_>, command: &Value) -> Value {
    let fields = slice.target.iter().flat_map(|target| &target.command.fields);
    expected_record(slice.service, command, fields.map(|field| (field.name.as_written(), &field.ty)))
}
