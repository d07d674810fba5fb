//! The command itself, and the slice's `Decision`.

use super::slice::Slice;
use super::state::{self, Delegated};
use super::{access, custom, decide, reads, snapshots};
use crate::emit::rust::files::Holder;
use crate::emit::rust::names::{field_ident, field_rename};
use crate::emit::rust::types::rust_type;
use crate::emit::rust::{docs, import};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn module_items(slice: &Slice<'_>) -> Vec<TokenStream> {
    let (name, error) = (&slice.name, &slice.error);
    let state = slice.has_state().then(|| {
        quote!(
            mod state;
        )
    });
    let specs = (!slice.command.specs.is_empty()).then(|| {
        quote!(
            #[cfg(test)]
            mod specs;
        )
    });
    let state_use = slice.has_state().then(|| {
        quote!(
            pub use state::{Entry, State};
        )
    });
    let custom = slice.command.custom.is_some();
    let (decide, recorded, recorded_use) = match custom {
        true => (
            custom::module(slice),
            Some(quote!(
                mod recorded;
            )),
            Some(quote!(
                pub use recorded::Recorded;
            )),
        ),
        false => (
            quote!(
                mod decide;
            ),
            None,
            None,
        ),
    };
    vec![
        quote!(mod command; #decide mod error; #recorded #specs #state),
        quote!(pub use command::#name; pub use error::#error; #recorded_use #state_use),
        decision(slice),
    ]
}

pub(super) fn command_items(slice: &Slice<'_>) -> Vec<TokenStream> {
    let default_doc = format!("The command `{}`.", slice.command.name);
    let docs_above = docs(Some(slice.command.doc.as_deref().unwrap_or(&default_doc)));
    let name = &slice.name;
    let fields = slice.command.fields.iter().map(|field| {
        let docs = docs(field.doc.as_deref());
        let (name, ty) = (field_ident(&field.name), rust_type(&field.ty, &slice.events));
        let rename = slice.command.is_sent.then(|| field_rename(&field.name));
        quote!(#docs #rename pub #name: #ty,)
    });
    // Automations compare what they send by the names of the model.
    let serde = import("serde");
    let derived = match slice.command.is_sent {
        true => quote!(#[derive(Clone, Debug, PartialEq, #serde::Serialize)] #[serde(rename_all = "camelCase")]),
        false => quote!(#[derive(Clone, Debug, PartialEq)]),
    };
    let declared = quote! {
        #docs_above
        #derived
        pub struct #name {
            #(#fields)*
        }
    };
    let fields = slice.command.fields.iter().map(|field| (&field.name, &field.ty)).collect();
    let holder = Holder { service: slice.service, name, fields };
    std::iter::once(declared).chain(holder.takes_files()).collect()
}

fn decision(slice: &Slice<'_>) -> TokenStream {
    let (rt, events) = (import("scaffold_runtime::codegen"), &slice.events);
    let (name, error) = (&slice.name, &slice.error);
    let written = slice.command.name.as_written();
    let access = access(&slice.command.access);
    let (state, entry) = match slice.has_state() {
        true => (quote!(State), quote!(Entry)),
        false => {
            let std = import("std::convert");
            (quote!(()), quote!(#std::Infallible))
        }
    };
    let deciding = if slice.command.custom.is_some() { custom::decide_method(slice) } else { decide_method(slice) };
    let folding = state_methods(slice);
    let (steps, _) = reads::later_of_decision(slice);
    let snapshots = snapshots::of_decision(slice);
    quote! {
        impl #rt::Decision for #name {
            const NAME: &'static str = #written;
            const ACCESS: #rt::Access = #access;
            type Event = #events::Event;
            type State = #state;
            type Entry = #entry;
            type Error = #error;
            #steps
            #snapshots

            #folding

            #deciding
        }
    }
}

fn state_methods(slice: &Slice<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    if !slice.has_state() {
        return stateless_methods();
    }
    let Delegated { reads: (for_reads, reads), initial: (for_initial, initial), fold: (for_fold, fold) } =
        Delegated::of(slice);
    let last_only = state::last_only(slice);
    let (_, later_reads) = reads::later_of_decision(slice);
    quote! {
        fn reads(&self, #for_reads: &#rt::Context<'_>) -> Result<Vec<(Entry, #rt::QueryItem)>, #rt::EvalError> {
            #reads
        }

        #later_reads

        #last_only

        fn initial(&self, #for_initial: &#rt::Context<'_>) -> Result<State, #rt::EvalError> {
            #initial
        }

        fn fold(&self, #for_fold) -> Result<(), #rt::EvalError> {
            #fold
        }
    }
}

/// A command that needs to know nothing.
fn stateless_methods() -> TokenStream {
    let (rt, std) = (import("scaffold_runtime::codegen"), import("std::convert"));
    quote! {
        fn reads(&self, _: &#rt::Context<'_>) -> Result<Vec<(Self::Entry, #rt::QueryItem)>, #rt::EvalError> {
            Ok(Vec::new())
        }

        fn initial(&self, _: &#rt::Context<'_>) -> Result<(), #rt::EvalError> {
            Ok(())
        }

        fn fold(
            &self,
            (): &mut (),
            entry: #std::Infallible,
            _: &Self::Event,
            _: &#rt::Meta,
            _: &#rt::Context<'_>,
        ) -> Result<(), #rt::EvalError> {
            match entry {}
        }
    }
}

fn decide_method(slice: &Slice<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let uses = decide::parameters(slice);
    let (state_name, state_type) = match (slice.has_state(), uses.state) {
        (true, true) => (quote!(state), quote!(State)),
        (true, false) => (quote!(_), quote!(State)),
        (false, _) => (quote!(()), quote!(())),
    };
    let context_name = context(uses.context);
    let state = uses.state.then(|| quote!(state,));
    let context = argument(uses.context);
    let error = &slice.error;
    quote! {
        fn decide(
            &self,
            #state_name: &#state_type,
            #context_name: &#rt::Context<'_>,
        ) -> Result<Vec<Self::Event>, #rt::Refused<#error, Self::Event>> {
            self.decide_from(#state #context)
        }
    }
}

fn context(used: bool) -> TokenStream {
    if used { quote!(context) } else { quote!(_) }
}

fn argument(used: bool) -> Option<TokenStream> {
    used.then(|| quote!(context))
}
