//! The folder of a service: its modules and its client.

use super::Gateway;
use super::names::joined;
use crate::emit::rust::names::{ident, module_ident, type_ident};
use crate::emit::rust::{from_crate, import};
use crate::model::{Kind, TypeName};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

impl Gateway<'_> {
    /// `mod.rs` of the service.
    pub(super) fn list(&self) -> Vec<TokenStream> {
        let mut modules: Vec<(&TypeName, Vec<Ident>)> = self.type_modules();
        let commands = self.service.commands.values().filter(|command| self.is_called(command));
        modules.extend(commands.map(|command| (&command.name, vec![joined(&[&command.name.rust(), "Mutation"])])));
        for entry in self.service.entries().into_values() {
            let x = entry.name.rust();
            let mut names = vec![joined(&[&x, "Query"]), joined(&[&x, "Subscription"])];
            names.extend((entry.kind == Kind::Crud).then(|| joined(&[&x, "Mutation"])));
            if self.usage.referred.contains(&entry.name) {
                names.extend([type_ident(&entry.name), joined(&[&x, "ById"])]);
            }
            names.sort();
            modules.push((&entry.name, names));
        }
        modules.sort_by_key(|(name, _)| name.module());
        let declared = modules.iter().map(|(name, _)| module_ident(name)).map(|module| quote!(mod #module;));
        let mut items: Vec<TokenStream> = declared.collect();
        items.extend(modules.iter().map(|(name, names)| {
            let module = module_ident(name);
            match names.as_slice() {
                [name] => quote!(pub use #module::#name;),
                names => quote!(pub use #module::{#(#names),*};),
            }
        }));
        if self.is_asked() {
            items.extend(self.client());
        }
        items
    }

    /// Whether the API asks the service anything. One may be there for its types alone.
    pub(super) fn is_asked(&self) -> bool {
        !self.service.entries().is_empty() || self.service.commands.values().any(|command| self.is_called(command))
    }

    fn client(&self) -> [TokenStream; 2] {
        let (graphql, rpc) = (import("async_graphql"), import("scaffold_runtime::codegen::rpc"));
        let home = from_crate(&format!("{}-grpc", self.service.name.kebab()));
        let client = ident(&format!("{}ServiceClient", self.service.name.pascal()));
        [
            quote! {
                /// The way to the service.
                pub(crate) type Client = #home::#client<#rpc::Channel>;
            },
            quote! {
                /// The client that the schema was built with.
                fn client(ctx: &#graphql::Context<'_>) -> #graphql::Result<Client> {
                    ctx.data::<Client>().cloned()
                }
            },
        ]
    }
}
