//! Why a value does not go where a type is expected.

use crate::diagnostic::Diagnostic;

/// Why a value does not go where a type is expected.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Misfit {
    /// Another type.
    Type,
    /// The type is right, but the value may be nil.
    Nil,
    /// A literal that cannot be read as the type: why.
    Literal(Box<Diagnostic>),
}
