//! The folder of an entry: object, filters, queries, mutations, subscriptions.

use super::names::joined;
use super::{Gateway, gateway};
use crate::emit::proto::entry_fields;
use crate::emit::rust::import;
use crate::emit::rust::names::{ident, type_ident};
use crate::model::{Access, EntryType, Kind};
use crate::output::Files;
use proc_macro2::{Ident, TokenStream};
use quote::quote;

impl Gateway<'_> {
    pub(super) fn emit_entry(&self, root: &str, entry: &EntryType, files: &mut Files) {
        let name = &entry.name;
        let doc = format!("`{name}` as the API shows it.");
        self.rust(files, entry.place, format!("{root}/object.rs"), (&doc, self.entry_object(entry)));
        let doc = format!("By what entries of `{name}` are found and sorted.");
        self.rust(files, entry.place, format!("{root}/filter.rs"), (&doc, self.filter(entry)));
        let doc = format!("Reading entries of `{name}`.");
        self.rust(files, entry.place, format!("{root}/query.rs"), (&doc, self.query(entry)));
        let doc = format!("Watching entries of `{name}`.");
        self.rust(files, entry.place, format!("{root}/subscription.rs"), (&doc, self.subscription(entry)));
        if entry.kind == Kind::Crud {
            let doc = format!("Writing entries of `{name}`.");
            self.rust(files, entry.place, format!("{root}/mutation.rs"), (&doc, self.mutation(entry)));
        }
        let doc = format!("Everything about `{name}`.");
        self.rust(files, entry.place, format!("{root}/mod.rs"), (&doc, self.entry_list(entry)));
    }

    fn entry_list(&self, entry: &EntryType) -> Vec<TokenStream> {
        let mut items = vec![quote!(
            mod filter;
        )];
        items.extend((entry.kind == Kind::Crud).then(|| {
            quote!(
                mod mutation;
            )
        }));
        items.extend([
            quote!(
                mod object;
            ),
            quote!(
                mod query;
            ),
            quote!(
                mod subscription;
            ),
        ]);
        let x = entry.name.rust();
        let name = |suffix: &str| joined(&[&x, suffix]);
        let (filter, order) = (name("Filter"), name("Order"));
        items.push(quote!(pub use filter::{#filter, #order};));
        if entry.kind == Kind::Crud {
            let mutation = name("Mutation");
            items.push(quote!(pub use mutation::#mutation;));
        }
        let object = type_ident(&entry.name);
        items.push(match self.usage.referred.contains(&entry.name) {
            true => {
                let loader = name("ById");
                quote!(pub use object::{#object, #loader};)
            }
            false => quote!(pub use object::#object;),
        });
        let (query, subscription) = (name("Query"), name("Subscription"));
        items.push(quote!(pub use query::#query;));
        items.push(quote!(pub use subscription::#subscription;));
        items
    }

    fn entry_object(&self, entry: &EntryType) -> Vec<TokenStream> {
        let base = entry_fields();
        let of_all = base.iter().map(|(name, doc, ty)| (name, Some(*doc), ty.clone()));
        let own = entry.fields.iter().map(|field| (&field.name, field.doc.as_deref(), field.ty.clone()));
        let mut items = self.object(&entry.name, entry.doc.as_deref(), of_all.chain(own).collect());
        if self.usage.referred.contains(&entry.name) {
            items.extend(self.loader(entry));
        }
        items
    }

    fn loader(&self, entry: &EntryType) -> Vec<TokenStream> {
        let (gateway, tonic, proto, home) = (gateway(), import("tonic"), self.proto(), self.home(self.service));
        let (object, x) = (type_ident(&entry.name), entry.name.rust());
        let loader = joined(&[&x, "ById"]);
        let request = joined(&["Get", &x, "ByIdsRequest"]);
        let method = method(&["Get", entry.name.as_written(), "ByIds"]);
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
                        Ok(response.data.into_iter().map(|entry| (entry.id.clone(), entry.into())).collect())
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
