//! The upper bound: a bare Salvo route that reads the same request, returns the same bytes, and does nothing else.

use salvo::conn::tcp::TcpAcceptor;
use salvo::http::HeaderValue;
use salvo::http::header::{CONTENT_LENGTH, CONTENT_TYPE};
use salvo::{Request, Response, Router, handler};

use kosync::salvo;

const RECORD: &str = r#"{"document":"41cce710f34e5ec21315e19c99821415","percentage":0.4213,"progress":"/body/DocFragment[11]/body/div/p[7]/text().123","device":"Kobo_nova","device_id":"AAAA","timestamp":1795505911}"#;
const RECEIPT: &str = r#"{"document":"41cce710f34e5ec21315e19c99821415","timestamp":1795505911}"#;

#[handler]
async fn get(res: &mut Response) {
    respond(res, RECORD);
}

#[handler]
async fn put(req: &mut Request, res: &mut Response) {
    req.payload().await.unwrap();
    respond(res, RECEIPT);
}

fn respond(res: &mut Response, body: &'static str) {
    res.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    res.headers_mut().insert(CONTENT_LENGTH, HeaderValue::from(body.len()));
    res.body(body);
}

pub fn serve() {
    tokio::runtime::Runtime::new().unwrap().block_on(async {
        let router = Router::new()
            .push(Router::with_path("syncs/progress/{document}").get(get))
            .push(Router::with_path("syncs/progress").put(put))
            .push(Router::with_path("healthcheck").get(get));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        println!("http://{}", listener.local_addr().unwrap());
        salvo::Server::new(TcpAcceptor::try_from(listener).unwrap()).serve(router).await;
    });
}
