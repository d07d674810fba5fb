//! Texts with holes: `student:{studentId}`, `Course "{courseId}" is full`.

use super::lexer::{Lexer, TokenKind};
use super::problem::Problem;
use super::{RawExpr, RawPart, RawTemplate, parse_range};
use crate::diagnostic::Sink;
use crate::diagnostic::codes::reading::INVALID_TEMPLATE;
use crate::source::Text;

/// Cuts a text at its holes; what is wrong is reported and left out.
pub(in crate::source) fn parse_template(text: &Text, sink: &mut Sink) -> RawTemplate {
    let value = text.value.as_str();
    let mut parts = Vec::new();
    let mut at = 0;
    while let Some(length) = value[at..].find(['{', '}']) {
        let brace = at + length;
        literal(&mut parts, &value[at..brace]);
        if value[brace..].starts_with('}') {
            let problem = Problem::new(INVALID_TEMPLATE, brace..brace + 1, "this `}` closes nothing");
            sink.push(problem.help("a hole is written `{expression}`").at(text));
            at = brace + 1;
            continue;
        }
        match close(value, brace) {
            Ok(end) => {
                parts.push(RawPart::Hole(hole(text, brace + 1, end, sink)));
                at = end + 1;
            }
            Err(problem) => {
                sink.push(problem.at(text));
                return RawTemplate { parts, place: text.place };
            }
        }
    }
    literal(&mut parts, &value[at..]);
    RawTemplate { parts, place: text.place }
}

fn hole(text: &Text, start: usize, end: usize, sink: &mut Sink) -> RawExpr {
    if text.value[start..end].trim().is_empty() {
        let problem = Problem::new(INVALID_TEMPLATE, start - 1..end + 1, "this hole is empty");
        sink.push(problem.help("write a field's name into it").at(text));
        return RawExpr::invalid(text.part(start - 1..end + 1));
    }
    parse_range(text, start..end, sink)
}

/// The brace that closes a hole: braces inside of quotes and of maps do not.
fn close(value: &str, brace: usize) -> Result<usize, Problem> {
    let mut lexer = Lexer::new(value, brace);
    let mut open = 0_usize;
    loop {
        let Ok(token) = lexer.token() else { return Err(unclosed(value, brace)) };
        match token.kind {
            TokenKind::Sign("{") => open += 1,
            TokenKind::Sign("}") if open == 1 => return Ok(token.range.start),
            TokenKind::Sign("}") => open -= 1,
            TokenKind::End => return Err(unclosed(value, brace)),
            _ => {}
        }
    }
}

fn unclosed(value: &str, brace: usize) -> Problem {
    Problem::new(INVALID_TEMPLATE, brace..value.len(), "this hole is never closed").help("each `{` needs its `}`")
}

fn literal(parts: &mut Vec<RawPart>, text: &str) {
    match parts.last_mut() {
        _ if text.is_empty() => {}
        Some(RawPart::Text(before)) => before.push_str(text),
        _ => parts.push(RawPart::Text(text.to_owned())),
    }
}
