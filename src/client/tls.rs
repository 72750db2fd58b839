//! TLS for outgoing connections.

use std::io;
use std::path::Path;
use std::sync::Arc;

use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::WebPkiServerVerifier;
use tokio_rustls::rustls::crypto::ring;
use tokio_rustls::rustls::pki_types::pem::{Error as PemError, PemObject};
use tokio_rustls::rustls::pki_types::{CertificateDer, UnixTime};
use tokio_rustls::rustls::{AlertDescription, CertificateError, ClientConfig, Error, RootCertStore};

use super::pinned::PinningVerifier;
use crate::model::timestamp;

/// Certificate authorities that Debian, Alpine, NixOS and our own image trust, as a PEM file.
pub(crate) const SYSTEM_AUTHORITIES: &str = "/etc/ssl/certs/ca-certificates.crt";

/// Makes a connector that trusts the certificates in a PEM file: as authorities, and as certificates of servers.
///
/// # Errors
/// The file, and why it cannot be used: it cannot be read, is not PEM, or contains no usable certificate.
pub(crate) fn connector(authorities: &Path) -> Result<TlsConnector, String> {
    let failed = |reason: String| format!("{}: {reason}", authorities.display());
    let certificates = CertificateDer::pem_file_iter(authorities).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let certificates = certificates.map_err(|error| match error {
        PemError::Io(error) if error.kind() != io::ErrorKind::InvalidData => failed(error.to_string()),
        _ => failed("not a PEM file".into()),
    })?;
    let mut roots = RootCertStore::empty();
    // A system may trust certificates that rustls considers too old; they are left out.
    let (added, _) = roots.add_parsable_certificates(certificates.iter().cloned());
    if added == 0 {
        return Err(failed("contains no certificate of an authority".into()));
    }
    let provider = Arc::new(ring::default_provider());
    let verifier = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider.clone()).build();
    let verifier = verifier.map_err(|error| failed(error.to_string()))?;
    let builder = ClientConfig::builder_with_provider(provider);
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| failed(error_in_words(&error)))?;
    let verifier = Arc::new(PinningVerifier::new(verifier, certificates));
    Ok(Arc::new(builder.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth()).into())
}

/// What a caller says about failures that a person can repair.
pub(crate) struct Hints<'a> {
    /// The server's certificate is not trusted.
    pub(crate) untrusted: &'a str,
    /// The server does not speak TLS.
    pub(crate) not_tls: &'a str,
}

/// Says why a handshake failed.
pub(crate) fn handshake_in_words(error: &io::Error, hints: &Hints<'_>) -> String {
    match of_rustls(error) {
        Some(Error::InvalidCertificate(error)) if is_untrusted(error) => hints.untrusted.to_owned(),
        Some(Error::InvalidMessage(_)) => hints.not_tls.to_owned(),
        // Servers that do not speak TLS close the connection, too.
        None if matches!(error.kind(), io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            "the server closed the connection in the TLS handshake; does it speak TLS on this port?".into()
        }
        _ => io_in_words(error),
    }
}

/// Says why an exchange over TLS failed. The texts of rustls are names of its types.
pub(crate) fn io_in_words(error: &io::Error) -> String {
    match of_rustls(error) {
        Some(error) => error_in_words(error),
        None if error.kind() == io::ErrorKind::UnexpectedEof => "the server closed the connection".into(),
        None => error.to_string(),
    }
}

fn of_rustls(error: &io::Error) -> Option<&Error> {
    error.get_ref()?.downcast_ref()
}

/// Returns whether another file of authorities could help.
fn is_untrusted(error: &CertificateError) -> bool {
    // rustls has no kind of its own for the certificate of an authority that is used by a server, which most self-signed ones are.
    matches!(error, CertificateError::UnknownIssuer)
        || matches!(error, CertificateError::Other(other) if other.to_string().contains("CaUsedAsEndEntity"))
}

fn error_in_words(error: &Error) -> String {
    match error {
        Error::InvalidCertificate(error) => certificate_in_words(error),
        Error::InvalidMessage(_) => "the server does not speak TLS on this port".into(),
        Error::PeerIncompatible(_) | Error::AlertReceived(AlertDescription::ProtocolVersion) => {
            "the server has no TLS version or cipher in common with this program, which needs TLS 1.2 or 1.3".into()
        }
        Error::AlertReceived(AlertDescription::CertificateRequired) => {
            "the server requires a certificate of its clients, which this program does not have".into()
        }
        Error::AlertReceived(alert) => {
            format!("the server refuses the TLS connection (TLS alert {})", u8::from(*alert))
        }
        _ => "the TLS handshake failed".into(),
    }
}

fn certificate_in_words(error: &CertificateError) -> String {
    match error {
        error if is_untrusted(error) => "the server's certificate is from no authority that this machine trusts".into(),
        CertificateError::ExpiredContext { not_after, .. } => {
            format!("the server's certificate has expired on {}", date(*not_after))
        }
        CertificateError::Expired => "the server's certificate has expired".into(),
        CertificateError::NotValidYetContext { not_before, .. } => {
            let date = date(*not_before);
            format!("the server's certificate is not valid before {date}; is the clock of this machine right?")
        }
        CertificateError::NotValidYet => {
            "the server's certificate is not valid yet; is the clock of this machine right?".into()
        }
        CertificateError::NotValidForNameContext { expected, presented } => {
            let names: Vec<_> = presented.iter().map(|name| format!("`{}`", bare_name(name))).collect();
            match names.is_empty() {
                true => {
                    format!("the server's certificate has no name (`subjectAltName`), so not `{}`", expected.to_str())
                }
                false => {
                    format!("the server's certificate is for {}, not for `{}`", names.join(", "), expected.to_str())
                }
            }
        }
        CertificateError::NotValidForName => {
            "the server's certificate is for another name than the configured one".into()
        }
        CertificateError::BadSignature => "the server does not have the private key of its certificate".into(),
        CertificateError::Other(other) if other.to_string().contains("UnsupportedCertVersion") => {
            "the server's certificate is of X.509 version 1 or 2; make one of version 3, with a `subjectAltName`".into()
        }
        _ => "the server's certificate has a form that is not supported".into(),
    }
}

/// Takes a name out of the way in which rustls quotes it: `DnsName("broker.lan")`, `IpAddress(192.0.2.1)`.
fn bare_name(quoted: &str) -> &str {
    let inner = quoted.split_once('(').and_then(|(_, rest)| rest.strip_suffix(')'));
    inner.unwrap_or(quoted).trim_matches('"')
}

/// Returns the day, in UTC.
fn date(time: UnixTime) -> String {
    timestamp(time.as_secs()).to_string().split('T').next().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use tokio_rustls::rustls::{InvalidMessage, PeerIncompatible, PeerMisbehaved};

    use super::*;

    /// None of them is a name of a Rust type.
    #[test]
    fn errors_are_words() {
        let time = UnixTime::since_unix_epoch(std::time::Duration::from_secs(86_400));
        let expired = CertificateError::ExpiredContext { time, not_after: time };
        let name = CertificateError::NotValidForNameContext {
            expected: "broker.lan".try_into().expect("a name"),
            presented: vec!["DnsName(\"localhost\")".into(), "IpAddress(127.0.0.1)".into()],
        };
        let hints = Hints { untrusted: "not in /ssl/ca.pem", not_tls: "not TLS" };
        for (error, words) in [
            (expired.into(), "the server's certificate has expired on 1970-01-02"),
            (name.into(), "the server's certificate is for `localhost`, `127.0.0.1`, not for `broker.lan`"),
            (CertificateError::UnknownIssuer.into(), "not in /ssl/ca.pem"),
            (Error::InvalidMessage(InvalidMessage::InvalidContentType), "not TLS"),
            (
                Error::AlertReceived(AlertDescription::CertificateRequired),
                "the server requires a certificate of its clients, which this program does not have",
            ),
            (
                Error::AlertReceived(AlertDescription::HandshakeFailure),
                "the server refuses the TLS connection (TLS alert 40)",
            ),
            (
                Error::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13),
                "the server has no TLS version or cipher in common with this program, which needs TLS 1.2 or 1.3",
            ),
            (Error::PeerMisbehaved(PeerMisbehaved::TooMuchEarlyDataReceived), "the TLS handshake failed"),
        ] {
            assert_eq!(handshake_in_words(&io::Error::other(error), &hints), words);
        }
        let closed = io::Error::from(io::ErrorKind::UnexpectedEof);
        assert_eq!(io_in_words(&closed), "the server closed the connection");
    }
}
