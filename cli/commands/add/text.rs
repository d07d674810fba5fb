//! Lines of YAML and GraphQL as a careful author writes them.

use super::words::NewField;

/// How long a line in braces may get before it is written out.
const WIDTH: usize = 110;

/// A text as a YAML value, quoted where it must be.
pub(super) fn scalar(text: &str) -> String {
    let begins = text.chars().next().is_some_and(|first| first.is_ascii_alphabetic());
    let is_plain = text.chars().all(|letter| letter.is_ascii_alphanumeric() || " _-.'()".contains(letter));
    let is_word = matches!(text.to_ascii_lowercase().as_str(), "null" | "true" | "false");
    if begins && is_plain && !is_word && !text.ends_with(' ') { text.to_owned() } else { quoted(text) }
}

/// In double quotes: what JSON writes, YAML and GraphQL read.
pub(super) fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// `key: { a: 1, b: 2 }`, or a line each if that gets too long.
pub(super) fn map(key: &str, entries: &[(String, String)]) -> Vec<String> {
    let line = format!("{key}: {}", flow(entries));
    if line.len() <= WIDTH || entries.is_empty() {
        return vec![line];
    }
    let rest = entries.iter().map(|(name, value)| format!("  {name}: {value}"));
    std::iter::once(format!("{key}:")).chain(rest).collect()
}

/// `{ a: 1, b: 2 }`
pub(super) fn flow(entries: &[(String, String)]) -> String {
    if entries.is_empty() {
        return "{}".to_owned();
    }
    let entries: Vec<String> = entries.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    format!("{{ {} }}", entries.join(", "))
}

/// `[a, b]`
pub(super) fn list(elements: impl IntoIterator<Item = String>) -> String {
    format!("[{}]", elements.into_iter().collect::<Vec<_>>().join(", "))
}

/// Lines one step further in.
pub(super) fn indented(lines: Vec<String>) -> Vec<String> {
    lines.into_iter().map(|line| if line.is_empty() { line } else { format!("  {line}") }).collect()
}

/// Lines as one element of a list.
pub(super) fn element(lines: Vec<String>) -> Vec<String> {
    let mark = |(number, line): (usize, String)| format!("{}{line}", if number == 0 { "- " } else { "  " });
    lines.into_iter().enumerate().map(mark).collect()
}

/// The `fields` of an event or a command.
pub(super) fn fields(fields: &[NewField]) -> Vec<String> {
    let ty = |ty: &str| if ty.contains('[') { quoted(ty) } else { ty.to_owned() };
    let entries: Vec<_> = fields.iter().map(|field| (field.name.clone(), ty(&field.ty))).collect();
    map("fields", &entries)
}

/// A type of the schema: its description, directives of a line each, and its fields.
pub(super) fn object(doc: &str, name: &str, directives: &[Vec<String>], fields: &[NewField]) -> String {
    let mut lines = vec![quoted(doc)];
    lines.push(format!("type {name}"));
    lines.extend(directives.iter().flatten().map(|line| format!("  {line}")));
    if let Some(last) = lines.last_mut() {
        last.push_str(" {");
    }
    lines.push("  id: ID!".to_owned());
    lines.extend(
        fields.iter().filter(|field| field.name != "id").map(|field| format!("  {}: {}", field.name, field.ty)),
    );
    lines.push("}".to_owned());
    lines.join("\n") + "\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_quoted_where_they_must_be() {
        assert_eq!(scalar("Take a seat."), "Take a seat.");
        for text in ["", "null", "a: b", "a #b", "- a", "{a}", "1", "a\nb", "\"", "a ", "é"] {
            assert!(scalar(text).starts_with('"'), "{text}");
        }
    }

    #[test]
    fn long_maps_get_a_line_each() {
        let entries: Vec<_> = (0..20).map(|number| (format!("field{number}"), "String!".to_owned())).collect();
        assert_eq!(map("fields", &entries[..2]), ["fields: { field0: String!, field1: String! }"]);
        assert_eq!(map("fields", &entries).len(), 21);
        assert_eq!(map("fields", &[]), ["fields: {}"]);
    }
}
