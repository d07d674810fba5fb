//! The names that an expression may use, by where it stands.

use crate::model::{EventField, FieldName, FieldType, Type, Var};
use crate::place::Place;
use std::collections::BTreeMap;

/// Lengths of time by name, in milliseconds.
pub(crate) const DURATIONS: &[(&str, i64)] = &[
    ("second", 1_000),
    ("minute", 60_000),
    ("hour", 3_600_000),
    ("day", 86_400_000),
    ("week", 604_800_000),
    ("month", 2_592_000_000),
    ("year", 31_536_000_000),
];

/// What a name means.
#[derive(Clone, Debug)]
pub(crate) struct Binding {
    /// The variable.
    pub var: Var,
    /// Its type; a [`Type::Map`] is a record (`event`, `command`), of which only fields are values.
    pub ty: FieldType,
    /// Where it was declared, if anywhere.
    pub place: Option<Place>,
}

impl Binding {
    /// A value without fields or elements.
    fn is_plain(&self) -> bool {
        !matches!(self.ty.ty, Type::Map(_) | Type::Object(_) | Type::File | Type::Json | Type::List(_))
    }
}

/// The names in scope. One name may be bound more than once; using it is then an error.
#[derive(Clone, Debug, Default)]
pub(crate) struct Scope {
    names: BTreeMap<String, Vec<Binding>>,
    /// State entries that have a value for each element of a list, where no element is meant: the list, and where the entry
    /// was declared.
    of_others: BTreeMap<String, (FieldName, Place)>,
    /// State entries where one of them is folded, which sees itself alone and under another name: whether it is that one.
    folded: BTreeMap<String, bool>,
}

impl Scope {
    /// What the name could mean.
    pub fn get(&self, name: &str) -> &[Binding] {
        self.names.get(name).map_or(&[], Vec::as_slice)
    }

    /// Of the things that a name could mean the only one that has fields: what `command.x` is about, where a command has a
    /// field called `command`.
    pub fn with_fields(&self, name: &str) -> Option<&Binding> {
        let bindings = self.get(name);
        let mut found = bindings.iter().filter(|binding| !binding.is_plain());
        let first = found.next().filter(|_| bindings.len() > 1)?;
        found.next().is_none().then_some(first)
    }

    /// All names, for suggestions.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.keys().map(String::as_str).chain(DURATIONS.iter().map(|(name, _)| *name))
    }

    /// Records in scope that have a field of this name: what a bare name may have meant.
    pub fn records_with(&self, field: &str) -> Vec<String> {
        let records = self.names.iter().filter(|(_, bindings)| {
            bindings.iter().any(|binding| match &binding.ty.ty {
                Type::Map(fields) => fields.iter().any(|(name, _)| name == field),
                _ => false,
            })
        });
        records.map(|(name, _)| format!("{name}.{field}")).collect()
    }

    /// Binds a name.
    #[must_use]
    pub fn with(mut self, name: &str, var: Var, ty: FieldType, place: Option<Place>) -> Self {
        self.names.entry(name.to_owned()).or_default().push(Binding { var, ty, place });
        self
    }

    /// Binds `now`.
    #[must_use]
    pub fn with_now(self) -> Self {
        self.with("now", Var::Now, FieldType::required(Type::DateTime), None)
    }

    /// Binds `caller`.
    #[must_use]
    pub fn with_caller(self) -> Self {
        let permissions = Type::List(Box::new(FieldType::required(Type::String)));
        let fields = vec![
            ("userId".to_owned(), FieldType::nullable(Type::Id)),
            ("permissions".to_owned(), FieldType::required(permissions)),
        ];
        self.with("caller", Var::Caller, record(fields), None)
    }

    /// Binds `command`, and with `bare` each of its fields.
    #[must_use]
    pub fn with_command(self, fields: &[EventField], bare: bool) -> Self {
        let scope = self.with("command", Var::Command, payload(fields), None);
        if !bare {
            return scope;
        }
        fields.iter().fold(scope, |scope, field| {
            let var = Var::CommandField(field.name.clone());
            scope.with(field.name.as_written(), var, field.ty.clone(), Some(field.place))
        })
    }

    /// Binds each field of an event by its bare name, as tags write them.
    #[must_use]
    pub fn with_event_fields(self, fields: &[EventField]) -> Self {
        fields.iter().fold(self, |scope, field| {
            let var = Var::EventField(field.name.clone());
            scope.with(field.name.as_written(), var, field.ty.clone(), Some(field.place))
        })
    }

    /// Binds a payload under each of the names.
    #[must_use]
    pub fn with_event(self, names: &[&str], ty: &FieldType) -> Self {
        names.iter().fold(self, |scope, name| scope.with(name, Var::Event, ty.clone(), None))
    }

    /// Binds the payload of an older version, and which it was.
    #[must_use]
    pub fn with_older(self) -> Self {
        let scope = self.with_event(&["event"], &FieldType::required(Type::Json));
        scope.with("version", Var::Version, FieldType::required(Type::Int), None)
    }

    /// Binds the envelope of an event under each of the names.
    #[must_use]
    pub fn with_meta(self, names: &[&str]) -> Self {
        names.iter().fold(self, |scope, name| scope.with(name, Var::Meta, record(meta_fields()), None))
    }

    /// Binds `state`.
    #[must_use]
    pub fn with_state(self, ty: &FieldType) -> Self {
        self.with("state", Var::State, ty.clone(), None)
    }

    /// Remembers a state entry that cannot be named where one of them is folded, to say so.
    #[must_use]
    pub fn with_state_apart(mut self, name: &FieldName, is_folded: bool) -> Self {
        self.folded.insert(name.to_string(), is_folded);
        self
    }

    /// Whether a state entry of this name is the one that is folded here; none if it is no entry, or nothing is folded.
    pub fn folded(&self, name: &str) -> Option<bool> {
        self.folded.get(name).copied()
    }

    /// Binds a state entry by its name.
    #[must_use]
    pub fn with_state_entry(self, name: &FieldName, ty: &FieldType, place: Place) -> Self {
        self.with(name.as_written(), Var::StateEntry(name.clone()), ty.clone(), Some(place))
    }

    /// Binds `item`, an element of a list.
    #[must_use]
    pub fn with_item(self, list: &FieldName, element: &FieldType) -> Self {
        self.with("item", Var::Item(list.clone()), element.clone(), None)
    }

    /// Binds a state entry of `item` by its name.
    #[must_use]
    pub fn with_state_of_item(self, name: &FieldName, ty: &FieldType, place: Place) -> Self {
        self.with(name.as_written(), Var::StateOfItem(name.clone()), ty.clone(), Some(place))
    }

    /// Remembers a state entry that has a value for each element of a list, to say so where it is named.
    #[must_use]
    pub fn with_state_of_others(mut self, name: &FieldName, list: &FieldName, place: Place) -> Self {
        self.of_others.insert(name.to_string(), (list.clone(), place));
        self
    }

    /// The list for whose elements a state entry of this name has values, and where it was declared.
    pub fn of_others(&self, name: &str) -> Option<&(FieldName, Place)> {
        self.of_others.get(name)
    }

    /// Binds `entry`, which a view holds.
    #[must_use]
    pub fn with_entry(self, fields: Vec<(String, FieldType)>) -> Self {
        self.with("entry", Var::Entry, record(fields), None)
    }

    /// Binds `result`, one of those that an effect returned.
    #[must_use]
    pub fn with_result(self, ty: &FieldType) -> Self {
        self.with("result", Var::Result, ty.clone(), None)
    }

    /// Binds `projection`, the entry before the event.
    #[must_use]
    pub fn with_projection(self, fields: Vec<(String, FieldType)>) -> Self {
        self.with("projection", Var::Projection, record(fields), None)
    }
}

/// The type of a declared payload, or of a command.
pub(crate) fn payload(fields: &[EventField]) -> FieldType {
    // What may be absent from an update is nil where it is.
    let ty = |field: &EventField| FieldType { required: field.ty.required && !field.may_be_absent, ..field.ty.clone() };
    record(fields.iter().map(|field| (field.name.to_string(), ty(field))).collect())
}

/// The fields of `meta` by their names in the language.
pub(crate) fn meta_fields() -> Vec<(String, FieldType)> {
    let text = [("id", true), ("tenantId", true), ("topic", true), ("stream", false), ("type", true)];
    let more = [("correlationId", false), ("causationId", false), ("userId", false), ("reason", false)];
    let texts = text.into_iter().chain(more);
    let mut fields: Vec<_> =
        texts.map(|(name, required)| (name.to_owned(), FieldType { ty: Type::String, required })).collect();
    fields.push(("position".to_owned(), FieldType::required(Type::Int)));
    fields.push(("raisedAt".to_owned(), FieldType::required(Type::DateTime)));
    fields
}

fn record(fields: Vec<(String, FieldType)>) -> FieldType {
    FieldType::required(Type::Map(fields))
}
