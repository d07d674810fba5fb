//! Words that never get in: unfinished work, one machine's paths, one machine's package sources.

use crate::nothing_found;
use crate::tree::{root, texts};

/// Code and text that we write ourselves.
const OURS: &[&str] = &[
    "cli",
    "runtime",
    "tests",
    "templates",
    "schema-examples",
    "generated-sample",
    "docs",
    "bench",
    "README.md",
    "ARCHITECTURE.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "Makefile",
    ".ci",
];

const ENDINGS: &[&str] =
    &[".rs", ".md", ".yaml", ".yml", ".graphql", ".toml", ".proto", ".sh", ".jinja", ".j2", "Makefile", "run"];

/// Where registries and their mirrors live; the lock of cargo names the public one by itself.
const REGISTRIES: &[&str] =
    &["index.crates.io", "static.crates.io", "replace-with", "registry.npmjs.org", "files.pythonhosted.org"];

#[test]
fn nothing_is_left_unfinished() {
    find(&[".rs"], |line| {
        let code = line.split("//").next().unwrap_or_default();
        ["todo!(", "unimplemented!(", "dbg!("].iter().any(|word| code.contains(word))
            || line.contains("FIXME")
            || line.contains("// TODO")
    });
}

#[test]
fn no_paths_of_one_machine() {
    find(ENDINGS, |line| {
        ["/home/", "/root/", "/Users/", "/work/"].iter().any(|path| {
            line.match_indices(path).any(|(at, _)| {
                let before = line[..at].chars().next_back();
                before.is_none_or(|letter| !letter.is_alphanumeric() && !"./_-}".contains(letter))
            })
        })
    });
}

#[test]
fn no_package_sources_of_one_machine() {
    find(ENDINGS, |line| REGISTRIES.iter().any(|host| line.contains(host)));
    for lock in ["Cargo.lock", "generated-sample/Cargo.lock"] {
        let text = std::fs::read_to_string(root().join(lock)).unwrap_or_default();
        let foreign: Vec<String> = text
            .lines()
            .filter(|line| {
                line.starts_with("source = ") && !line.contains("registry+https://github.com/rust-lang/crates.io-index")
            })
            .map(|line| format!("{lock}: {line}"))
            .collect();
        nothing_found(&foreign);
    }
}

/// Every line of ours, this test's own left out, must be free of what `bad` sees.
fn find(endings: &[&str], bad: impl Fn(&str) -> bool) {
    let mut findings = Vec::new();
    for file in texts(OURS, endings).iter().filter(|file| file.path != "tests/tidy/words.rs") {
        for (number, line) in file.text.lines().enumerate() {
            if bad(line) {
                findings.push(format!("{}:{}: {}", file.path, number + 1, line.trim()));
            }
        }
    }
    nothing_found(&findings);
}
