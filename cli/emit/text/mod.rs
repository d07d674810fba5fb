//! Text by templates: each has one typed context, and an undefined variable is an error.

pub mod crates;
pub mod decide;
pub mod editor;
mod engine;
pub mod project;

pub use engine::{RenderError, render};
