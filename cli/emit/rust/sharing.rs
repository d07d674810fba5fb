//! The crate `<service>-types`: enums and nested types that fields of other services have, and how they travel.
//!
//! Crates of events then need not know each other, nor do the gRPC crates: both stand on crates of types, which stand on no other.

use super::events::type_files;
use super::names::{module_ident, type_ident};
use super::{Home, grpc};
use crate::emit::EmitError;
use crate::emit::proto;
use crate::emit::text::crates::{Crate, types_lines};
use crate::emit::text::render;
use crate::model::{Model, Service, TypeName};
use crate::output::{Files, Lock, Owner, generated_from};
use crate::place::Place;
use proc_macro2::TokenStream;
use quote::quote;

/// Emits the crate; nothing for a service whose types only itself has.
pub fn emit_shared_types(
    model: &Model,
    service: &Service,
    lock: &mut Lock,
    files: &mut Files,
) -> Result<(), EmitError> {
    if !service.is_shared() {
        return Ok(());
    }
    let root = format!("generated/{}/types", service.name.kebab());
    emit_types(service, &root, files);
    emit_conversions(model, service, &root, files);
    emit_messages(model, service, lock, &root, files)?;
    let doc = format!("The types of the service `{}`, which other services have too.", service.name.kebab());
    let names: Vec<_> = names(service).into_iter().map(type_ident).collect();
    let items = vec![
        quote!(
            mod convert;
        ),
        quote! {
            #[allow(missing_docs, unused_qualifications, clippy::all)]
            pub mod proto;
        },
        quote!(
            mod types;
        ),
        quote!(pub use types::{#(#names),*};),
    ];
    files.rust(Owner::OursList, format!("{root}/src/lib.rs"), &service.input_folders(), &doc, items);
    manifest(service, &root, files).push(&root, files)?;
    Ok(())
}

/// The names of the types, by module.
fn names(service: &Service) -> Vec<&TypeName> {
    let mut names: Vec<&TypeName> = service.enums.keys().chain(service.objects.keys()).collect();
    names.sort_by_key(|name| name.module());
    names
}

fn emit_types(service: &Service, root: &str, files: &mut Files) {
    let mut push = |name: &TypeName, place: Place, doc: String, items: Vec<TokenStream>| {
        let path = format!("{root}/src/types/{}.rs", name.module());
        files.rust(Owner::Ours, path, &service.inputs_of([place]), &doc, items);
    };
    type_files(service, &Home::inside_of_types(service), &mut push);
    let names = names(service);
    let modules = names.iter().map(|name| module_ident(name)).map(|module| quote!(mod #module;));
    let uses = names.iter().map(|name| (module_ident(name), type_ident(name)));
    let uses = uses.map(|(module, name)| quote!(pub use #module::#name;));
    let items = modules.chain(uses).collect();
    let doc = "The types, a file each.";
    files.rust(Owner::OursList, format!("{root}/src/types/mod.rs"), &service.input_folders(), doc, items);
}

fn emit_conversions(model: &Model, service: &Service, root: &str, files: &mut Files) {
    for (name, place, items) in grpc::shared_conversions(model, service) {
        let doc = format!("`{name}` on the wire.");
        let path = format!("{root}/src/convert/{}.rs", name.module());
        files.rust(Owner::Ours, path, &service.inputs_of([place]), &doc, items);
    }
    let modules = names(service).into_iter().map(module_ident).map(|module| quote!(mod #module;)).collect();
    let doc = "Values on their way to the wire and back, a file a type.";
    files.rust(Owner::OursList, format!("{root}/src/convert/mod.rs"), &service.input_folders(), doc, modules);
}

/// The proto file and its messages. Its package is that of the service's API.
fn emit_messages(
    model: &Model,
    service: &Service,
    lock: &mut Lock,
    root: &str,
    files: &mut Files,
) -> Result<(), EmitError> {
    let path = proto::types_path(model, service);
    let others = proto::types_files(model, lock)?;
    let text = render("generated/grpc/service.proto", &proto::types_file(model, service, lock))?;
    let compiled = proto::compile(&path, &text, &others)?;
    files.push(Owner::OursList, format!("{root}/proto/{path}"), text);
    let header = generated_from(&service.input_folders());
    let header = format!("// {header}\n//! The messages of the types, as compiled from their proto file.\n\n");
    files.push(Owner::OursList, format!("{root}/src/proto.rs"), header + &compiled.rust);
    Ok(())
}

fn manifest(service: &Service, root: &str, files: &Files) -> Crate {
    let name = service.name.kebab();
    let mut dependencies = vec!["prost = \"0.14\"".to_owned()];
    let has_instants = files.below(&format!("{root}/src/")).any(|file| file.contents.contains("::prost_types::"));
    dependencies.extend(has_instants.then(|| "prost-types = \"0.14\"".to_owned()));
    let types = types_lines(service, root, files);
    dependencies.extend(types.into_iter().filter(|line| !line.starts_with(&format!("{name}-types "))));
    dependencies.push("scaffold-runtime = { workspace = true }".to_owned());
    dependencies.push("serde = { version = \"1\", features = [\"derive\"] }".to_owned());
    Crate {
        header: generated_from(&service.input_folders()),
        name: format!("{name}-types"),
        description: format!("The types of the service {name} that other services have too"),
        dependencies,
    }
}
