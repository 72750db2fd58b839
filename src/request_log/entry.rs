//! One request of a device, as [`digest`](super::digest) reads it.

use std::net::IpAddr;

use crate::model::{Document, PushEffect};
use crate::store::QuotaExceeded;

/// A request of an account's device, or a login that failed for the account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Entry {
    /// Time of the last such request, in whole seconds since the Unix epoch.
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

/// A device by its name and id, each cut to 64 characters.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct DeviceName {
    pub(crate) name: Box<str>,
    pub(crate) id: Option<Box<str>>,
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
    /// A login that failed, and the name that was used if it is another.
    LoginFailed(LoginFailure, Option<Box<str>>),
}

/// Why a push or a pull of an account was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// A field is missing, or not valid.
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
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum LoginFailure {
    WrongKey,
    Disabled,
    TooManyFailures,
    Busy,
    /// The client used another spelling of the name, under which there is no account [A7].
    OtherName,
}
