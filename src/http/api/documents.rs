//! `/syncs/documents`: all documents of an account, for programs that track what is read.

use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde::Serialize;

use super::auth::authenticate_sync;
use super::error::ApiError;
use super::list::{ListResponse, RowSource, Rows};
use super::pulled::listed_position;
use crate::error::Error;
use crate::library::scan::SLICE;
use crate::model::{Document, Metadata, Progress, UserId};
use crate::state::AppState;
use crate::store::DocumentEntry;

/// Lists the documents of the requesting account.
#[derive(Clone)]
pub struct DocumentsApi {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl DocumentsApi {
    /// `GET /syncs/documents`: 200 with all documents, ordered by id.
    ///
    /// # Errors
    /// 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn list(&self, req: &mut Request) -> Result<ListResponse<DocumentRows>, ApiError> {
        let user = authenticate_sync(&self.state, req).await?;
        let slot = self.state.scan_limiter.answer(user.id)?;
        let rows = DocumentRows { state: self.state.clone(), owner: user.id, after: None };
        ListResponse::object("documents", rows, slot).await
    }
}

/// The documents of an account, ordered by id.
pub(super) struct DocumentRows {
    state: Arc<AppState>,
    owner: UserId,
    after: Option<Document>,
}

impl RowSource for DocumentRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        let AppState { store, scan_limiter, .. } = &*self.state;
        let read = || store.documents_slice(self.owner, self.after.as_ref(), SLICE);
        let documents = scan_limiter.slice(self.owner, read).await?;
        for entry in &documents {
            let position = listed_position(&self.state, self.owner, self.owner, entry).await?;
            rows.add(&DocumentJson::new(entry, &position));
        }
        self.after = documents.into_iter().last().map(|entry| entry.document);
        Ok(self.after.is_some())
    }
}

/// A row. Here alone, what is unknown is `null`: the programs that read this list expect each field.
#[derive(Serialize)]
struct DocumentJson<'a> {
    document: &'a Document,
    progress: &'a str,
    percentage: f64,
    device: &'a str,
    device_id: Option<&'a str>,
    filename: Option<&'a str>,
    /// Without a title from a client, the name that the user gave the document.
    title: Option<&'a str>,
    authors: Option<&'a str>,
    timestamp: u64,
}

impl<'a> DocumentJson<'a> {
    fn new(entry: &'a DocumentEntry, position: &'a Progress) -> Self {
        let DocumentEntry { document, metadata, name, .. } = entry;
        let Progress { progress, percentage, device, device_id, timestamp } = position;
        let Metadata { filename, title, authors } = metadata;
        Self {
            document,
            progress,
            percentage: *percentage,
            device,
            device_id: device_id.as_deref(),
            filename: filename.as_deref(),
            title: title.as_deref().or(name.as_deref()),
            authors: authors.as_deref(),
            timestamp: *timestamp,
        }
    }
}
