//! The crate `<service>-service`: what a service is made of, in one place. Whoever runs it needs no other crate of it.

use super::names::{ident, type_ident};
use super::{docs, from_crate, import};
use crate::emit::EmitError;
use crate::emit::text::crates::{Crate, runtime_line};
use crate::model::{EntryType, Kind, Service, Topic, Trigger};
use crate::output::{Files, Owner, generated_from};
use proc_macro2::TokenStream;
use quote::quote;

/// Emits the crate.
pub fn emit_service(service: &Service, files: &mut Files) -> Result<(), EmitError> {
    let folder = package_folder(service);
    let doc = format!("What the service `{}` is made of.", service.name.kebab());
    files.rust(
        Owner::OursList,
        format!("{folder}/src/lib.rs"),
        &service.input_folders(),
        &doc,
        vec![definition(service)],
    );
    manifest(service).push_list(&folder, files)?;
    Ok(())
}

/// Package name of the crate.
pub fn service_package(service: &Service) -> String {
    format!("{}-service", service.name.kebab())
}

fn package_folder(service: &Service) -> String {
    format!("generated/{}/service", service.name.kebab())
}

fn definition(service: &Service) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let grpc = ident(&format!("{}_grpc", service.name.snake()));
    let name = service.name.as_written();
    let projections = service.entries().into_values().map(|entry| {
        let (home, entry) = (home_of(service, entry), type_ident(&entry.name));
        quote!(.projection::<#home::#entry>())
    });
    let automations = service.automations.values().map(|automation| {
        let (home, name) = (from_crate(&format!("{}-automations", service.name.kebab())), type_ident(&automation.name));
        match automation.trigger {
            Trigger::Events => quote!(.on_events::<#home::#name>()),
            Trigger::View { .. } => quote!(.on_view::<#home::#name>()),
        }
    });
    let files = service.has_files().then(|| quote!(.files()));
    let topics = service.topics.iter().map(|topic| deleted(service, topic));
    let does = match service.automations.is_empty() {
        true => "what it keeps, and the calls it answers",
        false => "what it keeps, the calls it answers, and what it does by itself",
    };
    let events = |method: &str| {
        let (events, method) = (from_crate(&format!("{}-events", service.name.kebab())), ident(method));
        quote!(.#method::<#events::Event>())
    };
    let renamed = service.has_renamed().then(|| events("renamed"));
    let personal = service.is_personal().then(|| events("personal"));
    let doc = docs(Some(&format!("The service `{name}`: {does}.")));
    quote! {
        #doc
        pub fn service() -> #rt::ServiceDefinition {
            #rt::ServiceDefinition::new(#name)
                #renamed
                #personal
                #(#projections)*
                #(#automations)*
                #files
                #(#topics)*
                .routes(#grpc::routes)
                .descriptors(#grpc::DESCRIPTORS)
        }
    }
}

/// A topic whose events go after they were consumed.
fn deleted(service: &Service, topic: &Topic) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let std = import("std::time");
    let name = &topic.name;
    let types = topic.events(service).map(|event| event.name.as_written());
    let automations = topic.automations.iter().map(|waited| waited.name.as_written());
    let groups = automations.chain(topic.consumers.iter().map(String::as_str));
    let keep = match topic.keep {
        0 => quote!(#std::Duration::ZERO),
        keep => {
            let seconds = proc_macro2::Literal::u64_unsuffixed(keep.unsigned_abs() / 1000);
            quote!(#std::Duration::from_secs(#seconds))
        }
    };
    quote! {
        .deletes(#rt::deletion::Topic { name: #name, types: &[#(#types),*], groups: &[#(#groups),*], keep: #keep })
    }
}

/// The crate of an entry's struct.
fn home_of(service: &Service, entry: &EntryType) -> proc_macro2::Ident {
    let part = if entry.kind == Kind::Crud { "crud" } else { "projections" };
    from_crate(&format!("{}-{part}", service.name.kebab()))
}

fn manifest(service: &Service) -> Crate {
    let name = service.name.kebab();
    let parts = [
        ("automations", !service.automations.is_empty()),
        ("crud", !service.cruds.is_empty()),
        ("events", service.has_renamed() || service.is_personal()),
        ("grpc", true),
        ("projections", !service.projections.is_empty()),
    ];
    let used = parts.into_iter().filter(|(_, used)| *used);
    let mut dependencies: Vec<_> =
        used.map(|(part, _)| format!("{name}-{part} = {{ path = \"../{part}\" }}")).collect();
    dependencies.push(runtime_line([("erasure", service.is_personal()), ("files", service.has_files())]));
    Crate {
        header: generated_from(&service.input_folders()),
        name: service_package(service),
        description: format!("The service {name} as a whole, to be run"),
        dependencies,
    }
}
