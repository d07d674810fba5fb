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
        Self { events: crate_of(&followed.name), own: crate_of(&service.name), ..Self::inside(service) }
    }

    /// Inside of the crate of the events itself.
    pub fn inside(service: &Service) -> Self {
        let (events, own) = (import("crate"), import("crate"));
        Self { events, own, service: service.name.clone(), types: service.types.clone() }
    }

    /// The enum or nested type of this name.
    pub fn ty(&self, name: &TypeName) -> TokenStream {
        let other = self.types.service_of(name).filter(|service| **service != self.service);
        let (home, name) = (other.map_or_else(|| self.own.clone(), crate_of), type_ident(name));
        quote!(#home::#name)
    }
}

impl ToTokens for Home {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.append(self.events.clone());
    }
}

/// The import path of the items of a service's events crate.
fn crate_of(service: &ServiceName) -> Ident {
    from_crate(&format!("{}-events", service.kebab()))
}
