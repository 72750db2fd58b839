//! One request of a device, as the log keeps it.

use std::net::IpAddr;

use crate::model::{Document, LOGGED_NAME_MAX, Progress, PushEffect, shortened};
use crate::store::QuotaExceeded;

/// What the memory's allocator takes beside the bytes of a text.
const ALLOCATION: usize = 16;

/// A request of one of an account's devices, or a login that failed for the account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Time of the request, of the last one if there are several, in whole seconds since the Unix epoch.
    pub(crate) time: u64,
    /// Time of the first of them.
    pub(crate) since: u64,
    /// Number of equal requests that the entry stands for.
    pub(crate) times: u32,
    pub(crate) client: ClientTrace,
    pub(crate) document: Option<Document>,
    pub(crate) request: DeviceRequest,
}

/// What a request tells about the program that sent it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct ClientTrace {
    /// `None` behind a unix socket.
    pub(crate) address: Option<IpAddr>,
    /// The start of its `User-Agent`; may be empty.
    pub(crate) agent: Box<str>,
}

impl ClientTrace {
    /// Keeps the program and its version, `KOReader/2026.08`, or of a browser more of its name.
    pub(crate) fn new(address: Option<IpAddr>, agent: &str) -> Self {
        let product = agent.split(' ').next().filter(|product| !product.starts_with("Mozilla/"));
        Self { address, agent: shortened(product.unwrap_or(agent), LOGGED_NAME_MAX).into() }
    }
}

/// A device by its name and id, each cut to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DeviceName {
    pub(crate) name: Box<str>,
    pub(crate) id: Option<Box<str>>,
}

impl DeviceName {
    pub(crate) fn new(name: &str, id: Option<&str>) -> Self {
        let cut = |text| shortened(text, LOGGED_NAME_MAX).into();
        Self { name: cut(name), id: id.map(cut) }
    }

    fn size(&self) -> usize {
        size_of_text(&self.name) + self.id.as_deref().map_or(0, size_of_text)
    }
}

/// A position that was sent to a device.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Sent {
    /// The device that reached it.
    pub(crate) device: DeviceName,
    pub(crate) percentage: f64,
    /// When it was reached.
    pub(crate) timestamp: u64,
}

impl Sent {
    pub(crate) fn new(position: &Progress) -> Self {
        let Progress { device, device_id, percentage, timestamp, .. } = position;
        let device = DeviceName::new(device, device_id.as_deref());
        Self { device, percentage: *percentage, timestamp: *timestamp }
    }
}

/// What a device asked for or sent, and what came of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum DeviceRequest {
    /// A position that was stored.
    Push { device: DeviceName, percentage: f64, effect: PushEffect, sequence: u64 },
    /// A position that was refused. The device is not known where the body was not read.
    PushRefused { device: Option<DeviceName>, why: Refusal },
    /// A question for a position; `None` if there was none to send.
    Pull(Option<Sent>),
    /// A question that was not answered.
    PullRefused(Refusal),
    /// A login whose credentials were right.
    Login,
    /// A login that failed.
    LoginFailed(LoginFailure),
}

/// Why a push or a pull of an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A field is missing, or of the wrong type.
    Field(&'static str),
    /// A field is too long.
    LongField(&'static str),
    /// Another rule of the protocol is broken.
    Invalid,
    NotJson,
    TooLarge,
    TooSlow,
    Busy,
    NoSpace,
    DiskWrite,
    DataDirReplaced,
    Quota(QuotaExceeded),
    /// The server failed.
    Failed,
}

/// Why a login failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    WrongKey,
    Disabled,
    TooManyFailures,
    Busy,
    /// The client used another spelling of the name, under which there is no account [A7].
    OtherName(Box<str>),
}

impl Entry {
    pub(crate) fn new(time: u64, client: ClientTrace, document: Option<Document>, request: DeviceRequest) -> Self {
        Self { time, since: time, times: 1, client, document, request }
    }

    pub(super) fn is_failed_login(&self) -> bool {
        matches!(self.request, DeviceRequest::LoginFailed(_))
    }

    /// Returns whether another request of the same client asked for the same, with the same result.
    pub(super) fn is_repeat_of(&self, other: &Self) -> bool {
        let Self { time: _, since: _, times: _, client, document, request } = self;
        *document == other.document
            && *client == other.client
            && *request == other.request
            && !matches!(request, DeviceRequest::Push { .. })
    }

    /// Returns the bytes of memory that the entry takes.
    pub(super) fn size(&self) -> usize {
        let request = match &self.request {
            DeviceRequest::Push { device, .. }
            | DeviceRequest::PushRefused { device: Some(device), .. }
            | DeviceRequest::Pull(Some(Sent { device, .. })) => device.size(),
            DeviceRequest::LoginFailed(LoginFailure::OtherName(name)) => size_of_text(name),
            _ => 0,
        };
        let document = self.document.as_ref().map_or(0, |document| size_of_text(document.as_str()));
        size_of::<Self>() + size_of_text(&self.client.agent) + document + request
    }
}

fn size_of_text(text: &str) -> usize {
    text.len() + ALLOCATION
}
