//! Links in the documents lead somewhere.

use crate::nothing_found;
use crate::tree::{Text, root, texts};

#[test]
fn links_resolve() {
    let folders = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "CHANGELOG.md",
        "docs",
        "schema-examples",
        "bench",
        "runtime/README.md",
    ];
    let mut findings = Vec::new();
    for document in texts(&folders, &[".md"]) {
        for target in targets(&document.text) {
            if let Some(problem) = broken(&document, &target) {
                findings.push(format!("{}: {target}: {problem}", document.path));
            }
        }
    }
    nothing_found(&findings);
}

/// What stands in the round brackets of `[text](target)`, code blocks left out.
fn targets(text: &str) -> Vec<String> {
    let mut fenced = false;
    let mut found = Vec::new();
    for line in text.lines() {
        if line.trim_start().starts_with("```") {
            fenced = !fenced;
        }
        if fenced {
            continue;
        }
        for (at, _) in line.match_indices("](") {
            let target: String =
                line[at + 2..].chars().take_while(|letter| !")# \"".contains(*letter) || *letter == '#').collect();
            found.push(target);
        }
    }
    found
}

fn broken(document: &Text, target: &str) -> Option<String> {
    if target.contains("://") || target.starts_with("mailto:") {
        return None;
    }
    let (path, anchor) = target.split_once('#').unwrap_or((target, ""));
    let folder = root().join(&document.path).parent().map(ToOwned::to_owned).unwrap_or_default();
    let file = if path.is_empty() { root().join(&document.path) } else { folder.join(path) };
    if !file.exists() {
        return Some("no such file".to_owned());
    }
    if anchor.is_empty() {
        return None;
    }
    let text = std::fs::read_to_string(&file).unwrap_or_default();
    let known = text.lines().filter(|line| line.starts_with('#')).any(|line| slug(line) == anchor);
    (!known).then(|| "no such heading".to_owned())
}

/// How code hosts make an anchor of a heading.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|letter| letter.is_alphanumeric() || " -_".contains(*letter))
        .map(|letter| if letter == ' ' { '-' } else { letter })
        .collect()
}
