//! The runtime.

pub mod wire;

/// The one door for generated code.
pub mod codegen {
    pub use crate::wire;
}
