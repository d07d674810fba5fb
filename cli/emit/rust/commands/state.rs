//! The decision model: what is read, how it begins, how events change it.

use super::{Slice, each, reads, uses};
use crate::emit::rust::expression::Scope;
use crate::emit::rust::names::{field_ident, ident, type_ident};
use crate::emit::rust::types::rust_type;
use crate::emit::rust::{docs, import};
use crate::model::{Expr, ExprKind, StateEntry, TypeName, Var};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    vec![state_struct(slice), entry_enum(slice), state_impl(slice)]
}

/// Which parameters the methods of a slice really use.
pub(super) struct Parameters {
    /// `context` in `state_reads`.
    pub reads: bool,
    /// `context` in `initial_state`.
    pub initial: bool,
    fold: Vec<(TokenStream, TokenStream, bool)>,
}

impl Parameters {
    pub(super) fn of(slice: &Slice<'_>) -> Self {
        let rt = import("scaffold_runtime::codegen");
        let fold = fold_body(slice);
        let all = [
            (quote!(state), quote!(&mut State)),
            (quote!(entry), quote!(Entry)),
            (quote!(event), quote!(&Self::Event)),
            (quote!(meta), quote!(&#rt::Meta)),
            (quote!(context), quote!(&#rt::Context<'_>)),
        ];
        let fold = all.into_iter().map(|(name, ty)| {
            let used = uses(&fold, &name.to_string());
            (name, ty, used)
        });
        Self {
            reads: uses(&reads::first(slice), "context"),
            initial: uses(&initial_body(slice), "context"),
            fold: fold.collect(),
        }
    }

    /// All parameters of `Decision::fold`, the unused ones without a name.
    pub(super) fn fold_signature(&self) -> TokenStream {
        let parameters = self.fold.iter().map(|(name, ty, used)| {
            let name = if *used { name.clone() } else { quote!(_) };
            quote!(#name: #ty)
        });
        quote!(#(#parameters),*)
    }

    /// What `Decision::fold` passes on.
    pub(super) fn fold_arguments(&self) -> TokenStream {
        let names = self.fold.iter().filter(|(_, _, used)| *used).map(|(name, ..)| name);
        quote!(#(#names),*)
    }
}

fn state_struct(slice: &Slice<'_>) -> TokenStream {
    let doc = docs(Some(&format!("What `{}` needs to know before it decides.", slice.command.name)));
    let fields = slice.command.state.iter().map(|entry| {
        let docs = docs(entry_doc(entry).as_deref());
        let (name, ty) = (field_ident(&entry.name), rust_type(&entry.ty, &slice.events));
        let ty = if entry.each.is_some() { quote!(Vec<#ty>) } else { ty };
        quote!(#docs pub #name: #ty,)
    });
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq)]
        pub struct State {
            #(#fields)*
        }
    }
}

fn entry_doc(entry: &StateEntry) -> Option<String> {
    let Some(list) = &entry.each else { return entry.doc.clone() };
    let of_each = format!("One value for each of `{list}`, in their order.");
    Some(entry.doc.as_ref().map_or(of_each.clone(), |doc| format!("{}\n\n{of_each}", doc.trim_end())))
}

fn entry_enum(slice: &Slice<'_>) -> TokenStream {
    let variants = slice.command.state.iter().map(|entry| {
        let field = format!("[`State::{}`]", entry.name.rust().trim_start_matches("r#"));
        let (doc, of) = match &entry.each {
            Some(_) => (format!("{field} at this index"), Some(quote!((usize)))),
            None => (field, None),
        };
        let (doc, variant) = (docs(Some(&doc)), entry_variant(entry));
        quote!(#doc #variant #of,)
    });
    quote! {
        /// The entries of [`State`], each with a query of its own.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Entry {
            #(#variants)*
        }
    }
}

fn state_impl(slice: &Slice<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let here = import("super");
    let name = &slice.name;
    let (reads, initial, fold) = (reads::first(slice), initial_body(slice), fold_body(slice));
    let context = |body: &TokenStream| uses(body, "context").then(|| quote!(context: &#rt::Context<'_>));
    let (for_reads, for_initial) = (context(&reads), context(&initial));
    let for_fold = fold_parameters(slice, &fold);
    let later = reads::later_method(slice);
    quote! {
        impl #here::#name {
            /// What each entry reads.
            pub(super) fn state_reads(&self, #for_reads) -> Result<Vec<(Entry, #rt::QueryItem)>, #rt::EvalError> {
                #reads
            }

            #later

            /// Before the first event.
            pub(super) fn initial_state(&self, #for_initial) -> Result<State, #rt::EvalError> {
                #initial
            }

            /// What one event changes in one entry.
            pub(super) fn fold_state(&self, #for_fold) -> Result<(), #rt::EvalError> {
                #fold
                Ok(())
            }
        }
    }
}

fn fold_parameters(slice: &Slice<'_>, body: &TokenStream) -> TokenStream {
    let (rt, events) = (import("scaffold_runtime::codegen"), &slice.events);
    let all = [
        ("state", quote!(state: &mut State)),
        ("entry", quote!(entry: Entry)),
        ("event", quote!(event: &#events::Event)),
        ("meta", quote!(meta: &#rt::Meta)),
        ("context", quote!(context: &#rt::Context<'_>)),
    ];
    let used = all.iter().filter(|(name, _)| uses(body, name)).map(|(_, parameter)| parameter);
    quote!(#(#used),*)
}

fn initial_body(slice: &Slice<'_>) -> TokenStream {
    let scope = slice.scope();
    let values = slice.command.state.iter().map(|entry| {
        let (name, value) = (field_ident(&entry.name), scope.owned(&entry.initial));
        let value = entry.each.as_ref().map_or(value.clone(), |list| each::of_each(slice, list, &value));
        quote!(#name: #value)
    });
    quote!(Ok(State { #(#values),* }))
}

/// The statement that folds one event into one entry.
fn fold_body(slice: &Slice<'_>) -> TokenStream {
    let mut arms: Vec<Arm> = Vec::new();
    for entry in &slice.command.state {
        let first = arms.len();
        for (event, value) in &entry.on {
            let arm = arm(slice, entry, event, value);
            // What does the same whatever the event holds stands once.
            match arms[first..].iter_mut().find(|known| known.does_as(&arm)) {
                Some(known) => known.events.extend(arm.events),
                None => arms.push(arm),
            }
        }
    }
    let written: usize = arms.iter().map(|arm| arm.events.len()).sum();
    let complete = written == slice.command.state.len() * slice.service.events.len();
    let pattern = |arm: &Arm| {
        let (entry, events) = (&arm.entry, &arm.events);
        quote!((#entry, #(#events)|*))
    };
    if let [only] = arms.as_slice() {
        let (pattern, body) = (pattern(only), &only.body);
        return match complete {
            true => quote!(let #pattern = (entry, event); #body),
            false => quote!(if let #pattern = (entry, event) { #body }),
        };
    }
    let rest = (!complete).then(|| quote!(_ => {}));
    let arms = arms.iter().map(|arm| {
        let (pattern, body) = (pattern(arm), &arm.body);
        quote!(#pattern => { #body })
    });
    quote!(match (entry, event) { #(#arms)* #rest })
}

/// What some events change in one entry.
struct Arm {
    entry: TokenStream,
    events: Vec<TokenStream>,
    /// Whether the body looks at the event.
    looks: bool,
    body: TokenStream,
}

impl Arm {
    fn does_as(&self, other: &Self) -> bool {
        let same = |a: &TokenStream, b: &TokenStream| a.to_string() == b.to_string();
        !self.looks && !other.looks && same(&self.entry, &other.entry) && same(&self.body, &other.body)
    }
}

fn arm(slice: &Slice<'_>, entry: &StateEntry, event: &TypeName, value: &Expr) -> Arm {
    let mut scope = slice.scope();
    scope.entry = Some(entry);
    scope.event = slice.service.events.get(event);
    let assigned = scope.owned(value);
    let field = field_ident(&entry.name);
    let place = if entry.each.is_some() { quote!(state.#field[index]) } else { quote!(state.#field) };
    let unchanged = matches!(value.kind, ExprKind::Var(Var::State));
    // What the newest event builds on is the beginning, not what an earlier attempt made of an older event.
    let afresh = (entry.last_only && mentions_state(&scope, value)).then(|| {
        let initial = slice.scope().owned(&entry.initial);
        quote!(#place = #initial;)
    });
    let growth = scope.growth(value, |list| matches!(list.kind, ExprKind::Var(Var::State)));
    let changed = match growth {
        Some(growth) => Some(quote!(#place.#growth;)),
        None => (!unchanged).then(|| quote!(#place = #assigned;)),
    };
    let body = quote!(#afresh #changed);
    let item = entry.each.as_ref().and_then(|list| each::item_at_index(slice, list, &body));
    let looks = uses(&assigned, "event");
    let binding = if looks { quote!(event) } else { quote!(_) };
    let of = entry.each.as_ref().map(|_| if uses(&body, "index") { quote!((index)) } else { quote!((_)) });
    let (events, variant, event) = (&slice.events, entry_variant(entry), type_ident(event));
    Arm {
        entry: quote!(Entry::#variant #of),
        events: vec![quote!(#events::Event::#event(#binding))],
        looks,
        body: quote!(#item #body),
    }
}

/// Whether `state` stands in the value: then its code is another one where `state` is called otherwise.
fn mentions_state(scope: &Scope<'_>, value: &Expr) -> bool {
    let elsewhere = Scope { entry: None, ..scope.clone() };
    elsewhere.owned(value).to_string() != scope.owned(value).to_string()
}

/// `last_only` of the `Decision`, if any entry is so.
pub(super) fn last_only(slice: &Slice<'_>) -> Option<TokenStream> {
    let entries = &slice.command.state;
    let pattern = |entry: &StateEntry| {
        let (variant, of) = (entry_variant(entry), entry.each.as_ref().map(|_| quote!((_))));
        quote!(Entry::#variant #of)
    };
    let variants: Vec<TokenStream> = entries.iter().filter(|entry| entry.last_only).map(pattern).collect();
    if variants.is_empty() {
        return None;
    }
    let (argument, body) = if variants.len() == entries.len() {
        (quote!(_), quote!(true))
    } else {
        (quote!(entry), quote!(matches!(entry, #(#variants)|*)))
    };
    Some(quote! {
        fn last_only(#argument: Entry) -> bool {
            #body
        }
    })
}

pub(super) fn entry_variant(entry: &StateEntry) -> Ident {
    ident(&entry.name.variant())
}
