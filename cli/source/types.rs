//! Types as both languages write them: `[ID!]!`.

use super::text::{Name, Placed, Text};
use crate::diagnostic::codes::reading::INVALID_TYPE;
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::Place;
use std::fmt;

/// A type as written, its names not looked up yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RawType {
    /// A name or a list.
    pub kind: RawTypeKind,
    /// `!` was written.
    pub required: bool,
    /// All of it.
    pub place: Place,
}

/// The kinds of type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RawTypeKind {
    /// `ID`, `Course`; in the event model also `service.Type`.
    Named(Name),
    /// `[…]`
    List(Box<RawType>),
}

/// How deep lists may nest.
const DEPTH: usize = 16;

/// Reads a type of the event model; what is wrong is reported.
pub(super) fn parse_type(text: &Text, sink: &mut Sink) -> Option<RawType> {
    let mut parser = Parser { text, at: 0 };
    let parsed = parser.ty(0).filter(|_| parser.rest().trim().is_empty());
    if parsed.is_none() {
        let problem = Diagnostic::error(INVALID_TYPE, text.place, format!("`{}` is not a type", text.value));
        sink.push(problem.help("write it as in GraphQL: `ID!`, `String`, `\"[Item!]!\"`"));
    }
    parsed
}

/// Does this text follow the grammar of types? Whether its names exist is another question.
pub fn is_type(text: &str) -> bool {
    parse_type(&Text::whole(text, Place::default()), &mut Sink::default()).is_some()
}

struct Parser<'a> {
    text: &'a Text,
    at: usize,
}

impl<'a> Parser<'a> {
    fn rest(&self) -> &'a str {
        &self.text.value[self.at..]
    }

    fn ty(&mut self, depth: usize) -> Option<RawType> {
        self.spaces();
        let start = self.at;
        let kind = if depth < DEPTH && self.take('[') {
            let element = self.ty(depth + 1)?;
            self.spaces();
            self.take(']').then_some(RawTypeKind::List(Box::new(element)))?
        } else {
            RawTypeKind::Named(self.name()?)
        };
        let required = self.take('!');
        Some(RawType { kind, required, place: self.text.part(start..self.at) })
    }

    /// A name, or two with a point between them.
    fn name(&mut self) -> Option<Name> {
        let rest = self.rest();
        let length = rest.find(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '.' | '-')).unwrap_or(rest.len());
        let written = &rest[..length];
        let is_name = written.starts_with(|c: char| c.is_alphabetic() || c == '_')
            && !written.ends_with('.')
            && written.matches('.').count() <= 1;
        let range = self.at..self.at + length;
        self.at += length;
        is_name.then(|| Placed::new(written.to_owned(), self.text.part(range)))
    }

    fn spaces(&mut self) {
        self.at += self.rest().len() - self.rest().trim_start().len();
    }

    fn take(&mut self, sign: char) -> bool {
        let comes = self.rest().starts_with(sign);
        self.at += if comes { sign.len_utf8() } else { 0 };
        comes
    }
}

impl fmt::Display for RawType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            RawTypeKind::Named(name) => f.write_str(name)?,
            RawTypeKind::List(element) => write!(f, "[{element}]")?,
        }
        f.write_str(if self.required { "!" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::place::Place;

    fn read(text: &str) -> Option<String> {
        let mut sink = Sink::default();
        let ty = parse_type(&Text::whole(text, Place::default()), &mut sink);
        assert_eq!(ty.is_none(), sink.has_errors());
        ty.map(|ty| ty.to_string())
    }

    #[test]
    fn types_are_read_as_in_graphql() {
        for text in ["ID!", "String", "[ID!]!", "[[Int]]", "billing.Invoice!"] {
            assert_eq!(read(text).as_deref(), Some(text));
        }
        assert_eq!(read(" [ ID! ]! ").as_deref(), Some("[ID!]!"));
        for text in ["", "!", "ID!!", "[ID", "ID]", "1d", "a.b.c", "a.", "a b", &"[".repeat(10_000)] {
            assert_eq!(read(text), None, "{text}");
        }
    }
}
