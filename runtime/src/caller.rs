//! Who calls, and who may.

use crate::event::Tenant;
use crate::value::{DateTime, Json};
use std::collections::BTreeSet;
use std::fmt;

/// Who may call an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Anyone, with or without a token.
    Public,
    /// Any caller with a valid token.
    SignedIn,
    /// A caller who holds at least one of these permissions.
    AnyOf(&'static [&'static str]),
    /// Nobody from outside: services with a token for this very command, and the process itself.
    Nobody,
}

/// Why a call was turned away.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// There is no valid token.
    #[error("this needs a signed-in caller")]
    Unauthenticated,
    /// The token's permissions do not reach.
    #[error("the caller lacks the permission for this")]
    Forbidden,
}

impl Denied {
    /// What clients act on.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::Forbidden => "FORBIDDEN",
        }
    }
}

impl Access {
    /// Lets the caller pass, or says why not.
    ///
    /// # Errors
    /// [`Denied::Unauthenticated`] without a token, [`Denied::Forbidden`] without the permission.
    pub fn check(&self, caller: &Caller) -> Result<(), Denied> {
        if caller.system {
            return Ok(());
        }
        if caller.only.is_some() {
            return Err(Denied::Forbidden);
        }
        match self {
            Self::Public => Ok(()),
            _ if !caller.is_signed_in() => Err(Denied::Unauthenticated),
            Self::SignedIn => Ok(()),
            Self::AnyOf(any) if any.iter().any(|name| caller.permissions.contains(*name)) => Ok(()),
            Self::AnyOf(_) | Self::Nobody => Err(Denied::Forbidden),
        }
    }

    /// The same for a command by its name and its service's: `mailer.SendWelcome`. A service that shows a token for it may send it
    /// though nobody else may.
    ///
    /// # Errors
    /// As [`Access::check`].
    pub fn check_command(&self, caller: &Caller, command: &str) -> Result<(), Denied> {
        let Some(only) = &caller.only else { return self.check(caller) };
        let may = match self {
            Self::AnyOf(any) => any.iter().any(|name| caller.permissions.contains(*name)),
            Self::Public | Self::SignedIn | Self::Nobody => true,
        };
        if may && only == command { Ok(()) } else { Err(Denied::Forbidden) }
    }
}

/// Who calls, as the token says.
#[derive(Clone)]
pub struct Caller {
    /// The token's subject; none for an anonymous caller.
    pub user_id: Option<String>,
    /// Whose data the call sees.
    pub tenant: Tenant,
    /// The permissions held.
    pub permissions: BTreeSet<String>,
    /// What else the token carries in its `data` claim.
    pub data: Json,
    /// The token itself, to be forwarded to other services.
    pub token: Option<String>,
    /// The process itself (seeding): it may do everything. Never set from a token.
    pub system: bool,
    /// Another service, by a token for this one command (`mailer.SendWelcome`): it may send that and nothing else.
    pub only: Option<String>,
}

impl Caller {
    /// A caller without a token.
    pub fn anonymous(tenant: Tenant) -> Self {
        Self {
            user_id: None,
            tenant,
            permissions: BTreeSet::new(),
            data: Json::Null,
            token: None,
            system: false,
            only: None,
        }
    }

    /// A user with permissions, as a verified token names them.
    pub fn user(
        tenant: Tenant,
        user_id: impl Into<String>,
        permissions: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        Self {
            user_id: Some(user_id.into()),
            permissions: permissions.into_iter().map(Into::into).collect(),
            ..Self::anonymous(tenant)
        }
    }

    /// The process itself, which may do everything.
    pub fn system(tenant: Tenant) -> Self {
        Self { system: true, ..Self::anonymous(tenant) }
    }

    /// Whether a valid token stands behind the call (or the process itself).
    pub fn is_signed_in(&self) -> bool {
        self.system || self.user_id.is_some() || self.token.is_some()
    }
}

/// Hand-written so that the token never reaches a log.
impl fmt::Debug for Caller {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("Caller")
            .field("user_id", &self.user_id)
            .field("tenant", &self.tenant)
            .field("permissions", &self.permissions)
            .field("system", &self.system)
            .field("only", &self.only)
            .finish_non_exhaustive()
    }
}

/// What a decision may know beside its command and the events: the instant and the caller.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The command's own instant; the same in every attempt.
    pub now: DateTime,
    /// Who sent the command.
    pub caller: &'a Caller,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn access_asks_for_what_it_says() {
        let tenant = Tenant::new("t");
        let anonymous = Caller::anonymous(tenant.clone());
        let student = Caller::user(tenant.clone(), "u", ["STUDENT"]);
        let system = Caller::system(tenant);
        let teacher = Access::AnyOf(&["TEACHER"]);
        assert_eq!(Access::Public.check(&anonymous), Ok(()));
        assert_eq!(Access::SignedIn.check(&anonymous), Err(Denied::Unauthenticated));
        assert_eq!(teacher.check(&anonymous), Err(Denied::Unauthenticated));
        assert_eq!(Access::SignedIn.check(&student), Ok(()));
        assert_eq!(Access::AnyOf(&["TEACHER", "STUDENT"]).check(&student), Ok(()));
        assert_eq!(teacher.check(&student), Err(Denied::Forbidden));
        assert_eq!(Access::Nobody.check(&student), Err(Denied::Forbidden));
        assert_eq!(Access::Nobody.check(&system), Ok(()));
    }

    #[test]
    fn a_service_may_send_the_one_command_that_its_token_names_and_do_nothing_else() {
        let send = |permissions: &[&str]| Caller {
            permissions: permissions.iter().map(|name| (*name).to_owned()).collect(),
            only: Some("mailer.Send".to_owned()),
            ..Caller::anonymous(Tenant::new("t"))
        };
        assert_eq!(Access::Nobody.check_command(&send(&[]), "mailer.Send"), Ok(()));
        assert_eq!(Access::SignedIn.check_command(&send(&[]), "mailer.Send"), Ok(()));
        assert_eq!(Access::AnyOf(&["A"]).check_command(&send(&["A"]), "mailer.Send"), Ok(()));
        assert_eq!(Access::AnyOf(&["A"]).check_command(&send(&[]), "mailer.Send"), Err(Denied::Forbidden));
        assert_eq!(Access::Nobody.check_command(&send(&[]), "mailer.Drop"), Err(Denied::Forbidden));
        assert_eq!(Access::Nobody.check_command(&send(&[]), "other.Send"), Err(Denied::Forbidden));
        for access in [Access::Public, Access::SignedIn, Access::AnyOf(&["A"]), Access::Nobody] {
            assert_eq!(access.check(&send(&["A"])), Err(Denied::Forbidden), "{access:?}");
        }
        let user = Caller::user(Tenant::new("t"), "u", ["A"]);
        assert_eq!(Access::Nobody.check_command(&user, "mailer.Send"), Err(Denied::Forbidden));
    }

    #[test]
    fn the_token_stays_out_of_the_debug_form() {
        let caller = Caller { token: Some("secret".to_owned()), ..Caller::anonymous(Tenant::new("t")) };
        assert!(!format!("{caller:?}").contains("secret"));
    }
}
