//! Devices, as the current position tells them apart, and the places they pushed.

use minicbor::{Decode, Encode};

use crate::model::Progress;

/// Hash of a device: of its `device_id`, or, without one, of its `device` [C4].
///
/// It is on disk and in exports, so it must never change. In joined documents a device is another one for each file, see
/// [`DeviceKey::in_file`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Encode, Decode)]
#[cbor(transparent)]
pub(in crate::store) struct DeviceKey(#[n(0)] pub(in crate::store) u64);

impl DeviceKey {
    /// Returns the device of a position.
    pub(in crate::store) fn of(position: &Progress) -> Self {
        match position.device_id.as_deref().filter(|id| !id.is_empty()) {
            Some(id) => Self(hash(&[b"id", id.as_bytes()])),
            None => Self(hash(&[b"name", position.device.as_bytes()])),
        }
    }

    /// Returns the device as that of one of several joined documents.
    pub(in crate::store) fn in_file(self, document: &str) -> Self {
        Self(hash(&[&self.0.to_be_bytes(), document.as_bytes()]))
    }
}

/// Hash of a `progress` text; 0 for an empty one, which is no place.
///
/// It is on disk and in exports, so it must never change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Encode, Decode)]
#[cbor(transparent)]
pub(in crate::store) struct LocatorHash(#[n(0)] pub(in crate::store) u64);

impl LocatorHash {
    const NONE: Self = Self(0);

    pub(in crate::store) fn of(progress: &str) -> Self {
        if progress.is_empty() { Self::NONE } else { Self(hash(&[progress.as_bytes()]).max(1)) }
    }

    /// Returns whether two texts are the same place: two empty ones are not [C5].
    pub(super) fn is_same(self, other: Self) -> bool {
        self != Self::NONE && self == other
    }
}

/// Returns the FNV-1a hash of byte strings, with an end mark after each.
///
/// A push hashes two short texts on the writer's thread, and who makes two of them collide confuses the own devices alone.
fn hash(parts: &[&[u8]]) -> u64 {
    const OFFSET: u64 = 0xcbf2_9ce4_8422_2325;
    const PRIME: u64 = 0x0000_0100_0000_01b3;
    const END: u8 = 0xff;
    let add = |hash: u64, byte: u8| (hash ^ u64::from(byte)).wrapping_mul(PRIME);
    parts.iter().fold(OFFSET, |hash, part| add(part.iter().fold(hash, |hash, byte| add(hash, *byte)), END))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn position(device: &str, device_id: Option<&str>) -> Progress {
        Progress::new("p".into(), 0.5, device.into(), device_id.map(str::to_owned)).expect("a position")
    }

    /// Every later version must compute these numbers.
    #[test]
    fn hashes_stay_as_they_are() {
        assert_eq!(DeviceKey::of(&position("Kobo", Some("A1"))).0, 0x5a20_552f_e1f9_fcf0);
        assert_eq!(DeviceKey::of(&position("Kobo", None)).0, 0xc27d_0631_8eb5_5fab);
        assert_eq!(LocatorHash::of("/body/p[1]").0, 0xb6be_f906_f1c7_13d1);
        assert_eq!(LocatorHash::of("").0, 0);
    }

    #[test]
    fn c4_a_device_is_its_id_or_without_one_its_name() {
        let key = |device, id| DeviceKey::of(&position(device, id));
        assert_eq!(key("Kobo", Some("A1")), key("Kobo, renamed", Some("A1")));
        assert_ne!(key("Kobo", Some("A1")), key("Kobo", Some("A2")));
        assert_ne!(key("Kobo", None), key("Kobo", Some("Kobo")));
        assert_eq!(key("Kobo", None), key("Kobo", Some("")), "an empty id is none");
    }

    #[test]
    fn c5_two_empty_texts_are_not_one_place() {
        assert!(LocatorHash::of("p").is_same(LocatorHash::of("p")));
        assert!(!LocatorHash::of("").is_same(LocatorHash::of("")));
    }
}
