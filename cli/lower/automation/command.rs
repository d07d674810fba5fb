//! The command that an automation sends: which one, its values, and the errors that it passes over.

use super::room::Room;
use crate::diagnostic::codes::automations::{COMMAND_LACKS_FIELD, UNKNOWN_COMMAND};
use crate::diagnostic::codes::names::{UNKNOWN_ERROR, UNKNOWN_FIELD};
use crate::diagnostic::{Diagnostic, Sink};
use crate::lower::expression::{Typer, type_name};
use crate::lower::names::Names;
use crate::model::{Command, EventField, Expr, ExprKind, FieldName, TypeName};
use crate::source::{Name, RawAutomation};

impl Room<'_> {
    /// The command of that name, with its service: `SendWelcome`, or `mailer.SendWelcome`.
    pub(super) fn command(&self, name: &Name, sink: &mut Sink) -> Option<(&str, &Command)> {
        let (service, command) = name.value.split_once('.').unwrap_or((self.own, &name.value));
        let Some((key, found)) = self.services.get_key_value(service) else {
            let message = format!("there is no service `{service}`");
            let names = self.services.keys();
            sink.push(Diagnostic::error(UNKNOWN_COMMAND, name.place, message).suggest(service, names));
            return None;
        };
        let Some(command) = found.commands.get(&TypeName::new(command)) else {
            let place = if service == self.own { String::new() } else { format!(" in `{service}`") };
            let problem =
                Diagnostic::error(UNKNOWN_COMMAND, name.place, format!("there is no command `{command}`{place}"));
            sink.push(self.elsewhere(command, service).map_or_else(
                || problem.clone().suggest(command, found.commands.keys().map(TypeName::as_written)),
                |other| problem.clone().help(format!("did you mean `{other}.{command}`?")),
            ));
            return None;
        };
        Some((key, command))
    }

    /// Another service that has a command of this name.
    fn elsewhere(&self, command: &str, service: &str) -> Option<&str> {
        let command = TypeName::new(command);
        let mut others =
            self.services.iter().filter(|(name, other)| *name != service && other.commands.contains_key(&command));
        others.next().map(|(name, _)| name.as_str())
    }
}

/// A value for every field of the command: what `with` says, else what the service makes, else nil.
pub(super) fn lower_with(
    raw: &RawAutomation,
    command: &Command,
    typer: &mut Typer<'_>,
) -> Option<Vec<(FieldName, Option<Expr>)>> {
    let complete = names_fit(raw, command, typer);
    let values: Vec<_> = command.fields.iter().map(|field| value(raw, command, field, typer)).collect();
    let values = command.fields.iter().zip(values).map(|(field, value)| Some((field.name.clone(), value?)));
    let values: Option<Vec<_>> = values.collect();
    values.filter(|_| complete)
}

fn names_fit(raw: &RawAutomation, command: &Command, typer: &mut Typer<'_>) -> bool {
    let mut names = Names::default();
    let mut complete = true;
    for assignment in &raw.with {
        complete &= names.first("field", &assignment.name, typer.sink());
        let written = &assignment.name.value;
        if !command.fields.iter().any(|field| field.name.as_written() == written) {
            let message = format!("`{}` has no field `{written}`", command.name);
            let known = command.fields.iter().map(|field| field.name.as_written());
            typer.sink().push(Diagnostic::error(UNKNOWN_FIELD, assignment.name.place, message).suggest(written, known));
            complete = false;
        }
    }
    complete
}

/// None: reported. Of a field that the service makes there is no value.
fn value(raw: &RawAutomation, command: &Command, field: &EventField, typer: &mut Typer<'_>) -> Option<Option<Expr>> {
    let written = raw.with.iter().find(|assignment| assignment.name.value == field.name.as_written());
    if let Some(written) = written {
        return typer.typed(&written.value, &field.ty).map(Some);
    }
    if command.generated.iter().any(|generated| generated.field == field.name) {
        return Some(None);
    }
    if !field.ty.required {
        return Some(Some(Expr { kind: ExprKind::Nil, ty: field.ty.clone(), place: raw.name.place }));
    }
    let message = format!("`{}` needs a value for `{}`", command.name, field.name);
    let place = raw.command.as_ref().map_or(raw.name.place, |name| name.place);
    let diagnostic = Diagnostic::error(COMMAND_LACKS_FIELD, place, message)
        .label(format!("`{}` is `{}`", field.name, type_name(&field.ty)))
        .related(field.place, "declared here");
    typer.sink().push(diagnostic.help(format!("write `with: {{ {}: … }}`", field.name)));
    None
}

/// The errors of the command that a run passes over.
pub(super) fn ignored(raw: &[Name], command: &Command, sink: &mut Sink) -> Vec<TypeName> {
    let mut names = Names::default();
    let mut ignored = Vec::new();
    for name in raw {
        if !names.first("error", name, sink) {
            continue;
        }
        let error = TypeName::new(&name.value);
        if command.errors.iter().any(|case| case.name == error) {
            ignored.push(error);
        } else {
            let message = format!("`{}` has no error `{}`", command.name, name.value);
            let known = command.errors.iter().map(|case| case.name.as_written());
            sink.push(Diagnostic::error(UNKNOWN_ERROR, name.place, message).suggest(&name.value, known));
        }
    }
    ignored
}
