//! TLS as KOReader uses it: a new connection, and so a new handshake, for each request.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::client::Resumption;
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::ServerName;
use tokio_rustls::rustls::{ClientConfig, RootCertStore};

use crate::machine::Process;

const CONNECTIONS: usize = 16;
const TIME: Duration = Duration::from_secs(4);

/// Measures requests per second with a handshake each, and the server's processor time per request.
pub fn measure(dir: &Path) {
    let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["kosync.test".to_owned()]).unwrap();
    let (certificate, key) = (dir.join("certificate.pem"), dir.join("key.pem"));
    std::fs::write(&certificate, cert.pem()).unwrap();
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    let server = Process::with_tls(&dir.join("secure"), &certificate, &key);
    println!("\n| TLS 1.3, ECDSA P-256, a new connection for each GET | per second | processor time of the server |");
    println!("| --- | ---: | ---: |");
    for resumption in [false, true] {
        let mut roots = RootCertStore::empty();
        roots.add(cert.der().clone()).unwrap();
        let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
        let config = config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots);
        let mut config = config.with_no_client_auth();
        config.resumption = if resumption { Resumption::in_memory_sessions(256) } else { Resumption::disabled() };
        let before = server.cpu_time();
        let rate = run(&server, &TlsConnector::from(Arc::new(config)));
        let cost = (server.cpu_time() - before).as_secs_f64() * 1e6 / (rate * TIME.as_secs_f64());
        println!("| {} | {rate:.0} | {cost:.0} µs |", if resumption { "resumed sessions" } else { "full handshakes" });
    }
}

fn run(server: &Process, connector: &TlsConnector) -> f64 {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let (start, address) = (Instant::now(), server.address());
    let count: usize = runtime.block_on(async {
        let tasks: Vec<_> = (0..CONNECTIONS)
            .map(|_| {
                let connector = connector.clone();
                tokio::spawn(async move {
                    let mut count = 0;
                    while start.elapsed() < TIME {
                        let stream = TcpStream::connect(address).await.unwrap();
                        let name = ServerName::try_from("kosync.test").unwrap();
                        let mut stream = connector.connect(name, stream).await.unwrap();
                        let request = b"GET /healthcheck HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
                        stream.write_all(request).await.unwrap();
                        let mut response = Vec::new();
                        // The server closes the connection without a TLS `close_notify`.
                        let _ = stream.read_to_end(&mut response).await;
                        assert!(response.starts_with(b"HTTP/1.1 200 "));
                        count += 1;
                    }
                    count
                })
            })
            .collect();
        let mut sum = 0;
        for task in tasks {
            sum += task.await.unwrap();
        }
        sum
    });
    count as f64 / start.elapsed().as_secs_f64()
}
