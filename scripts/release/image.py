#!/usr/bin/env python3
"""Assembles the container image of a release for all its architectures, without a container engine.

    scripts/release/image.py    reads target/dist/ARCH/kosync and addon/Dockerfile, writes target/dist/image/

The Dockerfile's last stage says what is in the image; its first one, which compiles, is what target/dist/ARCH/kosync replaces. The
result is a directory for skopeo and podman (`dir:target/dist/image`), one image for each architecture under one manifest list, in Docker's
format: OCI's has no health check. The same input gives the same bytes. Needs Python 3.11 and SOURCE_DATE_EPOCH.
"""

import datetime
import gzip
import hashlib
import io
import json
import os
import re
import shlex
import shutil
import stat
import sys
import tarfile
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = ROOT / "addon/Dockerfile"
DIST = Path(os.environ.get("DIST", ROOT / "target/dist"))
# Ours, Home Assistant's and Docker's name of each architecture.
ARCHITECTURES = [("x86_64", "amd64", {"architecture": "amd64"}), ("aarch64", "aarch64", {"architecture": "arm64", "variant": "v8"})]
# What stands for the files of the stage that compiles: files that every Debian has, and directories by their mode.
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
BUILT = {CERTIFICATES: Path(CERTIFICATES), "/data": 0o1777}
MEDIA = "application/vnd.docker."
# Limit for the image that is unpacked, in bytes.
IMAGE_BYTES = 14_000_000


def instructions(text):
    """Yields the instructions of the last stage as (name, rest); comments are removed and continued lines joined."""
    text = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    lines = [line.strip() for line in text.replace("\\\n", " ").splitlines() if line.strip()]
    last = max(number for number, line in enumerate(lines) if line.split()[0] == "FROM")
    if lines[last] != "FROM scratch":
        sys.exit(f"{DOCKERFILE}: the last stage is `{lines[last]}`; this script can only build `FROM scratch`")
    for line in lines[last + 1 :]:
        name, rest = line.split(maxsplit=1)
        yield name, rest


def nanoseconds(text):
    """Returns a duration such as 1m30s in nanoseconds."""
    units = {"ms": 10**6, "s": 10**9, "m": 60 * 10**9, "h": 3600 * 10**9}
    parts = re.findall(r"(\d+)(ms|s|m|h)", text)
    if "".join(map("".join, parts)) != text:
        sys.exit(f"{DOCKERFILE}: `{text}` is no duration that this script knows")
    return sum(int(number) * units[unit] for number, unit in parts)


def health_check(rest):
    options, _, command = rest.partition("CMD ")
    names = {"interval": "Interval", "timeout": "Timeout", "start-period": "StartPeriod", "start-interval": "StartInterval"}
    check = {"Test": ["CMD", *json.loads(command)]}
    for option in options.split():
        name, _, value = option.removeprefix("--").partition("=")
        if name == "retries":
            check["Retries"] = int(value)
        elif name in names:
            check[names[name]] = nanoseconds(value)
        else:
            sys.exit(f"{DOCKERFILE}: this script knows no HEALTHCHECK `{option}`")
    return check


def read_stage(arguments, binary):
    """Returns the image's configuration, and its files: target path to source."""
    config, files, values = {}, {}, {}

    def pairs(rest):
        for word in shlex.split(rest):
            name, _, value = word.partition("=")
            yield name, re.sub(r"\$\{?(\w+)\}?", lambda found: values[found[1]], value)

    for name, rest in instructions(DOCKERFILE.read_text(encoding="utf-8")):
        match name:
            case "ARG":
                for argument, default in pairs(rest):
                    values[argument] = arguments.pop(argument, default)
            case "LABEL":
                config.setdefault("Labels", {}).update(pairs(rest))
            case "ENV":
                config.setdefault("Env", []).extend(f"{key}={value}" for key, value in pairs(rest))
            case "COPY":
                stage, source, target = rest.split()
                if stage != "--from=build" or source not in {"/kosync", *BUILT}:
                    sys.exit(f"{DOCKERFILE}: `COPY {rest}` needs a line in BUILT of scripts/release/image.py")
                files[target] = binary if source == "/kosync" else BUILT[source]
            case "VOLUME":
                config.setdefault("Volumes", {})[rest] = {}
            case "EXPOSE":
                config.setdefault("ExposedPorts", {})[rest if "/" in rest else f"{rest}/tcp"] = {}
            case "HEALTHCHECK":
                config["Healthcheck"] = health_check(rest)
            case "ENTRYPOINT" | "CMD":
                config[name.capitalize()] = json.loads(rest)
            case _:
                sys.exit(f"{DOCKERFILE}: this script knows no `{name}`")
    if arguments:
        sys.exit(f"{DOCKERFILE}: the last stage has no ARG {', '.join(sorted(arguments))}")
    return config, files


def layer(files, epoch):
    """Packs files and their parent directories into a tar archive, owned by root."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as archive:

        def add(name, mode, data=None):
            entry = tarfile.TarInfo(name)
            entry.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
            entry.mode, entry.mtime, entry.size = mode, epoch, len(data or b"")
            archive.addfile(entry, io.BytesIO(data or b""))

        done = set()
        for target, source in sorted(files.items()):
            path = Path(target.lstrip("/"))
            for parent in reversed(path.parents[:-1]):
                if parent not in done:
                    add(str(parent), 0o755)
                    done.add(parent)
            if isinstance(source, int):
                add(str(path), source)
            else:
                add(str(path), 0o755 if source.stat().st_mode & stat.S_IXUSR else 0o644, source.read_bytes())
    return packed.getvalue()


def main():
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["version"]
    epoch = int(os.environ["SOURCE_DATE_EPOCH"])
    created = datetime.datetime.fromtimestamp(epoch, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    out = DIST / "image"
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)

    def blob(data, kind, name="{}"):
        digest = hashlib.sha256(data).hexdigest()
        (out / name.format(digest)).write_bytes(data)
        return {"mediaType": MEDIA + kind, "size": len(data), "digest": f"sha256:{digest}"}

    def text(value):
        return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()

    manifests = []
    for arch, home_assistant, platform in ARCHITECTURES:
        arguments = {"BUILD_VERSION": version, "BUILD_ARCH": home_assistant, "BUILD_DATE": created, "BUILD_REVISION": os.environ.get("REVISION", "unknown")}
        config, files = read_stage(arguments, DIST / arch / "kosync")
        files = layer(files, epoch)
        packed = blob(gzip.compress(files, mtime=0), "image.rootfs.diff.tar.gzip")
        rootfs = {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(files).hexdigest()}"]}
        history = [{"created": created, "created_by": "scripts/release/image.py"}]
        described = blob(text({**platform, "os": "linux", "created": created, "config": config, "rootfs": rootfs, "history": history}), "container.image.v1+json")
        manifest = {"schemaVersion": 2, "mediaType": f"{MEDIA}distribution.manifest.v2+json", "config": described, "layers": [packed]}
        entry = blob(text(manifest), "distribution.manifest.v2+json", "{}.manifest.json")
        manifests.append({**entry, "platform": {**platform, "os": "linux"}})
        print(f"image for {platform['architecture']}: {len(files)} bytes, {packed['size']} compressed")
        if len(files) > IMAGE_BYTES:
            sys.exit(f"the image has more than {IMAGE_BYTES} bytes")
    listed = text({"schemaVersion": 2, "mediaType": f"{MEDIA}distribution.manifest.list.v2+json", "manifests": manifests})
    (out / "manifest.json").write_bytes(listed)
    (out / "version").write_text("Directory Transport Version: 1.1\n")
    print(f"sha256:{hashlib.sha256(listed).hexdigest()}")


if __name__ == "__main__":
    main()
