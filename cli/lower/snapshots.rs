//! Commands whose state is kept, as the settings say.

use crate::diagnostic::codes::snapshots::{SNAPSHOTS_OUT_OF_RANGE, UNKNOWN_SNAPSHOTS};
use crate::diagnostic::{Diagnostic, Sink};
use crate::model::{Model, Service, Snapshots, TypeName};
use crate::source::{Name, RawProject};

/// The most events that may lie between two snapshots.
const MOST: u32 = 1_000_000;

/// Adds what the settings say to the commands of the model.
pub(super) fn lower_snapshots(raw: &RawProject, model: &mut Model, sink: &mut Sink) {
    for settings in &raw.services {
        // Of a service without files was told already.
        let service = model.services.get_mut(&settings.name.value).filter(|service| !service.inputs.is_empty());
        let Some(service) = service else { continue };
        for (command, every) in &settings.snapshots {
            lower_command(service, command, every, sink);
        }
    }
}

fn lower_command(service: &mut Service, name: &Name, every: &Name, sink: &mut Sink) {
    let Some(command) = service.commands.get_mut(&TypeName::new(&name.value)) else {
        let message = format!("there is no command `{}` in `{}`", name.value, service.name);
        let known = service.commands.keys().map(TypeName::as_written);
        sink.push(Diagnostic::error(UNKNOWN_SNAPSHOTS, name.place, message).suggest(&name.value, known));
        return;
    };
    match every.value.parse() {
        Ok(number) if (1..=MOST).contains(&number) => {
            command.snapshots = Some(Snapshots { every: number, place: name.place });
        }
        _ => {
            let message = "after how many events a state is kept is a whole number from 1 to 1,000,000";
            let problem = Diagnostic::error(SNAPSHOTS_OUT_OF_RANGE, every.place, message);
            sink.push(problem.label(format!("not `{}`", every.value)).help("for example `500`"));
        }
    }
}
