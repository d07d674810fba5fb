//! The crate `<project>-gateway-api`: GraphQL over the services' clients, a folder a service, a folder an entry.

mod command;
mod entry;
mod input;
mod mutation;
mod names;
mod object;
mod query;
mod schema;
mod service;
mod subscription;
mod types;
mod usage;

use super::import;
use super::wire::{Converter, Side};
use crate::emit::EmitError;
use crate::emit::text::crates::Crate;
use crate::emit::text::project::gateway_package;
use crate::model::{EntryType, Model, Service, TypeName};
use crate::output::{Files, Owner, generated_from};
use crate::place::Place;
use proc_macro2::{Ident, TokenStream};
use quote::quote;
use usage::Usage;

/// Where the crate's sources stand.
const ROOT: &str = "generated/gateway/graphql/src";

/// Emits what one service adds to the crate.
pub fn emit_gateway_part(model: &Model, service: &Service, files: &mut Files) {
    Gateway::new(model, service).emit_service(files);
}

/// Emits the crate, but for what the services add to it.
pub fn emit_gateway(model: &Model, files: &mut Files) -> Result<(), EmitError> {
    let inputs = ["scaffold.yaml".to_owned()];
    let doc = "The one schema: what every service adds to it.";
    files.rust(Owner::OursList, format!("{ROOT}/schema.rs"), &inputs, doc, schema::items(model));
    let doc = "The public edge of the project: GraphQL over the services' typed clients, and no logic of its own.";
    files.rust(Owner::OursList, format!("{ROOT}/lib.rs"), &inputs, doc, schema::library(model));
    let names = model.services.values().map(|service| service.name.kebab());
    let mut dependencies: Vec<String> =
        names.map(|name| format!("{name}-grpc = {{ path = \"../../{name}/grpc\" }}")).collect();
    dependencies.extend([
        "async-graphql = { version = \"7.2\", default-features = false, features = [\"dataloader\"] }".to_owned(),
        "scaffold-runtime = { workspace = true, features = [\"gateway\"] }".to_owned(),
        "tonic = { version = \"0.14\", default-features = false, features = [\"channel\"] }".to_owned(),
    ]);
    let manifest = Crate {
        header: generated_from(&inputs),
        name: gateway_package(model),
        description: format!("The public API of {}", model.project.name),
        dependencies,
    };
    manifest.push_list("generated/gateway/graphql", files)?;
    Ok(())
}

/// Emits what one service adds to the schema.
struct Gateway<'a> {
    model: &'a Model,
    service: &'a Service,
    converter: Converter<'a>,
    usage: Usage,
}

impl<'a> Gateway<'a> {
    fn new(model: &'a Model, service: &'a Service) -> Self {
        let converter = Converter { service, side: Side::Gateway };
        Self { model, service, converter, usage: Usage::of(model, service) }
    }

    fn emit_service(&self, files: &mut Files) {
        let root = format!("{ROOT}/{}", self.service.name.snake());
        self.emit_types(&root, files);
        for command in self.service.commands.values().filter(|command| self.is_called(command)) {
            let doc = format!("The mutation `{}`.", command.name.camel());
            self.rust(
                files,
                command.place,
                format!("{root}/{}.rs", command.name.module()),
                (&doc, self.command(command)),
            );
        }
        for entry in self.service.entries().into_values() {
            self.emit_entry(&format!("{root}/{}", entry.name.module()), entry, files);
        }
        let doc = format!("What the service `{}` adds to the schema.", self.service.name.kebab());
        files.rust(Owner::OursList, format!("{root}/mod.rs"), &self.service.input_folders(), &doc, self.list());
    }

    /// A file of the thing at this place.
    fn rust(&self, files: &mut Files, place: Place, path: String, (doc, items): (&str, Vec<TokenStream>)) {
        files.rust(Owner::Ours, path, &self.service.inputs_of([place]), doc, items);
    }

    /// The service and the entry that a reference leads to.
    fn referred(&self, name: &TypeName) -> Option<(&'a Service, &'a EntryType)> {
        let own = self.service.entry(name).map(|entry| (self.service, entry));
        own.or_else(|| {
            self.model.services.values().find_map(|service| service.entry(name).map(|entry| (service, entry)))
        })
    }

    /// The folder of the service that declares an enum or a nested type.
    fn home_of(&self, name: &TypeName) -> Ident {
        let declarer =
            self.service.types.service_of(name).and_then(|other| self.model.services.get(other.as_written()));
        self.home(declarer.unwrap_or(self.service))
    }

    /// `crate::enrollment`, the folder of a service.
    fn home(&self, service: &Service) -> Ident {
        import(&format!("crate::{}", names::service_module(service)))
    }

    /// `proto`, the module of the service's messages.
    fn proto(&self) -> TokenStream {
        self.converter.proto()
    }
}

/// The scalars, filters and functions of the runtime's gateway.
fn gateway() -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    quote!(#rt::gateway)
}
