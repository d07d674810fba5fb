//! What a token says, once its signature holds.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::{TokenError, Verified};
use crate::caller::Caller;
use crate::event::Tenant;
use crate::value::{DateTime, Json};

/// The claims that are looked at; others are ignored.
#[derive(Deserialize)]
pub(super) struct Claims {
    sub: Option<String>,
    tenant: Option<Json>,
    scopes: Option<Scopes>,
    scope: Option<Scopes>,
    #[serde(default)]
    data: Json,
    exp: f64,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Scopes {
    List(Vec<String>),
    Text(String),
}

impl Claims {
    pub(super) fn verified(self, token: &str) -> Result<Verified, TokenError> {
        let tenant = match self.tenant {
            Some(Json::String(tenant)) if !tenant.trim().is_empty() => Tenant::new(tenant),
            Some(_) => return Err(TokenError::Invalid("its claim `tenant` must be a text that is not empty".into())),
            None => return Err(TokenError::Invalid("its claim `tenant` is missing".into())),
        };
        if self.sub.as_ref().is_some_and(|sub| sub.is_empty()) {
            return Err(TokenError::Invalid("its claim `sub` is empty".into()));
        }
        if !(self.data.is_null() || self.data.is_object()) {
            return Err(TokenError::Invalid("its claim `data` must be an object".into()));
        }
        let permissions = [self.scopes, self.scope].into_iter().flatten().flat_map(Scopes::names).collect();
        let caller = Caller {
            user_id: self.sub,
            permissions,
            data: self.data,
            token: Some(token.to_owned()),
            ..Caller::anonymous(tenant)
        };
        // A claim is in seconds; `as` saturates, so that a date far away stays one.
        Ok(Verified { caller, expires: DateTime::from_millis((self.exp * 1000.0) as i64) })
    }
}

impl Scopes {
    fn names(self) -> BTreeSet<String> {
        match self {
            Self::List(names) => names.into_iter().collect(),
            Self::Text(text) => text.split_whitespace().map(str::to_owned).collect(),
        }
    }
}
