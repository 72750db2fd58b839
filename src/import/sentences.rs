//! What an import did, or would do, in sentences on the terminal. The dashboard has its own, in the languages of its readers.

#[cfg(feature = "cli")]
use std::path::Path;

#[cfg(feature = "cli")]
use super::report::ImportReport;
#[cfg(feature = "cli")]
use crate::model::{Username, count, printable};

/// Why an import that has begun ended early, before the cause.
pub(crate) const STOPPED: &str = "the import stopped, and what was imported so far stays; fix this and repeat it";

#[cfg(feature = "cli")]
impl ImportReport {
    /// Returns the sentences of a report, each of which is true of it.
    ///
    /// They name the data directory, which the reader may have mistyped; `is_new` is whether this import makes it.
    pub(crate) fn sentences(&self, is_dry_run: bool, data_dir: &Path, is_new: bool) -> Vec<String> {
        let mut sentences = Vec::new();
        let verb = |dry: &'static str, done: &'static str| if is_dry_run { dry } else { done };
        let documents = |number| count(number, "document");
        let place = format!(" in the {}data directory {}", if is_new { "new " } else { "" }, data_dir.display());
        sentences.push(format!(
            "{} {} and {}{place}.",
            verb("Would create", "Created"),
            count(self.accounts_created, "account"),
            documents(self.documents_created)
        ));
        if self.documents_advanced > 0 {
            sentences.push(format!(
                "{} {} to a newer position; the earlier one is in the history.",
                verb("Would advance", "Advanced"),
                documents(self.documents_advanced)
            ));
        }
        if self.accounts_unchanged + self.documents_unchanged > 0 {
            sentences.push(format!(
                "Unchanged: {}, with the password they have here, and {}, whose position here is as new or newer.",
                count(self.accounts_unchanged, "account"),
                documents(self.documents_unchanged)
            ));
        }
        if self.aliases_created + self.aliases_unchanged > 0 {
            sentences.push(format!(
                "Other ids of documents: {} {}, {} not needed.",
                verb("would add", "added"),
                self.aliases_created,
                self.aliases_unchanged
            ));
        }
        if self.skipped_count > 0 {
            let skipped = count(self.skipped_count, "record");
            sentences.push(format!("{} {skipped}, listed above.", verb("Would skip", "Skipped")));
        }
        if !self.other_password.is_empty() {
            sentences.push(format!(
                "Left out with {}: {}. To import one into the account of that name here, which keeps its password, repeat the \
                 import with `--merge NAME`.",
                documents(self.other_password_documents),
                listed(&self.other_password)
            ));
        }
        if !self.without_password.is_empty() {
            sentences.push(format!(
                "Without a password: {}. Set one for each with `kosync user passwd NAME`.",
                listed(&self.without_password)
            ));
        }
        if self.reader_named_admin {
            sentences.push(
                "The source has an ordinary account `admin`. That name is the administrator's here: once an administrator's password is \
                 set, `admin` logs in with that password."
                    .to_owned(),
            );
        }
        if self.lacks_log {
            sentences.push(
                "The database has no log (Kosync-log.db) beside it, which is usual. If there is one beside the original, the latest \
                 positions are only in there: copy it, too, and repeat the import."
                    .to_owned(),
            );
        }
        sentences
    }
}

#[cfg(feature = "cli")]
fn listed(names: &[Username]) -> String {
    names.iter().map(|name| printable(name.as_str())).collect::<Vec<_>>().join(", ")
}
