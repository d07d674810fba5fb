//! `createX`, `updateX` and `deleteX`.

use super::entry::{is_public, method};
use super::names::joined;
use super::query::{camel, public_input};
use super::types::InputField;
use super::{Gateway, gateway};
use crate::emit::proto::wire::Position;
use crate::emit::rust::import;
use crate::model::{Access, EntryType, FieldType, TypeName};
use proc_macro2::TokenStream;
use quote::quote;

/// One way to write.
struct Writing<'a> {
    entry: &'a EntryType,
    verb: &'static str,
    access: &'a Access,
    output: TokenStream,
    answer: TokenStream,
}

impl Gateway<'_> {
    pub(super) fn mutation(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (graphql, gateway, x) = (import("async_graphql"), gateway(), entry.name.rust());
        let mutation = joined(&[&x, "Mutation"]);
        let doc = format!(" The mutations of `{}`.", entry.name);
        let object = self.entry_type(entry);
        let data = quote!(#gateway::required("data", response.data)?);
        let entry_answer = match entry.hides() {
            true => quote!(Ok((#data, #gateway::Forbidden::new(response.errors)).into())),
            false => quote!(Ok(#data.into())),
        };
        let writing = |verb, access, output, answer| Writing { entry, verb, access, output, answer };
        let verbs = [
            writing("Create", &entry.access.create, object.clone(), entry_answer.clone()),
            writing("Update", &entry.access.update, object, entry_answer),
            writing("Delete", &entry.access.delete, quote!(#gateway::DeleteResponse), quote!(Ok(response.into()))),
        ];
        let mut resolvers: Vec<TokenStream> = verbs.iter().map(|writing| self.write(writing, false)).collect();
        let public = || verbs.iter().filter(|writing| is_public(writing.access));
        resolvers.extend(public().map(|writing| self.write(writing, true)));
        let mut items = vec![
            quote! {
                #[doc = #doc]
                #[derive(Debug, Default)]
                pub struct #mutation;
            },
            quote! {
                #[#graphql::Object]
                impl #mutation { #(#resolvers)* }
            },
        ];
        items.extend(public().map(|writing| public_input(entry, writing.verb, "")));
        items.extend(self.written(entry, "Create"));
        items.extend(self.written(entry, "Update"));
        items.extend(self.deleted(entry));
        items.extend(self.data(entry, "Create"));
        items.extend(self.data(entry, "Update"));
        items
    }

    fn write(&self, writing: &Writing<'_>, public: bool) -> TokenStream {
        let (graphql, gateway, home) = (import("async_graphql"), gateway(), self.home(self.service));
        let Writing { entry, verb, output, answer, .. } = writing;
        let (proto, x) = (self.proto(), entry.name.as_written());
        let call = method(&[verb, x]);
        let twin = if public { "Public" } else { "" };
        let (name, named) = (method(&[verb, twin, x]), camel(&[verb, twin, x]));
        let (input, message) = (joined(&[verb, twin, x, "Input"]), joined(&[verb, x, "Request"]));
        let object = match *verb {
            "Delete" => format!("{verb}s one entry of `{x}`, or all that a filter finds"),
            verb => format!("{verb}s an entry of `{x}`"),
        };
        let doc = if public { format!(" {object}, without a token.") } else { format!(" {object}.") };
        let request = match public {
            true => quote! {
                #gateway::request_as_tenant(ctx, input.tenant_id.0, #proto::#message::from(input.input))?
            },
            false => quote!(#gateway::request(ctx, #proto::#message::from(input))?),
        };
        quote! {
            #[doc = #doc]
            #[graphql(name = #named)]
            async fn #name(&self, ctx: &#graphql::Context<'_>, input: #input) -> #graphql::Result<#output> {
                let request = #request;
                let response = #home::client(ctx)?.#call(request).await.map_err(#gateway::error)?.into_inner();
                #answer
            }
        }
    }

    /// The input of a creation or a change.
    fn written(&self, entry: &EntryType, verb: &str) -> [TokenStream; 2] {
        let (graphql, proto, x) = (import("async_graphql"), self.proto(), entry.name.rust());
        let (input, message, data) =
            (joined(&[verb, &x, "Input"]), joined(&[verb, &x, "Request"]), joined(&[verb, &x]));
        let is_creation = verb == "Create";
        let (id_doc, id_type, id) = if is_creation {
            (" Its id; without one it gets one.", quote!(Option<#graphql::ID>), quote!(input.id.map(|id| id.0)))
        } else {
            (" Which entry.", quote!(#graphql::ID), quote!(input.id.0))
        };
        let data_doc = if is_creation { " What it holds." } else { " What changes; what is absent stays." };
        let doc = format!(" What `{}` takes.", camel(&[verb, entry.name.as_written()]));
        [
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #input {
                    #[doc = #data_doc]
                    data: #data,
                    #[doc = #id_doc]
                    id: #id_type,
                }
            },
            quote! {
                impl From<#input> for #proto::#message {
                    fn from(input: #input) -> Self {
                        Self { id: #id, data: Some(input.data.into()) }
                    }
                }
            },
        ]
    }

    fn deleted(&self, entry: &EntryType) -> [TokenStream; 2] {
        let (graphql, proto, sibling) = (import("async_graphql"), self.proto(), import("super"));
        let x = entry.name.rust();
        let (input, message) = (joined(&["Delete", &x, "Input"]), joined(&["Delete", &x, "Request"]));
        let filter = joined(&[&x, "Filter"]);
        let doc = format!(" What `{}` takes.", camel(&["Delete", entry.name.as_written()]));
        [
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug, #graphql::InputObject)]
                pub struct #input {
                    /// Which entry.
                    id: Option<#graphql::ID>,
                    /// Which entries; of an entry named by its id, what must hold of it.
                    filter: Option<#sibling::#filter>,
                }
            },
            quote! {
                impl From<#input> for #proto::#message {
                    fn from(input: #input) -> Self {
                        Self { id: input.id.map(|id| id.0), filter: input.filter.map(Into::into) }
                    }
                }
            },
        ]
    }

    /// `CreateX` or `UpdateX`: the fields themselves.
    fn data(&self, entry: &EntryType, verb: &str) -> Vec<TokenStream> {
        let name = TypeName::new(format!("{verb}{}", entry.name));
        let is_creation = verb == "Create";
        let given: Vec<_> =
            if is_creation { entry.given_on_create().collect() } else { entry.given_on_update().collect() };
        let fields = given.into_iter().map(|field| {
            let required = field.ty.required && !(is_creation && field.default.is_some());
            InputField {
                name: &field.name,
                doc: field.doc.as_deref(),
                ty: FieldType { ty: field.ty.ty.clone(), required },
                position: if is_creation { Position::Value } else { Position::Update },
            }
        });
        let doc = match verb {
            "Create" => format!("What an entry of `{}` is created from.", entry.name),
            _ => format!("What changes of an entry of `{}`: what is absent stays as it is.", entry.name),
        };
        self.input_object(&name, Some(&doc), fields.collect(), &name)
    }
}
