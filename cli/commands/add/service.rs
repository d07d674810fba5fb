//! `scaffold add service`

use super::planned::Planned;
use super::survey::Survey;
use super::{Refusal, Work};
use crate::args::AddService;
use crate::check::service_name_fault;
use crate::output;
use std::path::Path;

/// The folder of a service below `schema/`, with the permissions that its commands and types may ask for.
pub(super) fn draft(dir: &Path, args: &AddService) -> Result<Work, Refusal> {
    let before = Survey::of(dir)?;
    let name = &args.name;
    if let Some(reason) = service_name_fault(name) {
        let message = format!("`{}` cannot be the name of a service: {reason}", name.escape_debug());
        let help = "use small letters, digits and single hyphens, starting with a letter, at most 60: course-catalog";
        return Err(Refusal::usage(message, help));
    }
    if before.documents(name).is_some() {
        return Err(Refusal::usage(format!("there is a service `{name}` already"), "choose another name"));
    }
    let path = format!("schema/{name}/permissions.graphql");
    if output::read_text(dir, &path)?.is_some() {
        return Err(Refusal::usage(format!("{path} is there already"), "choose another name"));
    }
    let text = format!(
        "\"Who may do what in the service `{name}`. A caller's token carries these in its `scopes`.\"\n\
         enum Permission {{\n  \"May do everything.\"\n  ADMIN\n}}\n"
    );
    let planned = vec![Planned::new(path, text)];
    let after = Survey::planned(dir, &planned);
    let errors = after.new_errors(&before, &planned);
    if errors.has_errors() {
        return Err(Refusal::Judged(Box::new((errors, after.raw.sources))));
    }
    let notes = vec![
        format!("its model goes into model/{name}/, its schema into schema/{name}/"),
        format!("next: scaffold add command <Name> <field:Type> --service {name}"),
    ];
    Ok(Work { before, after, planned, notes })
}
