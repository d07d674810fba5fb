//! Which signs and words join two sides, and how tightly.

use super::lexer::{Token, TokenKind};
use crate::model::BinaryOp;

/// How tightly an operator binds; a higher level is read first.
pub(super) mod level {
    pub const PIPE: u8 = 1;
    pub const OR: u8 = 2;
    pub const AND: u8 = 3;
    pub const COMPARISON: u8 = 4;
    pub const SUM: u8 = 5;
    /// What `not` takes.
    pub const PRODUCT: u8 = 7;
    /// What `-` takes.
    pub const POWER: u8 = 9;
    pub const COALESCE: u8 = 10;
}

/// What stands between two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Infix {
    /// `|`
    Pipe,
    Binary(BinaryOp),
}

impl Infix {
    /// The operator that a token is when it stands after an operand; `next` decides about `not in`.
    pub fn read(token: &Token, next: Option<&Token>) -> Option<Self> {
        let text = match &token.kind {
            TokenKind::Sign(sign) => sign,
            TokenKind::Word(word) => word.as_str(),
            _ => return None,
        };
        if text == "not" {
            let is_in = next.is_some_and(|next| next.kind == TokenKind::Word("in".to_owned()));
            return is_in.then_some(Self::Binary(BinaryOp::NotIn));
        }
        if text == "|" {
            return Some(Self::Pipe);
        }
        binary(text).map(Self::Binary)
    }

    pub fn level(self) -> u8 {
        use BinaryOp as Op;
        match self {
            Self::Pipe => level::PIPE,
            Self::Binary(Op::Or) => level::OR,
            Self::Binary(Op::And) => level::AND,
            Self::Binary(Op::Add | Op::Subtract) => level::SUM,
            Self::Binary(Op::Multiply | Op::Divide | Op::Remainder) => level::PRODUCT,
            Self::Binary(Op::Power) => level::POWER,
            Self::Binary(Op::Coalesce) => level::COALESCE,
            Self::Binary(_) => level::COMPARISON,
        }
    }

    /// How tightly the right side must bind.
    pub fn right(self) -> u8 {
        match self {
            // `2 ** 3 ** 2` is `2 ** (3 ** 2)`.
            Self::Binary(BinaryOp::Power) => level::POWER,
            infix => infix.level() + 1,
        }
    }
}

fn binary(text: &str) -> Option<BinaryOp> {
    Some(match text {
        "or" | "||" => BinaryOp::Or,
        "and" | "&&" => BinaryOp::And,
        "??" => BinaryOp::Coalesce,
        "==" => BinaryOp::Equal,
        "!=" => BinaryOp::NotEqual,
        "<" => BinaryOp::Less,
        "<=" => BinaryOp::LessOrEqual,
        ">" => BinaryOp::Greater,
        ">=" => BinaryOp::GreaterOrEqual,
        "in" => BinaryOp::In,
        "contains" => BinaryOp::Contains,
        "startsWith" => BinaryOp::StartsWith,
        "endsWith" => BinaryOp::EndsWith,
        "matches" => BinaryOp::Matches,
        "+" => BinaryOp::Add,
        "-" => BinaryOp::Subtract,
        "*" => BinaryOp::Multiply,
        "/" => BinaryOp::Divide,
        "%" => BinaryOp::Remainder,
        "**" => BinaryOp::Power,
        _ => return None,
    })
}
