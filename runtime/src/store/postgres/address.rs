//! `postgres://user:password@host:5432/database?schema=name`.

use super::tls::Security;
use crate::store::StoreError;
use percent_encoding::percent_decode_str;
use std::time::Duration;
use tokio_postgres::Config;

/// PostgreSQL cuts longer names off, and a schema's name is that of its channel too.
const LONGEST_NAME: usize = 63;

/// Where a service's events are.
pub(super) struct Address {
    pub(super) config: Config,
    pub(super) security: Security,
    pub(super) schema: String,
}

/// Reads an address.
///
/// # Errors
/// [`StoreError::Address`], which does not repeat the password.
pub(super) fn parse(url: &str, default_schema: &str) -> Result<Address, StoreError> {
    let wrong = |problem| StoreError::Address { url: without_password(url), problem };
    if !url.starts_with("postgres://") && !url.starts_with("postgresql://") {
        return Err(wrong("it must begin with `postgres://`"));
    }
    let (place, query) = url.split_once('?').unwrap_or((url, ""));
    let mut own = Own::default();
    let mut others = Vec::new();
    for part in query.split('&').filter(|part| !part.is_empty()) {
        if !own.takes(part).map_err(wrong)? {
            others.push(part);
        }
    }
    let schema = own.schema.unwrap_or_else(|| default_schema.to_owned());
    if !is_schema(&schema) {
        return Err(wrong("a schema's name is made of letters, digits, `_` and `-`, 63 at most, and no digit first"));
    }
    let security = Security::of(own.mode.as_deref(), own.authorities.as_deref()).map_err(wrong)?;
    let rest = if others.is_empty() { place.to_owned() } else { format!("{place}?{}", others.join("&")) };
    let mut config: Config = rest.parse().map_err(|_| wrong("its parts cannot be read"))?;
    settle(&mut config);
    Ok(Address { config, security, schema })
}

/// Parameters that the client library does not know, or not all of.
#[derive(Default)]
struct Own {
    schema: Option<String>,
    mode: Option<String>,
    authorities: Option<String>,
}

impl Own {
    /// Takes a parameter, if it is one of these.
    fn takes(&mut self, part: &str) -> Result<bool, &'static str> {
        let (name, value) = part.split_once('=').unwrap_or((part, ""));
        let (place, twice) = match name {
            "schema" => (&mut self.schema, "the schema is named twice"),
            "sslmode" => (&mut self.mode, "`sslmode` is named twice"),
            "sslrootcert" => (&mut self.authorities, "`sslrootcert` is named twice"),
            _ => return Ok(false),
        };
        let value = percent_decode_str(value).decode_utf8().map_err(|_| "its parts cannot be read")?;
        if place.replace(value.into_owned()).is_some() { Err(twice) } else { Ok(true) }
    }
}

/// A peer that has vanished without a word must not be waited for by the hour.
fn settle(config: &mut Config) {
    if config.get_application_name().is_none() {
        config.application_name("scaffold");
    }
    if config.get_connect_timeout().is_none() {
        config.connect_timeout(Duration::from_secs(5));
    }
    config.keepalives_idle(Duration::from_secs(15));
    config.tcp_user_timeout(Duration::from_secs(30));
}

fn is_schema(name: &str) -> bool {
    let first = name.chars().next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_');
    let others = name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_' || one == '-');
    first && others && name.len() <= LONGEST_NAME && !name.starts_with("pg_")
}

/// The address as it may be shown.
pub(super) fn without_password(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let path = path.split_once('?').map_or(path, |(path, _)| path);
    match authority.rsplit_once('@') {
        Some((user, host)) => {
            let user = user.split_once(':').map_or(user, |(user, _)| user);
            format!("{scheme}://{user}@{host}{path}")
        }
        None => format!("{scheme}://{authority}{path}"),
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::super::tls::Authorities;
    use super::*;

    #[test]
    fn the_schema_is_the_services_unless_named() {
        assert_eq!(parse("postgres://a@h/d", "campus").unwrap().schema, "campus");
        let named = parse("postgresql://a@h/d?connect_timeout=3&schema=my-own", "campus").unwrap();
        assert_eq!(named.schema, "my-own");
        assert_eq!(named.config.get_connect_timeout(), Some(&Duration::from_secs(3)));
        assert_eq!(named.config.get_dbname(), Some("d"));
    }

    #[test]
    fn what_makes_no_sense_is_refused_and_no_password_shown() {
        for wrong in [
            "mysql://h/d",
            "postgres://a:geheim@h/d?schema=1a",
            "postgres://a:geheim@h/d?schema=a\"b",
            "postgres://a:geheim@h/d?schema=a&schema=b",
            "postgres://a:geheim@h/d?schema=pg_own",
            "postgres://a:geheim@h/d?sslmode=verify",
            "postgres://a:geheim@h/d?sslmode=require&sslmode=disable",
            "postgres://a:geheim@h/d?sslrootcert=ca.pem",
            "postgres://a:geheim@h/d?sslmode=verify-ca",
            "postgres://a:geheim@h/d?sslmode=verify-full&sslrootcert=%ff",
            "postgres://a:geheim@h/d?password=geheim&nonsense=1",
        ] {
            let Err(error) = parse(wrong, "campus") else { unreachable!("{wrong} was taken") };
            assert!(matches!(error, StoreError::Address { .. }), "{wrong}");
            assert!(!error.to_string().contains("geheim"), "{error}");
        }
    }

    #[test]
    fn how_safe_the_way_has_to_be_is_said_beside_the_schema() {
        let url = "postgres://a:geheim@h/d?sslmode=verify-full&schema=x&sslrootcert=%2Fetc%2Fca%20of%20us.pem";
        let address = parse(url, "campus").unwrap();
        let file = Authorities::File("/etc/ca of us.pem".into());
        assert_eq!((address.security, address.schema.as_str()), (Security::Host(file), "x"));
        assert_eq!(parse("postgres://a@h/d", "campus").unwrap().security, Security::Preferred);
    }
}
