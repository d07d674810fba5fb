//! The crate `<service>-commands`: a folder a slice, and the list of all slices.

mod bound;
mod command;
mod computed;
mod custom;
mod decide;
mod each;
mod error;
mod expected;
mod given;
mod reads;
mod snapshots;
mod specs;
mod state;
mod tags;

pub use custom::decision_path;
pub use expected::record as expected_record;
pub use given::{Examples, slug};

use super::Home;
use super::expression::Scope;
use super::import;
use super::names::{module_ident, type_ident};
use crate::model::{Access, Command, Service};
use crate::output::{Files, Owner};
use proc_macro2::{Group, Ident, Spacing, TokenStream, TokenTree};
use quote::{format_ident, quote};
use std::cell::OnceCell;

/// Emits the crate's sources.
pub fn emit_commands(service: &Service, files: &mut Files) {
    // No crate for nothing: it would have no manifest either.
    if service.commands.is_empty() {
        return;
    }
    let root = format!("generated/{}/commands/src", service.name.kebab());
    for command in service.commands.values() {
        emit_slice(service, command, &root, files);
    }
    let mut items: Vec<TokenStream> = Vec::new();
    for command in service.commands.values() {
        let module = module_ident(&command.name);
        items.push(quote!(pub mod #module;));
    }
    for command in service.commands.values() {
        let (module, name, error) = (module_ident(&command.name), type_ident(&command.name), error_ident(command));
        items.push(quote!(pub use #module::{#name, #error};));
    }
    let doc = format!("The commands of the service `{}`, a module a slice.", service.name.kebab());
    files.rust(Owner::OursList, format!("{root}/lib.rs"), &service.input_folders(), &doc, items);
}

fn emit_slice(service: &Service, command: &Command, root: &str, files: &mut Files) {
    let folder = format!("{root}/{}", command.name.module());
    let slice = Slice::new(service, command);
    let name = &command.name;
    let inputs = service.inputs_of([command.place]);
    let with_settings = service.inputs_of(command.snapshots.iter().map(|kept| kept.place).chain([command.place]));
    let mut push = |file: &str, doc: String, items: Vec<TokenStream>| {
        let inputs = if matches!(file, "mod" | "state") { &with_settings } else { &inputs };
        files.rust(Owner::Ours, format!("{folder}/{file}.rs"), inputs, &doc, items);
    };
    push("mod", format!("The slice `{name}`."), command::module_items(&slice));
    push("command", format!("What a caller of `{name}` sends."), command::command_items(&slice));
    if !command.state.is_empty() {
        push("state", format!("What `{name}` needs to know."), state::items(&slice));
    }
    match &command.custom {
        Some(custom) => push("recorded", format!("What `{name}` may record."), custom::items(&slice, custom)),
        None => push("decide", format!("How `{name}` is decided."), decide::items(&slice)),
    }
    push("error", format!("Why `{name}` may be rejected."), error::items(&slice));
    if !command.specs.is_empty() {
        push("specs", format!("The examples of `{name}`."), specs::items(&slice));
    }
}

/// One slice and the names that all of its files use.
pub(super) struct Slice<'a> {
    service: &'a Service,
    command: &'a Command,
    /// Where events, enums and nested objects come from.
    events: Home,
    name: Ident,
    error: Ident,
    /// How it is decided, once somebody has asked.
    decided: OnceCell<TokenStream>,
    /// How its state comes about, likewise.
    folded: OnceCell<state::Folded>,
}

impl<'a> Slice<'a> {
    fn new(service: &'a Service, command: &'a Command) -> Self {
        let (name, error) = (type_ident(&command.name), error_ident(command));
        let (decided, folded) = (OnceCell::new(), OnceCell::new());
        Self { service, command, events: Home::of(service), name, error, decided, folded }
    }

    fn scope(&self) -> Scope<'a> {
        Scope::command(self.service, self.events.clone())
    }

    fn has_state(&self) -> bool {
        !self.command.state.is_empty()
    }
}

fn error_ident(command: &Command) -> Ident {
    format_ident!("{}Error", command.name.rust())
}

/// `Access::AnyOf(&["STUDENT"])`
pub fn access(access: &Access) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    match access {
        Access::Public => quote!(#rt::Access::Public),
        Access::SignedIn => quote!(#rt::Access::SignedIn),
        Access::AnyOf(permissions) => quote!(#rt::Access::AnyOf(&[#(#permissions),*])),
        Access::Nobody => quote!(#rt::Access::Nobody),
    }
}

/// Whether the code names this variable, be it inside of a format string. Fields of the same name are none.
pub fn uses(tokens: &TokenStream, variable: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_named = |at: usize| match &tokens[at] {
        TokenTree::Ident(ident) => ident == variable && !is_field(&tokens, at),
        TokenTree::Group(group) => uses(&group.stream(), variable) || is_formatted(&tokens[..at], group, variable),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    };
    (0..tokens.len()).any(is_named)
}

/// Whether the name stands anywhere in the code, be it a field's.
pub fn names(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => names(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// `a.name`, `a::name`, or `name:` of a struct.
fn is_field(tokens: &[TokenTree], at: usize) -> bool {
    let is = |at: Option<usize>, sign: char| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(punct)) => punct.as_char() == sign && punct.spacing() == Spacing::Alone,
        _ => false,
    };
    let is_in_path = is(at.checked_sub(1), ':') && matches!(tokens.get(at.wrapping_sub(2)), Some(TokenTree::Punct(_)));
    is(at.checked_sub(1), '.') || is_in_path || is(at.checked_add(1), ':')
}

/// `format!("{name}")`
fn is_formatted(before: &[TokenTree], group: &Group, variable: &str) -> bool {
    let [.., TokenTree::Ident(name), TokenTree::Punct(_)] = before else { return false };
    let Some(TokenTree::Literal(format)) = group.stream().into_iter().next() else { return false };
    let hole = format!("{{{variable}}}");
    name == "format" && format.to_string().replace("{{", "").contains(&hole)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_told_from_a_field_and_a_text() {
        for code in [quote!(f(&item)), quote!(format!("room:{item}")), quote!(item.id), quote!(Room { id: item })] {
            assert!(uses(&code, "item"), "{code}");
        }
        for code in [
            quote!(event.item),
            quote!(expr::item(x)),
            quote!(Room { item: x }),
            quote!("{item}".to_owned()),
            quote!(format!("{{item}}")),
            quote!(items),
        ] {
            assert!(!uses(&code, "item"), "{code}");
        }
    }
}
