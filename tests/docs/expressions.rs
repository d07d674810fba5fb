//! Each expression of the reference has the type that stands beside it, or is refused with the code.

use crate::document::{Document, Row, code};
use crate::nothing_found;
use crate::project::{Project, Verdict};
use scaffold_cli::model::{Expr, ExprKind, TypeName};

const DOCUMENT: &str = "docs/reference/expressions.md";
/// The example whose command the expressions stand in.
const NAMES: &str = "names";

#[test]
fn expressions_have_the_type_that_is_said() {
    let document = Document::open(DOCUMENT);
    let rows = document.rows("expressions");
    assert!(rows.len() > 80, "only {} expressions", rows.len());
    let mut findings = Vec::new();
    for row in rows {
        let (expression, ty) = (code(&row.cells[0]), code(&row.cells[1]));
        let verdict = emitted(&document, expression, ty);
        let problem = match verdict.model.as_ref().map(|model| value(model)) {
            Some(Some(expr)) if is_converted(expr) => "has another type, which was converted".to_owned(),
            Some(Some(_)) => continue,
            Some(None) => "is not there".to_owned(),
            None => verdict.shown,
        };
        findings.push(finding(&row, &format!("`{expression}` as `{ty}`: {problem}")));
    }
    nothing_found(&findings);
}

#[test]
fn wrong_expressions_are_refused() {
    let document = Document::open(DOCUMENT);
    let mut findings = Vec::new();
    for row in document.rows("refused expressions") {
        let (expression, expected) = (code(&row.cells[0]), code(&row.cells[1]));
        let verdict = emitted(&document, expression, "JSON");
        if verdict.errors.iter().ne([expected]) {
            findings.push(finding(&row, &format!("`{expression}` gives {:?}\n{}", verdict.errors, verdict.shown)));
        }
    }
    nothing_found(&findings);
}

#[test]
fn every_function_is_described() {
    let source = include_str!("../../cli/lower/expression/function.rs");
    let table = source.split("const FUNCTIONS").nth(1).and_then(|rest| rest.split("];").next()).unwrap();
    let text = Document::open(DOCUMENT).text;
    let mut findings = Vec::new();
    for name in table.split("(\"").skip(1).filter_map(|row| row.split('"').next()) {
        if !text.contains(&format!("`{name}(")) {
            findings.push(format!("{DOCUMENT}: nothing about `{name}`"));
        }
    }
    nothing_found(&findings);
}

/// What the tool says of a command that records an event with this value.
fn emitted(document: &Document, expression: &str, ty: &str) -> Verdict {
    let mut project = Project::of(document, NAMES);
    let quoted = expression.replace('\'', "''");
    project.append(&format!("    emit:\n      - Probed: {{ value: '{quoted}' }}\n"));
    let event = format!("events:\n  Probed:\n    fields: {{ value: '{ty}' }}\n");
    project.add("yaml", &event);
    project.judge()
}

fn value(model: &scaffold_cli::check::CheckedModel) -> Option<&Expr> {
    let commands = model.services.values().flat_map(|service| service.commands.values());
    let mut emits = commands.flat_map(|command| &command.emits);
    let probed = emits.find(|emit| emit.event == TypeName::new("Probed"))?;
    probed.values.first().map(|(_, value)| value)
}

/// Was the value made to fit?
fn is_converted(expr: &Expr) -> bool {
    matches!(expr.kind, ExprKind::Widen(_))
}

fn finding(row: &Row, text: &str) -> String {
    format!("{DOCUMENT}:{}: {text}", row.line)
}
