//! JSON inside generated Rust: quoted as one text, laid out when the file is printed.

use proc_macro2::TokenStream;
use quote::quote;
use serde_json::Value;

/// Columns that a line may take before JSON is broken over several.
const WIDTH: usize = 100;
const MARKER: &str = "__json!(";

/// `json!(…)` with this value; [`lay_out`] gives it its final shape.
pub fn json(value: &Value) -> TokenStream {
    let text = value.to_string();
    let rt = super::import("scaffold_runtime::codegen");
    quote!(#rt::json!(__json!(#text)))
}

/// Puts real JSON where [`json`] left its marker in printed code.
pub(super) fn lay_out(printed: &str) -> String {
    let mut laid_out = String::with_capacity(printed.len());
    let mut rest = printed;
    while let Some(start) = rest.find(MARKER) {
        let (before, marked) = rest.split_at(start);
        let Some((value, length)) = marked_value(&marked[MARKER.len()..]) else { break };
        laid_out.push_str(before.trim_end_matches(['\n', ' ']));
        let line = laid_out.rsplit('\n').next().unwrap_or("");
        let indentation = line.len() - line.trim_start().len();
        write_value(&value, indentation, line.chars().count(), &mut laid_out);
        rest = marked[MARKER.len() + length..].trim_start_matches(['\n', ' ']);
    }
    laid_out.push_str(rest);
    laid_out
}

/// The value of the literal that the text starts with, and how long the literal is with its closing parenthesis.
fn marked_value(text: &str) -> Option<(Value, usize)> {
    let text_from = text.find('"')?;
    let mut escaped = false;
    let end = text[text_from + 1..].char_indices().find_map(|(at, character)| {
        let closes = character == '"' && !escaped;
        escaped = character == '\\' && !escaped;
        closes.then_some(text_from + 1 + at + 1)
    })?;
    let literal: syn::LitStr = syn::parse_str(&text[text_from..end]).ok()?;
    let value = serde_json::from_str(&literal.value()).ok()?;
    let close = text[end..].find(')')?;
    Some((value, end + close + 1))
}

fn write_value(value: &Value, indentation: usize, column: usize, out: &mut String) {
    let flat = flat(value);
    let elements = match value {
        Value::Array(elements) => elements.len(),
        Value::Object(fields) => fields.len(),
        _ => 0,
    };
    if elements == 0 || column + flat.chars().count() + 4 <= WIDTH {
        out.push_str(&flat);
        return;
    }
    let inner = " ".repeat(indentation + 4);
    let (open, close) = if value.is_array() { ('[', ']') } else { ('{', '}') };
    out.push(open);
    for (key, element) in members(value) {
        out.push('\n');
        out.push_str(&inner);
        let key = key.map(|key| format!("{}: ", Value::from(key))).unwrap_or_default();
        out.push_str(&key);
        write_value(element, indentation + 4, inner.len() + key.chars().count(), out);
        out.push(',');
    }
    out.pop();
    out.push('\n');
    out.push_str(&inner[4..]);
    out.push(close);
}

fn flat(value: &Value) -> String {
    let parts: Vec<String> = members(value)
        .map(|(key, element)| match key {
            Some(key) => format!("{}: {}", Value::from(key), flat(element)),
            None => flat(element),
        })
        .collect();
    match value {
        Value::Array(_) => format!("[{}]", parts.join(", ")),
        Value::Object(_) if parts.is_empty() => "{}".to_owned(),
        Value::Object(_) => format!("{{ {} }}", parts.join(", ")),
        scalar => scalar.to_string(),
    }
}

fn members(value: &Value) -> Box<dyn Iterator<Item = (Option<&str>, &Value)> + '_> {
    match value {
        Value::Array(elements) => Box::new(elements.iter().map(|element| (None, element))),
        Value::Object(fields) => Box::new(fields.iter().map(|(key, element)| (Some(key.as_str()), element))),
        _ => Box::new(std::iter::empty()),
    }
}
