//! A proto file's text → its descriptors and its Rust: protoc's work, done here so that no project needs a build script.

use crate::embedded;
use prost_build::{Config, Module};
use prost_types::FileDescriptorProto;
use protox::Compiler;
use protox::file::{ChainFileResolver, File, FileResolver, GoogleFileResolver};

/// The messages that all services share, as proto files name them.
const SHARED: &str = "scaffold/v1/types.proto";

/// What became of a proto file.
#[derive(Clone, Debug)]
pub struct Compiled {
    /// The encoded `FileDescriptorSet` with everything that the file imports, for reflection.
    pub descriptors: Vec<u8>,
    /// Messages, client and server.
    pub rust: String,
}

/// A proto file that was generated and yet does not compile: a fault of the tool, or a name that should have been refused.
#[derive(Debug, thiserror::Error)]
#[error("{path}: {reason}")]
pub struct CompileError {
    path: String,
    reason: String,
}

/// Compiles the text of one proto file.
pub fn compile(path: &str, text: &str) -> Result<Compiled, CompileError> {
    let failed = |reason: String| CompileError { path: path.to_owned(), reason };
    let mut resolver = ChainFileResolver::new();
    resolver.add(Texts { path: path.to_owned(), text: text.to_owned() });
    resolver.add(GoogleFileResolver::new());
    let mut compiler = Compiler::with_file_resolver(resolver);
    compiler.include_source_info(true).include_imports(true);
    compiler.open_file(path).map_err(|error| failed(error.to_string()))?;
    let rust = generate(compiler.file_descriptor_set().file, path).map_err(failed)?;
    // Comments help nobody at run time.
    compiler.include_source_info(false);
    Ok(Compiled { descriptors: compiler.encode_file_descriptor_set(), rust })
}

/// The Rust of one file; the others are there to be looked at.
fn generate(files: Vec<FileDescriptorProto>, path: &str) -> Result<String, String> {
    let mut config = Config::new();
    config
        .btree_map(["."])
        .extern_path(".scaffold.v1", "::scaffold_runtime::codegen::wire")
        .service_generator(tonic_prost_build::configure().service_generator());
    let module_of = |file: &FileDescriptorProto| Module::from_protobuf_package_name(file.package());
    let module = files.iter().find(|file| file.name() == path).map(module_of).ok_or("not compiled")?;
    let requests = files.into_iter().map(|file| (module_of(&file), file)).collect();
    let mut modules = config.generate(requests).map_err(|error| error.to_string())?;
    let text = modules.remove(&module).unwrap_or_default();
    let file = syn::parse_file(&text).map_err(|error| error.to_string())?;
    Ok(prettyplease::unparse(&file))
}

/// The file at hand and the shared one.
struct Texts {
    path: String,
    text: String,
}

impl FileResolver for Texts {
    fn open_file(&self, name: &str) -> Result<File, protox::Error> {
        if name == self.path {
            return File::from_source(name, &self.text);
        }
        let shared = embedded::RUNTIME.iter().find(|(path, _)| *path == format!("proto/{SHARED}"));
        let text = shared.filter(|_| name == SHARED).and_then(|(_, bytes)| std::str::from_utf8(bytes).ok());
        text.map_or_else(|| Err(protox::Error::file_not_found(name)), |text| File::from_source(name, text))
    }
}
