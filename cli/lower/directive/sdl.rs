//! The directives as GraphQL, so that editors know them: made from the table that the reader goes by.

use super::{Argument, DIRECTIVES, Directive, Form};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// What each directive is for.
const DOCS: &[(&str, &str)] = &[
    (
        "upsertOn",
        "Events of a topic that create or update entries; without `identifyBy` all of them, or those of `filterBy`.",
    ),
    ("removeOn", "Events of a topic that remove entries."),
    ("dangerouslyUpsertOn", "Events of another topic that create or update entries."),
    ("dangerouslyRemoveOn", "Events of another topic that remove entries."),
    ("from", "The field's value for these events, when the condition holds; of several the first that fits."),
    ("global", "Entries of all tenants together."),
    ("crudType", "Created, updated and deleted through the API, and event-sourced all the same."),
    ("readonly", "Not writable through the API."),
    ("immutable", "Set once."),
    ("cloneField", "What a clone copies it from."),
    ("default", "The value where none is given."),
    ("uuidV4", "Must be a UUID; `generate` fills it."),
    ("sequence", "A counter from 1 or `offset`, one for each value of the group's fields."),
    ("validate", "What values are accepted."),
    ("safeHtml", "HTML, sanitised."),
    ("unique", "No two entries have the same values."),
    ("index", "Can be filtered and sorted by."),
    (
        "permission",
        "Who may. Without an argument nobody; an operation that is left out is public unless `all` is given.",
    ),
    ("filterByJwtData", "Only entries whose path matches the token's data."),
    ("fromJwtData", "Filled from the token's data."),
    ("gdpr", "Personal: erased when the condition holds or the entry is deleted."),
    ("expires", "Removed after this time, when the condition holds."),
    ("renamed", "The former name, whose data is kept."),
    ("webhook", "Asks an address; its answer replaces the entry or field."),
    ("aggregateEvents", "Every event that was applied."),
    ("identifier", "The entry's id under another name."),
    ("createdAt", "When the entry was created, under another name."),
    ("changedAt", "When the entry was changed, under another name."),
    ("createdBy", "Who created the entry."),
    ("changedBy", "Who changed the entry."),
    ("projectedAt", "When the entry was written."),
    ("view", "A read model in SQL."),
    ("baseView", "A read model in SQL that others build on."),
    ("searchable", "Found by text."),
    ("fullTextSearch", "Found by text."),
    ("facetedSearch", "Counted by value."),
    ("geosearch", "Found by distance."),
];

/// Scalars of the language beside GraphQL's own.
const SCALARS: &[(&str, &str)] = &[
    ("DateTime", "An instant: RFC 3339 text."),
    ("Date", "A day of the calendar: 2026-01-31."),
    ("Decimal", "An exact decimal number, as text."),
    ("JSON", "Any value."),
    ("File", "A stored file: named by its id, answered with its name, type, size and address."),
    ("ScaffoldAny", "Any literal."),
    ("ScaffoldName", "A name, bare or in quotes: a value of `enum Permission`, an event, a field."),
];

/// The file that editors read.
pub(crate) fn sdl() -> String {
    let mut text =
        "# The directives and scalars of scaffold's schema language, for editors: `scaffold schema directives`.\n"
            .to_owned();
    for (name, doc) in SCALARS {
        let _ = write!(text, "\n\"{doc}\"\nscalar {name}\n");
    }
    let own = DIRECTIVES.iter().filter(|directive| directive.name != "deprecated");
    let own: Vec<&Directive> = own.collect();
    let mut inputs = BTreeMap::new();
    own.iter().for_each(|directive| gather(directive.arguments, &mut inputs));
    for (name, fields) in &inputs {
        let fields: String = fields.iter().map(|field| format!("  {}\n", argument(field))).collect();
        let _ = write!(text, "\ninput {name} {{\n{fields}}}\n");
    }
    own.iter().for_each(|directive| text.push_str(&definition(directive)));
    text
}

/// The objects that arguments take, by name.
fn gather(arguments: &[Argument], inputs: &mut BTreeMap<String, &'static [Argument]>) {
    for (name, form, _) in arguments {
        if let Form::Object(fields) | Form::Objects(fields) = form {
            inputs.insert(input(name), fields);
            gather(fields, inputs);
        }
    }
}

fn definition(directive: &Directive) -> String {
    let doc = DOCS.iter().find(|(name, _)| *name == directive.name).map_or("", |(_, doc)| doc);
    let later = if directive.later { " Not generated yet." } else { "" };
    let arguments: Vec<String> = directive.arguments.iter().map(argument).collect();
    let arguments = if arguments.is_empty() { String::new() } else { format!("({})", arguments.join(", ")) };
    let repeatable = if directive.repeatable { " repeatable" } else { "" };
    let places = [(directive.object, "OBJECT"), (directive.field, "FIELD_DEFINITION")];
    let places: Vec<&str> = places.iter().filter(|(stands, _)| *stands).map(|(_, place)| *place).collect();
    format!("\n\"{doc}{later}\"\ndirective @{}{arguments}{repeatable} on {}\n", directive.name, places.join(" | "))
}

fn argument((name, form, required): &Argument) -> String {
    let ty = match form {
        Form::Text => "String".to_owned(),
        Form::Texts => "[ScaffoldName!]".to_owned(),
        Form::Boolean => "Boolean".to_owned(),
        Form::Int => "Int".to_owned(),
        Form::Object(_) => input(name),
        Form::Objects(_) => format!("[{}!]", input(name)),
        Form::Any => "ScaffoldAny".to_owned(),
    };
    format!("{name}: {ty}{}", if *required { "!" } else { "" })
}

/// `identifyBy` → `ScaffoldIdentifyBy`
fn input(argument: &str) -> String {
    let (first, rest) = argument.split_at(1);
    format!("Scaffold{}{rest}", first.to_uppercase())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::diagnostic::Sink;
    use crate::source::read_planned;

    #[test]
    fn each_directive_is_said_to_be_for_something() {
        for directive in DIRECTIVES.iter().filter(|directive| directive.name != "deprecated") {
            assert!(DOCS.iter().any(|(name, _)| *name == directive.name), "@{} lacks its sentence", directive.name);
        }
        assert!(DOCS.iter().all(|(name, _)| super::super::is_known(name)), "a sentence about nothing");
    }

    #[test]
    fn our_own_reader_takes_it() {
        let files = [("scaffold.yaml", "name: a".to_owned()), ("schema/a/directives.graphql", sdl())];
        let files = files.map(|(path, text)| (path.to_owned(), text)).into_iter().collect();
        let mut sink = Sink::default();
        let raw = read_planned(tempfile::tempdir().unwrap().path(), &files, &mut sink);
        let schema = &raw.services[0].schemas[0];
        assert!(sink.is_empty(), "{sink:?}");
        assert_eq!(schema.directives.len(), DIRECTIVES.len() - 1);
        assert_eq!(schema.scalars.len(), SCALARS.len());
    }
}
