//! Expressions as written: parsed, names not looked up yet, every node with its place.

use crate::model::{BinaryOp, UnaryOp};
use crate::place::Place;
use crate::source::Name;

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct RawExpr {
    /// What it is.
    pub kind: RawExprKind,
    /// Where it stands in the YAML or GraphQL file.
    pub place: Place,
}

/// The kinds of node.
#[derive(Clone, Debug, PartialEq)]
pub enum RawExprKind {
    /// The text is no expression; that was reported already.
    Invalid,
    /// `nil`
    Nil,
    /// `true`
    Boolean(bool),
    /// `42`
    Int(i64),
    /// `1.5`: as written (for Decimal) and as a Float.
    Float {
        /// As written.
        text: String,
        /// As a Float, finite.
        value: f64,
    },
    /// `'a'`
    Text(String),
    /// `[a, b]`
    List(Vec<RawExpr>),
    /// `{k: v}`, in the order written, no key twice.
    Map(Vec<(Name, RawExpr)>),
    /// A bare name.
    Name(String),
    /// `#`
    Element,
    /// `a.b`, `a?.b`
    Field {
        /// What is accessed.
        base: Box<RawExpr>,
        /// The field.
        name: Name,
        /// Written `?.`
        optional: bool,
    },
    /// `a[0]`, `a["k"]`
    Index {
        /// The list or JSON value.
        base: Box<RawExpr>,
        /// The index.
        index: Box<RawExpr>,
    },
    /// `not a`, `-a`
    Unary(UnaryOp, Box<RawExpr>),
    /// `a + b`; the place of the operator's sign is in `operator`.
    Binary {
        /// Which operator.
        op: BinaryOp,
        /// Where its sign stands.
        operator: Place,
        /// Left side.
        left: Box<RawExpr>,
        /// Right side.
        right: Box<RawExpr>,
    },
    /// `c ? a : b`
    Conditional {
        /// The condition.
        condition: Box<RawExpr>,
        /// If it holds.
        then: Box<RawExpr>,
        /// If not.
        otherwise: Box<RawExpr>,
    },
    /// `f(a, b)` and `a | f(b)`, which is the same. A predicate's braces are gone: `map(xs, {#.id})` has `#.id`.
    Call {
        /// The function's name.
        function: Name,
        /// Its arguments.
        arguments: Vec<RawExpr>,
    },
}

impl RawExpr {
    /// What stands for a text that was no expression.
    pub fn invalid(place: Place) -> Self {
        Self { kind: RawExprKind::Invalid, place }
    }

    /// Was it reported already as no expression?
    pub fn is_invalid(&self) -> bool {
        self.kind == RawExprKind::Invalid
    }
}

/// A text with holes: a tag or a message.
#[derive(Clone, Debug, PartialEq)]
pub struct RawTemplate {
    /// In order; neighbouring texts are one.
    pub parts: Vec<RawPart>,
    /// All of it.
    pub place: Place,
}

/// A piece of a [`RawTemplate`].
#[derive(Clone, Debug, PartialEq)]
pub enum RawPart {
    /// Literal text.
    Text(String),
    /// `{expression}`
    Hole(RawExpr),
}
