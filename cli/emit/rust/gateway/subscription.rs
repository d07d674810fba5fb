//! `subscribeToX` and `subscribeToXList`.

use super::entry::method;
use super::names::joined;
use super::query::camel;
use super::{Gateway, gateway};
use crate::emit::rust::import;
use crate::emit::rust::names::{ident, type_ident};
use crate::model::{EntryType, TypeName};
use proc_macro2::TokenStream;
use quote::quote;

impl Gateway<'_> {
    pub(super) fn subscription(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (graphql, x) = (import("async_graphql"), entry.name.rust());
        let subscription = joined(&[&x, "Subscription"]);
        let doc = format!(" The subscriptions to `{}`.", entry.name);
        let resolvers = [
            self.watch(entry, "", &format!(" Every change of one entry of `{}`.", entry.name)),
            self.watch(entry, "List", &format!(" Every change of entries of `{}`.", entry.name)),
        ];
        let mut items = vec![
            quote! {
                #[doc = #doc]
                #[derive(Debug, Default)]
                pub struct #subscription;
            },
            quote! {
                #[#graphql::Subscription]
                impl #subscription { #(#resolvers)* }
            },
        ];
        items.extend(self.subscription_inputs(entry));
        items.extend(self.change(entry));
        items
    }

    fn watch(&self, entry: &EntryType, suffix: &str, doc: &str) -> TokenStream {
        let (graphql, gateway, proto, home) =
            (import("async_graphql"), gateway(), self.proto(), self.home(self.service));
        let (x, written) = (entry.name.rust(), entry.name.as_written());
        let data = joined(&[&x, "SubscriptionData"]);
        let (input, message) =
            (joined(&["SubscribeTo", &x, suffix, "Input"]), joined(&["SubscribeTo", &x, suffix, "Request"]));
        let name = method(&["SubscribeTo", written, suffix]);
        let named = camel(&["SubscribeTo", written, suffix]);
        let given = if suffix.is_empty() {
            quote!(#proto::#message { id: input.id.0 })
        } else {
            quote!(#proto::#message { filter: input.and_then(|input| input.filter).map(Into::into) })
        };
        let input = if suffix.is_empty() { quote!(#input) } else { quote!(Option<#input>) };
        quote! {
            #[doc = #doc]
            #[graphql(name = #named)]
            async fn #name(
                &self,
                ctx: &#graphql::Context<'_>,
                input: #input,
            ) -> #graphql::Result<#gateway::Changes<#data>> {
                let request = #gateway::request(ctx, #given)?;
                let changes = #home::client(ctx)?.#name(request).await.map_err(#gateway::error)?.into_inner();
                Ok(#gateway::changes(changes, #data::of))
            }
        }
    }

    fn subscription_inputs(&self, entry: &EntryType) -> [TokenStream; 2] {
        let (graphql, sibling, x) = (import("async_graphql"), import("super"), entry.name.rust());
        let (one, list) = (joined(&["SubscribeTo", &x, "Input"]), joined(&["SubscribeTo", &x, "ListInput"]));
        let filter = joined(&[&x, "Filter"]);
        let one_doc = format!(" Which entry of `{}` to watch.", entry.name);
        let list_doc = format!(" Which entries of `{}` to watch.", entry.name);
        [
            quote! {
                #[doc = #one_doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #one {
                    /// Its id.
                    id: #graphql::ID,
                }
            },
            quote! {
                #[doc = #list_doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #list {
                    /// What must hold of them; one that no longer meets it is reported as removed.
                    filter: Option<#sibling::#filter>,
                }
            },
        ]
    }

    fn change(&self, entry: &EntryType) -> [TokenStream; 2] {
        let (graphql, gateway, proto, sibling) = (import("async_graphql"), gateway(), self.proto(), import("super"));
        let (object, x) = (type_ident(&entry.name), entry.name.rust());
        let (data, message) = (joined(&[&x, "SubscriptionData"]), joined(&[&x, "Change"]));
        let module = ident(&TypeName::new(format!("{}Change", entry.name)).snake());
        let made = match entry.hides() {
            true => quote!((entry, #gateway::Forbidden::new(message.errors)).into()),
            false => quote!(entry.into()),
        };
        let doc = format!(" A change: an entry of `{}` as it is now, or that one is gone.", entry.name);
        [
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::Union)]
                pub enum #data {
                    /// The entry as it is now.
                    Data(#sibling::#object),
                    /// The entry is gone.
                    Removed(#gateway::RemoveData),
                }
            },
            quote! {
                impl #data {
                    fn of(message: #proto::#message) -> Option<Self> {
                        Some(match message.change? {
                            #proto::#module::Change::Data(entry) => Self::Data(#made),
                            #proto::#module::Change::Removed(id) => Self::Removed(#gateway::RemoveData::new(id)),
                        })
                    }
                }
            },
        ]
    }
}
