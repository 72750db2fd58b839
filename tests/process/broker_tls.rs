//! MQTT over TLS with a real broker, and with certificates as `openssl` makes them.

use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use super::broker::{Broker, Subscriber};
use super::kosync::Process;
use super::mqtt::start_publishing;
use crate::common::are_installed;

const TLS: &str = "allow_anonymous true\ncertfile DIR/cert.pem\nkeyfile DIR/key.pem\n";

/// Makes a self-signed certificate and its key with openssl.
fn self_signed(dir: &Path, arguments: &[&str]) {
    let mut openssl = Command::new("openssl");
    openssl.args(["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout"]).arg(dir.join("key.pem"));
    openssl.arg("-out").arg(dir.join("cert.pem")).args(arguments).stderr(Stdio::null());
    assert!(openssl.status().unwrap().success(), "{arguments:?}");
}

/// Starts a broker with the certificate that openssl makes of the arguments. Returns `None` if a tool is not installed.
fn broker(settings: &str, arguments: &[&str]) -> Option<Broker> {
    if !are_installed(&["openssl"], "KOSYNC_TEST_BROKER") {
        return None;
    }
    Broker::with(settings, |dir| self_signed(dir, arguments))
}

fn mqtt_settings(broker: &Broker, host: &str, authorities: &Path) -> Value {
    json!({ "host": host, "port": broker.port, "tls": true, "ca_certificate": authorities })
}

/// Returns why the broker is not available, in words.
fn reason(process: &Process) -> String {
    let log = process.logged("MQTT broker unavailable");
    let reason = log.split("reason=").nth(1).unwrap();
    // Debug text of a Rust type: `Other(OtherError(CaUsedAsEndEntity))`.
    let is_type = |word: &str| {
        word.contains(['{', '"']) || word.split('(').skip(1).any(|part| part.starts_with(char::is_uppercase))
    };
    assert!(!reason.split(' ').any(is_type), "{reason}");
    reason.to_owned()
}

/// Issue 17, item 9: rustls refused most of them, and said `Other(OtherError(CaUsedAsEndEntity))`. mosquitto's own client takes each.
#[test]
fn a_self_signed_certificate_that_is_named_is_accepted() {
    for (host, arguments) in [
        // As most instructions on the web have it: marked as that of an authority, and without a `subjectAltName`.
        ("localhost", &["-subj", "/CN=localhost"][..]),
        ("localhost", &["-subj", "/O=Home/CN=broker", "-addext", "subjectAltName=DNS:localhost"]),
        ("127.0.0.1", &["-subj", "/CN=broker", "-addext", "subjectAltName=IP:127.0.0.1"]),
        (
            "127.0.0.1",
            &[
                "-subj",
                "/CN=broker",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
            ],
        ),
    ] {
        let Some(broker) = broker(TLS, arguments) else { return };
        let certificate = broker.file("cert.pem");
        let dir = tempfile::tempdir().unwrap();
        let process = start_publishing(dir.path(), &mqtt_settings(&broker, host, &certificate));
        process.logged("MQTT broker connected");
        let subscriber = Subscriber::start(broker.port, &["--cafile", certificate.to_str().unwrap(), "-h", host]);
        subscriber.wait_for(|message| message.is_on("/status") && message.payload == "online");
        process.stop();
    }
}

/// A named certificate must still be valid today and for the host. It must also be the broker's certificate.
#[test]
fn a_named_certificate_is_verified() {
    for (host, arguments, words) in [
        (
            "127.0.0.1",
            vec!["-subj", "/CN=broker", "-addext", "subjectAltName=DNS:localhost,IP:192.0.2.1"],
            "the server's certificate is for `localhost`, `192.0.2.1`, not for `127.0.0.1`",
        ),
        (
            "127.0.0.1",
            vec!["-subj", "/CN=broker"],
            "the server's certificate has no name (`subjectAltName`), so not `127.0.0.1`",
        ),
    ] {
        let Some(broker) = broker(TLS, &arguments) else { return };
        let dir = tempfile::tempdir().unwrap();
        let process = start_publishing(dir.path(), &mqtt_settings(&broker, host, &broker.file("cert.pem")));
        let reason = reason(&process);
        assert!(reason.starts_with(words), "{reason}");
        // So does mosquitto's own client.
        let mut client = Command::new("mosquitto_pub");
        client.args(["-h", host, "-p", &broker.port.to_string(), "--cafile"]).arg(broker.file("cert.pem"));
        let refused = client.args(["-t", "t", "-m", "x"]).output().unwrap();
        assert!(!refused.status.success(), "{refused:?}");
        process.stop();
    }
}

/// Debian's openssl makes none that has expired.
#[test]
fn a_named_certificate_that_has_expired_is_refused() {
    let files = |dir: &Path| {
        let mut parameters = rcgen::CertificateParams::new(["localhost".to_owned()]).unwrap();
        parameters.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2021, 1, 1);
        let key = rcgen::KeyPair::generate().unwrap();
        std::fs::write(dir.join("cert.pem"), parameters.self_signed(&key).unwrap().pem()).unwrap();
        std::fs::write(dir.join("key.pem"), key.serialize_pem()).unwrap();
    };
    let Some(broker) = Broker::with(TLS, files) else { return };
    let dir = tempfile::tempdir().unwrap();
    let process = start_publishing(dir.path(), &mqtt_settings(&broker, "localhost", &broker.file("cert.pem")));
    assert_eq!(reason(&process).trim_end(), "the server's certificate has expired on 2021-01-01");
    process.stop();
}

#[test]
fn what_is_wrong_with_the_tls_of_a_broker_is_said_in_words() {
    let localhost = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    let Some(secure) = broker(TLS, &localhost) else { return };
    let Some(other) = broker(TLS, &localhost) else { return };
    let ca = other.file("cert.pem");
    let demanding = format!("{TLS}cafile {}\nrequire_certificate true\n", ca.display());
    let Some(demanding) = broker(&demanding, &localhost) else { return };
    let Some(plain) = Broker::start() else { return };
    let dir = tempfile::tempdir().unwrap();
    let own = demanding.file("cert.pem");
    for (broker, authorities, words) in [
        (
            &secure,
            &ca,
            format!("the server's certificate is not in {}, and no authority in it has signed it", ca.display()),
        ),
        (&plain, &ca, "the server closed the connection in the TLS handshake; does it speak TLS on this port?".into()),
        (&demanding, &own, "the server requires a certificate of its clients, which this program does not have".into()),
    ] {
        let process = start_publishing(dir.path(), &mqtt_settings(broker, "localhost", authorities));
        assert_eq!(reason(&process).trim_end(), words);
        process.stop();
    }
}
