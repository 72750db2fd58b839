//! Answers requests of other frameworks, in the types of the crate `http`.

use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::task::{Context, Poll};

use salvo::Service;
use salvo::conn::ConnCtrl;
use salvo::http::body::{Body, Frame, ReqBody, ResBody};
use salvo::hyper::body::Bytes;
use salvo::hyper::service::Service as _;
use salvo::hyper::{Request, Response};

/// Error of a request body: any type that another framework has for it.
pub(crate) type BodyFailure = Box<dyn std::error::Error + Send + Sync>;

/// Passes one request to a Salvo service. `peer` is the client's address, by which failed logins are counted.
pub(crate) async fn call<B>(service: &Service, request: Request<B>, peer: Option<SocketAddr>) -> Response<ResBody>
where
    B: Body<Data = Bytes> + Send + 'static,
    B::Error: Into<BodyFailure>,
{
    let request =
        request.map(|body| ReqBody::Boxed { inner: Box::pin(SyncBody(Mutex::new(Box::pin(body)))), fuse_config: None });
    let unknown = salvo::conn::SocketAddr::Unknown;
    let peer = peer.map_or(unknown.clone(), Into::into);
    let scheme = salvo::http::uri::Scheme::HTTP;
    let handler = service.hyper_handler(unknown, peer, scheme, None, ConnCtrl::new(), None);
    #[allow(clippy::expect_used)]
    handler.call(request).await.expect("a Salvo service turns every failure into a response")
}

/// Makes a body `Sync`, which Salvo requires.
///
/// The body is only ever polled through `&mut`, so the lock is never taken.
struct SyncBody<B>(Mutex<Pin<Box<B>>>);

impl<B> Body for SyncBody<B>
where
    B: Body,
    B::Error: Into<BodyFailure>,
{
    type Data = B::Data;
    type Error = BodyFailure;

    fn poll_frame(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Self::Data>, Self::Error>>> {
        let body = self.get_mut().0.get_mut().unwrap_or_else(PoisonError::into_inner);
        body.as_mut().poll_frame(cx).map_err(Into::into)
    }
}
