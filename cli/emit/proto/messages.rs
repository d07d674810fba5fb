//! Model → messages of the service's own: enums, nested objects, entries, their filters and orders, data of writes, commands.

use super::Packages;
use super::file::{Enum, Field, Message, Value, lines};
use super::wire::{Position, Raw, Shape, Wrapper, shape};
use crate::model::{EntryType, EnumType, EventField, FieldName, FieldType, ObjectType, Service, Type};
use crate::output::Lock;
use heck::ToShoutySnakeCase as _;
use std::collections::{BTreeMap, BTreeSet};

/// Collects messages, takes their numbers from the lock and notes the wrappers that they need.
pub struct Messages<'a> {
    packages: &'a Packages<'a>,
    service: &'a Service,
    lock: &'a mut Lock,
    /// In the order they were added.
    pub messages: Vec<Message>,
    /// Wrappers of enums, nested objects and lists of lists, by name.
    pub wrappers: BTreeMap<String, Message>,
    /// Files of types that the messages name.
    pub imports: BTreeSet<String>,
}

/// One field before it has its number.
struct Draft<'a> {
    name: &'a FieldName,
    doc: Option<&'a str>,
    shape: Shape,
}

impl<'a> Messages<'a> {
    /// None yet.
    pub fn new(packages: &'a Packages<'a>, lock: &'a mut Lock) -> Self {
        let (service, imports) = (packages.service, BTreeSet::new());
        Self { packages, service, lock, messages: Vec::new(), wrappers: BTreeMap::new(), imports }
    }

    /// The enums that the service declares; its nested types join the messages.
    pub fn declared(&mut self) -> Vec<Enum> {
        let service = self.service;
        service.objects.values().for_each(|object| self.object(object));
        service.enums.values().map(|ty| self.enumeration(ty)).collect()
    }

    /// An enum, each value prefixed as protobuf wants it.
    fn enumeration(&mut self, ty: &EnumType) -> Enum {
        let names: Vec<String> = ty.values.iter().map(|value| value.name.clone()).collect();
        let numbers = self.lock.numbers(self.service.name.as_written(), ty.name.as_written(), &names);
        let prefix = ty.name.constant();
        let value = |value: &crate::model::EnumValue| Value {
            doc: lines(value.doc.as_deref()),
            name: format!("{prefix}_{}", value.name.to_shouty_snake_case()),
            number: numbers.get(&value.name).copied().unwrap_or_default(),
        };
        let mut values: Vec<Value> = ty.values.iter().map(value).collect();
        values.sort_by_key(|value| value.number);
        let reserved = self.reserved(ty.name.as_written()).0;
        Enum { doc: lines(ty.doc.as_deref()), name: ty.name.as_written().to_owned(), prefix, reserved, values }
    }

    /// A nested object.
    fn object(&mut self, ty: &ObjectType) {
        let drafts = ty.fields.iter().map(|field| draft(&field.name, field.doc.as_deref(), &field.ty, Position::Value));
        self.message(ty.name.as_written(), ty.doc.as_deref(), drafts.collect());
    }

    /// What a command takes.
    pub fn command(&mut self, name: &str, doc: Option<&str>, fields: &[EventField]) {
        let drafts = fields.iter().map(|field| draft(&field.name, field.doc.as_deref(), &field.ty, Position::Value));
        self.message(&format!("{name}Request"), doc, drafts.collect());
    }

    /// An entry as it is read.
    pub fn entry(&mut self, entry: &EntryType) {
        let (own, of_all) = (&entry.fields, entry_fields());
        let base = of_all.iter().map(|(name, doc, ty)| draft(name, Some(doc), ty, Position::Value));
        let shown: Vec<FieldType> = own.iter().map(crate::model::Field::shown).collect();
        let fields = own.iter().zip(&shown);
        let fields = fields.map(|(field, shown)| draft(&field.name, field.doc.as_deref(), shown, Position::Value));
        self.message(entry.name.as_written(), entry.doc.as_deref(), base.chain(fields).collect());
    }

    /// What an entry can be filtered by.
    pub fn filter(&mut self, entry: &EntryType) {
        let name = format!("{}Filter", entry.name);
        let (of_all, and, or) = (entry_fields(), FieldName::new("and"), FieldName::new("or"));
        let base = of_all.iter().map(|(name, _, ty)| Draft { name, doc: None, shape: filter_shape(ty) });
        let indexed = entry.fields.iter().filter(|field| field.indexed);
        let fields = indexed.map(|field| Draft { name: &field.name, doc: None, shape: filter_shape(&field.ty) });
        let own = |field, doc| Draft {
            name: field,
            doc: Some(doc),
            shape: Shape { label: "repeated ", ty: Raw::Plain(name.clone()) },
        };
        let both = [own(&and, "All of these must hold."), own(&or, "One of these must hold, if there are any.")];
        let doc = format!("Restricts entries of `{}`. Everything that is set must hold.", entry.name);
        self.message(&name, Some(&doc), base.chain(fields).chain(both).collect());
    }

    /// What an entry can be sorted by.
    pub fn order(&mut self, entry: &EntryType) {
        let of_all = entry_fields();
        let shape = || Shape { label: "", ty: Raw::Shared("OrderBy".to_owned()) };
        let base = of_all.iter().map(|(name, ..)| Draft { name, doc: None, shape: shape() });
        let sortable = entry.fields.iter().filter(|field| field.indexed && !matches!(field.ty.ty, Type::List(_)));
        let fields = sortable.map(|field| Draft { name: &field.name, doc: None, shape: shape() });
        let doc = format!("Sorts entries of `{}`.", entry.name);
        self.message(&format!("{}Order", entry.name), Some(&doc), base.chain(fields).collect());
    }

    /// What a CRUD entry is created from.
    pub fn create(&mut self, entry: &EntryType) {
        let drafts = entry.given_on_create().map(|field| {
            let required = field.ty.required && field.default.is_none();
            let ty = FieldType { ty: field.ty.ty.clone(), required };
            draft(&field.name, field.doc.as_deref(), &ty, Position::Value)
        });
        let doc = format!("What an entry of `{}` is created from.", entry.name);
        self.message(&format!("Create{}", entry.name), Some(&doc), drafts.collect());
    }

    /// What may change of a CRUD entry.
    pub fn update(&mut self, entry: &EntryType) {
        let fields = entry.given_on_update();
        let drafts = fields.map(|field| draft(&field.name, field.doc.as_deref(), &field.ty, Position::Update));
        let doc = format!("What is to change of an entry of `{}`: what is absent stays as it is.", entry.name);
        self.message(&format!("Update{}", entry.name), Some(&doc), drafts.collect());
    }

    fn message(&mut self, name: &str, doc: Option<&str>, drafts: Vec<Draft<'_>>) {
        let names: Vec<String> = drafts.iter().map(|draft| draft.name.as_written().to_owned()).collect();
        let numbers = self.lock.numbers(self.service.name.as_written(), name, &names);
        let mut fields = Vec::with_capacity(drafts.len());
        for draft in drafts {
            self.note_wrapper(&draft.shape);
            fields.push(Field {
                doc: lines(draft.doc),
                label: draft.shape.label,
                ty: self.spelled(&draft.shape.ty),
                name: draft.name.proto(),
                number: numbers.get(draft.name.as_written()).copied().unwrap_or_default(),
            });
        }
        fields.sort_by_key(|field| field.number);
        let (reserved, mut reserved_names) = self.reserved(name);
        reserved_names.retain(|name| fields.iter().all(|field| field.name != *name));
        let (doc, name) = (lines(doc), name.to_owned());
        let message = Message { doc, name, reserved, reserved_names, fields, ..Message::default() };
        self.messages.push(message);
    }

    fn reserved(&self, message: &str) -> (Vec<u32>, Vec<String>) {
        let reserved = self.lock.reserved(self.service.name.as_written(), message);
        let mut names: Vec<String> = reserved.iter().map(|(_, name)| FieldName::new(*name).proto()).collect();
        names.sort();
        names.dedup();
        (reserved.into_iter().map(|(number, _)| number).collect(), names)
    }

    fn note_wrapper(&mut self, shape: &Shape) {
        let Raw::Own(Wrapper { name, inner }) = &shape.ty else { return };
        let is_list = inner.label == "repeated ";
        let field = if is_list { "values" } else { "value" };
        let doc = if is_list { "A list, for where a list can be absent." } else { "A value or null." };
        let message = Message::fixed(name, doc, [(inner.label, &self.spelled(&inner.ty), field)]);
        self.wrappers.insert(name.clone(), message);
        self.note_wrapper(inner);
    }

    /// As the proto file spells it.
    fn spelled(&mut self, ty: &Raw) -> String {
        let name = match ty {
            Raw::Plain(name) => return name.clone(),
            Raw::Shared(name) => return format!("scaffold.v1.{name}"),
            Raw::Declared(name) => name,
            Raw::Own(wrapper) => return wrapper.name.clone(),
        };
        match self.packages.other(name) {
            Some((package, path)) => {
                self.imports.insert(path);
                // From the root: a package is looked for from the inside out, and may be called like a part of ours.
                format!(".{package}.{name}")
            }
            None => name.as_written().to_owned(),
        }
    }
}

fn draft<'a>(name: &'a FieldName, doc: Option<&'a str>, ty: &FieldType, position: Position) -> Draft<'a> {
    Draft { name, doc, shape: shape(ty, position) }
}

/// The fields that every entry has, with what they say.
pub fn entry_fields() -> [(FieldName, &'static str, FieldType); 3] {
    let at = || FieldType::required(Type::DateTime);
    [
        (FieldName::new("id"), "Its id, unique within a tenant.", FieldType::required(Type::Id)),
        (FieldName::new("createdAt"), "When it came to be.", at()),
        (FieldName::new("changedAt"), "When it changed last.", at()),
    ]
}

fn filter_shape(ty: &FieldType) -> Shape {
    Shape { label: "", ty: Raw::Shared(format!("{}Filter", filter_name(&ty.ty))) }
}

/// Which of the shared filters a field takes: `String` of `StringFilter`.
pub fn filter_name(ty: &Type) -> &'static str {
    match ty {
        Type::Int => "Int",
        Type::Float => "Float",
        Type::Boolean => "Boolean",
        Type::DateTime => "DateTime",
        Type::Date => "Date",
        Type::Decimal => "Decimal",
        Type::Id | Type::Reference(_) | Type::Enum(_) => "Id",
        Type::List(_) => "List",
        _ => "String",
    }
}
