//! Tokens → definitions. After a mistake it goes on with the next definition.

use super::lexer::{Token, TokenKind};
use super::raw::{RawEnum, RawEnumValue, RawObject, RawObjectKind, RawSchema, RawSchemaField};
use crate::diagnostic::codes::reading::{INVALID_GRAPHQL, NOT_A_SCHEMA};
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::Place;
use crate::source::text::{Name, Placed};

/// Words that begin a definition.
const DEFINITIONS: &[&str] =
    &["directive", "enum", "extend", "input", "interface", "scalar", "schema", "type", "union"];
/// Words that begin what is sent to an API.
const OPERATIONS: &[&str] = &["fragment", "mutation", "query", "subscription"];
/// Types whose fields the tool generates.
const ROOTS: &[&str] = &["Mutation", "Query", "Subscription"];

/// A mistake was reported; the definition is given up.
pub(super) struct GivenUp;

/// Reads the tokens of one file.
pub(super) struct Parser<'a> {
    pub tokens: Vec<Token>,
    pub next: usize,
    pub sink: &'a mut Sink,
}

/// What stands before a definition.
struct Head {
    doc: Option<Name>,
    extends: bool,
}

impl Parser<'_> {
    /// Every definition of the file.
    pub fn schema(&mut self, schema: &mut RawSchema) {
        while self.peek().kind != TokenKind::End {
            let start = self.next;
            if self.definition(schema).is_err() {
                self.recover(start);
            }
        }
    }

    /// Goes to the next word at the beginning of a line that begins a definition or an operation.
    fn recover(&mut self, start: usize) {
        self.next = self.next.max(start + 1);
        while !self.begins_definition() && self.peek().kind != TokenKind::End {
            self.next += 1;
        }
    }

    fn begins_definition(&self) -> bool {
        let token = self.peek();
        match &token.kind {
            TokenKind::Name(name) => token.begins_line && DEFINITIONS.iter().chain(OPERATIONS).any(|word| word == name),
            TokenKind::Text(_) => token.begins_line,
            _ => false,
        }
    }

    fn definition(&mut self, schema: &mut RawSchema) -> Result<(), GivenUp> {
        let doc = self.doc();
        let extends = self.take_word("extend");
        let head = Head { doc, extends };
        let keyword = self.name("a definition such as `type`")?;
        match keyword.value.as_str() {
            "type" => schema.objects.push(self.object(RawObjectKind::Type, head)?),
            "input" => schema.objects.push(self.object(RawObjectKind::Input, head)?),
            "interface" => schema.objects.push(self.object(RawObjectKind::Interface, head)?),
            "enum" => schema.enums.push(self.enumeration(head)?),
            "scalar" => {
                let name = self.name("the scalar's name")?;
                self.directives()?;
                schema.scalars.push(name);
            }
            "union" => schema.unions.push(self.union()?),
            "directive" => schema.directives.push(self.directive_definition()?),
            "schema" => {
                schema.schemas.push(keyword.place);
                self.directives()?;
                self.operations()?;
            }
            word => return Err(self.no_definition(word, keyword.place)),
        }
        Ok(())
    }

    fn no_definition(&mut self, word: &str, place: Place) -> GivenUp {
        let problem = if OPERATIONS.contains(&word) {
            Diagnostic::error(NOT_A_SCHEMA, place, format!("a {word} is sent to an API; a schema declares types"))
                .help("leave it out: `type`, `input` and `enum` belong here")
        } else {
            Diagnostic::error(INVALID_GRAPHQL, place, format!("`{word}` begins no definition"))
                .suggest(word, DEFINITIONS)
        };
        self.sink.push(problem);
        GivenUp
    }

    fn object(&mut self, kind: RawObjectKind, head: Head) -> Result<RawObject, GivenUp> {
        let name = self.name("the type's name")?;
        let implements = self.implements()?;
        let directives = self.directives()?;
        let mut fields = Vec::new();
        if self.take("{") {
            while !self.take("}") {
                fields.push(self.field()?);
            }
        }
        let is_root = kind == RawObjectKind::Type && ROOTS.contains(&name.value.as_str());
        Ok(RawObject { kind, name, doc: head.doc, extends: head.extends, is_root, implements, directives, fields })
    }

    fn implements(&mut self) -> Result<Vec<Name>, GivenUp> {
        let mut names = Vec::new();
        if self.take_word("implements") {
            self.take("&");
            names.push(self.name("an interface's name")?);
            while self.take("&") {
                names.push(self.name("an interface's name")?);
            }
        }
        Ok(names)
    }

    /// `name(arguments): Type = default @directives`
    fn field(&mut self) -> Result<RawSchemaField, GivenUp> {
        let doc = self.doc();
        let name = self.name("a field's name, or `}`")?;
        let mut arguments = Vec::new();
        if self.take("(") {
            while !self.take(")") {
                arguments.push(self.field_argument()?);
            }
        }
        self.expect(":", "a field is written `name: Type`")?;
        let ty = self.ty(0)?;
        let default = if self.take("=") { Some(self.value(0)?) } else { None };
        let directives = self.directives()?;
        Ok(RawSchemaField { name, doc, ty, arguments, default, directives })
    }

    /// Arguments have no arguments of their own, so that nothing nests here.
    fn field_argument(&mut self) -> Result<Name, GivenUp> {
        self.doc();
        let name = self.name("an argument's name, or `)`")?;
        self.expect(":", "an argument is written `name: Type`")?;
        self.ty(0)?;
        if self.take("=") {
            self.value(0)?;
        }
        self.directives()?;
        Ok(name)
    }

    fn enumeration(&mut self, head: Head) -> Result<RawEnum, GivenUp> {
        let name = self.name("the enum's name")?;
        let directives = self.directives()?;
        let mut values = Vec::new();
        if self.take("{") {
            while !self.take("}") {
                let doc = self.doc();
                let name = self.name("a value's name, or `}`")?;
                values.push(RawEnumValue { name, doc, directives: self.directives()? });
            }
        }
        Ok(RawEnum { name, doc: head.doc, extends: head.extends, directives, values })
    }

    fn union(&mut self) -> Result<Name, GivenUp> {
        let name = self.name("the union's name")?;
        self.directives()?;
        if self.take("=") {
            self.take("|");
            self.name("a type's name")?;
            while self.take("|") {
                self.name("a type's name")?;
            }
        }
        Ok(name)
    }

    /// `directive @name(arguments) repeatable on A | B`
    fn directive_definition(&mut self) -> Result<Name, GivenUp> {
        self.expect("@", "a directive is declared `directive @name on OBJECT`")?;
        let name = self.name("the directive's name")?;
        if self.take("(") {
            while !self.take(")") {
                self.field_argument()?;
            }
        }
        self.take_word("repeatable");
        if !self.take_word("on") {
            return Err(self.expected("`on`", "a directive is declared `directive @name on OBJECT`"));
        }
        self.take("|");
        self.name("a place such as `OBJECT`")?;
        while self.take("|") {
            self.name("a place such as `OBJECT`")?;
        }
        Ok(name)
    }

    /// `{ query: Query … }`
    fn operations(&mut self) -> Result<(), GivenUp> {
        self.expect("{", "it is written `schema { query: Query }`")?;
        while !self.take("}") {
            self.name("`query`, `mutation` or `subscription`")?;
            self.expect(":", "it is written `schema { query: Query }`")?;
            self.name("a type's name")?;
        }
        Ok(())
    }

    fn doc(&mut self) -> Option<Name> {
        let TokenKind::Text(text) = &self.peek().kind else { return None };
        let doc = text.name();
        self.next += 1;
        Some(doc)
    }

    /// The token that comes next; the last one is always [`TokenKind::End`].
    pub fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    /// Where the last token that was taken ends.
    pub fn end(&self) -> u32 {
        self.next.checked_sub(1).and_then(|at| self.tokens.get(at)).map_or(0, |token| token.place.end)
    }

    /// Takes a name.
    pub fn name(&mut self, what: &str) -> Result<Name, GivenUp> {
        let token = self.peek();
        let TokenKind::Name(name) = &token.kind else { return Err(self.expected(what, "")) };
        let name = Placed::new(name.clone(), token.place);
        self.next += 1;
        Ok(name)
    }

    /// Takes a sign if it comes next.
    pub fn take(&mut self, sign: &'static str) -> bool {
        let comes = self.peek().kind == TokenKind::Sign(sign);
        self.next += usize::from(comes);
        comes
    }

    fn take_word(&mut self, word: &str) -> bool {
        let comes = matches!(&self.peek().kind, TokenKind::Name(name) if name == word);
        self.next += usize::from(comes);
        comes
    }

    /// Takes a sign that must come next.
    pub fn expect(&mut self, sign: &'static str, help: &str) -> Result<(), GivenUp> {
        if self.take(sign) { Ok(()) } else { Err(self.expected(&format!("`{sign}`"), help)) }
    }

    /// Reports that something else was expected.
    pub fn expected(&mut self, what: &str, help: &str) -> GivenUp {
        let token = self.peek().clone();
        let found = match &token.kind {
            TokenKind::Name(text) | TokenKind::Int(text) | TokenKind::Float(text) => format!("`{text}`"),
            TokenKind::Text(_) => "a text".to_owned(),
            TokenKind::Sign(sign) => format!("`{sign}`"),
            TokenKind::End => "the end of the file".to_owned(),
        };
        let problem = Diagnostic::error(INVALID_GRAPHQL, token.place, format!("{what} is expected here, not {found}"));
        self.sink.push(if help.is_empty() { problem } else { problem.help(help) });
        GivenUp
    }
}
