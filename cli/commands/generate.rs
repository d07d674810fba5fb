//! `scaffold gen`: read → lower → check → emit → write, or the comparison with what is on disk.

use super::check::summary;
use super::terminal::github;
use super::{Outcome, Terminal};
use crate::args::{Format, Gen};
use crate::diagnostic::{Diagnostic, Severity, Sink, codes::ownership};
use crate::output::lock::Lock;
use crate::output::{self, Difference, Files, Guard, OutputError, Plan, State};
use crate::place::Sources;
use std::path::Path;
use std::time::Instant;

/// Generates, or says what generating would change.
pub fn run(dir: &Path, args: &Gen, terminal: &Terminal) -> Outcome {
    let start = Instant::now();
    let mut judged = crate::judge(dir, args.strict);
    let lock = Lock::read(dir, args.upgrade, &mut judged.sink);
    let (Some(model), Some(mut lock)) = (&judged.model, lock) else {
        return refuse(&judged.sink, &judged.sources, terminal);
    };
    terminal.report(&judged.sink, &judged.sources);
    let files = crate::emit::emit(model, &mut lock);
    let done = if args.check || args.dry_run {
        compare(dir, &files, args, terminal)
    } else {
        write(dir, &files, args, terminal, start)
    };
    done.unwrap_or_else(|error| {
        let mut sink = Sink::default();
        sink.push(Diagnostic::global(ownership::DISK, error.to_string()));
        terminal.report(&sink, &judged.sources);
        Outcome::Findings
    })
}

/// Nothing is written while there is an error.
fn refuse(sink: &Sink, sources: &Sources, terminal: &Terminal) -> Outcome {
    terminal.report(sink, sources);
    let problems = summary(sink.count(Severity::Error), sink.count(Severity::Warning));
    terminal.say(&format!("{problems}; nothing was written"));
    Outcome::Findings
}

/// `--check` and `--dry-run`: prints what differs, writes nothing.
fn compare(dir: &Path, files: &Files, args: &Gen, terminal: &Terminal) -> Result<Outcome, OutputError> {
    if Guard::interrupted(dir) {
        return Err(OutputError::Interrupted);
    }
    let plan = output::plan(dir, files)?;
    for difference in output::differences(&plan) {
        show(&difference, terminal);
    }
    name_orphans(&plan, terminal);
    let (wrong, verb) = (plan.write.len() + plan.remove.len() + plan.edited.len(), if args.check { "differ" } else { "would change" });
    if plan.is_clean() {
        terminal.say(&format!("up to date: {} files", plan.unchanged));
        return Ok(Outcome::Fine);
    }
    let advice = if args.check { "; run `scaffold gen` and commit what it writes" } else { "" };
    terminal.say(&format!("{wrong} files {verb}, {} unchanged{advice}", plan.unchanged));
    Ok(if args.check { Outcome::Findings } else { Outcome::Fine })
}

/// Writes the plan, unless somebody's edits would be lost.
fn write(dir: &Path, files: &Files, args: &Gen, terminal: &Terminal, start: Instant) -> Result<Outcome, OutputError> {
    let guard = Guard::take(dir)?;
    let mut plan = output::plan(dir, files)?;
    if args.force {
        plan.overwrite_edits();
    }
    if !plan.edited.is_empty() {
        stop_at_edits(&plan, terminal);
        return Ok(Outcome::Findings);
    }
    output::write(&guard, &plan)?;
    for change in &plan.write {
        terminal.detail(&format!("wrote {}", change.path));
    }
    for change in &plan.remove {
        terminal.detail(&format!("removed {}", change.path));
    }
    name_orphans(&plan, terminal);
    let (written, removed) = (plan.write.len(), plan.remove.len());
    let took = start.elapsed().as_millis();
    terminal.say(&format!("{written} written, {} unchanged, {removed} removed in {took} ms", plan.unchanged));
    Ok(Outcome::Fine)
}

fn stop_at_edits(plan: &Plan, terminal: &Terminal) {
    let mut sink = Sink::default();
    for change in &plan.edited {
        let message = format!("{} was edited by hand; nothing was written", change.path);
        let help = "move the change into schema, model or a file of yours; `scaffold gen --force` gives it up";
        sink.push(Diagnostic::global(ownership::HAND_EDITED, message).help(help));
    }
    terminal.report(&sink, &Sources::default());
    for difference in output::differences(plan).iter().filter(|difference| difference.state == State::Edited) {
        show(difference, terminal);
    }
}

fn name_orphans(plan: &Plan, terminal: &Terminal) {
    for path in &plan.orphans {
        terminal.say(&format!("{path} is yours and nothing needs it any more; remove it if you like"));
    }
}

fn show(difference: &Difference, terminal: &Terminal) {
    let Difference { path, state, diff } = difference;
    let text = match terminal.format() {
        Format::Human => format!("{}: {path}\n{diff}", state.word()),
        Format::Json => {
            let line = serde_json::json!({ "file": path, "state": state.word(), "diff": diff });
            format!("{line}\n")
        }
        Format::Github => format!("::error file={path},title={}::{}\n", state.word(), github(diff)),
    };
    terminal.print(&text);
}
