//! Whether a server's certificate is good enough.

use crate::store::StoreError;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{verify_server_cert_signed_by_trust_anchor, verify_server_name};
use tokio_rustls::rustls::crypto::{self, WebPkiSupportedAlgorithms, verify_tls12_signature, verify_tls13_signature};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, RootCertStore, SignatureScheme};

/// Looks at certificates. That the server has the key of the one that it shows is tried in any case: channel binding, which
/// says that the password was given to the holder of that certificate, would be worth nothing without.
#[derive(Debug)]
pub(super) struct Judge {
    trusted: Option<Trusted>,
    algorithms: WebPkiSupportedAlgorithms,
}

#[derive(Debug)]
struct Trusted {
    roots: RootCertStore,
    certificates: Vec<CertificateDer<'static>>,
    /// Whether the certificate has to be for the host.
    checks_name: bool,
}

impl Judge {
    /// Takes every certificate.
    pub(super) fn of_nothing() -> Self {
        Self { trusted: None, algorithms: algorithms() }
    }

    /// Takes those of these authorities.
    ///
    /// # Errors
    /// If none of them can be read.
    pub(super) fn of(certificates: Vec<CertificateDer<'static>>, checks_name: bool) -> Result<Self, StoreError> {
        let mut roots = RootCertStore::empty();
        if roots.add_parsable_certificates(certificates.iter().cloned()).0 == 0 {
            return Err(StoreError::Invalid("none of the authorities' certificates can be read".to_owned()));
        }
        Ok(Self { trusted: Some(Trusted { roots, certificates, checks_name }), algorithms: algorithms() })
    }
}

fn algorithms() -> WebPkiSupportedAlgorithms {
    crypto::ring::default_provider().signature_verification_algorithms
}

impl ServerCertVerifier for Judge {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer<'_>,
        between: &[CertificateDer<'_>],
        host: &ServerName<'_>,
        _ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let Some(trusted) = &self.trusted else { return Ok(ServerCertVerified::assertion()) };
        let parsed = ParsedCertificate::try_from(shown)?;
        let chain =
            verify_server_cert_signed_by_trust_anchor(&parsed, &trusted.roots, between, now, self.algorithms.all);
        match chain {
            // One that has signed itself, as the manual of PostgreSQL makes them, calls itself an authority, which is refused
            // in a server's place, once its time is found to be right. If it is this very one that is trusted, that is enough.
            Err(Error::InvalidCertificate(CertificateError::Other(_))) if trusted.certificates.contains(shown) => {}
            other => other?,
        }
        if trusted.checks_name {
            verify_server_name(&parsed, host)?;
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(message, shown, signed, &self.algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        shown: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(message, shown, signed, &self.algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.algorithms.supported_schemes()
    }
}
