//! `kosync healthcheck`: asks a running server whether it is healthy. Containers run it and take its exit code.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use anyhow::{Context, Result, bail};

use super::CommandError;
use super::settings::Settings;
use crate::{Config, ListenAddr};

/// Time limit for each step. Container runtimes wait longer than that.
const TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST: &[u8] = b"GET /healthcheck HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Exits with 1 for every failure, also of the settings: container runtimes know no other code than 0 and 1.
pub(super) fn run(settings: Settings) -> Result<(), CommandError> {
    settings.load().and_then(|config| check(&config)).map_err(CommandError::Run)
}

/// Checks the server at the first address of `listen`.
fn check(config: &Config) -> Result<()> {
    let Some(address) = config.listen.first() else { bail!("`listen` has no address to check") };
    let tls = config.tls_certificate.is_some();
    check_address(address, tls).with_context(|| format!("no healthy server at {address}"))
}

fn check_address(address: &ListenAddr, tls: bool) -> Result<()> {
    match address {
        ListenAddr::Unix { path, .. } => {
            let stream = UnixStream::connect(path)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            exchange(stream)
        }
        ListenAddr::Tcp(address) => {
            let stream = connect(*address)?;
            stream.set_read_timeout(Some(TIMEOUT))?;
            stream.set_write_timeout(Some(TIMEOUT))?;
            if tls { exchange(secure(stream)?).map_err(tls_in_words) } else { exchange(stream) }
        }
    }
}

/// Replaces an error of rustls, whose texts are names of its types.
fn tls_in_words(error: anyhow::Error) -> anyhow::Error {
    #[cfg(feature = "tls")]
    if let Some(error) = error.downcast_ref::<std::io::Error>() {
        return anyhow::Error::msg(crate::client::tls::io_in_words(error));
    }
    error
}

#[cfg(not(feature = "tls"))]
fn secure(_: TcpStream) -> Result<TcpStream> {
    bail!("this program was built without the feature `tls`")
}

#[cfg(feature = "tls")]
fn secure(stream: TcpStream) -> Result<impl Read + Write> {
    use std::sync::Arc;

    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let verifier = Arc::new(no_verification::AcceptAll(provider));
    let config = config.dangerous().with_custom_certificate_verifier(verifier).with_no_client_auth();
    let name = stream.peer_addr()?.ip().into();
    Ok(StreamOwned::new(ClientConnection::new(Arc::new(config), name)?, stream))
}

#[cfg(feature = "tls")]
mod no_verification {
    use std::sync::Arc;

    use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use tokio_rustls::rustls::{DigitallySignedStruct, Error, SignatureScheme};

    /// Accepts every certificate: its name is seldom the address of the check, and the check sends and receives no secret.
    #[derive(Debug)]
    pub(super) struct AcceptAll(pub(super) Arc<CryptoProvider>);

    impl ServerCertVerifier for AcceptAll {
        fn verify_server_cert(
            &self,
            _: &CertificateDer<'_>,
            _: &[CertificateDer<'_>],
            _: &ServerName<'_>,
            _: &[u8],
            _: UnixTime,
        ) -> Result<ServerCertVerified, Error> {
            Ok(ServerCertVerified::assertion())
        }

        fn verify_tls12_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls12_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn verify_tls13_signature(
            &self,
            message: &[u8],
            certificate: &CertificateDer<'_>,
            signed: &DigitallySignedStruct,
        ) -> Result<HandshakeSignatureValid, Error> {
            verify_tls13_signature(message, certificate, signed, &self.0.signature_verification_algorithms)
        }

        fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
            self.0.signature_verification_algorithms.supported_schemes()
        }
    }
}

/// Connects to an address. A server that listens on all addresses is checked on a loopback address, IPv6 first.
fn connect(address: SocketAddr) -> std::io::Result<TcpStream> {
    let loopback: &[IpAddr] = match address.ip() {
        IpAddr::V6(ip) if ip.is_unspecified() => &[IpAddr::V6(Ipv6Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::LOCALHOST)],
        IpAddr::V4(ip) if ip.is_unspecified() => &[IpAddr::V4(Ipv4Addr::LOCALHOST)],
        ip => &[ip],
    };
    let mut outcome = Err(std::io::ErrorKind::AddrNotAvailable.into());
    for host in loopback {
        outcome = TcpStream::connect_timeout(&SocketAddr::new(*host, address.port()), TIMEOUT);
        if outcome.is_ok() {
            break;
        }
    }
    outcome
}

fn exchange(mut stream: impl Read + Write) -> Result<()> {
    stream.write_all(REQUEST)?;
    let mut response = String::new();
    stream.take(16 * 1024).read_to_string(&mut response)?;
    if !response.starts_with("HTTP/1.1 200 ") || !response.ends_with(r#"{"state":"OK"}"#) {
        bail!("unexpected response: {}", response.lines().next().unwrap_or("nothing"));
    }
    Ok(())
}
