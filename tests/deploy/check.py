#!/usr/bin/env python3
"""Checks the templates in deploy/, and starts the real server with the environment of each.

    tests/deploy/check.py [KOSYNC]    KOSYNC is the binary; without it nothing is started

Each template must pin the version of Cargo.toml, keep the data, publish the port, ask for the health, restart the server, run it as
no root on a read-only root, and have no password in it. Their own tools and schemas check them where they are installed: docker-compose,
check-jsonschema (Compose's own schema), kubernetes-validate, quadlet (podman 4.4 and newer), shellcheck. KOSYNC_TEST_SCHEMAS=required makes
those of them failures that .ci/run installs. Needs Python 3.11 and PyYAML.
"""

import configparser
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import tomllib
import urllib.request
import xml.etree.ElementTree as ElementTree
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"
sys.path.insert(0, str(ROOT / "scripts"))
import owner  # noqa: E402

OWNER, NAME = owner.repository()
VERSION = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
IMAGE = f"ghcr.io/{OWNER.lower()}/{owner.IMAGE}:{VERSION}"
# What an app's system sets for a template.
SYSTEM = {"TZ": "Europe/Berlin", "APP_DATA_DIR": "/home/umbrel/app-data/kosync-kosync", "DEVICE_DOMAIN_NAME": "umbrel.local"}
QUADLET_KEYS = set(
    "Image ContainerName User Group ReadOnly DropCapability NoNewPrivileges PublishPort Volume Environment HealthCmd HealthInterval "
    "HealthTimeout HealthStartPeriod".split()
)
# Debian 12 has none.
QUADLET = "/usr/libexec/podman/quadlet"
IS_REQUIRED = "KOSYNC_TEST_SCHEMAS" in os.environ
# The oldest and the newest version whose schema decides.
KUBERNETES = ["1.27.0", "1.37.0"]
failures = []


def expect(holds, template, what):
    if not holds:
        failures.append(f"{template}: {what}")


def run(template, *command, **options):
    """Runs a tool, and returns whether it is there."""
    if not shutil.which(command[0]) and not os.access(command[0], os.X_OK):
        print(f"SKIPPED: {command[0]} is not installed, for {template}")
        expect(not IS_REQUIRED or command[0] == QUADLET, template, f"{command[0]} is not installed")
        return False
    done = subprocess.run(command, capture_output=True, text=True, **options)
    expect(done.returncode == 0, template, f"{command[0]} says: {(done.stdout + done.stderr).strip()}")
    return True


def filled(text):
    """Fills in the variables that the app's system sets."""
    return re.sub(r"\$\{?(\w+)\}?", lambda found: SYSTEM[found[1]], text)


def compose(path, service="kosync", port=True):
    """Checks a Compose file, and returns the environment of the server."""
    name = str(path.relative_to(DEPLOY))
    content = yaml.safe_load(path.read_text())
    server = content["services"][service]
    expect(server["image"] == IMAGE, name, f"the image is {server['image']}; Cargo.toml makes it {IMAGE}")
    expect(re.fullmatch(r"[1-9]\d*:[1-9]\d*", str(server.get("user"))), name, "`user` must be two numbers, and not root")
    expect(server.get("read_only") is True, name, "`read_only: true` is missing")
    expect(server.get("cap_drop") == ["ALL"], name, "`cap_drop: [ALL]` is missing")
    expect(server.get("security_opt") == ["no-new-privileges:true"], name, "`no-new-privileges` is missing")
    expect(server.get("restart") in {"unless-stopped", "on-failure"}, name, "there is no restart policy")
    expect(server.get("healthcheck", {}).get("test") == ["CMD", "/kosync", "healthcheck"], name, "the health check is missing")
    expect(not port or server.get("ports") == ["7200:7200"], name, "the port 7200 is not published")
    mounted = [volume.split(":") for volume in server.get("volumes", [])]
    expect([target for _, target in mounted] == ["/data"], name, "`/data` is not the one volume")
    for source, _ in mounted:
        expect("/" in source or source in content.get("volumes", {}), name, f"the volume {source} is not declared")
    environment = server.get("environment", {})
    expect(all(isinstance(value, str) for value in environment.values()), name, "a value of the environment is no string: quote it")
    # Debian 12's version knows no project's name, and Umbrel adds the image of its proxy.
    content.pop("name", None)
    content["services"].get("app_proxy", {})["image"] = "umbrel"
    run(name, "check-jsonschema", "--builtin-schema", "vendor.compose-spec", str(path))
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as copy:
        yaml.safe_dump(content, copy)
        copy.flush()
        run(name, "docker-compose", "--file", copy.name, "config", "--quiet", env={**os.environ, **SYSTEM})
    return {key: filled(value) for key, value in environment.items()}


def quadlet(path):
    name = path.name
    parser = configparser.ConfigParser(strict=False, interpolation=None, comment_prefixes=("#",), delimiters=("=",))
    parser.optionxform = str
    lines = [line for line in path.read_text().splitlines() if not line.startswith("Environment=")]
    parser.read_string("\n".join(lines))
    container = parser["Container"]
    unknown = set(container) - QUADLET_KEYS
    expect(not unknown, name, f"Quadlet has no {unknown}, or this check does not know it")
    for key, value in {
        "Image": IMAGE, "ReadOnly": "true", "DropCapability": "all", "NoNewPrivileges": "true", "PublishPort": "7200:7200",
        "Volume": "kosync:/data", "HealthCmd": "/kosync healthcheck",
    }.items():
        expect(container.get(key) == value, name, f"`{key}={container.get(key)}`; it should be `{value}`")
    expect(container.get("User", "0") not in {"0", "root"}, name, "the user is root")
    expect(parser["Service"].get("Restart") in {"always", "on-failure"}, name, "there is no restart policy")
    expect("default.target" in parser["Install"].get("WantedBy", ""), name, "it does not start with the machine")
    with tempfile.TemporaryDirectory() as units:
        shutil.copy(path, units)
        run(name, QUADLET, "-dryrun", "-no-kmsg-log", env={**os.environ, "QUADLET_UNIT_DIRS": units})
    pairs = re.findall(r"^Environment=(\w+)=(.*)$", path.read_text(), re.MULTILINE)
    return dict(pairs)


def unraid(path):
    name = path.name
    template = ElementTree.parse(path).getroot()
    expect(template.tag == "Container" and template.get("version") == "2", name, "it is no template of version 2")
    text = lambda tag: template.findtext(tag, "")  # noqa: E731
    expect(text("Repository") == IMAGE, name, f"the image is {text('Repository')}; Cargo.toml makes it {IMAGE}")
    expect(text("Privileged") == "false", name, "the container is privileged")
    expect(text("WebUI") == "http://[IP]:[PORT:7200]/", name, "the address of the dashboard is not that of the port")
    for option in ["--user=99:100", "--read-only", "--cap-drop=ALL", "--security-opt=no-new-privileges", "--restart=unless-stopped"]:
        expect(option in text("ExtraParams").split(), name, f"`{option}` is missing")
    configs = template.findall("Config")
    keys = {"Name", "Target", "Default", "Mode", "Description", "Type", "Display", "Required", "Mask"}
    for config in configs:
        expect(set(config.keys()) == keys, name, f"the attributes of {config.get('Name')} are not {keys}")
    of_kind = lambda kind: {c.get("Target"): c.text or "" for c in configs if c.get("Type") == kind}  # noqa: E731
    expect(of_kind("Port") == {"7200": "7200"}, name, "the port 7200 is not published")
    expect(list(of_kind("Path")) == ["/data"], name, "`/data` is not the one volume")
    return of_kind("Variable")


def kubernetes(path):
    name = path.name
    for version in KUBERNETES:
        run(name, "kubernetes-validate", "--strict", "--kubernetes-version", version, str(path))
    claim, deployment, service = yaml.safe_load_all(path.read_text())
    kinds = [(o["apiVersion"], o["kind"], o["metadata"]["name"]) for o in (claim, deployment, service)]
    wanted = [("v1", "PersistentVolumeClaim", "kosync"), ("apps/v1", "Deployment", "kosync"), ("v1", "Service", "kosync")]
    expect(kinds == wanted, name, f"the objects are {kinds}")
    spec = deployment["spec"]
    expect(spec["replicas"] == 1 and spec["strategy"] == {"type": "Recreate"}, name, "two servers could use the data directory at once")
    labels = spec["template"]["metadata"]["labels"]
    expect(spec["selector"]["matchLabels"] == labels == service["spec"]["selector"], name, "the selectors are not the labels of the pod")
    pod = spec["template"]["spec"]
    expect(pod["securityContext"]["runAsNonRoot"] and pod["securityContext"]["runAsUser"] > 0, name, "it runs as root")
    expect(pod["enableServiceLinks"] is False, name, "the variables of the Service would be taken for settings")
    [container] = pod["containers"]
    expect(container["image"] == IMAGE, name, f"the image is {container['image']}; Cargo.toml makes it {IMAGE}")
    security = container["securityContext"]
    expect(security["readOnlyRootFilesystem"] and not security["allowPrivilegeEscalation"], name, "the root is writable, or rights can grow")
    expect(security["capabilities"] == {"drop": ["ALL"]}, name, "it keeps capabilities")
    [port] = container["ports"]
    expect(port["containerPort"] == 7200 and service["spec"]["ports"][0]["targetPort"] == port["name"], name, "the Service leads to another port")
    for probe in ["startupProbe", "livenessProbe", "readinessProbe"]:
        expect(container[probe]["httpGet"] == {"path": "/healthcheck", "port": port["name"]}, name, f"the {probe} is not the health check")
    [mount], [volume] = container["volumeMounts"], pod["volumes"]
    expect((mount["name"], mount["mountPath"]) == (volume["name"], "/data"), name, "`/data` is not the volume")
    expect(volume["persistentVolumeClaim"]["claimName"] == claim["metadata"]["name"], name, "the volume is not the claim")
    return {variable["name"]: variable["value"] for variable in container["env"]}


def casaos(path):
    about = yaml.safe_load(path.read_text())["x-casaos"]
    expect(about["main"] == "kosync" and about["port_map"] == "7200", path.name, "`x-casaos` names another service or port")
    expect({"architectures", "author", "category", "icon", "title", "tagline", "description", "index"} <= set(about), path.name, "`x-casaos` lacks a key")
    return compose(path)


def umbrel(folder):
    app = yaml.safe_load((folder / "umbrel-app.yml").read_text())
    store = yaml.safe_load((folder.parent / "umbrel-app-store.yml").read_text())
    name = "umbrel/kosync-kosync/umbrel-app.yml"
    expect(app["version"] == VERSION, name, f"the version is {app['version']}; in Cargo.toml it is {VERSION}")
    expect(app["id"] == folder.name and app["id"].startswith(f"{store['id']}-"), name, "the id must be the folder's name, and begin with the store's id")
    expect(app["manifestVersion"] == 1 and app["port"] == 7200, name, "the manifest's version or the port is another")
    expect((folder / "data/.gitkeep").exists(), name, "the folder `data`, which the app's user owns, is missing")
    path = folder / "docker-compose.yml"
    proxy = yaml.safe_load(path.read_text())["services"]["app_proxy"]["environment"]
    expect(proxy["APP_HOST"] == f"{app['id']}_server_1" and proxy["APP_PORT"] == 7200, name, "Umbrel's proxy leads elsewhere")
    expect(proxy["PROXY_AUTH_ADD"] == "false", name, "devices cannot log in to Umbrel")
    return compose(path, "server", port=False)


def proxmox(path):
    """Runs the script with stand-ins for Proxmox's commands, and reads what it would run in the container."""
    name = path.name
    expect(f"version={VERSION}" in path.read_text().splitlines(), name, f"the version is not {VERSION}")
    run(name, "shellcheck", str(path))
    with tempfile.TemporaryDirectory() as work:
        for tool, says in {"pvesh": "120", "pveam": "system debian-12-standard_12.12-1_amd64.tar.zst", "pct": ""}.items():
            stand_in = Path(work) / tool
            stand_in.write_text(f'#!/bin/sh\nprintf "%s\\0" {tool} "$@" >>{work}/ran\nprintf "\\036" >>{work}/ran\necho "{says}"\n')
            stand_in.chmod(0o755)
        run(name, "bash", str(path), env={**os.environ, "PATH": f"{work}:{os.environ['PATH']}"})
        ran = [line.rstrip("\0").split("\0") for line in (Path(work) / "ran").read_text().split("\036") if line]
    made = next(line for line in ran if line[:2] == ["pct", "create"])
    expect(made[2:4] == ["120", "local:vztmpl/debian-12-standard_12.12-1_amd64.tar.zst"], name, f"it makes {made}")
    option = dict(zip(made[4::2], made[5::2]))
    expect(option["--unprivileged"] == "1" and option["--onboot"] == "1", name, "the container is privileged, or does not start with the host")
    inside = next(line for line in ran if line[:2] == ["pct", "exec"])[-1]
    run(name, "bash", "-n", "-c", inside)
    package = f"https://github.com/{OWNER}/{NAME}/releases/download/v{VERSION}/$package"
    expect(package in inside and f"package=kosync_{VERSION}-1_$(dpkg --print-architecture).deb" in inside, name, f"it installs another package:\n{inside}")
    expect("\nListenStream=[::]:7200" in inside.replace("\\n", "\n"), name, "the socket stays on the container's own address")


def start(kosync, name, environment):
    """Starts the server with the environment of a template, and asks it as the template's health check does."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as data:
        # As in the image, but for the directory and the port.
        variables = {**environment, "KOSYNC_DATA_DIR": data, "KOSYNC_LISTEN": f"127.0.0.1:{port}"}
        with subprocess.Popen([kosync], env=variables, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as server:
            try:
                for _ in range(600):
                    if subprocess.run([kosync, "healthcheck"], env=variables, capture_output=True).returncode == 0 or server.poll() is not None:
                        break
                    time.sleep(0.05)
                if server.poll() is None:
                    with urllib.request.urlopen(f"http://127.0.0.1:{port}/login") as page:
                        expect(b"<h1>" in page.read(), name, "there is no dashboard")
            except OSError as error:
                failures.append(f"{name}: {error}")
            finally:
                server.terminate()
            said = server.stdout.read()
        expect(server.returncode == 0, name, f"the server does not start with this environment:\n{said}")
        expect("Registration: open" in said, name, f"registration is not open:\n{said}")
        address = environment.get("KOSYNC_ADDRESS")
        expect(not address or address in said, name, f"the address is not shown:\n{said}")
        for line in said.splitlines():
            expect("WARN" not in line or "password" in line, name, f"a setting is a warning: {line}")


def main():
    failures.extend(owner.faults(OWNER, NAME))
    templates = {
        "compose.yaml": compose(DEPLOY / "compose.yaml"),
        "truenas.yaml": compose(DEPLOY / "truenas.yaml"),
        "casaos.yaml": casaos(DEPLOY / "casaos.yaml"),
        "umbrel": umbrel(DEPLOY / "umbrel/kosync-kosync"),
        "kosync.container": quadlet(DEPLOY / "kosync.container"),
        "unraid.xml": unraid(DEPLOY / "unraid.xml"),
        "kubernetes.yaml": kubernetes(DEPLOY / "kubernetes.yaml"),
    }
    proxmox(DEPLOY / "proxmox.sh")
    expect({path.name for path in DEPLOY.iterdir()} == {*templates, "proxmox.sh"}, "deploy", "a file has no check here")
    page = (ROOT / "docs/install.md").read_text()
    for name, environment in templates.items():
        expect("KOSYNC_REGISTRATION" in environment and "KOSYNC_ADDRESS" in environment, name, "a setting that users need is missing")
        secrets = [key for key in environment if re.search("PASSWORD|SECRET|TOKEN|KEY", key)]
        expect(not secrets, name, f"{secrets} has a secret in it")
        expect(f"../deploy/{name}" in page, name, "docs/install.md does not name it")
    expect("../deploy/proxmox.sh" in page, "proxmox.sh", "docs/install.md does not name it")
    for path in [ROOT / "README.md", ROOT / "docs/install.md", ROOT / "docs/docker.md", ROOT / "docs/systemd.md", ROOT / "docs/security.md"]:
        for found in re.finditer(r"kosync_(\d[\w.]*)-1_amd64\.deb|kosync-(\d[\w.]*)-linux-|ghcr\.io/[\w-]+/kosync:(\d[\w.-]*)|/v(\d+\.[\w.-]*)/", path.read_text()):
            version = next(filter(None, found.groups()))
            expect(version == VERSION, path.name, f"`{found[0]}` is not of the version {VERSION}")
    if sys.argv[1:]:
        for name, environment in templates.items():
            start(sys.argv[1], name, environment)
    for failure in failures:
        print(f"FAILED: {failure}", file=sys.stderr)
    if failures:
        sys.exit(1)
    print(f"ok: {len(templates)} templates of version {VERSION}, and {OWNER}/{NAME} everywhere")


if __name__ == "__main__":
    main()
