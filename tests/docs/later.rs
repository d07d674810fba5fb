//! What a reference calls "not generated yet" is refused with the code that stands beside it.

use crate::document::{Document, code, documents};
use crate::nothing_found;
use crate::project::Project;

#[test]
fn what_comes_later_is_refused() {
    let mut findings = Vec::new();
    let mut tried = 0;
    for document in documents() {
        for row in document.rows("refused table") {
            let [written, place, expected] = [0, 1, 2].map(|cell| code(&row.cells[cell]));
            let mut project = Project::of(&document, "later");
            let (language, text) = around(&document, written, place);
            project.add(language, &text);
            let verdict = project.judge();
            tried += 1;
            if verdict.errors.iter().ne([expected]) {
                findings.push(format!("{}:{}: {:?}\n{}", document.path, row.line, verdict.errors, verdict.shown));
            }
        }
    }
    nothing_found(&findings);
    let written: usize = documents().iter().map(|document| written_rows(&document.text)).sum();
    assert!(tried > 0 && tried == written, "{tried} rows of {written} were tried");
}

/// The rows below each mark, counted without reading them.
fn written_rows(text: &str) -> usize {
    let tables = text.split("<!-- refused table -->").skip(1);
    let rows = tables.map(|table| table.trim_start().lines().take_while(|line| line.starts_with('|')).count());
    // Head and rule are none.
    rows.map(|lines| lines.saturating_sub(2)).sum()
}

#[test]
fn what_an_explanation_calls_not_yet_is_refused() {
    let document = Document::open("docs/reference/diagnostics.md");
    let (mut findings, mut tried, mut code, mut is_graphql) = (Vec::new(), 0, "", false);
    for line in document.text.lines() {
        if let Some(heading) = line.strip_prefix("### ") {
            code = heading.split(':').next().unwrap_or_default();
        } else if line.starts_with("```") {
            is_graphql = line == "```graphql";
        }
        let Some((written, _)) = line.split_once("# not yet").filter(|_| is_graphql) else { continue };
        let mut project = Project::of(&document, "later");
        project.add("graphql", written);
        let verdict = project.judge();
        tried += 1;
        if verdict.errors.iter().ne([code]) {
            findings.push(format!("{code}: {written}: {:?}\n{}", verdict.errors, verdict.shown));
        }
    }
    nothing_found(&findings);
    assert!(tried > 1, "only {tried} lines were tried");
}

/// The fragment where it belongs. A project around it is the document's companion `later`.
fn around(document: &Document, fragment: &str, place: &str) -> (&'static str, String) {
    let command = |rest: &str| format!("commands:\n  Probe: {{ fields: {{ courseId: ID! }}, {rest} }}\n");
    let event = |field: &str, rest: &str| {
        format!("events:\n  Probed: {{ fields: {{ probeId: ID!{field} }}, tags: [\"probe:{{probeId}}\"]{rest} }}\n")
    };
    match place {
        "file" => ("yaml", format!("{fragment}\n")),
        "event" => ("yaml", event("", &format!(", {fragment}"))),
        "field" => ("yaml", event(&format!(", note: {fragment}"), "")),
        "command" => ("yaml", command(fragment)),
        "schema" => ("graphql", format!("{fragment}\n")),
        "on a type" => ("graphql", format!("type Probe @crudType {fragment} {{ title: String! }}\n")),
        "on a field" => ("graphql", format!("type Probe @crudType {{ title: String! {fragment} }}\n")),
        "type of a field" => ("graphql", format!("type Probe @crudType {{ title: {fragment} }}\n")),
        other => panic!("{}: no place is called `{other}`", document.path),
    }
}
