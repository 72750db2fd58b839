//! TLS for the TCP listeners. The certificate and key files are reloaded when they change.

use std::convert::Infallible;
#[cfg(feature = "cli")]
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
#[cfg(feature = "cli")]
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::pki_types::pem::PemObject;
use tokio_rustls::rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio_rustls::rustls::server::ProducesTickets;
use tokio_rustls::rustls::{self, ServerConfig};

use crate::error::{Error, Result};

/// How often the files are checked for changes.
const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// A certificate chain and its private key, from PEM files.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    /// Resumes sessions without state on the server. One ticketer for the whole process, so that sessions outlive a reload.
    tickets: Arc<dyn ProducesTickets>,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    /// The files' versions when they were last read, whether or not they could be used.
    versions: [FileVersion; 2],
}

/// Modification time, length and inode of a file: at least one changes when it is written or replaced.
type FileVersion = Option<(SystemTime, u64, u64)>;

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// [`Error::Tls`] with the path, if a file cannot be read, is not PEM, or the key does not match the certificate.
    pub(crate) fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>> {
        let tickets = ring::Ticketer::new().map_err(|error| Error::Tls(error.to_string()))?;
        let versions = [file_version(certificate), file_version(key)];
        let acceptor = load_acceptor(certificate, key, &tickets).map_err(Error::Tls)?;
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Arc::new(Self { certificate, key, tickets, current: Mutex::new(Current { acceptor, versions }) }))
    }

    /// Returns the acceptor for the next connection.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).acceptor.clone()
    }

    /// Reloads the files when they change. Never completes.
    pub(crate) async fn watch(&self) -> Infallible {
        let mut ticks = tokio::time::interval(POLL_INTERVAL);
        loop {
            ticks.tick().await;
            let versions = self.file_versions();
            if self.current.lock().unwrap_or_else(PoisonError::into_inner).versions != versions {
                self.load_again(versions);
            }
        }
    }

    /// Reloads the files, changed or not. Open connections keep the certificate that they began with.
    #[cfg(feature = "cli")]
    pub(crate) fn reload(&self) {
        self.load_again(self.file_versions());
    }

    fn file_versions(&self) -> [FileVersion; 2] {
        [file_version(&self.certificate), file_version(&self.key)]
    }

    fn load_again(&self, versions: [FileVersion; 2]) {
        let loaded = load_acceptor(&self.certificate, &self.key, &self.tickets);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.versions = versions;
        match loaded {
            Ok(acceptor) => {
                current.acceptor = acceptor;
                tracing::info!(certificate = %self.certificate.display(), "TLS certificate reloaded");
            }
            // Certificate and key are rarely replaced at the same time; the second change triggers another reload.
            Err(error) => tracing::warn!(%error, "TLS certificate reload failed, keeping the previous one"),
        }
    }
}

fn file_version(path: &Path) -> FileVersion {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len(), file.ino()))
}

fn load_acceptor(certificate: &Path, key: &Path, tickets: &Arc<dyn ProducesTickets>) -> Result<TlsAcceptor, String> {
    let invalid = |path: &Path, reason: String| format!("{}: {reason}", path.display());
    let text = read_pem(certificate).map_err(|reason| invalid(certificate, reason))?;
    let chain = CertificateDer::pem_slice_iter(&text).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| invalid(certificate, "not a PEM file".into()))?;
    if chain.is_empty() {
        return Err(invalid(certificate, "no PEM certificate in this file".into()));
    }
    let text = read_pem(key).map_err(|reason| invalid(key, reason))?;
    let private =
        PrivateKeyDer::from_pem_slice(&text).map_err(|error| invalid(key, key_in_words(&error, &text, key)))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, private).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => invalid(key, format!("not the private key of {}", certificate.display())),
        rustls::Error::InvalidCertificate(error) => invalid(certificate, certificate_in_words(&error)),
        _ => invalid(
            key,
            "a private key of this kind is not supported: use RSA of 2048 to 8192 bits, ECDSA, or Ed25519".into(),
        ),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = tickets.clone();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

/// Returns the host names of a certificate, without wildcards, and its addresses.
///
/// Both are empty if the file cannot be read or understood.
#[cfg(feature = "cli")]
pub(crate) fn valid_names(certificate: &Path, candidates: &[IpAddr]) -> (Vec<String>, Vec<IpAddr>) {
    let Ok(der) = CertificateDer::from_pem_file(certificate) else { return Default::default() };
    let Ok(parsed) = webpki::EndEntityCert::try_from(&der) else { return Default::default() };
    let hosts = parsed.valid_dns_names().filter(|name| !name.starts_with("*.")).map(str::to_owned).collect();
    let is_for = |ip: &IpAddr| parsed.verify_is_valid_for_subject_name(&ServerName::from(*ip)).is_ok();
    (hosts, candidates.iter().copied().filter(is_for).collect())
}

/// Reads a PEM file. A byte-order mark hides its first line from every reader of PEM, so that is said.
fn read_pem(path: &Path) -> Result<Vec<u8>, String> {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    match text.starts_with(b"\xef\xbb\xbf") || text.starts_with(b"\xff\xfe") || text.starts_with(b"\xfe\xff") {
        true => Err("it begins with a byte-order mark; save it as plain text without one (ASCII or UTF-8)".into()),
        false => Ok(text),
    }
}

fn key_in_words(error: &rustls::pki_types::pem::Error, text: &[u8], path: &Path) -> String {
    use rustls::pki_types::pem::Error as Pem;
    let has = |part: &[u8]| text.windows(part.len()).any(|window| window == part);
    if has(b"BEGIN ENCRYPTED PRIVATE KEY") || has(b"Proc-Type: 4,ENCRYPTED") {
        return format!("the private key is encrypted; decrypt it with `openssl pkey -in {} -out NEW`", path.display());
    }
    match error {
        Pem::NoItemsFound => "no PEM private key in this file".into(),
        _ => "not a PEM file".into(),
    }
}

/// Says what is wrong with a certificate. The texts of rustls are those of its types.
fn certificate_in_words(error: &rustls::CertificateError) -> String {
    let text = format!("{error:?}");
    if text.contains("UnsupportedCertVersion") {
        "the certificate is of X.509 version 1 or 2; make one of version 3, with a `subjectAltName`".into()
    } else if text.contains("BadEncoding") || text.contains("BadDer") {
        "the certificate is damaged".into()
    } else {
        "the certificate has a form that is not supported; make one of X.509 version 3".into()
    }
}
