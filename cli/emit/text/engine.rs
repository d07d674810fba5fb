//! The one place that knows the template engine.

use crate::embedded;
use minijinja::value::{Serde, Value};
use minijinja::{Environment, UndefinedBehavior};
use serde::Serialize;

/// A template that is missing or does not fit its context: a fault of the tool, never of an input.
#[derive(Debug, thiserror::Error)]
#[error("template {template}: {reason}")]
pub struct RenderError {
    template: String,
    reason: String,
}

/// Renders the template at this path below `templates/`.
pub fn render<C: Serialize>(template: &str, context: &C) -> Result<String, RenderError> {
    let failed = |reason: String| RenderError { template: template.to_owned(), reason };
    let source = embedded::template(template).ok_or_else(|| failed("no such template".to_owned()))?;
    let mut engine = Environment::new();
    engine.set_undefined_behavior(UndefinedBehavior::Strict);
    engine.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
    let context = Value::from(Serde(context));
    let mut text = engine.render_named_str(template, source, context).map_err(|error| failed(error.to_string()))?;
    text.push('\n');
    Ok(text)
}
