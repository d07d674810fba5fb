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
    Ident::new(&format!("{MARKER}{}", path.replace("::", "__")), Span::call_site())
}

/// [`import`] of a generated crate by its package name: `enrollment-events`.
pub fn from_crate(package: &str) -> Ident {
    import(&package.replace('-', "_"))
}

/// An item, taken apart once: its tokens are many, and to copy them costs more than all else.
pub(super) struct Item {
    nodes: Vec<Node>,
    /// The JSON values that stand in it.
    pub(super) values: Vec<Value>,
}

/// A token, what is in brackets, or the path in front of a name that the file is to import.
enum Node {
    Token(TokenTree),
    Group(Delimiter, Span, Vec<Node>),
    /// The path's number, and the `::` behind it.
    Path(usize, [Option<TokenTree>; 2]),
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
    /// Takes the items apart, and finds all names that they import and those that they declare themselves.
    pub(super) fn of(items: Vec<TokenStream>) -> (Self, Vec<Item>) {
        let mut names = Names::default();
        let read = |item| {
            let mut values = Vec::new();
            Item { nodes: names.read(item, true, &mut values), values }
        };
        let items = items.into_iter().map(read).collect();
        (Self::from(names), items)
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

    /// The item's tokens again, without the paths in front of what is imported.
    pub(super) fn apply(&self, item: &mut Item) -> TokenStream {
        self.tokens(std::mem::take(&mut item.nodes))
    }

    fn tokens(&self, nodes: Vec<Node>) -> TokenStream {
        let mut tokens = Vec::with_capacity(nodes.len());
        let mut nodes = nodes.into_iter().peekable();
        while let Some(node) = nodes.next() {
            match node {
                Node::Token(token) => tokens.push(token),
                Node::Group(delimiter, span, inner) => {
                    let mut group = Group::new(delimiter, self.tokens(inner));
                    group.set_span(span);
                    tokens.push(TokenTree::Group(group));
                }
                Node::Path(path, separator) => {
                    if self.is_qualified(path, nodes.peek()) {
                        tokens.extend(path_tokens(&self.paths[path]));
                        tokens.extend(separator.into_iter().flatten());
                    }
                }
            }
        }
        tokens.into_iter().collect()
    }

    fn is_qualified(&self, path: usize, name: Option<&Node>) -> bool {
        match name {
            Some(Node::Token(name)) if !self.qualified.is_empty() => self.qualified.contains(&(path, name.to_string())),
            _ => false,
        }
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

impl Names {
    fn read(&mut self, tokens: TokenStream, is_top: bool, values: &mut Vec<Value>) -> Vec<Node> {
        let mut nodes = Vec::new();
        // What the tokens before say of the next: from which path it comes, and so on.
        let mut path: Option<usize> = None;
        let (mut declares, mut in_use, mut is_json) = (false, false, false);
        let mut tokens = tokens.into_iter();
        while let Some(token) = tokens.next() {
            match token {
                TokenTree::Group(group) => {
                    let (delimiter, span, inner) = (group.delimiter(), group.span(), group.stream());
                    // Of a stream that nobody else holds the tokens are moved.
                    drop(group);
                    if std::mem::take(&mut is_json) {
                        nodes.push(Node::Token(TokenTree::Group(json::set_aside(inner, values))));
                        continue;
                    }
                    let inner = self.read(inner, false, values);
                    if in_use && delimiter == Delimiter::Brace {
                        self.declared.extend(inner.iter().filter_map(Node::name));
                    }
                    nodes.push(Node::Group(delimiter, span, inner));
                }
                TokenTree::Ident(ident) => {
                    self.name.clear();
                    // Writing to a text cannot fail.
                    let _ = write!(self.name, "{ident}");
                    is_json = self.name == json::MARK;
                    if let Some(from) = path.take() {
                        self.want(from);
                    } else if self.name.starts_with(MARKER) {
                        let number = self.path();
                        nodes.push(Node::Path(number, [tokens.next(), tokens.next()]));
                        path = Some(number);
                        continue;
                    } else {
                        if is_top && (declares || in_use) {
                            self.declared.insert(self.name.clone());
                        }
                        in_use |= self.name == "use";
                        declares = matches!(self.name.as_str(), "struct" | "enum" | "trait" | "type");
                    }
                    nodes.push(Node::Token(TokenTree::Ident(ident)));
                }
                TokenTree::Punct(punct) => {
                    in_use &= punct.as_char() != ';';
                    nodes.push(Node::Token(TokenTree::Punct(punct)));
                }
                TokenTree::Literal(literal) => nodes.push(Node::Token(TokenTree::Literal(literal))),
            }
        }
        nodes
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

impl Node {
    fn name(&self) -> Option<String> {
        match self {
            Self::Token(token) => Some(token.to_string()),
            _ => None,
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
        let uses: Vec<String> = imports.uses().iter().map(ToString::to_string).collect();
        assert_eq!(uses, ["use scaffold_runtime :: codegen :: DateTime ;"]);
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
