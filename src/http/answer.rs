//! Bodies of answers that hold a slot of their account until they end.

use std::pin::Pin;
use std::task::{Context, Poll};

use futures_core::Stream;
use salvo::http::body::ResBody;
use salvo::hyper::body::Bytes;

use crate::error::Error;
use crate::library::scan::AnswerSlot;

/// Produces the parts of a body, one after the other.
pub(super) trait Parts: Send + Unpin + 'static {
    /// Returns the next part; `None` after the last.
    ///
    /// It is called when the client has taken the part before, and dropped in the middle if the client is gone.
    fn next(&mut self) -> impl Future<Output = Result<Option<Vec<u8>>, Error>> + Send;
}

/// Returns a body of one part.
pub(super) fn whole(bytes: Vec<u8>, slot: Option<AnswerSlot>) -> ResBody {
    match slot {
        None => bytes.into(),
        Some(slot) => streamed(vec![bytes], NoParts, slot),
    }
}

/// Returns a body of the parts that are made already and those that follow.
///
/// An error closes the connection before the end of the body, so that no client takes a part for the whole.
pub(super) fn streamed(first: Vec<Vec<u8>>, parts: impl Parts, slot: AnswerSlot) -> ResBody {
    ResBody::stream(PartStream { first: first.into_iter(), state: State::Idle(parts), run, _slot: slot })
}

struct NoParts;

impl Parts for NoParts {
    async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        Ok(None)
    }
}

/// What making a part returns: the parts that follow, and the part.
type Made<P> = (P, Result<Option<Vec<u8>>, Error>);

async fn run<P: Parts>(mut parts: P) -> Made<P> {
    let part = parts.next().await;
    (parts, part)
}

enum State<P, F> {
    Idle(P),
    Making(Pin<Box<F>>),
    Ended,
}

struct PartStream<P, F, R> {
    first: std::vec::IntoIter<Vec<u8>>,
    state: State<P, F>,
    run: R,
    _slot: AnswerSlot,
}

impl<P: Parts + Unpin, F: Future<Output = Made<P>>, R: Fn(P) -> F + Unpin> Stream for PartStream<P, F, R> {
    type Item = Result<Bytes, Error>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        if let Some(part) = self.first.next() {
            return Poll::Ready(Some(Ok(part.into())));
        }
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Idle(parts) => self.state = State::Making(Box::pin((self.run)(parts))),
                State::Making(mut making) => {
                    let Poll::Ready((parts, part)) = making.as_mut().poll(cx) else {
                        self.state = State::Making(making);
                        return Poll::Pending;
                    };
                    return Poll::Ready(match part {
                        Ok(Some(part)) => {
                            self.state = State::Idle(parts);
                            Some(Ok(part.into()))
                        }
                        Ok(None) => None,
                        Err(error) => {
                            // Clients can cause the first: it must not fill the log.
                            match error {
                                Error::Busy => tracing::debug!(%error, "answer cut short"),
                                _ => tracing::warn!(%error, "answer cut short"),
                            }
                            Some(Err(error))
                        }
                    });
                }
                State::Ended => return Poll::Ready(None),
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::pin::pin;

    use super::*;
    use crate::library::scan::ScanLimiter;
    use crate::model::UserId;

    /// Three parts, then an error.
    struct Failing(u8);

    impl Parts for Failing {
        async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
            self.0 += 1;
            tokio::task::yield_now().await;
            if self.0 <= 3 { Ok(Some(vec![self.0])) } else { Err(Error::Busy) }
        }
    }

    async fn next(body: &mut ResBody) -> Option<Result<Vec<u8>, std::io::Error>> {
        let mut body = pin!(body);
        let frame = std::future::poll_fn(|cx| body.as_mut().poll_next(cx)).await?;
        Some(frame.map(|frame| frame.into_data().expect("data").to_vec()))
    }

    /// Hyper closes a connection whose body fails, without the last chunk.
    #[tokio::test]
    async fn a_list_that_fails_in_the_middle_fails_as_a_body() {
        let slot = || ScanLimiter::new().answer(UserId(1)).expect("a slot");
        let mut body = streamed(vec![vec![b'[']], Failing(0), slot());
        for part in [b'[', 1, 2, 3] {
            assert_eq!(next(&mut body).await.expect("a part").expect("no error"), [part]);
        }
        assert!(next(&mut body).await.expect("a part").is_err());
        assert!(next(&mut body).await.is_none());
        let mut body = whole(b"[]".to_vec(), Some(slot()));
        assert_eq!(next(&mut body).await.expect("a part").expect("no error"), b"[]");
        assert!(next(&mut body).await.is_none());
    }

    #[tokio::test]
    async fn a_body_holds_its_slot_until_it_is_dropped() {
        let limiter = ScanLimiter::new();
        let body = |limiter: &ScanLimiter| {
            let slot = limiter.answer(UserId(1)).expect("a slot");
            streamed(Vec::new(), Failing(0), slot)
        };
        let mut bodies = [body(&limiter), body(&limiter), body(&limiter)];
        assert!(next(&mut bodies[0]).await.is_some());
        assert!(limiter.answer(UserId(1)).is_err());
        bodies[0] = ResBody::None;
        assert!(limiter.answer(UserId(1)).is_ok());
    }
}
