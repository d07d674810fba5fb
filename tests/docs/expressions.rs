//! Each expression of the reference has the type and the value that stand beside it, or is refused with the code.

use crate::document::{Document, Row, code};
use crate::nothing_found;
use crate::project::{Project, Verdict};
use scaffold_cli::check::CheckedModel;
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
        let [expression, ty, gives] = [0, 1, 2].map(|cell| code(&row.cells[cell]));
        let verdict = tried(&document, expression, ty, gives);
        let problem = match verdict.model.as_ref().map(value) {
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
        let verdict = tried(&document, expression, "JSON", "null");
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

/// Generates a project in which each expression is a command with an example, and runs its tests.
#[test]
fn expressions_have_the_value_that_is_said() {
    let document = Document::open(DOCUMENT);
    let mut project = Project::of(&document, NAMES);
    let command = project.take();
    for (number, row) in document.rows("expressions").iter().enumerate() {
        let [expression, ty, gives] = [0, 1, 2].map(|cell| code(&row.cells[cell]));
        let command = command.replace("PlaceOrder", &format!("Line{}", row.line));
        let event = format!("Probed{number}");
        project.add("yaml", &recording(&command, &event, expression, gives));
        project.add("yaml", &declared(&event, ty));
    }
    let verdict = project.judge();
    let model = verdict.model.unwrap_or_else(|| panic!("{}", verdict.shown));
    crate::generated::run_tests(&model, "enrollment-commands");
}

/// What the tool says of a command that records an event with this value.
fn tried(document: &Document, expression: &str, ty: &str, gives: &str) -> Verdict {
    let mut project = Project::of(document, NAMES);
    let command = project.take();
    project.add("yaml", &recording(&command, "Probed", expression, gives));
    project.add("yaml", &declared("Probed", ty));
    project.judge()
}

/// The command of the document, its example's end replaced.
fn recording(command: &str, event: &str, expression: &str, gives: &str) -> String {
    let start = command.trim_end().strip_suffix("then: []").expect("the example ends with `then: []`");
    let quoted = expression.replace('\'', "''");
    format!("{start}then: [{{ {event}: {{ value: {gives} }} }}]\n    emit:\n      - {event}: {{ value: '{quoted}' }}\n")
}

fn declared(event: &str, ty: &str) -> String {
    format!("events:\n  {event}:\n    fields: {{ value: '{ty}' }}\n")
}

fn value(model: &CheckedModel) -> Option<&Expr> {
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
