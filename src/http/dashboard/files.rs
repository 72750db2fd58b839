//! The files of the account's WebDAV folder: what is there, and how to set the folder up in KOReader.

use askama::Template;
use salvo::Request;
use salvo::craft::craft;

use super::attachment::Attachment;
use super::codec::{decode, encode};
use super::context::Dashboard;
use super::error::PageError;
use super::layout::Layout;
use super::lines;
use super::page::PageResponse;
use super::paging::Paging;
use super::reading::Source;
use crate::error::Error;
use crate::http::answer::Parts;
use crate::library::reading::load_state;
use crate::model::{FileInfo, FilePath};
use crate::state::AppState;
use crate::store::{FileCondition, FileOutcome, OpenFile};
use crate::text::{Clock, Message, Time};

const FILES_PER_PAGE: usize = 20;
/// Bytes of a path in the list: its end, with the file's name.
const PATH_MAX: usize = 160;
/// Bytes of the name of the program that uploaded a file.
const AGENT_MAX: usize = 60;

struct FileRow {
    path: String,
    /// The path, encoded for an address.
    encoded: String,
    is_folder: bool,
    size: String,
    time: Time,
    by: Option<String>,
    is_withheld: bool,
    /// Whether devices merge with it, or with a file in it [W5].
    is_merged: bool,
}

impl FileRow {
    fn new(path: &FilePath, info: &FileInfo, clock: &Clock) -> Self {
        Self {
            path: lines::ending(path.as_str(), PATH_MAX),
            encoded: encode(path.as_str()),
            is_folder: info.is_folder,
            size: clock.texts.bytes(info.size),
            time: clock.ago(info.modified),
            by: info.uploaded_by.as_ref().map(|by| lines::shortened(by, AGENT_MAX)),
            is_withheld: info.is_withheld,
            is_merged: !info.is_folder && path.is_merged_database(),
        }
    }
}

#[derive(Template)]
#[template(path = "files.html")]
struct FilesPage {
    layout: Layout,
    files: Vec<FileRow>,
    has_webdav: bool,
    /// How many files there are, with their size and the most of each.
    used: Message,
    paging: Paging,
    source: Source,
}

#[derive(Template)]
#[template(path = "delete_file.html")]
struct DeleteFilePage {
    layout: Layout,
    file: FileRow,
}

/// The handlers of `files`.
#[derive(Clone)]
pub struct Files {
    pub(super) dashboard: Dashboard,
}

/// Returns the path that is encoded in a request's query.
fn path_in_query(req: &Request) -> Result<FilePath, PageError> {
    let path = req.query::<String>("path").and_then(|path| decode(&path)).ok_or(PageError::NoSuchPage)?;
    FilePath::new(&path).map_err(|_| PageError::NoSuchPage)
}

#[craft]
impl Files {
    /// `GET files?page=`: what is in the folder; with `path`, the page that has that file.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, reading, has_webdav, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let user = current_user.user.id;
        let slot = scan_limiter.answer(user)?;
        let times = load_state(store, scan_limiter, reading, &current_user.user).await?.times;
        let files = scan_limiter.slice(user, || store.files(user)).await?;
        let wanted = path_in_query(req).ok().and_then(|wanted| files.iter().position(|(path, _)| *path == wanted));
        let paging = match wanted {
            Some(index) => Paging::with_entry(index, files.len(), FILES_PER_PAGE),
            None => Paging::from_request(req, files.len(), FILES_PER_PAGE),
        };
        let (quota, clock) = (store.file_quota(), current_user.clock(store.now()));
        let used = files.iter().map(|(_, info)| info.size).sum();
        Ok(PageResponse::new(&FilesPage {
            layout: current_user.layout("files-title", "files"),
            files: paging.slice(&files).iter().map(|(path, info)| FileRow::new(path, info, &clock)).collect(),
            has_webdav: *has_webdav,
            used: current_user
                .texts
                .msg("files-used")
                .arg("used", current_user.texts.bytes(used))
                .arg("max", current_user.texts.bytes(quota.max_bytes))
                .arg("count", files.len())
                .arg("max_files", quota.max_files),
            paging,
            source: Source::new(times.as_ref(), &clock),
        })
        .with_slot(slot))
    }

    /// `GET files/download?path=`: a file as it was uploaded, also one that devices do not get [W5].
    #[craft(handler)]
    pub(super) async fn download(&self, req: &mut Request) -> Result<Attachment<FileParts>, PageError> {
        let AppState { store, scan_limiter, .. } = &*self.dashboard.state;
        let user = self.dashboard.current_user(req)?.user.id;
        let path = path_in_query(req)?;
        let slot = scan_limiter.answer(user)?;
        let file = store.download_file(user, &path).await?.ok_or(PageError::NoSuchPage)?;
        Ok(Attachment {
            name: path.name().to_owned(),
            content_type: "application/octet-stream",
            length: Some(file.info().size),
            parts: FileParts { file, at: 0 },
            slot,
        })
    }

    /// `GET files/delete?path=`: asks for confirmation. Without the query, it leads to the list of files.
    #[craft(handler)]
    pub(super) async fn confirm_delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, scan_limiter, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        if req.uri().query().is_none() {
            return Ok(current_user.redirect_to("files"));
        }
        let path = path_in_query(req)?;
        let user = current_user.user.id;
        let info = store.file(user, &path)?.ok_or(PageError::NoSuchPage)?;
        let file = FileRow::new(&path, &info, &current_user.clock(store.now()));
        let mut file = FileRow { path: path.to_string(), ..file };
        if file.is_folder {
            let files = scan_limiter.slice(user, || store.files(user)).await?;
            file.is_merged = files
                .iter()
                .any(|(below, info)| !info.is_folder && below.is_below(&path) && below.is_merged_database());
        }
        Ok(PageResponse::new(&DeleteFilePage { layout: current_user.layout("files-delete-title", "files"), file }))
    }

    /// `POST files/delete` with the encoded `path`: deletes a file, or a folder with all that is in it.
    #[craft(handler)]
    pub(super) async fn delete(&self, req: &mut Request) -> Result<PageResponse, PageError> {
        let AppState { store, reading, .. } = &*self.dashboard.state;
        let current_user = self.dashboard.current_user(req)?;
        let form = self.dashboard.form(req).await?;
        let path = decode(form.get("path")).and_then(|path| FilePath::new(&path).ok()).ok_or(PageError::NoSuchPage)?;
        let user = current_user.user.clone();
        match store.delete_file(user, path, FileCondition::default()).await? {
            FileOutcome::Done { .. } => {
                reading.request(store, &current_user.user);
                Ok(current_user.redirect_done("files", "file-deleted"))
            }
            FileOutcome::Stale => Err(PageError::NotLoggedIn),
            _ => Err(PageError::NoSuchPage),
        }
    }
}

/// The content of a file, chunk by chunk.
pub(super) struct FileParts {
    file: OpenFile,
    at: u64,
}

impl Parts for FileParts {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let part = self.file.read_from(self.at)?;
        self.at += part.len() as u64;
        Ok((!part.is_empty()).then_some(part))
    }
}
