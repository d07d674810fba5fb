//! What stands around the user's effects: a crate that is the user's, whose list of files is ours.

use super::payload::payload;
use super::{Input, Slice, custom};
use crate::emit::EmitError;
use crate::emit::rust::import;
use crate::emit::rust::names::module_ident;
use crate::emit::rust::types::rust_type;
use crate::emit::text::render;
use crate::model::{Model, Service, ServiceName, Trigger};
use crate::output::{Files, Owner};
use proc_macro2::TokenStream;
use quote::quote;
use serde::Serialize;
use std::collections::BTreeSet;

/// What the template of the crate's manifest may name.
#[derive(Serialize)]
struct Effects {
    service: String,
    has_projections: bool,
    /// The other services whose events start effects.
    followed: BTreeSet<String>,
    /// The other services whose types are among the results.
    types: BTreeSet<String>,
}

/// Emits the list of effects, and once the crate and each function; nothing if no automation runs Rust of the user's.
pub(super) fn emit_effects(model: &Model, service: &Service, root: &str, files: &mut Files) -> Result<(), EmitError> {
    if custom(service).next().is_none() {
        return Ok(());
    }
    let name = service.name.kebab();
    let home = format!("services/{name}/effects");
    let followed = custom(service).filter_map(|automation| {
        let other = Slice::new(model, service, automation).other();
        other.filter(|_| automation.trigger == Trigger::Events).map(|other| ServiceName::new(other).kebab())
    });
    let followed = followed.collect();
    let results = custom(service).filter_map(|automation| automation.result.as_ref());
    let declared = results.filter_map(|result| service.types.service_of(result.ty.declared()?));
    let types = declared.filter(|other| **other != service.name).map(ServiceName::kebab).collect();
    let context = Effects { service: name.clone(), has_projections: !service.projections.is_empty(), followed, types };
    files.push(Owner::Yours, format!("{home}/Cargo.toml"), render("project/service/effects/Cargo.toml", &context)?);
    for automation in custom(service) {
        let path = format!("{home}/{}.rs", automation.name.module());
        let doc = format!("The effect of `{}`.", automation.name);
        files.rust(Owner::Yours, path, &[], &doc, beginning(&Slice::new(model, service, automation)));
    }
    let modules = custom(service).map(|automation| {
        let (module, file) = (module_ident(&automation.name), automation.name.module());
        let path = format!("../../../../{home}/{file}.rs");
        quote!(#[path = #path] mod #module;)
    });
    let uses =
        custom(service).map(|automation| module_ident(&automation.name)).map(|name| quote!(pub use #name::#name;));
    let doc = format!("The effects of `{name}`, each in a file of yours in `{home}`.");
    let items = modules.chain(uses).collect();
    files.rust(Owner::OursList, format!("{root}/effects/lib.rs"), &service.input_folders(), &doc, items);
    Ok(())
}

/// What compiles, does nothing, and says so: a run of it is parked and can be sent again once the function is written.
fn beginning(slice: &Slice<'_>) -> Vec<TokenStream> {
    let rt = import("scaffold_runtime::automation");
    let function = module_ident(&slice.automation.name);
    let (name, ty) = match slice.input() {
        Input::Entry(entry, _) => (quote!(_entry), slice.entry_path(entry)),
        Input::One(event, _) => (quote!(_event), payload(slice, event)),
        Input::Any => {
            let events = &slice.events;
            (quote!(_event), quote!(#events::Event))
        }
    };
    let result = match &slice.automation.result {
        Some(result) => {
            let result = rust_type(result, &slice.events);
            quote!(Vec<#result>)
        }
        None => quote!(()),
    };
    let message = format!("the effect of {} is not written yet", slice.automation.name);
    let doc = format!(" What `{}` does in the world outside.", slice.automation.name);
    let rest = match slice.automation.result {
        Some(_) => " A command is sent for each result, in their order.",
        None => " It may be asked for the same more than once: `run.key` is the same then.",
    };
    vec![quote! {
        #[doc = #doc]
        #[doc = ""]
        #[doc = #rest]
        ///
        /// # Errors
        /// `Failure::Retry` for what may pass, `Failure::Park` for what will not.
        pub async fn #function(#name: &#ty, _run: &#rt::Run<'_>) -> Result<#result, #rt::Failure> {
            Err(#rt::Failure::Park(#message.to_owned()))
        }
    }]
}
