//! Fields with a permission of their own: what a caller does not see, and may not ask by or write.

use tonic::Status;

use super::Service;
use crate::auth::Call;
use crate::caller::{Access, Caller, Denied};
use crate::crud::CrudType;
use crate::entry::{Entry, EntryKind, FieldAccess, Table};
use crate::error::status;
use crate::query::{Filter, Order};
use crate::wire::FieldError;

/// The fields of a type that a caller may not see.
#[derive(Clone, Debug, Default)]
pub struct Hidden(Vec<(&'static str, Denied)>);

impl Hidden {
    /// Of calls that name an id, or of all others.
    pub(super) fn of(kind: &EntryKind, call: &Call, by_id: bool) -> Self {
        let denied = |field: &FieldAccess| {
            let access = if by_id { field.read_by_id } else { field.read };
            Some((field.field, access.check(&call.caller).err()?))
        };
        Self(kind.fields.iter().filter_map(denied).collect())
    }

    /// Whether the field must not be shown.
    #[must_use]
    pub fn holds(&self, field: &str) -> bool {
        self.0.iter().any(|(hidden, _)| *hidden == field)
    }

    /// What an answer says of the fields that it leaves out.
    #[must_use]
    pub fn errors(&self) -> Vec<FieldError> {
        self.errors_among(&[])
    }

    /// Of the fields wanted only; none named means all.
    pub(super) fn errors_among(&self, wanted: &[String]) -> Vec<FieldError> {
        let wanted = |field: &str| wanted.is_empty() || wanted.iter().any(|wanted| wanted == field);
        let found = self.0.iter().filter(|(field, _)| wanted(field));
        found.map(|(field, denied)| error(field, *denied)).collect()
    }

    /// Lets nobody find out by a filter or an order what a field holds.
    ///
    /// # Errors
    /// As the permission says, with the field.
    pub(super) fn refuse(&self, table: &Table, filters: &[&Filter], orders: &[Order]) -> Result<(), Status> {
        let ordered = orders.iter().find_map(|order| self.column(table, &order.column));
        match ordered.or_else(|| filters.iter().find_map(|filter| self.asked(table, filter))) {
            Some((field, denied)) => Err(refusal(field, denied)),
            None => Ok(()),
        }
    }

    fn asked(&self, table: &Table, filter: &Filter) -> Option<(&'static str, Denied)> {
        match filter {
            Filter::All(parts) | Filter::Any(parts) => parts.iter().find_map(|part| self.asked(table, part)),
            Filter::Field { column, .. } => self.column(table, column),
            Filter::Refers(_) => None,
        }
    }

    fn column(&self, table: &Table, column: &str) -> Option<(&'static str, Denied)> {
        let column = table.column(column)?;
        self.0.iter().find(|(field, _)| *field == column.field).copied()
    }
}

impl Service {
    /// The fields of `E` that the caller may not see of an entry that is named by its id, as a written one is.
    #[must_use]
    pub fn hidden<E: Entry>(&self, call: &Call) -> Hidden {
        Hidden::of(&EntryKind::of::<E>(), call, true)
    }

    /// The fields of `E` that the caller may not see in lists.
    #[must_use]
    pub fn hidden_in_lists<E: Entry>(&self, call: &Call) -> Hidden {
        Hidden::of(&EntryKind::of::<E>(), call, false)
    }
}

/// Whether the caller may set these fields of a new entry.
///
/// # Errors
/// As the permission says, with the field.
pub(super) fn may_create<C: CrudType>(call: &Call, fields: &[&'static str]) -> Result<(), Status> {
    may::<C>(call, fields, |access| access.create)
}

/// Whether the caller may change these fields.
///
/// # Errors
/// As the permission says, with the field.
pub(super) fn may_update<C: CrudType>(call: &Call, fields: &[&'static str]) -> Result<(), Status> {
    may::<C>(call, fields, |access| access.update)
}

fn may<C: CrudType>(call: &Call, fields: &[&'static str], who: fn(&FieldAccess) -> Access) -> Result<(), Status> {
    for access in C::FIELDS.iter().filter(|access| fields.contains(&access.field)) {
        who(access).check(&call.caller).map_err(|denied| refusal(access.field, denied))?;
    }
    Ok(())
}

/// The answer to a caller whose token lacks what fills a field.
pub(super) fn unfilled(field: &str, caller: &Caller) -> Status {
    refusal(field, if caller.is_signed_in() { Denied::Forbidden } else { Denied::Unauthenticated })
}

fn refusal(field: &str, denied: Denied) -> Status {
    status::denied_field(denied, error(field, denied))
}

fn error(field: &str, denied: Denied) -> FieldError {
    FieldError { path: vec![field.to_owned()], code: denied.code().to_owned(), message: denied.to_string() }
}
