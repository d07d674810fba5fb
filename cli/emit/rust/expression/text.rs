//! `format!` from literal text and values.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

/// A part of a text that is put together.
#[derive(Clone, Debug)]
pub enum Piece {
    /// As it stands.
    Text(String),
    /// A value that can be displayed.
    Value(TokenStream),
}

/// The text as a `String`: `format!("course:{}", self.course_id)`.
pub fn format_text(pieces: &[Piece]) -> TokenStream {
    let mut format = String::new();
    let mut arguments = Vec::new();
    for piece in pieces {
        match piece {
            Piece::Text(text) => format.push_str(&text.replace('{', "{{").replace('}', "}}")),
            Piece::Value(value) => match variable(value) {
                Some(name) => format.push_str(&format!("{{{name}}}")),
                None => {
                    format.push_str("{}");
                    arguments.push(value.clone());
                }
            },
        }
    }
    let is_literal = pieces.iter().all(|piece| matches!(piece, Piece::Text(_)));
    if is_literal {
        let text: String =
            pieces.iter().map(|piece| if let Piece::Text(text) = piece { text.as_str() } else { "" }).collect();
        return quote!(#text.to_owned());
    }
    quote!(format!(#format #(, #arguments)*))
}

/// The name, if the value is a plain variable.
fn variable(value: &TokenStream) -> Option<String> {
    let mut tokens = value.clone().into_iter();
    match (tokens.next(), tokens.next()) {
        (Some(TokenTree::Ident(name)), None) if name != "self" && name != "true" && name != "false" => {
            Some(name.to_string())
        }
        _ => None,
    }
}
