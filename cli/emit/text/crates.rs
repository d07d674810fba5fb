//! `Cargo.toml` of every generated crate.

use super::{RenderError, render};
use crate::output::{Files, Owner};
use serde::Serialize;

/// A crate that is ours.
#[derive(Clone, Debug, Serialize)]
pub struct Crate {
    /// The inputs it was made from, for the header.
    pub header: String,
    /// Package name.
    pub name: String,
    /// One line of what it is.
    pub description: String,
    /// Its dependencies in the order they are to stand, each a line of TOML.
    pub dependencies: Vec<String>,
}

impl Crate {
    /// Adds the crate's `Cargo.toml` below `folder`.
    pub fn push(&self, folder: &str, files: &mut Files) -> Result<(), RenderError> {
        let text = render("service/Cargo.toml", self)?;
        files.push(Owner::Ours, format!("{folder}/Cargo.toml"), text);
        Ok(())
    }
}
