//! `schema.rs` and `lib.rs`: the roots of the schema, and how it is built over the channels.

use super::names::{joined, service_module};
use super::{Gateway, gateway};
use crate::emit::rust::import;
use crate::emit::rust::names::ident;
use crate::model::{Kind, Model};
use proc_macro2::TokenStream;
use quote::quote;

/// The crate's `lib.rs`.
pub(super) fn library(model: &Model) -> Vec<TokenStream> {
    let mut modules: Vec<String> = model.services.values().map(service_module).collect();
    modules.push("schema".to_owned());
    modules.sort();
    let mut items: Vec<TokenStream> =
        modules.iter().map(|module| ident(module)).map(|module| quote!(mod #module;)).collect();
    items.push(quote!(
        pub use schema::gateway;
    ));
    items
}

/// The roots and the builder.
pub(super) fn items(model: &Model) -> Vec<TokenStream> {
    let (mut queries, mut mutations, mut subscriptions) = (Vec::new(), Vec::new(), Vec::new());
    for service in model.services.values() {
        let gateway = Gateway::new(model, service);
        let home = gateway.home(service);
        let part = |name: &str, kind: &str| {
            let name = joined(&[name, kind]);
            quote!(#home::#name)
        };
        for command in service.commands.values().filter(|command| gateway.is_called(command)) {
            mutations.push(part(&command.name.rust(), "Mutation"));
        }
        for entry in service.entries().into_values() {
            let x = entry.name.rust();
            queries.push(part(&x, "Query"));
            subscriptions.push(part(&x, "Subscription"));
            mutations.extend((entry.kind == Kind::Crud).then(|| part(&x, "Mutation")));
        }
    }
    let mut items = query_root(model, &queries);
    items.extend(root("Mutation", "MergedObject", " Everything that can be done.", &mutations));
    items.extend(root("Subscription", "MergedSubscription", " Everything that can be watched.", &subscriptions));
    let roots = Roots { mutation: !mutations.is_empty(), subscription: !subscriptions.is_empty() };
    items.extend(roots.builder(model));
    items
}

fn root(name: &str, derive: &str, doc: &str, parts: &[TokenStream]) -> Option<TokenStream> {
    let (graphql, name, derive) = (import("async_graphql"), ident(name), ident(derive));
    let declared = quote! {
        #[doc = #doc]
        #[derive(Debug, Default, #graphql::#derive)]
        pub struct #name(#(#parts),*);
    };
    (!parts.is_empty()).then_some(declared)
}

/// GraphQL asks for at least one query: a project that has none yet tells the names of its services.
fn query_root(model: &Model, parts: &[TokenStream]) -> Vec<TokenStream> {
    if let Some(root) = root("Query", "MergedObject", " Everything that can be asked.", parts) {
        return vec![root];
    }
    let graphql = import("async_graphql");
    let names = model.services.values().map(|service| service.name.kebab());
    vec![
        quote! {
            /// Everything that can be asked.
            #[derive(Debug, Default)]
            pub struct Query;
        },
        quote! {
            #[#graphql::Object]
            impl Query {
                /// The services behind this API.
                async fn services(&self) -> Vec<&str> {
                    vec![#(#names),*]
                }
            }
        },
    ]
}

/// Which of the roots there are besides the query.
struct Roots {
    mutation: bool,
    subscription: bool,
}

impl Roots {
    fn builder(&self, model: &Model) -> [TokenStream; 2] {
        let (graphql, gateway) = (import("async_graphql"), gateway());
        let mutation = if self.mutation { quote!(Mutation) } else { quote!(#graphql::EmptyMutation) };
        let subscription = if self.subscription { quote!(Subscription) } else { quote!(#graphql::EmptySubscription) };
        let default = |there: bool, name: &TokenStream| if there { quote!(#name::default()) } else { name.clone() };
        let (mutation_value, subscription_value) =
            (default(self.mutation, &mutation), default(self.subscription, &subscription));
        let query = if model.services.values().all(|service| service.entries().is_empty()) {
            quote!(Query)
        } else {
            quote!(Query::default())
        };
        let mut lines = Vec::new();
        let mut data = Vec::new();
        for service in model.services.values() {
            let part = Gateway::new(model, service);
            if !part.is_asked() {
                continue;
            }
            let (home, name, client) = (part.home(service), service.name.kebab(), ident(&service.name.snake()));
            let module = ident(&service_module(service));
            let krate = import("crate");
            lines.push(quote!(let #client = #krate::#module::Client::new(channels.get(#name));));
            for entry in part.usage.referred.iter() {
                let loader = joined(&[&entry.rust(), "ById"]);
                data.push(quote!(.data(#gateway::References::new(#home::#loader(#client.clone())))));
            }
            data.push(quote!(.data(#client)));
        }
        let with_files = model.services.values().filter(|service| service.has_files());
        let with_files: Vec<String> = with_files.map(|service| service.name.kebab()).collect();
        let files = (!with_files.is_empty()).then(|| quote!(.files(&[#(#with_files),*])));
        let channels = if lines.is_empty() { quote!(_) } else { quote!(channels) };
        [
            quote! {
                /// The gateway: the schema over the services' clients.
                pub fn gateway() -> #gateway::GatewayDefinition {
                    #gateway::GatewayDefinition::new(schema) #files
                }
            },
            quote! {
                fn schema(#channels: &#gateway::Channels) -> #graphql::SchemaBuilder<Query, #mutation, #subscription> {
                    #(#lines)*
                    #graphql::Schema::build(#query, #mutation_value, #subscription_value) #(#data)*
                }
            },
        ]
    }
}
