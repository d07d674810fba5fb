//! Why a command was not carried out.

use crate::event::{DecodeError, EncodeError};
use crate::expr::EvalError;
use crate::store::StoreError;

/// A command's own error: a rule of the model that held.
pub trait Rejection: std::error::Error + Send + Sync + 'static {
    /// Its name, as the model gives it and the API shows it.
    fn code(&self) -> &'static str;
}

/// What a decision answers instead of events alone: an error `E`, maybe with events `V`.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused<E, V> {
    /// A rule held.
    Rejected(E),
    /// A rule held that records: the events are kept, and the error is answered all the same.
    Recorded(Box<(E, Vec<V>)>),
    /// An expression has no value.
    Failed(EvalError),
}

impl<E, V> Refused<E, V> {
    /// A rejection that these events are kept of.
    pub fn recording(rejection: E, events: Vec<V>) -> Self {
        Self::Recorded(Box::new((rejection, events)))
    }
}

impl<E, V> Refused<E, V> {
    /// A decision written in Rust that cannot be made, and why; the caller reads it.
    pub fn failed(why: impl Into<String>) -> Self {
        Self::Failed(EvalError::Other(why.into()))
    }

    /// The same with each event as another.
    pub fn map<W>(self, event: impl FnMut(V) -> W) -> Refused<E, W> {
        match self {
            Self::Rejected(rejection) => Refused::Rejected(rejection),
            Self::Recorded(both) => {
                let (rejection, events) = *both;
                Refused::recording(rejection, events.into_iter().map(event).collect())
            }
            Self::Failed(error) => Refused::Failed(error),
        }
    }
}

impl<E: Rejection, V> From<E> for Refused<E, V> {
    fn from(rejection: E) -> Self {
        Self::Rejected(rejection)
    }
}

// `EvalError` is no `Rejection` and never will be, but the compiler only knows that because the trait is ours.
impl<E, V> From<EvalError> for Refused<E, V>
where
    E: Rejection,
{
    fn from(error: EvalError) -> Self {
        Self::Failed(error)
    }
}

/// Why a command was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum DecideError<E: Rejection> {
    /// A rule of the model held.
    #[error(transparent)]
    Rejected(E),
    /// The same call was rejected before by a rule that records; there it has its answer under its idempotency key.
    #[error("{message}")]
    RejectedBefore {
        /// The error's name.
        code: String,
        /// What it said.
        message: String,
    },
    /// An expression has no value.
    #[error("the command cannot be computed: {0}")]
    Failed(#[from] EvalError),
    /// Others kept changing what the decision depends on.
    #[error("others kept changing what this depends on; given up after {attempts} attempts")]
    Conflict {
        /// How often it was tried.
        attempts: u32,
    },
    /// A stored event cannot be read.
    #[error(transparent)]
    Decode(#[from] DecodeError),
    /// A new event cannot be written.
    #[error(transparent)]
    Encode(#[from] EncodeError),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] StoreError),
}
