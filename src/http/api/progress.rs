//! `/syncs/progress`: pushing and pulling positions.

use salvo::craft::craft;
use salvo::{Request, Response};
use serde::Serialize;
use serde_json::json;

use super::JsonResponse;
use super::error::ApiError;
use super::json::Fields;
use crate::http::body;
use crate::http::middleware::LoggedPush;
use crate::model::{Document, Progress};
use crate::state::AppState;
use crate::store::PushOutcome;

#[craft]
impl AppState {
    /// `PUT /syncs/progress`: 200 with the document and the time, once the position is on disk. 403 (2004) without a
    /// document, 403 (2003) without a percentage, progress or device. 429, 503 and 507 for a while: clients try again.
    #[craft(handler)]
    pub(super) async fn push(
        self: &std::sync::Arc<Self>,
        req: &mut Request,
        res: &mut Response,
    ) -> Result<JsonResponse, ApiError> {
        let sent = body::read(req, self.client_timeout).await?;
        let user = self.user(req).await?;
        let fields = Fields::parse(&sent)?;
        let (document, progress) = position(&fields)?;
        if tracing::enabled!(tracing::Level::DEBUG) {
            res.extensions.insert(LoggedPush { document: document.clone(), device: progress.device.clone() });
        }
        match self.store.push(user, document.clone(), progress, fields.metadata("metadata")).await? {
            PushOutcome::Stored { timestamp, .. } => Ok(JsonResponse::ok(&Receipt { document: &document, timestamp })),
            PushOutcome::Stale => Err(ApiError::Unauthorized),
        }
    }

    /// `GET /syncs/progress/{document}`: 200 with the position, or with `{}` for a document that was never pushed.
    #[craft(handler)]
    pub(super) async fn pull(self: &std::sync::Arc<Self>, req: &mut Request) -> Result<JsonResponse, ApiError> {
        let user = self.user(req).await?;
        // An id that cannot be anybody's was never pushed, either.
        let document = req.params().get("document").and_then(|id| Document::new(id).ok());
        let found = document.as_ref().map(|document| self.store.progress(user.id, document)).transpose()?.flatten();
        Ok(match (&document, &found) {
            (Some(document), Some(progress)) => JsonResponse::ok(&Record::new(document, progress)),
            _ => JsonResponse::ok(&json!({})),
        })
    }
}

/// The answer to a push: these two fields and no other (rule P5).
#[derive(Serialize)]
struct Receipt<'a> {
    document: &'a Document,
    timestamp: u64,
}

/// The answer to a pull: these fields and no other (rule G1).
#[derive(Serialize)]
struct Record<'a> {
    document: &'a Document,
    percentage: f64,
    progress: &'a str,
    device: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    timestamp: u64,
}

impl<'a> Record<'a> {
    fn new(document: &'a Document, position: &'a Progress) -> Self {
        let Progress { progress, percentage, device, device_id, timestamp } = position;
        let (percentage, timestamp) = (*percentage, *timestamp);
        Self { document, percentage, progress, device, device_id: device_id.as_deref(), timestamp }
    }
}

fn position(fields: &Fields<'_>) -> Result<(Document, Progress), ApiError> {
    let document = fields.string(Document::FIELD).ok_or(ApiError::NoDocument)?;
    let document = Document::new(&document).map_err(ApiError::from_field)?;
    let missing = || ApiError::Invalid(None);
    let percentage = fields.number("percentage").ok_or_else(missing)?;
    let progress = fields.text("progress").ok_or_else(missing)?;
    let device = fields.text("device").ok_or_else(missing)?;
    let device_id = fields.optional_text("device_id").ok_or_else(missing)?;
    let progress = Progress::new(progress, percentage, device, device_id).map_err(ApiError::from_field)?;
    Ok((document, progress))
}
