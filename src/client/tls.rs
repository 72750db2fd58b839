//! TLS for outgoing connections.

use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::CertificateDer;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

/// Certificate authorities that Debian, Alpine, NixOS and our own image trust, as a PEM file.
pub(crate) const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Makes a connector that trusts the certificate authorities in a PEM file.
///
/// # Errors
/// The file, and why it cannot be used: it cannot be read, is not PEM, or contains no usable certificate.
pub(crate) fn connector(authorities: &Path) -> Result<TlsConnector, String> {
    let failed = |reason: String| format!("{}: {reason}", authorities.display());
    let certificates = CertificateDer::pem_file_iter(authorities).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(|error| match error {
        PemError::Io(error) if error.kind() != std::io::ErrorKind::InvalidData => failed(error.to_string()),
        _ => failed("not a PEM file".into()),
    })?;
    let mut roots = RootCertStore::empty();
    // A system may trust certificates that rustls considers too old; they are left out.
    let (added, _) = roots.add_parsable_certificates(certificates);
    if added == 0 {
        return Err(failed("contains no certificate of an authority".into()));
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    Ok(Arc::new(builder.with_root_certificates(roots).with_no_client_auth()).into())
}

/// Says why a handshake failed. The texts of rustls are those of its types.
#[cfg(feature = "import")]
pub(crate) fn handshake_in_words(error: &std::io::Error) -> String {
    use tokio_rustls::rustls::{CertificateError as Certificate, Error};
    let Some(failure) = error.get_ref().and_then(|error| error.downcast_ref()) else { return error.to_string() };
    match failure {
        Error::InvalidCertificate(Certificate::UnknownIssuer) => {
            "the server's certificate is from no authority that this machine trusts"
        }
        Error::InvalidCertificate(Certificate::Expired | Certificate::ExpiredContext { .. }) => {
            "the server's certificate has expired"
        }
        Error::InvalidCertificate(Certificate::NotValidYet | Certificate::NotValidYetContext { .. }) => {
            "the server's certificate is not valid yet; is the clock of this machine right?"
        }
        Error::InvalidCertificate(Certificate::NotValidForName | Certificate::NotValidForNameContext { .. }) => {
            "the server's certificate is for another name than that of the address"
        }
        Error::InvalidCertificate(_) => "the server's certificate cannot be used",
        Error::InvalidMessage(_) => "the server there does not speak TLS; is it http:// instead of https://?",
        Error::AlertReceived(_) => "the server refuses the TLS connection",
        _ => "the TLS handshake failed",
    }
    .to_owned()
}
