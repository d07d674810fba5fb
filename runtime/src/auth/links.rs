//! Links to files: whoever has one may load that one file, for a while.
//!
//! They are signed with a key that is derived from the shared secret of the services and used for nothing else.

use jsonwebtoken::Algorithm;
#[cfg(any(test, feature = "files"))]
use jsonwebtoken::DecodingKey;
#[cfg(any(test, feature = "gateway"))]
use jsonwebtoken::EncodingKey;
use serde::{Deserialize, Serialize};

use super::service::derived;
use super::{Secret, crypto};
use crate::event::Tenant;

/// What the header says that such a token is.
const KIND: &str = "file+jwt";
/// What the secret is mixed with.
const PURPOSE: &[u8] = b"scaffold file link 1";

/// Signs links, and verifies them. Cheap to clone.
#[derive(Clone)]
pub(crate) struct LinkKeys {
    #[cfg(any(test, feature = "gateway"))]
    sign: EncodingKey,
    #[cfg(any(test, feature = "files"))]
    verify: DecodingKey,
}

impl std::fmt::Debug for LinkKeys {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        out.write_str("LinkKeys(…)")
    }
}

#[derive(Serialize, Deserialize)]
struct Claims {
    service: String,
    tenant: String,
    file: String,
    exp: i64,
}

impl LinkKeys {
    /// The keys of all who share the secret.
    ///
    /// # Errors
    /// A sentence if the secret cannot be used.
    pub(crate) fn new(secret: &Secret) -> Result<Self, String> {
        let key = derived(secret, PURPOSE)?;
        Ok(Self {
            #[cfg(any(test, feature = "gateway"))]
            sign: EncodingKey::from_secret(&key),
            #[cfg(any(test, feature = "files"))]
            verify: DecodingKey::from_secret(&key),
        })
    }

    /// What a link to a file carries until an instant, in seconds since 1970.
    ///
    /// # Errors
    /// A sentence if it cannot be signed.
    #[cfg(any(test, feature = "gateway"))]
    pub(crate) fn sign(&self, service: &str, tenant: &Tenant, file: &str, exp: i64) -> Result<String, String> {
        let [service, tenant, file] = [service, tenant.as_str(), file].map(str::to_owned);
        let header = jsonwebtoken::Header { typ: Some(KIND.to_owned()), ..jsonwebtoken::Header::new(Algorithm::HS256) };
        let signed = crypto::encode(&header, &Claims { service, tenant, file, exp }, &self.sign);
        signed.map_err(|cause| format!("a link cannot be signed: {cause}"))
    }

    /// Whose file it is, if the link leads to this file of this service and has not expired.
    #[cfg(any(test, feature = "files"))]
    pub(crate) fn tenant_of(&self, link: &str, service: &str, file: &str) -> Option<Tenant> {
        if link.len() > super::LONGEST_TOKEN {
            return None;
        }
        let mut validation = jsonwebtoken::Validation::new(Algorithm::HS256);
        validation.leeway = super::LEEWAY;
        validation.validate_aud = false;
        let found = crypto::decode::<Claims>(link, &self.verify, &validation).ok()?;
        let is_link = found.header.typ.as_deref() == Some(KIND);
        let claims = found.claims;
        (is_link && claims.service == service && claims.file == file).then(|| Tenant::new(claims.tenant))
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;
    use crate::auth::ServiceKeys;
    use crate::value::DateTime;

    #[test]
    fn a_link_leads_to_one_file_and_ends() {
        let secret = Secret::new("a secret that has thirty-two bytes").unwrap();
        let keys = LinkKeys::new(&secret).unwrap();
        let tenant = Tenant::new("acme");
        let now = DateTime::now().millis() / 1000;
        let link = keys.sign("papers", &tenant, "f1", now + 60).unwrap();
        assert_eq!(keys.tenant_of(&link, "papers", "f1"), Some(tenant.clone()));
        assert_eq!(keys.tenant_of(&link, "papers", "f2"), None);
        assert_eq!(keys.tenant_of(&link, "library", "f1"), None);
        let old = keys.sign("papers", &tenant, "f1", now - 60).unwrap();
        assert_eq!(keys.tenant_of(&old, "papers", "f1"), None);
        let others = LinkKeys::new(&Secret::new("another secret of thirty-two bytes").unwrap()).unwrap();
        assert_eq!(others.tenant_of(&link, "papers", "f1"), None);
        let token = ServiceKeys::new(&secret).unwrap().events_token("papers").unwrap();
        assert_eq!(keys.tenant_of(&token, "papers", "f1"), None);
    }

    #[test]
    fn a_link_that_was_tampered_with_leads_nowhere() {
        let keys = LinkKeys::new(&Secret::random()).unwrap();
        let exp = DateTime::now().millis() / 1000 + 60;
        let link = keys.sign("papers", &Tenant::new("acme"), "f1", exp).unwrap();
        for at in 0..link.len() {
            let mut bytes = link.clone().into_bytes();
            bytes[at] = if bytes[at] == b'A' { b'B' } else { b'A' };
            let changed = String::from_utf8(bytes).unwrap();
            // The last letter of a signature has bits that mean nothing, which a strict reader refuses too.
            assert_eq!(keys.tenant_of(&changed, "papers", "f1"), None, "{at}");
        }
    }
}
