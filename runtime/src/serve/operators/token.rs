//! What an operator has to show.

use std::fmt;
use std::sync::Arc;

/// The shortest token that is accepted, in bytes.
const SHORTEST_TOKEN: usize = 16;

/// What an operator has to show; never shown itself.
#[derive(Clone)]
pub(crate) struct OperatorToken(Arc<str>);

impl OperatorToken {
    /// Takes a token of at least 16 bytes.
    ///
    /// # Errors
    /// A sentence that says so, without the token.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        if text.len() < SHORTEST_TOKEN {
            return Err(format!("it has {} bytes; {SHORTEST_TOKEN} or more are needed", text.len()));
        }
        Ok(Self(text.into()))
    }

    /// Takes as long for a token that is nearly right as for one that is all wrong.
    pub(super) fn is(&self, shown: &str) -> bool {
        let differ = self.0.bytes().zip(shown.bytes()).fold(0, |differ, (one, other)| differ | (one ^ other));
        std::hint::black_box(differ) == 0 && self.0.len() == shown.len()
    }
}

impl fmt::Debug for OperatorToken {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("OperatorToken(…)")
    }
}
