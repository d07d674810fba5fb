//! Functions that take a predicate: closures over `element`.

use super::Scope;
use super::code::{Code, group};
use super::function::found_element;
use crate::emit::rust::import;
use crate::model::{Expr, FieldType, Function};
use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::{ToTokens, quote};

impl Scope<'_> {
    pub(super) fn predicate(&self, function: Function, list: &Expr, rest: &[Expr]) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let values = self.borrowed(list);
        let name = match function {
            Function::Filter => quote!(filter),
            Function::Map => quote!(map),
            Function::Any => quote!(any),
            Function::All => quote!(all),
            Function::None => quote!(none),
            Function::Count => quote!(count),
            _ => quote!(find),
        };
        let Some(test) = rest.first() else {
            return Code::new(without_test(function, &group(&values)));
        };
        let closure = self.closure(test);
        let call = quote!(#rt::expr::#name(#values, #closure)?);
        if function != Function::Find {
            return Code::new(call);
        }
        let found = FieldType::nullable(test.ty.ty.clone());
        let element = match &list.ty.ty {
            crate::model::Type::List(element) => FieldType::nullable(element.ty.clone()),
            _ => found,
        };
        found_element(call, list, &element)
    }

    pub(super) fn sum(&self, function: Function, list: &Expr, rest: &[Expr]) -> Code {
        let rt = import("scaffold_runtime::codegen");
        let values = self.borrowed(list);
        let name = if function == Function::Sum { quote!(sum) } else { quote!(int_sum) };
        let Some(value) = rest.first() else { return Code::new(quote!(#rt::expr::#name(#values)?)) };
        let closure = self.closure(value);
        Code::new(quote!(#rt::expr::#name(&#rt::expr::map(#values, #closure)?)?))
    }

    fn closure(&self, body: &Expr) -> TokenStream {
        let body = self.owned(body);
        let parameter = if names_element(&body) { quote!(element) } else { quote!(_) };
        let result = as_result(body);
        quote!(|#parameter| #result)
    }
}

/// The value as a `Result`: what is one until its `?`, as it is.
fn as_result(value: TokenStream) -> TokenStream {
    match syn::parse2::<syn::Expr>(value.clone()) {
        Ok(syn::Expr::Try(tried)) => tried.expr.into_token_stream(),
        _ => quote!(Ok(#value)),
    }
}

/// Over a list of booleans itself.
fn without_test(function: Function, list: &TokenStream) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    match function {
        Function::Any => quote!(#list.contains(&true)),
        Function::All => quote!(!#list.contains(&false)),
        Function::None => quote!(!#list.contains(&true)),
        _ => quote!(#rt::expr::count(#list, |element| Ok(*element))?),
    }
}

/// Whether the element is named, and not just that of a closure further in.
fn names_element(tokens: &TokenStream) -> bool {
    let tokens: Vec<TokenTree> = tokens.clone().into_iter().collect();
    let outer = tokens.windows(3).position(|three| {
        let bar = |at: usize| matches!(&three[at], TokenTree::Punct(sign) if sign.as_char() == '|' && sign.spacing() == Spacing::Alone);
        bar(0) && matches!(&three[1], TokenTree::Ident(name) if name == "element") && bar(2)
    });
    tokens[..outer.unwrap_or(tokens.len())].iter().any(|token| match token {
        TokenTree::Ident(name) => name == "element",
        TokenTree::Group(group) => names_element(&group.stream()),
        // `format!("{element}!")`
        TokenTree::Literal(text) => text.to_string().contains("{element}"),
        TokenTree::Punct(_) => false,
    })
}
