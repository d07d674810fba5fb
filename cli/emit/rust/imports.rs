//! `use` lines, derived from what a file names.
//!
//! Generators write `#events::CourseDefined` with `let events = import("enrollment_events")`. When the file is printed, each
//! such path becomes a plain name and a `use` line, or stays qualified if the file has another thing of that name.

use super::json;
use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream, TokenTree};
use quote::quote;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

const MARKER: &str = "__in_";

/// The path in front of a name that the file is to import (`self`: it stands in the file itself): `super`, `std::collections`, `enrollment_events`.
pub fn import(path: &str) -> Ident {
    Ident::new(&[MARKER, path].concat().replace(':', "_"), Span::call_site())
}

/// [`import`] of a generated crate by its package name: `enrollment-events`.
pub fn from_crate(package: &str) -> Ident {
    import(&package.replace('-', "_"))
}

/// An item whose tokens were gone through once: they are many, and to copy them costs more than all else.
#[derive(Default)]
pub(super) struct Item {
    /// Without the paths in front of what is to be imported.
    tokens: TokenStream,
    /// Where the paths stood, each with its number: before which of the item's identifiers.
    paths: Vec<(usize, usize)>,
    identifiers: usize,
    /// The JSON values that stand in it.
    pub(super) values: Vec<Value>,
}

/// The names that the items of a file import and declare.
#[derive(Debug, Default)]
struct Names {
    /// The paths by number, each with its marker and the names that are wanted from it.
    paths: Vec<(String, String, BTreeSet<String>)>,
    declared: BTreeSet<String>,
    /// The name at hand, so that not each needs memory of its own.
    name: String,
}

/// What one file imports.
#[derive(Debug, Default)]
pub(super) struct Imports {
    paths: Vec<String>,
    /// The path that a name comes from, by name; only of those written bare.
    bare: BTreeMap<String, String>,
    /// Names that stay qualified, with the numbers of their paths.
    qualified: BTreeSet<(usize, String)>,
}

impl Imports {
    /// Goes through the items, and finds all names that they import and those that they declare themselves.
    pub(super) fn of(items: Vec<TokenStream>) -> (Self, Vec<Item>) {
        let mut names = Names::default();
        let read = |tokens| {
            let mut item = Item::default();
            item.tokens = names.read(tokens, true, &mut item);
            item
        };
        let items = items.into_iter().map(read).collect();
        (Self::from(names), items)
    }

    /// What the `use` lines name: each path with its names, sorted.
    pub(super) fn uses(&self) -> Vec<(&str, Vec<&str>)> {
        let mut by_path: BTreeMap<(u8, &str), Vec<&str>> = BTreeMap::new();
        for (name, path) in &self.bare {
            by_path.entry((rank_printed(path), path)).or_default().push(name);
        }
        by_path.into_iter().map(|((_, path), names)| (path, names)).collect()
    }

    /// The item's tokens, with the paths in front of what stays qualified.
    pub(super) fn apply(&self, item: &mut Item) -> TokenStream {
        let tokens = std::mem::take(&mut item.tokens);
        if self.qualified.is_empty() { tokens } else { self.qualify(tokens, &item.paths, &mut 0) }
    }

    /// `seen` counts identifiers as they were counted when the paths were taken out.
    fn qualify(&self, tokens: TokenStream, paths: &[(usize, usize)], seen: &mut usize) -> TokenStream {
        let mut qualified = TokenStream::new();
        for token in tokens {
            let token = match token {
                TokenTree::Group(group) => {
                    Group::new(group.delimiter(), self.qualify(group.stream(), paths, seen)).into()
                }
                TokenTree::Ident(name) => {
                    let path = paths.binary_search_by_key(seen, |(before, _)| *before).ok().map(|at| paths[at].1);
                    if let Some(path) = path.filter(|path| self.qualified.contains(&(*path, name.to_string()))) {
                        let path = path_tokens(&self.paths[path]);
                        qualified.extend(quote!(#path::));
                    }
                    *seen += 1;
                    name.into()
                }
                other => other,
            };
            qualified.extend([token]);
        }
        qualified
    }
}

impl From<Names> for Imports {
    fn from(names: Names) -> Self {
        let mut imports = Self::default();
        let mut by_rank = Vec::new();
        for (number, (_, path, wanted)) in names.paths.into_iter().enumerate() {
            if path != "self" {
                by_rank.extend(wanted.into_iter().map(|name| (rank(&path), path.clone(), name, number)));
            }
            imports.paths.push(path);
        }
        by_rank.sort();
        for (_, path, name, number) in by_rank {
            let taken = names.declared.contains(&name) || imports.bare.contains_key(&name);
            if taken {
                imports.qualified.insert((number, name));
            } else {
                imports.bare.insert(name, path);
            }
        }
        imports
    }
}

/// What the tokens before say of the next: from which path it comes, and so on.
#[derive(Default)]
struct Before {
    is_top: bool,
    path: Option<usize>,
    declares: bool,
    in_use: bool,
    is_json: bool,
}

impl Names {
    /// The tokens without the paths in front of names.
    fn read(&mut self, tokens: TokenStream, is_top: bool, item: &mut Item) -> TokenStream {
        let mut before = Before { is_top, ..Before::default() };
        let mut tokens = tokens.into_iter();
        let next = || loop {
            match tokens.next()? {
                TokenTree::Group(group) => return Some(self.group(group, &mut before, item).into()),
                TokenTree::Ident(ident) if self.is_named(&ident, &mut before, item) => return Some(ident.into()),
                // The path itself, and the `::` behind it.
                TokenTree::Ident(_) => drop(tokens.by_ref().take(2).count()),
                TokenTree::Punct(punct) => {
                    before.in_use &= punct.as_char() != ';';
                    return Some(punct.into());
                }
                literal => return Some(literal),
            }
        };
        std::iter::from_fn(next).collect()
    }

    fn group(&mut self, group: Group, before: &mut Before, item: &mut Item) -> Group {
        let (delimiter, tokens) = (group.delimiter(), group.stream());
        // Of a stream that nobody else holds the tokens are moved.
        drop(group);
        if std::mem::take(&mut before.is_json) {
            return json::set_aside(tokens, &mut item.values);
        }
        let tokens = self.read(tokens, false, item);
        if before.in_use && delimiter == Delimiter::Brace {
            self.declared.extend(tokens.clone().into_iter().map(|token| token.to_string()));
        }
        Group::new(delimiter, tokens)
    }

    /// Whether the identifier is a name, not the path in front of one. Notes what it says of the file.
    fn is_named(&mut self, ident: &Ident, before: &mut Before, item: &mut Item) -> bool {
        self.name.clear();
        // Writing to a text cannot fail.
        let _ = write!(self.name, "{ident}");
        before.is_json = self.name == json::MARK;
        if let Some(path) = before.path.take() {
            self.want(path);
            item.paths.push((item.identifiers, path));
        } else if self.name.starts_with(MARKER) {
            before.path = Some(self.path());
            return false;
        } else {
            if before.is_top && (before.declares || before.in_use) {
                self.declared.insert(self.name.clone());
            }
            before.in_use |= self.name == "use";
            before.declares = matches!(self.name.as_str(), "struct" | "enum" | "trait" | "type");
        }
        item.identifiers += 1;
        true
    }

    /// The number of the path whose marker is at hand.
    fn path(&mut self) -> usize {
        let known = self.paths.iter().position(|(marker, ..)| *marker == self.name);
        known.unwrap_or_else(|| {
            let path = self.name[MARKER.len()..].replace("__", "::");
            self.paths.push((self.name.clone(), path, BTreeSet::new()));
            self.paths.len() - 1
        })
    }

    /// Notes that the name at hand is wanted from a path.
    fn want(&mut self, path: usize) {
        let wanted = &mut self.paths[path].2;
        if !wanted.contains(&self.name) {
            wanted.insert(self.name.clone());
        }
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

fn path_tokens(path: &str) -> TokenStream {
    let segments = path.split("::").map(|segment| Ident::new(segment, Span::call_site()));
    quote!(#(#segments)::*)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_the_file_itself_keeps_the_other_qualified() {
        let rt = import("scaffold_runtime::codegen");
        let (imports, mut items) =
            Imports::of(vec![quote!(pub struct Tag { pub at: #rt::DateTime, pub tag: #rt::Tag, })]);
        assert_eq!(imports.uses(), [("scaffold_runtime::codegen", vec!["DateTime"])]);
        let applied = imports.apply(&mut items[0]).to_string();
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
