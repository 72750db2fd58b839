//! Large uploads to WebDAV folders, sent to delay the pushes of others. They come one after the other, and several
//! at a time.

use std::time::{Duration, Instant};

use base64ct::{Base64, Encoding as _};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::client;
use crate::server::{self, Server};
use crate::victims::{Attackers, Victims};

/// Bytes of an upload: a large `statistics.sqlite3`.
const SIZE: usize = 20 << 20;
const TIME: Duration = Duration::from_secs(10);
/// Each with an account of its own.
const UPLOADERS: [usize; 4] = [0, 1, 4, 16];

pub fn run() {
    for uploaders in UPLOADERS {
        let dir = server::directory();
        // The disk of the machine that measures may be nearly full.
        let server = Server::with(dir.path(), &["--log-level", "error", "--min-free-disk", "0"]);
        server.report_as(&format!("With {uploaders} uploads of 20 MiB at a time"), async {
            let address = server.address;
            let push = client::push("192.0.2.1", "victim", "book");
            assert_eq!(client::send(address, &client::register("192.0.2.1", "victim")).await.0, 201);
            assert_eq!(client::send(address, &push).await.0, 200);
            for uploader in 0..uploaders {
                let from = format!("198.51.100.{uploader}");
                assert_eq!(client::send(address, &client::register(&from, &name(uploader))).await.0, 201);
            }
            server.forget_peak();
            let (mut attackers, mut victims) = (Attackers::default(), Victims::new(address));
            for uploader in 0..uploaders {
                let (seen, head) = (attackers.seen.clone(), head(uploader));
                attackers.start(async move {
                    let body = vec![uploader as u8; 64 << 10];
                    loop {
                        let start = Instant::now();
                        let status = upload(address, &head, &body).await.unwrap_or(0);
                        seen.borrow_mut().add((if status == 204 { 200 } else { status }, start.elapsed()));
                    }
                });
            }
            victims.start("pushes of another account", push);
            tokio::time::sleep(TIME).await;
            victims.finish().await;
            attackers.finish("uploads").await;
        });
    }
}

fn name(uploader: usize) -> String {
    format!("uploader{uploader}")
}

fn head(uploader: usize) -> String {
    let login = Base64::encode_string(format!("{}:password", name(uploader)).as_bytes());
    format!(
        "PUT /webdav/statistics.sqlite3 HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: 198.51.100.{uploader}\r\n\
         Authorization: Basic {login}\r\nContent-Length: {SIZE}\r\nConnection: close\r\n\r\n"
    )
}

async fn upload(address: std::net::SocketAddr, head: &str, part: &[u8]) -> Option<u16> {
    let mut stream = client::connect(address.ip(), address).await.ok()?;
    stream.write_all(head.as_bytes()).await.ok()?;
    for _ in 0..SIZE / part.len() {
        stream.write_all(part).await.ok()?;
    }
    let mut response = Vec::new();
    stream.read_to_end(&mut response).await.ok()?;
    client::status(&response)
}
