//! TLS: rustls with ring, and which certificates are trusted.
//!
//! The cryptography is named here and nowhere asked of the process: an application with both ring and aws-lc-rs in its tree,
//! or with neither installed as the default, must not make the client panic.
//!
//! 1. The operating system's verifier and trust roots.
//! 2. On Linux and the BSDs those in `SSL_CERT_FILE` and `SSL_CERT_DIR` instead, if set; elsewhere the file's in addition.
//!    A file that is named but unusable is an error, not a silent fallback.
//! 3. The application's additional roots.
//! 4. Without any root (a minimal container) every `https` connection fails, plain loopback still works.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use rustls_platform_verifier::Verifier;

use super::http_client_settings::HttpClientSettingsError;

/// The TLS settings for these additional roots (PEM) and this value of `SSL_CERT_FILE`.
pub(super) fn client_config(
    root_certificates: &[Vec<u8>],
    trust_file: Option<&Path>,
) -> Result<ClientConfig, HttpClientSettingsError> {
    let mut roots = Vec::new();
    for pem in root_certificates {
        roots.extend(parse(pem).ok_or(HttpClientSettingsError::RootCertificates)?);
    }
    if let Some(path) = trust_file {
        let unusable = || HttpClientSettingsError::TrustFile(path.to_owned());
        let trusted = std::fs::read(path).ok().and_then(|pem| parse(&pem)).ok_or_else(unusable)?;
        if !TRUST_FILE_IS_READ_BY_VERIFIER {
            roots.extend(trusted);
        }
    }
    let crypto = Arc::new(rustls::crypto::ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&crypto))
        .with_safe_default_protocol_versions()
        .map_err(|error| HttpClientSettingsError::Tls(Arc::new(error)))?;
    let builder = match Verifier::new_with_extra_roots(roots, crypto) {
        Ok(verifier) => builder.dangerous().with_custom_certificate_verifier(Arc::new(verifier)),
        Err(error) => {
            tracing::warn!(%error, "there are no trusted root certificates: https to the provider will fail");
            builder.with_root_certificates(RootCertStore::empty())
        }
    };
    Ok(builder.with_no_client_auth())
}

/// The certificates in `pem` that can serve as trust roots; `None` if there is none, or it is not PEM.
fn parse(pem: &[u8]) -> Option<Vec<CertificateDer<'static>>> {
    let certificates: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(pem).collect();
    let usable = |certificate: &CertificateDer<'static>| {
        RootCertStore::empty().add(certificate.clone()).is_ok()
    };
    let certificates: Vec<_> = certificates.ok()?.into_iter().filter(usable).collect();
    (!certificates.is_empty()).then_some(certificates)
}

const TRUST_FILE_IS_READ_BY_VERIFIER: bool = cfg!(all(unix, not(target_vendor = "apple")));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn named_trust_file_must_hold_a_certificate() {
        for path in ["/nonexistent/roots.pem", "/dev/null", "", "Cargo.toml"] {
            let error = client_config(&[], Some(Path::new(path))).unwrap_err();
            assert_eq!(error.code(), "http_settings_trust_file_unusable", "{path}");
        }
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/provider/http_client/test_ca.pem");
        assert!(client_config(&[], Some(Path::new(path))).is_ok());
    }
}
