//! Tags that several entries of a state read by: written once, each under a name.

use super::slice::Slice;
use crate::emit::rust::events::{Around, tag_code};
use crate::emit::rust::expression::is_fallible;
use crate::model::{ExprKind, StateEntry, TagPart, TagTemplate, Var};
use heck::ToSnakeCase;
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};
use std::collections::BTreeSet;

/// The tags that have a name, in the order in which they come up.
#[derive(Default)]
pub(super) struct NamedTags(Vec<(String, Ident, TokenStream)>);

impl NamedTags {
    /// Names what more than one of the entries reads by.
    pub(super) fn of<'a>(slice: &Slice<'_>, entries: impl Iterator<Item = &'a StateEntry>) -> Self {
        let mut counted: Vec<(String, &TagTemplate, TokenStream, usize)> = Vec::new();
        for template in entries.flat_map(|entry| &entry.tags) {
            let Some(code) = standing_alone(slice, template) else { continue };
            let text = code.to_string();
            match counted.iter_mut().find(|(known, ..)| *known == text) {
                Some((.., count)) => *count += 1,
                None => counted.push((text, template, code, 1)),
            }
        }
        counted.retain(|(.., count)| *count > 1);
        let prefixes: Vec<String> = counted.iter().map(|(_, template, ..)| prefix(template)).collect();
        let (mut named, mut taken) = (Vec::new(), BTreeSet::new());
        for (at, (text, template, code, _)) in counted.into_iter().enumerate() {
            let prefix = &prefixes[at];
            let is_shared = prefixes.iter().filter(|other| *other == prefix).count() > 1;
            let name = if is_shared { format!("{prefix}_{}", hole(template)) } else { prefix.clone() };
            if !name.is_empty() && !name.starts_with(|first: char| first.is_ascii_digit()) && taken.insert(name.clone())
            {
                named.push((text, format_ident!("{name}_tag"), code));
            }
        }
        Self(named)
    }

    /// `let course_tag = || Tag::new(…);` for each.
    pub(super) fn statements(&self) -> TokenStream {
        self.0.iter().map(|(_, name, code)| quote!(let #name = || #code;)).collect()
    }

    /// The tag by its name, if it has one.
    pub(super) fn call(&self, code: TokenStream) -> TokenStream {
        let text = code.to_string();
        self.0.iter().find(|(known, ..)| *known == text).map_or(code, |(_, name, _)| quote!(#name()))
    }
}

/// The tag's code, if nothing has to be bound around it and it cannot fail.
fn standing_alone(slice: &Slice<'_>, template: &TagTemplate) -> Option<TokenStream> {
    let mut around = Around::default();
    let code = tag_code(&slice.scope(), template, &mut around);
    (around.is_empty() && !is_fallible(&code) && !crate::emit::rust::tokens::uses(&code, "item")).then_some(code)
}

/// `course` of `course:{courseId}`.
fn prefix(template: &TagTemplate) -> String {
    match template.parts.first() {
        Some(TagPart::Text(text)) => text.split(':').next().unwrap_or_default().to_snake_case(),
        _ => String::new(),
    }
}

/// `course_id` of `course:{courseId}`.
fn hole(template: &TagTemplate) -> String {
    let holes = template.parts.iter().filter_map(|part| match part {
        TagPart::Hole(hole) => Some(&hole.kind),
        TagPart::Text(_) => None,
    });
    let names = holes.filter_map(|kind| match kind {
        ExprKind::Var(Var::CommandField(name)) | ExprKind::Field { name, .. } => Some(name.column()),
        _ => None,
    });
    names.collect::<Vec<_>>().join("_")
}
