//! How long files and functions may be.

use crate::nothing_found;
use crate::tree::{Text, texts};
use syn::spanned::Spanned;

/// Lines a file may have.
const FILE: usize = 400;
/// Lines a function may have.
const FUNCTION: usize = 60;

/// Functions that may be longer, each with the reason.
const LONG_FUNCTIONS: &[(&str, &str, &str)] = &[(
    "cli/emit/rust/gateway/query.rs",
    "get_input",
    "four items of one input, a `quote!` each; apart they would only be harder to compare",
)];

#[test]
fn files_stay_short() {
    let findings: Vec<String> = texts(&["cli", "runtime/src", "runtime/tests", "tests"], &[".rs"])
        .iter()
        .filter(|file| !file.path.contains("/snapshots/") && !is_generated(file) && file.text.lines().count() > FILE)
        .map(|file| format!("{}: {} lines, at most {FILE}", file.path, file.text.lines().count()))
        .collect();
    nothing_found(&findings);
}

#[test]
fn functions_stay_short() {
    let mut findings = Vec::new();
    let mut excused = Vec::new();
    let written = texts(&["cli", "runtime/src"], &[".rs"]);
    for file in written.iter().filter(|file| !is_generated(file) && !file.is_tests()) {
        let parsed = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
        for (name, lines) in functions(&parsed.items) {
            if lines <= FUNCTION {
                continue;
            }
            match LONG_FUNCTIONS.iter().find(|(path, function, _)| *path == file.path && *function == name) {
                Some(excuse) => excused.push(excuse),
                None => findings.push(format!("{}: `{name}` has {lines} lines, at most {FUNCTION}", file.path)),
            }
        }
    }
    for stale in LONG_FUNCTIONS.iter().filter(|excuse| !excused.contains(excuse)) {
        findings.push(format!("{}: `{}` is short enough now, take it off the list", stale.0, stale.1));
    }
    nothing_found(&findings);
}

#[test]
fn files_have_telling_names() {
    let forbidden = ["utils", "util", "helpers", "helper", "common", "manager", "misc"];
    let findings: Vec<String> = texts(&["cli", "runtime/src", "tests", "templates"], &[""])
        .iter()
        .filter(|file| file.path.split('/').any(|part| forbidden.contains(&part.split('.').next().unwrap_or_default())))
        .map(|file| format!("{}: a name that says nothing", file.path))
        .collect();
    nothing_found(&findings);
}

#[test]
fn every_file_says_what_it_is_for() {
    let findings: Vec<String> = texts(&["cli", "runtime/src", "tests"], &[".rs"])
        .iter()
        .filter(|file| !is_generated(file) && !file.text.trim_start().starts_with("//!"))
        .map(|file| format!("{}: begins without `//!`", file.path))
        .collect();
    nothing_found(&findings);
}

/// Compiled from a proto and committed, so that no build script is needed.
fn is_generated(file: &Text) -> bool {
    file.text.starts_with("// @generated") || file.text.starts_with("// This file is @generated")
}

/// Names and lengths of the functions of these items, tests left out.
fn functions(items: &[syn::Item]) -> Vec<(String, usize)> {
    let mut found = Vec::new();
    for item in items {
        match item {
            syn::Item::Fn(function) => found.push(measured(&function.sig, function.block.span())),
            syn::Item::Impl(block) => found.extend(block.items.iter().filter_map(|item| match item {
                syn::ImplItem::Fn(function) => Some(measured(&function.sig, function.block.span())),
                _ => None,
            })),
            syn::Item::Trait(definition) => found.extend(definition.items.iter().filter_map(|item| match item {
                syn::TraitItem::Fn(function) => {
                    function.default.as_ref().map(|body| measured(&function.sig, body.span()))
                }
                _ => None,
            })),
            syn::Item::Mod(module) if !is_test(&module.attrs) => {
                found.extend(module.content.iter().flat_map(|(_, items)| functions(items)));
            }
            _ => {}
        }
    }
    found
}

/// From the signature to the closing brace.
fn measured(signature: &syn::Signature, body: proc_macro2::Span) -> (String, usize) {
    let first = signature.span().start().line;
    (signature.ident.to_string(), body.end().line.saturating_sub(first) + 1)
}

fn is_test(attributes: &[syn::Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        attribute.path().is_ident("cfg") && attribute.parse_args::<syn::Path>().is_ok_and(|path| path.is_ident("test"))
    })
}
