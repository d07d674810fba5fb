//! One slice, as all of its files see it.

use super::computed::Computed;
use crate::emit::rust::Home;
use crate::emit::rust::expression::Scope;
use crate::emit::rust::names::type_ident;
use crate::model::{Command, Service};
use proc_macro2::{Ident, TokenStream};
use quote::format_ident;
use std::cell::OnceCell;

/// One slice and the names that all of its files use.
pub(super) struct Slice<'a> {
    pub service: &'a Service,
    pub command: &'a Command,
    /// Where events, enums and nested objects come from.
    pub events: Home,
    pub name: Ident,
    pub error: Ident,
    /// How it is decided, once somebody has asked.
    pub decided: OnceCell<TokenStream>,
    /// How its state comes about, likewise.
    pub folded: OnceCell<Folded>,
}

impl<'a> Slice<'a> {
    pub fn new(service: &'a Service, command: &'a Command) -> Self {
        let (name, error) = (type_ident(&command.name), error_ident(command));
        let (decided, folded) = (OnceCell::new(), OnceCell::new());
        Self { service, command, events: Home::of(service), name, error, decided, folded }
    }

    pub fn scope(&self) -> Scope<'a> {
        Scope::command(self.service, self.events.clone())
    }

    pub fn has_state(&self) -> bool {
        !self.command.state.is_empty()
    }
}

/// What the slice's errors are called.
pub(super) fn error_ident(command: &Command) -> Ident {
    format_ident!("{}Error", command.name.rust())
}

/// What is read first, how the state begins, and how events change it. Two files of the slice want to know it.
pub(super) struct Folded {
    pub reads: Computed,
    pub initial: Computed,
    pub fold: Computed,
}
