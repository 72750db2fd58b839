//! Addresses: to listen on, to type into KOReader, and the origins of web pages.

use std::fmt;
use std::net::{Ipv6Addr, SocketAddr};
use std::path::PathBuf;
use std::str::FromStr;

use super::InvalidSetting;

/// An address to listen on: `192.0.2.1:7200`, `[::]:7200`, `unix:/run/kosync.sock`, or `unix:/run/kosync.sock?mode=660`.
///
/// ```
/// use kosync::{InvalidSetting, ListenAddr};
///
/// let address: ListenAddr = "127.0.0.1:7200".parse()?;
/// assert_eq!(address, ListenAddr::try_from("127.0.0.1:7200")?);
/// # Ok::<(), InvalidSetting>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ListenAddr {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// A unix socket.
    Unix {
        /// The absolute path of the socket.
        path: PathBuf,
        /// The socket's permissions, at most 0777. `None` leaves them to the process's umask.
        mode: Option<u32>,
    },
}

impl FromStr for ListenAddr {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let invalid = |reason: &str| InvalidSetting::new(format!("`{text}` {reason}"));
        let Some(unix) = text.strip_prefix("unix:") else {
            return text.parse().map(Self::Tcp).map_err(|_| {
                invalid("is not an IP address with a port (`192.0.2.1:7200`, `[::]:7200`) nor `unix:/path`")
            });
        };
        let (path, mode) = match unix.split_once("?mode=") {
            Some((path, mode)) => {
                let mode = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o777);
                (path, Some(mode.ok_or_else(|| invalid("has no octal mode up to 777, such as `660`, after `?mode=`"))?))
            }
            None => (unix, None),
        };
        if path.starts_with('/') {
            Ok(Self::Unix { path: path.into(), mode })
        } else {
            Err(invalid("has no absolute path after `unix:`"))
        }
    }
}

impl TryFrom<&str> for ListenAddr {
    type Error = InvalidSetting;

    fn try_from(text: &str) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

impl fmt::Display for ListenAddr {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => write!(f, "{address}"),
            Self::Unix { path, mode: None } => write!(f, "unix:{}", path.display()),
            Self::Unix { path, mode: Some(mode) } => write!(f, "unix:{}?mode={mode:o}", path.display()),
        }
    }
}

/// The address that users type into KOReader: `http://192.0.2.1:7200`, `https://books.example/kosync`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// Returns the address as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// Why the address for KOReader is unknown in the Home Assistant app.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[cfg_attr(not(feature = "cli"), allow(dead_code, reason = "only the app makes one"))]
pub(crate) enum UnknownAddress {
    /// The port of the app is switched off.
    PortOff,
    /// The app serves TLS, and the certificate has no name that could be typed.
    NoCertificateName,
    /// The Supervisor cannot be asked.
    NotTold,
    /// The Supervisor has not answered yet.
    NotYetTold,
}

#[cfg(feature = "cli")]
impl UnknownAddress {
    /// Returns why, as part of a sentence.
    pub(crate) fn reason(self) -> &'static str {
        match self {
            Self::PortOff => "port 7200 of this app is switched off in Home Assistant",
            Self::NoCertificateName => "the certificate of the option `certfile` is for no single host name",
            Self::NotTold => "Home Assistant did not report it",
            Self::NotYetTold => "Home Assistant has not reported it yet",
        }
    }

    /// Returns what to do, as sentences.
    pub(crate) fn advice(self) -> &'static str {
        match self {
            Self::PortOff => {
                "Enter a port in the app's configuration, under Network; or, behind a reverse proxy, the proxy's address in the option \
                 `address`."
            }
            Self::NoCertificateName => {
                "Type `https://`, a name that the certificate is for, and the app's port; enter that address in the option `address` to \
                 have it shown."
            }
            Self::NotTold => {
                "Type `http://`, or with `ssl` `https://`, Home Assistant's address and the app's port; enter that address in the option \
                 `address` to have it shown."
            }
            Self::NotYetTold => "The log and the dashboard show it once it is known; the option `address` sets it.",
        }
    }
}

impl FromStr for Address {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '"' | '<' | '>' | '\\');
        match rest {
            Some(rest) if rest.chars().all(is_plain) && is_authority(rest.split('/').next().unwrap_or_default()) => {
                Ok(Self(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(InvalidSetting::new(format!(
                "`{text}` is not an address such as `http://192.0.2.1:7200` or `https://books.example/kosync`"
            ))),
        }
    }
}

/// Whether a text is a host that devices can connect to, with or without port.
fn is_authority(text: &str) -> bool {
    let (is_host, port) = match text.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
        Some((ip, port)) => (ip.parse::<Ipv6Addr>().is_ok(), port),
        None => {
            let (host, port) = text.split_at(text.find(':').unwrap_or(text.len()));
            (!host.is_empty() && !host.contains(['[', ']', ',']), port)
        }
    };
    let is_port =
        |port: &str| port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_ok_and(|port| port > 0);
    is_host && (port.is_empty() || port.strip_prefix(':').is_some_and(is_port))
}

impl TryFrom<&str> for Address {
    type Error = InvalidSetting;

    fn try_from(text: &str) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

/// The origin of a web page, as browsers send it, or `*` for any. Examples: `https://web.readest.com`,
/// `http://localhost:3000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsOrigin(String);

impl CorsOrigin {
    pub(crate) fn any() -> Self {
        Self("*".into())
    }

    /// Returns the origin as text, in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CorsOrigin {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        // Browsers send origins in lower case.
        let origin = text.to_ascii_lowercase();
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let is_host = host.is_some_and(|host| {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'))
        });
        if is_host || origin == "*" {
            Ok(Self(origin))
        } else {
            Err(InvalidSetting::new(format!(
                "`{text}` is not a web origin such as `https://web.readest.com`, without a path, nor `*`"
            )))
        }
    }
}

impl TryFrom<&str> for CorsOrigin {
    type Error = InvalidSetting;

    fn try_from(text: &str) -> Result<Self, InvalidSetting> {
        text.parse()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn listen_addresses_are_tcp_or_unix() {
        let socket: ListenAddr = "unix:/run/k?mode=0660".parse().expect("unix");
        assert_eq!(socket, ListenAddr::Unix { path: "/run/k".into(), mode: Some(0o660) });
        assert_eq!(socket.to_string(), "unix:/run/k?mode=660");
        for wrong in ["localhost:1", "127.0.0.1", ":7200", "unix:relative", "unix:/a?mode=8", "unix:/a?mode=1777"] {
            let invalid = wrong.parse::<ListenAddr>().expect_err(wrong);
            assert!(invalid.to_string().starts_with(&format!("`{wrong}` ")), "{invalid}");
        }
    }

    #[test]
    fn an_address_for_devices_has_a_host_and_a_port_that_can_be() {
        for (typed, address) in [
            ("http://192.168.1.20:7200/", "http://192.168.1.20:7200"),
            ("https://books.example/kosync//", "https://books.example/kosync"),
            ("http://[fd00::1]:7200", "http://[fd00::1]:7200"),
            ("http://[fd00::1]/a:b", "http://[fd00::1]/a:b"),
            ("http://nas", "http://nas"),
        ] {
            assert_eq!(typed.parse::<Address>().expect(typed).as_str(), address);
        }
        for wrong in [
            "",
            "192.168.1.20:7200",
            "ftp://nas",
            "http://",
            "http:///x",
            "http://:7200",
            "http://nas:",
            "http://nas:0",
            "http://nas:72000",
            "http://nas:+72",
            "http://nas:7200:7200",
            "http://nas:x",
            "http://fd00::1",
            "http://[fd00::1",
            "http://[nas]:7200",
            "http://[fd00::1]7200",
            "http://a b",
            "http://a,b",
            "http://user@nas",
            "http://nas/?x",
            "http://nas/\"",
            "http://bücher.example",
        ] {
            let invalid = wrong.parse::<Address>().expect_err(wrong);
            assert!(invalid.to_string().starts_with(&format!("`{wrong}` is not an address such as ")), "{invalid}");
        }
    }
}
