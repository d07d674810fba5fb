//! `server/`: how each call is answered, and the list that leads there by the method's name.

use super::entry::message;
use super::{Grpc, proto};
use crate::emit::proto::wire::Position;
use crate::emit::rust::docs;
use crate::emit::rust::import;
use crate::emit::rust::names::{field_ident, ident, module_ident, type_ident};
use crate::model::{Command, EntryType, Kind, TypeName, Way};
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
        self.list(files, format!("{root}/server/mod.rs"), doc, self.methods());
    }

    fn send(&self, command: &Command) -> Vec<TokenStream> {
        let rt = import("scaffold_runtime::codegen");
        let (commands, name) = (self.sibling("commands"), type_ident(&command.name));
        let request = message(&format!("{}Request", command.name));
        let fails = !command.generated.is_empty()
            || command
                .fields
                .iter()
                .any(|field| self.converter.field_in(&quote!(value), &field.ty, Position::Value, "").fails());
        let read =
            if fails { quote!(#commands::#name::try_from(message)?) } else { quote!(#commands::#name::from(message)) };
        let takes_files = command.fields.iter().any(|field| self.service.holds_files(&field.ty));
        let (resolving, command_given) = match takes_files {
            true => {
                let resolving = quote!(let command = service.resolve_files(&call, "", #read).await?;);
                (resolving, quote!(command))
            }
            false => (TokenStream::new(), read),
        };
        let (binding, body) = if command.generated.is_empty() {
            (quote!(message), quote!(#resolving service.decide(&call, #command_given).await))
        } else {
            let generating = self.generating(command);
            let body = quote! {
                #generating
                #resolving
                service.decide_generated(&call, #command_given, generated).await
            };
            (quote!(mut message), body)
        };
        let result = quote!(#rt::wire::CommandResult);
        vec![function(&Function { name: "send", request, binding, response: result, body })]
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
            let takes_files = entry.fields.iter().any(|field| self.service.holds_files(&field.ty));
            items.extend(writes(entry, &source, takes_files));
        }
        items
    }

    /// The list of all methods.
    fn methods(&self) -> Vec<TokenStream> {
        let (rt, krate) = (import("scaffold_runtime::codegen"), import("crate"));
        let entries = self.service.entries();
        let mut names: Vec<&TypeName> = self.service.commands.keys().chain(entries.keys().copied()).collect();
        names.sort();
        let mut items: Vec<TokenStream> =
            names.into_iter().map(module_ident).map(|module| quote!(mod #module;)).collect();
        let commands = self.service.commands.values().map(|command| {
            let (method, module) = (command.name.as_written(), module_ident(&command.name));
            quote!(#method => call.one(#module::send))
        });
        let arms: Vec<_> = commands.chain(entries.into_values().flat_map(arms)).collect();
        // One that is there for its types alone.
        let body = match arms.as_slice() {
            [] => quote!(call.unknown()),
            arms => quote!(match call.method() { #(#arms,)* _ => call.unknown(), }),
        };
        let doc = docs(Some(&format!("The calls that the service `{}` answers.", self.service.name)));
        items.push(quote! {
            #doc
            pub(crate) struct Methods;
        });
        items.push(quote! {
            impl #rt::rpc::Methods for Methods {
                const SERVICE: &'static str = #krate::client::SERVICE;

                fn answer(call: #rt::rpc::Incoming) -> #rt::rpc::Answer {
                    #body
                }
            }
        });
        items
    }
}

/// Where the calls about an entry lead.
fn arms(entry: &EntryType) -> Vec<TokenStream> {
    let module = module_ident(&entry.name);
    let arm = |(before, after, function): (&str, &str, &str), answers: &str| {
        let (method, answers, function) = (format!("{before}{}{after}", entry.name), ident(answers), ident(function));
        quote!(#method => call.#answers(#module::#function))
    };
    let reads = READS.into_iter().map(|method| arm(method, "one"));
    let watches = WATCHES.into_iter().map(|method| arm(method, "many"));
    let writes = WRITES.into_iter().filter(|_| entry.kind == Kind::Crud).map(|method| arm(method, "one"));
    reads.chain(watches).chain(writes).collect()
}

/// One call as a function: what it is named, takes and answers, and how.
struct Function<'a> {
    name: &'a str,
    request: Ident,
    /// How the body names the request: `message`, or `mut message`.
    binding: TokenStream,
    response: TokenStream,
    body: TokenStream,
}

fn function(function: &Function<'_>) -> TokenStream {
    let (rt, tonic, proto) = (import("scaffold_runtime::codegen"), import("tonic"), proto());
    let Function { name, request, binding, response, body } = function;
    let name: Ident = ident(name);
    quote! {
        pub(super) async fn #name(
            service: #rt::Service,
            call: #rt::Call,
            #binding: #proto::#request,
        ) -> Result<#response, #tonic::Status> {
            #body
        }
    }
}

fn reads(entry: &EntryType, source: &TokenStream) -> Vec<TokenStream> {
    let (proto, x) = (proto(), entry.name.as_written());
    let name = |suffix: &str| message(&format!("Get{x}{suffix}"));
    let (of_found, of_page) = (shown(entry, &quote!(found)), shown(entry, &quote!(page)));
    let (get, list, by_ids) = (name("Response"), name("ListResponse"), name("ByIdsResponse"));
    let functions = [
        Function {
            name: "get",
            request: name("Request"),
            response: quote!(#proto::#get),
            binding: quote!(message),
            body: quote! {
                let found = service.get::<#source>(&call, message.try_into()?).await?;
                let data = found.entry.map(#of_found);
                Ok(#proto::#get { data, errors: found.errors })
            },
        },
        Function {
            name: "list",
            request: name("ListRequest"),
            response: quote!(#proto::#list),
            binding: quote!(message),
            body: quote! {
                let page = service.list::<#source>(&call, message.try_into()?).await?;
                Ok(#proto::#list {
                    data: page.data.into_iter().map(#of_page).collect(),
                    limit: page.limit,
                    page: page.page,
                    total: page.total,
                    cursor: page.cursor,
                    errors: page.errors,
                })
            },
        },
        Function {
            name: "by_ids",
            request: name("ByIdsRequest"),
            response: quote!(#proto::#by_ids),
            binding: quote!(message),
            body: quote! {
                let found = service.by_ids::<#source>(&call, message.ids, message.fields).await?;
                let data = found.data.into_iter().map(#of_found).collect();
                Ok(#proto::#by_ids { data, errors: found.errors })
            },
        },
    ];
    functions.iter().map(function).collect()
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
    let (rt, proto, x) = (import("scaffold_runtime::codegen"), proto(), entry.name.as_written());
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
            Ok(#rt::rpc::messages(changes, #shown))
        }
    };
    let (of_one, of_many) = (respond("hidden"), respond("hidden_in_lists"));
    let functions = [
        Function {
            name: "watch",
            request: message(&format!("SubscribeTo{x}Request")),
            response: quote!(#rt::rpc::Messages<#proto::#change>),
            binding: quote!(message),
            body: quote! {
                let changes = service.watch::<#source>(&call, Some(message.id), #rt::Filter::default()).await?;
                #of_one
            },
        },
        Function {
            name: "watch_list",
            request: message(&format!("SubscribeTo{x}ListRequest")),
            response: quote!(#rt::rpc::Messages<#proto::#change>),
            binding: quote!(message),
            body: quote! {
                let filter = #rt::convert::or_default(message.filter)?;
                let changes = service.watch::<#source>(&call, None, filter).await?;
                #of_many
            },
        },
    ];
    functions.iter().map(function).collect()
}

fn writes(entry: &EntryType, source: &TokenStream, takes_files: bool) -> Vec<TokenStream> {
    let (rt, proto, x) = (import("scaffold_runtime::codegen"), proto(), entry.name.as_written());
    let written = message(&format!("{x}Response"));
    let name = type_ident(&entry.name);
    let respond = match entry.hides() {
        true => quote! {
            let hidden = service.hidden::<#source>(&call);
            let data = Some(#proto::#name::from(entry).without(&hidden));
            Ok(#proto::#written { data, errors: hidden.errors() })
        },
        false => quote!(Ok(#proto::#written { data: Some(entry.into()) })),
    };
    let data = quote!(#rt::convert::nested("data", #rt::convert::required("data", message.data)?)?);
    let data = match takes_files {
        true => quote!(service.resolve_files(&call, "data", #data).await?),
        false => data,
    };
    let functions = [
        Function {
            name: "create",
            request: message(&format!("Create{x}Request")),
            response: quote!(#proto::#written),
            binding: quote!(message),
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
            binding: quote!(message),
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
            binding: quote!(message),
            body: quote! {
                let filter = #rt::convert::or_default(message.filter)?;
                service.delete::<#source>(&call, message.id, filter).await
            },
        },
    ];
    functions.iter().map(function).collect()
}
