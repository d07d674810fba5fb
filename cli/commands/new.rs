//! `scaffold new`: a project in an empty folder.

use super::{Outcome, Terminal};
use crate::args::New;
use crate::check::project_name_fault;
use crate::diagnostic::closest;
use crate::embedded;
use crate::model::RuntimeSource;
use heck::ToKebabCase;
use std::fs;
use std::io::{self, ErrorKind};
use std::path::{Path, PathBuf};

/// The example that a project begins with if none is named.
const STARTER: &str = "starter";

/// Creates the folder with inputs, settings and the runtime's source.
pub fn run(base: &Path, args: &New, terminal: &Terminal) -> Outcome {
    let dir = base.join(&args.dir);
    match prepare(&dir, args).and_then(|project| project.create(&dir)) {
        Ok(files) => {
            terminal.say(&format!("created {} with {files} files", args.dir.display()));
            terminal.say(&format!("next: cd {} && scaffold gen && cargo test", args.dir.display()));
            terminal.say("then: set -a; . ./.env; set +a; cargo run -p app");
            Outcome::Fine
        }
        Err(Problem { message, help }) => {
            terminal.fail(&message, &help);
            Outcome::Usage
        }
    }
}

struct Problem {
    message: String,
    help: String,
}

impl Problem {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }

    fn disk(path: &Path, error: &io::Error) -> Self {
        Self::new(format!("{}: {error}", path.display()), "choose a folder that you may write to")
    }
}

/// What will be created, decided before anything is.
struct Project {
    name: String,
    runtime: RuntimeSource,
    example: Vec<(&'static str, &'static [u8])>,
}

fn prepare(dir: &Path, args: &New) -> Result<Project, Problem> {
    refuse_unless_empty(dir)?;
    let name = project_name(dir, args)?;
    let example = args.example.as_deref().unwrap_or(STARTER);
    let files = embedded::example(example);
    if files.is_empty() {
        let names = embedded::example_names();
        let help = match closest(example, names.iter()) {
            Some(name) => format!("did you mean `{name}`?"),
            None => format!("there are: {}", names.join(", ")),
        };
        return Err(Problem::new(format!("there is no example `{}`", example.escape_debug()), help));
    }
    Ok(Project { name, runtime: runtime_source(&args.runtime)?, example: files })
}

fn refuse_unless_empty(dir: &Path) -> Result<(), Problem> {
    match fs::read_dir(dir).map(|mut entries| entries.next().is_none()) {
        Ok(true) => Ok(()),
        Ok(false) => Err(Problem::new(
            format!("{} is not empty", dir.display()),
            "name a folder that does not exist yet; nothing was written",
        )),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(()),
        Err(error) => Err(Problem::disk(dir, &error)),
    }
}

/// The name that was given or that of the folder, if `scaffold gen` takes it.
fn project_name(dir: &Path, args: &New) -> Result<String, Problem> {
    let name = match &args.name {
        Some(name) => name.clone(),
        None => folder_name(dir)?,
    };
    let Some(reason) = project_name_fault(&name) else { return Ok(name) };
    let message = format!("`{}` cannot be a project's name: {reason}", name.escape_debug());
    let help = match better_name(&name) {
        Some(better) => format!("give it another one: --name {better}"),
        None => "use small letters, digits and single hyphens, starting with a letter: --name my-campus".to_owned(),
    };
    Err(Problem::new(message, help))
}

/// The same words as a name that can be taken: `My Campus` → `my-campus`, `try` → `my-try`.
fn better_name(name: &str) -> Option<String> {
    let kebab = name.to_kebab_case();
    let candidates = [kebab.clone(), format!("my-{kebab}")];
    candidates.into_iter().find(|name| project_name_fault(name).is_none())
}

fn folder_name(dir: &Path) -> Result<String, Problem> {
    let named = dir.file_name().map(|name| name.to_string_lossy().into_owned());
    let name = named.or_else(|| Some(fs::canonicalize(dir).ok()?.file_name()?.to_string_lossy().into_owned()));
    name.ok_or_else(|| Problem::new("the folder has no name to call the project by", "give one with --name"))
}

fn runtime_source(text: &str) -> Result<RuntimeSource, Problem> {
    match text.split_once(':') {
        None if text == "vendored" => Ok(RuntimeSource::Vendored),
        Some(("path", path)) if !path.is_empty() => Ok(RuntimeSource::Path(path.to_owned())),
        Some(("version", version)) if !version.is_empty() => Ok(RuntimeSource::Version(version.to_owned())),
        _ => Err(Problem::new(
            format!("`--runtime {}` is not understood", text.escape_debug()),
            "write `vendored`, `path:../runtime` or `version:0.1`",
        )),
    }
}

impl Project {
    /// Writes everything, or leaves the folder as it was found: absent or empty.
    fn create(&self, dir: &Path) -> Result<usize, Problem> {
        let existed = dir.exists();
        let files = self.files()?;
        for (path, bytes) in &files {
            if let Err(problem) = put(&dir.join(path), bytes) {
                take_back(dir, existed);
                return Err(problem);
            }
        }
        Ok(files.len())
    }

    /// The inputs, and the runtime's source if it belongs to the project.
    fn files(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, Problem> {
        let mut files = self.inputs()?;
        if self.runtime == RuntimeSource::Vendored {
            let file = |(path, bytes): &(&str, &[u8])| (PathBuf::from("runtime").join(path), bytes.to_vec());
            files.extend(embedded::RUNTIME.iter().map(file));
        }
        Ok(files)
    }

    /// The example's files with this project's settings, and an `.env` with a secret of its own.
    fn inputs(&self) -> Result<Vec<(PathBuf, Vec<u8>)>, Problem> {
        let mut files: Vec<(PathBuf, Vec<u8>)> = Vec::new();
        for (path, bytes) in &self.example {
            let bytes = if *path == "scaffold.yaml" { self.settings(bytes).into_bytes() } else { bytes.to_vec() };
            files.push((PathBuf::from(path), bytes));
        }
        files.push((PathBuf::from(".env"), environment()?.into_bytes()));
        Ok(files)
    }

    /// `scaffold.yaml` with the project's name and the runtime's source.
    fn settings(&self, example: &[u8]) -> String {
        let text = String::from_utf8_lossy(example);
        let rename =
            |line: &str| if line.starts_with("name:") { format!("name: {}\n", self.name) } else { format!("{line}\n") };
        let mut settings: String = text.lines().map(rename).collect();
        match &self.runtime {
            RuntimeSource::Vendored => {}
            RuntimeSource::Path(path) => settings.push_str(&format!("runtime: {{ path: {} }}\n", quoted(path))),
            RuntimeSource::Version(version) => {
                settings.push_str(&format!("runtime: {{ version: {} }}\n", quoted(version)))
            }
        }
        settings
    }
}

fn put(target: &Path, bytes: &[u8]) -> Result<(), Problem> {
    let folder = target.parent().unwrap_or(target);
    fs::create_dir_all(folder).map_err(|error| Problem::disk(folder, &error))?;
    fs::write(target, bytes).map_err(|error| Problem::disk(target, &error))
}

/// Removes what was written into a folder that was absent or empty. What cannot be removed stays; the first error is told.
fn take_back(dir: &Path, existed: bool) {
    let entries = fs::read_dir(dir).into_iter().flatten().flatten();
    for path in entries.map(|entry| entry.path()) {
        let _ = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
    }
    if !existed {
        let _ = fs::remove_dir(dir);
    }
}

/// A double-quoted YAML scalar: JSON's strings are a subset of YAML's.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// Settings for development; never committed, since the secret is real.
fn environment() -> Result<String, Problem> {
    let mut bytes = [0u8; 32];
    getrandom::fill(&mut bytes).map_err(|error| Problem::new(format!("no random numbers: {error}"), "try again"))?;
    let secret: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(format!(
        "# Settings for development; .env.example tells what each means. Never commit this file.\n\
         DATABASE_URL=sqlite:{{service}}.db\nHTTP_ADDR=127.0.0.1:8080\nGRPC_ADDR=127.0.0.1:50051\nAUTH_SECRET={secret}\n"
    ))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[test]
    fn project_names() {
        for name in ["campus", "my-campus-2", "a", "trying"] {
            assert_eq!(project_name_fault(name), None, "{name}");
        }
        let long = "a".repeat(61);
        for name in ["", "Campus", "my--campus", "-a", "a-", "2a", "a_b", "../x", "é", &long, "try", "self", "serde"] {
            assert!(project_name_fault(name).is_some(), "{name}");
        }
    }

    #[test]
    fn a_name_that_cannot_be_taken_leads_to_one_that_can() {
        for (name, better) in
            [("try", "my-try"), ("My Campus", "my-campus"), ("2nd_hall", "my-2nd-hall"), ("std", "my-std")]
        {
            assert_eq!(better_name(name).as_deref(), Some(better), "{name}");
        }
        for name in ["", "../x", "é", &"a".repeat(61)] {
            let better = better_name(name);
            assert!(better.as_deref().is_none_or(|better| project_name_fault(better).is_none()), "{name}: {better:?}");
        }
    }

    #[test]
    fn a_failure_leaves_the_folder_as_it_was() {
        let Ok(base) = tempfile::tempdir() else { panic!("no folder for the test") };
        let example = vec![("a/b.txt", b"1".as_slice()), ("a", b"2".as_slice())];
        let project = Project { name: "x".to_owned(), runtime: RuntimeSource::Version("1".to_owned()), example };
        let dir = base.path().join("x");
        assert!(project.create(&dir).is_err(), "a file cannot stand where a folder is");
        assert!(!dir.exists());
        assert!(fs::create_dir(&dir).is_ok() && project.create(&dir).is_err());
        assert!(fs::read_dir(&dir).is_ok_and(|mut entries| entries.next().is_none()));
    }

    #[test]
    fn runtime_sources() {
        assert!(matches!(runtime_source("vendored"), Ok(RuntimeSource::Vendored)));
        assert!(matches!(runtime_source("path:../runtime"), Ok(RuntimeSource::Path(path)) if path == "../runtime"));
        assert!(matches!(runtime_source("version:0.1"), Ok(RuntimeSource::Version(version)) if version == "0.1"));
        for wrong in ["", "path:", "version:", "git:x", "Path:x"] {
            assert!(runtime_source(wrong).is_err(), "{wrong}");
        }
    }
}
