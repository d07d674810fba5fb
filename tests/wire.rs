//! The runtime's wire messages are checked in as Rust; this proves they are what the proto gives.
//! After a change to the proto: `UPDATE_WIRE=1 cargo test --test wire`.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

use std::path::{Path, PathBuf};

use prost_build::Module;
use protox::prost::Message;

fn runtime() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("runtime")
}

/// What reflection says of the service that every process serves.
fn describe() -> String {
    let mut set = protox::compile(["scaffold/v1/events.proto"], [runtime().join("proto")]).expect("the proto compiles");
    // Comments help nobody at run time.
    set.file.iter_mut().for_each(|file| file.source_code_info = None);
    let bytes = proc_macro2::Literal::byte_string(&prost_types::FileDescriptorSet::encode_to_vec(&set));
    let doc = "The encoded `FileDescriptorSet` of `scaffold/v1/events.proto`, for reflection.";
    format!(
        "// @generated from runtime/proto; `UPDATE_WIRE=1 cargo test --test wire` renews it.\n\
         //! What `events.proto` says.\n\n/// {doc}\npub(crate) const EVENTS: &[u8] = {bytes};\n"
    )
}

fn generate() -> String {
    let proto = runtime().join("proto");
    let files = ["scaffold/v1/types.proto", "scaffold/v1/events.proto", "scaffold/v1/files.proto"];
    let descriptors = protox::compile(files, [proto]).expect("the proto compiles");
    let requests =
        descriptors.file.into_iter().map(|file| (Module::from_protobuf_package_name(file.package()), file)).collect();
    let mut config = prost_build::Config::new();
    config.btree_map(["."]).bytes([".scaffold.v1.UploadFile", ".scaffold.v1.FilePart"]);
    let modules = config.generate(requests).expect("prost writes it");
    let ours = Module::from_protobuf_package_name("scaffold.v1");
    modules.into_iter().find(|(module, _)| *module == ours).expect("our package").1
}

#[test]
fn checked_in_rust_equals_the_proto() {
    equals("scaffold.v1.rs", &generate());
    equals("scaffold.v1.events.rs", &describe());
}

fn equals(name: &str, wanted: &str) {
    let file = runtime().join("src/wire").join(name);
    if std::env::var_os("UPDATE_WIRE").is_some() {
        std::fs::write(&file, wanted).expect("written");
    }
    let found = std::fs::read_to_string(&file).expect("checked in");
    assert!(found == wanted, "runtime/src/wire/{name} is out of date: UPDATE_WIRE=1 cargo test --test wire");
}
