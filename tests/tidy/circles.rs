//! Files import each other in one direction.

use crate::nothing_found;
use crate::tree::texts;
use std::collections::{BTreeMap, BTreeSet};

/// A module's path: `["lower", "context"]`.
type Module = Vec<String>;

#[test]
fn files_of_the_tool_import_in_one_direction() {
    nothing_found(&circles("cli/"));
}

#[test]
fn files_of_the_runtime_import_in_one_direction() {
    nothing_found(&circles("runtime/src/"));
}

/// The files below a folder that import what imports them.
fn circles(root: &str) -> Vec<String> {
    let files: BTreeMap<Module, (String, Vec<Module>)> = texts(&[root], &[".rs"])
        .iter()
        .filter(|file| !file.is_tests())
        .map(|file| {
            let module = module_of(file.path.trim_start_matches(root));
            let parsed = syn::parse_file(&file.text).unwrap_or_else(|error| panic!("{}: {error}", file.path));
            let used = parsed.items.iter().filter_map(|item| match item {
                syn::Item::Use(found) => Some(paths(&found.tree)),
                _ => None,
            });
            let used = used.flatten().filter_map(|path| resolved(&module, &path)).collect();
            (module, (file.path.clone(), used))
        })
        .collect();
    // A module that lists others, and hands on what is in them, is not what they are made of.
    let imports = |from: &Module| -> BTreeSet<Module> {
        let found = files.get(from).into_iter().flat_map(|(_, used)| used);
        let homes = found.filter_map(|used| home(used, &files));
        homes.filter(|to| to != from && !to.starts_with(from)).collect()
    };
    let found = files.keys().filter(|start| reaches(&imports, start));
    found.map(|start| format!("{}: imports what imports it, directly or over others", files[start].0)).collect()
}

/// Whether a module's imports lead back to it.
fn reaches(imports: &dyn Fn(&Module) -> BTreeSet<Module>, start: &Module) -> bool {
    let (mut seen, mut next) = (BTreeSet::new(), imports(start));
    while let Some(module) = next.pop_first() {
        if module == *start {
            return true;
        }
        if seen.insert(module.clone()) {
            next.extend(imports(&module));
        }
    }
    false
}

/// `lower/context.rs` is `lower::context`, `lower/mod.rs` is `lower`.
fn module_of(path: &str) -> Module {
    let inner = path.trim_end_matches(".rs");
    inner.trim_end_matches("/mod").split('/').map(str::to_owned).collect()
}

/// The module that a path begins with which has a file.
fn home(path: &Module, files: &BTreeMap<Module, (String, Vec<Module>)>) -> Option<Module> {
    (1..=path.len()).rev().map(|length| path[..length].to_vec()).find(|module| files.contains_key(module))
}

/// Every path of a `use`, with what is taken at its end.
fn paths(tree: &syn::UseTree) -> Vec<Module> {
    match tree {
        syn::UseTree::Path(path) => {
            let inner = paths(&path.tree).into_iter();
            inner.map(|rest| [vec![path.ident.to_string()], rest].concat()).collect()
        }
        syn::UseTree::Name(name) => vec![vec![name.ident.to_string()]],
        syn::UseTree::Rename(name) => vec![vec![name.ident.to_string()]],
        syn::UseTree::Glob(_) => vec![Vec::new()],
        syn::UseTree::Group(group) => group.items.iter().flat_map(paths).collect(),
    }
}

/// The path from the root of the crate; none into another crate.
fn resolved(module: &Module, path: &Module) -> Option<Module> {
    let ups = path.iter().take_while(|part| *part == "super").count();
    match path.first()?.as_str() {
        "crate" => Some(path[1..].to_vec()),
        "super" => Some([&module[..module.len().checked_sub(ups)?], &path[ups..]].concat()),
        "self" => Some([&module[..], &path[1..]].concat()),
        _ => None,
    }
}
