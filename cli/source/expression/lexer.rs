//! Text of an expression → tokens.

use super::problem::Problem;
use crate::diagnostic::codes::reading::INVALID_EXPRESSION;
use std::ops::Range;

/// A piece of the text.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    pub kind: TokenKind,
    /// Bytes of the whole value.
    pub range: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(super) enum TokenKind {
    /// Digits, as written.
    Int(String),
    /// With a point or an exponent, as written.
    Float(String),
    /// After unescaping.
    Text(String),
    /// A name or a word such as `and`.
    Word(String),
    /// A sign such as `==`.
    Sign(&'static str),
    /// Nothing is left.
    End,
}

/// Longest first, so that `??` is never read as two `?`.
const SIGNS: &[&str] = &[
    "===", "!==", "**", "??", "?.", "||", "&&", "==", "!=", "<=", ">=", "..", "<", ">", "+", "-", "*", "/", "%", "!",
    "?", ":", "|", ".", ",", "(", ")", "[", "]", "{", "}", "#", "=", "&", ";",
];

/// Reads one token after the other.
pub(super) struct Lexer<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Lexer<'a> {
    /// Begins at a byte of the text.
    pub fn new(text: &'a str, at: usize) -> Self {
        Self { text, at }
    }

    /// The next token; [`TokenKind::End`] from the end on.
    pub fn token(&mut self) -> Result<Token, Problem> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        let start = self.at;
        let Some(first) = self.rest().chars().next() else {
            // Behind the last letter, not behind the line breaks that a block of YAML ends with.
            let end = self.text.trim_end().len();
            return Ok(Token { kind: TokenKind::End, range: end..end });
        };
        let kind = match first {
            '0'..='9' => self.number()?,
            '.' if self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) => self.number()?,
            '\'' | '"' => self.quoted(first)?,
            '`' => self.raw()?,
            letter if is_word(letter) => self.word(),
            _ => self.sign(first)?,
        };
        Ok(Token { kind, range: start..self.at })
    }

    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn word(&mut self) -> TokenKind {
        let rest = self.rest();
        let length = rest.find(|c: char| !is_word(c) && !c.is_ascii_digit()).unwrap_or(rest.len());
        self.at += length;
        TokenKind::Word(rest[..length].to_owned())
    }

    fn number(&mut self) -> Result<TokenKind, Problem> {
        let start = self.at;
        self.digits();
        let mut is_float = false;
        if self.rest().starts_with('.') && self.rest()[1..].starts_with(|c: char| c.is_ascii_digit()) {
            is_float = true;
            self.at += 1;
            self.digits();
        }
        if let Some(exponent) = exponent(self.rest()) {
            is_float = true;
            self.at += exponent;
        }
        let rest = self.rest();
        let tail = rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(rest.len());
        if tail > 0 {
            let range = start..self.at + tail;
            return Err(Problem::new(
                INVALID_EXPRESSION,
                range.clone(),
                format!("`{}` is not a number", &self.text[range]),
            ));
        }
        let text = self.text[start..self.at].to_owned();
        Ok(if is_float { TokenKind::Float(text) } else { TokenKind::Int(text) })
    }

    fn digits(&mut self) {
        let rest = self.rest();
        self.at += rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    }

    fn quoted(&mut self, quote: char) -> Result<TokenKind, Problem> {
        let start = self.at;
        let mut value = String::new();
        self.at += 1;
        while let Some(letter) = self.rest().chars().next() {
            if letter == quote {
                self.at += 1;
                return Ok(TokenKind::Text(value));
            }
            if letter == '\\' {
                value.push(self.escape()?);
            } else {
                self.at += letter.len_utf8();
                value.push(letter);
            }
        }
        Err(self.open(start, quote))
    }

    fn escape(&mut self) -> Result<char, Problem> {
        let start = self.at;
        let letter = self.rest()[1..].chars().next();
        self.at += 1 + letter.map_or(0, char::len_utf8);
        let value = match letter {
            Some('n') => Some('\n'),
            Some('t') => Some('\t'),
            Some('r') => Some('\r'),
            Some(letter @ ('\\' | '\'' | '"')) => Some(letter),
            Some('u') => self.unicode(),
            _ => None,
        };
        value.ok_or_else(|| {
            let written = &self.text[start..self.at];
            Problem::new(INVALID_EXPRESSION, start..self.at, format!("`{written}` is not an escape"))
                .help(r#"there are `\n`, `\t`, `\r`, `\\`, `\'`, `\"` and `\uXXXX`; in backticks nothing is escaped"#)
        })
    }

    /// Four hexadecimal digits, or two such groups that make one letter.
    fn unicode(&mut self) -> Option<char> {
        let first = self.hex()?;
        if !(0xD800..0xDC00).contains(&first) {
            return char::from_u32(first);
        }
        self.at += self.rest().strip_prefix("\\u").map(|_| 2)?;
        let second = self.hex()?;
        char::decode_utf16([u16::try_from(first).ok()?, u16::try_from(second).ok()?]).next()?.ok()
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.rest().get(..4).filter(|digits| digits.bytes().all(|b| b.is_ascii_hexdigit()))?;
        self.at += 4;
        u32::from_str_radix(digits, 16).ok()
    }

    fn raw(&mut self) -> Result<TokenKind, Problem> {
        let start = self.at;
        let Some(length) = self.rest()[1..].find('`') else { return Err(self.open(start, '`')) };
        self.at += length + 2;
        Ok(TokenKind::Text(self.text[start + 1..self.at - 1].to_owned()))
    }

    fn open(&self, start: usize, quote: char) -> Problem {
        Problem::new(INVALID_EXPRESSION, start..self.text.len(), "the text is never closed")
            .help(format!("its closing {quote} is missing"))
    }

    fn sign(&mut self, first: char) -> Result<TokenKind, Problem> {
        let rest = self.rest();
        let Some(sign) = SIGNS.iter().find(|sign| rest.starts_with(**sign)) else {
            let range = self.at..self.at + first.len_utf8();
            return Err(Problem::new(
                INVALID_EXPRESSION,
                range,
                format!("`{}` means nothing here", first.escape_default()),
            ));
        };
        // `c ?.5 : 1` is a condition, not an access.
        let is_condition = *sign == "?." && rest[2..].starts_with(|c: char| c.is_ascii_digit());
        let sign = if is_condition { "?" } else { sign };
        self.at += sign.len();
        Ok(TokenKind::Sign(sign))
    }
}

fn is_word(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_' || letter == '$'
}

/// The length of `e10`, `E-3`.
fn exponent(text: &str) -> Option<usize> {
    let after = text.strip_prefix(['e', 'E'])?;
    let digits = after.strip_prefix(['+', '-']).unwrap_or(after);
    let count = digits.find(|c: char| !c.is_ascii_digit()).unwrap_or(digits.len());
    (count > 0).then(|| text.len() - digits.len() + count)
}
