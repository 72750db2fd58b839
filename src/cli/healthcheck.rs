//! `kosync healthcheck`: for containers, which run it inside and look at the exit code.

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, TcpStream};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use crate::{Config, ListenAddr};
use anyhow::{Context, Result, bail};

/// For each step; a container's runtime gives up later than that.
const TIMEOUT: Duration = Duration::from_secs(3);
const REQUEST: &[u8] = b"GET /healthcheck HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";

/// Asks at the first address of the configuration.
pub(super) fn run(config: &Config) -> Result<()> {
    let Some(address) = config.listen.first() else { bail!("there is no address to ask") };
    let tls = config.tls_certificate.is_some();
    ask(address, tls).with_context(|| format!("no healthy server at {address}"))
}

fn ask(address: &ListenAddr, tls: bool) -> Result<()> {
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
            if tls { exchange(secure(stream)?) } else { exchange(stream) }
        }
    }
}

#[cfg(not(feature = "tls"))]
fn secure(_: TcpStream) -> Result<TcpStream> {
    bail!("this program was built without TLS")
}

#[cfg(feature = "tls")]
fn secure(stream: TcpStream) -> Result<impl Read + Write> {
    use std::sync::Arc;

    use tokio_rustls::rustls::crypto::ring::default_provider;
    use tokio_rustls::rustls::{ClientConfig, ClientConnection, StreamOwned};

    let provider = Arc::new(default_provider());
    let config = ClientConfig::builder_with_provider(provider.clone()).with_safe_default_protocol_versions()?;
    let anybody = Arc::new(anybody::Anybody(provider));
    let config = config.dangerous().with_custom_certificate_verifier(anybody).with_no_client_auth();
    let name = stream.peer_addr()?.ip().into();
    Ok(StreamOwned::new(ClientConnection::new(Arc::new(config), name)?, stream))
}

#[cfg(feature = "tls")]
mod anybody {
    use std::sync::Arc;

    use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
    use tokio_rustls::rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
    use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
    use tokio_rustls::rustls::{DigitallySignedStruct, Error, SignatureScheme};

    /// Takes any certificate: its name is seldom the address that we ask at, and nothing is told here that is secret.
    #[derive(Debug)]
    pub(super) struct Anybody(pub(super) Arc<CryptoProvider>);

    impl ServerCertVerifier for Anybody {
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

/// A server on all addresses is asked on the loopback one, of whichever family it has.
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
    let mut answer = String::new();
    stream.take(16 * 1024).read_to_string(&mut answer)?;
    if !answer.starts_with("HTTP/1.1 200 ") || !answer.ends_with(r#"{"state":"OK"}"#) {
        bail!("it answered: {}", answer.lines().next().unwrap_or("nothing"));
    }
    Ok(())
}
