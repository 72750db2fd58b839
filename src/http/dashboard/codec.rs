//! Text in addresses and forms, as letters, digits, `-` and `_`.

use base64ct::{Base64UrlUnpadded, Encoding as _};

use crate::model::Document;

/// Returns a document's id as a path segment.
pub(super) fn path_segment(document: &Document) -> String {
    encode(document.as_str())
}

/// Encodes any text for an address.
///
/// A document's id may be `..` or contain slashes, and some proxies refuse unusual characters in a query.
pub(super) fn encode(text: &str) -> String {
    Base64UrlUnpadded::encode_string(text.as_bytes())
}

/// Decodes a text that was encoded for an address.
pub(super) fn decode(text: &str) -> Option<String> {
    String::from_utf8(Base64UrlUnpadded::decode_vec(text).ok()?).ok()
}

/// Characters of a search that count, as its field takes them.
const SEARCH_MAX: usize = 200;

/// Returns the words that were typed into a search field.
pub(super) fn typed_search(words: &str) -> String {
    words.trim().chars().take(SEARCH_MAX).collect()
}

/// Decodes the words of a search in an address. Anybody may have made that address, so pages show them in the search field alone.
pub(super) fn searched(find: &str) -> String {
    typed_search(&decode(find).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_id_can_be_a_path_segment() {
        for id in [".", "..", "a/b", "%2e", "\n", "本", "?&#", "0123456789abcdef"] {
            let encoded = encode(id);
            assert!(encoded.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)), "{encoded}");
            assert_eq!(decode(&encoded).as_deref(), Some(id));
        }
        assert_eq!(decode("!"), None);
        assert_eq!(decode("_w"), None, "not UTF-8");
    }
}
