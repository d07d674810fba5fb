//! The crate `<service>-automations`: a folder an automation, and the list of them.

mod command;
mod effects;
mod manifest;
mod payload;
mod slice;
mod specs;

use super::expression::Scope;
use super::names::{module_ident, type_ident};
use super::{Home, from_crate};
use crate::emit::EmitError;
use crate::emit::text::crates::types_lines;
use crate::model::{Automation, Case, Command, EntryType, Event, Model, Sends, Service, Trigger};
use crate::output::{Files, Owner};
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// Emits the crate, and what stands around the user's effects; nothing for a service without automations.
pub fn emit_automations(model: &Model, service: &Service, files: &mut Files) -> Result<(), EmitError> {
    if service.automations.is_empty() {
        return Ok(());
    }
    let root = format!("generated/{}/automations", service.name.kebab());
    for automation in service.automations.values() {
        emit_slice(&Slice::new(model, service, automation), &format!("{root}/src"), files);
    }
    let names = service.automations.keys();
    let modules = names.clone().map(module_ident).map(|module| quote!(mod #module;));
    let uses =
        names.map(|name| (module_ident(name), type_ident(name))).map(|(module, name)| quote!(pub use #module::#name;));
    let doc = format!("The automations of the service `{}`, a module each.", service.name.kebab());
    let items = modules.chain(uses).collect();
    files.rust(Owner::OursList, format!("{root}/src/lib.rs"), &service.input_folders(), &doc, items);
    effects::emit_effects(model, service, &root, files)?;
    manifest::manifest(model, service, types_lines(service, &root, files)).push_list(&root, files)?;
    Ok(())
}

/// The automations that run Rust of the user's.
pub(super) fn custom(service: &Service) -> impl Iterator<Item = &Automation> {
    service.automations.values().filter(|automation| automation.is_custom)
}

fn emit_slice(slice: &Slice<'_>, root: &str, files: &mut Files) {
    let name = &slice.automation.name;
    let folder = format!("{root}/{}", name.module());
    let places = [slice.automation.place].into_iter().chain(slice.entry().map(|entry| entry.place));
    let inputs = slice.service.inputs_of(places);
    let mut push = |file: &str, doc: String, items: Vec<TokenStream>| {
        files.rust(Owner::Ours, format!("{folder}/{file}.rs"), &inputs, &doc, items);
    };
    push("mod", format!("The automation `{name}`."), slice::items(slice));
    if let Some(target) = &slice.target {
        push("command", format!("What `{name}` sends."), command::items(slice, target));
    }
    if !slice.automation.specs.is_empty() {
        push("specs", format!("The examples of `{name}`."), specs::items(slice));
    }
}

/// One automation and the names that all of its files use.
struct Slice<'a> {
    service: &'a Service,
    /// The service whose events it takes, by themselves or through its view.
    followed: &'a Service,
    automation: &'a Automation,
    /// What it sends, if anything.
    target: Option<Target<'a>>,
    /// Where events, enums and nested objects come from.
    events: Home,
    name: Ident,
}

/// The command of an automation, with the service that decides it.
struct Target<'a> {
    sends: &'a Sends,
    service: &'a Service,
    command: &'a Command,
}

/// What the functions of a slice are given.
enum Input<'a> {
    /// The only event that starts it.
    One(&'a Event, &'a Case),
    /// Any of several events.
    Any,
    /// An entry of a view.
    Entry(&'a EntryType, &'a Case),
}

impl<'a> Slice<'a> {
    fn new(model: &'a Model, service: &'a Service, automation: &'a Automation) -> Self {
        let target = automation.sends.as_ref().and_then(|sends| {
            let service = model.services.get(&sends.service)?;
            let command = service.commands.get(&sends.command)?;
            Some(Target { sends, service, command })
        });
        let followed = model.followed(&automation.follows, service);
        let (events, name) = (Home::following(service, followed), type_ident(&automation.name));
        Self { service, followed, automation, target, events, name }
    }

    /// The entries that start it, if a view does.
    fn entry(&self) -> Option<&'a EntryType> {
        match &self.automation.trigger {
            Trigger::Events => None,
            Trigger::View { entry, .. } => self.service.entry(entry),
        }
    }

    fn input(&self) -> Input<'a> {
        match (self.automation.cases.as_slice(), self.entry()) {
            ([case], Some(entry)) => Input::Entry(entry, case),
            ([case], None) => self.event(case).map_or(Input::Any, |event| Input::One(event, case)),
            _ => Input::Any,
        }
    }

    fn event(&self, case: &Case) -> Option<&'a Event> {
        self.followed.events.get(case.event.as_ref()?)
    }

    /// Each event that starts it, with what is made of it.
    fn events(&self) -> Vec<(&'a Event, &'a Case)> {
        let cases = self.automation.cases.iter();
        cases.filter_map(|case| Some((self.event(case)?, case))).collect()
    }

    /// Where the names of a case stand.
    fn scope(&self, case: &Case) -> Scope<'a> {
        Scope::automation(self.service, self.events.clone(), self.event(case))
    }

    /// The struct of the view's entries.
    fn entry_path(&self, entry: &EntryType) -> TokenStream {
        let projections = from_crate(&format!("{}-projections", self.service.name.kebab()));
        let name = type_ident(&entry.name);
        quote!(#projections::#name)
    }

    /// The service that it follows, if that is not its own.
    fn other(&self) -> Option<&'a str> {
        Some(self.followed.name.as_written()).filter(|name| *name != self.service.name.as_written())
    }

    /// Whether other events of the service have to be told apart.
    fn is_refutable(&self) -> bool {
        self.followed.events.len() > self.automation.cases.len()
    }
}

impl Target<'_> {
    /// The command's struct.
    fn path(&self) -> TokenStream {
        let commands = from_crate(&format!("{}-commands", self.service.name.kebab()));
        let name = type_ident(&self.command.name);
        quote!(#commands::#name)
    }
}
