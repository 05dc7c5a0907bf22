#!/usr/bin/env python3
"""Looks into a PNG of 8-bit RGB, by the rules of ISO/IEC 15948.

Usage: png_pixels.py FILE size            WIDTH HEIGHT
       png_pixels.py FILE at X Y          RRGGBB
       png_pixels.py FILE count RRGGBB    how many pixels have this colour
       png_pixels.py FILE other FILE2     how many pixels are other ones in the second file
"""
import struct
import sys
import zlib


def rows(name):
    data = open(name, "rb").read()
    assert data[:8] == b"\x89PNG\r\n\x1a\n", name
    at, packed, width, height = 8, b"", 0, 0
    while at < len(data):
        n, kind = struct.unpack(">I4s", data[at : at + 8])
        body = data[at + 8 : at + 8 + n]
        assert zlib.crc32(kind + body) == struct.unpack(">I", data[at + 8 + n : at + 12 + n])[0], kind
        at += 12 + n
        if kind == b"IHDR":
            width, height, depth, colour, _, _, interlaced = struct.unpack(">IIBBBBB", body)
            assert (depth, colour, interlaced) == (8, 2, 0), (depth, colour, interlaced)
        elif kind == b"IDAT":
            packed += body
    raw, stride, before, out = zlib.decompress(packed), 3 * width, bytes(3 * width), []
    for y in range(height):
        kind, line = raw[y * (stride + 1)], bytearray(raw[y * (stride + 1) + 1 : (y + 1) * (stride + 1)])
        for i in range(stride):
            a, b, c = line[i - 3] if i > 2 else 0, before[i], before[i - 3] if i > 2 else 0
            p = a + b - c
            paeth = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
            line[i] = (line[i] + (0, a, b, (a + b) // 2, paeth)[kind]) & 255
        out.append([line[i : i + 3].hex() for i in range(0, stride, 3)])
        before = bytes(line)
    return out


def main():
    what, args = sys.argv[2], sys.argv[3:]
    if what == "size":
        print(*struct.unpack(">II", open(sys.argv[1], "rb").read(24)[16:]))
        return
    picture = rows(sys.argv[1])
    if what == "at":
        print(picture[int(args[1])][int(args[0])])
    elif what == "count":
        print(sum(row.count(args[0]) for row in picture))
    else:
        print(sum(a != b for x, y in zip(picture, rows(args[0])) for a, b in zip(x, y)))


main()
