#!/usr/bin/env python3
"""Checks or changes where the project lives: the `repository` of Cargo.toml, and every other file that names it.

    scripts/owner.py               checks that all files name the repository of Cargo.toml; exits with 1 if one does not
    scripts/owner.py OWNER/NAME    writes another one into all of them

The image is called kosync, at the same owner; .github/workflows/release.yml pushes it.
"""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
IMAGE = "kosync"
# What stands before OWNER/NAME: links (also in a regular expression, and in a link's query), flake references, gh's options.
BEFORE = r"github\\?\.com/|github\.com%2F|githubusercontent\.com/|github:|--repo |GH_REPO="
PLACE = re.compile(rf"(?P<before>{BEFORE})(?P<owner>[\w-]+)(?P<slash>/|%2F)(?P<name>[\w-]+)")
PACKAGE = re.compile(rf"(?P<before>ghcr\.io/)(?P<owner>[\w-]+)(?P<slash>/)(?P<name>{IMAGE}\b)")


def repository():
    """Returns owner and name of the repository that Cargo.toml names."""
    url = tomllib.loads((ROOT / "Cargo.toml").read_text())["package"]["repository"]
    found = re.fullmatch(r"https://github\.com/([\w-]+)/([\w-]+)", url)
    if not found:
        sys.exit(f"Cargo.toml: the repository is {url!r}; write https://github.com/OWNER/NAME")
    return found.groups()


def texts():
    """Yields the tracked and the new files that are text, each with its content."""
    listed = subprocess.run(["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, capture_output=True, check=True)
    for name in listed.stdout.decode().split("\0"):
        path = ROOT / name
        if name and path.is_file() and not path.is_symlink():
            try:
                yield path, path.read_text(encoding="utf-8")
            except UnicodeDecodeError:
                pass


def faults(owner, name):
    """Yields a line for each place that names another owner or another repository of this project."""
    for path, text in texts():
        for number, line in enumerate(text.splitlines(), 1):
            for found in PLACE.finditer(line):
                if found["name"] in {name, IMAGE} and (found["owner"], found["name"]) != (owner, name):
                    yield f"{path.relative_to(ROOT)}:{number}: {found['owner']}/{found['name']} is not {owner}/{name} of Cargo.toml"
            for found in PACKAGE.finditer(line):
                if found["owner"] != owner.lower():
                    yield f"{path.relative_to(ROOT)}:{number}: {found[0]} is not the image of {owner} of Cargo.toml"


def change(old, new):
    def place(found):
        if (found["owner"], found["name"]) != old:
            return found[0]
        return found["before"] + new[0] + found["slash"] + new[1]

    def package(found):
        owner = new[0].lower() if found["owner"] == old[0].lower() else found["owner"]
        return found["before"] + owner + found["slash"] + found["name"]

    for path, text in texts():
        changed = PACKAGE.sub(package, PLACE.sub(place, text))
        if changed != text:
            path.write_text(changed, encoding="utf-8")
            print(path.relative_to(ROOT))


def main():
    if sys.argv[1:]:
        new = re.fullmatch(r"([\w-]+)/([\w-]+)", sys.argv[1])
        if not new or len(sys.argv) > 2:
            sys.exit("usage: scripts/owner.py [OWNER/NAME]")
        change(repository(), new.groups())
    found = list(faults(*repository()))
    for fault in found:
        print(fault, file=sys.stderr)
    if found:
        sys.exit("Write the repository of Cargo.toml there, or change it everywhere: scripts/owner.py OWNER/NAME")


if __name__ == "__main__":
    main()
