//! The folder of an entry: object, filters, queries, mutations, subscriptions.

use super::names::joined;
use super::object::Shown;
use super::{Gateway, gateway};
use crate::emit::proto::entry_fields;
use crate::emit::rust::import;
use crate::emit::rust::names::{ident, type_ident};
use crate::model::{Access, EntryType, Kind};
use crate::output::Files;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

/// A file of an entry's folder.
struct Part {
    module: &'static str,
    doc: &'static str,
    items: Vec<TokenStream>,
    /// What the folder shows of it.
    exports: Vec<Ident>,
}

impl Part {
    /// Its name; no module may be called like the folder that it lies in.
    fn module(&self, entry: &EntryType) -> String {
        if entry.name.module() == self.module { format!("{}_", self.module) } else { self.module.to_owned() }
    }
}

impl Gateway<'_> {
    pub(super) fn emit_entry(&self, root: &str, entry: &EntryType, files: &mut Files) {
        let name = &entry.name;
        let (mut modules, mut exports) = (Vec::new(), Vec::new());
        for part in self.parts(entry) {
            let (module, names) = (part.module(entry), &part.exports);
            let ident = ident(&module);
            modules.push(quote!(mod #ident;));
            exports.push(match names.as_slice() {
                [name] => quote!(pub use #ident::#name;),
                names => quote!(pub use #ident::{#(#names),*};),
            });
            let doc = format!("{} `{name}`.", part.doc);
            self.rust(files, entry.place, format!("{root}/{module}.rs"), (&doc, part.items));
        }
        modules.extend(exports);
        self.rust(files, entry.place, format!("{root}/mod.rs"), (&format!("Everything about `{name}`."), modules));
    }

    /// The files of the folder, by name.
    fn parts(&self, entry: &EntryType) -> Vec<Part> {
        let x = entry.name.rust();
        let name = |suffix: &str| joined(&[&x, suffix]);
        let mut objects = vec![type_ident(&entry.name)];
        objects.extend(self.usage.referred.contains(&entry.name).then(|| name("ById")));
        let part = |module, doc, items, exports| Part { module, doc, items, exports };
        let found = "Filters and orders for";
        let mut parts = vec![part("filter", found, self.filter(entry), vec![name("Filter"), name("Order")])];
        if entry.kind == Kind::Crud {
            parts.push(part("mutation", "Writing entries of", self.mutation(entry), vec![name("Mutation")]));
        }
        parts.extend([
            part("object", "What the API shows of", self.entry_object(entry), objects),
            part("query", "Reading entries of", self.query(entry), vec![name("Query")]),
            part("subscription", "Watching entries of", self.subscription(entry), vec![name("Subscription")]),
        ]);
        parts
    }

    fn entry_object(&self, entry: &EntryType) -> Vec<TokenStream> {
        let base = entry_fields();
        let of_all = base.iter().map(|(name, doc, ty)| Shown { name, doc: Some(*doc), ty: ty.clone(), hidden: false });
        let own = entry.fields.iter().map(|field| Shown {
            name: &field.name,
            doc: field.doc.as_deref(),
            ty: field.shown(),
            hidden: field.access.hides(),
        });
        let mut items = self.object(&entry.name, entry.doc.as_deref(), of_all.chain(own).collect());
        if self.usage.referred.contains(&entry.name) {
            items.extend(self.loader(entry));
        }
        items
    }

    /// Messages of an answer as objects: what comes before, and the object of one message. Where some callers do not see every
    /// field, each object knows which those are.
    pub(super) fn answered(
        &self,
        entry: &EntryType,
        message: &TokenStream,
        errors: &TokenStream,
    ) -> (Option<TokenStream>, TokenStream) {
        if !entry.hides() {
            return (None, quote!(#message.into()));
        }
        let gateway = gateway();
        let forbidden = quote!(let forbidden = #gateway::Forbidden::new(#errors););
        (Some(forbidden), quote!((#message, forbidden.clone()).into()))
    }

    fn loader(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (gateway, tonic, proto, home) = (gateway(), import("tonic"), self.proto(), self.home(self.service));
        let (object, x) = (type_ident(&entry.name), entry.name.rust());
        let loader = joined(&[&x, "ById"]);
        let request = joined(&["Get", &x, "ByIdsRequest"]);
        let method = method(&["Get", entry.name.as_written(), "ByIds"]);
        let (forbidden, made) = self.answered(entry, &quote!(entry), &quote!(response.errors));
        let doc = format!(" Loads the entries of `{}` that others refer to, many in one call.", entry.name);
        vec![
            quote! {
                #[doc = #doc]
                #[derive(Clone, Debug)]
                pub struct #loader(pub(crate) #home::Client);
            },
            quote! {
                impl #gateway::ByIds for #loader {
                    type Entry = #object;

                    async fn by_ids(
                        &self,
                        forward: &#gateway::Forward,
                        ids: Vec<String>,
                    ) -> Result<Vec<(String, #object)>, #tonic::Status> {
                        let request = forward.request(#proto::#request { ids, fields: Vec::new() });
                        let response = self.0.clone().#method(request).await?.into_inner();
                        #forbidden
                        Ok(response.data.into_iter().map(|entry| (entry.id.clone(), #made)).collect())
                    }
                }
            },
        ]
    }
}

/// The client's method for an RPC.
pub(super) fn method(parts: &[&str]) -> Ident {
    ident(&crate::model::FieldName::new(parts.concat()).rust())
}

/// Whether callers without a token may do it.
pub(super) fn is_public(access: &Access) -> bool {
    *access == Access::Public
}
