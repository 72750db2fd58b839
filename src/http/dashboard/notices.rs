//! Notices of what a form has just done: kept for the session that sent it, and shown once, on the page that it leads to.
//!
//! They are kept here and not in the address, so that no link can put one on a reader's screen.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use blake2::Blake2b;
use blake2::digest::{Digest as _, consts::U32};

/// How long a notice waits for its page.
const LIFETIME: Duration = Duration::from_secs(60);
/// Most notices that wait. One more drops the oldest.
const MAX_WAITING: usize = 1024;

/// Whose screen a notice is for: a hash of a session's token, or of a Home Assistant user's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NoticeOwner([u8; 32]);

impl NoticeOwner {
    /// `kind` keeps tokens and ids apart.
    pub(super) fn new(kind: &'static str, secret: &str) -> Self {
        Self(Blake2b::<U32>::new().chain_update(kind).chain_update([0]).chain_update(secret).finalize().into())
    }
}

struct Notice {
    owner: NoticeOwner,
    /// The page as a path from the dashboard's root.
    page: String,
    word: &'static str,
    since: Instant,
}

/// The notices that wait for their page, in memory alone.
#[derive(Default)]
pub(super) struct Notices(Mutex<VecDeque<Notice>>);

impl Notices {
    /// Keeps a notice for the page, given as a path from the dashboard's root. A query and a fragment do not count.
    pub(super) fn put(&self, owner: NoticeOwner, page: &str, word: &'static str) {
        let page = page.split(['?', '#']).next().unwrap_or_default().to_owned();
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|notice| notice.since.elapsed() < LIFETIME);
        waiting.truncate(MAX_WAITING - 1);
        waiting.push_front(Notice { owner, page, word, since: Instant::now() });
    }

    /// Takes the newest notice of the owner for a page. Older ones for it are dropped.
    pub(super) fn take(&self, owner: NoticeOwner, page: &str) -> Option<&'static str> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let is_for = |notice: &Notice| notice.owner == owner && notice.page == page;
        let found = waiting.iter().find(|notice| is_for(notice) && notice.since.elapsed() < LIFETIME)?.word;
        waiting.retain(|notice| !is_for(notice));
        Some(found)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_notice_is_shown_once_to_its_owner_on_its_page() {
        let notices = Notices::default();
        let [ada, eve] = ["ada", "eve"].map(|token| NoticeOwner::new("session", token));
        notices.put(ada, "books/x?page=2#name", "renamed");
        assert_eq!(notices.take(eve, "books/x"), None);
        assert_eq!(notices.take(NoticeOwner::new("ingress", "ada"), "books/x"), None);
        assert_eq!(notices.take(ada, "books"), None);
        assert_eq!(notices.take(ada, "books/x"), Some("renamed"));
        assert_eq!(notices.take(ada, "books/x"), None);
    }

    #[test]
    fn a_notice_waits_a_minute() {
        let notices = Notices::default();
        let ada = NoticeOwner::new("session", "ada");
        for (seconds, expected) in [(59, Some("renamed")), (61, None)] {
            notices.put(ada, "books", "renamed");
            notices.0.lock().expect("no panic")[0].since -= Duration::from_secs(seconds);
            assert_eq!(notices.take(ada, "books"), expected, "{seconds} s");
        }
    }

    #[test]
    fn notices_that_wait_are_bounded() {
        let notices = Notices::default();
        let ada = NoticeOwner::new("session", "ada");
        for number in 0..3000 {
            notices.put(ada, &format!("books/{number}"), "renamed");
        }
        assert_eq!(notices.0.lock().expect("no panic").len(), MAX_WAITING);
        assert_eq!(notices.take(ada, "books/0"), None);
        assert_eq!(notices.take(ada, "books/2999"), Some("renamed"));
    }
}
