//! A command as a mutation.

use super::entry::method;
use super::names::{command_input, joined};
use super::types::InputField;
use super::{Gateway, gateway};
use crate::emit::proto::wire::Position;
use crate::emit::rust::names::type_ident;
use crate::emit::rust::{docs, import};
use crate::model::{Access, Command, TypeName};
use proc_macro2::TokenStream;
use quote::quote;

impl Gateway<'_> {
    /// Whether the command is part of the API.
    pub(super) fn is_called(&self, command: &Command) -> bool {
        command.access != Access::Nobody
    }

    pub(super) fn command(&self, command: &Command) -> Vec<TokenStream> {
        let (graphql, gateway, home, proto) =
            (import("async_graphql"), gateway(), self.home(self.service), self.proto());
        let message = TypeName::new(format!("{}Request", command.name));
        let (mutation, request) = (joined(&[&command.name.rust(), "Mutation"]), type_ident(&message));
        let (call, named, doc) =
            (method(&[command.name.as_written()]), command.name.camel(), docs(command.doc.as_deref()));
        let name = command_input(command);
        let input = type_ident(&name);
        let takes_nothing = command.fields.is_empty();
        let argument = if takes_nothing { TokenStream::new() } else { quote!(, input: #input) };
        let given = if takes_nothing { quote!(#proto::#request {}) } else { quote!(#proto::#request::from(input)) };
        let about = format!(" The mutation `{named}`.");
        let mut items = vec![
            quote! {
                #[doc = #about]
                #[derive(Debug, Default)]
                pub struct #mutation;
            },
            quote! {
                #[#graphql::Object]
                impl #mutation {
                    #doc
                    #[graphql(name = #named)]
                    async fn #call(&self, ctx: &#graphql::Context<'_> #argument) -> #graphql::Result<#gateway::CommandPayload> {
                        let request = #gateway::request(ctx, #given)?;
                        let response = #home::client(ctx)?.#call(request).await.map_err(#gateway::error)?;
                        Ok(response.into_inner().into())
                    }
                }
            },
        ];
        if !takes_nothing {
            let sent = command.sent();
            let fields = sent.iter().map(|field| InputField {
                name: &field.name,
                doc: field.doc.as_deref(),
                ty: field.ty.clone(),
                position: Position::Value,
            });
            let doc = format!("What `{named}` takes.");
            items.extend(self.input_object(&name, Some(&doc), fields.collect(), &message));
        }
        items
    }
}
