//! Accounts: their names, their numbers, and what is known about them.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::device_password::DeviceKeyHash;
use super::key::StoredKey;
use super::position_rule::PositionRule;
use super::preferences::Preferences;
use super::validation::{ValidationError, check_length, parse_with};

/// Name of the account that the first start creates, and that clients cannot delete.
pub const ADMIN: &str = "admin";
/// Longest username, in bytes of UTF-8.
pub const USERNAME_MAX: usize = 255;

/// The name of an account: 1 to 255 bytes of UTF-8 without `:` and control characters.
///
/// Names are compared byte for byte. A client sends its name in a header, where HTTP strips spaces and tabs at both ends: so a name
/// has none there.
///
/// ```
/// use kosync::Username;
///
/// let name: Username = "Jörg Ω".parse()?;
/// assert_eq!(name.as_str(), "Jörg Ω");
/// assert_eq!(Username::try_from(" ada ")?, Username::new("ada")?);
/// assert!("a:b".parse::<Username>().is_err());
/// # Ok::<(), kosync::ValidationError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct Username(String);

impl Username {
    /// Checks a name, and strips spaces and tabs at both ends.
    ///
    /// # Errors
    /// [`ValidationError`] if the name is empty, too long, or has a `:` or a control character.
    pub fn new(name: &str) -> Result<Self, ValidationError> {
        const FIELD: &str = "username";
        let name = name.trim_matches([' ', '\t']);
        if name.is_empty() {
            return Err(ValidationError::Empty { field: FIELD });
        }
        check_length(FIELD, name, USERNAME_MAX)?;
        if name.contains(':') {
            return Err(ValidationError::Character { field: FIELD, what: "a colon" });
        }
        if name.chars().any(|c| c.is_ascii_control() && c != '\t') {
            return Err(ValidationError::Character { field: FIELD, what: "control characters" });
        }
        Ok(Self(name.to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Returns whether another name differs from this one, and in ASCII case alone [A7].
    pub(crate) fn is_variant_of(&self, other: &Self) -> bool {
        self != other && self.0.eq_ignore_ascii_case(&other.0)
    }
}

parse_with!(Username, Self::new);

impl fmt::Display for Username {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A user whom a system in front of the server has logged in: Home Assistant, or a reverse proxy.
///
/// As text it is the key of the user's row in the store. The id of a Home Assistant user is there as it is, and has no space; the
/// name of a proxy's user follows [`PROXY_PREFIX`], which has one. So neither can be taken for the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemoteUserId(String);

/// What stands before the name of a proxy's user in the store.
const PROXY_PREFIX: &str = "proxy ";

impl RemoteUserId {
    /// Checks the id of a Home Assistant user, which its ingress sends in a header. It has 1 to 255 visible ASCII
    /// characters.
    pub(crate) fn of_home_assistant(id: &str) -> Option<Self> {
        let is_valid = (1..=255).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_graphic());
        is_valid.then(|| Self(id.to_owned()))
    }

    /// Checks the name of a proxy's user: 1 to 255 bytes of UTF-8 without control characters and blanks at its ends.
    pub(crate) fn of_proxy(name: &str) -> Option<Self> {
        let is_valid = (1..=255).contains(&name.len()) && name.trim() == name && !name.chars().any(char::is_control);
        is_valid.then(|| Self(format!("{PROXY_PREFIX}{name}")))
    }

    /// Returns the key of the user's row in the store.
    pub(crate) fn as_key(&self) -> &str {
        &self.0
    }

    /// Returns the id or the name, as Home Assistant or the proxy sends it.
    pub(crate) fn as_sent(&self) -> &str {
        self.0.strip_prefix(PROXY_PREFIX).unwrap_or(&self.0)
    }
}

/// The number of an account: a small integer that stays the same for the account's life and is never reused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct UserId(pub(crate) u32);

impl UserId {
    /// Returns the number.
    pub fn get(self) -> u32 {
        self.0
    }
}

/// An account, as of the moment it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct User {
    /// The account's number.
    pub id: UserId,
    /// The account's name.
    pub name: Username,
    /// Whether it is enabled: may log in, push and pull.
    pub active: bool,
    /// Whether it may manage other accounts.
    pub administrator: bool,
    /// Number of its documents.
    pub documents: u32,
    /// Time of its creation, in whole seconds since the Unix epoch; 0 if unknown.
    pub created: u64,
    /// Time of its last push or dashboard login, in Unix seconds, accurate to the hour.
    pub last_used: Option<u64>,
    /// The rule of its current positions. `None`: the server's [`Config::current_position`](crate::Config::current_position).
    pub position_rule: Option<PositionRule>,
    /// What it has chosen for its pages.
    pub preferences: Preferences,
    /// Number of changes to its history other than pushes: deletions of documents, and imports.
    pub(crate) rewrites: u32,
    /// Number of changes to what its documents are called: titles, authors, file names, and names that the user gave.
    pub(crate) renames: u32,
    pub(crate) key: StoredKey,
    /// The device password by which it was read; `None` by any other way. It may read and push, and nothing else.
    pub(crate) device_password: Option<DeviceKeyHash>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_username_is_what_a_header_can_carry() {
        for good in ["a", "*", "a b", "Jörg", "読書家", "📚", "a/b%20", "a\tb"] {
            assert_eq!(Username::new(good).expect(good).as_str(), good);
        }
        assert_eq!(Username::new("\t a b ").expect("spaces").as_str(), "a b");
        for bad in ["", " ", "a:b", ":", "a\nb", "a\0", "\u{7f}"] {
            assert!(Username::new(bad).is_err(), "{bad:?}");
        }
        assert!(Username::new(&"é".repeat(127)).is_ok());
        assert_eq!(Username::new(&"é".repeat(128)), Err(ValidationError::TooLong { field: "username", limit: 255 }));
    }

    /// A proxy's user never gets the account of a Home Assistant user, whatever its name.
    #[test]
    fn users_of_home_assistant_and_of_a_proxy_have_different_keys() {
        let of_home_assistant = RemoteUserId::of_home_assistant("a1").expect("an id");
        let of_proxy = RemoteUserId::of_proxy("a1").expect("a name");
        assert_eq!((of_home_assistant.as_key(), of_proxy.as_key()), ("a1", "proxy a1"));
        assert_eq!((of_home_assistant.as_sent(), of_proxy.as_sent()), ("a1", "a1"));
        assert_eq!(RemoteUserId::of_home_assistant("proxy a1"), None);
        for good in ["a", "Jörg Ω", "ada@books.example", "proxy a1"] {
            assert_eq!(RemoteUserId::of_proxy(good).expect(good).as_sent(), good);
        }
        for bad in ["", " a", "a ", "\u{a0}", "a\nb", "a\tb", "\u{85}a", &"é".repeat(128)] {
            assert_eq!(RemoteUserId::of_proxy(bad), None, "{bad:?}");
        }
    }

    /// `?` must convert the error under `anyhow` and `Box<dyn Error>`.
    #[test]
    fn parsing_a_name_checks_it() -> Result<(), Box<dyn std::error::Error>> {
        let name: Username = "ada".parse()?;
        assert_eq!(name, Username::try_from("ada")?);
        assert_eq!(name, Username::try_from(String::from("ada"))?);
        assert_eq!("a:b".parse::<Username>(), Username::new("a:b"));
        assert_eq!(Username::try_from(""), Err(ValidationError::Empty { field: "username" }));
        Ok(())
    }
}
