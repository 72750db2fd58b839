//! Sends arbitrary requests. No response may have a status of 500 or above, but for a folder that is full.
#![no_main]

use std::sync::OnceLock;

use http_body_util::Full;
use kosync::salvo::http::Method;
use kosync::salvo::hyper::Request;
use kosync::salvo::hyper::body::Bytes;
use kosync::{Key, Server, Username};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

struct Target {
    runtime: Runtime,
    server: Server,
}

/// Returns the server of the whole run. It has an account `ada` with the password `password`.
fn target() -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory").keep();
        let server = Server::builder().data_dir(directory).admin_password("password").build().expect("a server");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (name, key) = (Username::new("ada").expect("a name"), Key::from_password(b"password").expect("a key"));
        runtime.block_on(server.create_user(name, key)).expect("an account");
        Target { runtime, server }
    })
}

/// Parses `METHOD PATH`, headers of one line each, an empty line, and the body.
fn request(input: &[u8]) -> Option<Request<Full<Bytes>>> {
    let split = input.windows(2).position(|pair| pair == b"\n\n").unwrap_or(input.len());
    let (head, body) = input.split_at(split);
    let mut lines = head.split(|byte| *byte == b'\n');
    let mut first = lines.next()?.splitn(2, |byte| *byte == b' ');
    let method = Method::from_bytes(first.next()?).ok()?;
    let mut request = Request::builder().method(method).uri(first.next()?);
    for line in lines {
        let colon = line.iter().position(|byte| *byte == b':')?;
        request = request.header(&line[..colon], &line[colon + 1..]);
    }
    request.body(Full::new(Bytes::copy_from_slice(body.get(2..).unwrap_or_default()))).ok()
}

fuzz_target!(|input: &[u8]| {
    let Some(request) = request(input) else { return };
    let Target { runtime, server } = target();
    let response = runtime.block_on(server.handle(request, None));
    let status = response.status().as_u16();
    assert!(status < 500 || status == 507, "{status}");
});
