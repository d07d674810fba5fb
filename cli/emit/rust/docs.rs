//! Documentation of the model → doc comments that rustdoc and clippy accept.

use proc_macro2::TokenStream;
use quote::quote;

/// Columns that a line of documentation may take, its `///` and indentation aside.
const WIDTH: usize = 96;

/// Doc attributes for a text of the model, a line each; nothing for no text.
pub fn docs(text: Option<&str>) -> TokenStream {
    let lines = text.map(wrap).unwrap_or_default();
    let lines = lines.iter().map(|line| if line.is_empty() { String::new() } else { format!(" {line}") });
    quote!(#(#[doc = #lines])*)
}

/// The text's lines, none longer than `WIDTH` where words allow it, without blank lines at its ends or two in a row.
pub fn wrap(text: &str) -> Vec<String> {
    let mut wrapped = Vec::new();
    let mut in_list = false;
    for line in text.trim().lines() {
        let line = line.replace('\t', "    ");
        let line = line.trim();
        if line.is_empty() {
            in_list = false;
            if wrapped.last().is_some_and(|last: &String| !last.is_empty()) {
                wrapped.push(String::new());
            }
            continue;
        }
        let marker = list_marker(line);
        let hang = if marker > 0 || in_list { "  " } else { "" };
        let first = if marker == 0 { hang } else { "" };
        wrap_line(line, first, hang, &mut wrapped);
        in_list |= marker > 0;
    }
    wrapped
}

/// How long the bullet at the line's start is; 0 if it is no item of a list.
fn list_marker(line: &str) -> usize {
    let bullet = ["- ", "* ", "+ "].iter().any(|bullet| line.starts_with(bullet));
    let digits = line.bytes().take_while(u8::is_ascii_digit).count();
    if bullet {
        2
    } else if digits > 0 && line[digits..].starts_with(". ") {
        digits + 2
    } else {
        0
    }
}

fn wrap_line(line: &str, first: &str, hang: &str, wrapped: &mut Vec<String>) {
    let mut current = first.to_owned();
    let mut is_empty = true;
    for word in line.split_whitespace() {
        if !is_empty && current.chars().count() + 1 + word.chars().count() > WIDTH {
            wrapped.push(std::mem::replace(&mut current, hang.to_owned()));
            is_empty = true;
        }
        if !is_empty {
            current.push(' ');
        }
        current.push_str(word);
        is_empty = false;
    }
    wrapped.push(current);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_are_wrapped_and_blank_lines_kept_single() {
        let text = format!("{}\n\n\nEnd.\n", "word ".repeat(30));
        let lines = wrap(&text);
        assert_eq!(lines.len(), 4);
        assert!(lines.iter().all(|line| line.chars().count() <= WIDTH));
        assert_eq!(lines[2..], [String::new(), "End.".to_owned()]);
    }

    #[test]
    fn what_follows_an_item_is_indented_below_it() {
        assert_eq!(wrap("List:\n- one\nstill one\n- two"), ["List:", "- one", "  still one", "- two"]);
    }
}
