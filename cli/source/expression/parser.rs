//! Tokens → tree, by how tightly operators bind. [`super::operand`] reads what stands between them.

use super::lexer::{Lexer, Token, TokenKind};
use super::operator::{Infix, level};
use super::problem::Problem;
use super::{RawExpr, RawExprKind};
use crate::diagnostic::codes::reading::{AMBIGUOUS_EXPRESSION, INVALID_EXPRESSION, TOO_DEEP};
use crate::model::{BinaryOp, UnaryOp};
use crate::source::Text;
use std::ops::Range;

/// How deep operands may nest, which is what the parser's own recursion follows.
const DEPTH: usize = 128;
/// How deep a tree may be: also a long chain such as `a + b + c …` is one, and later stages walk it by recursion.
const HEIGHT: usize = 200;

/// A node, the bytes it takes, and how deep the tree below it is.
#[derive(Clone, Debug)]
pub(super) struct Tree {
    pub expr: RawExpr,
    pub range: Range<usize>,
    pub height: usize,
    /// It ends in a `not` or `??` without parentheses around it.
    pub form: Form,
}

/// What a node looks like to the operator that follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    Closed,
    Not,
    Comparison,
    Coalesce,
}

/// Reads one expression.
pub(super) struct Parser<'a> {
    pub text: &'a Text,
    tokens: Vec<Token>,
    next: usize,
    depth: usize,
}

impl<'a> Parser<'a> {
    /// Cuts the range into tokens.
    pub fn new(text: &'a Text, range: Range<usize>) -> Result<Self, Problem> {
        let mut lexer = Lexer::new(text.value.get(..range.end).unwrap_or_default(), range.start);
        let mut tokens = Vec::new();
        loop {
            let token = lexer.token()?;
            let is_end = token.kind == TokenKind::End;
            tokens.push(token);
            if is_end {
                return Ok(Self { text, tokens, next: 0, depth: 0 });
            }
        }
    }

    /// Reads all of it.
    pub fn parse(mut self) -> Result<RawExpr, Problem> {
        if self.peek().kind == TokenKind::End {
            let range = self.peek().range.clone();
            return Err(Problem::new(INVALID_EXPRESSION, range, "an expression is expected here, but there is none"));
        }
        let tree = self.expression()?;
        if self.peek().kind != TokenKind::End {
            return Err(self.surprise());
        }
        Ok(tree.expr)
    }

    /// `c ? a : b`, or anything that binds tighter.
    pub fn expression(&mut self) -> Result<Tree, Problem> {
        let condition = self.binary(level::PIPE)?;
        if self.take("?") { self.conditional(condition) } else { Ok(condition) }
    }

    fn conditional(&mut self, condition: Tree) -> Result<Tree, Problem> {
        self.enter()?;
        let then = self.expression()?;
        self.expect(":", "`c ? a : b` has a `:`")?;
        let otherwise = self.expression()?;
        self.depth -= 1;
        let height = condition.height.max(then.height).max(otherwise.height);
        let range = condition.range.start..otherwise.range.end;
        let kind = RawExprKind::Conditional {
            condition: Box::new(condition.expr),
            then: Box::new(then.expr),
            otherwise: Box::new(otherwise.expr),
        };
        self.tree(kind, range, height)
    }

    /// Operators that bind at least as tightly as `least`.
    pub fn binary(&mut self, least: u8) -> Result<Tree, Problem> {
        self.enter()?;
        let mut left = self.prefix()?;
        while let Some(infix) = Infix::read(self.peek(), self.tokens.get(self.next + 1)) {
            self.check_parentheses(&left, infix)?;
            if infix.level() < least {
                break;
            }
            left = self.join(left, infix)?;
        }
        self.depth -= 1;
        Ok(left)
    }

    /// Goes one operand deeper. After a problem the count is never read again.
    fn enter(&mut self) -> Result<(), Problem> {
        self.depth += 1;
        if self.depth <= DEPTH {
            return Ok(());
        }
        let range = self.peek().range.clone();
        Err(Problem::new(TOO_DEEP, range, format!("brackets and operators nest deeper than {DEPTH} here")))
    }

    fn join(&mut self, left: Tree, infix: Infix) -> Result<Tree, Problem> {
        let mut sign = self.bump().range;
        let op = match infix {
            Infix::Pipe => return self.piped(left),
            Infix::Binary(op) => op,
        };
        if op == BinaryOp::NotIn {
            sign.end = self.bump().range.end;
        }
        let right = self.binary(infix.right())?;
        let height = left.height.max(right.height);
        let range = left.range.start..right.range.end;
        let operator = self.text.part(sign);
        let kind = RawExprKind::Binary { op, operator, left: Box::new(left.expr), right: Box::new(right.expr) };
        let mut tree = self.tree(kind, range, height)?;
        tree.form = match infix.level() {
            level::COMPARISON => Form::Comparison,
            level::COALESCE => Form::Coalesce,
            _ => Form::Closed,
        };
        if tree.form == Form::Coalesce {
            // Asked for here and not by the caller, since the next operator may bind less tightly than it waits for.
            if let Some(next) = Infix::read(self.peek(), self.tokens.get(self.next + 1)) {
                self.check_parentheses(&tree, next)?;
            }
        }
        Ok(tree)
    }

    /// Refuses what people read in two ways.
    fn check_parentheses(&self, left: &Tree, infix: Infix) -> Result<(), Problem> {
        let is_comparison = infix.level() == level::COMPARISON;
        let why = match left.form {
            Form::Not if is_comparison => "`not a == b` can be read as `(not a) == b` and as `not (a == b)`",
            Form::Comparison if is_comparison => "comparisons do not chain",
            Form::Coalesce if infix != Infix::Binary(BinaryOp::Coalesce) && infix != Infix::Pipe => {
                "another operator after `a ?? b` can be read in two ways"
            }
            _ => return Ok(()),
        };
        let written = self.text.value.get(left.range.clone()).unwrap_or_default();
        let help = match left.form {
            Form::Not => "write `not (a == b)`, or `a != b`".to_owned(),
            Form::Comparison => "write `a < b and b < c`".to_owned(),
            _ => format!("write `({written})`"),
        };
        Err(Problem::new(AMBIGUOUS_EXPRESSION, self.peek().range.clone(), why).help(help))
    }

    fn prefix(&mut self) -> Result<Tree, Problem> {
        let (op, takes) = match &self.peek().kind {
            TokenKind::Sign("!") => (UnaryOp::Not, level::PRODUCT),
            TokenKind::Word(word) if word == "not" => (UnaryOp::Not, level::PRODUCT),
            TokenKind::Sign("-") => (UnaryOp::Negate, level::POWER),
            _ => return self.operand(),
        };
        let start = self.bump().range.start;
        let inner = self.binary(takes)?;
        let mut tree = self.tree(RawExprKind::Unary(op, Box::new(inner.expr)), start..inner.range.end, inner.height)?;
        if op == UnaryOp::Not {
            tree.form = Form::Not;
        }
        Ok(tree)
    }

    /// A node above others of this height.
    pub fn tree(&self, kind: RawExprKind, range: Range<usize>, height: usize) -> Result<Tree, Problem> {
        if height >= HEIGHT {
            return Err(Problem::new(
                TOO_DEEP,
                range,
                format!("an expression nests or chains more than {HEIGHT} times"),
            ));
        }
        let expr = RawExpr { kind, place: self.text.part(range.clone()) };
        Ok(Tree { expr, range, height: height + 1, form: Form::Closed })
    }

    /// The token that comes next; the last one is always [`TokenKind::End`].
    pub fn peek(&self) -> &Token {
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    /// Takes the next token.
    pub fn bump(&mut self) -> Token {
        let token = self.peek().clone();
        self.next += 1;
        token
    }

    /// Takes a sign if it comes next.
    pub fn take(&mut self, sign: &'static str) -> bool {
        let comes = self.peek().kind == TokenKind::Sign(sign);
        if comes {
            self.next += 1;
        }
        comes
    }

    /// Takes a sign that must come next and gives its end.
    pub fn expect(&mut self, sign: &'static str, help: &str) -> Result<usize, Problem> {
        let end = self.peek().range.end;
        if self.take(sign) {
            return Ok(end);
        }
        let range = self.peek().range.clone();
        Err(Problem::new(INVALID_EXPRESSION, range, format!("`{sign}` is expected here, not {}", self.shown()))
            .help(help))
    }

    /// The next token cannot stand here.
    pub fn surprise(&self) -> Problem {
        let range = self.peek().range.clone();
        if self.peek().kind == TokenKind::End {
            let problem = Problem::new(INVALID_EXPRESSION, range, "the expression stops too early".to_owned());
            return problem.help("a value is expected here: a name, a number, a text or a call");
        }
        let problem = Problem::new(INVALID_EXPRESSION, range, format!("{} cannot stand here", self.shown()));
        match &self.peek().kind {
            TokenKind::Sign("=" | "===") => problem.help("equality is written `==`"),
            TokenKind::Sign("!==") => problem.help("inequality is written `!=`"),
            TokenKind::Sign("&") => problem.help("conjunction is written `and` or `&&`"),
            TokenKind::Word(word) if word == "not" => problem.help("`not` stands in front, and in `a not in b`"),
            _ => problem,
        }
    }

    fn shown(&self) -> String {
        let token = self.peek();
        match token.kind {
            TokenKind::End => "the end".to_owned(),
            _ => format!("`{}`", self.text.value.get(token.range.clone()).unwrap_or_default()),
        }
    }
}
