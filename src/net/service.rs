//! Notes in a connection's table entry when a request arrived and its response was written.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use salvo::hyper::body::{Body, Frame, Incoming, SizeHint};
use salvo::hyper::service::Service;
use salvo::hyper::{Request, Response};

use super::connections::Connection;

/// Wraps the service of one connection.
pub(super) struct Tracked<S> {
    pub(super) inner: S,
    pub(super) connection: Arc<Connection>,
}

impl<S, B> Service<Request<Incoming>> for Tracked<S>
where
    S: Service<Request<Incoming>, Response = Response<B>>,
    S::Future: Unpin,
{
    type Response = Response<ResponseBody<B>>;
    type Error = S::Error;
    type Future = Answer<S::Future>;

    fn call(&self, request: Request<Incoming>) -> Self::Future {
        let is_open = self.connection.begin_answer();
        let in_progress = is_open.then(|| AnswerInProgress(self.connection.clone()));
        Answer { inner: self.inner.call(request), in_progress }
    }
}

/// Ends the answer when it is dropped: when the response is written, or there will be none.
struct AnswerInProgress(Arc<Connection>);

impl Drop for AnswerInProgress {
    fn drop(&mut self) {
        self.0.end_answer();
    }
}

/// The future of a response.
pub(super) struct Answer<F> {
    inner: F,
    /// `None` if the connection was closed before the request arrived; nothing may be done then.
    in_progress: Option<AnswerInProgress>,
}

impl<F, B, E> Future for Answer<F>
where
    F: Future<Output = Result<Response<B>, E>> + Unpin,
{
    type Output = Result<Response<ResponseBody<B>>, E>;

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Self::Output> {
        if self.in_progress.is_none() {
            // The connection's task has been told, and drops this future.
            return Poll::Pending;
        }
        let response = std::task::ready!(Pin::new(&mut self.inner).poll(cx));
        let in_progress = self.in_progress.take();
        Poll::Ready(response.map(|response| response.map(|body| ResponseBody { body, _in_progress: in_progress })))
    }
}

/// A response's body; hyper drops it when all of it is in its buffer.
pub(super) struct ResponseBody<B> {
    body: B,
    _in_progress: Option<AnswerInProgress>,
}

impl<B: Body + Unpin> Body for ResponseBody<B> {
    type Data = B::Data;
    type Error = B::Error;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<B::Data>, B::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
