//! Row filters as constants.

use super::columns::column_kind;
use crate::emit::rust::import;
use crate::model::{EntryType, Inside, RowRule};
use proc_macro2::TokenStream;
use quote::quote;

/// `ROWS` of `Entry`, where not everybody sees every entry.
pub(super) fn rules(entry: &EntryType) -> Option<TokenStream> {
    let rt = import("scaffold_runtime::codegen");
    let rules: Vec<TokenStream> = entry.rows.iter().map(rule).collect();
    (!rules.is_empty()).then(|| quote!(const ROWS: &'static [#rt::RowRule] = &[#(#rules),*];))
}

fn rule(rule: &RowRule) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let RowRule { claim, path, except_for, .. } = rule;
    let through = path.through.iter().map(|(field, to)| {
        let (column, entry) = (field.column(), to.as_written());
        quote!(#rt::Hop { column: #column, entry: #entry })
    });
    let inside = path.inside.iter().map(|step| match step {
        Inside::Field(name) => {
            let name = name.as_written();
            quote!(#name)
        }
        Inside::Each => quote!(#rt::EACH),
    });
    let (column, kind) = (path.field.column(), column_kind(&path.ty));
    quote! {
        #rt::RowRule {
            claim: #claim,
            through: &[#(#through),*],
            column: #column,
            inside: &[#(#inside),*],
            kind: #rt::ColumnKind::#kind,
            except_for: &[#(#except_for),*],
        }
    }
}
