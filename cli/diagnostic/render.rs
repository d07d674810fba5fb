//! How diagnostics are shown: for people, for programs, for GitHub.

use super::{Diagnostic, Severity, Sink};
use crate::place::{Place, Sources};
use annotate_snippets::{Annotation, AnnotationKind, Group, Level, Renderer, Snippet};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::ops::Range;

/// A way to show diagnostics.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// With the text around each place, as compilers print.
    Human {
        /// With terminal colours.
        color: bool,
    },
    /// One JSON object a line.
    Json,
    /// Workflow commands that GitHub shows beside the changed lines.
    GitHub,
}

/// All diagnostics by file and place, each ended by a line break; empty if there are none.
pub fn render(sink: &Sink, sources: &Sources, format: Format) -> String {
    let mut out = String::new();
    for diagnostic in sink.sorted() {
        let text = match format {
            Format::Human { color } => human(diagnostic, sources, color),
            Format::Json => json(diagnostic, sources),
            Format::GitHub => github(diagnostic, sources),
        };
        out.push_str(&text);
        out.push('\n');
        if matches!(format, Format::Human { .. }) {
            out.push('\n');
        }
    }
    if sink.dropped() > 0 && matches!(format, Format::Human { .. }) {
        let _ = writeln!(out, "… and {} more, which are not shown\n", sink.dropped());
    }
    out
}

fn human(diagnostic: &Diagnostic, sources: &Sources, color: bool) -> String {
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let title = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.as_str());
    let mut group = Group::with_title(title);
    for snippet in snippets(diagnostic, sources) {
        group = group.element(snippet);
    }
    for help in &diagnostic.help {
        group = group.element(Level::HELP.message(help.as_str()));
    }
    let renderer = if color { Renderer::styled() } else { Renderer::plain() };
    renderer.render(&[group])
}

/// One excerpt a file, that of the diagnostic's own place first.
fn snippets<'a>(diagnostic: &'a Diagnostic, sources: &'a Sources) -> Vec<Snippet<'a, Annotation<'a>>> {
    let mut marks: BTreeMap<_, Vec<Annotation<'a>>> = BTreeMap::new();
    let own = diagnostic.place.map(|place| (place, diagnostic.label.as_str(), AnnotationKind::Primary));
    let related = diagnostic.related.iter().map(|(place, label)| (*place, label.as_str(), AnnotationKind::Context));
    for (place, label, kind) in own.into_iter().chain(related) {
        let Some(file) = sources.get(place.file) else {
            continue;
        };
        let mark = kind.span(span(&file.text, place));
        let mark = if label.is_empty() { mark } else { mark.label(label) };
        let is_related = diagnostic.place.is_none_or(|own| own.file != place.file);
        marks.entry((is_related, place.file)).or_default().push(mark);
    }
    let files = marks.into_iter().filter_map(|((_, id), marks)| Some((sources.get(id)?, marks)));
    files.map(|(file, marks)| Snippet::source(file.text.as_str()).path(file.path.as_str()).annotations(marks)).collect()
}

/// The place as a range that lies inside the text and on letters' borders.
fn span(text: &str, place: Place) -> Range<usize> {
    let border = |byte: u32| {
        let mut at = (byte as usize).min(text.len());
        while !text.is_char_boundary(at) {
            at -= 1;
        }
        at
    };
    let start = border(place.start);
    start..border(place.end).max(start)
}

fn json(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let position = Position::of(diagnostic.place, sources);
    serde_json::json!({
        "code": diagnostic.code.as_str(),
        "severity": diagnostic.severity.name(),
        "message": full_message(diagnostic),
        "file": position.as_ref().map(|position| position.file),
        "line": position.as_ref().map(|position| position.start.0),
        "column": position.as_ref().map(|position| position.start.1),
        "endLine": position.as_ref().map(|position| position.end.0),
        "endColumn": position.as_ref().map(|position| position.end.1),
        "help": diagnostic.help,
    })
    .to_string()
}

fn github(diagnostic: &Diagnostic, sources: &Sources) -> String {
    let mut properties = Vec::new();
    if let Some(position) = Position::of(diagnostic.place, sources) {
        properties.push(format!("file={}", escape_property(position.file)));
        properties.push(format!("line={},col={}", position.start.0, position.start.1));
        properties.push(format!("endLine={}", position.end.0));
        if position.start.0 == position.end.0 {
            properties.push(format!("endColumn={}", position.end.1));
        }
    }
    properties.push(format!("title={}", escape_property(diagnostic.code.as_str())));
    let mut message = full_message(diagnostic);
    for help in &diagnostic.help {
        let _ = write!(message, "\nhelp: {help}");
    }
    format!("::{} {}::{}", diagnostic.severity.name(), properties.join(","), escape_data(&message))
}

fn full_message(diagnostic: &Diagnostic) -> String {
    if diagnostic.label.is_empty() {
        return diagnostic.message.clone();
    }
    format!("{}: {}", diagnostic.message, diagnostic.label)
}

fn escape_data(text: &str) -> String {
    text.replace('%', "%25").replace('\r', "%0D").replace('\n', "%0A")
}

fn escape_property(text: &str) -> String {
    escape_data(text).replace(':', "%3A").replace(',', "%2C")
}

/// A place as people count: lines and columns from 1.
struct Position<'a> {
    file: &'a str,
    start: (usize, usize),
    end: (usize, usize),
}

impl<'a> Position<'a> {
    fn of(place: Option<Place>, sources: &'a Sources) -> Option<Self> {
        let place = place?;
        let file = sources.get(place.file)?;
        let end = Place { start: place.end.max(place.start), ..place };
        Some(Self { file: &file.path, start: sources.line_column(place), end: sources.line_column(end) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::codes::reading::UNKNOWN_KEY;

    fn example() -> (Sink, Sources) {
        let mut sources = Sources::default();
        let file = sources.add("model/a,b.yaml", "events:\n  Ä: { feilds: {} }\n  B: {}\n");
        let mut sink = Sink::default();
        let place = Place { file, start: 16, end: 22 };
        let other = Place { file, start: 8, end: 9 };
        let diagnostic = Diagnostic::error(UNKNOWN_KEY, place, "unknown key `feilds`").label("100 % wrong");
        sink.push(diagnostic.related(other, "above").suggest("feilds", ["fields", "doc"]));
        (sink, sources)
    }

    #[test]
    fn people_see_the_text_and_the_suggestion() {
        let (sink, sources) = example();
        let text = render(&sink, &sources, Format::Human { color: false });
        assert!(text.starts_with("error[E0101]: unknown key `feilds`"), "{text}");
        assert!(text.contains("model/a,b.yaml:2:8"), "{text}");
        assert!(text.contains("100 % wrong") && text.contains("did you mean `fields`?"), "{text}");
        assert!(!text.contains('\u{1b}'), "{text}");
        assert!(render(&sink, &sources, Format::Human { color: true }).contains('\u{1b}'));
    }

    #[test]
    fn programs_read_a_line_each() {
        let (sink, sources) = example();
        let text = render(&sink, &sources, Format::Json);
        assert_eq!(
            text,
            concat!(
                r#"{"code":"E0101","severity":"error","message":"unknown key `feilds`: 100 % wrong","#,
                r#""file":"model/a,b.yaml","line":2,"column":8,"endLine":2,"endColumn":14,"#,
                r#""help":["did you mean `fields`?"]}"#,
                "\n"
            )
        );
    }

    #[test]
    fn github_gets_escaped_properties() {
        let (sink, sources) = example();
        let text = render(&sink, &sources, Format::GitHub);
        assert_eq!(
            text,
            "::error file=model/a%2Cb.yaml,line=2,col=8,endLine=2,endColumn=14,title=E0101::\
             unknown key `feilds`: 100 %25 wrong%0Ahelp: did you mean `fields`?\n"
        );
    }

    #[test]
    fn a_place_beyond_the_text_is_shown_at_its_end() {
        let mut sources = Sources::default();
        let file = sources.add("a.yaml", "ä");
        for (start, end) in [(0, 1), (1, 2), (5, 9), (2, 0)] {
            let mut sink = Sink::default();
            sink.push(Diagnostic::warning(UNKNOWN_KEY, Place { file, start, end }, "x"));
            for format in [Format::Human { color: false }, Format::Json, Format::GitHub] {
                assert!(!render(&sink, &sources, format).is_empty());
            }
        }
        let mut sink = Sink::default();
        sink.push(Diagnostic::global(UNKNOWN_KEY, "no place"));
        assert!(render(&sink, &sources, Format::GitHub).starts_with("::error title=E0101::no place"));
    }

    proptest::proptest! {
        #[test]
        fn whatever_is_said_is_one_line_that_can_be_read_back(
            path in "[a-z%:,\r\n ]{0,8}", message in "(?s).{0,20}", label in "(?s).{0,8}", help in "[%:,\r\na-z]{0,8}"
        ) {
            let mut sources = Sources::default();
            let file = sources.add(&path, "a: b\n");
            let mut sink = Sink::default();
            let place = Place { file, start: 0, end: 1 };
            sink.push(Diagnostic::error(UNKNOWN_KEY, place, &message).label(&label).help(&help));
            let told = if label.is_empty() { message.clone() } else { format!("{message}: {label}") };

            let text = render(&sink, &sources, Format::GitHub);
            proptest::prop_assert_eq!(text.trim_end_matches('\n').lines().count(), 1);
            proptest::prop_assert!(!text.contains('\r'));
            let (properties, data) = text.trim_end_matches('\n').trim_start_matches("::error ").split_once("::").unwrap_or_default();
            let unescaped = |text: &str| {
                text.replace("%3A", ":").replace("%2C", ",").replace("%0D", "\r").replace("%0A", "\n").replace("%25", "%")
            };
            let named = properties.split(',').find_map(|property| property.strip_prefix("file="));
            proptest::prop_assert_eq!(named.map(unescaped), Some(path.clone()));
            proptest::prop_assert_eq!(unescaped(data), format!("{told}\nhelp: {help}"));

            let text = render(&sink, &sources, Format::Json);
            proptest::prop_assert_eq!(text.matches('\n').count(), 1);
            let line: serde_json::Value = serde_json::from_str(&text).unwrap_or_default();
            proptest::prop_assert_eq!((&line["file"], &line["message"], &line["help"][0]), (&path.into(), &told.into(), &help.into()));
        }
    }
}
