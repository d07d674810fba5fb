//! Text of a schema → tokens, each with its place.

use super::string;
use crate::diagnostic::codes::reading::INVALID_GRAPHQL;
use crate::diagnostic::{Diagnostic, Sink};
use crate::place::{FileId, Place};
use crate::source::Text;

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    pub place: Place,
    /// It is the first thing on its line, without a space before it.
    pub begins_line: bool,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    Name(String),
    /// As written.
    Int(String),
    /// As written.
    Float(String),
    Text(Text),
    /// `{`, `...`
    Sign(&'static str),
    End,
}

const SIGNS: &[&str] = &["...", "!", "$", "&", "(", ")", ":", "=", "@", "[", "]", "{", "|", "}"];

/// All tokens, [`TokenKind::End`] last; what is none is reported and skipped.
pub(super) fn tokens(text: &str, file: FileId, sink: &mut Sink) -> Vec<Token> {
    let mut lexer = Lexer { text, file, at: 0, sink };
    let mut tokens = Vec::new();
    loop {
        lexer.skip();
        let start = lexer.at;
        let begins_line = start == 0 || text[..start].ends_with(['\n', '\r', '\u{feff}']);
        let Some(first) = lexer.rest().chars().next() else {
            tokens.push(Token { kind: TokenKind::End, place: lexer.place(start), begins_line: true });
            return tokens;
        };
        if let Some(kind) = lexer.token(first) {
            tokens.push(Token { kind, place: lexer.place(start), begins_line });
        }
    }
}

struct Lexer<'a> {
    text: &'a str,
    file: FileId,
    at: usize,
    sink: &'a mut Sink,
}

impl<'a> Lexer<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    /// From a byte to where the lexer is.
    fn place(&self, start: usize) -> Place {
        let byte = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        Place { file: self.file, start: byte(start), end: byte(self.at) }
    }

    /// White space, commas and comments.
    fn skip(&mut self) {
        loop {
            let rest = self.rest();
            let after = rest.trim_start_matches([' ', '\t', '\n', '\r', ',', '\u{feff}']);
            self.at += rest.len() - after.len();
            if !after.starts_with('#') {
                return;
            }
            self.at += after.find(['\n', '\r']).unwrap_or(after.len());
        }
    }

    fn token(&mut self, first: char) -> Option<TokenKind> {
        let rest = self.rest();
        if first.is_ascii_alphabetic() || first == '_' {
            let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
            self.at += length;
            return Some(TokenKind::Name(rest[..length].to_owned()));
        }
        if first.is_ascii_digit() || first == '-' {
            return self.number();
        }
        if first == '"' {
            return self.string();
        }
        if let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
            self.at += sign.len();
            return Some(TokenKind::Sign(sign));
        }
        let start = self.at;
        self.at += first.len_utf8();
        let problem = Diagnostic::error(
            INVALID_GRAPHQL,
            self.place(start),
            format!("`{}` means nothing in a schema", printed(first)),
        );
        self.sink.push(match first {
            '\'' => problem.help("texts stand in double quotes"),
            '.' => problem.help("a type of another service is named by itself here, without the service"),
            _ => problem,
        });
        None
    }

    fn number(&mut self) -> Option<TokenKind> {
        let (rest, start) = (self.rest(), self.at);
        let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-' | '+');
        let length = rest.find(|c: char| !is_part(c)).unwrap_or(rest.len());
        self.at += length;
        let text = &rest[..length];
        let digits = text.strip_prefix('-').unwrap_or(text);
        let has_zero =
            digits.len() > 1 && digits.starts_with('0') && digits.as_bytes().get(1).is_some_and(u8::is_ascii_digit);
        if !has_zero && !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Some(TokenKind::Int(text.to_owned()));
        }
        let is_float =
            text.parse::<f64>().is_ok_and(f64::is_finite) && !digits.starts_with('.') && !digits.ends_with('.');
        if !has_zero && is_float && digits.starts_with(|c: char| c.is_ascii_digit()) {
            return Some(TokenKind::Float(text.to_owned()));
        }
        self.sink.push(Diagnostic::error(INVALID_GRAPHQL, self.place(start), format!("`{text}` is not a number")));
        None
    }

    fn string(&mut self) -> Option<TokenKind> {
        let (start, rest) = (self.at, self.rest());
        let block = rest.starts_with("\"\"\"");
        let length = if block { string::block_length(rest) } else { string::line_length(rest) };
        let Some(length) = length else {
            self.at += if block { rest.len() } else { rest.find(['\n', '\r']).unwrap_or(rest.len()) };
            self.sink.push(Diagnostic::error(INVALID_GRAPHQL, self.place(start), "this text is never closed"));
            return None;
        };
        self.at += length;
        let place = self.place(start);
        let read = if block { string::block(rest, length, place) } else { string::line(rest, length, place) };
        match read {
            Ok(text) => Some(TokenKind::Text(text)),
            Err(escape) => {
                let message = format!("`{escape}` is not an escape");
                let problem = Diagnostic::error(INVALID_GRAPHQL, place, message);
                self.sink
                    .push(problem.help(r#"there are `\n`, `\r`, `\t`, `\b`, `\f`, `\/`, `\\`, `\"` and `\uXXXX`"#));
                Some(TokenKind::Text(Text::whole("", place)))
            }
        }
    }
}

/// A letter as it can be shown.
fn printed(letter: char) -> String {
    if letter.is_control() { letter.escape_default().to_string() } else { letter.to_string() }
}
