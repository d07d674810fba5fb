//! TLS on the way to the server, with the modes and the parameters that libpq has.
//!
//! Where it checks nothing, libpq's words are kept although they promise little. Where it checks, it is at least as strict as
//! libpq: a name is looked for among the certificate's alternative names alone.

mod binding;
mod judge;
mod stream;

pub(super) use stream::{Connect, Failure, Stream, Tls};

use crate::store::StoreError;
use judge::Judge;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::PemObject as _;
use tokio_rustls::rustls::{ClientConfig, crypto, version};

/// How safe the way to the server has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Security {
    /// In the clear.
    None,
    /// Over TLS if the server has it, whoever it is; else in the clear.
    Preferred,
    /// Over TLS, whoever the server is.
    Encrypted,
    /// To a server whose certificate is of one of the authorities in this file.
    Authority(PathBuf),
    /// The same, and the certificate is for the host of the address.
    Host(Authorities),
}

/// Whose certificates count.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Authorities {
    /// Those of the operating system, or of `SSL_CERT_FILE` and `SSL_CERT_DIR`.
    System,
    File(PathBuf),
}

impl Security {
    /// What `sslmode` and `sslrootcert` ask for together.
    ///
    /// # Errors
    /// What is wrong about that.
    pub(super) fn of(mode: Option<&str>, authorities: Option<&str>) -> Result<Self, &'static str> {
        match (mode, authorities) {
            (Some("disable"), None) => Ok(Self::None),
            (Some("prefer") | None, None) => Ok(Self::Preferred),
            (Some("require"), None) => Ok(Self::Encrypted),
            (Some("verify-full"), None | Some("system")) | (None, Some("system")) => {
                Ok(Self::Host(Authorities::System))
            }
            (Some("verify-full"), Some(file)) => Ok(Self::Host(Authorities::File(file.into()))),
            (Some("require" | "verify-ca"), Some("system")) => {
                Err("`sslrootcert=system` needs `sslmode=verify-full`: anybody has a certificate of such an authority")
            }
            // As in libpq: where there are authorities, they are asked.
            (Some("require" | "verify-ca"), Some(file)) => Ok(Self::Authority(file.into())),
            (Some("verify-ca"), None) => Err("`sslmode=verify-ca` needs `sslrootcert`, the file of the authority"),
            (Some("disable" | "prefer") | None, Some(_)) => {
                Err("with `sslrootcert`, `sslmode` must be require, verify-ca or verify-full: else nothing is checked")
            }
            (Some(_), _) => Err("`sslmode` is one of disable, prefer, require, verify-ca and verify-full"),
        }
    }

    /// What makes it so; nothing in the clear. Reads files, and waits for the disk.
    ///
    /// # Errors
    /// If the authorities cannot be read.
    pub(super) fn tls(&self) -> Result<Option<Tls>, StoreError> {
        let judge = match self {
            Self::None => return Ok(None),
            Self::Preferred | Self::Encrypted => Judge::of_nothing(),
            Self::Authority(file) => Judge::of(in_file(file)?, false)?,
            Self::Host(Authorities::File(file)) => Judge::of(in_file(file)?, true)?,
            Self::Host(Authorities::System) => Judge::of(of_the_system()?, true)?,
        };
        let provider = Arc::new(crypto::ring::default_provider());
        let client = ClientConfig::builder_with_provider(provider)
            .with_protocol_versions(&[&version::TLS13, &version::TLS12])
            .map_err(|error| StoreError::Invalid(format!("TLS cannot be set up: {error}")))?;
        let mut client = client.dangerous().with_custom_certificate_verifier(Arc::new(judge)).with_no_client_auth();
        // A server from 17 on wants to be told, if TLS is the first thing it hears.
        client.alpn_protocols = vec![b"postgresql".to_vec()];
        Ok(Some(Tls::new(client)))
    }
}

fn in_file(path: &Path) -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let failed = |source| StoreError::File { path: path.to_owned(), source };
    let text = std::fs::read(path).map_err(failed)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(failed(std::io::Error::new(std::io::ErrorKind::InvalidData, "it holds no certificates in PEM form"))),
    }
}

fn of_the_system() -> Result<Vec<CertificateDer<'static>>, StoreError> {
    let found = rustls_native_certs::load_native_certs();
    if found.certs.is_empty() {
        let problem = "this system has no certificates of authorities: install them (`ca-certificates`), or name a file \
             with `sslrootcert`";
        return Err(StoreError::Invalid(problem.to_owned()));
    }
    Ok(found.certs)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    #[test]
    fn the_modes_ask_for_what_libpq_means_by_them() {
        let file = Authorities::File("ca.pem".into());
        for (mode, authorities, expected) in [
            (None, None, Security::Preferred),
            (Some("prefer"), None, Security::Preferred),
            (Some("disable"), None, Security::None),
            (Some("require"), None, Security::Encrypted),
            (Some("require"), Some("ca.pem"), Security::Authority("ca.pem".into())),
            (Some("verify-ca"), Some("ca.pem"), Security::Authority("ca.pem".into())),
            (Some("verify-full"), Some("ca.pem"), Security::Host(file)),
            (Some("verify-full"), None, Security::Host(Authorities::System)),
            (Some("verify-full"), Some("system"), Security::Host(Authorities::System)),
            (None, Some("system"), Security::Host(Authorities::System)),
        ] {
            assert_eq!(Security::of(mode, authorities), Ok(expected), "{mode:?} {authorities:?}");
        }
    }

    #[test]
    fn what_would_check_less_than_it_seems_to_is_refused() {
        for (mode, authorities, reason) in [
            (None, Some("ca.pem"), "nothing is checked"),
            (Some("prefer"), Some("ca.pem"), "nothing is checked"),
            (Some("disable"), Some("system"), "nothing is checked"),
            (Some("verify-ca"), None, "needs `sslrootcert`"),
            (Some("verify-ca"), Some("system"), "needs `sslmode=verify-full`"),
            (Some("require"), Some("system"), "needs `sslmode=verify-full`"),
            (Some("allow"), None, "is one of"),
            (Some("VERIFY-FULL"), None, "is one of"),
            (Some(""), None, "is one of"),
        ] {
            let refused = Security::of(mode, authorities).unwrap_err();
            assert!(refused.contains(reason), "{mode:?} {authorities:?}: {refused}");
        }
    }

    #[test]
    fn a_file_without_certificates_is_named() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ca.pem");
        let absent = Security::Authority(path.clone()).tls().err().unwrap().to_string();
        assert!(absent.contains("ca.pem"), "{absent}");
        std::fs::write(&path, "nothing").unwrap();
        let empty = Security::Host(Authorities::File(path)).tls().err().unwrap().to_string();
        assert!(empty.contains("ca.pem: it holds no certificates"), "{empty}");
    }
}
