//! Real proxies in front of the real server, as they are installed by default: nginx (with a cache), Caddy and HAProxy (with a cache).
//!
//! scripts/try-proxies.py tries the configurations of docs/reverse-proxy.md.

use std::fs;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{self, Receiver, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use nix::sys::signal::Signal;
use socket2::SockRef;

use super::kosync::{Process, command};
use crate::common::{Client, KEY, OTHER_KEY, are_installed, connect, position, read_reply, request, wait_until};

/// A proxy's program, and lines that are added to its configuration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Program {
    Nginx(&'static str),
    Caddy,
    HaProxy,
}

const HTTP_HOST: Program =
    Program::Nginx("proxy_set_header Host $http_host; proxy_set_header X-Forwarded-For $remote_addr;");
/// Without the port, as many pages on the web have it.
const HOST: Program = Program::Nginx("proxy_set_header Host $host; proxy_set_header X-Forwarded-For $remote_addr;");
/// Without it nginx does not even send the request of a client that has gone.
const CARRIES_ON: Program = Program::Nginx("proxy_ignore_client_abort on;");

impl Program {
    /// Writes a configuration, and returns the command that runs it.
    fn command(self, dir: &Path, port: u16, upstream: SocketAddr) -> Command {
        let home = dir.display();
        let (program, arguments, file, text) = match self {
            Self::Nginx(more) => {
                let temporary: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
                    .map(|kind| format!("{kind}_temp_path {home}/{kind};"))
                    .concat();
                let text = format!(
                    "daemon off; master_process off; pid {home}/pid; error_log {home}/nginx.log; events {{}}\n\
                     http {{ access_log off; {temporary} proxy_cache_path {home}/cache keys_zone=c:1m;\n\
                     server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass http://{upstream}; {more}\n\
                     proxy_cache c; proxy_cache_valid any 10m; }} }} }}"
                );
                ("nginx", vec!["-c"], "nginx.conf", text)
            }
            Self::Caddy => {
                let text = format!(
                    "{{\n admin off\n auto_https off\n}}\nhttp://:{port} {{\n bind 127.0.0.1\n reverse_proxy {upstream}\n}}\n"
                );
                ("caddy", vec!["run", "--adapter", "caddyfile", "--config"], "Caddyfile", text)
            }
            Self::HaProxy => {
                let text = format!(
                    "defaults\n mode http\n timeout client 20s\n timeout server 20s\n timeout connect 20s\n option forwardfor\n\
                     cache c\n total-max-size 4\n max-age 600\n\
                     listen l\n bind 127.0.0.1:{port}\n http-request cache-use c\n http-response cache-store c\n server s {upstream}\n"
                );
                ("haproxy", vec!["-f"], "haproxy.cfg", text)
            }
        };
        let file = dir.join(file);
        fs::write(&file, text).unwrap();
        let mut command = Command::new(program);
        command.args(arguments).arg(file).env("HOME", dir).env("XDG_DATA_HOME", dir).env("XDG_CONFIG_HOME", dir);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        command
    }
}

/// A proxy in front of a server.
struct Site {
    proxy: Child,
    /// The proxy's address.
    client: Client,
    process: Process,
    _dir: tempfile::TempDir,
}

/// Between a proxy and a server: what the proxy sends waits here until the test lets it through.
struct Gate {
    address: SocketAddr,
    /// Tells that a whole request is here. A proxy may drop one whose client has gone before.
    arrived: Receiver<()>,
    open: Sender<()>,
}

impl Gate {
    fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let (arrives, arrived) = mpsc::channel();
        let (open, opened) = mpsc::channel();
        let opened = Arc::new(Mutex::new(opened));
        thread::spawn(move || {
            // Ends with the test's process.
            for from_proxy in listener.incoming().flatten() {
                let (arrives, opened) = (arrives.clone(), Arc::clone(&opened));
                thread::spawn(move || pass_requests(from_proxy, server, &arrives, &opened));
            }
        });
        Self { address, arrived, open }
    }
}

/// Passes on the requests of a connection, and its end. All requests have a JSON object as their body. The end is
/// passed on as it came, a close or a reset.
fn pass_requests(mut from_proxy: TcpStream, server: SocketAddr, arrives: &Sender<()>, opened: &Mutex<Receiver<()>>) {
    let mut to_server = TcpStream::connect(server).unwrap();
    let (mut responses, mut to_proxy) = (to_server.try_clone().unwrap(), from_proxy.try_clone().unwrap());
    thread::spawn(move || {
        let _ = std::io::copy(&mut responses, &mut to_proxy);
        let _ = to_proxy.shutdown(Shutdown::Write);
    });
    let mut request = Vec::new();
    let mut piece = [0; 4096];
    loop {
        match from_proxy.read(&mut piece) {
            Ok(0) => {
                let _ = to_server.shutdown(Shutdown::Write);
                return;
            }
            Ok(length) => request.extend_from_slice(&piece[..length]),
            Err(_) => {
                let _ = SockRef::from(&to_server).set_linger(Some(Duration::ZERO));
                return;
            }
        }
        if request.ends_with(b"}") {
            if arrives.send(()).is_err() || opened.lock().unwrap().recv().is_err() {
                return;
            }
            let _ = to_server.write_all(&request);
            request.clear();
        }
    }
}

impl Site {
    fn start(program: Program, arguments: &[&str]) -> Self {
        Self::start_with(program, arguments, |server| server)
    }

    /// Starts a server, and a proxy in front of it. `upstream` gets the server's address, and returns the one that the
    /// proxy uses.
    fn start_with(program: Program, arguments: &[&str], upstream: impl FnOnce(SocketAddr) -> SocketAddr) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut command = command();
        command.arg("--data-dir").arg(dir.path().join("data")).args(["--listen", "127.0.0.1:0"]).args(arguments);
        let process = Process::spawn(command);
        let upstream = upstream(process.client.address);
        loop {
            // Another program may take the port before the proxy does, which then ends.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut proxy = program.command(dir.path(), port, upstream).spawn().unwrap();
            let client = Client { address: SocketAddr::from(([127, 0, 0, 1], port)) };
            let is_up = wait_until("a proxy that listens", || match proxy.try_wait().unwrap() {
                Some(_) => Some(false),
                None => TcpStream::connect(client.address).is_ok().then_some(true),
            });
            if is_up {
                return Self { proxy, client, process, _dir: dir };
            }
        }
    }

    /// Stops both, and returns the server's log.
    fn log(mut self) -> Vec<String> {
        self.process.signal(Signal::SIGTERM);
        assert_eq!(self.process.wait().code(), Some(0));
        self.process.all_logged()
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.proxy.kill();
        let _ = self.proxy.wait();
    }
}

fn have_proxies() -> bool {
    are_installed(&["nginx", "caddy", "haproxy"], "KOSYNC_TEST_PROXIES")
}

/// Rule T8. nginx was told to keep everything for ten minutes, and does unless a response forbids it.
#[test]
fn t8_no_cache_serves_another_account_s_position_or_a_wrong_key() {
    if !have_proxies() {
        return;
    }
    for program in [HTTP_HOST, Program::HaProxy, Program::Caddy] {
        let site = Site::start(program, &["--trusted-proxies", "127.0.0.1"]);
        let client = site.client;
        client.registered("ada", KEY);
        client.registered("bob", KEY);
        client.pushed("ada", KEY, &position("book", "p1", 0.5));
        for _ in 0..2 {
            assert_eq!(client.pulled("ada", KEY, "book")["progress"], "p1", "{program:?}");
            assert_eq!(client.pull("bob", KEY, "book").body, "{}", "{program:?}");
            client.pull("ada", OTHER_KEY, "book").unauthorized();
            assert_eq!(client.login("ada", KEY).status, 200, "{program:?}");
            client.login("ada", OTHER_KEY).unauthorized();
            client.send("GET", "/syncs/progress/book", &[], None).unauthorized();
        }
        client.pushed("ada", KEY, &position("book", "p2", 0.6));
        assert_eq!(client.pulled("ada", KEY, "book")["progress"], "p2", "{program:?}");
        for path in ["/manage/users", "/api/v1/documents"] {
            let of_ada = client.send_as("ada", KEY, "GET", path, None);
            let of_stranger = client.send_as("ada", OTHER_KEY, "GET", path, None);
            assert_eq!(of_stranger.status, 401, "{program:?} {path}: {of_ada:?} {of_stranger:?}");
        }
    }
}

/// Rule T10.
#[test]
fn t10_a_push_is_stored_though_the_client_of_a_proxy_is_gone() {
    if !have_proxies() {
        return;
    }
    for program in [CARRIES_ON, Program::Caddy, Program::HaProxy] {
        let mut gate = None;
        let site = Site::start_with(program, &["--trusted-proxies", "127.0.0.1"], |server| {
            gate.insert(Gate::before(server)).address
        });
        let gate = gate.unwrap();
        let direct = site.process.client;
        direct.registered("ada", KEY);
        for leave in ["close", "half-close", "reset"] {
            for number in 0..8 {
                let document = format!("{leave}{number}");
                let body = position(&document, "p", 0.5).to_string();
                let headers = [("x-auth-user", b"ada".as_slice()), ("x-auth-key", KEY.as_bytes())];
                let mut stream = connect(site.client.address);
                stream.write_all(&request("PUT", "/syncs/progress", &headers, Some(&body))).unwrap();
                gate.arrived.recv_timeout(Duration::from_secs(20)).expect(&document);
                match leave {
                    "half-close" => stream.shutdown(Shutdown::Write).unwrap(),
                    "reset" => SockRef::from(&stream).set_linger(Some(Duration::ZERO)).unwrap(),
                    _ => {}
                }
                let stream = (leave == "half-close").then_some(stream);
                gate.open.send(()).unwrap();
                if let Some(mut stream) = stream {
                    assert_eq!(read_reply(&mut stream, false).unwrap().status, 200, "{program:?}");
                }
                wait_until(&format!("{program:?}: {document}"), || {
                    direct.pull("ada", KEY, &document).body.contains("\"progress\"").then_some(())
                });
            }
        }
    }
}

/// Rules A6 and T9, as raw bytes.
#[test]
fn a6_names_and_bodies_in_latin_1_pass_through_proxies() {
    if !have_proxies() {
        return;
    }
    for program in [HTTP_HOST, Program::Caddy, Program::HaProxy] {
        let site = Site::start(program, &["--trusted-proxies", "127.0.0.1"]);
        let client = site.client;
        client.registered("Müller", KEY);
        for (user, basic) in
            [(&b"M\xfcller"[..], "Basic TfxsbGVyOnBhc3N3b3Jk"), (b"M\xc3\xbcller", "Basic TcO8bGxlcjpwYXNzd29yZA==")]
        {
            let login =
                client.send("GET", "/users/auth", &[("x-auth-user", user), ("x-auth-key", KEY.as_bytes())], None);
            assert_eq!(login.status, 200, "{program:?} {user:?}");
            let login = client.send("GET", "/users/auth", &[("Authorization", basic.as_bytes())], None);
            assert_eq!(login.status, 200, "{program:?} {basic}");
        }
        let body = b"{\"document\":\"d\",\"progress\":\"p\xfc\",\"percentage\":0.5,\"device\":\"M\xfcller\",\"metadata\":{\"filename\":\"\xfc\"}}";
        let mut push = format!("PUT /syncs/progress HTTP/1.1\r\nHost: x\r\nx-auth-key: {KEY}\r\nConnection: close\r\n")
            .into_bytes();
        push.extend_from_slice(b"x-auth-user: M\xfcller\r\n");
        push.extend_from_slice(format!("Content-Length: {}\r\n\r\n", body.len()).as_bytes());
        push.extend_from_slice(body);
        assert_eq!(crate::common::exchange(client.address, &push).status, 200, "{program:?}");
        let stored = client.pulled("Müller", KEY, "d");
        assert_eq!(
            (&stored["progress"], &stored["device"]),
            (&"p\u{fffd}".into(), &"M\u{fffd}ller".into()),
            "{program:?}"
        );
    }
}

/// Issue 16, 14: all clients were one, and nothing said so.
#[test]
fn an_undeclared_proxy_is_one_warning_that_names_its_address_and_the_setting() {
    if !have_proxies() {
        return;
    }
    for program in [HTTP_HOST, Program::Caddy, Program::HaProxy] {
        for (arguments, warnings) in [(&[][..], 1), (&["--trusted-proxies", "127.0.0.1"], 0)] {
            let site = Site::start(program, arguments);
            for _ in 0..3 {
                site.client.login("ada", KEY).unauthorized();
            }
            let log = site.log();
            let lines: Vec<_> = log.iter().filter(|line| line.contains("forwarding header ignored")).collect();
            assert_eq!(lines.len(), warnings, "{program:?}: {log:#?}");
            let says = |text: &str| lines.iter().all(|line| line.contains(text));
            assert!(says("WARN") && says("peer=\"127.0.0.1\"") && says("`trusted_proxies`"), "{lines:?}");
        }
    }
}

/// Issue 16, 14: the forms were refused as foreign, and the page blamed the browser.
#[test]
fn forms_behind_nginx_work_or_the_page_names_the_setting_of_the_proxy() {
    if !have_proxies() {
        return;
    }
    for (program, status) in [(HTTP_HOST, 303), (HOST, 403), (Program::Caddy, 303), (Program::HaProxy, 303)] {
        let site = Site::start(program, &["--trusted-proxies", "127.0.0.1"]);
        site.client.registered("ada", KEY);
        // On another port than 80, as a browser over plain HTTP sends it.
        let host = format!("books.example:{}", site.client.address.port());
        let form = "name=ada&password=password";
        let post = format!(
            "POST /login HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nAccept: text/html\r\nConnection: close\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
            form.len()
        );
        for _ in 0..3 {
            // Pages are chunked behind some proxies, so the text is looked for in all that comes.
            let mut stream = connect(site.client.address);
            stream.write_all(post.as_bytes()).unwrap();
            let mut answer = Vec::new();
            std::io::Read::read_to_end(&mut stream, &mut answer).unwrap();
            let answer = String::from_utf8(answer).unwrap();
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{program:?}: {answer}");
            assert_eq!(status == 403, answer.contains("proxy_set_header Host $http_host;"), "{program:?}: {answer}");
        }
        let log = site.log();
        let lines: Vec<_> = log.iter().filter(|line| line.contains("form refused")).collect();
        assert_eq!(lines.len(), usize::from(status == 403), "{program:?}: {log:#?}");
        let says = |text: &str| lines.iter().all(|line| line.contains(text));
        assert!(says(&format!("origin=\"http://{host}\"")) && says("host=\"books.example\""), "{lines:?}");
    }
}
