//! Automations: what starts them, what they send, and what each event or entry becomes.

mod command;
mod keys;
mod room;
mod spec;

use super::context::Context;
use super::expression::{Scope, Typer, payload};
use super::fields::BUILT_IN;
use super::names::Names;
use super::names::doc;
use crate::diagnostic::codes::names::UNKNOWN_VIEW;
use crate::diagnostic::codes::services::TWO_SERVICES;
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{
    Automation, Case, Command, Event, EventOrigin, Expr, FieldName, FieldType, Model, Projection, Retry, Sends,
    Trigger, Type, TypeName,
};
use crate::source::{Name, RawAutomation, RawRetry, RawService};
use room::Room;
use std::collections::BTreeMap;

/// Adds a service's automations to the model, which holds all services.
pub(super) fn lower_automations(raw: &RawService, context: &Context, model: &mut Model, sink: &mut Sink) {
    let mut names = Names::default();
    let mut automations = BTreeMap::new();
    let room = Room { own: &raw.name, context, services: &model.services };
    for automation in raw.models.iter().flat_map(|model| &model.automations) {
        if names.first("automation", &automation.name, sink) {
            automations.extend(room.lower(automation, sink).map(|lowered| (lowered.name.clone(), lowered)));
        }
    }
    for sends in automations.values().filter_map(|automation| automation.sends.as_ref()) {
        let service = model.services.get_mut(&sends.service);
        if let Some(command) = service.and_then(|service| service.commands.get_mut(&sends.command)) {
            command.is_sent = true;
        }
    }
    if let Some(service) = model.services.get_mut(&raw.name) {
        service.automations = automations;
    }
}

/// What starts one automation, with everything that its expressions may see.
enum Start<'a> {
    /// Events, those that are known, and their service.
    Events(&'a str, Vec<&'a Event>),
    /// Entries of a projection.
    View(&'a Projection),
}

impl Room<'_> {
    fn lower(&self, raw: &RawAutomation, sink: &mut Sink) -> Option<Automation> {
        let fits = keys::fit(raw, sink);
        let start = self.start(raw, sink);
        let result =
            raw.result.as_ref().map(|ty| self.context.types.resolve_or_any(Some(ty), &self.context.neighbours, sink));
        let found = raw.command.as_ref().map(|name| self.command(name, sink));
        let target = found.flatten();
        let ignore = target.map(|(_, command)| command::ignored(&raw.ignore, command, sink)).unwrap_or_default();
        let start = start?;
        let cases = self.cases(raw, &start, result.as_ref(), target.map(|(_, command)| command), sink);
        // A command that is not known was reported; nothing more can be said.
        if raw.command.is_some() && target.is_none() {
            return None;
        }
        let sends = target.zip(raw.command.as_ref()).map(|((service, command), written)| Sends {
            service: service.to_owned(),
            command: command.name.clone(),
            ignore,
            place: written.place,
        });
        let sent = sends.as_ref().zip(target.map(|(_, command)| command));
        let specs = self.specs(raw, start.follows(), sent, sink);
        (fits && cases.is_some()).then_some(())?;
        Some(Automation {
            name: TypeName::new(&raw.name.value),
            doc: doc(&raw.doc),
            trigger: trigger(raw, &start),
            follows: start.follows().to_owned(),
            cases: cases?,
            is_custom: raw.effect.is_some(),
            result,
            sends,
            retry: retry(raw.retry.as_ref()),
            specs,
            place: raw.name.place,
        })
    }

    fn start<'a>(&'a self, raw: &'a RawAutomation, sink: &mut Sink) -> Option<Start<'a>> {
        if let Some(view) = &raw.view {
            return self.view(view, sink).map(Start::View);
        }
        let on = raw.on.as_ref()?;
        let named = on.value.iter().map(|name| Some((name, self.context.followed(name, sink)?)));
        let named: Vec<_> = named.collect::<Vec<_>>().into_iter().collect::<Option<_>>()?;
        let (first, (follows, _)) = *named.first()?;
        let mut names = Names::default();
        let mut events = Vec::new();
        for (name, (service, event)) in named {
            if service != follows {
                sink.push(of_two_services(&raw.name, (name, service), (first, follows)));
                return None;
            }
            let written = Name::new(event.name.to_string(), name.place);
            if names.first("event", &written, sink) {
                events.push(event);
            }
        }
        Some(Start::Events(follows, events))
    }

    fn view(&self, name: &Name, sink: &mut Sink) -> Option<&Projection> {
        let service = self.services.get(self.own)?;
        let found = service.projections.get(&TypeName::new(&name.value));
        if found.is_none() && !self.context.types.refused.contains(&TypeName::new(&name.value)) {
            let message = format!("there is no projection `{}`", name.value);
            let diagnostic = Diagnostic::error(UNKNOWN_VIEW, name.place, message);
            sink.push(if service.cruds.contains_key(&TypeName::new(&name.value)) {
                diagnostic.help(format!("`{0}` is a CRUD type; `on: [{0}Created]` starts with its events", name.value))
            } else {
                diagnostic.suggest(&name.value, service.projections.keys().map(TypeName::as_written))
            });
        }
        found
    }

    /// One for each event, or the one of an entry; none if anything in it was reported.
    fn cases(
        &self,
        raw: &RawAutomation,
        start: &Start<'_>,
        result: Option<&FieldType>,
        command: Option<&Command>,
        sink: &mut Sink,
    ) -> Option<Vec<Case>> {
        let scopes: Vec<(Option<&TypeName>, Scope)> = match start {
            Start::Events(_, events) => events
                .iter()
                .map(|event| {
                    (
                        Some(&event.name),
                        Scope::default().with_event(&["event"], &payload_type(event)).with_meta(&["meta"]),
                    )
                })
                .collect(),
            Start::View(view) => vec![(None, Scope::default().with_entry(entry_fields(view)))],
        };
        let cases = scopes.into_iter().map(|(event, scope)| {
            let mut typer = Typer::new(&self.context.types, &scope, sink);
            event.inspect(|event| typer.event_is(event));
            let condition = match &raw.condition {
                Some(condition) => Some(typer.typed(condition, &FieldType::required(Type::Boolean))?),
                None => None,
            };
            let with = match result {
                Some(result) => scope.clone().with_result(result),
                None => scope.clone(),
            };
            let values = self.values((raw, command), event, (&with, condition.as_ref()), sink)?;
            Some(Case { event: event.cloned(), condition, values })
        });
        cases.collect::<Vec<_>>().into_iter().collect()
    }

    /// The command's values, where the condition holds.
    fn values(
        &self,
        (raw, command): (&RawAutomation, Option<&Command>),
        event: Option<&TypeName>,
        (scope, condition): (&Scope, Option<&Expr>),
        sink: &mut Sink,
    ) -> Option<Vec<(FieldName, Option<Expr>)>> {
        let Some(command) = command else { return Some(Vec::new()) };
        let mut typer = Typer::new(&self.context.types, scope, sink);
        event.inspect(|event| typer.event_is(event));
        condition.inspect(|condition| typer.assume(condition));
        command::lower_with(raw, command, &mut typer)
    }
}

impl Start<'_> {
    /// The service whose events it takes.
    fn follows(&self) -> &str {
        match self {
            Self::Events(service, _) => service,
            Self::View(view) => &view.follows,
        }
    }
}

/// Says that the events of an automation are all of one service.
fn of_two_services(of: &Name, (name, service): (&Name, &str), (first, follows): (&Name, &str)) -> Diagnostic {
    let message = format!("`{}` follows `{follows}`, so it cannot follow `{service}` too", of.value);
    let problem = Diagnostic::error(TWO_SERVICES, name.place, message).label(format!("an event of `{service}`"));
    let problem = problem.related(first.place, format!("an event of `{follows}`"));
    problem.help("their events have no order in common; make an automation of each")
}

fn trigger(raw: &RawAutomation, start: &Start<'_>) -> Trigger {
    match start {
        Start::Events(..) => Trigger::Events,
        Start::View(view) => {
            Trigger::View { entry: view.entry.name.clone(), every: raw.every.as_ref().map(|every| every.value) }
        }
    }
}

fn retry(raw: Option<&RawRetry>) -> Retry {
    let usual = Retry::default();
    let Some(raw) = raw else { return usual };
    let from = raw.from.as_ref().map_or(usual.from, |from| from.value);
    Retry {
        attempts: raw.attempts.as_ref().map_or(usual.attempts, |attempts| attempts.value),
        from,
        to: raw.to.as_ref().map_or(usual.to.max(from), |to| to.value),
    }
}

fn entry_fields(view: &Projection) -> Vec<(String, FieldType)> {
    let built_in = BUILT_IN.iter().map(|(name, ty)| ((*name).to_owned(), FieldType::required(ty.clone())));
    built_in.chain(view.entry.fields.iter().map(|field| (field.name.to_string(), field.ty.clone()))).collect()
}

/// What `event` is: a record of the declared fields, or untyped JSON.
fn payload_type(event: &Event) -> FieldType {
    match event.origin {
        EventOrigin::Undeclared => FieldType::required(Type::Json),
        _ => payload(&event.fields),
    }
}
