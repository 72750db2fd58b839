//! Addresses: to listen on, to type, and where web pages come from.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::str::FromStr;

/// Something to listen on: `192.0.2.1:7200`, `[::]:7200`, `unix:/run/kosync.sock`, or `unix:/run/kosync.sock?mode=660`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ListenAddr {
    /// An IP address and a port.
    Tcp(SocketAddr),
    /// A unix socket.
    Unix {
        /// Its path.
        path: PathBuf,
        /// Its permissions; `None` is what the process's umask leaves.
        mode: Option<u32>,
    },
}

/// Parses a comma-separated list; blanks around the parts and empty parts are ignored.
///
/// # Errors
/// The error of the first part that cannot be parsed.
pub(crate) fn comma_separated<T: FromStr>(text: &str) -> Result<Vec<T>, T::Err> {
    text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(str::parse).collect()
}

impl FromStr for ListenAddr {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let Some(unix) = text.strip_prefix("unix:") else {
            return text.parse().map(Self::Tcp).map_err(|_| {
                format!("`{text}` is not an IP address with a port (`192.0.2.1:7200`, `[::]:7200`) nor `unix:/path`")
            });
        };
        let (path, mode) = match unix.split_once("?mode=") {
            Some((path, mode)) => {
                let mode = u32::from_str_radix(mode, 8).ok().filter(|mode| *mode <= 0o777);
                (path, Some(mode.ok_or_else(|| format!("`{text}` has no mode such as `660` after `?mode=`"))?))
            }
            None => (unix, None),
        };
        if path.starts_with('/') {
            Ok(Self::Unix { path: path.into(), mode })
        } else {
            Err(format!("`{text}` has no absolute path after `unix:`"))
        }
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

/// An address for people to type: `http://192.0.2.1:7200`, `https://books.example/kosync`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Address(String);

impl Address {
    /// The address as text, without a slash at its end.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Address {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '?' | '#' | '@' | '"' | '<' | '>' | '\\');
        match rest.map(|rest| rest.trim_end_matches('/')) {
            Some(rest) if !rest.is_empty() && !rest.starts_with([':', '/']) && rest.chars().all(is_plain) => {
                Ok(Self(text.trim_end_matches('/').to_owned()))
            }
            _ => Err(format!(
                "`{text}` is not an address such as `http://192.0.2.1:7200` or `https://books.example/kosync`"
            )),
        }
    }
}

/// Where a web page comes from, as browsers write it (`https://web.readest.com`, `http://localhost:3000`), or `*` for any.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorsOrigin(String);

impl CorsOrigin {
    pub(crate) fn any() -> Self {
        Self("*".into())
    }

    /// The origin as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for CorsOrigin {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        // Browsers write it in lower case.
        let origin = text.to_ascii_lowercase();
        let host = origin.strip_prefix("https://").or_else(|| origin.strip_prefix("http://"));
        let is_host = host.is_some_and(|host| {
            !host.is_empty()
                && host.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | ':' | '[' | ']'))
        });
        if is_host || origin == "*" {
            Ok(Self(origin))
        } else {
            Err(format!("`{text}` is not a page's origin, such as `https://web.readest.com` (without a path), nor `*`"))
        }
    }
}
