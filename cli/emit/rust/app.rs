//! The crate `<project>-services`: every service and the gateway, for what runs them all in one process.

use super::import;
use super::names::ident;
use crate::emit::EmitError;
use crate::emit::text::crates::Crate;
use crate::emit::text::project::{gateway_package, services_package};
use crate::model::Model;
use crate::output::{Files, Owner, generated_from};
use quote::quote;

/// Emits the crate.
pub fn emit_app(model: &Model, files: &mut Files) -> Result<(), EmitError> {
    let rt = import("scaffold_runtime::codegen");
    let inputs = ["scaffold.yaml".to_owned()];
    let services = model.services.values().map(|service| {
        let krate = ident(&format!("{}_service", service.name.snake()));
        quote!(#krate::service())
    });
    let gateway = ident(&gateway_package(model).replace('-', "_"));
    let items = vec![
        quote! {
            /// Every service of the project.
            pub fn services() -> Vec<#rt::ServiceDefinition> {
                vec![#(#services),*]
            }
        },
        quote!(pub use #gateway::gateway;),
    ];
    files.rust(
        Owner::OursList,
        "generated/app/services/src/lib.rs",
        &inputs,
        "Everything that the project runs.",
        items,
    );
    let mut dependencies = vec![format!("{} = {{ path = \"../../gateway/graphql\" }}", gateway_package(model))];
    let names = model.services.values().map(|service| service.name.kebab());
    dependencies.extend(names.map(|name| format!("{name}-service = {{ path = \"../../{name}/service\" }}")));
    dependencies.push("scaffold-runtime = { workspace = true, features = [\"gateway\"] }".to_owned());
    dependencies.sort();
    let manifest = Crate {
        header: generated_from(&inputs),
        name: services_package(model),
        description: format!("Every service of {}, and its gateway", model.project.name),
        dependencies,
    };
    manifest.push_list("generated/app/services", files)?;
    Ok(())
}
