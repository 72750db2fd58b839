#!/usr/bin/env python3
"""Draws icon.png and logo.png: an open book between two arrows that go round.

    addon/draw.py [FOLDER]      writes both, beside this file unless a folder is named

Nothing but Python's standard library, and no function of the C library's mathematics, whose last digit differs from machine to machine:
the pixels are the same everywhere. (The bytes are as zlib packs them; tests/addon/check.py compares pixels.)
"""

import struct
import sys
import zlib
from pathlib import Path

# Samples per pixel and direction; the edges are as smooth as that.
FINE = 6

# A background of our own under the icon, and a colour of middle brightness for the logo's letters: both are seen on light and on dark.
TEAL, PAGE, SHADE, INK, AMBER = (15, 118, 110), (255, 255, 255), (214, 232, 229), (124, 168, 162), (245, 158, 11)
LETTERS = (20, 150, 140)


def curve(a, control, b, steps=24):
    """Points from `a` to `b`, bent towards `control` (a quadratic Bézier curve)."""
    points = []
    for step in range(steps + 1):
        t = step / steps
        s = 1 - t
        points.append(tuple(s * s * a[i] + 2 * s * t * control[i] + t * t * b[i] for i in (0, 1)))
    return points


def arc(cx, cy, rx, ry, start, eighths):
    """Points on an ellipse, clockwise; 0 is its right end, 2 its foot, 4 its left end, 6 its top."""
    points, tangent, root = [], 0.41421356, 0.70710678  # of an eighth's half, and of one half
    for eighth in range(start, start + eighths):
        for step in range(9):
            t = tangent * step / 8
            x, y = (1 - t * t) / (1 + t * t), 2 * t / (1 + t * t)
            for _ in range(eighth % 8):
                x, y = root * (x - y), root * (x + y)
            points.append((cx + rx * x, cy + ry * y))
    return points


class Shape:
    """What is inside a box and a test, in one colour."""

    def __init__(self, colour, box, inside):
        self.colour, self.box, self.inside = colour, box, inside


def polygon(colour, points):
    edges = list(zip(points, points[1:] + points[:1]))

    def inside(x, y):
        odd = False
        for (ax, ay), (bx, by) in edges:
            if (ay > y) != (by > y) and x < ax + (y - ay) * (bx - ax) / (by - ay):
                odd = not odd
        return odd

    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Shape(colour, (min(xs), min(ys), max(xs), max(ys)), inside)


def line(colour, points, width):
    """A line with round ends and corners."""
    r = width / 2
    pieces = [(a, b) for a, b in zip(points, points[1:]) if a != b]

    def inside(x, y):
        for (ax, ay), (bx, by) in pieces:
            dx, dy = bx - ax, by - ay
            t = min(1, max(0, ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy)))
            ex, ey = x - ax - t * dx, y - ay - t * dy
            if ex * ex + ey * ey <= r * r:
                return True
        return False

    xs, ys = [x for x, _ in points], [y for _, y in points]
    return Shape(colour, (min(xs) - r, min(ys) - r, max(xs) + r, max(ys) + r), inside)


def disc(colour, cx, cy, r):
    return Shape(colour, (cx - r, cy - r, cx + r, cy + r), lambda x, y: (x - cx) ** 2 + (y - cy) ** 2 <= r * r)


def arrow(colour, cx, cy, r, width, sign):
    """Two fifths of a ring, and a head: over the middle to the right, or with a `sign` of -1 under it to the left."""
    inner, outer, reach = (r - width / 2) ** 2, (r + width / 2) ** 2, r + width

    def inside(x, y):
        x, y = sign * (x - cx), sign * (y - cy)
        # From the left end up to where the head stands, at 4 to the right and 3 up.
        return y < 0 and 3 * x < -4 * y and inner <= x * x + y * y <= outer

    size = 1.25 * width
    across, along = (0.8 * size, -0.6 * size), (0.6 * size, 0.8 * size)
    x, y = 0.8 * r, -0.6 * r
    head = [(x - across[0], y - across[1]), (x + across[0], y + across[1]), (x + 1.7 * along[0], y + 1.7 * along[1])]
    return [
        Shape(colour, (cx - reach, cy - reach, cx + reach, cy + reach), inside),
        polygon(colour, [(cx + sign * x, cy + sign * y) for x, y in head]),
    ]


def book(cx, cy, u):
    """An open book with a bookmark, twice 34 `u` wide; the colours are those that stand on the icon's teal."""

    def at(x, y):
        return (cx + x * u, cy + y * u)

    shapes = []
    for side in (-1, 1):
        top = curve(at(0, -15), at(side * 14, -26), at(side * 33, -19))
        foot = curve(at(side * 33, 19), at(side * 14, 12), at(0, 23))
        shapes.append(polygon(PAGE if side < 0 else SHADE, top + foot))
        for y in (-9, -1, 7):
            shapes.append(line(INK, curve(at(side * 7, y), at(side * 15, y - 7), at(side * 26, y - 4)), 2.6 * u))
    shapes.append(polygon(AMBER, [at(12, -21.7), at(22, -21.7), at(22, 3), at(17, -2), at(12, 3)]))
    return shapes


def emblem(cx, cy, r):
    u = r / 62
    return [disc(TEAL, cx, cy, r), *arrow(PAGE, cx, cy, 48 * u, 7 * u, 1), *arrow(PAGE, cx, cy, 48 * u, 7 * u, -1), *book(cx, cy, u)]


def letters(x, y, u):
    """`kosync` from the left end of its baseline, its small letters 10 `u` high."""

    def at(dx, dy):
        return (x + dx * u, y - dy * u)

    def bow(dx, dy, rx, ry, start, eighths):
        return arc(x + dx * u, y - dy * u, rx * u, ry * u, start, eighths)

    strokes = [
        *([at(0, 0), at(0, 16)], [at(7.5, 10), at(0.5, 4.6)], [at(2.8, 6.4), at(8, 0)]),  # k
        bow(16, 5, 5, 5, 0, 8),  # o
        bow(29, 7.6, 3.6, 2.4, 2, 5)[::-1] + bow(29, 2.6, 3.8, 2.6, 6, 5),  # s
        *([at(36.5, 10), at(41, 0)], [at(45.5, 10), at(39, -5)]),  # y
        *([at(50.5, 0), at(50.5, 10)], bow(54.7, 5.6, 4.2, 4.4, 4, 4) + [at(58.9, 0)]),  # n
        bow(68.5, 5, 5, 5, 1, 6),  # c
    ]
    return [line(LETTERS, points, 2.6 * u) for points in strokes]


def render(width, height, shapes):
    """The pixels, four bytes each: the last shape at a place is what one sees there."""
    rows = bytearray()
    for py in range(height):
        near_row = [s for s in shapes if s.box[1] <= py + 1 and s.box[3] >= py]
        for px in range(width):
            near = [s for s in reversed(near_row) if s.box[0] <= px + 1 and s.box[2] >= px]
            red = green = blue = count = 0
            for sample in range(FINE * FINE) if near else ():
                x, y = px + (sample % FINE + 0.5) / FINE, py + (sample // FINE + 0.5) / FINE
                for shape in near:
                    if shape.inside(x, y):
                        red, green, blue, count = red + shape.colour[0], green + shape.colour[1], blue + shape.colour[2], count + 1
                        break
            if count:
                rows += bytes(((c + count // 2) // count) for c in (red, green, blue)) + bytes((count * 255 // (FINE * FINE),))
            else:
                rows += b"\0\0\0\0"
    return bytes(rows)


def rows(width, pixels):
    """What is packed: each row after a 0, which says that it is as it is. The surfaces are flat, so this packs well."""
    stride = 4 * width
    return b"".join(b"\0" + pixels[at : at + stride] for at in range(0, len(pixels), stride))


def png(width, height, pixels):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows(width, pixels), 9)) + chunk(b"IEND", b"")


def pictures():
    """Name, width, height and pixels of each."""
    yield "icon.png", 128, 128, render(128, 128, emblem(64, 64, 62))
    yield "logo.png", 250, 100, render(250, 100, emblem(50, 50, 46) + letters(112, 62, 1.8))


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent
    for name, width, height, pixels in pictures():
        (folder / name).write_bytes(png(width, height, pixels))
