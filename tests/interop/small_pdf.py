"""Writes the three small documents that are sealed: small_pdf.py DIR

table.pdf   cross-reference table, PDF 1.4
form.pdf    the same with an interactive form of one text field
two.pdf     two pages and an information dictionary
The caller makes a fourth, with object streams and a cross-reference stream, out of two.pdf with qpdf.
"""

import sys
from pathlib import Path

FONT = "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>"


def page(parent, font, contents, more=""):
    return (
        f"<< /Type /Page /Parent {parent} 0 R /MediaBox [0 0 595 842] "
        f"/Resources << /Font << /F1 {font} 0 R >> >> /Contents {contents} 0 R {more}>>"
    )


def text(words):
    drawing = f"BT /F1 24 Tf 72 720 Td ({words}) Tj ET"
    return f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream"


def serialised(version, objects, trailer):
    """The file: objects numbered from 1, object 1 the catalogue, one cross-reference table."""
    out = f"%PDF-{version}\n".encode() + b"%\xe2\xe3\xcf\xd3\n"
    entries = ["0000000000 65535 f "]
    for number, body in enumerate(objects, 1):
        entries.append(f"{len(out):010d} 00000 n ")
        out += f"{number} 0 obj\n{body}\nendobj\n".encode()
    table = "\n".join([f"xref\n0 {len(entries)}", *entries])
    identifier = "<" + version.encode().hex().ljust(32, "0") + ">"
    return out + (
        f"{table}\ntrailer\n<< /Size {len(entries)} /Root 1 0 R /ID [{identifier} {identifier}] "
        f"{trailer}>>\nstartxref\n{len(out)}\n%%EOF\n"
    ).encode()


def table():
    pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>"
    return ["<< /Type /Catalog /Pages 2 0 R >>", pages, page(2, 4, 5), FONT, text("A filing")]


def form():
    field = (
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (remark) /V (none) /DA (/F1 10 Tf 0 g) "
        "/Rect [72 600 300 620] /F 4 /P 3 0 R >>"
    )
    entry = "/AcroForm << /Fields [6 0 R] /DR << /Font << /F1 4 0 R >> >> /DA (/F1 10 Tf 0 g) >>"
    objects = table()
    objects[0] = f"<< /Type /Catalog /Pages 2 0 R {entry} >>"
    objects[2] = page(2, 4, 5, "/Annots [6 0 R] ")
    return objects + [field]


def two():
    pages = "<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>"
    objects = table()
    objects[1] = pages
    return objects + [page(2, 4, 7), text("Its second page"), "<< /Title (Two pages) >>"]


def main():
    folder = Path(sys.argv[1])
    (folder / "table.pdf").write_bytes(serialised("1.4", table(), ""))
    (folder / "form.pdf").write_bytes(serialised("1.7", form(), ""))
    (folder / "two.pdf").write_bytes(serialised("1.7", two(), "/Info 8 0 R "))


if __name__ == "__main__":
    main()
