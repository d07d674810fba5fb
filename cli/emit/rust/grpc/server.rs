//! `server/`: the one trait that tonic asks for, each method one line that leads to its file.

use super::entry::message;
use super::{Grpc, proto};
use crate::emit::proto::wire::Position;
use crate::emit::rust::docs;
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, ident, module_ident, type_ident};
use crate::model::{Command, EntryType, FieldName, Kind, TypeName, Way};
use crate::output::Files;
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

/// How each method of an entry is called, with the function that does it.
const READS: [(&str, &str, &str); 3] = [("Get", "", "get"), ("Get", "List", "list"), ("Get", "ByIds", "by_ids")];
const WATCHES: [(&str, &str, &str); 2] = [("SubscribeTo", "", "watch"), ("SubscribeTo", "List", "watch_list")];
const WRITES: [(&str, &str, &str); 3] = [("Create", "", "create"), ("Update", "", "update"), ("Delete", "", "delete")];

impl Grpc<'_> {
    pub(super) fn emit_server(&self, root: &str, files: &mut Files) {
        for command in self.service.commands.values() {
            let (path, doc) =
                (format!("{root}/server/{}.rs", command.name.module()), format!("`{}` as a call.", command.name));
            self.rust(files, command.place, path, (&doc, self.send(command)));
        }
        for entry in self.service.entries().into_values() {
            let (path, doc) =
                (format!("{root}/server/{}.rs", entry.name.module()), format!("Calls about `{}`.", entry.name));
            self.rust(files, entry.place, path, (&doc, self.calls(entry)));
        }
        let doc = "The server: every method leads to the file of its command or type.";
        self.list(files, format!("{root}/server/mod.rs"), doc, self.server());
    }

    fn send(&self, command: &Command) -> Vec<TokenStream> {
        let (rt, tonic, proto) = (import("scaffold_runtime::codegen"), import("tonic"), proto());
        let (commands, name) = (self.sibling("commands"), type_ident(&command.name));
        let request = message(&format!("{}Request", command.name));
        let fails = !command.generated.is_empty()
            || command
                .fields
                .iter()
                .any(|field| self.converter.field_in(&quote!(value), &field.ty, Position::Value, "").fails());
        let read =
            if fails { quote!(#commands::#name::try_from(message)?) } else { quote!(#commands::#name::from(message)) };
        let body = if command.generated.is_empty() {
            quote! {
                let (call, message) = service.open(request).await?;
                let result = service.decide(&call, #read).await?;
            }
        } else {
            let generating = self.generating(command);
            quote! {
                let (call, mut message) = service.open(request).await?;
                #generating
                let result = service.decide_generated(&call, #read, generated).await?;
            }
        };
        vec![quote! {
            pub(super) async fn send(
                service: &#rt::Service,
                request: #tonic::Request<#proto::#request>,
            ) -> Result<#tonic::Response<#rt::wire::CommandResult>, #tonic::Status> {
                #body
                Ok(#tonic::Response::new(result))
            }
        }]
    }

    /// Fills in what the caller left out.
    fn generating(&self, command: &Command) -> TokenStream {
        let rt = import("scaffold_runtime::codegen");
        let filled = command.generated.iter().map(|generated| {
            let (written, field) = (generated.field.as_written(), field_ident(&generated.field));
            match generated.way {
                Way::Uuid => quote!(generated.uuid(#written, &mut message.#field);),
                Way::Digits(count) => {
                    let count = Literal::u8_unsuffixed(count);
                    quote!(generated.digits(#count, &mut message.#field)?;)
                }
            }
        });
        quote! {
            let mut generated = #rt::Generated::default();
            #(#filled)*
        }
    }

    fn calls(&self, entry: &EntryType) -> Vec<TokenStream> {
        let source = self.entry_path(entry);
        let mut items = reads(entry, &source);
        items.extend(watches(entry, &source));
        if entry.kind == Kind::Crud {
            items.extend(writes(entry, &source));
        }
        items
    }

    fn server(&self) -> Vec<TokenStream> {
        let (rt, tonic, proto) = (import("scaffold_runtime::codegen"), import("tonic"), proto());
        let (server_module, name) = (self.module("server"), ident(&format!("{}Service", self.service.name.pascal())));
        let entries = self.service.entries();
        let mut names: Vec<&TypeName> = self.service.commands.keys().chain(entries.keys().copied()).collect();
        names.sort();
        let modules = names.into_iter().map(module_ident).map(|module| quote!(mod #module;));
        let commands = self.service.commands.values().map(|command| {
            let response = quote!(#rt::wire::CommandResult);
            self.method(
                command.name.as_written(),
                &format!("{}Request", command.name),
                &response,
                (&command.name, "send"),
            )
        });
        let mut methods: Vec<TokenStream> = commands.collect();
        methods.extend(entries.into_values().flat_map(|entry| self.methods(entry)));
        let doc = docs(Some(&format!("Answers the calls of the service `{}`.", self.service.name)));
        let mut items: Vec<TokenStream> = modules.collect();
        items.push(quote! {
            #doc
            #[derive(Clone)]
            pub(crate) struct Server {
                service: #rt::Service,
            }
        });
        items.push(quote! {
            impl Server {
                /// A server over the running service.
                pub(crate) fn new(service: #rt::Service) -> Self {
                    Self { service }
                }
            }
        });
        items.push(quote! {
            #[#tonic::async_trait]
            impl #proto::#server_module::#name for Server { #(#methods)* }
        });
        items
    }

    fn methods(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (tonic, proto, x) = (import("tonic"), proto(), entry.name.as_written());
        let mut methods = Vec::new();
        for (before, after, function) in READS {
            let response = message(&format!("{before}{x}{after}Response"));
            methods.push(self.entry_method(entry, (before, after), &quote!(#proto::#response), function));
        }
        for (before, after, function) in WATCHES {
            let change = message(&format!("{x}Change"));
            let stream = message(&format!("{before}{x}{after}Stream"));
            methods.push(quote!(type #stream = #tonic::codegen::BoxStream<#proto::#change>;));
            methods.push(self.entry_method(entry, (before, after), &quote!(Self::#stream), function));
        }
        if entry.kind == Kind::Crud {
            let rt = import("scaffold_runtime::codegen");
            for (before, after, function) in WRITES {
                let written = message(&format!("{x}Response"));
                let response =
                    if before == "Delete" { quote!(#rt::wire::DeleteResult) } else { quote!(#proto::#written) };
                methods.push(self.entry_method(entry, (before, after), &response, function));
            }
        }
        methods
    }

    fn entry_method(
        &self,
        entry: &EntryType,
        (before, after): (&str, &str),
        response: &TokenStream,
        function: &str,
    ) -> TokenStream {
        let method = format!("{before}{}{after}", entry.name);
        self.method(&method, &format!("{method}Request"), response, (&entry.name, function))
    }

    fn method(
        &self,
        name: &str,
        request: &str,
        response: &TokenStream,
        (module, function): (&TypeName, &str),
    ) -> TokenStream {
        let (tonic, proto) = (import("tonic"), proto());
        let method = ident(&FieldName::new(name).rust());
        let (request, module, function) = (message(request), module_ident(module), ident(function));
        quote! {
            async fn #method(
                &self,
                request: #tonic::Request<#proto::#request>,
            ) -> Result<#tonic::Response<#response>, #tonic::Status> {
                #module::#function(&self.service, request).await
            }
        }
    }
}

/// One call as a function: what it is named, takes and answers, and how.
struct Function<'a> {
    name: &'a str,
    request: Ident,
    response: TokenStream,
    body: TokenStream,
}

impl Function<'_> {
    fn item(self) -> TokenStream {
        let (rt, tonic, proto) = (import("scaffold_runtime::codegen"), import("tonic"), proto());
        let Self { name, request, response, body } = self;
        let name: Ident = ident(name);
        quote! {
            pub(super) async fn #name(
                service: &#rt::Service,
                request: #tonic::Request<#proto::#request>,
            ) -> Result<#tonic::Response<#response>, #tonic::Status> {
                let (call, message) = service.open(request).await?;
                #body
            }
        }
    }
}

fn reads(entry: &EntryType, source: &TokenStream) -> Vec<TokenStream> {
    let (tonic, proto, x) = (import("tonic"), proto(), entry.name.as_written());
    let name = |suffix: &str| message(&format!("Get{x}{suffix}"));
    let (of_found, of_page) = (shown(entry, &quote!(found)), shown(entry, &quote!(page)));
    let (get, list, by_ids) = (name("Response"), name("ListResponse"), name("ByIdsResponse"));
    let functions = [
        Function {
            name: "get",
            request: name("Request"),
            response: quote!(#proto::#get),
            body: quote! {
                let found = service.get::<#source>(&call, message.try_into()?).await?;
                let data = found.entry.map(#of_found);
                Ok(#tonic::Response::new(#proto::#get { data, errors: found.errors }))
            },
        },
        Function {
            name: "list",
            request: name("ListRequest"),
            response: quote!(#proto::#list),
            body: quote! {
                let page = service.list::<#source>(&call, message.try_into()?).await?;
                Ok(#tonic::Response::new(#proto::#list {
                    data: page.data.into_iter().map(#of_page).collect(),
                    limit: page.limit,
                    page: page.page,
                    total: page.total,
                    cursor: page.cursor,
                    errors: page.errors,
                }))
            },
        },
        Function {
            name: "by_ids",
            request: name("ByIdsRequest"),
            response: quote!(#proto::#by_ids),
            body: quote! {
                let found = service.by_ids::<#source>(&call, message.ids, message.fields).await?;
                let data = found.data.into_iter().map(#of_found).collect();
                Ok(#tonic::Response::new(#proto::#by_ids { data, errors: found.errors }))
            },
        },
    ];
    functions.map(Function::item).into()
}

/// How an entry of an answer becomes its message.
fn shown(entry: &EntryType, answer: &TokenStream) -> TokenStream {
    if !entry.hides() {
        return quote!(Into::into);
    }
    let (proto, name) = (proto(), type_ident(&entry.name));
    quote!(|entry| #proto::#name::from(entry).without(&#answer.hidden))
}

fn watches(entry: &EntryType, source: &TokenStream) -> Vec<TokenStream> {
    let (rt, tonic, proto, x) =
        (import("scaffold_runtime::codegen"), import("tonic"), proto(), entry.name.as_written());
    let change = message(&format!("{x}Change"));
    let respond = |hidden: &str| {
        let hidden = ident(hidden);
        let (hidden, shown) = match entry.hides() {
            true => (
                Some(quote!(let hidden = service.#hidden::<#source>(&call);)),
                quote!(move |change| #proto::#change::from(change).without(&hidden)),
            ),
            false => (None, quote!(#proto::#change::from)),
        };
        quote! {
            #hidden
            Ok(#rt::watched(changes, #shown))
        }
    };
    let (of_one, of_many) = (respond("hidden"), respond("hidden_in_lists"));
    let functions = [
        Function {
            name: "watch",
            request: message(&format!("SubscribeTo{x}Request")),
            response: quote!(#tonic::codegen::BoxStream<#proto::#change>),
            body: quote! {
                let changes = service.watch::<#source>(&call, Some(message.id), #rt::Filter::default()).await?;
                #of_one
            },
        },
        Function {
            name: "watch_list",
            request: message(&format!("SubscribeTo{x}ListRequest")),
            response: quote!(#tonic::codegen::BoxStream<#proto::#change>),
            body: quote! {
                let filter = #rt::convert::or_default(message.filter)?;
                let changes = service.watch::<#source>(&call, None, filter).await?;
                #of_many
            },
        },
    ];
    functions.map(Function::item).into()
}

fn writes(entry: &EntryType, source: &TokenStream) -> Vec<TokenStream> {
    let (rt, tonic, proto, x) =
        (import("scaffold_runtime::codegen"), import("tonic"), proto(), entry.name.as_written());
    let written = message(&format!("{x}Response"));
    let name = type_ident(&entry.name);
    let respond = match entry.hides() {
        true => quote! {
            let hidden = service.hidden::<#source>(&call);
            let data = Some(#proto::#name::from(entry).without(&hidden));
            Ok(#tonic::Response::new(#proto::#written { data, errors: hidden.errors() }))
        },
        false => quote!(Ok(#tonic::Response::new(#proto::#written { data: Some(entry.into()) }))),
    };
    let data = quote!(#rt::convert::nested("data", #rt::convert::required("data", message.data)?)?);
    let functions = [
        Function {
            name: "create",
            request: message(&format!("Create{x}Request")),
            response: quote!(#proto::#written),
            body: quote! {
                let data = #data;
                let entry = service.create::<#source>(&call, message.id, data).await?;
                #respond
            },
        },
        Function {
            name: "update",
            request: message(&format!("Update{x}Request")),
            response: quote!(#proto::#written),
            body: quote! {
                let data = #data;
                let entry = service.update::<#source>(&call, message.id, data).await?;
                #respond
            },
        },
        Function {
            name: "delete",
            request: message(&format!("Delete{x}Request")),
            response: quote!(#rt::wire::DeleteResult),
            body: quote! {
                let filter = #rt::convert::or_default(message.filter)?;
                let result = service.delete::<#source>(&call, message.id, filter).await?;
                Ok(#tonic::Response::new(result))
            },
        },
    ];
    functions.map(Function::item).into()
}
