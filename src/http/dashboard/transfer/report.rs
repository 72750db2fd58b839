//! What an import did, or would do, in the sentences of the page.

use super::super::lines;
use super::reasons;
use crate::import::{ImportReport, SkippedRecord};
use crate::model::{LOGGED_NAME_MAX, Username, printable};
use crate::text::{Message, Texts};

/// A record that was left out: which one, and why.
pub(super) struct SkippedRow {
    pub(super) record: String,
    pub(super) reason: String,
}

/// What the page shows of a report.
pub(super) struct ReportView {
    pub(super) sentences: Vec<Message>,
    pub(super) skipped: Vec<SkippedRow>,
    /// How many skipped records are not listed.
    pub(super) unlisted: u64,
}

/// Skipped records that are listed, and the bytes of each of their texts.
const MAX_SKIPPED: usize = 60;
const TEXT_MAX: usize = 200;
/// Names in a sentence.
const MAX_NAMES: usize = 50;

impl ReportView {
    pub(super) fn new(report: &ImportReport, is_dry_run: bool, texts: Texts) -> Self {
        let shown = |text: String| lines::shortened(&printable(&text), TEXT_MAX);
        let skipped = report.skipped.iter().take(MAX_SKIPPED).map(|SkippedRecord { record, reason }| SkippedRow {
            record: shown(reasons::label(record, texts)),
            reason: shown(reasons::skip(reason, texts)),
        });
        let skipped: Vec<SkippedRow> = skipped.collect();
        Self {
            sentences: sentences(report, is_dry_run, texts),
            unlisted: report.skipped_count.saturating_sub(skipped.len() as u64),
            skipped,
        }
    }
}

/// Returns the sentences of a report, each of which is true of it.
fn sentences(report: &ImportReport, is_dry_run: bool, texts: Texts) -> Vec<Message> {
    let verb = |dry: &'static str, done: &'static str| texts.msg(if is_dry_run { dry } else { done });
    let created = verb("admin-report-would-create", "admin-report-created");
    let created = created.arg("accounts", report.accounts_created).arg("documents", report.documents_created);
    let mut sentences = vec![created];
    if report.documents_advanced > 0 {
        let advanced = verb("admin-report-would-advance", "admin-report-advanced");
        sentences.push(advanced.arg("documents", report.documents_advanced));
    }
    if report.accounts_unchanged + report.documents_unchanged > 0 {
        let unchanged = texts.msg("admin-report-unchanged").arg("accounts", report.accounts_unchanged);
        sentences.push(unchanged.arg("documents", report.documents_unchanged));
    }
    if report.aliases_created + report.aliases_unchanged > 0 {
        let aliases = verb("admin-report-would-alias", "admin-report-aliases");
        sentences.push(aliases.arg("created", report.aliases_created).arg("unchanged", report.aliases_unchanged));
    }
    if report.skipped_count > 0 {
        sentences.push(verb("admin-report-would-skip", "admin-report-skipped").arg("count", report.skipped_count));
    }
    if !report.other_password.is_empty() {
        let left_out = verb("admin-report-would-leave-out", "admin-report-left-out");
        let left_out = left_out.arg("documents", report.other_password_documents);
        sentences.push(left_out.arg("names", listed(&report.other_password, texts)));
    }
    if !report.without_password.is_empty() {
        sentences
            .push(texts.msg("admin-report-without-password").arg("names", listed(&report.without_password, texts)));
    }
    if report.reader_named_admin {
        sentences.push(texts.msg("admin-report-reader-named-admin"));
    }
    if report.lacks_log {
        sentences.push(texts.msg("admin-report-lacks-log"));
    }
    sentences
}

/// Lists the first names, and says how many there are more.
fn listed(names: &[Username], texts: Texts) -> String {
    let shown = names.iter().take(MAX_NAMES).map(|name| lines::shortened(&printable(name.as_str()), LOGGED_NAME_MAX));
    let mut listed = shown.collect::<Vec<_>>().join(", ");
    if names.len() > MAX_NAMES {
        listed = format!("{listed} {}", texts.msg("admin-report-more").arg("count", names.len() - MAX_NAMES));
    }
    listed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Language;

    #[test]
    fn a_preview_and_an_import_are_told_in_each_language() {
        let mut report = ImportReport::default();
        (report.accounts_created, report.documents_created, report.documents_advanced) = (1, 2_000, 1);
        (report.skipped_count, report.lacks_log) = (2, true);
        report.other_password = vec![Username::new("ada").expect("a name")];
        let said = |is_dry_run, language| {
            let sentences = sentences(&report, is_dry_run, Texts::of(language));
            sentences.iter().map(ToString::to_string).collect::<Vec<_>>()
        };
        let english = said(true, Language::English);
        assert_eq!(english[0], "Would create 1 account and 2,000 documents.");
        assert_eq!(english[1], "Would advance 1 document to a newer position; the earlier one is in the history.");
        assert!(english[3].starts_with("Left out with 0 documents: ada. To import"), "{english:?}");
        let german = said(false, Language::German);
        assert_eq!(german[0], "Angelegt: 1 Konto und 2.000 Dokumente.");
        assert_eq!(german[2], "Übersprungen: 2 Einträge, siehe unten.");
        assert_eq!((english.len(), german.len()), (5, 5));
    }
}
