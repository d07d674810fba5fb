//! How deep a request nests, looked at before anything walks it: parsers and input objects recurse, and a stack has an end.

use async_graphql::{Request, Value, Variables};

/// How deep brackets of a query, or values of a variable, may nest. Selections have a limit of their own, which is lower.
pub(super) const DEEPEST: usize = 64;

/// Says what is wrong with a request whose text nests too deeply.
pub(super) fn problem_of_text(request: &Request) -> Option<String> {
    problem(depth_of_text(&request.query))
}

/// Says what is wrong with a request whose variables nest too deeply.
pub(super) fn problem_of_variables(request: &Request) -> Option<String> {
    problem(depth_of_variables(&request.variables))
}

fn problem(depth: usize) -> Option<String> {
    (depth > DEEPEST).then(|| format!("the request nests more than {DEEPEST} levels deep"))
}

/// The deepest nesting of `{`, `[` and `(`, those in strings and comments left out. No stack is used.
fn depth_of_text(query: &str) -> usize {
    let (mut depth, mut deepest) = (0usize, 0usize);
    let mut rest = query;
    while let Some(first) = rest.chars().next() {
        let skipped = match first {
            '"' => string(rest),
            '#' => rest.find(['\n', '\r']).unwrap_or(rest.len()),
            _ => first.len_utf8(),
        };
        match first {
            '{' | '[' | '(' => depth += 1,
            '}' | ']' | ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        deepest = deepest.max(depth);
        rest = &rest[skipped..];
    }
    deepest
}

/// The length of the string that the text begins with; an unclosed one ends with its line, or with the text.
fn string(text: &str) -> usize {
    if let Some(block) = text.strip_prefix("\"\"\"") {
        let mut from = 0;
        while let Some(end) = block[from..].find("\"\"\"").map(|at| from + at) {
            if !block[..end].ends_with('\\') {
                return 3 + end + 3;
            }
            from = end + 3;
        }
        return text.len();
    }
    let mut escaped = false;
    for (at, letter) in text.char_indices().skip(1) {
        match letter {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            '\n' | '\r' => return at,
            _ => {}
        }
    }
    text.len()
}

/// The deepest nesting of lists and objects among the variables.
fn depth_of_variables(variables: &Variables) -> usize {
    let mut open: Vec<(usize, &Value)> = variables.values().map(|value| (0, value)).collect();
    let mut deepest = 0;
    while let Some((depth, value)) = open.pop() {
        deepest = deepest.max(depth);
        match value {
            Value::List(values) => open.extend(values.iter().map(|value| (depth + 1, value))),
            Value::Object(fields) => open.extend(fields.values().map(|value| (depth + 1, value))),
            _ => {}
        }
    }
    deepest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_count_where_they_are_brackets() {
        assert_eq!(depth_of_text("{ a(b: [{c: 1}]) { d } }"), 4);
        assert_eq!(depth_of_text("{ a(b: \"((((\\\"((\") } # ((((("), 2);
        assert_eq!(depth_of_text("{ a(b: \"\"\"(( \\\"\"\" ((\"\"\") }"), 2);
        assert_eq!(depth_of_text(&"[".repeat(100_000)), 100_000);
        assert_eq!(depth_of_text("}}}{"), 1);
        assert_eq!(depth_of_text("\"unclosed ((\n{"), 1);
        assert_eq!(depth_of_text("é{\"é\"}"), 1);
    }

    #[test]
    fn too_deep_a_request_is_refused() {
        let nested = |depth: usize| Request::new(format!("{}a{}", "{".repeat(depth), "}".repeat(depth)));
        assert!(problem_of_text(&nested(DEEPEST)).is_none());
        assert!(problem_of_text(&nested(DEEPEST + 1)).is_some());
        let value = (0..DEEPEST + 1).fold(serde_json::json!(1), |inner, _| serde_json::json!([inner]));
        let deep = Request::new("{a}").variables(Variables::from_json(serde_json::json!({ "v": value })));
        assert!(problem_of_variables(&deep).is_some());
    }
}
