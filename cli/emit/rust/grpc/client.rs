//! `client.rs`: a method for each call.

use super::entry::message;
use super::{Grpc, proto};
use crate::emit::proto::{self as contract, ProtoFile, Rpc};
use crate::emit::rust::names::ident;
use crate::emit::rust::{docs, import};
use crate::model::FieldName;
use proc_macro2::TokenStream;
use quote::quote;

impl Grpc<'_> {
    pub(super) fn client(&self, file: &ProtoFile) -> Vec<TokenStream> {
        let rt = import("scaffold_runtime::codegen");
        let name = ident(&format!("{}ServiceClient", self.service.name.pascal()));
        let doc = docs(Some(&format!("Calls the service `{}`. Cheap to clone over a channel.", self.service.name)));
        let service = contract::service(self.model, self.service);
        let methods = file.rpcs.iter().map(method);
        let client = quote!(tonic::client::Grpc);
        let unused = file.rpcs.is_empty().then(|| quote!(#[allow(dead_code, reason = "the service has no calls")]));
        vec![
            quote! {
                /// The service's name on the wire.
                pub(crate) const SERVICE: &str = #service;
            },
            quote! {
                #doc
                #[derive(Clone, Debug)]
                pub struct #name<T> {
                    #unused
                    calls: #rt::rpc::Client<T>,
                }
            },
            quote! {
                impl<T: #rt::rpc::Transport> #name<T> {
                    /// A client over a channel, or over one with an interceptor.
                    pub fn new(transport: T) -> Self {
                        #client::new(transport).into()
                    }

                    #(#methods)*
                }
            },
            quote! {
                /// A client with limits, compression or an origin of its own.
                impl<T> From<#client<T>> for #name<T> {
                    fn from(client: #client<T>) -> Self {
                        Self { calls: #rt::rpc::Client::new(SERVICE, client) }
                    }
                }
            },
        ]
    }
}

fn method(rpc: &Rpc) -> TokenStream {
    let (rt, tonic, proto) = (import("scaffold_runtime::codegen"), import("tonic"), proto());
    let (name, written) = (ident(&FieldName::new(&rpc.name).rust()), &rpc.name);
    let (doc, request) = (docs(Some(&rpc.doc.join("\n"))), message(&rpc.request));
    let answer = match rpc.response.strip_prefix("scaffold.v1.") {
        Some(shared) => {
            let shared = message(shared);
            quote!(#rt::wire::#shared)
        }
        None => {
            let own = message(&rpc.response);
            quote!(#proto::#own)
        }
    };
    let (answer, answers) =
        if rpc.streams { (quote!(#tonic::Streaming<#answer>), ident("many")) } else { (answer, ident("one")) };
    quote! {
        #doc
        pub async fn #name(
            &mut self,
            request: impl #tonic::IntoRequest<#proto::#request>,
        ) -> Result<#tonic::Response<#answer>, #tonic::Status> {
            self.calls.#answers(#written, request).await
        }
    }
}
