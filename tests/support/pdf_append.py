#!/usr/bin/env python3
"""Saves a PDF once more, as any program may: appends objects and a cross-reference table.

Usage: pdf_append.py IN OUT EDIT...
  NUM=BODY          object NUM is BODY from now on (a new one, or another)
  NUM~OLD~NEW       object NUM as it is, with NEW in place of OLD, which must be there
  NUM+DICT+DATA     object NUM is a stream: entries DICT, content DATA

For plain files of the tests: no object streams, tables only. What is encrypted stays so: no strings or
streams then.
"""
import re
import sys


def latest(pdf, num):
    found = list(re.finditer(rb"(?<![0-9])%d 0 obj\b(.*?)\bendobj" % num, pdf, re.S))
    if not found:
        sys.exit(f"no object {num}")
    return found[-1].group(1).strip()


def body_of(pdf, num, kind, rest):
    if kind == "=":
        return rest.encode()
    if kind == "+":
        entries, data = rest.split("+", 1)
        return b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries.encode(), len(data.encode()), data.encode())
    old, new = rest.split("~", 1)
    body = latest(pdf, num)
    if old.encode() not in body:
        sys.exit(f"object {num} is without {old!r}: {body!r}")
    return body.replace(old.encode(), new.encode())


def main():
    source, target, *edits = sys.argv[1:]
    pdf = open(source, "rb").read()
    out = bytearray(pdf)
    prev = int(re.findall(rb"startxref\s+(\d+)", pdf)[-1])
    root = re.findall(rb"/Root (\d+ 0 R)", pdf)[-1]
    kept = b"".join(m.group(0) + b" " for m in re.finditer(rb"/Encrypt \d+ 0 R|/ID ?\[[^]]*\]", pdf[prev:]))
    size = max(int(n) for n in re.findall(rb"/Size (\d+)", pdf))
    entries = []
    for edit in edits:
        num, kind, rest = re.match(r"(\d+)([=~+])(.*)", edit, re.S).groups()
        entries.append((int(num), len(out)))
        out += b"%d 0 obj\n%s\nendobj\n" % (int(num), body_of(pdf, int(num), kind, rest))
        kept = b"".join(m.group(0) + b" " for m in re.finditer(rb"/Encrypt \d+ 0 R|/ID ?\[[^]]*\]", pdf[prev:]))
    size = max(size, int(num) + 1)
    start = len(out)
    out += b"xref\n"
    for num, offset in sorted(entries):
        out += b"%d 1\n%010d 00000 n \n" % (num, offset)
    out += b"trailer\n<< /Size %d /Root %s %s/Prev %d >>\nstartxref\n%d\n%%%%EOF\n" % (size, root, kept, prev, start)
    open(target, "wb").write(out)


main()
