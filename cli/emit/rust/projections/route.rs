//! Which entries an event reaches.

use super::View;
use super::payload::payload_path;
use crate::emit::rust::events::{Around, bound_value};
use crate::emit::rust::expression::{Form, Piece, Scope, format_text, group};
use crate::emit::rust::import;
use crate::emit::rust::names::type_ident;
use crate::emit::rust::tokens::uses;
use crate::emit::rust::types::{is_text, required_type};
use crate::model::{
    Event, Expr, ExprKind, FieldName, FieldType, Identify, IdentifyPart, RowFilter, RowFilterOp, Target, Type, Var,
};
use proc_macro2::{Ident, TokenStream};
use quote::{format_ident, quote};

/// The body of `route`.
pub(super) fn body(view: &View<'_>) -> TokenStream {
    let events = view.projection.events.iter().filter_map(|name| view.followed.events.get(name));
    let arms: Vec<Arm> = events.map(|event| arm(view, event)).collect();
    let rest = (arms.len() < view.followed.events.len()).then(|| quote!(_ => Vec::new(),));
    if arms.is_empty() {
        return quote!(Ok(Vec::new()));
    }
    let arms = shared(arms);
    quote! {
        let routes = match event {
            #(#arms)*
            #rest
        };
        Ok(routes)
    }
}

/// Some events and where they lead.
struct Arm {
    patterns: Vec<TokenStream>,
    routes: TokenStream,
    /// Whether that depends on what the event holds.
    looks: bool,
}

fn arm(view: &View<'_>, event: &Event) -> Arm {
    let routes = routes(view, event);
    let looks = uses(&routes, "event");
    let binding = if looks { quote!(event) } else { quote!(_) };
    let (events, name) = (&view.events, type_ident(&event.name));
    Arm { patterns: vec![quote!(#events::Event::#name(#binding))], routes, looks }
}

/// The arms; what leads to the same entries whatever the event holds stands once.
fn shared(arms: Vec<Arm>) -> Vec<TokenStream> {
    let mut kept: Vec<Arm> = Vec::new();
    for arm in arms {
        let same = |known: &&mut Arm| !known.looks && known.routes.to_string() == arm.routes.to_string();
        match kept.iter_mut().find(same).filter(|_| !arm.looks) {
            Some(known) => known.patterns.extend(arm.patterns),
            None => kept.push(arm),
        }
    }
    let written = kept.iter().map(|Arm { patterns, routes, .. }| quote!(#(#patterns)|* => #routes,));
    written.collect()
}

fn routes(view: &View<'_>, event: &Event) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let of = |targets: &[Target], kind: [&str; 2]| -> Vec<(TokenStream, Around)> {
        let kind = kind.map(|kind| format_ident!("{kind}"));
        let reached = targets.iter().filter(|target| target.events.contains(&event.name));
        let codes = reached.map(|target| {
            let (route, around) = route_code(view, event, target, &kind);
            (quote!(#rt::Route::#route), around)
        });
        codes.collect()
    };
    let mut all = of(&view.projection.upserts, ["upsert", "Upsert"]);
    all.extend(of(&view.projection.removes, ["remove", "Remove"]));
    let mut seen = Vec::new();
    all.retain(|(route, around)| {
        let text = around.wrap(route.clone()).to_string();
        let is_first = !seen.contains(&text);
        seen.push(text);
        is_first
    });
    if all.iter().all(|(_, around)| around.is_empty()) {
        let routes = all.iter().map(|(route, _)| route);
        return quote!(vec![#(#routes),*]);
    }
    let statements = all.iter().map(|(route, around)| around.wrap(quote!(routes.push(#route);)));
    quote!({ let mut routes = Vec::new(); #(#statements)* routes })
}

/// `upsert(&event.course_id)`, or the variant with all or with the matching ones.
fn route_code(view: &View<'_>, event: &Event, target: &Target, kind: &[Ident; 2]) -> (TokenStream, Around) {
    let (rt, [of_one, of_many]) = (import("scaffold_runtime::codegen"), kind);
    let mut around = Around::default();
    let id = target.identify.as_ref().map(|identify| id_code(view, event, identify, target, &mut around));
    let filter = target.filter.as_ref().map(|filter| filter_code(view, event, filter, target));
    let code = match (id, filter) {
        (Some(id), None) => quote!(#of_one(#id)),
        (None, None) => quote!(#of_many(#rt::Target::All)),
        (None, Some(filter)) => quote!(#of_many(#rt::Target::Matching(#filter))),
        (Some(id), Some(filter)) => {
            let both = quote!(#rt::Filter::all(vec![#rt::Filter::equals("id", #id), #filter]));
            quote!(#of_many(#rt::Target::Matching(#both)))
        }
    };
    (code, around)
}

/// The entry's id: one text as it is, several parts joined by `-`. A part that is nil reaches nothing, a list each.
fn id_code(view: &View<'_>, event: &Event, identify: &Identify, target: &Target, around: &mut Around) -> TokenStream {
    let scope = Scope::projection(view.service, view.events.clone(), &view.projection.entry, Some(event));
    let mut pieces = Vec::new();
    let mut only_text = None;
    for part in &identify.parts {
        let value = match part {
            IdentifyPart::Attribute(name) => attribute(name, target),
            IdentifyPart::Payload(path) => payload_path(view.service, event, path, target.place),
        };
        if !pieces.is_empty() {
            pieces.push(Piece::Text("-".to_owned()));
        }
        let (bound, ty) = bound_value(&scope, &value, around);
        let lent = if bound.form == Form::Owned { bound.owned(&ty) } else { bound.borrowed(&ty) };
        only_text = is_text(&ty.ty).then_some(lent);
        pieces.push(Piece::Value(bound.tokens));
    }
    match (pieces.as_slice(), only_text) {
        ([Piece::Value(_)], Some(text)) => text,
        ([Piece::Value(value)], None) => {
            let value = group(value);
            quote!(#value.to_string())
        }
        (pieces, _) => format_text(pieces),
    }
}

/// A field of `meta`.
fn attribute(name: &str, target: &Target) -> Expr {
    let nullable = matches!(name, "stream" | "correlationId" | "causationId" | "userId" | "reason");
    let ty = match name {
        "position" => Type::Int,
        "raisedAt" => Type::DateTime,
        _ => Type::String,
    };
    let meta = Expr { kind: ExprKind::Var(Var::Meta), ty: FieldType::required(Type::Json), place: target.place };
    let kind = ExprKind::Field { base: Box::new(meta), name: FieldName::new(name), optional: false };
    Expr { kind, ty: FieldType { ty, required: !nullable }, place: target.place }
}

fn filter_code(view: &View<'_>, event: &Event, filter: &RowFilter, target: &Target) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let all = |parts: &[RowFilter]| -> Vec<TokenStream> {
        parts.iter().map(|part| filter_code(view, event, part, target)).collect()
    };
    match filter {
        RowFilter::And(parts) => {
            let parts = all(parts);
            quote!(#rt::Filter::all(vec![#(#parts),*]))
        }
        RowFilter::Or(parts) => {
            let parts = all(parts);
            quote!(#rt::Filter::any(vec![#(#parts),*]))
        }
        RowFilter::Compare { projection_field, event_field, operation } => {
            let value = payload_path(view.service, event, event_field, target.place);
            compare(view, event, (projection_field, *operation), &value)
        }
    }
}

fn compare(view: &View<'_>, event: &Event, left: (&FieldName, RowFilterOp), value: &Expr) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (field, operation) = left;
    let column = field.column();
    let scope = Scope::projection(view.service, view.events.clone(), &view.projection.entry, Some(event));
    if let RowFilterOp::In | RowFilterOp::NotIn = operation {
        let test = if operation == RowFilterOp::In { quote!(In) } else { quote!(NotIn) };
        let values = listed(&scope, value, &field_type(view, field));
        return quote!(#rt::Filter::test(#column, #rt::Test::#test(#values)));
    }
    let value = column_value(&scope, value, &field_type(view, field));
    let comparison = match operation {
        RowFilterOp::NotEquals => quote!(NotEqual),
        RowFilterOp::LessThan => quote!(Less),
        RowFilterOp::LessThanOrEqual => quote!(LessOrEqual),
        RowFilterOp::GreaterThan => quote!(Greater),
        RowFilterOp::GreaterThanOrEqual => quote!(GreaterOrEqual),
        _ => return quote!(#rt::Filter::equals(#column, #value)),
    };
    quote!(#rt::Filter::compare(#column, #rt::Comparison::#comparison, #value))
}

/// The declared type of the projection's field; base fields are text and instants.
fn field_type(view: &View<'_>, name: &FieldName) -> Type {
    let fields = &view.projection.entry.fields;
    let declared = fields.iter().find(|field| field.name == *name).map(|field| field.ty.ty.clone());
    declared.unwrap_or_else(|| match name.as_written() {
        "createdAt" | "changedAt" => Type::DateTime,
        _ => Type::Id,
    })
}

/// Something that becomes a `Value`.
fn column_value(scope: &Scope<'_>, value: &Expr, column: &Type) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    if value.ty.ty == Type::Json {
        let json = scope.borrowed(value);
        let ty = if let Type::Enum(_) = column { quote!(String) } else { required_type(column, &scope.home) };
        return quote!(#rt::expr::from_json::<Option<#ty>>(#json)?);
    }
    match (&value.ty.ty, value.ty.required) {
        (Type::Enum(_), true) => {
            let value = group(&scope.owned(value));
            quote!(#value.as_str())
        }
        (Type::Enum(_), false) => {
            let value = group(&scope.owned(value));
            quote!(#value.map(|value| value.as_str()))
        }
        _ => scope.borrowed(value),
    }
}

/// A list of `Value`s.
fn listed(scope: &Scope<'_>, value: &Expr, column: &Type) -> TokenStream {
    let rt = import("scaffold_runtime::codegen");
    let (element, list) = match &value.ty.ty {
        Type::List(element) => (element.ty.clone(), group(&scope.borrowed(value))),
        _ => {
            let element = if let Type::Enum(_) = column { quote!(String) } else { required_type(column, &scope.home) };
            let json = scope.borrowed(value);
            (column.clone(), quote!(#rt::expr::from_json::<Option<Vec<#element>>>(#json)?.unwrap_or_default()))
        }
    };
    let is_enum = matches!(element, Type::Enum(_)) && value.ty.ty != Type::Json;
    let convert = if is_enum { quote!(|value| #rt::Value::from(value.as_str())) } else { quote!(#rt::Value::from) };
    let list = if value.ty.required || value.ty.ty == Type::Json { list } else { quote!(#list.unwrap_or_default()) };
    quote!(#list.iter().map(#convert).collect())
}
