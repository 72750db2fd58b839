//! Accepts certificates that a person has named, beside those that an authority has signed.
//!
//! `openssl req -x509` marks a self-signed certificate as that of an authority. rustls does not take such a certificate from a server;
//! OpenSSL does if it is trusted, and so do the clients that use it: mosquitto's, curl, Python. As there, a named certificate
//! must be valid today and for the name of the server, and the server must prove that it has the private key.

use std::sync::Arc;

use jiff::civil::{Date, DateTime};
use jiff::tz::TimeZone;
use tokio_rustls::rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use tokio_rustls::rustls::client::{WebPkiServerVerifier, verify_server_name};
use tokio_rustls::rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::rustls::server::ParsedCertificate;
use tokio_rustls::rustls::{CertificateError, DigitallySignedStruct, Error, SignatureScheme};

/// Verifies as rustls does, and also accepts the named certificates.
#[derive(Debug)]
pub(super) struct PinningVerifier {
    inner: Arc<WebPkiServerVerifier>,
    named: Vec<CertificateDer<'static>>,
}

impl PinningVerifier {
    pub(super) fn new(inner: Arc<WebPkiServerVerifier>, named: Vec<CertificateDer<'static>>) -> Self {
        Self { inner, named }
    }
}

impl ServerCertVerifier for PinningVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        match self.inner.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now) {
            Err(_) if self.named.iter().any(|named| named == end_entity) => {
                verify_named(end_entity, server_name, now).map(|()| ServerCertVerified::assertion())
            }
            verified => verified,
        }
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        self.inner.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.inner.supported_verify_schemes()
    }
}

/// Verifies the dates and the name of a certificate that is trusted as it is.
fn verify_named(certificate: &CertificateDer<'_>, server_name: &ServerName<'_>, now: UnixTime) -> Result<(), Error> {
    let details = Details::parse(certificate).ok_or(CertificateError::BadEncoding)?;
    let at = |seconds: i64| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds.max(0).unsigned_abs()));
    let (not_before, not_after) = (at(details.not_before), at(details.not_after));
    if now.as_secs() < not_before.as_secs() {
        return Err(CertificateError::NotValidYetContext { time: now, not_before }.into());
    }
    if now.as_secs() > not_after.as_secs() {
        return Err(CertificateError::ExpiredContext { time: now, not_after }.into());
    }
    let parsed = ParsedCertificate::try_from(certificate)?;
    match verify_server_name(&parsed, server_name) {
        // Certificates of before 2000 named the host so, and `openssl req` still does unless it is given a `subjectAltName`.
        Err(_) if !details.has_alternative_name && details.is_common_name(&server_name.to_str()) => Ok(()),
        verified => verified,
    }
}

/// What rustls does not tell of a certificate. Only certificates that a person has named are read.
#[derive(Debug, PartialEq, Eq)]
struct Details {
    /// In seconds since the Unix epoch.
    not_before: i64,
    not_after: i64,
    common_names: Vec<String>,
    has_alternative_name: bool,
}

const SEQUENCE: u8 = 0x30;
const OBJECT_ID: u8 = 0x06;
const UTC_TIME: u8 = 0x17;
const GENERALIZED_TIME: u8 = 0x18;
/// The field of a certificate that has its version.
const VERSION: u8 = 0xa0;
/// The field of a certificate that has its extensions.
const EXTENSIONS: u8 = 0xa3;
const COMMON_NAME: &[u8] = &[0x55, 4, 3];
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 29, 17];

impl Details {
    fn parse(certificate: &[u8]) -> Option<Self> {
        let fields = Elements(Elements(certificate).content(SEQUENCE)?).content(SEQUENCE)?;
        let mut fields = Elements(fields).filter(|(tag, _)| *tag != VERSION);
        // Serial number, algorithm, issuer.
        let (validity, subject) = (fields.nth(3)?.1, fields.next()?.1);
        let mut times = Elements(validity);
        let (not_before, not_after) = (unix_seconds(times.next()?)?, unix_seconds(times.next()?)?);
        let extensions =
            fields.find(|(tag, _)| *tag == EXTENSIONS).and_then(|(_, all)| Elements(all).content(SEQUENCE));
        let is_alternative_name = |extension: &[u8]| Elements(extension).content(OBJECT_ID) == Some(SUBJECT_ALT_NAME);
        Some(Self {
            not_before,
            not_after,
            common_names: Elements(subject).filter_map(|(_, set)| common_name(set)).collect(),
            has_alternative_name: Elements(extensions.unwrap_or_default()).any(|(_, one)| is_alternative_name(one)),
        })
    }

    fn is_common_name(&self, name: &str) -> bool {
        self.common_names.iter().any(|common| common.eq_ignore_ascii_case(name))
    }
}

fn common_name(set: &[u8]) -> Option<String> {
    let mut attribute = Elements(Elements(set).content(SEQUENCE)?);
    let (_, kind) = attribute.next()?;
    let (_, value) = attribute.next()?;
    (kind == COMMON_NAME).then(|| String::from_utf8(value.to_owned()).ok())?
}

/// Reads `YYMMDDHHMMSSZ` or `YYYYMMDDHHMMSSZ`.
fn unix_seconds((tag, text): (u8, &[u8])) -> Option<i64> {
    let digits = std::str::from_utf8(text).ok()?.strip_suffix('Z')?;
    let digits = match tag {
        UTC_TIME if digits.len() == 12 => format!("{}{digits}", if digits < "50" { "20" } else { "19" }),
        GENERALIZED_TIME => digits.to_owned(),
        _ => return None,
    };
    if digits.len() != 14 || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let part = |at: usize| digits[at..at + 2].parse::<i8>().ok();
    let date = Date::new(digits[..4].parse().ok()?, part(4)?, part(6)?).ok()?;
    let time: DateTime = date.at(part(8)?.min(23), part(10)?.min(59), part(12)?.min(59), 0);
    Some(TimeZone::UTC.to_timestamp(time).ok()?.as_second())
}

/// The elements of DER: tags and contents. It ends at the first that is cut off.
struct Elements<'a>(&'a [u8]);

impl<'a> Elements<'a> {
    /// Returns the content of the first element, if it has this tag.
    fn content(mut self, tag: u8) -> Option<&'a [u8]> {
        self.next().filter(|(found, _)| *found == tag).map(|(_, content)| content)
    }
}

impl<'a> Iterator for Elements<'a> {
    type Item = (u8, &'a [u8]);

    fn next(&mut self) -> Option<Self::Item> {
        let (&[tag, first], rest) = self.0.split_first_chunk()?;
        let (length, rest) = match first {
            ..=0x7f => (usize::from(first), rest),
            // The number of bytes that the length has.
            0x81..=0x84 => {
                let (bytes, rest) = rest.split_at_checked(usize::from(first - 0x80))?;
                (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), rest)
            }
            _ => return None,
        };
        let (content, rest) = rest.split_at_checked(length)?;
        self.0 = rest;
        Some((tag, content))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn certificate(common_name: &str, names: &[&str]) -> Vec<u8> {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut parameters = rcgen::CertificateParams::new(names).expect("names");
        parameters.distinguished_name = rcgen::DistinguishedName::new();
        parameters.distinguished_name.push(rcgen::DnType::OrganizationName, "Home");
        parameters.distinguished_name.push(rcgen::DnType::CommonName, common_name);
        parameters.not_before = rcgen::date_time_ymd(1999, 12, 31);
        parameters.not_after = rcgen::date_time_ymd(2061, 2, 3);
        let key = rcgen::KeyPair::generate().expect("a key");
        parameters.self_signed(&key).expect("a certificate").der().to_vec()
    }

    #[test]
    fn dates_and_names_are_read() {
        let details = Details::parse(&certificate("broker.lan", &[])).expect("a certificate");
        // `date -u -d 1999-12-31 +%s`, `date -u -d 2061-02-03 +%s`.
        let expected = Details {
            not_before: 946_598_400,
            not_after: 2_874_614_400,
            common_names: vec!["broker.lan".into()],
            has_alternative_name: false,
        };
        assert_eq!(details, expected);
        assert!(details.is_common_name("Broker.LAN") && !details.is_common_name("broker"));
        assert!(Details::parse(&certificate("x", &["broker.lan"])).expect("a certificate").has_alternative_name);
    }

    #[test]
    fn a_named_certificate_must_be_valid_for_the_day_and_the_name() {
        let at = |seconds: u64| UnixTime::since_unix_epoch(std::time::Duration::from_secs(seconds));
        let verify = |der: &[u8], name: &'static str, now: u64| {
            verify_named(&CertificateDer::from(der), &ServerName::try_from(name).expect("a name"), at(now))
        };
        let (plain, named) = (certificate("broker.lan", &[]), certificate("broker.lan", &["localhost", "192.0.2.1"]));
        for (der, name, now, is_valid) in [
            (&plain, "broker.lan", 1_800_000_000, true),
            (&plain, "localhost", 1_800_000_000, false),
            (&plain, "broker.lan", 946_598_399, false),
            (&plain, "broker.lan", 2_874_614_401, false),
            (&named, "localhost", 1_800_000_000, true),
            (&named, "192.0.2.1", 1_800_000_000, true),
            (&named, "192.0.2.2", 1_800_000_000, false),
            // A certificate with a `subjectAltName` is not for its common name, as with OpenSSL.
            (&named, "broker.lan", 1_800_000_000, false),
        ] {
            assert_eq!(verify(der, name, now).is_ok(), is_valid, "{name} at {now}");
        }
    }

    /// Certificates that are cut or changed at any byte are refused or read. None causes a panic.
    #[test]
    fn damaged_certificates_are_refused() {
        let whole = certificate("broker.lan", &["localhost"]);
        for end in 0..whole.len() {
            assert_eq!(Details::parse(&whole[..end]), None, "{end}");
        }
        for at in 0..whole.len() {
            for change in [0x01, 0x80, 0xff] {
                let mut changed = whole.clone();
                changed[at] ^= change;
                let _ = Details::parse(&changed);
            }
        }
    }
}
