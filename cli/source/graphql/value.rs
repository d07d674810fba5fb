//! Types, directives and values of a schema.

use super::lexer::TokenKind;
use super::parser::{GivenUp, Parser};
use super::raw::{RawArgument, RawDirective, RawSchemaValue, RawSchemaValueKind};
use crate::diagnostic::Diagnostic;
use crate::diagnostic::codes::reading::{DOUBLED_KEY, TOO_DEEP};
use crate::place::Place;
use crate::source::text::Placed;
use crate::source::types::{RawType, RawTypeKind};
use std::collections::BTreeMap;

/// How deep brackets may nest.
const DEPTH: usize = 32;

impl Parser<'_> {
    /// `[ID!]!`
    pub(super) fn ty(&mut self, depth: usize) -> Result<RawType, GivenUp> {
        self.check_depth(depth)?;
        let start = self.peek().place;
        let kind = if self.take("[") {
            let element = self.ty(depth + 1)?;
            self.expect("]", "a list type is written `[ID!]!`")?;
            RawTypeKind::List(Box::new(element))
        } else {
            RawTypeKind::Named(self.name("a type")?)
        };
        let required = self.take("!");
        Ok(RawType { kind, required, place: Place { end: self.end(), ..start } })
    }

    /// `@a(b: c) @d`
    pub(super) fn directives(&mut self) -> Result<Vec<RawDirective>, GivenUp> {
        let mut directives = Vec::new();
        loop {
            let at = self.peek().place;
            if !self.take("@") {
                return Ok(directives);
            }
            let name = self.name("a directive's name")?;
            let arguments = if self.take("(") { self.arguments(")", 0)? } else { Vec::new() };
            let name = Placed::new(name.value, Place { end: name.place.end, ..at });
            directives.push(RawDirective { name, arguments, place: Place { end: self.end(), ..at } });
        }
    }

    /// `a: b, c: d` up to the closing sign.
    fn arguments(&mut self, close: &'static str, depth: usize) -> Result<Vec<RawArgument>, GivenUp> {
        let mut arguments: Vec<RawArgument> = Vec::new();
        let mut seen: BTreeMap<String, Place> = BTreeMap::new();
        while !self.take(close) {
            let name = self.name(&format!("an argument's name, or `{close}`"))?;
            self.expect(":", "an argument is written `name: value`")?;
            let value = self.value(depth)?;
            if let Some(first) = seen.get(&name.value) {
                let problem = Diagnostic::error(DOUBLED_KEY, name.place, format!("`{}` is given twice", name.value));
                self.sink.push(problem.related(*first, "first given here"));
            } else {
                seen.insert(name.value.clone(), name.place);
                arguments.push(RawArgument { name, value });
            }
        }
        Ok(arguments)
    }

    /// Any value.
    pub(super) fn value(&mut self, depth: usize) -> Result<RawSchemaValue, GivenUp> {
        self.check_depth(depth)?;
        let token = self.peek().clone();
        let kind = match token.kind {
            TokenKind::Sign("[") => return self.list(token.place, depth),
            TokenKind::Sign("{") => {
                self.next += 1;
                let entries = self.arguments("}", depth + 1)?;
                let place = Place { end: self.end(), ..token.place };
                return Ok(RawSchemaValue { kind: RawSchemaValueKind::Object(entries), place });
            }
            TokenKind::Sign("$") => {
                self.next += 1;
                let name = self.name("a variable's name")?;
                let place = Place { end: self.end(), ..token.place };
                return Ok(RawSchemaValue { kind: RawSchemaValueKind::Variable(name.value), place });
            }
            TokenKind::Text(text) => RawSchemaValueKind::Text(text),
            TokenKind::Int(text) => RawSchemaValueKind::Int(text),
            TokenKind::Float(text) => RawSchemaValueKind::Float(text),
            TokenKind::Name(name) => match name.as_str() {
                "null" => RawSchemaValueKind::Null,
                "true" => RawSchemaValueKind::Boolean(true),
                "false" => RawSchemaValueKind::Boolean(false),
                _ => RawSchemaValueKind::Enum(name),
            },
            _ => return Err(self.expected("a value", "texts stand in double quotes")),
        };
        self.next += 1;
        Ok(RawSchemaValue { kind, place: token.place })
    }

    fn list(&mut self, start: Place, depth: usize) -> Result<RawSchemaValue, GivenUp> {
        self.next += 1;
        let mut elements = Vec::new();
        while !self.take("]") {
            elements.push(self.value(depth + 1)?);
        }
        let place = Place { end: self.end(), ..start };
        Ok(RawSchemaValue { kind: RawSchemaValueKind::List(elements), place })
    }

    fn check_depth(&mut self, depth: usize) -> Result<(), GivenUp> {
        if depth <= DEPTH {
            return Ok(());
        }
        let message = format!("brackets nest deeper than {DEPTH} here");
        self.sink.push(Diagnostic::error(TOO_DEEP, self.peek().place, message));
        Err(GivenUp)
    }
}
