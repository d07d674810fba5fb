//! `scaffold add event`

use super::place::{Content, Part};
use super::text::{fields, list, quoted, scalar};
use super::words::{NewField, can_be_tagged, field, sentence, tag_prefix, type_name};
use super::{Bench, Refusal, Work};
use crate::args::AddEvent;
use crate::model::{Service, TagPart};
use heck::ToKebabCase;

/// An event in a file of its own.
pub(super) fn draft(bench: Bench<'_>, args: &AddEvent) -> Result<Work, Refusal> {
    let name = type_name("event", &args.slice.name)?;
    bench.survey.refuse_known(&bench.service, &name)?;
    let new = args.slice.fields.iter().map(|written| field(written)).collect::<Result<Vec<_>, _>>()?;
    let doc = args.slice.placing.doc.clone().unwrap_or_else(|| format!("{}.", sentence(&name)));
    let lines = lines(&name, &doc, &new, &prefixes(bench.survey.meaning(&bench.service)));
    let content = Content::Model { comment: format!("Event: {}.", sentence(&name)), entries: vec![("events", lines)] };
    bench.settle(&[Part { stem: name.to_kebab_case(), content, extends: false }], Vec::new())
}

/// The lines of an event below `events`.
pub(super) fn lines(name: &str, doc: &str, new: &[NewField], prefixes: &[String]) -> Vec<String> {
    let mut inner = vec![format!("doc: {}", scalar(doc))];
    inner.extend(fields(new));
    let tags: Vec<String> = tags(name, new, prefixes).iter().map(|tag| quoted(tag)).collect();
    if !tags.is_empty() {
        inner.push(format!("tags: {}", list(tags)));
    }
    let inner = super::text::indented(inner);
    std::iter::once(format!("{name}:")).chain(inner).collect()
}

/// A tag for each field that holds ids.
fn tags(event: &str, new: &[NewField], prefixes: &[String]) -> Vec<String> {
    let is_id = |field: &&NewField| field.ty.trim_matches(['[', ']', '!']) == "ID" && !field.ty.contains("[[");
    let tag = |field: &NewField| format!("{}:{{{}}}", tag_prefix(&field.name, event, prefixes), field.name);
    new.iter().filter(is_id).filter(|field| can_be_tagged(&field.name)).map(tag).collect()
}

/// What the tags of a service begin with, so far.
pub(super) fn prefixes(service: Option<&Service>) -> Vec<String> {
    let tags = service.into_iter().flat_map(|service| service.events.values()).flat_map(|event| &event.tags);
    let prefix = |part: Option<&TagPart>| match part {
        Some(TagPart::Text(text)) => text.strip_suffix(':').map(str::to_owned),
        _ => None,
    };
    tags.filter_map(|tag| prefix(tag.parts.first())).collect()
}
