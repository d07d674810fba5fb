//! JSON inside generated Rust: quoted as one text, laid out when the file is printed.

use proc_macro2::{Delimiter, Group, Literal, TokenStream};
use quote::quote;
use serde_json::Value;
use syn::LitStr;

/// Columns that a line may take before JSON is broken over several.
const WIDTH: usize = 100;
const MARKER: &str = "__json!(";
/// The name that stands in front of a value, until it is set aside.
pub(super) const MARK: &str = "__json";
/// The key under which a Decimal's digits stand.
const DECIMAL: &str = "\u{0}decimal";

/// `json!(…)` with this value; `lay_out` gives it its final shape.
pub fn json(value: &Value) -> TokenStream {
    let text = value.to_string();
    let rt = super::import("scaffold_runtime::codegen");
    quote!(#rt::json!(__json!(#text)))
}

/// A Decimal that an example expects: it is written `spec::decimal("10.10")`.
pub fn decimal(digits: &str) -> Value {
    serde_json::json!({ DECIMAL: digits })
}

fn digits(value: &Value) -> Option<&str> {
    value.get(DECIMAL).and_then(Value::as_str)
}

/// Takes a value out of its brackets and leaves a number, so that the printer sees something short.
pub(super) fn set_aside(text: TokenStream, values: &mut Vec<Value>) -> Group {
    let value = syn::parse2::<LitStr>(text).ok();
    values.push(value.and_then(|text| serde_json::from_str(&text.value()).ok()).unwrap_or_default());
    let number = Literal::usize_unsuffixed(values.len() - 1);
    Group::new(Delimiter::Parenthesis, quote!(#number))
}

/// Puts the values back where [`set_aside`] left their numbers, over several lines where one is too short.
pub(super) fn lay_out(printed: String, values: &[Value]) -> String {
    if values.is_empty() {
        return printed;
    }
    let mut laid_out = String::with_capacity(printed.len());
    let mut rest = printed.as_str();
    while let Some((before, marked)) = rest.split_once(MARKER) {
        let Some((number, after)) = marked.split_once(')') else { break };
        let value = number.trim().parse::<usize>().ok().and_then(|number| values.get(number));
        laid_out.push_str(before);
        let line = laid_out.rsplit('\n').next().unwrap_or("");
        let indentation = line.len() - line.trim_start().len();
        let column = line.chars().count();
        write_value(value.unwrap_or(&Value::Null), indentation, column, &mut laid_out);
        rest = after;
    }
    laid_out.push_str(rest);
    laid_out
}

fn write_value(value: &Value, indentation: usize, column: usize, out: &mut String) {
    let flat = flat(value);
    let elements = match value {
        _ if digits(value).is_some() => 0,
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
        let key = key.map(|key| format!("{}: ", text(key))).unwrap_or_default();
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
    if let Some(digits) = digits(value) {
        return format!("spec::decimal({})", text(digits));
    }
    let parts: Vec<String> = members(value)
        .map(|(key, element)| match key {
            Some(key) => format!("{}: {}", text(key), flat(element)),
            None => flat(element),
        })
        .collect();
    match value {
        Value::Array(_) => format!("[{}]", parts.join(", ")),
        Value::Object(_) if parts.is_empty() => "{}".to_owned(),
        Value::Object(_) => format!("{{ {} }}", parts.join(", ")),
        Value::String(value) => text(value),
        // Without its type Rust takes a whole number for an `i32`.
        Value::Number(number) if number.as_i64().is_some_and(|whole| i32::try_from(whole).is_err()) => {
            format!("{number}_i64")
        }
        scalar => scalar.to_string(),
    }
}

/// As Rust writes it: its escapes are not all those of JSON.
fn text(value: &str) -> String {
    Literal::string(value).to_string()
}

fn members(value: &Value) -> Box<dyn Iterator<Item = (Option<&str>, &Value)> + '_> {
    match value {
        Value::Array(elements) => Box::new(elements.iter().map(|element| (None, element))),
        Value::Object(fields) => Box::new(fields.iter().map(|(key, element)| (Some(key.as_str()), element))),
        _ => Box::new(std::iter::empty()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn values_are_written_as_rust_reads_them() {
        let value =
            json!({ "price": decimal("10.10"), "large": 2_628_000_000_i64, "small": -3, "text": "a\u{7}\"b\"" });
        let tokens: Result<TokenStream, _> = flat(&value).parse();
        assert!(tokens.is_ok());
        assert_eq!(
            flat(&value),
            r#"{ "price": spec::decimal("10.10"), "large": 2628000000_i64, "small": -3, "text": "a\u{7}\"b\"" }"#
        );
    }
}
