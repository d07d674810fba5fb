//! A project for one example, and what the tool says about it.

use crate::document::{Document, root};
use scaffold_cli::check::CheckedModel;
use scaffold_cli::diagnostic::{Format, Severity, render};
use std::collections::BTreeSet;
use std::path::Path;

/// The files of a project, by path.
pub struct Project(Vec<(String, String)>);

/// What the tool says about it.
pub struct Verdict {
    /// The codes of all errors.
    pub errors: BTreeSet<String>,
    /// The codes of all warnings.
    pub warnings: BTreeSet<String>,
    /// All of it as it is shown.
    pub shown: String,
    /// The model, if there is no error.
    pub model: Option<CheckedModel>,
}

impl Project {
    /// The project of this name in a document: its blocks, and what stands beside them.
    pub fn of(document: &Document, name: &str) -> Self {
        let mut project = Self(vec![("scaffold.yaml".to_owned(), "name: campus\n".to_owned())]);
        for language in ["yaml", "graphql"] {
            let path = root().join("tests/docs").join(document.name()).join(format!("{name}.{language}"));
            if let Ok(text) = std::fs::read_to_string(path) {
                project.add(language, &text);
            }
        }
        project.others(&root().join("tests/docs").join(document.name()), name);
        let mark = format!("example: {name}");
        for block in document.blocks().iter().filter(|block| block.mark == Some(&mark)) {
            project.add(block.language, &block.text);
        }
        project
    }

    /// Adds the files of other services: `following@billing.yaml`.
    fn others(&mut self, folder: &Path, name: &str) {
        for file in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = file.path();
            let stem = path.file_stem().and_then(|stem| stem.to_str()).and_then(|stem| stem.split_once('@'));
            let Some((_, service)) = stem.filter(|(project, _)| *project == name) else { continue };
            let (kind, end) = if path.extension().is_some_and(|end| end == "yaml") {
                ("model", "yaml")
            } else {
                ("schema", "graphql")
            };
            self.0.push((format!("{kind}/{service}/file.{end}"), std::fs::read_to_string(&path).unwrap()));
        }
    }

    /// Adds a model (`yaml`) or schema (`graphql`) file, or settings to `scaffold.yaml`.
    pub fn add(&mut self, language: &str, text: &str) {
        if text.starts_with("services:") {
            self.0[0].1.push_str(text);
            return;
        }
        let folder = if language == "yaml" { "model" } else { "schema" };
        self.0.push((format!("{folder}/enrollment/file{}.{language}", self.0.len()), text.to_owned()));
    }

    /// Takes the last file out and gives its text.
    pub fn take(&mut self) -> String {
        self.0.pop().unwrap().1
    }

    /// Reads, lowers and checks it.
    pub fn judge(&self) -> Verdict {
        let folder = tempfile::tempdir().unwrap();
        for (path, text) in &self.0 {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        let mut sink = scaffold_cli::diagnostic::Sink::default();
        let raw = scaffold_cli::source::read(folder.path(), &mut sink);
        let model = scaffold_cli::lower::lower(&raw, &mut sink);
        let model = scaffold_cli::check::check(model, &mut sink, false);
        let codes = |severity: Severity| {
            let found = sink.sorted().into_iter().filter(|diagnostic| diagnostic.severity == severity);
            found.map(|diagnostic| diagnostic.code.as_str().to_owned()).collect()
        };
        Verdict {
            errors: codes(Severity::Error),
            warnings: codes(Severity::Warning),
            shown: render(&sink, &raw.sources, Format::Human { color: false }),
            model,
        }
    }
}
