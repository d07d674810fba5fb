//! The language of expressions: text → tree, every node with its place in the file.

mod raw;

pub use raw::*;
