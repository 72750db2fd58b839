//! TLS for the TCP listeners, by certificate and key files that are read again when they change.

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

/// How often the files are looked at.
const LOOK_EVERY: Duration = Duration::from_secs(1);

/// A certificate chain and its key, from PEM files.
pub(crate) struct Tls {
    certificate: PathBuf,
    key: PathBuf,
    /// Resumes sessions without keeping them; the same for all certificates of a process.
    tickets: Arc<dyn ProducesTickets>,
    current: Mutex<Current>,
}

struct Current {
    acceptor: TlsAcceptor,
    /// What the files were like when they were read last, well or not.
    seen: [Stamp; 2],
}

/// What changes when a file is written or replaced.
type Stamp = Option<(SystemTime, u64, u64)>;

impl Tls {
    /// Reads both files.
    ///
    /// # Errors
    /// [`Error::Tls`] with the file and what is wrong with it.
    pub(crate) fn load(certificate: &Path, key: &Path) -> Result<Arc<Self>> {
        let tickets = ring::Ticketer::new().map_err(|error| Error::Tls(error.to_string()))?;
        let seen = [stamp(certificate), stamp(key)];
        let acceptor = read(certificate, key, &tickets).map_err(Error::Tls)?;
        let (certificate, key) = (certificate.to_owned(), key.to_owned());
        Ok(Arc::new(Self { certificate, key, tickets, current: Mutex::new(Current { acceptor, seen }) }))
    }

    /// With what the next connection is accepted.
    pub(crate) fn acceptor(&self) -> TlsAcceptor {
        self.current.lock().unwrap_or_else(PoisonError::into_inner).acceptor.clone()
    }

    /// Looks at the files for as long as it is polled, and takes over what is new and good.
    pub(crate) async fn watch(&self) -> Infallible {
        let mut ticks = tokio::time::interval(LOOK_EVERY);
        loop {
            ticks.tick().await;
            self.look();
        }
    }

    fn look(&self) {
        let seen = [stamp(&self.certificate), stamp(&self.key)];
        if self.current.lock().unwrap_or_else(PoisonError::into_inner).seen == seen {
            return;
        }
        let read = read(&self.certificate, &self.key, &self.tickets);
        let mut current = self.current.lock().unwrap_or_else(PoisonError::into_inner);
        current.seen = seen;
        match read {
            Ok(acceptor) => {
                current.acceptor = acceptor;
                tracing::info!(certificate = %self.certificate.display(), "took over the new certificate");
            }
            // Both files are seldom written at once; the second one will bring us here again.
            Err(error) => tracing::warn!(%error, "the new certificate cannot be used; the old one stays"),
        }
    }
}

fn stamp(path: &Path) -> Stamp {
    use std::os::unix::fs::MetadataExt;
    let file = std::fs::metadata(path).ok()?;
    Some((file.modified().ok()?, file.len(), file.ino()))
}

fn read(certificate: &Path, key: &Path, tickets: &Arc<dyn ProducesTickets>) -> Result<TlsAcceptor, String> {
    let wrong = |path: &Path, what: String| format!("{}: {what}", path.display());
    let chain = CertificateDer::pem_file_iter(certificate).and_then(Iterator::collect::<Result<Vec<_>, _>>);
    let chain = chain.map_err(|error| wrong(certificate, in_words(&error)))?;
    if chain.is_empty() {
        return Err(wrong(certificate, "there is no PEM certificate in it".into()));
    }
    let private = PrivateKeyDer::from_pem_file(key).map_err(|error| wrong(key, in_words(&error)))?;
    let builder = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()));
    let builder = builder.with_safe_default_protocol_versions().map_err(|error| error.to_string())?;
    let mut config = builder.with_no_client_auth().with_single_cert(chain, private).map_err(|error| match error {
        rustls::Error::InconsistentKeys(_) => wrong(key, format!("it is not the key of {}", certificate.display())),
        error => wrong(certificate, error.to_string()),
    })?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    config.ticketer = tickets.clone();
    Ok(TlsAcceptor::from(Arc::new(config)))
}

fn in_words(error: &rustls::pki_types::pem::Error) -> String {
    use rustls::pki_types::pem::Error as Pem;
    match error {
        Pem::Io(error) if error.kind() != io::ErrorKind::InvalidData => error.to_string(),
        Pem::NoItemsFound => "there is no PEM private key in it".into(),
        _ => "it is not a PEM file".into(),
    }
}
