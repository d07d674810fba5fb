//! `routes.rs`: the service's calls as what a process serves.

use super::{Grpc, proto};
use crate::emit::rust::names::ident;
use crate::emit::rust::{docs, import};
use proc_macro2::TokenStream;
use quote::quote;

impl Grpc<'_> {
    pub(super) fn routes(&self) -> Vec<TokenStream> {
        let (rt, krate, tonic, proto) =
            (import("scaffold_runtime::codegen"), import("crate"), import("tonic::service"), proto());
        let (module, server) = (self.module("server"), ident(&format!("{}ServiceServer", self.service.name.pascal())));
        let doc = docs(Some(&format!("The calls that the service `{}` answers.", self.service.name)));
        vec![quote! {
            #doc
            pub fn routes(service: #rt::Service) -> #tonic::Routes {
                let server = #krate::server::Server::new(service);
                #tonic::Routes::new(#proto::#module::#server::new(server))
            }
        }]
    }
}
