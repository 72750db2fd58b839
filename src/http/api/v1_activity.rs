//! `GET /api/v1/activity`: what the account's devices asked and sent, in plain words.

use std::net::IpAddr;
use std::sync::Arc;

use salvo::Request;
use salvo::craft::craft;
use serde::Serialize;

use super::auth::authenticate_reader;
use super::error::ApiError;
use super::list::{ListResponse, RowSource, Rows};
use crate::error::Error;
use crate::http::activity::{self, ActivityLine};
use crate::model::{DayRule, Document, Language};
use crate::request_log::digest::What;
use crate::state::AppState;
use crate::text::{Clock, Texts};

/// Returns the last requests of the requesting account's devices.
#[derive(Clone)]
pub struct ActivityApi {
    pub(super) state: Arc<AppState>,
}

#[craft]
impl ActivityApi {
    /// `GET /api/v1/activity`: 200 with the last requests of the account's devices, the newest first.
    ///
    /// # Errors
    /// 503 (3503) if three answers to the account are in flight.
    #[craft(handler)]
    pub(super) async fn activity(&self, req: &mut Request) -> Result<ListResponse<ActivityRows>, ApiError> {
        let user = authenticate_reader(&self.state, req).await?;
        let slot = self.state.scan_limiter.answer(user.id)?;
        let store = &self.state.store;
        let zone = DayRule::new(&user.preferences, store.zone()).zone().clone();
        let clock = Clock { texts: Texts::of(Language::English), zone, now: store.now() };
        let lines = activity::load(&self.state, &user, &clock).await?.into_iter();
        ListResponse::object("activity", ActivityRows { lines }, slot).await
    }
}

/// The lines of an account.
pub(super) struct ActivityRows {
    lines: std::vec::IntoIter<ActivityLine>,
}

impl RowSource for ActivityRows {
    async fn add_slice(&mut self, rows: &mut Rows) -> Result<bool, Error> {
        while !rows.is_full()
            && let Some(line) = self.lines.next()
        {
            rows.add(&LineJson::new(&line));
        }
        Ok(self.lines.len() > 0)
    }
}

#[derive(Serialize)]
struct LineJson<'a> {
    time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    since: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    times: Option<u32>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    device_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    address: Option<IpAddr>,
    #[serde(skip_serializing_if = "Option::is_none")]
    user_agent: Option<&'a str>,
    request: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    document: Option<&'a Document>,
    #[serde(skip_serializing_if = "Option::is_none")]
    title: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    percentage: Option<f64>,
    outcome: &'static str,
    message: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    sequence: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    candidate: Option<&'a Document>,
}

impl<'a> LineJson<'a> {
    fn new(activity: &'a ActivityLine) -> Self {
        let ActivityLine { line, request, outcome, sentence, title, can_put_back, candidate } = activity;
        let device = line.device.as_ref();
        let is_repeated = line.times > 1;
        Self {
            time: line.time,
            since: is_repeated.then_some(line.since),
            times: is_repeated.then_some(line.times),
            device: device.map(|line| &*line.device.name),
            device_id: device.and_then(|line| line.device.id.as_deref()),
            device_by: device.map(|line| if line.is_inferred { "address" } else { "request" }),
            address: line.client.address,
            user_agent: Some(&*line.client.agent).filter(|agent| !agent.is_empty()),
            request,
            document: line.document.as_ref(),
            title: title.as_deref(),
            percentage: match &line.what {
                What::Push { percentage, .. } => Some(*percentage),
                What::Sent(sent) | What::Unchanged(sent) | What::Own { sent, .. } => Some(sent.percentage),
                _ => None,
            },
            outcome,
            message: sentence.to_string(),
            sequence: *can_put_back,
            candidate: candidate.as_ref(),
        }
    }
}
