//! For administrators: exports and backups to save, files to import, and the check of the store.
//!
//! Imports in this folder point one way: `mod` (handlers) -> `download`, `upload` -> `multipart`.
//!
//! An upload is read in the background, and the page shows what importing it would do. Nothing is written before a second form
//! confirms it. While something runs, the page reloads itself every two seconds, without a script.

mod download;
mod multipart;
mod upload;

use askama::Template;
use salvo::craft::craft;
use salvo::http::Method;
use salvo::{Request, Router};

use self::download::{Download, Kind};
use super::accounts::find_account;
use super::context::Dashboard;
use super::error::PageError;
use super::format::mebibytes;
use super::layout::Layout;
use super::page::PageResponse;
use super::session::CurrentUser;
use crate::import::job::{Decision, Snapshot, Stage};
use crate::import::{ImportReport, SkippedRecord, Surface};
use crate::model::{Username, printable};
use crate::store::VerifyReport;

const NOT_WAITING: &str = "This import does not wait for a decision any more: it was started or dropped meanwhile, or its file was kept for an hour.";

/// An account that has another password here than in the file.
struct OtherAccount {
    name: String,
    is_merged: bool,
}

/// What the page shows of a report.
struct ReportView {
    sentences: Vec<String>,
    skipped: Vec<SkippedRecord>,
    /// How many skipped records are not listed.
    unlisted: u64,
}

impl ReportView {
    fn new(report: &ImportReport, is_dry_run: bool) -> Self {
        let shown = |text: &String| printable(text);
        let skipped = report
            .skipped
            .iter()
            .map(|SkippedRecord { record, reason }| SkippedRecord { record: shown(record), reason: shown(reason) });
        Self {
            sentences: report.sentences(is_dry_run, Surface::Page),
            skipped: skipped.collect(),
            unlisted: report.skipped_count.saturating_sub(report.skipped.len() as u64),
        }
    }
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
    Failed {
        reason: String,
    },
}

impl ImportView {
    fn new(stage: &Stage) -> Self {
        match stage {
            Stage::Idle => Self::Idle,
            Stage::Reading { documents } => Self::Reading { documents: *documents },
            Stage::Previewed { report, merged } => {
                let merged = merged.iter().map(|name| (name, true));
                let others = report.other_password.iter().map(|name| (name, false));
                let account = |(name, is_merged): (&Username, bool)| OtherAccount { name: name.to_string(), is_merged };
                let others = merged.chain(others).map(account).collect();
                Self::Previewed { report: ReportView::new(report, true), others }
            }
            Stage::Importing { documents, of } => Self::Importing { documents: *documents, of: *of },
            Stage::Finished(report) => Self::Finished { report: ReportView::new(report, false) },
            Stage::Failed(reason) => Self::Failed { reason: printable(reason) },
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
    summary: String,
    verdict: Result<&'static str, String>,
    problems: Vec<String>,
}

impl CheckView {
    fn new(report: VerifyReport) -> Self {
        Self { summary: report.summary(), verdict: report.verdict(), problems: report.problems }
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
        let get = |path, route: Router| self.dashboard.page(path, "GET, HEAD", route);
        let post = |path, handler: Router| self.dashboard.action(path, "transfer", handler);
        vec![
            get("transfer", Router::new().get(self.show()).head(self.show())),
            get("transfer/export", Router::new().get(self.export()).head(self.export())),
            get("transfer/backup", Router::new().get(self.backup()).head(self.backup())),
            post("transfer/upload", Router::new().post(self.upload())),
            post("transfer/import", Router::new().post(self.import())),
            post("transfer/discard", Router::new().post(self.discard())),
            post("transfer/check", Router::new().post(self.check())),
        ]
    }

    fn page(&self, current_user: &CurrentUser, error: Option<&PageError>, check: Option<CheckView>) -> PageResponse {
        let state = &self.dashboard.state;
        let Snapshot { number, label, stage } = state.import_job.snapshot();
        let max_upload = match state.max_import_bytes {
            0 => String::new(),
            max => mebibytes(max),
        };
        let layout = current_user.layout_titled("Import and export", "transfer");
        let layout = match error {
            Some(error) => layout.with_error(error, ""),
            None => layout,
        };
        let page = PageResponse::new(&TransferPage {
            layout,
            number,
            label,
            import: ImportView::new(&stage),
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
    async fn begin(&self, req: &mut Request, by: String) -> Result<(), PageError> {
        let state = &self.dashboard.state;
        if state.max_import_bytes == 0 {
            return Err(PageError::InvalidForm("Uploads are switched off by `max_import_bytes`.".into()));
        }
        let upload = upload::receive(state, req, by).await?;
        match state.import_job.begin(upload, state.store.clone(), state.auth.clone()) {
            Ok(true) => Ok(()),
            Ok(false) => Err(PageError::InvalidForm(upload::RUNNING.into())),
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
                // Nobody else learns which accounts there are.
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
        match self.begin(req, current_user.logged_name()).await {
            Ok(()) => Ok(current_user.redirect_to("transfer#import")),
            Err(error) => Ok(self.page(&current_user, Some(&error), None)),
        }
    }

    /// `POST transfer/import` with `number` and `merge`, an account each: imports what was uploaded, or with `preview` reads it again.
    #[craft(handler)]
    pub(super) async fn import(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let current_user = self.dashboard.administrator(req)?;
        let form = self.dashboard.form(req).await?;
        let merged = form.all("merge").map(Username::new).collect::<Result<Vec<_>, _>>();
        let merged = merged.map_err(|invalid| PageError::InvalidForm(format!("Nothing was imported: {invalid}.")))?;
        let decision = if form.has("preview") { Decision::Preview(merged) } else { Decision::Import(merged) };
        let is_import = matches!(decision, Decision::Import(_));
        let number = form.get("number").parse().unwrap_or_default();
        if !self.dashboard.state.import_job.decide(number, decision) {
            return Ok(self.page(&current_user, Some(&PageError::InvalidForm(NOT_WAITING.into())), None));
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
        Ok(self.page(&current_user, None, Some(CheckView::new(report))))
    }
}
