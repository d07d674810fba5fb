//! `scaffold add crud`

use super::place::{Content, Part};
use super::text::{list, object};
use super::words::{field, sentence, type_name};
use super::{Bench, Refusal, Work};
use crate::args::AddCrud;
use heck::ToKebabCase;

/// A CRUD type in a file of its own.
pub(super) fn draft(bench: Bench<'_>, args: &AddCrud) -> Result<Work, Refusal> {
    let name = type_name("type", &args.slice.name)?;
    bench.survey.refuse_known(&bench.service, &name)?;
    let fields = args.slice.fields.iter().map(|written| field(written)).collect::<Result<Vec<_>, _>>()?;
    if !fields.iter().any(|field| field.name != "id") {
        let help = format!("for example: scaffold add crud {name} name:String!");
        return Err(Refusal::usage(format!("`{name}` needs a field beside its id"), help));
    }
    let doc = args.slice.placing.doc.clone().unwrap_or_else(|| format!("{}.", sentence(&name)));
    let mut directives = vec![vec!["@crudType".to_owned()]];
    if !args.permission.is_empty() {
        let names = list(args.permission.iter().cloned());
        let operations = ["read", "readById", "create", "update", "delete"];
        let each = operations.iter().map(|operation| format!("  {operation}: {names}"));
        let lines = std::iter::once("@permission(".to_owned()).chain(each).chain([")".to_owned()]);
        directives.push(lines.collect());
    }
    let content = Content::Schema { text: object(&doc, &name, &directives, &fields) };
    let notes = vec![format!("next: `@index` on fields to filter and sort by, then scaffold gen")];
    bench.settle(&[Part { stem: name.to_kebab_case(), content, extends: false }], notes)
}
