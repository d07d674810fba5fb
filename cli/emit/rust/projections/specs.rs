//! One test a view spec.

use super::View;
use crate::emit::rust::commands::{Examples, expected_record, slug};
use crate::emit::rust::names::type_ident;
use crate::emit::rust::{import, json};
use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;
use std::collections::BTreeSet;

pub(super) fn items(view: &View<'_>) -> Vec<TokenStream> {
    let here = import("super");
    let name = type_ident(&view.projection.entry.name);
    let examples = Examples { service: view.followed, events: view.events.clone() };
    let mut taken = BTreeSet::new();
    let tests = view.projection.specs.iter().map(|spec| {
        let test = slug(&spec.name, &mut taken);
        let (before, given) = examples.given(&spec.given);
        let then = json::json(&spec.then.iter().map(|entry| expected(view, entry)).collect());
        quote! {
            #[test]
            fn #test() {
                #before
                #given.then_entries::<#here::#name>(#then);
            }
        }
    });
    tests.collect()
}

fn expected(view: &View<'_>, entry: &Value) -> Value {
    let fields = view.projection.entry.fields.iter();
    expected_record(view.service, entry, fields.map(|field| (field.name.as_written(), &field.ty)))
}
