//! Which generated crates the events, enums and nested types come from that code names.

use super::from_crate;
use super::import;
use super::names::type_ident;
use crate::model::{ProjectTypes, Service, ServiceName, TypeName};
use proc_macro2::{Ident, TokenStream};
use quote::{ToTokens, TokenStreamExt, quote};

/// Where the names of a service's code come from. As tokens it is the crate of the events: `#home::Event`.
#[derive(Clone, Debug)]
pub struct Home {
    /// The crate of the events: the service's own, or that of the service that is followed.
    events: Ident,
    /// The service of the events.
    followed: ServiceName,
    /// The crate of the service's own enums and nested types.
    own: Ident,
    service: ServiceName,
    types: ProjectTypes,
}

impl Home {
    /// As other crates see it, over the service's own events.
    pub fn of(service: &Service) -> Self {
        Self::following(service, service)
    }

    /// As other crates see it, over the events of another service.
    pub fn following(service: &Service, followed: &Service) -> Self {
        let (events, own) = (events_crate(&followed.name), events_crate(&service.name));
        Self { events, followed: followed.name.clone(), own, ..Self::inside_of_types(service) }
    }

    /// Inside of the crate of the events itself. Shared types are made known there again, but lie in a crate of their own.
    pub fn inside(service: &Service) -> Self {
        let own = if service.is_shared() { types_crate(&service.name) } else { import("crate") };
        Self { own, ..Self::inside_of_types(service) }
    }

    /// Inside of the crate of the service's enums and nested types.
    pub fn inside_of_types(service: &Service) -> Self {
        let (events, own, types) = (import("crate"), import("crate"), service.types.clone());
        Self { events, followed: service.name.clone(), own, service: service.name.clone(), types }
    }

    /// The enum or nested type of this name.
    pub fn ty(&self, name: &TypeName) -> TokenStream {
        let other = self.types.service_of(name).filter(|service| **service != self.service);
        let (home, name) = (other.map_or_else(|| self.own.clone(), |other| self.of_other(other)), type_ident(name));
        quote!(#home::#name)
    }

    /// Where another service's types come from: whose events are at hand, has them there.
    fn of_other(&self, other: &ServiceName) -> Ident {
        if *other != self.followed && self.types.is_shared(other) { types_crate(other) } else { events_crate(other) }
    }
}

impl ToTokens for Home {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.events.clone());
    }
}

/// The import path of the items of a service's events crate.
fn events_crate(service: &ServiceName) -> Ident {
    from_crate(&format!("{}-events", service.kebab()))
}

/// The import path of the items of the crate of a service's types, if it has one.
pub fn types_crate(service: &ServiceName) -> Ident {
    from_crate(&format!("{}-types", service.kebab()))
}
