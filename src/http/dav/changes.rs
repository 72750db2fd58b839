//! `MKCOL`, `DELETE`, `COPY` and `MOVE`.

use salvo::http::StatusCode;
use salvo::{Request, Response};

use super::Call;
use super::error::{DavError, done, write_status};
use super::headers::{Depth, condition, depth, overwrites};
use crate::http::body;

impl Call<'_> {
    /// Creates a folder [W4].
    ///
    /// # Errors
    /// 405 if there is something of that name; 409 if the folder above does not exist; 415 if the request has a body.
    pub(super) async fn create_folder(&self, req: &mut Request, res: &mut Response) -> Result<(), DavError> {
        let path = self.target.path.clone().ok_or(DavError::Exists)?;
        let body = body::read(req, self.state.client_timeout).await?;
        if !body.is_empty() {
            return Err(DavError::BodyUnsupported("`MKCOL` has no body here."));
        }
        if !condition(req.headers())?.holds(self.visible(&path)?.as_ref()) {
            return Err(DavError::PreconditionFailed);
        }
        done(self.state.store.create_folder(self.user.clone(), path).await?)?;
        write_status(res, StatusCode::CREATED);
        Ok(())
    }

    /// Deletes a file, or a folder with all that is in it [W4].
    ///
    /// # Errors
    /// 404 without a body if there is nothing, or the file is withheld; 412 if the condition does not hold.
    pub(super) async fn delete(&self, req: &Request, res: &mut Response) -> Result<(), DavError> {
        let path = self.path()?.clone();
        let found = self.visible(&path)?.ok_or(DavError::NotFound)?;
        if found.is_folder && !matches!(depth(req.headers())?, None | Some(Depth::Infinity)) {
            return Err(DavError::BadHeader("A folder is deleted with all that is in it: `Depth` is `infinity`."));
        }
        done(self.state.store.delete_file(self.user.clone(), path, condition(req.headers())?).await?)?;
        write_status(res, StatusCode::NO_CONTENT);
        Ok(())
    }

    /// Copies or moves a file or folder to `Destination`.
    ///
    /// # Errors
    /// 404 without a body if there is nothing; 403 if one path contains the other; 409 if the folder of the destination does not
    /// exist; 412 if something is there and `Overwrite` is `F`, or the condition does not hold; 400 if it leads elsewhere; 507 if it
    /// is too much.
    pub(super) async fn transfer(&self, req: &Request, res: &mut Response, copies: bool) -> Result<(), DavError> {
        let from = self.path()?.clone();
        let target = self.location.destination(req)?;
        let to = target.path.ok_or(DavError::RootFolder)?;
        let replaces = overwrites(req.headers())?;
        let condition = condition(req.headers())?;
        let depth = depth(req.headers())?;
        let found = self.visible(&from)?.ok_or(DavError::NotFound)?;
        if depth == Some(Depth::One) || !copies && found.is_folder && depth == Some(Depth::Zero) {
            return Err(DavError::BadHeader("`Depth` is `infinity`, or `0` to copy a folder without what is in it."));
        }
        let (store, user) = (&self.state.store, self.user.clone());
        let outcome = if copies {
            let is_shallow = depth == Some(Depth::Zero);
            store.copy_file(user, from, to, is_shallow, replaces, condition).await?
        } else {
            store.move_file(user, from, to, replaces, condition).await?
        };
        let is_new = done(outcome).map_err(|error| match error {
            DavError::Exists => DavError::NotOverwritten,
            other => other,
        })?;
        write_status(res, if is_new { StatusCode::CREATED } else { StatusCode::NO_CONTENT });
        Ok(())
    }
}

impl From<body::BodyError> for DavError {
    fn from(error: body::BodyError) -> Self {
        match error {
            body::BodyError::TooLarge => Self::BodyTooLarge,
            body::BodyError::TooSlow => Self::BodyTimeout,
            body::BodyError::Broken => Self::BodyBroken,
        }
    }
}
