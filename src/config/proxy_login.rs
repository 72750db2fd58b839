//! The settings of a login at a reverse proxy: the header that names the user, and where logging out leads.

use std::fmt;
use std::str::FromStr;

use super::InvalidSetting;

/// Headers that name no user, since browsers, devices or proxies send them for other reasons.
const RESERVED: [&str; 22] = [
    "accept",
    "accept-encoding",
    "accept-language",
    "authorization",
    "connection",
    "content-length",
    "content-type",
    "cookie",
    "forwarded",
    "host",
    "origin",
    "referer",
    "transfer-encoding",
    "user-agent",
    "x-auth-key",
    "x-auth-user",
    "x-forwarded-for",
    "x-forwarded-host",
    "x-forwarded-port",
    "x-forwarded-prefix",
    "x-forwarded-proto",
    "x-real-ip",
];

/// The header in which a reverse proxy names the user that it has logged in: `Remote-User`, `X-authentik-username`.
///
/// In lower case, since HTTP compares the names of headers regardless of case.
///
/// ```
/// let header: kosync::UserHeader = "Remote-User".parse()?;
/// assert_eq!(header.as_str(), "remote-user");
/// # Ok::<(), kosync::InvalidSetting>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UserHeader(String);

impl UserHeader {
    /// Returns the header's name in lower case.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for UserHeader {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let name = text.to_ascii_lowercase();
        if name.is_empty() || !name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-') {
            let reason = "is not the name of a header such as `Remote-User`: letters, digits and hyphens";
            return Err(InvalidSetting::new(format!("`{text}` {reason}")));
        }
        if RESERVED.contains(&name.as_str()) {
            let reason = "is a header that clients send for other reasons; name the one in which the proxy puts its user, such as `Remote-User`";
            return Err(InvalidSetting::new(format!("`{text}` {reason}")));
        }
        Ok(Self(name))
    }
}

impl fmt::Display for UserHeader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Where a browser logs out of a reverse proxy: `https://auth.example/logout?rd=/`, or a path of the dashboard's host such as
/// `/oauth2/sign_out`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogoutAddress(String);

impl LogoutAddress {
    /// Returns the address as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for LogoutAddress {
    type Err = InvalidSetting;

    fn from_str(text: &str) -> Result<Self, InvalidSetting> {
        let is_plain = |c: char| c.is_ascii_graphic() && !matches!(c, '"' | '<' | '>' | '\\');
        let rest = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"));
        let is_address = match rest {
            Some(rest) => rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '['),
            // Two slashes would lead to another host.
            None => text.starts_with('/') && !text.starts_with("//"),
        };
        if is_address && text.chars().all(is_plain) {
            return Ok(Self(text.to_owned()));
        }
        Err(InvalidSetting::new(format!(
            "`{text}` is not an address such as `https://auth.example/logout`, nor a path such as `/oauth2/sign_out`"
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_header_that_clients_send_anyway_names_no_user() {
        for (good, name) in [("Remote-User", "remote-user"), ("X-authentik-username", "x-authentik-username")] {
            assert_eq!(good.parse::<UserHeader>().expect(good).as_str(), name);
        }
        for bad in ["", " ", "Remote User", "Remote_User", "Remote-User:", "Jörg", "Remote-User,Host"] {
            let error = bad.parse::<UserHeader>().expect_err(bad).to_string();
            assert!(error.starts_with(&format!("`{bad}` is not the name of a header")), "{error}");
        }
        for bad in [
            "Host",
            "x-auth-user",
            "X-Auth-Key",
            "Authorization",
            "COOKIE",
            "X-Forwarded-For",
            "X-Forwarded-Proto",
            "X-Real-IP",
        ] {
            let error = bad.parse::<UserHeader>().expect_err(bad).to_string();
            assert!(error.starts_with(&format!("`{bad}` is a header that clients send")), "{error}");
        }
    }

    #[test]
    fn a_logout_address_is_one_of_the_web_or_a_path() {
        for good in [
            "https://auth.example/logout?rd=https://books.example/",
            "http://[fd00::1]:9091/logout",
            "/oauth2/sign_out?rd=%2F",
            "/",
        ] {
            assert_eq!(good.parse::<LogoutAddress>().expect(good).as_str(), good);
        }
        for bad in [
            "",
            "logout",
            "//evil.example",
            "javascript:alert(1)",
            "https://",
            "https:///x",
            "ftp://a",
            "/a b",
            "/a\"b",
            "/\\evil",
        ] {
            let error = bad.parse::<LogoutAddress>().expect_err(bad).to_string();
            assert!(error.starts_with(&format!("`{bad}` is not an address such as")), "{error}");
        }
    }
}
