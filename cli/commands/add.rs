//! `scaffold add`: a good beginning in schema or model, that `scaffold check` passes at once.
//!
//! What will be written is drafted, given its place, and judged as if it stood there already; only then is it written, all or
//! nothing. Files that are there are extended where their layout allows, and never overwritten.

mod automation;
mod command;
mod crud;
mod event;
mod example;
mod past;
mod place;
mod planned;
mod projection;
mod service;
mod survey;
mod text;
mod words;

use super::{Outcome, Terminal};
use crate::args::{Add, Placing};
use crate::diagnostic::codes::ownership::DISK;
use crate::diagnostic::{Diagnostic, Sink};
use crate::output::{self, Change, Guard, OutputError, Plan};
use crate::place::Sources;
use planned::Planned;
use std::path::Path;
use survey::Survey;

/// Drafts, judges and writes what was asked for.
pub fn run(dir: &Path, args: &Add, terminal: &Terminal) -> Outcome {
    let done = match args {
        Add::Service(args) => service::draft(dir, args).and_then(|work| work.finish(dir, args.dry_run, terminal)),
        Add::Event(args) => begin(dir, &args.slice.placing, |bench| event::draft(bench, args), terminal),
        Add::Command(args) => begin(dir, &args.slice.placing, |bench| command::draft(bench, args), terminal),
        Add::Projection(args) => begin(dir, &args.slice.placing, |bench| projection::draft(bench, args), terminal),
        Add::Crud(args) => begin(dir, &args.slice.placing, |bench| crud::draft(bench, args), terminal),
        Add::Automation(args) => begin(dir, &args.placing, |bench| automation::draft(bench, args), terminal),
    };
    done.unwrap_or_else(|refusal| refusal.tell(terminal))
}

/// Why nothing was added.
enum Refusal {
    /// The call was wrong.
    Usage { message: String, help: String },
    /// What was asked for would be wrong in the project, at places of the texts that were to be written.
    Judged(Box<(Sink, Sources)>),
    /// There is no project that can be read.
    Unreadable(Box<(Sink, Sources)>),
    /// The disk refused.
    Disk(OutputError),
}

impl Refusal {
    fn usage(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Usage { message: message.into(), help: help.into() }
    }

    fn tell(self, terminal: &Terminal) -> Outcome {
        match self {
            Self::Usage { message, help } => {
                terminal.fail(&message, &help);
                Outcome::Usage
            }
            Self::Judged(found) => {
                terminal.report(&found.0, &found.1);
                terminal.say("nothing was written: the places above are in what would have been");
                Outcome::Usage
            }
            Self::Unreadable(found) => {
                terminal.report(&found.0, &found.1);
                Outcome::Findings
            }
            Self::Disk(error) => {
                let mut sink = Sink::default();
                sink.push(Diagnostic::global(DISK, error.to_string()));
                terminal.report(&sink, &Sources::default());
                Outcome::Findings
            }
        }
    }
}

impl From<OutputError> for Refusal {
    fn from(error: OutputError) -> Self {
        Self::Disk(error)
    }
}

/// What a draft is made with: the project as it is, and the service that gets something new.
struct Bench<'a> {
    dir: &'a Path,
    survey: Survey,
    service: String,
    placing: &'a Placing,
}

impl Bench<'_> {
    /// What was read a moment ago is gone: somebody else is at work.
    fn vanished(&self) -> Refusal {
        let message = format!("the service `{}` cannot be read any more", self.service);
        Refusal::usage(message, "run `scaffold check`")
    }
}

/// What will be written, with what is to be said about it.
struct Work {
    before: Survey,
    after: Survey,
    planned: Vec<Planned>,
    notes: Vec<String>,
}

fn begin(
    dir: &Path,
    placing: &Placing,
    draft: impl FnOnce(Bench<'_>) -> Result<Work, Refusal>,
    terminal: &Terminal,
) -> Result<Outcome, Refusal> {
    let survey = Survey::of(dir)?;
    let service = survey.service(placing.service.as_deref())?;
    draft(Bench { dir, survey, service, placing })?.finish(dir, placing.dry_run, terminal)
}

impl Work {
    /// Writes what was judged sound, or prints it.
    fn finish(self, dir: &Path, dry_run: bool, terminal: &Terminal) -> Result<Outcome, Refusal> {
        let change = |planned: &Planned| Change {
            path: planned.path.clone().into(),
            before: planned.before.clone(),
            after: planned.after.clone().into(),
        };
        let plan = Plan { write: self.planned.iter().map(change).collect(), ..Plan::default() };
        if dry_run {
            for difference in output::differences(&plan) {
                terminal.print(&difference.diff);
            }
        } else {
            write(dir, &plan)?;
        }
        let warnings = self.after.new_warnings(&self.before);
        terminal.report(&warnings, &self.after.raw.sources);
        for planned in &self.planned {
            let verb = match (&planned.before, dry_run) {
                (None, false) => "created",
                (Some(_), false) => "extended",
                (None, true) => "would create",
                (Some(_), true) => "would extend",
            };
            terminal.say(&format!("{verb} {}", planned.path));
        }
        self.notes.iter().for_each(|note| terminal.say(note));
        Ok(Outcome::Fine)
    }
}

/// Writes what nobody else has touched meanwhile.
fn write(dir: &Path, plan: &Plan<'_>) -> Result<(), Refusal> {
    let guard = Guard::take(dir)?;
    for change in &plan.write {
        if output::read_text(dir, &change.path)? != change.before {
            return Err(Refusal::usage(format!("{} has just changed", change.path), "run the command again"));
        }
    }
    Ok(output::write(&guard, plan)?)
}
