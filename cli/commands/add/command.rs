//! `scaffold add command`: the command, the events that it records, a first rule with what it needs to know, and examples.

use super::event::{self, prefixes};
use super::example::values;
use super::place::{Content, Part};
use super::text::{element, fields, flow, indented, list, map, quoted, scalar};
use super::words::{NewField, error_of, event_of, field, sentence, state_of, type_name};
use super::{Bench, Refusal, Work};
use crate::args::AddCommand;
use crate::model::{Command, Event, ExprKind, Service, TagPart, TypeName, Var};
use heck::ToKebabCase;

/// A command in a file of its own, with the events that are not declared yet.
pub(super) fn draft(bench: Bench<'_>, args: &AddCommand) -> Result<Work, Refusal> {
    let slice = Slice::of(&bench, args)?;
    // First the bare names and types: what they mean is then known to rule and examples.
    let (_, probe) = bench.judged(&[slice.part(slice.bare())])?;
    let (Some(service), name) = (probe.meaning(&bench.service), TypeName::new(&slice.name)) else {
        return Err(bench.vanished());
    };
    let Some(command) = service.commands.get(&name) else { return Err(bench.vanished()) };
    let events: Vec<_> = slice.emits.iter().filter_map(|event| service.events.get(&TypeName::new(event))).collect();
    let part = slice.part(slice.whole(command, &events, service));
    let notes = slice.notes(args);
    bench.settle(&[part], notes)
}

/// What was asked for.
struct Slice {
    name: String,
    doc: String,
    fields: Vec<NewField>,
    permission: Vec<String>,
    emits: Vec<String>,
    /// Those of `emits` that are declared along with the command.
    new_events: Vec<String>,
    prefixes: Vec<String>,
}

impl Slice {
    fn of(bench: &Bench<'_>, args: &AddCommand) -> Result<Self, Refusal> {
        let name = type_name("command", &args.slice.name)?;
        bench.survey.refuse_known(&bench.service, &name)?;
        let emits = match args.emits.as_slice() {
            [] => vec![event_of(&name).ok_or_else(|| {
                Refusal::usage(format!("`{name}` is too long to name an event after"), "name one with --emits")
            })?],
            named => named.iter().map(|event| type_name("event", event)).collect::<Result<Vec<_>, _>>()?,
        };
        let service = bench.survey.meaning(&bench.service);
        let is_new = |event: &&String| {
            !service.is_some_and(|service| service.events.contains_key(&TypeName::new(event.as_str())))
        };
        Ok(Self {
            doc: args.slice.placing.doc.clone().unwrap_or_else(|| format!("{}.", sentence(&name))),
            fields: args.slice.fields.iter().map(|written| field(written)).collect::<Result<_, _>>()?,
            permission: args.permission.clone(),
            new_events: emits.iter().filter(is_new).cloned().collect(),
            prefixes: prefixes(service),
            emits,
            name,
        })
    }

    fn part(&self, command: Vec<String>) -> Part {
        let event = |name: &String| {
            let doc = format!("{}.", sentence(name));
            ("events", event::lines(name, &doc, &self.fields, &self.prefixes))
        };
        let mut entries: Vec<_> = self.new_events.iter().map(event).collect();
        entries.push(("commands", command));
        let comment = format!("Slice: {}.", sentence(&self.name).to_lowercase());
        Part { stem: self.name.to_kebab_case(), content: Content::Model { comment, entries }, extends: false }
    }

    /// The command with its fields alone.
    fn bare(&self) -> Vec<String> {
        let mut inner = vec![format!("doc: {}", scalar(&self.doc))];
        inner.extend(fields(&self.fields));
        if self.permission.is_empty() {
            inner.push("# permission: [ADMIN]   # without it, anyone who is signed in may send this".to_owned());
        } else {
            inner.push(format!("permission: {}", list(self.permission.iter().map(|name| scalar(name)))));
        }
        std::iter::once(format!("{}:", self.name)).chain(indented(inner)).collect()
    }

    fn whole(&self, command: &Command, events: &[&Event], service: &Service) -> Vec<String> {
        let once = events.first().and_then(|event| Once::of(command, event));
        let mut inner = Vec::new();
        if let Some(once) = &once {
            inner.extend(once.state());
            inner.extend(once.rules());
        }
        inner.push("emit:".to_owned());
        inner.extend(indented(self.emits.iter().map(|event| format!("- {event}: {{}}")).collect()));
        inner.extend(examples(command, events, service, once.as_ref()));
        self.bare().into_iter().chain(indented(inner)).collect()
    }

    fn notes(&self, args: &AddCommand) -> Vec<String> {
        let mut notes = Vec::new();
        if args.emits.is_empty() {
            let event = self.emits.join(", ");
            notes.push(format!("it records {event}, called so after the command (--emits names another)"));
        }
        notes.push("next: say what it needs to know and when it is refused, then scaffold gen".to_owned());
        notes
    }
}

/// A first rule: what was done is not done again.
struct Once<'a> {
    event: &'a str,
    state: String,
    error: String,
    tags: Vec<String>,
}

impl<'a> Once<'a> {
    /// Over those tags of the event that the command's fields give; none if there are none.
    fn of(command: &Command, event: &'a Event) -> Option<Self> {
        let gives = |name: &str| command.fields.iter().any(|field| field.name.as_written() == name && is_one_id(field));
        let tag = |tag: &crate::model::TagTemplate| match tag.parts.as_slice() {
            [TagPart::Text(prefix), TagPart::Hole(hole)] => match &hole.kind {
                ExprKind::Var(Var::EventField(name)) if gives(name.as_written()) => Some(format!("{prefix}{{{name}}}")),
                _ => None,
            },
            _ => None,
        };
        let tags: Vec<String> = event.tags.iter().filter_map(tag).collect();
        let taken: Vec<String> = command.fields.iter().map(|field| field.name.to_string()).collect();
        let name = event.name.as_written();
        let once = Self { event: name, state: state_of(name, &taken), error: error_of(name), tags };
        (!once.tags.is_empty()).then_some(once)
    }

    fn state(&self) -> Vec<String> {
        let entry = vec![
            "doc: Whether that was done before.".to_owned(),
            "type: Boolean!".to_owned(),
            "initial: \"false\"".to_owned(),
            format!("tags: {}", list(self.tags.iter().map(|tag| quoted(tag)))),
            format!("on: {{ {}: \"true\" }}", self.event),
        ];
        let mut lines = vec![
            "state:".to_owned(),
            "  # What the decision needs to know, and nothing more: the events below `on` are what it conflicts with."
                .to_owned(),
            format!("  {}:", self.state),
        ];
        lines.extend(indented(indented(entry)));
        lines
    }

    fn rules(&self) -> Vec<String> {
        let rule = vec![
            format!("reject: {}", self.state),
            format!("error: {}", self.error),
            format!("message: {}", sentence(&self.error)),
        ];
        let mut lines =
            vec!["rules:".to_owned(), "  # In this order; the first that holds refuses the command.".to_owned()];
        lines.extend(indented(element(rule)));
        lines
    }
}

fn is_one_id(field: &crate::model::EventField) -> bool {
    field.ty.required && !matches!(field.ty.ty, crate::model::Type::List(_))
}

fn examples(command: &Command, events: &[&Event], service: &Service, once: Option<&Once<'_>>) -> Vec<String> {
    let sent = values(&command.fields, service);
    let recorded = |event: &Event| {
        let mut known = values(&event.fields, service);
        known.retain(|entry| sent.contains(entry));
        format!("{{ {}: {} }}", event.name, flow(&known))
    };
    let mut first = vec!["name: the first time is recorded".to_owned()];
    first.extend(map("when", &sent));
    first.push(format!("then: {}", list(events.iter().map(|event| recorded(event)))));
    let mut lines = vec!["specs:".to_owned()];
    lines.extend(indented(element(first)));
    if let (Some(once), Some(event)) = (once, events.first()) {
        let given = format!("{{ {}: {} }}", event.name, flow(&values(&event.fields, service)));
        let mut second = vec!["name: the second time is refused".to_owned(), format!("given: [{given}]")];
        second.extend(map("when", &sent));
        second.push(format!("then: {{ error: {} }}", once.error));
        lines.extend(indented(element(second)));
    }
    lines
}
