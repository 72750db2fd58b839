//! Device passwords: their text, their names, and what the store keeps of their keys.

use std::fmt;

use blake2::Blake2b;
use blake2::digest::{Digest as _, consts::U32};
use serde::{Deserialize, Serialize};

use super::key::Key;
use super::validation::{ValidationError, parse_with};

/// Device passwords that an account may have.
pub const DEVICE_PASSWORDS_MAX: usize = 100;
/// Longest name of a device password, in characters.
pub const DEVICE_PASSWORD_NAME_MAX: usize = 64;

/// Letters of a device password. There are no digits or capitals, so none looks like another but for `l` and `o`, which people take for
/// a 1 and a 0.
const LETTERS: &[u8; 24] = b"abcdefghijkmnpqrstuvwxyz";
/// Letters between two hyphens. On many on-screen keyboards a hyphen is on another page, so there are few.
const GROUP: usize = 7;
/// Groups of letters: 28 letters out of 24 are 128.4 bits.
const GROUPS: usize = 4;

/// A password that the server makes for one device. It is shown once, and `Debug` hides it.
///
/// The device sends the MD5 of what was typed, so the hyphens belong to it.
#[derive(Clone)]
pub(crate) struct DevicePassword(String);

impl DevicePassword {
    /// Makes a password of 128 random bits.
    pub(crate) fn random() -> Result<Self, getrandom::Error> {
        let mut text = String::with_capacity(GROUPS * (GROUP + 1));
        let mut letters = 0;
        while letters < GROUPS * GROUP {
            let mut bytes = [0; 32];
            getrandom::fill(&mut bytes)?;
            // A byte beyond the last multiple of 24 would make some letters likelier than others.
            let usable = bytes.into_iter().filter(|byte| usize::from(*byte) < 256 - 256 % LETTERS.len());
            for byte in usable.take(GROUPS * GROUP - letters) {
                if letters > 0 && letters % GROUP == 0 {
                    text.push('-');
                }
                text.push(char::from(LETTERS[usize::from(byte) % LETTERS.len()]));
                letters += 1;
            }
        }
        Ok(Self(text))
    }

    /// Returns the text that is typed on the device.
    pub(crate) fn reveal(&self) -> &str {
        &self.0
    }

    /// Returns the key that a device sends for it, hashed for the store.
    pub(crate) fn hash(&self) -> Result<DeviceKeyHash, ValidationError> {
        Ok(DeviceKeyHash::of(&Key::from_password(self.0.as_bytes())?))
    }
}

impl fmt::Debug for DevicePassword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DevicePassword(..)")
    }
}

/// A device password's key at rest: its BLAKE2b hash of 256 bits. `Debug` hides it.
///
/// No Argon2, since 128 random bits cannot be guessed. So a login finds it by one look-up.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub struct DeviceKeyHash(pub(crate) [u8; 32]);

impl DeviceKeyHash {
    /// Hashes a key as a device sends it: 32 lowercase hex digits.
    pub(crate) fn of(key: &Key) -> Self {
        Self(Blake2b::<U32>::digest(key.as_bytes()).into())
    }
}

/// Converts it to 64 hex digits.
impl From<DeviceKeyHash> for String {
    fn from(hash: DeviceKeyHash) -> Self {
        base16ct::lower::encode_string(&hash.0)
    }
}

impl TryFrom<String> for DeviceKeyHash {
    type Error = &'static str;

    fn try_from(text: String) -> Result<Self, Self::Error> {
        let mut bytes = [0; 32];
        let length = base16ct::lower::decode(&text, &mut bytes).map_or(0, <[u8]>::len);
        if length == bytes.len() { Ok(Self(bytes)) } else { Err("the hash of a device password has 64 hex digits") }
    }
}

impl fmt::Debug for DeviceKeyHash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("DeviceKeyHash(..)")
    }
}

/// The name that a reader gives a device password: 1 to 64 characters, none of which is a control character.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String")]
pub struct DevicePasswordName(String);

impl DevicePasswordName {
    /// Checks a name, and strips white space at both ends.
    ///
    /// # Errors
    /// [`ValidationError`] if the name is empty, too long, or has a control character.
    pub fn new(name: &str) -> Result<Self, ValidationError> {
        const FIELD: &str = "name";
        let name = name.trim();
        if name.is_empty() {
            return Err(ValidationError::Empty { field: FIELD });
        }
        if name.chars().count() > DEVICE_PASSWORD_NAME_MAX {
            return Err(ValidationError::TooManyCharacters { field: FIELD, limit: DEVICE_PASSWORD_NAME_MAX });
        }
        if name.chars().any(char::is_control) {
            return Err(ValidationError::Character { field: FIELD, what: "control characters" });
        }
        Ok(Self(name.to_owned()))
    }

    /// Returns the name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

parse_with!(DevicePasswordName, Self::new);

impl fmt::Display for DevicePasswordName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn a_password_is_four_groups_of_seven_letters_that_cannot_be_confused() {
        let mut seen = HashSet::new();
        let mut letters = HashSet::new();
        for _ in 0..200 {
            let password = DevicePassword::random().expect("random bits");
            let groups: Vec<&str> = password.reveal().split('-').collect();
            assert_eq!(groups.iter().map(|group| group.len()).collect::<Vec<_>>(), [7, 7, 7, 7], "{groups:?}");
            letters.extend(groups.concat().bytes());
            assert!(seen.insert(password.reveal().to_owned()));
        }
        let mut letters: Vec<u8> = letters.into_iter().collect();
        letters.sort_unstable();
        assert_eq!(letters, LETTERS, "all of them, and no others");
        assert!(!LETTERS.contains(&b'l') && !LETTERS.contains(&b'o'));
        let bits = f64::from(u8::try_from(LETTERS.len()).expect("small")).log2() * 28.0;
        assert!(bits >= 128.0, "{bits}");
    }

    /// The stored hash is of the MD5 of exactly the shown text, hyphens included. Every later version must find it.
    #[test]
    fn the_hash_is_that_of_the_key_that_a_device_sends() {
        let password = DevicePassword("abcdefg-hijkmnp-qrstuvw-xyzabcd".into());
        let key = Key::from_wire(password.reveal().as_bytes()).expect("a key");
        assert_eq!(key.reveal(), "54f77d787a62c5432436a1919f3e0069");
        let hash = password.hash().expect("a hash");
        assert_eq!(hash, DeviceKeyHash::of(&key));
        assert_eq!(String::from(hash), "e3b9a670911aed559a1cd56a4d27badccbbcd59e68399676eac70ecce9a02e21");
        let digits = String::from(hash);
        assert_eq!(DeviceKeyHash::try_from(digits.clone()), Ok(hash));
        for bad in [&digits[2..], "x", &digits.to_uppercase()] {
            assert!(DeviceKeyHash::try_from(bad.to_owned()).is_err(), "{bad}");
        }
    }

    #[test]
    fn debug_hides_the_password_and_its_hash() {
        let password = DevicePassword("abcdefg".into());
        let shown = format!("{password:?} {:?}", password.hash());
        assert_eq!(shown, "DevicePassword(..) Ok(DeviceKeyHash(..))");
    }

    #[test]
    fn a_name_has_1_to_64_characters_and_no_control_characters() {
        let name = |text: &str| DevicePasswordName::new(text).map(|name| name.to_string());
        assert_eq!(name(" Kobo 📚 "), Ok("Kobo 📚".into()));
        assert!(name(&"é".repeat(64)).is_ok());
        let too_long = ValidationError::TooManyCharacters { field: "name", limit: 64 };
        assert_eq!(name(&"é".repeat(65)), Err(too_long));
        assert_eq!(too_long.to_string(), "name is longer than 64 characters");
        for bad in ["", "  ", "a\nb", "a\u{85}b", "\0"] {
            assert!(name(bad).is_err(), "{bad:?}");
        }
    }
}
