//! What the handlers of a book share: the book in the path, and changes that its reader may make.

use salvo::Request;

use super::codec::decode;
use super::context::Dashboard;
use super::error::PageError;
use super::session::CurrentUser;
use crate::model::Document;
use crate::store::{AccountOutcome, Authority, Change, DocumentEntry, JoinRefusal};
use crate::text::Texts;

/// Files that a book may have.
const MAX_FILES: u32 = 16;

impl Dashboard {
    /// Returns the user of the request and the book in its path.
    pub(super) fn book(&self, req: &Request) -> Result<(CurrentUser, DocumentEntry), PageError> {
        let current_user = self.current_user(req)?;
        let document = document_in_path(req).ok_or(PageError::NoSuchPage)?;
        let document = self.state.store.meant_document(current_user.user.id, &document)?;
        let entry = self.state.store.document(current_user.user.id, &document)?;
        Ok((current_user, entry.ok_or(PageError::NoSuchPage)?))
    }

    /// Makes a change of the data of the account that is logged in.
    pub(super) async fn change_own(&self, current_user: &CurrentUser, change: Change) -> Result<(), PageError> {
        let refused = |id| PageError::InvalidForm(current_user.texts.msg(id).to_string());
        let user = current_user.user.clone();
        let name = user.name.clone();
        match self.state.store.manage(Authority::User(user), name, change).await? {
            AccountOutcome::Done => Ok(()),
            AccountOutcome::OverQuota(_) => Err(PageError::OverQuota),
            AccountOutcome::NoPosition => Err(refused("books-position-gone")),
            AccountOutcome::NoDocument => Err(PageError::NoSuchPage),
            AccountOutcome::JoinRefused(refusal) => {
                Err(PageError::InvalidForm(refused_join(refusal, current_user.texts)))
            }
            _ => Err(PageError::NotLoggedIn),
        }
    }
}

/// Returns the document in a request's path.
fn document_in_path(req: &Request) -> Option<Document> {
    Document::new(&decode(req.params().get("book")?)?).ok()
}

/// Says why books were not joined or parted, and what to do.
fn refused_join(refusal: JoinRefusal, texts: Texts) -> String {
    let message = match refusal {
        JoinRefusal::TooManyDocuments => texts.msg("books-join-too-many").arg("max", MAX_FILES),
        JoinRefusal::SameDocument => texts.msg("books-join-same"),
        JoinRefusal::NotJoined => texts.msg("books-join-not-joined"),
    };
    message.to_string()
}
