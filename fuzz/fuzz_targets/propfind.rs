//! Asks about a WebDAV folder with arbitrary bodies. The answer is a list of bounded length, or says that the request is wrong.
#![no_main]

use std::sync::OnceLock;

use http_body_util::{BodyExt as _, Full};
use kosync::salvo::hyper::Request;
use kosync::salvo::hyper::body::Bytes;
use kosync::{Key, Server, Username};
use libfuzzer_sys::fuzz_target;
use tokio::runtime::Runtime;

/// `ada` and `password`.
const LOGIN: &str = "Basic YWRhOnBhc3N3b3Jk";
/// The folder has four entries.
const MAX_ANSWER: usize = 64 << 10;

struct Target {
    runtime: Runtime,
    server: Server,
}

fn request(method: &str, path: &str, body: &[u8]) -> Request<Full<Bytes>> {
    let request = Request::builder().method(method).uri(path).header("authorization", LOGIN).header("depth", "1");
    request.body(Full::new(Bytes::copy_from_slice(body))).expect("a request")
}

/// Returns the server of the whole run, whose account `ada` has a folder and two files.
fn target() -> &'static Target {
    static TARGET: OnceLock<Target> = OnceLock::new();
    TARGET.get_or_init(|| {
        let directory = tempfile::tempdir().expect("a directory").keep();
        let server = Server::builder().data_dir(directory).admin_password("password").build().expect("a server");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        let (name, key) = (Username::new("ada").expect("a name"), Key::from_password(b"password").expect("a key"));
        runtime.block_on(async {
            server.create_user(name, key).await.expect("an account");
            for (method, path) in [("MKCOL", "/webdav/a"), ("PUT", "/webdav/b%26%3C"), ("PUT", "/webdav/c")] {
                assert_eq!(server.handle(request(method, path, b""), None).await.status(), 201);
            }
        });
        Target { runtime, server }
    })
}

fuzz_target!(|input: &[u8]| {
    let Target { runtime, server } = target();
    runtime.block_on(async {
        let response = server.handle(request("PROPFIND", "/webdav/", input), None).await;
        let status = response.status().as_u16();
        assert!(matches!(status, 207 | 400 | 413), "{status}");
        let answer = response.into_body().collect().await.expect("a body").to_bytes();
        assert!(answer.len() < MAX_ANSWER, "{} bytes", answer.len());
        if status == 207 {
            let text = std::str::from_utf8(&answer).expect("text");
            assert_eq!(text.matches("<D:response>").count(), 4, "{text}");
            assert!(text.ends_with("</D:multistatus>\n"), "{text}");
        }
    });
});
