#!/usr/bin/env python3
"""Checks the Home Assistant app in addon/ without Home Assistant.

    tests/addon/check.py

Needs Python 3.11 with PyYAML (Debian: python3-yaml), and apparmor_parser for the profile (Debian: apparmor). Without the latter it skips
the profile and says so; with CI=true that is a failure. Prints every fault it finds, and exits with 1 if there is one.
"""

import importlib.util
import os
import re
import shutil
import struct
import subprocess
import sys
import tomllib
import zlib
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
ADDON = ROOT / "addon"
RUST = ROOT / "src/cli/home_assistant/options.rs"
LANGUAGES = ["de", "en", "es", "fr", "nl"]
PICTURES = {"icon.png": (128, 128), "logo.png": (250, 100)}
# Limit in bytes: the app store loads the pictures each time it is shown.
PICTURE_BYTES = 20_000

# Keys that the Supervisor (2026.08) reads from config.yaml, with their defaults; NONE where there is no default. Two accepted keys are left out:
# `advanced` has no effect any more, and the image's HEALTHCHECK replaces `watchdog`.
NONE = object()
KEYS = dict.fromkeys(
    "name version slug description arch machine url ports ports_description webui ingress_entry panel_title homeassistant devices "
    "environment privileged services discovery backup_exclude backup_pre backup_post image".split(),
    NONE,
)
KEYS |= dict.fromkeys(
    "ingress ingress_stream host_network host_pid host_ipc host_uts host_dbus udev tmpfs full_access audio video gpio usb uart "
    "devicetree kernel_modules realtime hassio_api homeassistant_api stdin legacy docker_api auth_api journald".split(),
    False,
)
KEYS |= dict(init=True, panel_admin=True, apparmor=True, startup="application", boot="auto", stage="stable", backup="hot", timeout=10)
KEYS |= dict(ingress_port=8099, panel_icon="mdi:puzzle", hassio_role="default", map=[], options={}, schema={}, ulimits={}, breaking_versions=[])
REQUIRED = ["name", "version", "slug", "description", "arch", "image"]

failures = []


def fail(where, what, do):
    """A fault in a file, with what to do about it."""
    failures.append(where)
    print(f"FAILED: {where.relative_to(ROOT) if isinstance(where, Path) else where}: {what}. {do}.", file=sys.stderr)


class check:
    """Prints `ok` unless the block has failed."""

    def __init__(self, text):
        self.text = text

    def __enter__(self):
        self.before = len(failures)

    def __exit__(self, kind, error, _):
        if isinstance(error, (OSError, yaml.YAMLError, tomllib.TOMLDecodeError, subprocess.CalledProcessError)):
            fail("(reading)", f"{self.text}: {error}", "Make the file readable")
        elif kind:
            return False
        if len(failures) == self.before:
            print(f"ok: {self.text}")
        return True


def load(path):
    value = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(value, dict):
        fail(path, "it is not a mapping", "Write keys and values")
        return {}
    return value


def leaves(options, path=()):
    """Yields path and default of each option, nested ones included."""
    for name, value in options.items():
        yield (*path, name), value
        if isinstance(value, dict):
            yield from leaves(value, (*path, name))


def at(tree, path, between=()):
    """Returns the value at a path, or None; `between` are the keys between two steps."""
    for step, name in enumerate(path):
        for key in between if step else ():
            tree = tree.get(key) if isinstance(tree, dict) else None
        tree = tree.get(name) if isinstance(tree, dict) else None
    return tree


def accepts(kind, value):
    """Returns whether a value matches a type of the schema; None for an unknown type."""
    if isinstance(kind, list):
        return isinstance(value, list) and all(accepts(kind[0], item) for item in value)
    kind = kind.removesuffix("?")
    if choices := re.fullmatch(r"list\((.+)\)", kind):
        return value in choices[1].split("|")
    match kind:
        case "bool":
            return isinstance(value, bool)
        case "str" | "password":
            return isinstance(value, str)
        case "port":
            return type(value) is int and 1 <= value <= 65535
    return None


def rating(config, has_profile):
    """Returns the security rating that the Supervisor computes, from 1 to 8."""
    if config.get("docker_api") or config.get("full_access"):
        return 1
    privileged = set(config.get("privileged", []))
    strong = {"BPF", "CHECKPOINT_RESTORE", "DAC_READ_SEARCH", "NET_ADMIN", "NET_RAW", "PERFMON", "SYS_ADMIN", "SYS_MODULE", "SYS_PTRACE", "SYS_RAWIO"}
    points = 5
    points += -1 if not config.get("apparmor", True) else 1 if has_profile else 0
    points += 2 if config.get("ingress") else 1 if config.get("auth_api") else 0
    points -= bool(privileged & strong or config.get("kernel_modules"))
    points -= {"manager": 1, "admin": 2}.get(config.get("hassio_role"), 0)
    points -= bool(config.get("host_network"))
    points -= 2 * bool(config.get("host_pid"))
    points -= bool(config.get("host_uts") and "SYS_ADMIN" in privileged)
    return max(1, min(8, points))


def check_keys(path, config):
    for key in REQUIRED:
        if not config.get(key):
            fail(path, f"`{key}` is missing", "Write it")
    for key, value in config.items():
        if key not in KEYS:
            fail(path, f"the Supervisor knows no `{key}`", "Correct or remove it")
        elif KEYS[key] is not NONE and value == KEYS[key]:
            fail(path, f"`{key}` is set to what holds without it", "Remove it")


def check_options(path, options, schema):
    paths = [name for name, _ in leaves(options)]
    for name in [name for name, _ in leaves(schema) if name not in paths]:
        fail(path, f"option `{'.'.join(name)}` has a schema and no default", "Write one under `options`")
    for name, value in leaves(options):
        text, kind = ".".join(name), at(schema, name)
        if kind is None:
            fail(path, f"option `{text}` has a default and no schema", "Write its type under `schema`")
        elif isinstance(kind, dict) != isinstance(value, dict):
            fail(path, f"option `{text}` has others in it in one of `options` and `schema` only", "Make them alike")
        elif isinstance(kind, dict):
            continue
        elif (accepted := accepts(kind, value)) is None:
            fail(path, f"option `{text}` has the type `{kind}`, which this test does not know", "Correct it, or teach `accepts`")
        elif not accepted:
            fail(path, f"option `{text}` has the default {value!r}, which is no `{kind}`", "Correct one of the two")


def check_translation(path, translation, options, ports):
    for key in translation.keys() - {"configuration", "network"}:
        fail(path, f"the Supervisor knows no `{key}`", "Remove it")
    configuration = translation.get("configuration") or {}
    for name, value in leaves(options):
        entry = at(configuration, name, ["fields"])
        for part in ("name", "description"):
            text = entry.get(part) if isinstance(entry, dict) else None
            if not isinstance(text, str) or not text.strip():
                fail(path, f"option `{'.'.join(name)}` has no {part}", "Translate it")
                continue
            if "'" in text or '"' in text:
                fail(path, f"option `{'.'.join(name)}`: {part} has a straight quotation mark", "Write ’ or the language's own quotes")
            if path.stem == "fr" and re.search(r"[^\u202f][;!?]|[^\u00a0]:(?=\s|$)|«[^\u00a0]|[^\u00a0]»", text):
                fail(path, f"option `{'.'.join(name)}`: {part} has a sign without its no-break space", "Write U+202F or U+00A0")

    def spare(entries, options, above):
        for name, entry in (entries or {}).items():
            text = ".".join((*above, name))
            if name not in options:
                fail(path, f"`{text}` is no option", "Remove it, or write the option into addon/config.yaml")
                continue
            nested = options[name] if isinstance(options[name], dict) else {}
            keys = entry.keys() if isinstance(entry, dict) else set()
            for key in keys - ({"name", "description", "fields"} if nested else {"name", "description"}):
                fail(path, f"`{text}` has a key `{key}`, which means nothing there", "Remove it")
            if nested and "fields" in keys:
                spare(entry["fields"], nested, (*above, name))

    spare(configuration, options, ())
    network = translation.get("network") or {}
    for port in ports:
        if not isinstance(network.get(port), str) or not network[port].strip():
            fail(path, f"the port {port} has no description", "Write it under `network`")
    for port in network.keys() - ports.keys():
        fail(path, f"{port} is no port of the app", "Remove it under `network`")


def check_version(version):
    cargo = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]
    if cargo["version"] != version:
        fail(ADDON / "config.yaml", f"the version is {version!r}, in Cargo.toml it is {cargo['version']!r}", "Make them one")
    locked = [p["version"] for p in tomllib.loads((ROOT / "Cargo.lock").read_text())["package"] if p["name"] == cargo["name"]]
    if locked != [cargo["version"]]:
        fail(ROOT / "Cargo.lock", f"the version of {cargo['name']} is {locked}, in Cargo.toml {cargo['version']!r}", "Run `cargo update --workspace`")
    log = ADDON / "CHANGELOG.md"
    first = next((line for line in log.read_text(encoding="utf-8").splitlines() if line.startswith("#")), "")
    if first != f"## {version}":
        fail(log, f"the first heading is {first!r}", f"Begin with a line `## {version}` and nothing after it, or Home Assistant does not find it")


def check_labels(config):
    dockerfile = ADDON / "Dockerfile"
    text = dockerfile.read_text(encoding="utf-8")
    for key in ("name", "description", "url"):
        label = re.search(rf'\bio\.hass\.{key}=("?)(.+?)\1[ \\\n]', text)
        if not label or label[2] != config.get(key):
            fail(dockerfile, f"the label io.hass.{key} is not the `{key}` of config.yaml", "Make them one")


def check_pictures():
    sys.dont_write_bytecode = True
    spec = importlib.util.spec_from_file_location("draw", ADDON / "draw.py")
    draw = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(draw)
    drawn = {name: draw.rows(width, pixels) for name, width, _, pixels in draw.pictures()}
    for name, size in PICTURES.items():
        path = ADDON / name
        data = path.read_bytes()
        if data[:8] != b"\x89PNG\r\n\x1a\n" or struct.unpack(">II", data[16:24]) != size:
            fail(path, f"it is no PNG picture of {size[0]}x{size[1]}", "Run addon/draw.py")
            continue
        if len(data) > PICTURE_BYTES:
            fail(path, f"it has {len(data)} bytes", f"Make it smaller than {PICTURE_BYTES}")
        packed, place = b"", 8
        while place < len(data):
            (length,) = struct.unpack(">I", data[place : place + 4])
            if data[place + 4 : place + 8] == b"IDAT":
                packed += data[place + 8 : place + 8 + length]
            place += length + 12
        try:
            same = zlib.decompress(packed) == drawn[name]
        except zlib.error:
            same = False
        if not same:
            fail(path, "it is not what the script draws", "Run addon/draw.py")


def check_alone():
    """Checks that no other file has a name that the app store reads; it reads all directories but hidden ones."""
    tracked = subprocess.run(["git", "-C", ROOT, "ls-files", "-z"], check=True, capture_output=True, text=True).stdout.split("\0")
    paths = [Path(name) for name in tracked if name]
    if Path("addon/config.yaml") not in paths:
        fail(ADDON / "config.yaml", "git does not track it", "Add it")
    for path in paths:
        taken = path.name.startswith("config.") and path.suffix in (".yaml", ".yml", ".json") and not any(part.startswith(".") for part in path.parts)
        if taken and path != Path("addon/config.yaml"):
            fail(str(path), "Home Assistant's store takes it for an app's configuration", "Give it another name")


def check_profile(path):
    lines = [line for line in path.read_text().splitlines() if line.startswith("profile ")]
    if len(lines) != 1 or lines[0].split()[1] != "kosync":
        fail(path, f"the lines that begin a profile are {lines}", "There must be one, `profile kosync`, whose name the Supervisor replaces")


def compile_profile(path, parser):
    # Without the cache, and without loading the profile into the kernel.
    result = subprocess.run([parser, "-Q", "-K", path], capture_output=True, text=True)
    if result.returncode != 0:
        fail(path, f"it does not compile: {result.stderr.strip()}", "Correct it")


def check_health(path):
    """Checks that the image is asked for its health at once: until it is healthy, Home Assistant shows that the app starts."""
    line = next((line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("HEALTHCHECK ")), "")
    for part in ("--start-period=60s", "--start-interval=1s", '"/kosync", "healthcheck"'):
        if part not in line:
            fail(path, f"its HEALTHCHECK lacks `{part}`", "Write it, or Home Assistant shows for a long time that the app starts")


def check_license(path):
    if "## License" not in path.read_text(encoding="utf-8"):
        fail(path, "it does not name the license", "Write a section `## License`")


def check_rust(options):
    """Checks that the code which reads the options names each of them, outside comments and tests."""
    code = RUST.read_text(encoding="utf-8").split("#[cfg(test)]")[0]
    code = "\n".join(line for line in code.splitlines() if not line.strip().startswith("//"))
    for name, _ in leaves(options):
        if not re.search(rf"\b{re.escape(name[-1])}\b", code):
            fail(RUST, f"option `{'.'.join(name)}` is not read", "Read it there, or take it out of addon/config.yaml")


def check_docs(options):
    text = (ADDON / "DOCS.md").read_text(encoding="utf-8")
    for name, _ in leaves(options):
        if f"`{name[-1]}`" not in text:
            fail(ADDON / "DOCS.md", f"nothing is said about option `{'.'.join(name)}`", "Write it into the table of options")


def main():
    path = ADDON / "config.yaml"
    config = {}
    with check("config.yaml has keys that the Supervisor knows, and none that says what holds without it"):
        config = load(path)
        check_keys(path, config)
    options, schema, ports = (config.get(key) or {} for key in ("options", "schema", "ports"))
    with check(f"{len(list(leaves(options)))} options have a default and a schema that fit"):
        if not options:
            fail(path, "there are no options", "Write them")
        check_options(path, options, schema)
    files = sorted(file.name for file in (ADDON / "translations").iterdir())
    if files != [f"{language}.yaml" for language in LANGUAGES]:
        fail(ADDON / "translations", f"it has {files}", f"It must have a file for each of {LANGUAGES} and nothing else")
    for language in LANGUAGES:
        with check(f"every option and port is translated: {language}"):
            translation = ADDON / "translations" / f"{language}.yaml"
            check_translation(translation, load(translation), options, ports)
    with check("every option is read by the server"):
        check_rust(options)
    with check("every option is in the docs"):
        check_docs(options)
    with check("the docs name the license"):
        check_license(ADDON / "DOCS.md")
    with check("the image is asked for its health at once"):
        check_health(ADDON / "Dockerfile")
    with check("the version is one everywhere"):
        check_version(config.get("version"))
    with check("the image's labels say what config.yaml says"):
        check_labels(config)
    with check("the pictures have their sizes, and are what the script draws"):
        check_pictures()
    with check("Home Assistant's store finds one app"):
        check_alone()
    with check("the repository has a name"):
        repository = ROOT / "repository.yaml"
        if not isinstance(load(repository).get("name"), str):
            fail(repository, "`name` is missing", "Write it, or Home Assistant refuses the repository")
    profile = ADDON / "apparmor.txt"
    with check("there is one AppArmor profile"):
        check_profile(profile)
    if parser := shutil.which("apparmor_parser", path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin"):
        with check("it compiles"):
            compile_profile(profile, parser)
    elif os.environ.get("CI") == "true":
        fail(profile, "there is no apparmor_parser to compile it", "Install Debian's `apparmor`")
    else:
        print("SKIPPED: no apparmor_parser to compile the profile")
    with check("the security rating is 8, the most there is"):
        points = rating(config, profile.exists())
        if points != 8:
            fail(path, f"the security rating is {points}", "Ask for less; see `rating` in tests/addon/check.py")
    if failures:
        sys.exit(f"{len(failures)} failed")


if __name__ == "__main__":
    main()
