//! The serve loop with handlers that wait for the test.

use std::sync::Arc;
use std::time::Duration;

use salvo::{Depot, FlowCtrl, Handler, Request, Response, Router, Service, async_trait};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Notify, oneshot};

use super::connections::{ConnectionLimits, Connections};
use super::run::{ServeOptions, run};

/// Answers once the test allows it.
#[derive(Clone, Default)]
struct Slow {
    begun: Arc<Notify>,
    go_on: Arc<Notify>,
}

#[async_trait]
impl Handler for Slow {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        self.begun.notify_one();
        self.go_on.notified().await;
        res.render("slow");
    }
}

struct Quick;

#[async_trait]
impl Handler for Quick {
    async fn handle(&self, _: &mut Request, _: &mut Depot, res: &mut Response, _: &mut FlowCtrl) {
        res.render("quick");
    }
}

async fn until_end(stream: &mut TcpStream) -> String {
    let mut answer = String::new();
    stream.read_to_string(&mut answer).await.expect("answer");
    answer
}

#[tokio::test]
async fn no_answer_is_cut_off_for_a_new_connection() {
    let slow = Slow::default();
    let routes =
        Router::new().push(Router::with_path("slow").goal(slow.clone())).push(Router::with_path("quick").goal(Quick));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("bind");
    let address = listener.local_addr().expect("address");
    let options = ServeOptions {
        connections: Connections::new(ConnectionLimits { max: 2, max_per_address: 2 }),
        client_timeout: Duration::from_secs(60),
        trusted_proxies: vec!["127.0.0.1".parse().expect("proxy")],
        #[cfg(feature = "tls")]
        tls: None,
    };
    let (stop, stopped) = oneshot::channel::<()>();
    let serving = tokio::spawn(run(Service::new(routes), [listener.into()], options, stopped));

    let get = |path: &str| format!("GET /{path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    let mut first = TcpStream::connect(address).await.expect("connect");
    first.write_all(get("slow").as_bytes()).await.expect("request");
    slow.begun.notified().await;
    let mut idle = Vec::new();
    for _ in 0..20 {
        idle.push(TcpStream::connect(address).await.expect("connect"));
        let mut other = TcpStream::connect(address).await.expect("connect");
        other.write_all(get("quick").as_bytes()).await.expect("request");
        assert!(until_end(&mut other).await.ends_with("quick"));
    }
    slow.go_on.notify_one();
    assert!(until_end(&mut first).await.ends_with("slow"));
    drop(stop);
    serving.await.expect("no panic").expect("served");
}
