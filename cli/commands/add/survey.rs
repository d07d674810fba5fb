//! The project as it is, or as it would be with planned files: what is in it, and what is wrong with it.

use super::Refusal;
use super::planned::Planned;
use crate::diagnostic::{Diagnostic, Severity, Sink, closest};
use crate::model::{EventOrigin, Model, Service, TypeName};
use crate::place::Place;
use crate::source::{self, Raw, RawService};
use crate::{check, lower};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What was read and what was found.
pub(super) struct Survey {
    /// The documents.
    pub raw: Raw,
    /// What they mean, as far as they are right.
    pub model: Model,
    /// Every problem.
    pub sink: Sink,
}

impl Survey {
    /// The project as it is.
    pub fn of(dir: &Path) -> Result<Self, Refusal> {
        let survey = Self::planned(dir, &[]);
        if survey.raw.project.name.is_none() {
            return Err(Refusal::Unreadable(Box::new((survey.sink, survey.raw.sources))));
        }
        Ok(survey)
    }

    /// The project as it would be.
    pub fn planned(dir: &Path, planned: &[Planned]) -> Self {
        let texts: BTreeMap<_, _> = planned.iter().map(|file| (file.path.clone(), file.after.clone())).collect();
        let mut sink = Sink::default();
        let raw = source::read_planned(dir, &texts, &mut sink);
        let model = lower::lower(&raw, &mut sink);
        check::check(model.clone(), &mut sink, false);
        Self { raw, model, sink }
    }

    /// The service of this name, or the only one there is.
    pub fn service(&self, named: Option<&str>) -> Result<String, Refusal> {
        let names: Vec<&str> = self.raw.services.iter().map(|service| service.name.as_str()).collect();
        match (named, names.as_slice()) {
            (Some(named), _) if names.contains(&named) => Ok(named.to_owned()),
            (Some(named), _) => {
                let message = format!("there is no service `{}`", named.escape_debug());
                let help = match closest(named, &names) {
                    Some(near) => format!("did you mean `{near}`?"),
                    None => "`scaffold add service <name>` makes one".to_owned(),
                };
                Err(Refusal::usage(message, help))
            }
            (None, [only]) => Ok((*only).to_owned()),
            (None, []) => {
                Err(Refusal::usage("the project has no service yet", "make one: scaffold add service <name>"))
            }
            (None, several) => {
                let help = format!("say which with --service: {}", several.join(", "));
                Err(Refusal::usage("the project has several services", help))
            }
        }
    }

    /// What a service means.
    pub fn meaning(&self, service: &str) -> Option<&Service> {
        self.model.services.values().find(|found| found.name.as_written() == service)
    }

    /// The documents of a service.
    pub fn documents(&self, service: &str) -> Option<&RawService> {
        self.raw.services.iter().find(|found| found.name == service)
    }

    /// Refuses a name that the service has for something else already.
    pub fn refuse_known(&self, service: &str, name: &str) -> Result<(), Refusal> {
        let Some(found) = self.meaning(service).and_then(|meaning| known(meaning, &TypeName::new(name))) else {
            return Ok(());
        };
        let (what, place) = found;
        let (line, column) = self.raw.sources.line_column(place);
        let path = self.raw.sources.path(place.file);
        let message = format!("there is {what} `{name}` already: {}:{line}:{column}", path.display());
        Err(Refusal::usage(message, "choose another name, or change what is there"))
    }

    /// Errors that the planned files bring. Where there were errors before, only those count that stand in what is new:
    /// the rest is what the first ones had hidden.
    pub fn new_errors(&self, before: &Self, planned: &[Planned]) -> Sink {
        let known = before.told(Severity::Error);
        let was_sound = known.is_empty();
        let found = self.sink.sorted().into_iter().filter(|found| {
            let is_new = found.severity == Severity::Error && !known.contains(&key(found));
            is_new && (was_sound || self.stands_in(found, planned))
        });
        gathered(found)
    }

    /// Warnings that were not there before.
    pub fn new_warnings(&self, before: &Self) -> Sink {
        let known = before.told(Severity::Warning);
        let is_new = |found: &&Diagnostic| found.severity == Severity::Warning && !known.contains(&key(found));
        gathered(self.sink.sorted().into_iter().filter(is_new))
    }

    fn told(&self, severity: Severity) -> BTreeSet<(String, String)> {
        self.sink.sorted().into_iter().filter(|found| found.severity == severity).map(key).collect()
    }

    fn stands_in(&self, found: &Diagnostic, planned: &[Planned]) -> bool {
        let Some(place) = found.place else { return true };
        let Some(file) = self.raw.sources.get(place.file) else { return true };
        let inside = |planned: &Planned| planned.added.iter().any(|added| added.contains(&(place.start as usize)));
        planned.iter().any(|planned| planned.path == file.path && inside(planned))
    }
}

/// What a service calls so, and where.
fn known(service: &Service, name: &TypeName) -> Option<(&'static str, Place)> {
    let command = service.commands.get(name).map(|found| ("a command", found.place));
    let event = service.events.get(name).filter(|found| found.origin != EventOrigin::Undeclared);
    let entry = service.entry(name).map(|found| ("a type", found.place));
    let nested = service.objects.get(name).map(|found| ("a type", found.place));
    let automation = service.automations.get(name).map(|found| ("an automation", found.place));
    let listed = service.enums.get(name).map(|found| ("an enum", found.place));
    command.or(event.map(|found| ("an event", found.place))).or(entry).or(nested).or(listed).or(automation)
}

fn key(found: &Diagnostic) -> (String, String) {
    (found.code.to_string(), found.message.clone())
}

fn gathered<'a>(found: impl Iterator<Item = &'a Diagnostic>) -> Sink {
    let mut sink = Sink::default();
    found.cloned().for_each(|diagnostic| sink.push(diagnostic));
    sink
}
