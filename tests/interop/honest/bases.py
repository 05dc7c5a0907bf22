"""Documents that Bulla seals and other programs change afterwards.

A form of every kind of field, on two pages, with an outline, metadata and an empty signature field; as a
cross-reference table, and packed into streams by qpdf.
"""

import subprocess
import sys
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent))
import small_pdf  # noqa: E402

METADATA = (
    '<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF '
    'xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about="" '
    'xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:CreatorTool="none"/></rdf:RDF></x:xmpmeta>'
    '<?xpacket end="w"?>'
)


def stream(dictionary, data):
    return f"<< {dictionary} /Length {len(data)} >>\nstream\n{data}\nendstream"


def widget(name, kind, y, more):
    return (
        f"<< /Type /Annot /Subtype /Widget /FT {kind} /T ({name}) /TU ({name}) /Rect [72 {y} 300 {y + 20}] "
        f"/F 4 /P 3 0 R {more} >>"
    )


def form():
    """Catalogue 1, page 3, font 4; fields from 9."""
    look = stream("/Type /XObject /Subtype /Form /BBox [0 0 228 20]", "/Tx BMC EMC")
    return [
        "<< /Type /Catalog /Pages 2 0 R /Metadata 8 0 R /AcroForm << /Fields [9 0 R 10 0 R 11 0 R 12 0 R] "
        "/DR << /Font << /F1 4 0 R >> >> /DA (/F1 10 Tf 0 g) >> >>",
        "<< /Type /Pages /Kids [3 0 R 6 0 R] /Count 2 >>",
        small_pdf.page(2, 4, 5, "/Annots [9 0 R 10 0 R 11 0 R 12 0 R] "),
        small_pdf.FONT,
        small_pdf.text("A filing"),
        small_pdf.page(2, 4, 7),
        small_pdf.text("Its second page"),
        stream("/Type /Metadata /Subtype /XML", METADATA),
        widget("remark", "/Tx", 600, "/V (none) /DA (/F1 10 Tf 0 g) /AP << /N 13 0 R >>"),
        widget("agreed", "/Btn", 570, "/V /Off /AS /Off /AP << /N << /Yes 13 0 R /Off 13 0 R >> >>"),
        widget("office", "/Ch", 540, "/Opt [(north) (south)] /V (north) /DA (/F1 10 Tf 0 g) /Ff 131072"),
        widget("witness", "/Sig", 480, ""),
        look,
    ]


def write(folder):
    """{name: path} of what is to be sealed."""
    table, packed = folder / "in-table.pdf", folder / "in-stream.pdf"
    table.write_bytes(small_pdf.serialised("1.7", form(), ""))
    subprocess.run(["qpdf", "--object-streams=generate", table, packed], check=True)
    return {"table": table, "stream": packed}


# Name: the document, and the seal's options.
SEALS = {
    "approval": ("table", ["--level", "B-B"]),
    "stream": ("stream", ["--level", "B-B"]),
    "visible": ("stream", ["--level", "B-T", "--visible", "2", "--look", "official"]),
    "archived": ("stream", ["--level", "B-LTA"]),
    "P1": ("table", ["--level", "B-B", "--certify", "1"]),
    "P2": ("table", ["--level", "B-B", "--certify", "2"]),
    "P2-stream": ("stream", ["--level", "B-LT", "--certify", "2"]),
    "P3": ("table", ["--level", "B-B", "--certify", "3"]),
    "locked": ("table", ["--level", "B-B", "--lock", "include", "--lock-field", "remark"]),
}
