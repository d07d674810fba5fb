//! What a document shows of the generated contract is generated.

use crate::document::documents;
use crate::nothing_found;
use crate::project::Project;
use scaffold_cli::output::Lock;

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
