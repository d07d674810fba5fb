//! `use` lines, derived from what a file names.
//!
//! Generators write `#events::CourseDefined` with `let events = import("enrollment_events")`. When the file is printed, each
//! such path becomes a plain name and a `use` line, or stays qualified if the file has another thing of that name.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use std::collections::{BTreeMap, BTreeSet};

const MARKER: &str = "__in_";

/// The path in front of a name that the file is to import (`self`: it stands in the file itself): `super`, `std::collections`, `enrollment_events`.
pub fn import(path: &str) -> Ident {
    Ident::new(&format!("{MARKER}{}", path.replace("::", "__")), Span::call_site())
}

/// [`import`] of a generated crate by its package name: `enrollment-events`.
pub fn from_crate(package: &str) -> Ident {
    import(&package.replace('-', "_"))
}

/// What one file imports.
#[derive(Debug, Default)]
pub(super) struct Imports {
    /// The path that a name comes from, by name; only of those written bare.
    bare: BTreeMap<String, String>,
    /// Names that stay qualified, with their paths.
    qualified: BTreeSet<(String, String)>,
}

impl Imports {
    /// Finds all names that the items import, and those that they declare themselves.
    pub(super) fn of(items: &[TokenStream]) -> Self {
        let mut wanted = BTreeSet::new();
        let mut declared = BTreeSet::new();
        for item in items {
            collect(item.clone(), true, &mut wanted, &mut declared);
        }
        let mut imports = Self::default();
        let mut by_rank: Vec<(String, String)> = wanted.into_iter().collect();
        by_rank.sort_by_key(|(path, name)| (rank(path), path.clone(), name.clone()));
        for (path, name) in by_rank.into_iter().filter(|(path, _)| path != "self") {
            let taken = declared.contains(&name) || imports.bare.contains_key(&name);
            if taken {
                imports.qualified.insert((path, name));
            } else {
                imports.bare.insert(name, path);
            }
        }
        imports
    }

    /// The `use` items, sorted by path.
    pub(super) fn uses(&self) -> Vec<TokenStream> {
        let mut by_path: BTreeMap<(u8, &str), Vec<Ident>> = BTreeMap::new();
        for (name, path) in &self.bare {
            by_path.entry((rank_printed(path), path)).or_default().push(Ident::new(name, Span::call_site()));
        }
        let listed = by_path.iter().map(|((_, path), names)| {
            let path = path_tokens(path);
            match names.as_slice() {
                [name] => quote!(use #path::#name;),
                names => quote!(use #path::{#(#names),*};),
            }
        });
        listed.collect()
    }

    /// The item with its markers replaced.
    pub(super) fn apply(&self, tokens: TokenStream) -> TokenStream {
        let mut replaced = Vec::new();
        let mut tokens = tokens.into_iter().peekable();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Ident(ident) => {
                    let Some(path) = marked_path(&ident) else {
                        replaced.push(TokenTree::Ident(ident));
                        continue;
                    };
                    let separator: Vec<TokenTree> = tokens.by_ref().take(2).collect();
                    let name = tokens.peek().map(ToString::to_string).unwrap_or_default();
                    if self.qualified.contains(&(path.clone(), name)) {
                        replaced.extend(path_tokens(&path));
                        replaced.extend(separator);
                    }
                }
                TokenTree::Group(group) => {
                    let mut inner = Group::new(group.delimiter(), self.apply(group.stream()));
                    inner.set_span(group.span());
                    replaced.push(TokenTree::Group(inner));
                }
                other => replaced.push(other),
            }
        }
        replaced.into_iter().collect()
    }
}

/// Who keeps the bare name when two paths give the same: what is nearest.
fn rank(path: &str) -> u8 {
    match path {
        "super" => 0,
        "crate" => 1,
        _ if path.starts_with("scaffold_runtime") => 3,
        _ if path.starts_with("std") => 4,
        _ => 2,
    }
}

/// The order of `use` lines: `crate` and `super` first, then by path.
fn rank_printed(path: &str) -> u8 {
    if path.starts_with("crate::") { 1 } else { rank(path).min(2) }
}

fn marked_path(ident: &Ident) -> Option<String> {
    let ident = ident.to_string();
    ident.strip_prefix(MARKER).map(|path| path.replace("__", "::"))
}

fn path_tokens(path: &str) -> TokenStream {
    let segments = path.split("::").map(|segment| Ident::new(segment, Span::call_site()));
    quote!(#(#segments)::*)
}

fn collect(
    tokens: TokenStream,
    is_top: bool,
    wanted: &mut BTreeSet<(String, String)>,
    declared: &mut BTreeSet<String>,
) {
    let mut path: Option<String> = None;
    let (mut declares, mut in_use) = (false, false);
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                let is_list = in_use && group.delimiter() == Delimiter::Brace;
                if is_list {
                    declared.extend(group.stream().into_iter().map(|name| name.to_string()));
                }
                collect(group.stream(), false, wanted, declared);
            }
            TokenTree::Punct(punct) => in_use &= punct.as_char() != ';',
            TokenTree::Literal(_) => {}
            TokenTree::Ident(ident) => {
                let name = ident.to_string();
                if let Some(from) = path.take() {
                    wanted.insert((from, name));
                } else if let Some(marked) = marked_path(&ident) {
                    path = Some(marked);
                } else {
                    if is_top && (declares || in_use) {
                        declared.insert(name.clone());
                    }
                    in_use |= name == "use";
                    declares = matches!(name.as_str(), "struct" | "enum" | "trait" | "type");
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_file_itself_keeps_the_other_qualified() {
        let rt = import("scaffold_runtime::codegen");
        let items = [quote!(pub struct Tag { pub at: #rt::DateTime, pub tag: #rt::Tag, })];
        let imports = Imports::of(&items);
        let uses: Vec<String> = imports.uses().iter().map(ToString::to_string).collect();
        assert_eq!(uses, ["use scaffold_runtime :: codegen :: DateTime ;"]);
        let applied = imports.apply(items[0].clone()).to_string();
        assert_eq!(
            applied,
            quote!(
                pub struct Tag {
                    pub at: DateTime,
                    pub tag: scaffold_runtime::codegen::Tag,
                }
            )
            .to_string()
        );
    }
}
