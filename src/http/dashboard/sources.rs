//! Says what the numbers of a page are counted from.

use super::lines;
use super::reading::unread_reason;
use super::reading_record::ReadingRecord;
use super::session::CurrentUser;
use crate::library::reading::FileNote;

/// Bytes of a client's name, and of a file's path, that are shown.
const MAX_AGENT: usize = 60;
const PATH_MAX: usize = 160;

/// What the numbers of a page are counted from.
pub(super) struct Sources {
    pub(super) counted: String,
    /// From which upload the reading times are.
    pub(super) times: Option<String>,
    /// Why the last upload does not count.
    pub(super) unread: Option<String>,
}

impl Sources {
    pub(super) fn new(current_user: &CurrentUser, record: &ReadingRecord) -> Self {
        let (texts, days) = (current_user.texts, &current_user.days);
        let zone = days.zone().iana_name().filter(|name| *name != "Etc/UTC").unwrap_or("UTC");
        let counted = texts.msg("overview-counted").arg("hour", format!("{}:00", days.end())).arg("zone", zone);
        let ago = |file: &FileNote| texts.ago(file.uploaded_at, record.now, days.zone()).text;
        let times = record.times.as_ref().and_then(|times| times.file.as_ref()).map(|file| match &file.uploaded_by {
            Some(by) => {
                let by = by[..by.floor_char_boundary(MAX_AGENT)].trim();
                texts.msg("overview-times-by").arg("time", ago(file)).arg("by", by).to_string()
            }
            None => texts.msg("overview-times").arg("time", ago(file)).to_string(),
        });
        let unread = record.times.as_ref().and_then(|times| times.unread.as_ref()).map(|unread| {
            let id = if times.is_some() { "overview-unread" } else { "overview-unread-first" };
            let message = texts
                .msg(id)
                .arg("file", lines::ending(unread.file.path.as_str(), PATH_MAX))
                .arg("time", ago(&unread.file));
            message.arg("reason", unread_reason(&unread.reason, texts)).to_string()
        });
        Self { counted: counted.to_string(), times, unread }
    }
}
