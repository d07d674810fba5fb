//! Items → the text of a Rust file: header, `//!`, `use` lines, then item by item with a blank line between.

use super::imports::Imports;
use super::{docs, hug, json};
use crate::output::{Files, Owner, generated_from};
use proc_macro2::TokenStream;
use serde_json::Value;

/// Columns of a line that the printer leaves as it is.
const WIDTH: usize = 89;

impl Files {
    /// Adds a Rust file. `doc` is its `//!`; what the items import through [`super::import`] gets its `use` lines here.
    pub fn rust(
        &mut self,
        owner: Owner,
        path: impl Into<String>,
        inputs: &[String],
        doc: &str,
        items: Vec<TokenStream>,
    ) {
        let header = match owner {
            Owner::Yours => String::new(),
            Owner::Ours | Owner::OursList => format!("// {}\n", generated_from(inputs)),
        };
        let doc: String =
            docs::wrap(doc).iter().map(|line| format!("//! {line}").trim_end().to_owned() + "\n").collect();
        let body = print(items);
        let separator = if body.is_empty() { "" } else { "\n" };
        self.push(owner, path, format!("{header}{doc}{separator}{body}"));
    }
}

/// The items as text: `mod` and `use` lines stand together, all else is parted by blank lines.
pub fn print(items: Vec<TokenStream>) -> String {
    let (imports, items) = Imports::of(items);
    let mut printed: Vec<Printed> = Vec::with_capacity(items.len());
    for mut item in items {
        printed.extend(print_tokens(imports.apply(&mut item), &item.values));
    }
    let body = printed.iter().position(|item| item.kind == Kind::Other).unwrap_or(printed.len());
    let uses: Vec<Printed> = imports.uses().into_iter().flat_map(|(path, names)| print_use(path, &names)).collect();
    printed.splice(body..body, uses);
    join(&printed)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Mod,
    PublicUse,
    Use,
    Other,
}

struct Printed {
    kind: Kind,
    text: String,
}

/// A `use` line. One that is short stands as it would be printed: there are tens of thousands of them, and most are short.
fn print_use(path: &str, names: &[&str]) -> Vec<Printed> {
    let line = match names {
        [name] => format!("use {path}::{name};"),
        names => format!("use {path}::{{{}}};", names.join(", ")),
    };
    if line.len() <= WIDTH {
        return vec![Printed { kind: Kind::Use, text: line + "\n" }];
    }
    print_tokens(line.parse().unwrap_or_default(), &[])
}

/// Each item of the tokens by itself. Tokens that are no items (a fault of a generator) are kept as they are, for rustc to name.
fn print_tokens(tokens: TokenStream, values: &[Value]) -> Vec<Printed> {
    let Ok(file) = syn::parse2::<syn::File>(tokens.clone()) else {
        return vec![Printed { kind: Kind::Other, text: format!("{tokens}\n") }];
    };
    file.items.into_iter().map(|item| print_item(item, values)).collect()
}

fn print_item(item: syn::Item, values: &[Value]) -> Printed {
    let kind = match &item {
        syn::Item::Mod(module) if module.content.is_none() => Kind::Mod,
        syn::Item::Use(line) if matches!(line.vis, syn::Visibility::Inherited) => Kind::Use,
        syn::Item::Use(_) => Kind::PublicUse,
        _ => Kind::Other,
    };
    let file = syn::File { shebang: None, frontmatter: None, attrs: Vec::new(), items: vec![item] };
    let is_impl = matches!(file.items.as_slice(), [syn::Item::Impl(_) | syn::Item::Verbatim(_)]);
    let mut text = prettyplease::unparse(&file);
    if is_impl {
        text = part_members(&text);
    }
    Printed { kind, text: json::lay_out(hug::hug(text), values) }
}

/// A blank line between the members of an `impl`, which the printer leaves out.
fn part_members(item: &str) -> String {
    const STARTS: [&str; 5] = ["    fn ", "    pub ", "    ///", "    #[", "    async "];
    if !item.lines().any(|line| line.starts_with("impl")) {
        return item.to_owned();
    }
    let mut parted = String::with_capacity(item.len());
    let mut previous = "";
    for line in item.lines() {
        let continues = previous.starts_with("    ///") || previous.starts_with("    #[") || previous.ends_with('{');
        let starts =
            STARTS.iter().any(|start| line.starts_with(start)) || previous == "    }" && line.starts_with("    ");
        if starts && !continues && !previous.is_empty() {
            parted.push('\n');
        }
        parted.push_str(line);
        parted.push('\n');
        previous = line;
    }
    parted
}

fn join(items: &[Printed]) -> String {
    let mut text = String::new();
    let mut previous: Option<Kind> = None;
    for item in items {
        let together = previous == Some(item.kind) && item.kind != Kind::Other;
        if previous.is_some() && !together {
            text.push('\n');
        }
        text.push_str(&item.text);
        previous = Some(item.kind);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::emit::rust::import;
    use quote::quote;

    #[test]
    fn items_are_parted_and_lines_grouped() {
        let rt = import("scaffold_runtime::codegen");
        let text = json::json(&serde_json::json!([{ "A": { "x": 1 } }]));
        let items = vec![
            quote!(
                mod a;
            ),
            quote!(
                mod b;
            ),
            quote!(
                pub use a::A;
            ),
            quote!(#[doc = " Doc."] pub struct X { pub at: #rt::DateTime }),
            quote!(fn f() -> #rt::Json { #text }),
        ];
        insta::assert_snapshot!(print(items));
    }

    #[test]
    fn use_lines_are_those_of_the_printer() {
        for length in 1..60 {
            let long = "N".repeat(length);
            for names in [vec![long.as_str()], vec!["First", long.as_str()], vec!["First", "Second", long.as_str()]] {
                let printed = print_use("some_service_events::module", &names);
                let tokens = format!("use some_service_events::module::{{{}}};", names.join(","));
                let one = format!("use some_service_events::module::{};", names[0]);
                let tokens = if names.len() == 1 { one } else { tokens };
                let expected = print_tokens(tokens.parse().unwrap_or_default(), &[]);
                assert_eq!(printed[0].text, expected[0].text);
                assert!(printed.len() == 1 && printed[0].kind == Kind::Use);
            }
        }
    }
}
