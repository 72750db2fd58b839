//! TLS: the protocol over it, reloaded certificates, and files that cannot be used.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Instant;

use base64ct::{Base64, Encoding};
use nix::sys::signal::Signal;
use rcgen::{CertifiedKey, generate_simple_self_signed};
use tokio_rustls::rustls::crypto::ring::default_provider;
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName};
use tokio_rustls::rustls::{ClientConfig, ClientConnection, HandshakeKind, RootCertStore, StreamOwned};

use super::kosync::{Process, command, failed, output, run_with_input, single_line};
use crate::common::{Client, KEY, Reply, connect, position, read_reply, request};

/// A directory with `certificate.pem` and `key.pem` for the host `kosync.test`.
struct Files {
    dir: tempfile::TempDir,
}

impl Files {
    fn new() -> (Self, CertificateDer<'static>) {
        let files = Self { dir: tempfile::tempdir().unwrap() };
        let certificate = files.renew();
        (files, certificate)
    }

    fn certificate(&self) -> PathBuf {
        self.dir.path().join("certificate.pem")
    }

    fn key(&self) -> PathBuf {
        self.dir.path().join("key.pem")
    }

    /// Replaces both files as ACME clients do: each is written beside the old one and renamed over it.
    fn renew(&self) -> CertificateDer<'static> {
        let CertifiedKey { cert, signing_key } = generate_simple_self_signed(["kosync.test".to_owned()]).unwrap();
        for (path, text) in [(self.certificate(), cert.pem()), (self.key(), signing_key.serialize_pem())] {
            fs::write(path.with_extension("new"), text).unwrap();
            fs::rename(path.with_extension("new"), path).unwrap();
        }
        cert.der().clone()
    }

    fn start(&self) -> Process {
        let mut command = command();
        command.arg("--data-dir").arg(self.dir.path().join("data")).args(["--listen", "127.0.0.1:0"]);
        command.arg("--tls-certificate").arg(self.certificate()).arg("--tls-key").arg(self.key());
        Process::spawn(command)
    }
}

/// The configuration of a client that trusts this certificate only.
fn trusting(certificate: &CertificateDer<'static>) -> Arc<ClientConfig> {
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let config = ClientConfig::builder_with_provider(Arc::new(default_provider()));
    Arc::new(config.with_safe_default_protocol_versions().unwrap().with_root_certificates(roots).with_no_client_auth())
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

fn connect_tls(client: Client, config: &Arc<ClientConfig>) -> Stream {
    let name = ServerName::try_from("kosync.test").unwrap();
    StreamOwned::new(ClientConnection::new(config.clone(), name).unwrap(), connect(client.address))
}

fn send(stream: &mut Stream, method: &str, path: &str, body: Option<&str>) -> std::io::Result<Reply> {
    let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
    stream.write_all(&request(method, path, &headers, body))?;
    read_reply(stream, false)
}

#[test]
fn the_protocol_over_tls() {
    let (files, certificate) = Files::new();
    let process = files.start();
    assert!(process.banner[1].starts_with("    https://127.0.0.1:"), "{:?}", process.banner);
    let config = trusting(&certificate);
    let request_over_tls = |method: &str, path: &str, body: Option<&str>| {
        send(&mut connect_tls(process.client, &config), method, path, body).unwrap().shaped()
    };
    let account = format!(r#"{{"username":"ada","password":"{KEY}"}}"#);
    assert_eq!(request_over_tls("POST", "/users/create", Some(&account)).status, 201);
    assert_eq!(request_over_tls("PUT", "/syncs/progress", Some(&position("book", "p", 0.5).to_string())).status, 200);
    assert_eq!(request_over_tls("GET", "/syncs/progress/book", None).json()["progress"], "p");

    // The session cookie of the dashboard is then `Secure`.
    let mut stream = connect_tls(process.client, &config);
    let form = "name=ada&password=password";
    stream.write_all(&request("POST", "/login", &[("origin", b"https://localhost")], Some(form))).unwrap();
    let login = read_reply(&mut stream, false).unwrap();
    assert!(login.header("set-cookie").is_some_and(|cookie| cookie.ends_with("; Secure")), "{login:?}");

    // Plain HTTP is told to speak TLS.
    let mut plain = connect(process.client.address);
    plain.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
    let mut answer = String::new();
    plain.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 400 ") && answer.contains("Type https://"), "{answer:?}");

    let listen = process.client.address.to_string();
    let (certificate, key) = (files.certificate(), files.key());
    let pair = [("KOSYNC_TLS_CERTIFICATE", certificate.to_str().unwrap()), ("KOSYNC_TLS_KEY", key.to_str().unwrap())];
    let health = output(&["healthcheck", "--listen", &listen], &pair);
    assert_eq!(health.status.code(), Some(0), "{health:?}");
    process.stop();
}

/// KOReader opens a new connection for each request. A resumed session saves the expensive part of the handshake.
#[test]
fn sessions_are_resumed() {
    let (files, certificate) = Files::new();
    let process = files.start();
    let config = trusting(&certificate);
    let kind = || {
        let mut stream = connect_tls(process.client, &config);
        assert_eq!(send(&mut stream, "GET", "/healthcheck", None).unwrap().status, 200);
        stream.conn.handshake_kind().unwrap()
    };
    assert_eq!(kind(), HandshakeKind::Full);
    assert_eq!(kind(), HandshakeKind::Resumed);
}

#[test]
fn a_new_certificate_is_reloaded_and_an_invalid_one_is_ignored() {
    let (files, old) = Files::new();
    let process = files.start();
    let is_served_with = |certificate: &CertificateDer<'static>| {
        let mut stream = connect_tls(process.client, &trusting(certificate));
        send(&mut stream, "GET", "/healthcheck", None).is_ok_and(|reply| reply.status == 200)
    };
    assert!(is_served_with(&old));
    let mut kept = connect_tls(process.client, &trusting(&old));
    // Used after each step, so that it does not reach the idle timeout.
    let mut request_on_kept = || {
        kept.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(read_reply(&mut kept, false).unwrap().status, 200);
    };
    request_on_kept();

    fs::write(files.certificate(), "not a certificate").unwrap();
    let log = process.logged("TLS certificate reload failed, keeping the previous one");
    assert!(log.contains("certificate.pem: no PEM certificate in this file"), "{log}");
    assert!(is_served_with(&old));
    request_on_kept();
    fs::remove_file(files.certificate()).unwrap();
    let log = process.logged("TLS certificate reload failed, keeping the previous one");
    assert!(log.contains("certificate.pem: No such file"), "{log}");
    assert!(is_served_with(&old));
    request_on_kept();

    let new = files.renew();
    process.logged("TLS certificate reloaded");
    assert!(is_served_with(&new));
    assert!(!is_served_with(&old));
    // An open connection keeps the certificate that it began with.
    request_on_kept();
}

/// Issue 16, 15: ACME clients and `systemctl reload` send it. It ended the server, with 129.
#[test]
fn sighup_reads_the_certificate_anew_and_drops_no_connection() {
    let (files, old) = Files::new();
    let process = files.start();
    let config = trusting(&old);
    let mut kept = connect_tls(process.client, &config);
    let mut request_on_kept = || {
        kept.write_all(b"GET /healthcheck HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        assert_eq!(read_reply(&mut kept, false).unwrap().status, 200);
    };
    request_on_kept();
    // The files are as they were, so that nothing but the signal makes the server read them.
    process.signal(Signal::SIGHUP);
    process.logged("TLS certificate reloaded");
    request_on_kept();
    assert_eq!(send(&mut connect_tls(process.client, &config), "GET", "/healthcheck", None).unwrap().status, 200);

    fs::write(files.certificate(), "not a certificate").unwrap();
    process.logged("TLS certificate reload failed, keeping the previous one");
    process.signal(Signal::SIGHUP);
    let log = process.logged("TLS certificate reload failed, keeping the previous one");
    assert!(log.contains("certificate.pem: no PEM certificate in this file"), "{log}");
    request_on_kept();
    assert_eq!(send(&mut connect_tls(process.client, &config), "GET", "/healthcheck", None).unwrap().status, 200);
    process.stop();
}

#[test]
fn a_stalled_handshake_times_out() {
    let (files, _) = Files::new();
    let process = files.start();
    let start = Instant::now();
    let mut silent = connect(process.client.address);
    let mut half = connect(process.client.address);
    half.write_all(b"\x16\x03\x01\x02\x00\x01").unwrap();
    for stream in [&mut silent, &mut half] {
        let _ = stream.read_to_end(&mut Vec::new());
        assert!(start.elapsed().as_secs() < 30);
    }
}

/// The texts of the TLS library are no texts for people.
#[test]
fn an_import_says_in_words_why_tls_fails() {
    if !std::path::Path::new("/etc/ssl/certs/ca-certificates.crt").exists() {
        return;
    }
    let (files, _) = Files::new();
    let (secure, plain) = (files.start(), Process::start(&files.dir.path().join("plain")));
    let data = files.dir.path().join("new");
    for (process, reason) in [
        (&secure, "the server's certificate is from no authority that this machine trusts"),
        (&plain, "the server there does not speak TLS; is it http:// instead of https://?"),
    ] {
        let url = format!("https://{}", process.client.address);
        let mut import = command();
        import.args(["import", &url, "--admin", "--password-stdin", "--data-dir"]).arg(&data);
        let error = failed(&run_with_input(import, "password\n"));
        assert_eq!(error, format!("kosync: {url}/manage/users: {reason}"));
    }
    assert!(!data.exists());
}

/// The health check of a server that speaks TLS in the configuration only.
#[test]
fn a_health_check_says_in_words_why_tls_fails() {
    let (files, _) = Files::new();
    let plain = Process::start(&files.dir.path().join("plain"));
    let address = plain.client.address.to_string();
    let (certificate, key) = (files.certificate(), files.key());
    let pair = [("KOSYNC_TLS_CERTIFICATE", certificate.to_str().unwrap()), ("KOSYNC_TLS_KEY", key.to_str().unwrap())];
    let error = failed(&output(&["healthcheck", "--listen", &address], &pair));
    assert_eq!(error, format!("kosync: no healthy server at {address}: the server does not speak TLS on this port"));
}

fn certificate_pem(der: &[u8]) -> String {
    let base64 = Base64::encode_string(der);
    let lines: Vec<_> = base64.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN CERTIFICATE-----\n{}\n-----END CERTIFICATE-----\n", lines.join("\n"))
}

#[test]
fn files_that_cannot_be_used_are_named_in_the_error() {
    let (files, der) = Files::new();
    let (other, _) = Files::new();
    let text = |path: PathBuf| path.to_str().unwrap().to_owned();
    let (certificate, key) = (text(files.certificate()), text(files.key()));
    let data = text(files.dir.path().join("data"));
    let refused = |arguments: &[&str]| {
        let output = output(&[&["--data-dir", &data, "--listen", "127.0.0.1:0"], arguments].concat(), &[]);
        assert_eq!(output.status.code(), Some(2), "{output:?}");
        single_line(&output.stderr)
    };
    let empty = text(files.dir.path().join("empty"));
    fs::write(&empty, "").unwrap();
    for (arguments, message) in [
        (
            vec!["--tls-certificate", "/nowhere/c.pem", "--tls-key", &key],
            "--tls-certificate: TLS: /nowhere/c.pem: No such file or directory (os error 2)".to_owned(),
        ),
        (
            vec!["--tls-certificate", &certificate, "--tls-key", "/nowhere/k.pem"],
            "--tls-key: TLS: /nowhere/k.pem: No such file or directory (os error 2)".into(),
        ),
        (
            vec!["--tls-certificate", &empty, "--tls-key", &key],
            format!("--tls-certificate: TLS: {empty}: no PEM certificate in this file"),
        ),
        (
            vec!["--tls-certificate", &key, "--tls-key", &key],
            format!("--tls-certificate: TLS: {key}: no PEM certificate in this file"),
        ),
        (
            vec!["--tls-certificate", &certificate, "--tls-key", &certificate],
            format!("--tls-key: TLS: {certificate}: no PEM private key in this file"),
        ),
        (
            vec!["--tls-certificate", &certificate, "--tls-key", &text(other.key())],
            format!("--tls-key: TLS: {}: not the private key of {certificate}", text(other.key())),
        ),
    ] {
        assert_eq!(refused(&arguments), format!("kosync: {message}"));
    }
    // One of the two alone: the other is named as this one was.
    let both = ": TLS needs both files";
    let alone = refused(&["--tls-certificate", &certificate]);
    assert_eq!(alone, format!("kosync: --tls-certificate is set, but not --tls-key{both}"));
    let alone = refused(&["--tls-key", &key]);
    assert_eq!(alone, format!("kosync: --tls-key is set, but not --tls-certificate{both}"));
    let by_variable = output(&["--data-dir", &data], &[("KOSYNC_TLS_KEY", &key)]);
    let alone = single_line(&by_variable.stderr);
    assert_eq!(alone, format!("kosync: KOSYNC_TLS_KEY is set, but not KOSYNC_TLS_CERTIFICATE{both}"));
    let half = text(files.dir.path().join("half.json"));
    fs::write(&half, format!(r#"{{"tls_certificate":"{certificate}"}}"#)).unwrap();
    let alone = refused(&["--config", &half]);
    assert_eq!(alone, format!("kosync: --config: {half}: key `tls_certificate` is set, but not `tls_key`{both}"));
    // Files that are almost right.
    let changed = |name: &str, content: &[u8]| {
        let path = files.dir.path().join(name);
        fs::write(&path, content).unwrap();
        text(path)
    };
    let marked = changed("marked.pem", &[b"\xef\xbb\xbf", &fs::read(&certificate).unwrap()[..]].concat());
    let wide = changed("wide.pem", b"\xff\xfe-\0-\0");
    let sealed = "-----BEGIN ENCRYPTED PRIVATE KEY-----\nMIIB\n-----END ENCRYPTED PRIVATE KEY-----\n";
    let sealed = changed("sealed.pem", sealed.as_bytes());
    let old = "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\nMIIB\n-----END RSA PRIVATE KEY-----\n";
    let old = changed("old.pem", old.as_bytes());
    // The field of the version says 1.
    let mut version_1 = der.to_vec();
    let at = version_1.windows(5).position(|window| window == [0xa0, 3, 2, 1, 2]).unwrap();
    version_1[at + 4] = 0;
    let version_1 = changed("v1.pem", certificate_pem(&version_1).as_bytes());
    let damaged = changed("damaged.pem", certificate_pem(&der[..der.len() / 2]).as_bytes());
    let mark = "it begins with a byte-order mark; save it as plain text without one (ASCII or UTF-8)";
    let encrypted = "the private key is encrypted; decrypt it with `openssl pkey -in";
    for (arguments, message) in [
        ([&marked, &key], format!("--tls-certificate: TLS: {marked}: {mark}")),
        ([&certificate, &wide], format!("--tls-key: TLS: {wide}: {mark}")),
        ([&certificate, &sealed], format!("--tls-key: TLS: {sealed}: {encrypted} {sealed} -out NEW`")),
        ([&certificate, &old], format!("--tls-key: TLS: {old}: {encrypted} {old} -out NEW`")),
        (
            [&version_1, &key],
            format!(
                "--tls-certificate: TLS: {version_1}: the certificate is of X.509 version 1 or 2; make one of version 3, with a \
                 `subjectAltName`"
            ),
        ),
        ([&damaged, &key], format!("--tls-certificate: TLS: {damaged}: the certificate is damaged")),
    ] {
        let [certificate, key] = arguments;
        let refused = refused(&["--tls-certificate", certificate, "--tls-key", key]);
        assert_eq!(refused, format!("kosync: {message}"));
    }
    // Also in the configuration file, which environment variables override.
    let config = text(files.dir.path().join("c.json"));
    fs::write(&config, format!(r#"{{"tls_certificate":"{certificate}","tls_key":"/nowhere"}}"#)).unwrap();
    assert!(refused(&["--config", &config]).contains("/nowhere: No such file"));
    let mut child = command();
    child.args(["--config", &config, "--data-dir", &data, "--listen", "127.0.0.1:0"]).env("KOSYNC_TLS_KEY", &key);
    assert!(Process::spawn(child).banner[1].contains("https://"));
}
