//! What is linked, here and in what is generated, may be passed on under our own licences.

use super::nothing_found;
use serde_json::Value;
use std::path::Path;
use std::process::Command;

/// Licences that ask for nothing but to be named.
const FINE: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-1-Clause",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "BSL-1.0",
    "CC0-1.0",
    // Of data: the certificates of the authorities.
    "CDLA-Permissive-2.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
];

#[test]
fn every_library_may_be_passed_on() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut findings = Vec::new();
    for workspace in [root.to_path_buf(), root.join("generated-sample")] {
        findings.extend(libraries(&workspace).into_iter().filter(|(_, licence)| !is_fine(licence)).map(said));
    }
    nothing_found(&findings);
}

#[test]
fn a_licence_is_fine_if_one_of_its_choices_is() {
    assert!(is_fine("MIT OR Apache-2.0 OR LGPL-2.1-or-later"));
    assert!(is_fine("MIT/Apache-2.0") && is_fine("Apache-2.0 / MIT"));
    assert!(is_fine("(MIT OR GPL-3.0) AND Unicode-3.0"));
    assert!(!is_fine("MIT AND GPL-3.0-only"));
    assert!(!is_fine("(MIT AND GPL-3.0) OR LGPL-2.1"));
    assert!(!is_fine(""));
}

fn said((name, licence): (String, String)) -> String {
    format!("{name}: its licence is \"{licence}\"")
}

/// The libraries from elsewhere that a workspace is built with here, whatever the features, each with its licence.
fn libraries(workspace: &Path) -> Vec<(String, String)> {
    let about = cargo(workspace, &["-vV"]);
    let host = about.lines().find_map(|line| line.strip_prefix("host: ")).expect("cargo names its host");
    let what = ["metadata", "--format-version", "1", "--locked", "--all-features", "--filter-platform", host];
    let told: Value = serde_json::from_str(&cargo(workspace, &what)).expect("cargo speaks JSON");
    let packages = told["packages"].as_array().expect("a list of packages");
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let others = packages.iter().filter(|package| !package["source"].is_null());
    let others: Vec<_> = others.map(|package| (text(&package["name"]), text(&package["license"]))).collect();
    assert!(others.len() > 100, "only {} libraries in {}", others.len(), workspace.display());
    others
}

fn cargo(workspace: &Path, arguments: &[&str]) -> String {
    let told = Command::new(env!("CARGO")).args(arguments).current_dir(workspace).output().expect("cargo runs");
    assert!(told.status.success(), "{}", String::from_utf8_lossy(&told.stderr));
    String::from_utf8_lossy(&told.stdout).into_owned()
}

/// Whether a licence expression leaves a choice that is fine. `AND` binds tighter than `OR`; a slash is an old `OR`.
fn is_fine(expression: &str) -> bool {
    let choices = split(expression, &["OR", "/"]);
    if choices.len() > 1 {
        return choices.iter().any(|choice| is_fine(choice));
    }
    let parts = split(expression, &["AND"]);
    if parts.len() > 1 {
        return parts.iter().all(|part| is_fine(part));
    }
    let alone = expression.trim();
    match alone.strip_prefix('(').and_then(|inner| inner.strip_suffix(')')) {
        Some(inner) => is_fine(inner),
        None => FINE.contains(&alone),
    }
}

/// The parts between words that stand outside of parentheses.
fn split(expression: &str, between: &[&str]) -> Vec<String> {
    let spaced = expression.replace('/', " / ").replace('(', " ( ").replace(')', " ) ");
    let (mut parts, mut depth) = (vec![String::new()], 0_i32);
    for word in spaced.split_whitespace() {
        depth += i32::from(word == "(") - i32::from(word == ")");
        match parts.last_mut() {
            Some(_) if depth == 0 && between.contains(&word) => parts.push(String::new()),
            Some(part) => *part = format!("{part} {word}").trim().to_owned(),
            None => {}
        }
    }
    parts
}
