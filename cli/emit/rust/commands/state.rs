//! The decision model: what is read, how it begins, how events change it.

use super::computed::Computed;
use super::slice::{Folded, Slice};
use super::{each, reads, snapshots};
use crate::emit::rust::expression::{Scope, group};
use crate::emit::rust::names::{field_ident, type_ident, variant_ident};
use crate::emit::rust::tokens::uses;
use crate::emit::rust::types::rust_type;
use crate::emit::rust::{docs, import};
use crate::model::{Expr, ExprKind, StateEntry, TypeName, Var};
use proc_macro2::TokenStream;
use quote::quote;

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    vec![state_struct(slice), entry_enum(slice), state_impl(slice)]
}

fn folded<'a>(slice: &'a Slice<'_>) -> &'a Folded {
    let fold = || Computed::nothing(fold_statement(slice));
    slice.folded.get_or_init(|| Folded { reads: reads::first(slice), initial: initial(slice), fold: fold() })
}

/// The methods of `Decision` that pass on to those of the slice, with the parameters that these really use.
pub(super) struct Delegated {
    /// `context` or `_` of `reads`, and its body.
    pub reads: (TokenStream, TokenStream),
    /// `context` or `_` of `initial`, and its body.
    pub initial: (TokenStream, TokenStream),
    /// The parameters of `fold`, and its body.
    pub fold: (TokenStream, TokenStream),
}

impl Delegated {
    pub(super) fn of(slice: &Slice<'_>) -> Self {
        let Folded { reads, initial, fold } = folded(slice);
        let passed = |of: &Computed| uses(&of.tokens(), "context").then(|| quote!(context));
        let named = |of: &Computed| passed(of).unwrap_or_else(|| quote!(_));
        let (for_reads, for_initial) = (passed(reads), passed(initial));
        let itself = if uses(&initial.tokens(), "self") { quote!(self.) } else { quote!(Self::) };
        let (parameters, arguments) = fold_signature(fold);
        Self {
            reads: (named(reads), reads.called(quote!(self.state_reads(#for_reads)))),
            initial: (named(initial), initial.called(quote!(#itself initial_state(#for_initial)))),
            fold: (parameters, fold.called(quote!(self.fold_state(#arguments)))),
        }
    }
}

/// All parameters of `Decision::fold`, the unused ones without a name; and what is passed on.
fn fold_signature(fold: &Computed) -> (TokenStream, TokenStream) {
    let (rt, tokens) = (import("scaffold_runtime::codegen"), fold.tokens());
    let all = [
        (quote!(state), quote!(&mut State)),
        (quote!(entry), quote!(Entry)),
        (quote!(event), quote!(&Self::Event)),
        (quote!(meta), quote!(&#rt::Meta)),
        (quote!(context), quote!(&#rt::Context<'_>)),
    ];
    let used = |name: &TokenStream| uses(&tokens, &name.to_string());
    let parameters = all.iter().map(|(name, ty)| if used(name) { quote!(#name: #ty) } else { quote!(_: #ty) });
    let arguments = all.iter().map(|(name, _)| name).filter(|name| used(name));
    (quote!(#(#parameters),*), quote!(#(#arguments),*))
}

fn state_struct(slice: &Slice<'_>) -> TokenStream {
    let doc = docs(Some(&format!("What `{}` needs to know before it decides.", slice.command.name)));
    let fields = slice.command.state.iter().map(|entry| {
        let docs = docs(entry_doc(entry).as_deref());
        let (name, ty) = (field_ident(&entry.name), rust_type(&entry.ty, &slice.events));
        let ty = if entry.each.is_some() { quote!(Vec<#ty>) } else { ty };
        quote!(#docs pub #name: #ty,)
    });
    let derived = snapshots::derived(slice);
    quote! {
        #doc
        #[derive(Clone, Debug, PartialEq #derived)]
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
        let (doc, variant) = (docs(Some(&doc)), variant_ident(&entry.name));
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
    let Folded { reads, initial, fold } = folded(slice);
    let context = |of: &Computed| uses(&of.tokens(), "context").then(|| quote!(context: &#rt::Context<'_>));
    let (for_reads, for_initial) = (context(reads), context(initial));
    let itself = uses(&initial.tokens(), "self").then(|| quote!(&self,));
    let for_fold = fold_parameters(slice, &fold.tokens());
    let later = reads::later_method(slice);
    let read = reads.output(&quote!(Vec<(Entry, #rt::QueryItem)>));
    let (begun, folded) = (initial.output(&quote!(State)), fold.output(&quote!(())));
    let (reads, initial, fold) = (reads.body(), initial.body(), fold.body());
    quote! {
        impl #here::#name {
            /// What each entry reads.
            pub(super) fn state_reads(&self, #for_reads) #read {
                #reads
            }

            #later

            /// Before the first event.
            pub(super) fn initial_state(#itself #for_initial) #begun {
                #initial
            }

            /// What one event changes in one entry.
            pub(super) fn fold_state(&self, #for_fold) #folded {
                #fold
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

fn initial(slice: &Slice<'_>) -> Computed {
    let scope = slice.scope();
    let values = slice.command.state.iter().map(|entry| {
        let (name, value) = (field_ident(&entry.name), scope.owned(&entry.initial));
        let value = entry.each.as_ref().map_or(value.clone(), |list| each::of_each(slice, list, &value));
        quote!(#name: #value)
    });
    Computed::value(quote!(State { #(#values),* }))
}

/// The statement that folds one event into one entry.
fn fold_statement(slice: &Slice<'_>) -> TokenStream {
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
        return match (complete, &only.guard) {
            (true, None) => quote!(let #pattern = (entry, event); #body),
            (true, Some(guard)) => quote!(let #pattern = (entry, event); if #guard { #body }),
            (false, None) => quote!(if let #pattern = (entry, event) { #body }),
            (false, Some(guard)) => {
                let guard = group(guard);
                quote!(if let #pattern = (entry, event) && #guard { #body })
            }
        };
    }
    let falls_through = !complete || arms.iter().any(|arm| arm.guard.is_some());
    let rest = falls_through.then(|| quote!(_ => {}));
    let arms = arms.iter().map(|arm| {
        let (pattern, body) = (pattern(arm), &arm.body);
        let guard = arm.guard.as_ref().map(|guard| quote!(if #guard));
        quote!(#pattern #guard => { #body })
    });
    quote!(match (entry, event) { #(#arms)* #rest })
}

/// What some events change in one entry.
struct Arm {
    entry: TokenStream,
    events: Vec<TokenStream>,
    /// Whether the guard or the body looks at the event.
    looks: bool,
    /// What must hold for the body to run.
    guard: Option<TokenStream>,
    body: TokenStream,
}

impl Arm {
    fn does_as(&self, other: &Self) -> bool {
        let same = |a: &TokenStream, b: &TokenStream| a.to_string() == b.to_string();
        let guard = |arm: &Self| arm.guard.as_ref().map(ToString::to_string);
        let unseen = !self.looks && !other.looks && guard(self) == guard(other);
        unseen && same(&self.entry, &other.entry) && same(&self.body, &other.body)
    }
}

fn arm(slice: &Slice<'_>, entry: &StateEntry, event: &TypeName, value: &Expr) -> Arm {
    let mut scope = slice.scope();
    scope.entry = Some(entry);
    scope.event = slice.service.events.get(event);
    let assigned = scope.owned(value);
    let field = field_ident(&entry.name);
    let place = if entry.each.is_some() { quote!(state.#field[index]) } else { quote!(state.#field) };
    // What the newest event builds on is the beginning, not what an earlier attempt made of an older event.
    let afresh = (entry.last_only && mentions_state(&scope, value)).then(|| {
        let initial = slice.scope().owned(&entry.initial);
        quote!(#place = #initial;)
    });
    let (guard, changed) = assignment(&scope, &place, value);
    let whole = quote!(#afresh #guard #changed);
    let item = entry.each.as_ref().and_then(|list| each::item_at_index(slice, list, &whole));
    // What is done in any case leaves the guard no place but inside.
    let (guard, changed) = match guard {
        Some(guard) if afresh.is_some() || item.is_some() => (None, quote!(if #guard { #changed })),
        guard => (guard, changed),
    };
    let looks = uses(&assigned, "event");
    let binding = if looks { quote!(event) } else { quote!(_) };
    let of = entry.each.as_ref().map(|_| if uses(&whole, "index") { quote!((index)) } else { quote!((_)) });
    let (events, variant, event) = (&slice.events, variant_ident(&entry.name), type_ident(event));
    Arm {
        entry: quote!(Entry::#variant #of),
        events: vec![quote!(#events::Event::#event(#binding))],
        looks,
        guard,
        body: quote!(#item #afresh #changed),
    }
}

/// The place takes the value, under a condition where it keeps what it has otherwise: `state` is the place as it was.
fn assignment(scope: &Scope<'_>, place: &TokenStream, value: &Expr) -> (Option<TokenStream>, TokenStream) {
    let is_state = |value: &Expr| matches!(value.kind, ExprKind::Var(Var::State));
    if is_state(value) {
        return (None, TokenStream::new());
    }
    if let Some(growth) = scope.growth(value, is_state) {
        return (None, quote!(#place.#growth;));
    }
    if let ExprKind::Conditional { condition, then, otherwise } = &value.kind {
        let kept = match (is_state(then), is_state(otherwise)) {
            (false, true) => Some((scope.owned(condition), then)),
            (true, false) => Some((scope.negated(condition), otherwise)),
            _ => None,
        };
        if let Some((holds, changed)) = kept {
            let (inner, changed) = assignment(scope, place, changed);
            let both = inner.map(|inner| {
                let (outer, inner) = (group(&holds), group(&inner));
                quote!(#outer && #inner)
            });
            return (Some(both.unwrap_or(holds)), changed);
        }
    }
    let value = scope.owned(value);
    (None, quote!(#place = #value;))
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
        let (variant, of) = (variant_ident(&entry.name), entry.each.as_ref().map(|_| quote!((_))));
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
