//! `service.rs`: what a process has to know of a service to run it.

use super::{Grpc, proto};
use crate::emit::rust::names::ident;
use crate::emit::rust::{docs, import};
use proc_macro2::TokenStream;
use quote::quote;

impl Grpc<'_> {
    pub(super) fn definition(&self) -> Vec<TokenStream> {
        let (rt, krate, tonic, proto) =
            (import("scaffold_runtime::codegen"), import("crate"), import("tonic"), proto());
        let name = self.service.name.as_written();
        let (module, server) = (self.module("server"), ident(&format!("{}ServiceServer", self.service.name.pascal())));
        let entries = self.service.entries();
        let projections = entries.into_values().map(|entry| {
            let entry = self.entry_path(entry);
            quote!(.projection::<#entry>())
        });
        let doc = docs(Some(&format!("The service `{name}`: what it keeps, and the calls it answers.")));
        vec![
            quote! {
                #doc
                pub fn service() -> #rt::ServiceDefinition {
                    #rt::ServiceDefinition::new(#name)
                        #(#projections)*
                        .routes(routes)
                        .descriptors(#krate::DESCRIPTORS)
                }
            },
            quote! {
                fn routes(service: #rt::Service) -> #tonic::service::Routes {
                    let server = #krate::server::Server::new(service);
                    #tonic::service::Routes::new(#proto::#module::#server::new(server))
                }
            },
        ]
    }
}
