//! Reading a request's body, bounded in size and time.

use std::future::poll_fn;
use std::io::ErrorKind;
use std::pin::Pin;
use std::time::Duration;

use salvo::Request;
use salvo::http::ReqBody;
use salvo::http::body::Body as _;

/// The largest body, in bytes.
pub(super) const BODY_MAX: usize = 64 * 1024;
/// Bytes of a larger body that are read and dropped. A client that is still sending when the connection closes loses the response;
/// this lets an honest client finish and read it.
const DRAIN_MAX: usize = 1024 * 1024;

/// Why a body could not be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BodyError {
    /// It has more than [`BODY_MAX`] bytes.
    TooLarge,
    /// It did not arrive in time.
    TooSlow,
    /// The connection ended before the body did.
    Broken,
}

/// Reads the whole body. `timeout` bounds all of it, so that a client cannot stretch it byte by byte.
pub(super) async fn read(req: &mut Request, timeout: Duration) -> Result<Vec<u8>, BodyError> {
    if req.body().is_none() {
        // There is no body, or a layer of the embedding app has read it, and then Salvo kept its bytes.
        let kept = req.payload().await.map_err(|_| BodyError::Broken)?;
        return if kept.len() > BODY_MAX { Err(BodyError::TooLarge) } else { Ok(kept.to_vec()) };
    }
    tokio::time::timeout(timeout, collect(req.take_body())).await.unwrap_or(Err(BodyError::TooSlow))
}

async fn collect(mut body: ReqBody) -> Result<Vec<u8>, BodyError> {
    let mut bytes = Vec::new();
    let mut total = 0_usize;
    while let Some(frame) = poll_fn(|cx| Pin::new(&mut body).poll_frame(cx)).await {
        let frame = frame.map_err(|error| match error.kind() {
            ErrorKind::TimedOut => BodyError::TooSlow,
            _ => BodyError::Broken,
        })?;
        let Ok(data) = frame.into_data() else { continue };
        total = total.saturating_add(data.len());
        if total <= BODY_MAX {
            bytes.extend_from_slice(&data);
        } else if total > DRAIN_MAX {
            break;
        }
    }
    if total > BODY_MAX { Err(BodyError::TooLarge) } else { Ok(bytes) }
}
