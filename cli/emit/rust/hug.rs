//! How rustfmt lays out what the printer spreads.
//!
//! A call whose only argument is itself a call, a literal or a list: rustfmt lets the two share their brackets, and so do we. The
//! printer gives each a level of its own, which in generated code is most of the indentation.

use std::borrow::Cow;

/// Columns that a line may take.
const WIDTH: usize = 100;
const STEP: usize = 4;

/// The text with such arguments drawn up to their calls, from the innermost out.
pub(super) fn hug(text: String) -> String {
    let mut lines: Vec<Cow<'_, str>> = text.lines().map(Cow::Borrowed).collect();
    let mut is_changed = false;
    for opening in (0..lines.len()).rev() {
        // What is drawn up opens brackets itself.
        if !lines.get(opening + 1).is_some_and(|argument| argument.ends_with(['(', '[', '{'])) {
            continue;
        }
        if let Some(closing) = only_argument(&lines, opening) {
            draw_up(&mut lines, opening, closing);
            is_changed = true;
        }
        if let Some(closing) = only_method(&lines, opening) {
            join(&mut lines, opening, closing);
            is_changed = true;
        }
    }
    if !is_changed {
        drop(lines);
        return text;
    }
    let mut hugged = String::with_capacity(text.len());
    for line in &lines {
        hugged.push_str(line);
        hugged.push('\n');
    }
    hugged
}

/// The line on which the only argument of the call that `opening` ends with is closed, if the two can share their lines.
fn only_argument(lines: &[Cow<'_, str>], opening: usize) -> Option<usize> {
    let (call, argument) = (lines.get(opening)?, lines.get(opening + 1)?);
    let (indent, inner) = (indentation(call), indentation(argument));
    let opens = is_call(call) && inner == indent + STEP && argument.ends_with(['(', '[', '{']);
    if !opens || call.len() + argument.len() - inner > WIDTH {
        return None;
    }
    let length = lines[opening + 2..].iter().position(|line| !line.is_empty() && indentation(line) <= inner)?;
    let closing = opening + 2 + length;
    let only_brackets = lines[closing].trim().trim_end_matches(',').chars().all(|letter| ")]}".contains(letter));
    let closes = indentation(&lines[closing]) == inner && only_brackets;
    let ends = lines.get(closing + 1).is_some_and(|line| indentation(line) == indent && line.trim().starts_with(')'));
    (closes && ends).then_some(closing)
}

/// The line that closes a call like `recorded.push(…)`, if that is all that is done with the name on the line `opening`.
fn only_method(lines: &[Cow<'_, str>], opening: usize) -> Option<usize> {
    let (receiver, method) = (lines.get(opening)?, lines.get(opening + 1)?);
    let (indent, inner) = (indentation(receiver), indentation(method));
    let is_name = receiver.trim().chars().all(|letter| letter.is_alphanumeric() || "_.".contains(letter));
    let is_method = inner == indent + STEP && method.trim().starts_with('.') && method.ends_with(['(', '[', '{']);
    if !is_name || !is_method || receiver.trim().is_empty() || receiver.len() + method.len() - inner > WIDTH {
        return None;
    }
    let length = lines[opening + 2..].iter().position(|line| !line.is_empty() && indentation(line) <= inner)?;
    let closing = opening + 2 + length;
    let ends = lines[closing].trim().strip_suffix(';').is_some_and(|line| line.chars().all(|one| ")]}".contains(one)));
    (indentation(&lines[closing]) == inner && ends).then_some(closing)
}

fn join(lines: &mut Vec<Cow<'_, str>>, opening: usize, closing: usize) {
    let method = lines.remove(opening + 1);
    lines[opening].to_mut().push_str(method.trim());
    lines[opening + 1..closing].iter_mut().for_each(draw_in);
}

/// Takes a step of indentation away.
fn draw_in(line: &mut Cow<'_, str>) {
    match line {
        Cow::Borrowed(line) => *line = line.get(STEP..).unwrap_or_default(),
        Cow::Owned(line) => drop(line.drain(..STEP.min(line.len()))),
    }
}

/// A name and its bracket: without a name it may be a tuple, whose comma counts.
fn is_call(line: &str) -> bool {
    let name = line.strip_suffix('(').and_then(|before| before.chars().next_back());
    name.is_some_and(|last| last.is_alphanumeric() || "_!>".contains(last)) && !line.trim_start().starts_with("//")
}

fn draw_up(lines: &mut Vec<Cow<'_, str>>, opening: usize, closing: usize) {
    let argument = lines[opening + 1].trim().to_owned();
    lines[opening].to_mut().push_str(&argument);
    let bracket = lines[closing].trim().trim_end_matches(',');
    let end = format!("{}{bracket}{}", " ".repeat(indentation(&lines[opening])), lines[closing + 1].trim());
    lines[opening + 2..closing].iter_mut().for_each(draw_in);
    lines[closing] = Cow::Owned(end);
    lines.remove(closing + 1);
    lines.remove(opening + 1);
}

fn indentation(line: &str) -> usize {
    line.len() - line.trim_start().len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn brackets_that_end_together_share_their_lines() {
        let text = "fn f() {\n    Ok(\n        vec![\n            Event::from(A {\n                a: 1,\n            }),\n        ],\n    )\n}\n";
        assert_eq!(
            hug(text.to_owned()),
            "fn f() {\n    Ok(vec![\n        Event::from(A {\n            a: 1,\n        }),\n    ])\n}\n"
        );
        let text = "return Err(\n    Refused::Rejected(E::A {\n        a: b,\n    }),\n);\n";
        assert_eq!(hug(text.to_owned()), "return Err(Refused::Rejected(E::A {\n    a: b,\n}));\n");
    }

    #[test]
    fn a_single_method_stands_by_its_name() {
        let text = "recorded\n    .push(Event::from(A {\n        a: 1,\n    }));\n";
        assert_eq!(hug(text.to_owned()), "recorded.push(Event::from(A {\n    a: 1,\n}));\n");
        let chain = "recorded\n    .push(\n        a,\n    )\n    .b();\n";
        assert_eq!(hug(chain.to_owned()), chain);
    }

    #[test]
    fn several_arguments_and_what_goes_on_stay() {
        for text in [
            "f(\n    a(\n        b,\n    ),\n    c,\n);\n",
            "f(\n    a(\n        b,\n    )\n        .c(),\n);\n",
            "f(\n    a {\n        b,\n    }\n    .c(),\n);\n",
            "fn f(\n    a: A,\n    b: B,\n) {\n}\n",
            "(\n    a(\n        b,\n    ),\n)\n",
            "f(\n    if a {\n        b\n    } else {\n        c\n    },\n);\n",
        ] {
            assert_eq!(hug(text.to_owned()), text);
        }
    }
}
