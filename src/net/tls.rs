//! TLS for the TCP listeners, with certificate and key files that are reloaded when they change.

use std::convert::Infallible;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime};

use tokio_rustls::TlsAcceptor;
use tokio_rustls::rustls::crypto::ring;
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
            self.reload_if_changed();
        }
    }

    fn reload_if_changed(&self) {
        let versions = [file_version(&self.certificate), file_version(&self.key)];
        if self.current.lock().unwrap_or_else(PoisonError::into_inner).versions == versions {
            return;
        }
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
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| invalid(certificate, in_words(&error)))?;
    if chain.is_empty() {
        return Err(invalid(certificate, "no PEM certificate in this file".into()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| invalid(key, in_words(&error)))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, private).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => invalid(key, format!("not the private key of {}", certificate.display())),
        error => invalid(certificate, error.to_string()),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = tickets.clone();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn in_words(error: &rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error as Pem;
    match error {
        Pem::Io(error) if error.kind() != io::ErrorKind::InvalidData => error.to_string(),
        Pem::NoItemsFound => "no PEM private key in this file".into(),
        _ => "not a PEM file".into(),
    }
}
