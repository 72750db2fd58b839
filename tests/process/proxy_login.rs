//! Tests logins at a real proxy in front of the real server. The configurations are those of docs/proxy-login.md. The
//! tests show who gets in, as whom, and what a client can forge.

use std::fs;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;

use nix::sys::signal::Signal;
use socket2::{Domain, Socket, Type};

use super::kosync::{Process, command};
use crate::common::{Client, KEY, TIMEOUT, are_installed, position, request, wait_until};

/// A configuration on the page: which proxy it is for, which header it sends, and its text.
struct Configuration {
    proxy: String,
    header: String,
    text: String,
}

fn configurations() -> Vec<Configuration> {
    let page = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/proxy-login.md")).unwrap();
    let blocks = page.split("<!-- try-login: ").skip(1).map(|block| {
        let (label, rest) = block.split_once(" -->\n").unwrap();
        let (proxy, header) = label.split_once(' ').unwrap();
        let text = rest.split_once('\n').unwrap().1.split("```").next().unwrap();
        Configuration { proxy: proxy.into(), header: header.into(), text: text.into() }
    });
    blocks.collect()
}

/// Answers for the login: the cookie `login` names the user, whom it puts into the headers of Authelia, Authentik and oauth2-proxy. Who has
/// none is sent to the login page.
fn start_login() -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            thread::spawn(move || answer_login(stream));
        }
    });
    address
}

fn answer_login(mut stream: TcpStream) {
    let _ = stream.set_read_timeout(Some(TIMEOUT));
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return,
        }
    }
    let head = String::from_utf8_lossy(&head).into_owned();
    let user = head.split("login=").nth(1).map(|rest| rest.split(['\r', ';']).next().unwrap());
    let answer = match user {
        // A login that lets somebody in and names nobody: what the client made up must not count then.
        Some("nameless") => "200 OK\r\n".to_owned(),
        Some(user) => {
            format!("200 OK\r\nRemote-User: {user}\r\nX-authentik-username: {user}\r\nX-Auth-Request-Email: {user}\r\n")
        }
        // nginx takes no redirect of the login; Caddy passes it on.
        None if head.contains("/forward-auth") => "302 Found\r\nLocation: https://auth.example/\r\n".to_owned(),
        None => "401 Unauthorized\r\nLocation: https://auth.example/\r\n".to_owned(),
    };
    let _ = stream.write_all(format!("HTTP/1.1 {answer}Content-Length: 0\r\nConnection: close\r\n\r\n").as_bytes());
}

/// A proxy and a login in front of a server.
struct Site {
    proxy: Child,
    client: Client,
    process: Process,
    _dir: tempfile::TempDir,
}

impl Site {
    fn start(configuration: &Configuration) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let mut server = command();
        server.arg("--data-dir").arg(dir.path().join("data")).args(["--listen", "127.0.0.1:0"]);
        server.args(["--trusted-proxies", "127.0.0.1", "--proxy-user-header", &configuration.header]);
        server.args(["--proxy-administrators", "boss", "--proxy-logout-address", "https://auth.example/logout"]);
        let process = Process::spawn(server);
        let login = start_login();
        loop {
            // Another program may take the port before the proxy does, which then ends.
            let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
            let mut proxy = proxy_command(configuration, dir.path(), port, process.client.address, login);
            let mut proxy = proxy.spawn().unwrap();
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

    /// Requests a page as the user who has logged in, with further headers. Returns the whole answer, because some
    /// proxies send chunks.
    fn get(&self, user: Option<&str>, path: &str, more: &[(&str, &str)]) -> String {
        self.send("GET", user, path, more, None)
    }

    fn send(&self, method: &str, user: Option<&str>, path: &str, more: &[(&str, &str)], body: Option<&str>) -> String {
        let cookie = user.map(|user| format!("login={user}"));
        let mut headers: Vec<(&str, &[u8])> = vec![("accept", b"text/html"), ("origin", b"http://localhost")];
        headers.extend(cookie.iter().map(|cookie| ("cookie", cookie.as_bytes())));
        headers.extend(more.iter().map(|(name, value)| (*name, value.as_bytes())));
        whole_answer(crate::common::connect(self.client.address), &request(method, path, &headers, body))
    }
}

impl Drop for Site {
    fn drop(&mut self) {
        let _ = self.proxy.kill();
        let _ = self.proxy.wait();
    }
}

fn whole_answer(mut stream: TcpStream, request: &[u8]) -> String {
    stream.write_all(request).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    String::from_utf8_lossy(&answer).into_owned()
}

/// Writes the page's configuration with these addresses, and returns the command that runs it.
fn proxy_command(
    configuration: &Configuration,
    dir: &Path,
    port: u16,
    upstream: SocketAddr,
    login: SocketAddr,
) -> Command {
    let mut text = configuration.text.replace("127.0.0.1:7200", &upstream.to_string());
    for address in ["127.0.0.1:9091", "127.0.0.1:9000", "127.0.0.1:4180"] {
        text = text.replace(address, &login.to_string());
    }
    let at = dir.display();
    let (file, text) = if configuration.proxy == "nginx" {
        let lines = text.lines().filter(|line| !line.contains("ssl_certificate"));
        let server = lines.map(|line| line.replace("listen 443 ssl", &format!("listen 127.0.0.1:{port}")) + "\n");
        let temporary =
            ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(|kind| format!("{kind}_temp_path {at}/{kind};"));
        let text = format!(
            "daemon off; master_process off; pid {at}/pid; error_log {at}/nginx.log; events {{}}\n\
             http {{ access_log off; {}\n{}\n}}",
            temporary.concat(),
            server.collect::<String>()
        );
        (dir.join("nginx.conf"), text)
    } else {
        let site = format!("http://:{port} {{\n bind 127.0.0.1");
        (
            dir.join("Caddyfile"),
            "{\n admin off\n auto_https off\n}\n".to_owned() + &text.replace("books.example {", &site),
        )
    };
    fs::write(&file, text).unwrap();
    let mut command = Command::new(&configuration.proxy);
    match configuration.proxy.as_str() {
        "nginx" => command.arg("-c"),
        _ => command.args(["run", "--adapter", "caddyfile", "--config"]),
    };
    command.arg(file).env("HOME", dir).env("XDG_DATA_HOME", dir).env("XDG_CONFIG_HOME", dir);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

#[track_caller]
fn shows(answer: &str, account: &str) {
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
    assert!(answer.contains(&format!("<span class=\"username\"><bdi>{account}</bdi>")), "{answer}");
}

/// Asserts that the answer is no page of an account.
#[track_caller]
fn shows_nobody(answer: &str) {
    assert!(!answer.contains("class=\"username\"") && !answer.contains("name=\"account\""), "{answer}");
}

/// Returns the configurations of the page that can be run.
fn runnable() -> Vec<Configuration> {
    let found = configurations();
    assert!(found.len() >= 4, "too few were found: {}", found.len());
    if are_installed(&["nginx", "caddy"], "KOSYNC_TEST_PROXIES") { found } else { Vec::new() }
}

#[test]
fn a_login_at_the_proxy_opens_the_dashboard_and_devices_log_in_as_ever() {
    for configuration in runnable() {
        let site = Site::start(&configuration);
        let client = site.client;
        // A device knows nothing of the login.
        client.registered("ada", KEY);
        client.pushed("ada", KEY, &position("book", "p", 0.5));
        assert_eq!(client.pulled("ada", KEY, "book")["progress"], "p");
        assert_eq!(client.send("GET", "/healthcheck", &[], None).status, 200);
        let basic: [(&str, &[u8]); 2] = [("authorization", b"Basic YWRhOnBhc3N3b3Jk"), ("depth", b"0")];
        assert_eq!(client.send("PROPFIND", "/webdav/", &basic, None).status, 207);
        assert_eq!(client.send_as("ada", KEY, "GET", "/api/v1/documents", None).status, 200);

        // A browser is sent to the login, and comes back as the user.
        let asked = site.get(None, "/", &[]);
        assert!(asked.starts_with("HTTP/1.1 302 "), "{}: {asked}", configuration.header);
        shows(&site.get(Some("ada"), "/", &[]), "ada");
        assert!(site.get(Some("ada"), "/books", &[]).contains(">book<"));

        // Who has no account chooses one once. Who is named manages all.
        let asked = site.get(Some("eve"), "/login", &[]);
        assert!(asked.contains("login-password") && !asked.contains("name=\"account\""), "{asked}");
        let chosen = site.send("POST", Some("eve"), "/login", &[], Some("name=ada&password=password"));
        assert!(chosen.starts_with("HTTP/1.1 303 "), "{chosen}");
        shows(&site.get(Some("eve"), "/", &[]), "ada");
        assert!(site.get(Some("boss"), "/login", &[]).contains("<button name=\"account\""));

        let out = site.send("POST", Some("ada"), "/logout", &[], Some(""));
        assert!(out.contains("content=\"0; url=https://auth.example/logout\""), "{out}");
    }
}

#[test]
fn what_a_client_puts_into_the_header_never_counts() {
    for configuration in runnable() {
        let site = Site::start(&configuration);
        site.client.registered("ada", KEY);
        let header = configuration.header.as_str();
        let cases: [&[(&str, &str)]; 3] =
            [&[(header, "boss")], &[(header, "boss"), (header, "ada")], &[(header, "boss"), ("connection", header)]];
        for forged in cases {
            // With a login, the name of the login counts. A client that calls the header one of its connection's may lose it, in Caddy.
            match forged {
                [_, ("connection", _)] => assert!(!site.get(Some("ada"), "/accounts", forged).contains("HTTP/1.1 200")),
                _ => shows(&site.get(Some("ada"), "/", forged), "ada"),
            }
            shows_nobody(&site.get(Some("nameless"), "/", forged));
            shows_nobody(&site.get(Some("nameless"), "/login", forged));
            // Without one, nothing opens: by no path of the devices, however it is written.
            for path in [
                "/",
                "/login",
                "/accounts",
                "/books/..%2Fapi",
                "/books/..%2F..%2Fapi",
                "/login/..%2fapi",
                "/api/..%2faccounts",
                "/webdav/../accounts",
                "/api/%2e%2e/accounts",
                "//accounts",
                "/syncs/..%2f",
                "/users",
                "/api",
            ] {
                shows_nobody(&site.get(None, path, forged));
            }
        }
        // Past the proxy, from another address than the proxy's.
        let socket = Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
        socket.bind(&SocketAddr::from(([127, 0, 0, 2], 0)).into()).unwrap();
        socket.connect(&site.process.client.address.into()).unwrap();
        let forged: [(&str, &[u8]); 2] = [(header, b"boss"), ("accept", b"text/html")];
        let answer = whole_answer(TcpStream::from(socket), &request("GET", "/accounts", &forged, None));
        assert!(answer.starts_with("HTTP/1.1 303 ") && answer.contains("location: ./login"), "{answer}");
        site.process.signal(Signal::SIGTERM);
        let line = site.process.logged("user's name of this peer ignored");
        assert!(line.contains("WARN") && line.contains("peer=\"127.0.0.2\""), "{line}");
    }
}
