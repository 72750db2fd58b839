#!/usr/bin/env python3
"""Draws the PNG icons and favicon.ico from src/http/dashboard/assets/icon.svg.

By hand only, when the icon changes; the files are committed. Needs Debian's chromium, pngquant and optipng.
"""

import re
import struct
import subprocess
import tempfile
from pathlib import Path

ASSETS = Path(__file__).parent.parent / "src/http/dashboard/assets"

# Name, size in pixels, whether the ground fills the square, and the part of the width that the drawing takes. Systems cut the
# corners of the first and the last themselves; of a maskable icon they may keep a circle of 80 % only.
ICONS = [
    ("apple-touch-icon.png", 180, True, 0.9),
    ("icon-192.png", 192, False, 1.0),
    ("icon-512.png", 512, False, 1.0),
    ("icon-maskable.png", 512, True, 0.72),
]
FAVICON_SIZES = [16, 32, 48]


def drawing(fills_square: bool, part: float) -> str:
    svg = (ASSETS / "icon.svg").read_text()
    ground, shapes = re.fullmatch(r"<svg [^>]*>(<rect [^>]*/>)(.*)</svg>\s*", svg).groups()
    if fills_square:
        ground = re.sub(r' rx="[^"]*"', "", ground)
    margin = 16 * (1 - part)
    shapes = f'<g transform="translate({margin} {margin}) scale({part})">{shapes}</g>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32">{ground}{shapes}</svg>'


def render(svg: str, size: int, target: Path) -> None:
    with tempfile.TemporaryDirectory() as directory:
        page = Path(directory) / "icon.html"
        style = f"html, body {{ margin: 0 }} svg {{ display: block; width: {size}px; height: {size}px }}"
        page.write_text(f"<!DOCTYPE html><style>{style}</style>{svg}")
        # A window has a least size, so the picture is cut out of a larger one.
        shot = Path(directory) / "shot.png"
        options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--hide-scrollbars", "--no-proxy-server"]
        options += ["--default-background-color=00000000", "--force-device-scale-factor=1", "--window-size=800,800"]
        command = ["chromium", *options, f"--screenshot={shot}", page.as_uri()]
        subprocess.run(command, check=True, stderr=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
        cut(shot, size, target)
    colours = ["pngquant", "--force", "--ext", ".png", "--speed", "1", "--strip", "32", str(target)]
    subprocess.run(colours, check=True)
    subprocess.run(["optipng", "-quiet", "-o5", "-strip", "all", str(target)], check=True)


def cut(source: Path, size: int, target: Path) -> None:
    """Writes the top left corner of an 8-bit RGB or RGBA PNG."""
    import zlib

    data, position, compressed = source.read_bytes(), 8, b""
    while position < len(data):
        length, kind = struct.unpack(">I4s", data[position : position + 8])
        chunk = data[position + 8 : position + 8 + length]
        if kind == b"IHDR":
            width, height, depth, colour = struct.unpack(">IIBB", chunk[:10])
        elif kind == b"IDAT":
            compressed += chunk
        position += 12 + length
    assert depth == 8 and colour in (2, 6), (depth, colour)
    channels = 3 if colour == 2 else 4
    raw, stride = zlib.decompress(compressed), width * channels
    above, rows = bytearray(stride), []
    for row in range(size):
        start = row * (stride + 1)
        line, method = bytearray(raw[start + 1 : start + 1 + stride]), raw[start]
        for i in range(stride):
            left = line[i - channels] if i >= channels else 0
            corner = above[i - channels] if i >= channels else 0
            up = above[i]
            if method == 4:
                estimate = left + up - corner
                paeth = min((abs(estimate - left), 0, left), (abs(estimate - up), 1, up), (abs(estimate - corner), 2, corner))
            predicted = [0, left, up, (left + up) // 2, paeth[2] if method == 4 else 0][method]
            line[i] = (line[i] + predicted) & 255
        rows.append(b"\0" + bytes(line[: size * channels]))
        above = line

    def png_chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    header = struct.pack(">IIBBBBB", size, size, 8, colour, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"".join(rows), 9)), (b"IEND", b"")]
    target.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(png_chunk(*chunk) for chunk in chunks))


def write_favicon() -> None:
    """Writes favicon.ico: a directory of PNGs."""
    with tempfile.TemporaryDirectory() as directory:
        images = []
        for size in FAVICON_SIZES:
            target = Path(directory) / f"{size}.png"
            render(drawing(False, 1.0), size, target)
            images.append(target.read_bytes())
    offset, entries = 6 + 16 * len(images), b""
    for size, image in zip(FAVICON_SIZES, images):
        entries += struct.pack("<BBBBHHII", size, size, 0, 0, 1, 32, len(image), offset)
        offset += len(image)
    (ASSETS / "favicon.ico").write_bytes(struct.pack("<HHH", 0, 1, len(images)) + entries + b"".join(images))


for name, size, fills_square, part in ICONS:
    render(drawing(fills_square, part), size, ASSETS / name)
write_favicon()
for path in sorted(ASSETS.iterdir()):
    print(path.stat().st_size, path.name)
