//! What stands in generated code: whether a name is used there.

use proc_macro2::{Group, Spacing, TokenStream, TokenTree};

/// Whether the code names this variable, be it inside of a format string. Fields of the same name are none.
pub fn uses(tokens: &TokenStream, variable: &str) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let is_named = |at: usize| match &tokens[at] {
        TokenTree::Ident(ident) => ident == variable && !is_field(&tokens, at),
        TokenTree::Group(group) => uses(&group.stream(), variable) || is_formatted(&tokens[..at], group, variable),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    };
    (0..tokens.len()).any(is_named)
}

/// Whether the name stands anywhere in the code, be it a field's.
pub fn names(tokens: &TokenStream, name: &str) -> bool {
    tokens.clone().into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => names(&group.stream(), name),
        TokenTree::Punct(_) | TokenTree::Literal(_) => false,
    })
}

/// `a.name`, `a::name`, or `name:` of a struct.
fn is_field(tokens: &[TokenTree], at: usize) -> bool {
    let is = |at: Option<usize>, sign: char| match at.and_then(|at| tokens.get(at)) {
        Some(TokenTree::Punct(punct)) => punct.as_char() == sign && punct.spacing() == Spacing::Alone,
        _ => false,
    };
    let is_in_path = is(at.checked_sub(1), ':') && matches!(tokens.get(at.wrapping_sub(2)), Some(TokenTree::Punct(_)));
    is(at.checked_sub(1), '.') || is_in_path || is(at.checked_add(1), ':')
}

/// `format!("{name}")`
fn is_formatted(before: &[TokenTree], group: &Group, variable: &str) -> bool {
    let [.., TokenTree::Ident(name), TokenTree::Punct(_)] = before else { return false };
    let Some(TokenTree::Literal(format)) = group.stream().into_iter().next() else { return false };
    let hole = format!("{{{variable}}}");
    name == "format" && format.to_string().replace("{{", "").contains(&hole)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn a_variable_is_told_from_a_field_and_a_text() {
        for code in [quote!(f(&item)), quote!(format!("room:{item}")), quote!(item.id), quote!(Room { id: item })] {
            assert!(uses(&code, "item"), "{code}");
        }
        for code in [
            quote!(event.item),
            quote!(expr::item(x)),
            quote!(Room { item: x }),
            quote!("{item}".to_owned()),
            quote!(format!("{{item}}")),
            quote!(items),
        ] {
            assert!(!uses(&code, "item"), "{code}");
        }
    }
}
