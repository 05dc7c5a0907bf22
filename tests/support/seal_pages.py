#!/usr/bin/env python3
"""Pages to put visible seals on, a picture, and a look at what was printed.

seal_pages.py make DIR            portrait.pdf landscape.pdf rotated90.pdf ... and picture.png
seal_pages.py ink BEFORE AFTER    where two PPM pictures of a page differ: "left top right bottom" in
                                  pixels, the last two exclusive; "none" when they do not
seal_pages.py within L T R B  l t r b [SLACK]   the second box lies in the first
"""
import os
import struct
import sys
import zlib

A4 = "/MediaBox [0 0 595 842]"
CROP = "/MediaBox [0 0 595 842] /CropBox [60 90 500 700]"
# name: (entries of the page, entries of the page tree, field's entries or None)
PAGES = {
    "portrait": (A4, "", None),
    "landscape": ("/MediaBox [0 0 842 595]", "", None),
    "rotated90": (A4 + " /Rotate 90", "", None),
    "rotated180": (A4 + " /Rotate 180", "", None),
    "rotated270": (A4, "/Rotate 270", None),
    "cropped": (CROP, "", None),
    "cropped90": (CROP + " /Rotate 90", "", None),
    "cropped270": ("", CROP + " /Rotate -90", None),
    "reversed": ("/MediaBox [595 842 -20.5 -30]", "", None),
    "unit": ("/MediaBox [0 0 297.5 421] /UserUnit 2", "", None),
    "field": (A4, "", "/Rect [50 700 270 770]"),
    "field90": (A4 + " /Rotate 90", "", "/Rect [500 50 570 270] /MK << /R 90 >>"),
    "hidden": (A4, "", "/Rect [0 0 0 0]"),
}
TEXT = b"BT /F 14 Tf 100 400 Td (Signed for the Contract Office:) Tj 0 -60 Td (Office) Tj ET"


def pdf(page, tree, field):
    catalog = "/AcroForm << /Fields [6 0 R] >>" if field else ""
    annots = "/Annots [6 0 R]" if field else ""
    objects = [
        f"<< /Type /Catalog /Pages 2 0 R {catalog} >>".encode(),
        f"<< /Type /Pages /Kids [3 0 R] /Count 1 {tree} >>".encode(),
        f"<< /Type /Page /Parent 2 0 R {page} {annots} /Contents 4 0 R "
        "/Resources << /Font << /F 5 0 R >> >> >>".encode(),
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(TEXT), TEXT),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    if field:
        objects.append(
            f"<< /Type /Annot /Subtype /Widget /FT /Sig /T (Office) /P 3 0 R /F 4 {field} >>".encode()
        )
    out = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for i, body in enumerate(objects):
        offsets.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (i + 1, body)
    at = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    out += b"".join(b"%010d 00000 n \n" % o for o in offsets)
    return out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, at)


def png(width, height, pixel):
    """Colours with alpha."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + b"".join(bytes(pixel(x, y)) for x in range(width)) for y in range(height))
    head = struct.pack(">IIBBBBB", width, height, 8, 6, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def emblem(x, y):
    """A ring around a disc, soft at its edges, on nothing."""
    r = ((x - 99.5) ** 2 + (y - 99.5) ** 2) ** 0.5
    edge = max(0.0, min(1.0, 98 - r))
    gold = 78 < r < 84 or r < 40 and (abs(x - 99.5) < 8 or abs(y - 99.5) < 8)
    return (198, 156, 60, int(255 * edge)) if gold else (26, 56, 107, int(255 * edge))


def make(folder):
    for name, parts in PAGES.items():
        with open(os.path.join(folder, name + ".pdf"), "wb") as f:
            f.write(pdf(*parts))
    with open(os.path.join(folder, "picture.png"), "wb") as f:
        f.write(png(200, 200, emblem))


def ppm(path):
    with open(path, "rb") as f:
        data = f.read()
    fields = []
    at = 0
    while len(fields) < 4:
        while data[at:at + 1].isspace():
            at += 1
        end = at
        while not data[end:end + 1].isspace():
            end += 1
        fields.append(data[at:end])
        at = end
    if fields[0] != b"P6" or fields[3] != b"255":
        sys.exit(f"{path}: no PPM")
    width, height = int(fields[1]), int(fields[2])
    return width, height, data[at + 1:at + 1 + 3 * width * height]


def ink(before, after):
    w, h, a = ppm(before)
    w2, h2, b = ppm(after)
    if (w, h) != (w2, h2):
        sys.exit("pictures of different sizes")
    left, top, right, bottom = w, h, 0, 0
    for y in range(h):
        row_a, row_b = a[3 * w * y:3 * w * (y + 1)], b[3 * w * y:3 * w * (y + 1)]
        if row_a == row_b:
            continue
        columns = [x for x in range(w) if row_a[3 * x:3 * x + 3] != row_b[3 * x:3 * x + 3]]
        left, right = min(left, columns[0]), max(right, columns[-1] + 1)
        top, bottom = min(top, y), y + 1
    return None if right == 0 else (left, top, right, bottom)


def main(args):
    if args[0] == "make":
        make(args[1])
    elif args[0] == "ink":
        print(*(ink(args[1], args[2]) or ["none"]))
    elif args[0] == "within":
        outer, inner = [float(v) for v in args[1:5]], [float(v) for v in args[5:9]]
        slack = float(args[9]) if len(args) > 9 else 1
        inside = all(o - slack <= i for o, i in zip(outer[:2], inner[:2]))
        inside = inside and all(i <= o + slack for o, i in zip(outer[2:], inner[2:]))
        if not inside:
            print(f"{inner} is not within {outer}")
        sys.exit(not inside)


main(sys.argv[1:])
