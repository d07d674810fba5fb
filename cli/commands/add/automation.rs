//! `scaffold add automation`: what starts it, what it sends with values from there, and examples.

mod values;

use super::example;
use super::place::{Content, Part};
use super::projection::Followed;
use super::text::{element, flow, indented, list, scalar};
use super::words::{sentence, type_name};
use super::{Bench, Refusal, Work};
use crate::args::AddAutomation;
use crate::diagnostic::closest;
use crate::model::{Command, Event, Projection, Service, TypeName};
use heck::ToKebabCase;
use values::{Value, known, values};

/// An automation in a file of its own.
pub(super) fn draft(bench: Bench<'_>, args: &AddAutomation) -> Result<Work, Refusal> {
    let name = type_name("automation", &args.name)?;
    bench.survey.refuse_known(&bench.service, &name)?;
    let Some(service) = bench.survey.meaning(&bench.service) else { return Err(bench.vanished()) };
    let (start, followed) = Start::of(&bench, service, args)?;
    let target = args.command.as_deref().map(|written| Target::of(&bench, service, written)).transpose()?;
    let doc = args.placing.doc.clone().unwrap_or_else(|| format!("{}.", sentence(&name)));
    let values = target.as_ref().map(|target| values(&start, target)).unwrap_or_default();
    let slice = Slice { name: &name, service, followed, start, target, values };
    let comment = format!("Automation: {}.", sentence(&name).to_lowercase());
    let content = Content::Model { comment, entries: vec![("automations", slice.lines(&doc))] };
    let notes = slice.notes();
    bench.settle(&[Part { stem: name.to_kebab_case(), content, extends: false }], notes)
}

/// What starts it.
enum Start<'s> {
    Events(Vec<&'s Event>),
    View(&'s Projection),
}

impl<'s> Start<'s> {
    /// With the service whose events it takes.
    fn of(bench: &'s Bench<'_>, service: &'s Service, args: &AddAutomation) -> Result<(Self, Followed<'s>), Refusal> {
        let Some(view) = &args.view else {
            let followed = Followed::of(bench, service, &args.on)?;
            return Ok((Self::Events(followed.events.clone()), followed));
        };
        let name = TypeName::new(type_name("projection", view)?);
        if let Some(found) = service.projections.get(&name) {
            return Ok((Self::View(found), Followed::by(bench, service, found)));
        }
        let help = match closest(name.as_written(), service.projections.keys().map(TypeName::as_written)) {
            _ if service.cruds.contains_key(&name) => {
                format!("it is a CRUD type: --on {name}Created starts with its events")
            }
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("make it first: scaffold add projection {name} --on <Event>"),
        };
        Err(Refusal::usage(format!("`{}` has no projection `{name}`", service.name.as_written()), help))
    }
}

/// The command that is sent, and the service that decides it.
struct Target<'s> {
    service: &'s Service,
    command: &'s Command,
    /// As the model calls it: `SendWelcome`, or `mailer.SendWelcome`.
    written: String,
}

impl<'s> Target<'s> {
    fn of(bench: &'s Bench<'_>, own: &'s Service, written: &str) -> Result<Self, Refusal> {
        let (service, command) = match written.split_once('.') {
            Some((service, command)) => (bench.survey.service(Some(service))?, command),
            None => (own.name.as_written().to_owned(), written),
        };
        let Some(service) = bench.survey.meaning(&service) else { return Err(bench.vanished()) };
        let name = TypeName::new(type_name("command", command)?);
        let Some(command) = service.commands.get(&name) else { return Err(unknown(bench, service, &name)) };
        let is_own = service.name == own.name;
        let written = if is_own { name.to_string() } else { format!("{}.{name}", service.name.as_written()) };
        Ok(Self { service, command, written })
    }
}

/// No such command there; another service may have it.
fn unknown(bench: &Bench<'_>, service: &Service, name: &TypeName) -> Refusal {
    let elsewhere = bench.survey.model.services.values().find(|other| other.commands.contains_key(name));
    let help = match (elsewhere, closest(name.as_written(), service.commands.keys().map(TypeName::as_written))) {
        (Some(other), _) => format!("did you mean `{}.{name}`?", other.name.as_written()),
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => format!("make it first: scaffold add command {name} …"),
    };
    Refusal::usage(format!("`{}` has no command `{name}`", service.name.as_written()), help)
}

/// Everything that the text is made of.
struct Slice<'s> {
    name: &'s str,
    service: &'s Service,
    /// The service whose events it takes.
    followed: Followed<'s>,
    start: Start<'s>,
    target: Option<Target<'s>>,
    /// What is put into the command's fields.
    values: Vec<Value>,
}

impl Slice<'_> {
    fn lines(&self, doc: &str) -> Vec<String> {
        let mut inner = vec![format!("doc: {}", scalar(doc))];
        inner.extend(self.trigger());
        inner.extend(self.action());
        if let Some(target) = &self.target {
            inner.push(
                "# retry: { attempts: 5, from: 1s, to: 1m }   # as it is without this; then it is parked".to_owned(),
            );
            inner.extend(self.examples(target));
        }
        std::iter::once(format!("{}:", self.name)).chain(indented(inner)).collect()
    }

    fn trigger(&self) -> Vec<String> {
        let (mut lines, each, scope) = match &self.start {
            Start::Events(events) => {
                let names = list(events.iter().map(|event| self.followed.name(event)));
                (vec![format!("on: {names}")], "event", "`event` and `meta`")
            }
            Start::View(view) => (
                vec![
                    format!("view: {}", view.entry.name),
                    "# every: 1m   # runs again while the entry stays; without it, once whenever the entry changes"
                        .to_owned(),
                ],
                "entry",
                "`entry`",
            ),
        };
        let tested: Vec<String> = self.values.iter().filter_map(Value::test).collect();
        lines.push(if tested.is_empty() {
            format!("# condition: …   # an expression over {scope}; without it, each {each} starts it")
        } else {
            format!("condition: {}", tested.join(" and "))
        });
        lines
    }

    fn action(&self) -> Vec<String> {
        let Some(target) = &self.target else {
            return vec![
                "# Rust of your own, for the world outside: it may run again for what it has done already.".to_owned(),
                "effect: custom".to_owned(),
            ];
        };
        let mut lines = vec![format!("command: {}", target.written)];
        if !self.values.is_empty() {
            lines.push("with:".to_owned());
            lines.extend(indented(self.values.iter().flat_map(Value::lines).collect()));
        }
        lines
    }

    /// What each event makes it send, or the first event that makes an entry.
    fn examples(&self, target: &Target<'_>) -> Vec<String> {
        let given: Vec<(&Event, Vec<(String, String)>)> = match &self.start {
            Start::Events(events) => {
                let tested = |event| (event, known(event, &self.values, self.service));
                events.iter().copied().map(tested).collect()
            }
            Start::View(view) => self.maker(view).into_iter().collect(),
        };
        let specs = given.iter().flat_map(|(event, payload)| {
            let sent = flow(&self.sent(payload));
            element(vec![
                format!("name: {}", sentence(event.name.as_written()).to_lowercase()),
                format!("given: [{{ {}: {} }}]", self.followed.name(event), flow(payload)),
                format!("then: [{{ {}: {sent} }}]", target.written),
            ])
        });
        let specs: Vec<String> = indented(specs.collect());
        if specs.is_empty() { specs } else { std::iter::once("specs:".to_owned()).chain(specs).collect() }
    }

    /// The values that can be told from what was given.
    fn sent(&self, payload: &[(String, String)]) -> Vec<(String, String)> {
        let of = |name: &str| payload.iter().find(|(field, _)| field == name).map(|(_, value)| value.clone());
        let told = |value: &Value| {
            let given = match (&self.start, value.source()?) {
                (Start::Events(_), field) => of(field)?,
                (Start::View(view), "id") => of(&values::identity(view)?)?,
                (Start::View(_), _) => return None,
            };
            Some((value.field.clone(), given))
        };
        self.values.iter().filter_map(told).collect()
    }

    /// An event that makes an entry by itself, whatever else the view says; none if a condition could keep the entry out.
    fn maker<'e>(&'e self, view: &Projection) -> Option<(&'e Event, Vec<(String, String)>)> {
        values::identity(view)?;
        let name = view.upserts.first()?.events.iter().next()?;
        let removed = view.removes.iter().any(|target| target.events.contains(name));
        let event = self.followed.service.events.get(name)?;
        let is_sure = !removed && self.values.iter().all(|value| value.test().is_none());
        is_sure.then(|| (event, example::values(&event.fields, self.service)))
    }

    fn notes(&self) -> Vec<String> {
        if self.target.is_some() {
            return vec!["next: say in `with` what each field is, then scaffold gen".to_owned()];
        }
        let folder = format!("services/{}/effects", self.service.name.kebab());
        let file = format!("{folder}/{}.rs", TypeName::new(self.name).module());
        let mut notes = vec![format!("next: scaffold gen writes {file} once; the rest of it is yours")];
        if let (Start::Events(_), false) = (&self.start, self.followed.is_own) {
            let other = self.followed.service.name.kebab();
            let line = format!("{other}-events = {{ path = \"../../../generated/{other}/events\" }}");
            notes
                .push(format!("{folder}/Cargo.toml needs `{line}`; where there is no such file yet, it comes with it"));
        }
        notes
    }
}
