//! For administrators: exports and backups to save, files to import, and the check of the store.
//!
//! Imports in this folder point one way: `mod` (handlers) -> `download`, `upload`, `report` -> `multipart`, `reasons`.
//!
//! An upload is read in the background, and the page shows what importing it would do. Nothing is written before a second form
//! confirms it. While something runs, the page reloads itself every two seconds, without a script.

mod download;
mod multipart;
mod reasons;
mod report;
mod upload;

use askama::Template;
use salvo::craft::craft;
use salvo::http::Method;
use salvo::{Request, Router};

use self::download::{Download, Kind};
use self::report::ReportView;
use super::accounts::find_account;
use super::context::Dashboard;
use super::error::PageError;
use super::form_errors::FormErrors;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::session::CurrentUser;
use super::{get, post};
use crate::import::job::{Decision, Snapshot, Stage};
use crate::model::{Username, printable};
use crate::store::VerifyReport;
use crate::text::{Message, Texts};

/// Bytes of the list of accounts to choose from. `kosync import --merge` takes any.
const MAX_CHOICES: usize = 16 * 1024;
/// Problems of the store that are listed, and the bytes of each.
const MAX_PROBLEMS: usize = 50;
const PROBLEM_MAX: usize = 300;

/// An account that has another password here than in the file.
struct OtherAccount {
    name: String,
    is_merged: bool,
}

impl OtherAccount {
    /// Bytes of its choice beside the name.
    const MARKUP: usize = 100;
}

/// What the page shows of an import.
enum ImportView {
    /// The form for a file, unless uploads are switched off.
    Idle,
    Reading {
        documents: u64,
    },
    Previewed {
        report: ReportView,
        others: Vec<OtherAccount>,
    },
    Importing {
        documents: u64,
        of: u64,
    },
    Finished {
        report: ReportView,
    },
    /// It was stopped from the page.
    Stopped,
    Failed {
        reason: String,
    },
}

impl ImportView {
    fn new(stage: &Stage, texts: Texts) -> Self {
        match stage {
            Stage::Idle => Self::Idle,
            Stage::Reading { documents } => Self::Reading { documents: *documents },
            Stage::Previewed { report, merged } => {
                let merged = merged.iter().map(|name| (name, true));
                let others = report.other_password.iter().map(|name| (name, false));
                let account = |(name, is_merged): (&Username, bool)| OtherAccount { name: name.to_string(), is_merged };
                let mut left = MAX_CHOICES;
                let fits = |other: &OtherAccount| {
                    left = left.saturating_sub(OtherAccount::MARKUP + 2 * lines::markup_bytes(&other.name));
                    left > 0
                };
                // The accounts that were selected come first, so that none of them is lost.
                let others = merged.chain(others).map(account).take_while(fits).collect();
                Self::Previewed { report: ReportView::new(report, true, texts), others }
            }
            Stage::Importing { documents, of } => Self::Importing { documents: *documents, of: *of },
            Stage::Finished(report) => Self::Finished { report: ReportView::new(report, false, texts) },
            Stage::Failed(failure) => match reasons::failure(failure, texts) {
                Some(reason) => Self::Failed { reason: printable(&reason) },
                None => Self::Stopped,
            },
        }
    }

    fn is_running(&self) -> bool {
        matches!(self, Self::Reading { .. } | Self::Importing { .. })
    }
}

#[derive(Template)]
#[template(path = "transfer.html")]
struct TransferPage {
    layout: Layout,
    number: u64,
    label: String,
    import: ImportView,
    /// Largest upload as text; empty if there are none.
    max_upload: String,
    check: Option<CheckView>,
}

/// The result of the check of the store.
struct CheckView {
    summary: Vec<Message>,
    /// The sentence that nothing is wrong, or the one about the problems.
    verdict: Result<Message, Message>,
    /// In English, for those who look into the store.
    problems: Vec<String>,
}

impl CheckView {
    fn new(report: VerifyReport, texts: Texts) -> Self {
        let summary =
            texts.msg("admin-check-summary").arg("accounts", report.accounts).arg("size", texts.bytes(report.bytes));
        let summary = summary.arg("documents", report.documents).arg("positions", report.positions);
        let more = [
            ("admin-check-aliases", report.aliases),
            ("admin-check-files", report.files),
            ("admin-check-old-rows", report.old_rows),
        ];
        let more = more.into_iter().filter(|(_, count)| *count > 0);
        let mut summary = vec![summary.arg("sessions", report.sessions)];
        summary.extend(more.map(|(id, count)| texts.msg(id).arg("count", count)));
        let verdict = match report.problem_count {
            0 => Ok(texts.msg("admin-check-sound")),
            problems => Err(texts.msg("admin-check-problems").arg("count", problems)),
        };
        let shown = |problem: &String| lines::shortened(problem, PROBLEM_MAX);
        Self { summary, verdict, problems: report.problems.iter().take(MAX_PROBLEMS).map(shown).collect() }
    }
}

/// The handlers of `transfer`.
#[derive(Clone)]
pub struct Transfer {
    pub(super) dashboard: Dashboard,
}

impl Transfer {
    /// Returns the routes of the page and its forms.
    pub(super) fn routers(&self) -> Vec<Router> {
        let dashboard = &self.dashboard;
        let file = |path, handler: Router| dashboard.file(path, "transfer", handler);
        let action = |path, handler: Router| dashboard.action(path, "transfer", handler);
        vec![
            dashboard.page("transfer", "GET, HEAD", vec![get(self.show())]),
            file("transfer/export", get(self.export())),
            file("transfer/backup", get(self.backup())),
            action("transfer/upload", post(self.upload())),
            action("transfer/import", post(self.import())),
            action("transfer/discard", post(self.discard())),
            action("transfer/check", post(self.check())),
        ]
    }

    fn page(&self, current_user: &CurrentUser, error: Option<&PageError>, check: Option<CheckView>) -> PageResponse {
        let (state, texts) = (&self.dashboard.state, current_user.texts);
        let Snapshot { number, label, stage } = state.import_job.snapshot();
        let max_upload = match state.max_import_bytes {
            0 => String::new(),
            max => texts.bytes(max),
        };
        let layout = current_user.layout("admin-transfer-title", "transfer");
        let layout = match error {
            // The field for a file is there while nothing else is.
            Some(error) if matches!(stage, Stage::Idle) && !max_upload.is_empty() => {
                layout.with_error_at(error, "file")
            }
            Some(error) => Layout { errors: FormErrors::one("", error.text(texts)), ..layout },
            None => layout,
        };
        let page = PageResponse::new(&TransferPage {
            layout,
            number,
            label,
            import: ImportView::new(&stage, texts),
            max_upload,
            check,
        });
        match error {
            Some(error) => page.with_error(error),
            None => page,
        }
    }

    async fn download(&self, req: &Request, kind: Kind) -> Result<Download, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        if *req.method() == Method::HEAD {
            return Ok(Download::head(kind));
        }
        let state = &self.dashboard.state;
        Download::begin(kind, &state.store, &state.heavy_reads, current_user.logged_name()).await
    }

    /// Receives an upload and begins to read it.
    async fn begin(&self, req: &mut Request, by: String, texts: Texts) -> Result<(), PageError> {
        let state = &self.dashboard.state;
        if state.max_import_bytes == 0 {
            return Err(PageError::InvalidForm(texts.msg("admin-import-no-uploads").to_string()));
        }
        let upload = upload::receive(state, req, by, texts).await?;
        match state.import_job.begin(upload, state.store.clone(), state.auth.clone()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(PageError::InvalidForm(texts.msg("admin-import-running").to_string())),
            Err(_) => Err(PageError::Busy),
        }
    }
}

#[craft]
impl Transfer {
    /// `GET transfer`: what can be downloaded, and where the import is.
    #[craft(handler)]
    pub(super) async fn show(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        Ok(self.page(&current_user, None, None))
    }

    /// `GET transfer/export?account=`: everything, as `kosync export` writes it, or the account of that number alone.
    #[craft(handler)]
    pub(super) async fn export(&self, req: &mut Request) -> Result<Download, PageError> {
        let kind = match req.query::<String>("account") {
            None => Kind::Export,
            Some(number) => {
                // Others must not learn which accounts there are.
                self.dashboard.administrator(req)?;
                let user = find_account(&self.dashboard.state, number.parse().ok()).await?;
                Kind::AccountExport(user.ok_or(PageError::NoSuchPage)?.id)
            }
        };
        self.download(req, kind).await
    }

    /// `GET transfer/backup`: a snapshot, as `kosync backup` writes it.
    #[craft(handler)]
    pub(super) async fn backup(&self, req: &mut Request) -> Result<Download, PageError> {
        self.download(req, Kind::Backup).await
    }

    /// `POST transfer/upload` with the files `file` and `log`: reads what importing them would do, in the background.
    #[craft(handler)]
    pub(super) async fn upload(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        match self.begin(req, current_user.logged_name(), current_user.texts).await {
            Ok(()) => Ok(current_user.redirect_to("transfer#import")),
            Err(error) => Ok(self.page(&current_user, Some(&error), None)),
        }
    }

    /// `POST transfer/import` with `number` and `merge`, an account each: imports what was uploaded, or with `preview` reads it again.
    #[craft(handler)]
    pub(super) async fn import(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let texts = current_user.texts;
        let form = self.dashboard.form(req).await?;
        let merged = form.all("merge").map(Username::new).collect::<Result<Vec<_>, _>>();
        let merged = merged.map_err(|_| PageError::InvalidForm(texts.msg("account-no-such-choice").to_string()))?;
        let decision = if form.has("preview") { Decision::Preview(merged) } else { Decision::Import(merged) };
        let is_import = matches!(decision, Decision::Import(_));
        let number = form.get("number").parse().unwrap_or_default();
        if !self.dashboard.state.import_job.decide(number, decision) {
            let error = PageError::InvalidForm(texts.msg("admin-import-not-waiting").to_string());
            return Ok(self.page(&current_user, Some(&error), None));
        }
        if is_import {
            tracing::info!(by = current_user.logged_name(), "import started");
        }
        Ok(current_user.redirect_to("transfer#import"))
    }

    /// `POST transfer/discard` with `number`: stops an import, or drops its file or its report.
    #[craft(handler)]
    pub(super) async fn discard(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let number = self.dashboard.form(req).await?.get("number").parse().unwrap_or_default();
        self.dashboard.state.import_job.discard(number);
        Ok(current_user.redirect_to("transfer#import"))
    }

    /// `POST transfer/check`: reads the whole store and shows what is wrong in it. It changes nothing, so it needs no redirect.
    #[craft(handler)]
    pub(super) async fn check(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let state = &self.dashboard.state;
        let permit = state.heavy_reads.clone().try_acquire_owned().map_err(|_| PageError::HeavyReadRunning)?;
        let store = state.store.clone();
        let verify = move || {
            let _permit = permit;
            store.verify()
        };
        let report = tokio::task::spawn_blocking(verify).await.map_err(|_| PageError::Internal)??;
        Ok(self.page(&current_user, None, Some(CheckView::new(report, current_user.texts))))
    }
}
