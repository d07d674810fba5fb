//! What stands between operators: literals, names, access, calls, brackets.

use super::lexer::TokenKind;
use super::parser::{Form, Parser, Tree};
use super::problem::Problem;
use super::{RawExpr, RawExprKind};
use crate::diagnostic::codes::reading::{DOUBLED_KEY, INVALID_EXPRESSION};
use crate::source::{Name, Placed};
use std::ops::Range;

/// Functions whose second argument is a predicate, so that `{…}` there is its body and not a map.
const PREDICATES: &[&str] =
    &["all", "any", "count", "filter", "find", "intSum", "map", "max", "min", "none", "sort", "sum", "unique"];

/// Words that are no names.
const WORDS: &[&str] = &["and", "contains", "endsWith", "in", "matches", "not", "or", "startsWith"];

impl Parser<'_> {
    /// A literal, name, call or bracket, and the access that follows it.
    pub(super) fn operand(&mut self) -> Result<Tree, Problem> {
        let mut tree = self.primary()?;
        loop {
            tree = match self.peek().kind {
                TokenKind::Sign(".") => self.field(tree, false)?,
                TokenKind::Sign("?.") => self.field(tree, true)?,
                TokenKind::Sign("[") => self.index(tree)?,
                _ => return Ok(tree),
            };
        }
    }

    /// `| f(x)`, the sign taken already.
    pub(super) fn piped(&mut self, left: Tree) -> Result<Tree, Problem> {
        let token = self.bump();
        let TokenKind::Word(word) = token.kind else {
            return Err(Problem::new(INVALID_EXPRESSION, token.range, "a function is expected after `|`")
                .help("write `email | lower()`; alternatives are joined by `or`"));
        };
        if self.peek().kind != TokenKind::Sign("(") {
            return Err(Problem::new(INVALID_EXPRESSION, token.range, "a function is expected after `|`")
                .help(format!("write `{word}()`")));
        }
        self.call(word, token.range, Some(left))
    }

    fn primary(&mut self) -> Result<Tree, Problem> {
        let token = self.peek().clone();
        let kind = match token.kind {
            TokenKind::Int(text) => RawExprKind::Int(int(&text, &token.range)?),
            TokenKind::Float(text) => float(text, &token.range)?,
            TokenKind::Text(text) => RawExprKind::Text(text),
            TokenKind::Sign("#") => RawExprKind::Element,
            TokenKind::Sign("(") => return self.parenthesis(),
            TokenKind::Sign("[") => return self.list(),
            TokenKind::Sign("{") => return self.map(),
            TokenKind::Word(word) => return self.word(word),
            _ => return Err(self.surprise()),
        };
        self.bump();
        self.tree(kind, token.range, 0)
    }

    fn word(&mut self, word: String) -> Result<Tree, Problem> {
        if WORDS.contains(&word.as_str()) {
            return Err(self.surprise());
        }
        let range = self.bump().range;
        if self.peek().kind == TokenKind::Sign("(") {
            return self.call(word, range, None);
        }
        let kind = match word.as_str() {
            "nil" => RawExprKind::Nil,
            "true" => RawExprKind::Boolean(true),
            "false" => RawExprKind::Boolean(false),
            _ => RawExprKind::Name(word),
        };
        self.tree(kind, range, 0)
    }

    fn parenthesis(&mut self) -> Result<Tree, Problem> {
        let start = self.bump().range.start;
        let inner = self.expression()?;
        let end = self.expect(")", "each `(` needs its `)`")?;
        Ok(Tree { range: start..end, form: Form::Closed, ..inner })
    }

    fn list(&mut self) -> Result<Tree, Problem> {
        let start = self.bump().range.start;
        let mut elements = Vec::new();
        let mut height = 0;
        while self.peek().kind != TokenKind::Sign("]") {
            let element = self.expression()?;
            height = height.max(element.height);
            elements.push(element.expr);
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect("]", "elements are separated by commas, and each `[` needs its `]`")?;
        self.tree(RawExprKind::List(elements), start..end, height)
    }

    fn map(&mut self) -> Result<Tree, Problem> {
        let start = self.bump().range.start;
        let mut entries: Vec<(Name, RawExpr)> = Vec::new();
        let mut height = 0;
        while self.peek().kind != TokenKind::Sign("}") {
            let key = self.key(&entries)?;
            self.expect(":", "a map is written `{key: value}`")?;
            let value = self.expression()?;
            height = height.max(value.height);
            entries.push((key, value.expr));
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect("}", "entries are separated by commas, and each `{` needs its `}`")?;
        self.tree(RawExprKind::Map(entries), start..end, height)
    }

    fn key(&mut self, before: &[(Name, RawExpr)]) -> Result<Name, Problem> {
        let (TokenKind::Word(key) | TokenKind::Text(key)) = self.peek().kind.clone() else {
            return Err(self.surprise().help("a key is a name or a text"));
        };
        let range = self.bump().range;
        if before.iter().any(|(other, _)| other.value == key) {
            return Err(Problem::new(DOUBLED_KEY, range, format!("the key `{key}` is given twice")));
        }
        Ok(Placed::new(key, self.text.part(range)))
    }

    fn field(&mut self, base: Tree, optional: bool) -> Result<Tree, Problem> {
        self.bump();
        let token = self.bump();
        let TokenKind::Word(name) = token.kind else {
            return Err(Problem::new(INVALID_EXPRESSION, token.range, "a field's name is expected after the point"));
        };
        if self.peek().kind == TokenKind::Sign("(") {
            return Err(Problem::new(INVALID_EXPRESSION, token.range, "there are no methods")
                .help(format!("write `{name}(a)` or `a | {name}()`")));
        }
        let range = base.range.start..token.range.end;
        let name = Placed::new(name, self.text.part(token.range));
        let kind = RawExprKind::Field { base: Box::new(base.expr), name, optional };
        self.tree(kind, range, base.height)
    }

    fn index(&mut self, base: Tree) -> Result<Tree, Problem> {
        self.bump();
        let index = self.expression()?;
        let end = self.expect("]", "each `[` needs its `]`")?;
        let height = base.height.max(index.height);
        let kind = RawExprKind::Index { base: Box::new(base.expr), index: Box::new(index.expr) };
        self.tree(kind, base.range.start..end, height)
    }

    /// `f(…)`, the name taken already, with the piped value first.
    fn call(&mut self, name: String, range: Range<usize>, piped: Option<Tree>) -> Result<Tree, Problem> {
        self.bump();
        let start = piped.as_ref().map_or(range.start, |tree| tree.range.start);
        let takes_predicate = PREDICATES.contains(&name.as_str());
        let mut height = piped.as_ref().map_or(0, |tree| tree.height);
        let mut arguments: Vec<RawExpr> = piped.into_iter().map(|tree| tree.expr).collect();
        while self.peek().kind != TokenKind::Sign(")") {
            let is_body = takes_predicate && !arguments.is_empty() && self.peek().kind == TokenKind::Sign("{");
            let argument = if is_body { self.body()? } else { self.expression()? };
            height = height.max(argument.height);
            arguments.push(argument.expr);
            if !self.take(",") {
                break;
            }
        }
        let end = self.expect(")", "arguments are separated by commas, and each `(` needs its `)`")?;
        let function = Placed::new(name, self.text.part(range));
        self.tree(RawExprKind::Call { function, arguments }, start..end, height)
    }

    /// `{…}` given as a predicate.
    fn body(&mut self) -> Result<Tree, Problem> {
        self.bump();
        let inner = self.expression()?;
        self.expect("}", "`{…}` given as a predicate is its body; a map is written `({key: value})` there")?;
        Ok(inner)
    }
}

fn int(text: &str, range: &Range<usize>) -> Result<i64, Problem> {
    text.parse().map_err(|_| {
        Problem::new(INVALID_EXPRESSION, range.clone(), format!("`{text}` does not fit into an Int"))
            .help(format!("the greatest Int is {}", i64::MAX))
    })
}

fn float(text: String, range: &Range<usize>) -> Result<RawExprKind, Problem> {
    match text.parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(RawExprKind::Float { text, value }),
        _ => Err(Problem::new(INVALID_EXPRESSION, range.clone(), format!("`{text}` does not fit into a Float"))),
    }
}
