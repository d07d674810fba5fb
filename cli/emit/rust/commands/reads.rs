//! What the entries of a state read, step by step.

use super::computed::Computed;
use super::each::for_each;
use super::slice::Slice;
use super::tags::NamedTags;
use crate::emit::rust::events::{Around, tag_code};
use crate::emit::rust::import;
use crate::emit::rust::names::variant_ident;
use crate::emit::rust::tokens::uses;
use crate::model::{FieldName, StateEntry, TypeName};
use proc_macro2::{Literal, TokenStream};
use quote::quote;

/// In how many steps the state is read.
pub(super) fn steps(slice: &Slice<'_>) -> usize {
    slice.command.state.iter().map(|entry| entry.step).max().unwrap_or(1)
}

/// The body of `state_reads`: the first step.
pub(super) fn first(slice: &Slice<'_>) -> Computed {
    step(slice, 1)
}

/// The body of `later_state_reads`: every other one.
fn later(slice: &Slice<'_>) -> Computed {
    let last = steps(slice);
    let last_body = step(slice, last);
    if last == 2 {
        return last_body;
    }
    let last_body = last_body.tokens();
    let arms = (2..last).map(|number| {
        let (pattern, body) = (Literal::usize_unsuffixed(number), step(slice, number).tokens());
        quote!(#pattern => { #body })
    });
    Computed::value(quote!(match step { #(#arms)* _ => { #last_body } }))
}

fn step(slice: &Slice<'_>, step: usize) -> Computed {
    let entries = || slice.command.state.iter().filter(|entry| entry.step == step);
    let tags = NamedTags::of(slice, entries());
    let (mut always, mut sometimes) = (Vec::new(), Vec::new());
    let mut of_lists: Vec<(&FieldName, Vec<TokenStream>)> = Vec::new();
    for entry in entries() {
        let (read, around) = read(slice, entry, &tags);
        let push = || around.wrap(quote!(reads.push(#read);));
        match &entry.each {
            Some(list) => match of_lists.iter_mut().find(|(known, _)| *known == list) {
                Some((_, pushes)) => pushes.push(push()),
                None => of_lists.push((list, vec![push()])),
            },
            None if around.is_empty() => always.push(read),
            None => sometimes.push(push()),
        }
    }
    sometimes.extend(of_lists.iter().map(|(list, pushes)| for_each(slice, list, &quote!(#(#pushes)*))));
    let first = if always.is_empty() { quote!(Vec::new()) } else { quote!(vec![#(#always),*]) };
    let tags = tags.statements();
    if sometimes.is_empty() {
        return Computed { statements: tags, value: first };
    }
    Computed { statements: quote!(#tags let mut reads = #first; #(#sometimes)*), value: quote!(reads) }
}

/// What an entry reads; nothing if a tag of it is nil.
fn read(slice: &Slice<'_>, entry: &StateEntry, named: &NamedTags) -> (TokenStream, Around) {
    let rt = import("scaffold_runtime::codegen");
    let mut around = Around::default();
    let scope = slice.scope();
    let tags = entry.tags.iter().map(|tag| named.call(tag_code(&scope, tag, &mut around)));
    let tags: Vec<TokenStream> = tags.collect();
    let types = entry.on.keys().map(TypeName::as_written);
    let variant = variant_ident(&entry.name);
    let of = entry.each.as_ref().map(|_| quote!((index)));
    (quote!((Entry::#variant #of, #rt::QueryItem::of(&[#(#types),*], [#(#tags),*]))), around)
}

/// The method for the later steps, if there are any.
pub(super) fn later_method(slice: &Slice<'_>) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    if steps(slice) < 2 {
        return None;
    }
    let later = later(slice);
    let (body, tokens) = (later.body(), later.tokens());
    let output = later.output(&quote!(Vec<(Entry, #rt::QueryItem)>));
    let parameters = later_parameters().filter(|(name, _)| uses(&tokens, &name.to_string()));
    let parameters = parameters.map(|(name, ty)| quote!(#name: #ty));
    Some(quote! {
        /// What the entries of a later step read, which depends on what the steps before it have read.
        pub(super) fn later_state_reads(&self, #(#parameters),*) #output {
            #body
        }
    })
}

/// `STEPS` and `later_reads` of the `Decision`, if there are later steps.
pub(super) fn later_of_decision(slice: &Slice<'_>) -> (Option<TokenStream>, Option<TokenStream>) {
    let rt = import("scaffold_runtime::codegen");
    let count = steps(slice);
    if count < 2 {
        return (None, None);
    }
    let count = Literal::usize_unsuffixed(count);
    let later = later(slice);
    let body = later.tokens();
    let parameters = later_parameters().map(|(name, ty)| {
        let name = if uses(&body, &name.to_string()) { name } else { quote!(_) };
        quote!(#name: #ty)
    });
    let arguments = later_parameters().map(|(name, _)| name).filter(|name| uses(&body, &name.to_string()));
    let called = later.called(quote!(self.later_state_reads(#(#arguments),*)));
    let method = quote! {
        fn later_reads(&self, #(#parameters),*) -> Result<Vec<(Entry, #rt::QueryItem)>, #rt::EvalError> {
            #called
        }
    };
    (Some(quote!(const STEPS: usize = #count;)), Some(method))
}

fn later_parameters() -> impl Iterator<Item = (TokenStream, TokenStream)> {
    let rt = import("scaffold_runtime::codegen");
    let state = (quote!(state), quote!(&State));
    [(quote!(step), quote!(usize)), state, (quote!(context), quote!(&#rt::Context<'_>))].into_iter()
}
