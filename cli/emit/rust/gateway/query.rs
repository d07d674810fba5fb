//! `getX` and `getXList`, with their public twins.

use super::entry::{is_public, method};
use super::names::joined;
use super::{Gateway, gateway};
use crate::emit::rust::import;
use crate::emit::rust::names::type_ident;
use crate::model::EntryType;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// One of the two ways to ask.
struct Reading<'a> {
    entry: &'a EntryType,
    suffix: &'a str,
    output: TokenStream,
    fields: TokenStream,
    doc: String,
}

impl Gateway<'_> {
    pub(super) fn query(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (gateway, graphql) = (gateway(), import("async_graphql"));
        let (object, x) = (type_ident(&entry.name), entry.name.rust());
        let (page, query) = (joined(&["Paginated", &x, "List"]), joined(&[&x, "Query"]));
        let one = Reading {
            entry,
            suffix: "",
            output: self.entry_type(entry),
            fields: quote!(#gateway::fields(ctx)),
            doc: format!("One entry of `{}`.", entry.name),
        };
        let list = Reading {
            entry,
            suffix: "List",
            output: quote!(#page),
            fields: quote!(#gateway::fields_below(ctx, "data")),
            doc: format!("A page of `{}`.", entry.name),
        };
        let (one_public, list_public) = (is_public(&entry.access.read_by_id), is_public(&entry.access.read));
        let mut resolvers = vec![self.resolver_of(&one, false), self.resolver_of(&list, false)];
        resolvers.extend(one_public.then(|| self.resolver_of(&one, true)));
        resolvers.extend(list_public.then(|| self.resolver_of(&list, true)));
        let doc = format!(" The queries about `{}`.", entry.name);
        let mut items = vec![
            quote! {
                #[doc = #doc]
                #[derive(Debug, Default)]
                pub struct #query;
            },
            quote! {
                #[#graphql::Object]
                impl #query { #(#resolvers)* }
            },
        ];
        items.extend(self.get_input(entry));
        items.extend(self.list_input(entry));
        for (reading, public) in [(&one, one_public), (&list, list_public)] {
            items.extend(public.then(|| public_input(reading.entry, "Get", reading.suffix)));
        }
        items.extend(self.page(entry, &object));
        items
    }

    /// The entry's object, from a file beside it.
    pub(super) fn entry_type(&self, entry: &EntryType) -> TokenStream {
        let (home, object) = (import("super"), type_ident(&entry.name));
        quote!(#home::#object)
    }

    fn resolver_of(&self, reading: &Reading<'_>, public: bool) -> TokenStream {
        let (gateway, graphql, proto, home) =
            (gateway(), import("async_graphql"), self.proto(), self.home(self.service));
        let (x, suffix) = (reading.entry.name.as_written(), reading.suffix);
        let message = joined(&["Get", x, suffix, "Request"]);
        let call = method(&["Get", x, suffix]);
        let before = if public { "GetPublic" } else { "Get" };
        let (name, input) = (method(&[before, x, suffix]), joined(&[before, x, suffix, "Input"]));
        let named = camel(&[before, x, suffix]);
        let (output, fields) = (&reading.output, &reading.fields);
        let doc = if public {
            format!(" {} Without a token, of what is public.", reading.doc)
        } else {
            format!(" {}", reading.doc)
        };
        let (given, request) = if public {
            (quote!(input.input.into()), quote!(#gateway::request_as_tenant(ctx, input.tenant_id.0, message)?))
        } else {
            (quote!(input.into()), quote!(#gateway::request(ctx, message)?))
        };
        let answer = if suffix.is_empty() {
            self.one_answer(reading.entry, &quote!(response.data.unwrap_or_default()))
        } else {
            quote!(Ok(#output::answered(ctx, response)))
        };
        quote! {
            #[doc = #doc]
            #[graphql(name = #named)]
            async fn #name(&self, ctx: &#graphql::Context<'_>, input: #input) -> #graphql::Result<#output> {
                let message = #proto::#message { fields: #fields, ..#given };
                let response = #home::client(ctx)?.#call(#request).await.map_err(#gateway::error)?.into_inner();
                #answer
            }
        }
    }

    /// The answer's one entry.
    fn one_answer(&self, entry: &EntryType, message: &TokenStream) -> TokenStream {
        let gateway = gateway();
        if entry.hides() {
            return quote!(Ok((#message, #gateway::Forbidden::new(response.errors)).into()));
        }
        quote! {
            #gateway::report(ctx, response.errors);
            Ok(#message.into())
        }
    }

    fn get_input(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (gateway, graphql, proto, sibling) = (gateway(), import("async_graphql"), self.proto(), import("super"));
        let x = entry.name.rust();
        let (input, message) = (joined(&["Get", &x, "Input"]), joined(&["Get", &x, "Request"]));
        let (filter, wait, wait_input) = (joined(&[&x, "Filter"]), joined(&[&x, "Wait"]), joined(&[&x, "WaitInput"]));
        let doc = format!(" Which entry of `{}` is wanted.", entry.name);
        let wait_doc = format!(" Until when to wait for an entry of `{}`.", entry.name);
        vec![
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #input {
                    /// Its id; without one the filter has to name it.
                    id: Option<#graphql::ID>,
                    /// What must hold of it.
                    filter: Option<#sibling::#filter>,
                    /// Answer with an empty entry rather than an error.
                    #[graphql(default_with = "Some(false)")]
                    return_empty_data_if_not_found: Option<bool>,
                    /// Wait until it meets a condition.
                    wait: Option<#wait_input>,
                    /// Wait until everything that happened before the call is visible.
                    #[graphql(default_with = "Some(false)")]
                    use_strong_consistency: Option<bool>,
                }
            },
            quote! {
                impl From<#input> for #proto::#message {
                    fn from(input: #input) -> Self {
                        Self {
                            id: input.id.map(|id| id.0).unwrap_or_default(),
                            filter: input.filter.map(Into::into),
                            return_empty_data_if_not_found: input.return_empty_data_if_not_found.unwrap_or_default(),
                            wait: input.wait.map(Into::into),
                            use_strong_consistency: input.use_strong_consistency.unwrap_or_default(),
                            fields: Vec::new(),
                        }
                    }
                }
            },
            quote! {
                #[doc = #wait_doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #wait_input {
                    /// How long, in milliseconds.
                    #[graphql(default_with = "Some(5000_i64.into())")]
                    timeout: Option<#gateway::Int>,
                    /// What must hold of the entry.
                    condition_filter: Option<#sibling::#filter>,
                }
            },
            quote! {
                impl From<#wait_input> for #proto::#wait {
                    fn from(wait: #wait_input) -> Self {
                        Self {
                            timeout: wait.timeout.map(Into::into),
                            condition_filter: wait.condition_filter.map(Into::into),
                        }
                    }
                }
            },
        ]
    }

    fn list_input(&self, entry: &EntryType) -> [TokenStream; 2] {
        let (gateway, graphql, proto, sibling) = (gateway(), import("async_graphql"), self.proto(), import("super"));
        let x = entry.name.rust();
        let (input, message) = (joined(&["Get", &x, "ListInput"]), joined(&["Get", &x, "ListRequest"]));
        let (filter, order) = (joined(&[&x, "Filter"]), joined(&[&x, "Order"]));
        let doc = format!(" Which page of `{}` is wanted.", entry.name);
        [
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #input {
                    /// How many entries at most; 0 is no limit but the server's own.
                    #[graphql(default_with = "Some(0_i64.into())")]
                    limit: Option<#gateway::Int>,
                    /// Which page, from 1.
                    #[graphql(default_with = "Some(1_i64.into())")]
                    page: Option<#gateway::Int>,
                    /// The cursor of the page before; goes on right behind it.
                    after: Option<String>,
                    /// What must hold of the entries.
                    filter: Option<#sibling::#filter>,
                    /// How they are sorted.
                    order: Option<#sibling::#order>,
                    /// Wait until everything that happened before the call is visible.
                    #[graphql(default_with = "Some(false)")]
                    use_strong_consistency: Option<bool>,
                }
            },
            quote! {
                impl From<#input> for #proto::#message {
                    fn from(input: #input) -> Self {
                        Self {
                            limit: input.limit.map(Into::into).unwrap_or_default(),
                            page: if input.after.is_some() { 0 } else { input.page.map_or(1, Into::into) },
                            after: input.after,
                            filter: input.filter.map(Into::into),
                            order: input.order.map(Into::into),
                            use_strong_consistency: input.use_strong_consistency.unwrap_or_default(),
                            fields: Vec::new(),
                        }
                    }
                }
            },
        ]
    }

    fn page(&self, entry: &EntryType, object: &Ident) -> [TokenStream; 2] {
        let (gateway, graphql, proto, sibling) = (gateway(), import("async_graphql"), self.proto(), import("super"));
        let x = entry.name.rust();
        let (page, message) = (joined(&["Paginated", &x, "List"]), joined(&["Get", &x, "ListResponse"]));
        let doc = format!(" A page of `{}`.", entry.name);
        let (ctx, report, made) = match self.answered(entry, &quote!(entry), &quote!(response.errors)) {
            (Some(forbidden), made) => (quote!(_), forbidden, quote!(|entry| #made)),
            (None, _) => (quote!(ctx), quote!(#gateway::report(ctx, response.errors);), quote!(Into::into)),
        };
        [
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::SimpleObject)]
                pub struct #page {
                    /// The entries.
                    data: Vec<#sibling::#object>,
                    /// How many were asked for.
                    limit: #gateway::Int,
                    /// Which page it is.
                    page: #gateway::Int,
                    /// How many entries there are on all pages.
                    total: #gateway::Int,
                    /// Where the next page starts, if there is one.
                    cursor: Option<String>,
                }
            },
            quote! {
                impl #page {
                    fn answered(#ctx: &#graphql::Context<'_>, response: #proto::#message) -> Self {
                        #report
                        Self {
                            data: response.data.into_iter().map(#made).collect(),
                            limit: response.limit.into(),
                            page: response.page.into(),
                            total: response.total.into(),
                            cursor: response.cursor,
                        }
                    }
                }
            },
        ]
    }
}

/// The input of the twin of `getX`, `createX` … for callers without a token.
pub(super) fn public_input(entry: &EntryType, verb: &str, suffix: &str) -> TokenStream {
    let (graphql, x) = (import("async_graphql"), entry.name.as_written());
    let (input, inner) = (joined(&[verb, "Public", x, suffix, "Input"]), joined(&[verb, x, suffix, "Input"]));
    let doc = format!(" As `{inner}`, for callers without a token.");
    quote! {
        #[doc = #doc]
        #[derive(Clone, Debug, #graphql::InputObject)]
        pub struct #input {
            /// Whose entries.
            tenant_id: #graphql::ID,
            #[graphql(flatten)]
            input: #inner,
        }
    }
}

/// The name of a field of the API, from its parts: `getCourseList`.
pub(super) fn camel(parts: &[&str]) -> String {
    let name = parts.concat();
    let mut letters = name.chars();
    letters.next().map(|first| first.to_ascii_lowercase()).into_iter().chain(letters).collect()
}
