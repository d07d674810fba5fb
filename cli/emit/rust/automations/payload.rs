//! What code takes of one event.

use super::Slice;
use crate::emit::rust::import;
use crate::emit::rust::names::type_ident;
use crate::model::{Event, EventOrigin};
use proc_macro2::TokenStream;
use quote::quote;

/// What the user's function and `command` take of one event.
pub(super) fn payload(slice: &Slice<'_>, event: &Event) -> TokenStream {
    let (rt, events, name) = (import("scaffold_runtime::codegen"), &slice.events, type_ident(&event.name));
    match event.origin {
        EventOrigin::Undeclared => quote!(#rt::Json),
        _ => quote!(#events::#name),
    }
}
