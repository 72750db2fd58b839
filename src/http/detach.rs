//! Carries out what arrived whole, though the client is gone [T10].

use std::mem;

use salvo::http::Method;
use salvo::{Depot, FlowCtrl, Handler, Request, Response, async_trait};
use tracing::Instrument as _;

/// Runs requests that change something in tasks of their own.
///
/// A server that notices that its client is gone drops the handler in the middle of an await; this layer then lets it end. It cannot
/// help where the server notices that before it begins the handler: hyper does unless `half_close(true)` is set. The serve loop in
/// `net` sets it, and needs no such layer.
pub(super) struct Detached;

#[async_trait]
impl Handler for Detached {
    async fn handle(&self, req: &mut Request, depot: &mut Depot, res: &mut Response, ctrl: &mut FlowCtrl) {
        let changes_nothing = matches!(*req.method(), Method::GET | Method::HEAD | Method::OPTIONS);
        if changes_nothing {
            ctrl.call_next(req, depot, res).await;
            return;
        }
        let (mut own_req, mut own_depot) = (mem::take(req), mem::take(depot));
        let (mut own_res, mut own_ctrl) = (mem::take(res), mem::take(ctrl));
        let rest = async move {
            own_ctrl.call_next(&mut own_req, &mut own_depot, &mut own_res).await;
            (own_req, own_depot, own_res, own_ctrl)
        };
        match tokio::spawn(rest.in_current_span()).await {
            Ok(ended) => (*req, *depot, *res, *ctrl) = ended,
            // The layers within answer panics, so this is one of their own, or the runtime ends.
            Err(error) => {
                if let Ok(panic) = error.try_into_panic() {
                    std::panic::resume_unwind(panic);
                }
                std::future::pending::<()>().await;
            }
        }
    }
}
