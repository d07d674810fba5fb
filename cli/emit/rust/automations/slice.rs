//! `mod.rs` of an automation: what starts it, what it does, where its command goes.

use super::{Input, Slice, Target, command};
use crate::emit::rust::names::{ident, module_ident, type_ident};
use crate::emit::rust::tokens::uses;
use crate::emit::rust::{docs, from_crate, import};
use crate::model::{Access, Case, Event, FieldName, Trigger, TypeName};
use proc_macro2::{Ident, Literal, TokenStream};
use quote::quote;

pub(super) fn items(slice: &Slice<'_>) -> Vec<TokenStream> {
    let default_doc = format!("The automation `{}`.", slice.automation.name);
    let docs = docs(Some(slice.automation.doc.as_deref().unwrap_or(&default_doc)));
    let name = &slice.name;
    let command = slice.target.is_some().then(|| {
        quote!(
            mod command;
        )
    });
    let specs = (!slice.automation.specs.is_empty()).then(|| {
        quote!(
            #[cfg(test)]
            mod specs;
        )
    });
    let mut items = Vec::new();
    if command.is_some() || specs.is_some() {
        items.push(quote!(#command #specs));
    }
    items.push(quote! {
        #docs
        #[derive(Clone, Copy, Debug)]
        pub struct #name;
    });
    items.push(automation(slice));
    items.push(match slice.entry() {
        Some(_) => on_view(slice),
        None => on_events(slice),
    });
    items.extend(slice.target.as_ref().map(|target| sends(slice, target)));
    items
}

fn automation(slice: &Slice<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen::automation");
    let (name, written) = (&slice.name, slice.automation.name.as_written());
    let retry = slice.automation.retry;
    let attempts = Literal::u32_unsuffixed(retry.attempts);
    let (from, to) = (duration(retry.from), duration(retry.to));
    let target = match &slice.target {
        Some(target) => target_value(target),
        None => quote!(None),
    };
    quote! {
        impl #rt::Automation for #name {
            const NAME: &'static str = #written;
            const RETRY: #rt::Retry = #rt::Retry { attempts: #attempts, from: #from, to: #to };
            const TARGET: Option<#rt::Target> = #target;
        }
    }
}

fn target_value(target: &Target<'_>) -> TokenStream {
    let rt = import("scaffold_runtime::codegen::automation");
    let (service, command) = (target.service.name.as_written(), target.command.name.as_written());
    let permission = match &target.command.access {
        Access::AnyOf(permissions) => permissions.first().map(|permission| quote!(Some(#permission))),
        _ => None,
    };
    let permission = permission.unwrap_or_else(|| quote!(None));
    let ignore = target.sends.ignore.iter().map(|error| error.as_written());
    quote! {
        Some(#rt::Target {
            service: #service,
            command: #command,
            permission: #permission,
            ignore: &[#(#ignore),*],
        })
    }
}

fn duration(millis: i64) -> TokenStream {
    let std = import("std::time");
    let literal = |number: i64| Literal::u64_unsuffixed(number.unsigned_abs());
    if millis % 1_000 == 0 {
        let seconds = literal(millis / 1_000);
        return quote!(#std::Duration::from_secs(#seconds));
    }
    let millis = literal(millis);
    quote!(#std::Duration::from_millis(#millis))
}

fn on_events(slice: &Slice<'_>) -> TokenStream {
    let (rt, codegen) = (import("scaffold_runtime::codegen::automation"), import("scaffold_runtime::codegen"));
    let (name, events) = (&slice.name, &slice.events);
    let types = slice.automation.events().map(|event| event.as_written());
    let body = match slice.input() {
        Input::One(event, case) if slice.automation.is_custom => one(slice, event, case),
        Input::Any if slice.automation.is_custom => any(slice),
        _ => send_command(slice),
    };
    let [event, meta, run] = ["event", "meta", "run"].map(|name| parameter(&body, name));
    let from = slice.other().map(|other| quote!(const FROM: Option<&'static str> = Some(#other);));
    quote! {
        impl #rt::OnEvents for #name {
            type Event = #events::Event;
            #from
            const EVENTS: &'static [&'static str] = &[#(#types),*];

            async fn run(#event: &#events::Event, #meta: &#codegen::Meta, #run: &#rt::Run<'_>) -> Result<(), #rt::Failure> {
                #body
            }
        }
    }
}

fn on_view(slice: &Slice<'_>) -> TokenStream {
    let (rt, std) = (import("scaffold_runtime::codegen::automation"), import("std::time"));
    let name = &slice.name;
    let Input::Entry(entry, case) = slice.input() else { return TokenStream::new() };
    let path = slice.entry_path(entry);
    let every = match &slice.automation.trigger {
        Trigger::View { every: Some(every), .. } => {
            let every = duration(*every);
            quote!(Some(#every))
        }
        _ => quote!(None),
    };
    let body =
        if slice.automation.is_custom { held(slice, case, act(slice, &quote!(entry))) } else { send_command(slice) };
    let [entry, run] = ["entry", "run"].map(|name| parameter(&body, name));
    quote! {
        impl #rt::OnView for #name {
            type View = #path;
            const EVERY: Option<#std::Duration> = #every;

            async fn run(#entry: &#path, #run: &#rt::Run<'_>) -> Result<(), #rt::Failure> {
                #body
            }
        }
    }
}

fn parameter(body: &TokenStream, name: &str) -> TokenStream {
    if uses(body, name) { name.parse().unwrap_or_default() } else { quote!(_) }
}

/// Without an effect: the command, if any.
fn send_command(slice: &Slice<'_>) -> TokenStream {
    let meta = slice.target.as_ref().is_some_and(|target| command::parameters(slice, target).meta);
    let meta = meta.then(|| quote!(, meta));
    let input = if slice.entry().is_some() { quote!(entry) } else { quote!(event) };
    quote!(run.send::<Self>(Self::command(#input #meta)?).await)
}

/// The effect of the one event that starts it.
fn one(slice: &Slice<'_>, event: &Event, case: &Case) -> TokenStream {
    let (events, name) = (&slice.events, type_ident(&event.name));
    let act = held(slice, case, act(slice, &quote!(event)));
    match slice.is_refutable() {
        true => quote!(let #events::Event::#name(event) = event else { return Ok(()) }; #act),
        false => quote!(let #events::Event::#name(event) = event; #act),
    }
}

/// The effect of any of several events.
fn any(slice: &Slice<'_>) -> TokenStream {
    let act = act(slice, &quote!(event));
    if slice.automation.cases.iter().all(|case| case.condition.is_none()) {
        return act;
    }
    let arms = slice.events().into_iter().map(|(event, case)| {
        let (events, name) = (&slice.events, type_ident(&event.name));
        let holds = case.condition.as_ref().map_or_else(|| quote!(true), |holds| slice.scope(case).owned(holds));
        let binding = parameter(&holds, "event");
        quote!(#events::Event::#name(#binding) => #holds,)
    });
    let rest = slice.is_refutable().then(|| quote!(_ => false,));
    quote! {
        let wanted = match event { #(#arms)* #rest };
        if wanted { #act } else { Ok(()) }
    }
}

/// Done only where the case's condition holds.
fn held(slice: &Slice<'_>, case: &Case, act: TokenStream) -> TokenStream {
    let Some(condition) = &case.condition else { return act };
    let condition = slice.scope(case).owned(condition);
    quote!(if #condition { #act } else { Ok(()) })
}

/// Calls the user's function, and sends a command for each of its results.
fn act(slice: &Slice<'_>, input: &TokenStream) -> TokenStream {
    let effects = ident(&format!("{}_effects", slice.service.name.snake()));
    let function = module_ident(&slice.automation.name);
    let Some(target) = &slice.target else { return quote!(#effects::#function(#input, run).await) };
    let meta = command::parameters(slice, target).meta.then(|| quote!(meta,));
    let commands = match slice.input() {
        Input::Any => quote!(commands?.into_iter().flatten()),
        _ => quote!(commands?),
    };
    quote! {
        let results = #effects::#function(#input, run).await?;
        let commands: Result<Vec<_>, _> =
            results.iter().map(|result| Self::command(#input, #meta result)).collect();
        run.send::<Self>(#commands).await
    }
}

fn sends(slice: &Slice<'_>, target: &Target<'_>) -> TokenStream {
    let (rt, tonic) = (import("scaffold_runtime::codegen::automation"), import("tonic"));
    let rpc = import("scaffold_runtime::codegen::rpc");
    let (name, command) = (&slice.name, target.path());
    let home: Ident = from_crate(&format!("{}-grpc", target.service.name.kebab()));
    let client = ident(&format!("{}ServiceClient", target.service.name.pascal()));
    let request = type_ident(&TypeName::new(format!("{}Request", target.command.name)));
    let method = ident(&FieldName::new(target.command.name.as_written()).rust());
    quote! {
        impl #rt::Sends for #name {
            type Command = #command;

            async fn send(channel: #rpc::Channel, request: #tonic::Request<#command>) -> Result<(), #tonic::Status> {
                let request = request.map(#home::proto::#request::from);
                #home::#client::new(channel).#method(request).await?;
                Ok(())
            }
        }
    }
}
