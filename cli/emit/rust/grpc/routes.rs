//! `routes.rs`: the service's calls as what a process serves.

use super::Grpc;
use crate::emit::rust::{docs, import};
use proc_macro2::TokenStream;
use quote::quote;

impl Grpc<'_> {
    pub(super) fn routes(&self) -> Vec<TokenStream> {
        let (rt, krate, tonic) = (import("scaffold_runtime::codegen"), import("crate"), import("tonic::service"));
        let doc = docs(Some(&format!("The calls that the service `{}` answers.", self.service.name)));
        vec![quote! {
            #doc
            pub fn routes(service: #rt::Service) -> #tonic::Routes {
                #tonic::Routes::new(#rt::rpc::Server::<#krate::server::Methods>::new(service))
            }
        }]
    }
}
