//! What a document shows of the generated contract is generated.

use crate::document::documents;
use crate::nothing_found;
use crate::project::Project;
use scaffold_cli::output::Lock;
use std::collections::BTreeSet;

#[test]
fn what_is_shown_is_emitted() {
    let mut findings = Vec::new();
    for document in documents() {
        for block in document.blocks() {
            let Some(name) = block.mark.and_then(|mark| mark.strip_prefix("emitted: ")) else { continue };
            let verdict = Project::of(&document, name).judge();
            let model = verdict.model.unwrap_or_else(|| panic!("{}", verdict.shown));
            let files = scaffold_cli::emit::emit(&model, Lock::default()).unwrap();
            let protos = files.iter().filter(|file| file.path.ends_with(".proto"));
            let emitted: Vec<&str> = protos.flat_map(|file| file.contents.lines()).map(str::trim).collect();
            let missing = block.text.lines().map(str::trim).filter(|line| !emitted.contains(line));
            findings.extend(missing.map(|line| format!("{}:{}: {line}", document.path, block.line)));
        }
    }
    nothing_found(&findings);
}

#[test]
fn every_example_gives_whole_crates() {
    let mut findings = Vec::new();
    for document in documents() {
        for name in crate::examples::names(&document) {
            let verdict = Project::of(&document, &name).judge();
            let model = verdict.model.unwrap_or_else(|| panic!("{}", verdict.shown));
            let files = scaffold_cli::emit::emit(&model, Lock::default()).unwrap();
            let paths: BTreeSet<&str> = files.iter().map(|file| file.path.as_str()).collect();
            let crates = paths.iter().filter_map(|path| path.split_once("/src/")).map(|(folder, _)| folder);
            let torn = crates.filter(|folder| !paths.contains(format!("{folder}/Cargo.toml").as_str()));
            let torn: BTreeSet<&str> = torn.collect();
            findings.extend(torn.iter().map(|folder| format!("{} {name}: {folder} has no Cargo.toml", document.path)));
        }
    }
    nothing_found(&findings);
}
