//! Typed expressions: what `lower` makes of the text and `emit` compiles to Rust.
//!
//! Every name is resolved and every node carries its type. Conversions are explicit ([`ExprKind::Widen`],
//! [`ExprKind::FromJson`]), so that the emitter decides nothing about types.

use super::{FieldName, FieldType};
use crate::place::Place;

/// One node.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    /// What it is.
    pub kind: ExprKind,
    /// Its type. `ID`, `String` and references are one type in expressions: no conversion stands between them.
    pub ty: FieldType,
    /// Where it stands inside the YAML or GraphQL text.
    pub place: Place,
}

/// The kinds of node.
#[derive(Clone, Debug, PartialEq)]
pub enum ExprKind {
    /// `nil`
    Nil,
    /// `true`
    Boolean(bool),
    /// `42`
    Int(i64),
    /// `1.5`
    Float {
        /// The number.
        value: f64,
        /// Its digits as written, which a Decimal keeps.
        text: String,
    },
    /// A Decimal literal in plain digits: `10.10`.
    Decimal(String),
    /// `'a'`
    Text(String),
    /// A text that was checked to be an instant, in milliseconds since 1970.
    DateTime(i64),
    /// A text that was checked to be a calendar day: `2026-01-31`.
    Date(String),
    /// A text that was checked to be a value of the enum that its type names.
    EnumValue(String),
    /// `[a, b]`
    List(Vec<Expr>),
    /// `{k: v}`; `ty` is `Object` or `Map`.
    Map(Vec<(String, Expr)>),
    /// A name in scope.
    Var(Var),
    /// `a.b`; `a?.b` when `optional` (nil if `a` is nil). On JSON the result is nullable JSON.
    Field {
        /// What is accessed.
        base: Box<Expr>,
        /// The field.
        name: FieldName,
        /// Written `?.`
        optional: bool,
    },
    /// `a[0]`, `a["k"]`
    Index {
        /// The list or JSON value.
        base: Box<Expr>,
        /// Int or String.
        index: Box<Expr>,
    },
    /// `not a`, `-a`
    Unary(UnaryOp, Box<Expr>),
    /// `a + b`; both sides have the same type after [`ExprKind::Widen`], except for `in`, `??` and `contains`.
    Binary(BinaryOp, Box<Expr>, Box<Expr>),
    /// `c ? a : b`
    Conditional {
        /// Boolean.
        condition: Box<Expr>,
        /// If it holds.
        then: Box<Expr>,
        /// If not.
        otherwise: Box<Expr>,
    },
    /// `f(a, b)` and `a | f(b)`.
    Call {
        /// Which function.
        function: Function,
        /// Its arguments in order; a predicate is an expression over [`Var::Element`].
        arguments: Vec<Expr>,
    },
    /// One lossless step to `ty`: Int to Float, Int to Decimal, Int to DateTime and back (milliseconds), a required value where a nullable
    /// one is expected (never together with another step: two nodes), any value to JSON.
    Widen(Box<Expr>),
    /// A nullable value that a test before it has shown not to be nil: `ty` is required, the inner `ty` is not.
    Narrowed(Box<Expr>),
    /// Untyped JSON where a typed value is expected: checked at run time; the target is `ty`.
    FromJson(Box<Expr>),
}

impl Expr {
    /// The expressions right below this one.
    pub fn children(&self) -> Vec<&Self> {
        match &self.kind {
            ExprKind::List(elements) => elements.iter().collect(),
            ExprKind::Map(entries) => entries.iter().map(|(_, value)| value).collect(),
            ExprKind::Field { base, .. } => vec![base],
            ExprKind::Index { base, index } => vec![base, index],
            ExprKind::Unary(_, inner)
            | ExprKind::Widen(inner)
            | ExprKind::Narrowed(inner)
            | ExprKind::FromJson(inner) => {
                vec![inner]
            }
            ExprKind::Binary(_, left, right) => vec![left, right],
            ExprKind::Conditional { condition, then, otherwise } => vec![condition, then, otherwise],
            ExprKind::Call { arguments, .. } => arguments.iter().collect(),
            ExprKind::Nil
            | ExprKind::Boolean(_)
            | ExprKind::Int(_)
            | ExprKind::Float { .. }
            | ExprKind::Decimal(_)
            | ExprKind::Text(_)
            | ExprKind::DateTime(_)
            | ExprKind::Date(_)
            | ExprKind::EnumValue(_)
            | ExprKind::Var(_) => Vec::new(),
        }
    }
}

/// Names in scope, resolved. Which of them can occur depends on where the expression stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Var {
    /// `state`: this state entry so far.
    State,
    /// A state entry by its name (rules, emit, messages, second-step tags).
    StateEntry(FieldName),
    /// `command`, the whole of it (only below a [`ExprKind::Field`]).
    Command,
    /// A command's field by its bare name.
    CommandField(FieldName),
    /// `event` or `payload`: the payload being folded.
    Event,
    /// A payload field by its bare name (in an event's tags only).
    EventField(FieldName),
    /// `version`: the one that an older event was stored as (in upcasts only).
    Version,
    /// `meta` or `metadata`; its fields are `id tenantId topic stream type position …`.
    Meta,
    /// `projection`: the entry before the event.
    Projection,
    /// `item`, an element of the list field that `each` names.
    Item(FieldName),
    /// A state entry of that element by its name.
    StateOfItem(FieldName),
    /// `now`, an instant in milliseconds.
    Now,
    /// `caller`: `{userId, permissions}`.
    Caller,
    /// `entry` of an automation.
    Entry,
    /// `result` of an automation's effect.
    Result,
    /// `#` in a predicate.
    Element,
}

/// Operators with one side.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UnaryOp {
    /// `not`, `!`
    Not,
    /// `-`
    Negate,
}

/// Operators with two sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum BinaryOp {
    Or,
    And,
    Coalesce,
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
    In,
    NotIn,
    Contains,
    StartsWith,
    EndsWith,
    /// The right side is a text literal, checked as a pattern.
    Matches,
    Add,
    Subtract,
    Multiply,
    /// Always Float (or Decimal).
    Divide,
    /// Always Int.
    Remainder,
    /// Always Float (or Decimal).
    Power,
}

/// The functions of the language.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[allow(missing_docs)]
pub enum Function {
    Len,
    Append,
    Filter,
    Map,
    Any,
    All,
    None,
    Count,
    Sum,
    Min,
    Max,
    First,
    Last,
    Concat,
    Unique,
    Sort,
    Upper,
    Lower,
    Trim,
    Split,
    Join,
    Replace,
    Int,
    Float,
    Decimal,
    String,
    Abs,
    Round,
    Floor,
    Ceil,
    Find,
    IntSum,
}
