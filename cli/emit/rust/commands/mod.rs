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
mod slice;
mod snapshots;
mod specs;
mod state;
mod tags;

pub use custom::decision_path;
pub use expected::record as expected_record;
pub use given::{Examples, slug};

use slice::{Slice, error_ident};

use super::import;
use super::names::{module_ident, type_ident};
use crate::model::{Access, Command, Service};
use crate::output::{Files, Owner};
use proc_macro2::TokenStream;
use quote::quote;

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
