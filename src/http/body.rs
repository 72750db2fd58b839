//! Reading a request's body: bounded in size and time.

use std::future::poll_fn;
use std::pin::Pin;
use std::time::Duration;

use salvo::Request;
use salvo::http::ReqBody;
use salvo::http::body::Body as _;

/// The largest body, in bytes.
pub(crate) const BODY_MAX: usize = 64 * 1024;
/// How much of a larger one is read and thrown away, in bytes. A client that is still sending when the connection is closed
/// loses the answer; this lets an honest one finish and read it.
const DRAINED_MAX: usize = 1024 * 1024;

/// Why a body was not read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum BodyError {
    /// It has more than [`BODY_MAX`] bytes.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// It ended before its end.
    Broken,
}

/// Reads the whole body. `limit` is for all of it, so that a client cannot stretch it byte by byte.
pub(crate) async fn read(req: &mut Request, limit: Duration) -> Result<Vec<u8>, BodyError> {
    if req.body().is_none() {
        // There is none; or, in another app, a hoop has read it before us, and then it was kept.
        let kept = req.payload().await.map_err(|_| BodyError::Broken)?;
        return if kept.len() > BODY_MAX { Err(BodyError::TooLarge) } else { Ok(kept.to_vec()) };
    }
    tokio::time::timeout(limit, collect(req.take_body())).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn collect(mut body: ReqBody) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|error| match error.kind() {
            std::io::ErrorKind::TimedOut => BodyError::TooSlow,
            _ => BodyError::Broken,
        })?;
        let Ok(data) = frame.into_data() else { continue };
        total = total.saturating_add(data.len());
        if total <= BODY_MAX {
            bytes.extend_from_slice(&data);
        } else if total > DRAINED_MAX {
            break;
        }
    }
    if total > BODY_MAX { Err(BodyError::TooLarge) } else { Ok(bytes) }
}
