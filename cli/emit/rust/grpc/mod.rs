//! The crate `<service>-grpc`: the proto file and what becomes of it, conversions, the server.

mod client;
mod convert;
mod entry;
mod routes;
mod server;

pub use convert::wire_value;

use super::names::ident;
use super::wire::{Converter, Side};
use super::{from_crate, import};
use crate::emit::EmitError;
use crate::emit::proto::{self, ProtoFile};
use crate::emit::text::crates::{Crate, runtime_line, types_lines};
use crate::emit::text::render;
use crate::model::{Model, Service, TypeName};
use crate::output::{Files, Lock, Owner, generated_from};
use crate::place::Place;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// Emits the crate; field numbers come from the lock.
pub fn emit_grpc(model: &Model, service: &Service, lock: &mut Lock, files: &mut Files) -> Result<(), EmitError> {
    let grpc = Grpc::new(model, service);
    let root = format!("generated/{}/grpc", service.name.kebab());
    let path = proto::path(model, service);
    let shared = proto::types_files(model, lock)?;
    let file = proto::proto_file(model, service, lock);
    let text = render("generated/grpc/service.proto", &file)?;
    let compiled = proto::compile(&path, &text, &shared)?;
    files.push(Owner::OursList, format!("{root}/proto/{path}"), text);
    let mut messages =
        format!("// {}\n//! The messages of the service, as compiled from its proto file.\n\n", header(service));
    if service.is_shared() {
        messages += &format!("pub use ::{}_types::proto::*;\n\n", service.name.snake());
    }
    files.push(Owner::OursList, format!("{root}/src/proto.rs"), messages + &compiled.rust);
    grpc.emit_sources(&format!("{root}/src"), &file, files);
    let doc = "What the proto file says, for reflection.";
    files.rust(
        Owner::OursList,
        format!("{root}/src/descriptors.rs"),
        &service.input_folders(),
        doc,
        descriptors(&compiled.descriptors),
    );
    manifest(service, types_lines(service, &root, files)).push(&root, files)?;
    Ok(())
}

/// What travels of the types of a service that have a crate of their own: the conversions, each with its type.
pub(super) fn shared_conversions<'a>(
    model: &'a Model,
    service: &'a Service,
) -> Vec<(&'a TypeName, Place, Vec<TokenStream>)> {
    Grpc { types: import("crate"), ..Grpc::new(model, service) }.types()
}

fn header(service: &Service) -> String {
    generated_from(&service.input_folders())
}

/// Encoded descriptors as a constant.
fn descriptors(bytes: &[u8]) -> Vec<TokenStream> {
    let literal = Literal::byte_string(bytes);
    vec![quote! {
        /// The encoded `FileDescriptorSet`, with everything that the file imports.
        pub const DESCRIPTORS: &[u8] = #literal;
    }]
}

fn manifest(service: &Service, types: Vec<String>) -> Crate {
    let name = service.name.kebab();
    let has_types = !service.enums.is_empty() || !service.objects.is_empty();
    let mut dependencies = vec!["prost = \"0.14\"".to_owned(), "prost-types = \"0.14\"".to_owned()];
    for (part, used) in [
        ("commands", !service.commands.is_empty()),
        ("crud", !service.cruds.is_empty()),
        ("events", has_types && !service.is_shared()),
        ("projections", !service.projections.is_empty()),
    ] {
        if used {
            dependencies.push(format!("{name}-{part} = {{ path = \"../{part}\" }}"));
        }
    }
    dependencies.extend(types);
    dependencies.push(runtime_line([("files", service.has_files())]));
    dependencies.push(
        "tonic = { version = \"0.14\", default-features = false, features = [\"channel\", \"codegen\", \"router\"] }"
            .to_owned(),
    );
    Crate {
        header: header(service),
        name: format!("{name}-grpc"),
        description: format!("The gRPC API of the service {name}: messages, server and client"),
        dependencies,
    }
}

/// Emits the Rust of one service's crate.
struct Grpc<'a> {
    model: &'a Model,
    service: &'a Service,
    converter: Converter<'a>,
    /// The crate of the service's enums and nested types.
    types: Ident,
}

impl<'a> Grpc<'a> {
    fn new(model: &'a Model, service: &'a Service) -> Self {
        let types = from_crate(&format!("{}-events", service.name.kebab()));
        Self { model, service, converter: Converter { service, side: Side::Service }, types }
    }
}

impl Grpc<'_> {
    fn emit_sources(&self, root: &str, file: &ProtoFile, files: &mut Files) {
        self.emit_convert(root, files);
        self.emit_server(root, files);
        let service = self.service.name.kebab();
        let doc = format!("How others call `{service}`.");
        self.list(files, format!("{root}/client.rs"), &doc, self.client(file));
        let doc = format!("How a process serves the calls of `{service}`.");
        self.list(files, format!("{root}/routes.rs"), &doc, self.routes());
        let doc = format!("The gRPC API of the service `{service}`: its messages, its server and its client.");
        self.list(files, format!("{root}/lib.rs"), &doc, self.library());
    }

    fn library(&self) -> Vec<TokenStream> {
        let client = ident(&format!("{}ServiceClient", self.service.name.pascal()));
        vec![
            quote!(
                mod client;
            ),
            quote!(
                mod convert;
            ),
            quote!(
                mod descriptors;
            ),
            quote! {
                #[allow(missing_docs, unused_qualifications, clippy::all)]
                pub mod proto;
            },
            quote!(
                mod routes;
            ),
            quote!(
                mod server;
            ),
            quote!(pub use client::#client;),
            quote!(
                pub use descriptors::DESCRIPTORS;
            ),
            quote!(
                pub use routes::routes;
            ),
        ]
    }

    /// A file of the thing at this place.
    fn rust(&self, files: &mut Files, place: Place, path: String, (doc, items): (&str, Vec<TokenStream>)) {
        files.rust(Owner::Ours, path, &self.service.inputs_of([place]), doc, items);
    }

    /// A file that lists what the whole service has.
    fn list(&self, files: &mut Files, path: String, doc: &str, items: Vec<TokenStream>) {
        files.rust(Owner::OursList, path, &self.service.input_folders(), doc, items);
    }
}

/// `proto`, the module of the messages.
fn proto() -> TokenStream {
    let krate = import("crate");
    quote!(#krate::proto)
}
