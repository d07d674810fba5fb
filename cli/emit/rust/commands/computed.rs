//! The body of a method that may or may not be able to fail, so that none pretends to.

use crate::emit::rust::expression::is_fallible;
use crate::emit::rust::import;
use proc_macro2::TokenStream;
use quote::quote;

/// Statements and the value that they lead to.
pub(super) struct Computed {
    /// What comes first.
    pub statements: TokenStream,
    /// The value; empty for none.
    pub value: TokenStream,
}

impl Computed {
    /// A value without statements.
    pub(super) fn value(value: TokenStream) -> Self {
        Self { statements: TokenStream::new(), value }
    }

    /// Statements without a value.
    pub(super) fn nothing(statements: TokenStream) -> Self {
        Self { statements, value: TokenStream::new() }
    }

    /// All of its tokens.
    pub(super) fn tokens(&self) -> TokenStream {
        let Self { statements, value } = self;
        quote!(#statements #value)
    }

    /// Whether it returns early with an error.
    pub(super) fn fails(&self) -> bool {
        is_fallible(&self.statements) || is_fallible(&self.value)
    }

    /// The method's body.
    pub(super) fn body(&self) -> TokenStream {
        let Self { statements, value } = self;
        match (self.fails(), value.is_empty()) {
            (false, _) => self.tokens(),
            (true, true) => quote!(#statements Ok(())),
            (true, false) => quote!(#statements Ok(#value)),
        }
    }

    /// `-> Result<T, EvalError>`, `-> T`, or nothing.
    pub(super) fn output(&self, ty: &TokenStream) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        match (self.fails(), self.value.is_empty()) {
            (true, _) => quote!(-> Result<#ty, #rt::EvalError>),
            (false, false) => quote!(-> #ty),
            (false, true) => TokenStream::new(),
        }
    }

    /// The method's call as a `Result`.
    pub(super) fn called(&self, call: TokenStream) -> TokenStream {
        match (self.fails(), self.value.is_empty()) {
            (true, _) => call,
            (false, false) => quote!(Ok(#call)),
            (false, true) => quote!(#call; Ok(())),
        }
    }
}
