//! By which of KOReader's two methods an account's devices tell their books apart.

use super::scan::{ScanLimiter, each_document};
use crate::error::Result;
use crate::model::{UserId, md5_digits};
use crate::store::{DocumentEntry, Store};

/// Documents that count, the ones that were pushed last.
const NEWEST: usize = 20;

/// KOReader's *document matching method*.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum MatchingMethod {
    /// The id is a digest of the file's content.
    Binary,
    /// The id is the MD5 of the file's name.
    Filename,
}

/// Returns the method of an account's devices; `None` if no document shows it.
///
/// Both kinds of ids are 32 hex digits. They are told apart by the file name that devices send beside them: an id that is its MD5 was made of
/// it, any other was not. Of the 20 documents with a file name that were pushed last, the greater part decides; of two equal parts,
/// the content.
///
/// # Errors
/// [`Error::Busy`](crate::Error::Busy) if the slices of others take longer than 5 s; [`Error::Store`](crate::Error::Store) if the data
/// cannot be read.
pub(crate) async fn matching_method(
    store: &Store,
    limiter: &ScanLimiter,
    user: UserId,
) -> Result<Option<MatchingMethod>> {
    let mut shown = Vec::new();
    each_document(store, limiter, user, |entry| shown.extend(method_of(&entry))).await?;
    Ok(decide(shown))
}

/// Returns when a document was last pushed and the method of its id, if known.
fn method_of(entry: &DocumentEntry) -> Option<(u64, MatchingMethod)> {
    let filename = entry.metadata.filename.as_ref().filter(|name| !name.is_empty())?;
    let id = entry.document.as_str();
    let is_digest = id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit());
    let is_of_name = id == md5_digits(filename.as_bytes());
    let method = if is_of_name { MatchingMethod::Filename } else { MatchingMethod::Binary };
    is_digest.then_some((entry.progress.timestamp, method))
}

fn decide(mut shown: Vec<(u64, MatchingMethod)>) -> Option<MatchingMethod> {
    shown.sort_unstable_by_key(|(timestamp, _)| std::cmp::Reverse(*timestamp));
    shown.truncate(NEWEST);
    let by_name = shown.iter().filter(|(_, method)| *method == MatchingMethod::Filename).count();
    let method = if 2 * by_name > shown.len() { MatchingMethod::Filename } else { MatchingMethod::Binary };
    (!shown.is_empty()).then_some(method)
}

#[cfg(test)]
mod tests {
    use super::MatchingMethod::{Binary, Filename};
    use super::*;

    #[test]
    fn the_documents_that_were_pushed_last_decide() {
        assert_eq!(decide(Vec::new()), None);
        assert_eq!(decide(vec![(1, Filename)]), Some(Filename));
        assert_eq!(decide(vec![(1, Filename), (2, Binary)]), Some(Binary));
        let changed =
            |newest: u64| (0..100).map(|at| (at, if at >= 100 - newest { Filename } else { Binary })).collect();
        assert_eq!(
            [0, 10, 11, 100].map(|newest| decide(changed(newest))),
            [Binary, Binary, Filename, Filename].map(Some)
        );
    }
}
