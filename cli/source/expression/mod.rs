//! The language of expressions: text → tree, every node with its place in the file.

mod lexer;
mod operand;
mod operator;
mod parser;
mod problem;
mod raw;
mod template;
#[cfg(test)]
mod tests;

pub use raw::*;
pub(super) use template::parse_template;

use super::text::Text;
use crate::diagnostic::codes::reading::TOO_DEEP;
use crate::diagnostic::{Diagnostic, Sink};
use std::ops::Range;

/// Reads an expression; what is wrong with it is reported, and [`RawExprKind::Invalid`] stands for it.
pub fn parse_expression(text: &Text, sink: &mut Sink) -> RawExpr {
    parse_range(text, 0..text.value.len(), sink)
}

/// Bytes that an expression may take: far more than anybody writes, and little enough to read at once.
const LONGEST: usize = 16 * 1024;

/// Reads the expression in a part of a text.
fn parse_range(text: &Text, range: Range<usize>, sink: &mut Sink) -> RawExpr {
    if range.len() > LONGEST {
        let message = format!("an expression is longer than {} KiB", LONGEST / 1024);
        sink.push(Diagnostic::error(TOO_DEEP, text.place, message));
        return RawExpr::invalid(text.place);
    }
    let parsed = parser::Parser::new(text, range.clone()).and_then(parser::Parser::parse);
    parsed.unwrap_or_else(|problem| {
        sink.push(problem.at(text));
        RawExpr::invalid(text.part(range))
    })
}
