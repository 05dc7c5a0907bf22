"""Writes small PDF/A documents to seal: pdfa_bases.py DIR; pdfa_bases.py --pictures DIR writes opaque.png
and alpha.png.

a1b           PDF/A-1b (ISO 19005-1), no output intent, so device colours are not allowed
a1b-rgb       the same with an sRGB output intent
a1a           PDF/A-1a: tagged, number tree of one node
a2b           PDF/A-2b (ISO 19005-2), cross-reference stream, no output intent
a2a           PDF/A-2a and PDF/UA-1: tagged, with a form; number tree with /Kids and /Limits
a2u           PDF/A-2u, page turned by 90 degrees, cropped
a3b           PDF/A-3b (ISO 19005-3) with an attachment
a4            PDF/A-4 (ISO 19005-4) on PDF 2.0, sRGB output intent
a4-table      PDF/A-4 with a cross-reference table, no output intent
odd-tags      like a1a, but its parent tree is no number tree: it is sealed without a tag

veraPDF confirms in `make interop` that all but the last conform. Nothing is drawn with a font: what a
seal adds must bring its own.
"""

import struct
import sys
import zlib
from pathlib import Path


class Stream:
    def __init__(self, dictionary, data):
        self.dictionary, self.data = dictionary, data

    def octets(self):
        head = f"<< {self.dictionary} /Length {len(self.data)} >>\nstream\n"
        return head.encode() + self.data + b"\nendstream"


# -- colour ----------------------------------------------------------------------------------------
def icc_profile():
    """A display profile for RGB: primaries of sRGB adapted to D50, gamma 2.2 (ICC.1:2001-04)."""

    def xyz(*values):
        return b"XYZ \0\0\0\0" + b"".join(struct.pack(">i", round(v * 65536)) for v in values)

    text = b"plain RGB"
    described = b"desc\0\0\0\0" + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(78)
    curve = b"curv\0\0\0\0" + struct.pack(">IH", 1, round(2.2 * 256))
    tags = {
        b"desc": described,
        b"cprt": b"text\0\0\0\0none\0",
        b"wtpt": xyz(0.9642, 1.0, 0.8249),
        b"rXYZ": xyz(0.4361, 0.2225, 0.0139),
        b"gXYZ": xyz(0.3851, 0.7169, 0.0971),
        b"bXYZ": xyz(0.1431, 0.0606, 0.7141),
        b"rTRC": curve,
        b"gTRC": curve,
        b"bTRC": curve,
    }
    table, data, at = struct.pack(">I", len(tags)), b"", 128 + 4 + 12 * len(tags)
    for name, value in tags.items():
        value += bytes(-len(value) % 4)
        table += name + struct.pack(">II", at + len(data), len(value))
        data += value
    header = struct.pack(">I4sI4s4s4s", at + len(data), b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ")
    header += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + bytes(28)
    header += b"".join(struct.pack(">i", round(v * 65536)) for v in (0.9642, 1.0, 0.8249))
    return header + bytes(128 - len(header)) + table + data


INTENT = "<< /Type /OutputIntent /S /GTS_PDFA1 /OutputConditionIdentifier (sRGB) /DestOutputProfile {} 0 R >>"


# -- metadata --------------------------------------------------------------------------------------
def metadata(part, conformance, title=None, accessible=False):
    level = f' pdfaid:conformance="{conformance}"' if conformance else ' pdfaid:rev="2020"'
    ua = ' xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"' if accessible else ""
    name = (
        "<dc:title><rdf:Alt><rdf:li xml:lang='x-default'>" + title + "</rdf:li></rdf:Alt></dc:title>"
        if title
        else ""
    )
    packet = f"""<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/"
 xmlns:dc="http://purl.org/dc/elements/1.1/" pdfaid:part="{part}"{level}{ua}>{name}{EXTENSION if accessible else ""}</rdf:Description>
</rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
    return Stream("/Type /Metadata /Subtype /XML", packet.encode())


# PDF/A knows no pdfuaid: it is described as an extension (ISO 19005-2 6.6.2.3.3).
EXTENSION = """
<pdfaExtension:schemas xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#" xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#">
<rdf:Bag><rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category><pdfaProperty:description>Part</pdfaProperty:description>
</rdf:li></rdf:Seq></pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas>"""


# -- files -----------------------------------------------------------------------------------------
def octets_of(body):
    return body.octets() if isinstance(body, Stream) else body.encode()


def serialised(version, objects, packed=False):
    """Objects numbered from 1, object 1 the catalogue; a cross-reference table or stream."""
    out = f"%PDF-{version}\n".encode() + b"%\xe2\xe3\xcf\xd3\n"
    offsets = []
    for number, body in enumerate(objects, 1):
        offsets.append(len(out))
        out += f"{number} 0 obj\n".encode() + octets_of(body) + b"\nendobj\n"
    at, more = len(out), "/Root 1 0 R /ID [<0123456789abcdef0123456789abcdef> <0123456789abcdef0123456789abcdef>]"
    if packed:
        offsets.append(at)
        rows = struct.pack(">BIH", 0, 0, 65535) + b"".join(struct.pack(">BIH", 1, o, 0) for o in offsets)
        head = f"/Type /XRef /W [1 4 2] /Size {len(offsets) + 1} /Filter /FlateDecode {more}"
        out += f"{len(offsets)} 0 obj\n".encode() + Stream(head, zlib.compress(rows)).octets() + b"\nendobj\n"
    else:
        out += f"xref\n0 {len(offsets) + 1}\n0000000000 65535 f \n".encode()
        out += b"".join(f"{o:010d} 00000 n \n".encode() for o in offsets)
        out += f"trailer\n<< /Size {len(offsets) + 1} {more} >>\n".encode()
    return out + f"startxref\n{at}\n%%EOF\n".encode()


GREY = "[/CalGray << /WhitePoint [0.9505 1 1.089] /Gamma 2.2 >>]"


def document(part, conformance, page="", catalog="", drawing=None, more=(), **about):
    """Catalogue, page tree, page, content, metadata, and more from object 6."""
    drawing = drawing or b"/G cs 0.4 scn 72 700 200 40 re f"
    return [
        f"<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R {catalog} >>",
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R {page} "
        f"/Resources << /ColorSpace << /G {GREY} >> >> >>",
        Stream("", drawing),
        metadata(part, conformance, **about),
        *more,
    ]


def with_intent(part, conformance):
    profile = Stream("/N 3 /Filter /FlateDecode", zlib.compress(icc_profile()))
    intent = f"/OutputIntents [{INTENT.format(6)}]"
    drawing = b"0.2 0.3 0.6 rg 72 700 200 40 re f"
    return document(part, conformance, catalog=intent, drawing=drawing, more=[profile])


TAGGED = b"/Figure << /MCID 0 >> BDC /G cs 0.4 scn 72 700 200 40 re f EMC"
# Structure: 6 the root, 7 the document's element, 8 a figure.
ELEMENTS = [
    "<< /Type /StructElem /S /Document /P 6 0 R /K [8 0 R{}] >>",
    "<< /Type /StructElem /S /Figure /P 7 0 R /Pg 3 0 R /K 0 /Alt (A grey bar) /A << /O /Layout "
    "/BBox [72 700 272 740] /Placement /Block >> >>",
]
MARKED = "/MarkInfo << /Marked true >> /StructTreeRoot 6 0 R /Lang (en)"


def tagged(part, conformance, tree="<< /Nums [0 [8 0 R]] >>"):
    root = f"<< /Type /StructTreeRoot /K 7 0 R /ParentTree {tree} /ParentTreeNextKey 1 >>"
    return document(
        part,
        conformance,
        page="/StructParents 0 /Tabs /S",
        catalog=MARKED,
        drawing=TAGGED,
        more=[root, ELEMENTS[0].format(""), ELEMENTS[1]],
    )


def tagged_form():
    """An empty field without a look, tagged, in a number tree of three nodes."""
    root = "<< /Type /StructTreeRoot /K [7 0 R] /ParentTree 9 0 R /ParentTreeNextKey 2 >>"
    tree = [
        "<< /Kids [10 0 R 11 0 R] >>",
        "<< /Limits [0 0] /Nums [0 [8 0 R]] >>",
        "<< /Limits [1 1] /Nums [1 12 0 R] >>",
        "<< /Type /StructElem /S /Form /P 7 0 R /K [<< /Type /OBJR /Obj 13 0 R /Pg 3 0 R >>] >>",
    ]
    field = (
        "<< /Type /Annot /Subtype /Widget /FT /Tx /T (remark) /TU (Remark) /F 4 /Rect [72 600 272 620] "
        "/P 3 0 R /StructParent 1 /DA (/G cs 0 scn) /AP << /N 14 0 R >> >>"
    )
    look = Stream("/Type /XObject /Subtype /Form /BBox [0 0 200 20]", b"/Tx BMC EMC")
    return document(
        2,
        "A",
        page="/StructParents 0 /Tabs /S /Annots [13 0 R]",
        catalog=MARKED + " /AcroForm << /Fields [13 0 R] >> /ViewerPreferences << /DisplayDocTitle true >>",
        drawing=TAGGED,
        more=[root, ELEMENTS[0].format(" 12 0 R"), ELEMENTS[1], *tree, field, look],
        title="Form",
        accessible=True,
    )


def with_attachment():
    file = Stream(
        "/Type /EmbeddedFile /Subtype /text#2Fplain /Params << /ModDate (D:20260101000000Z) >>", b"data"
    )
    spec = (
        "<< /Type /Filespec /F (data.txt) /UF (data.txt) /Desc (data) /AFRelationship /Data "
        "/EF << /F 6 0 R /UF 6 0 R >> >>"
    )
    names = "/AF [7 0 R] /Names << /EmbeddedFiles << /Names [(data.txt) 7 0 R] >> >>"
    return document(3, "B", catalog=names, more=[file, spec])


def bases():
    turned = "/Rotate 90 /CropBox [36 36 559 806]"
    return {
        "a1b": serialised("1.4", document(1, "B")),
        "a1b-rgb": serialised("1.4", with_intent(1, "B")),
        "a1a": serialised("1.4", tagged(1, "A")),
        "a2b": serialised("1.7", document(2, "B"), packed=True),
        "a2a": serialised("1.7", tagged_form()),
        "a2u": serialised("1.6", document(2, "U", page=turned)),
        "a3b": serialised("1.7", with_attachment()),
        "a4": serialised("2.0", with_intent(4, ""), packed=True),
        "a4-table": serialised("2.0", document(4, "")),
        "odd-tags": serialised("1.4", tagged(1, "A", tree="[0 8 0 R]")),
    }


def png(kind, pixel):
    """8 by 8 pixels of 8 bits; kind 2: RGB, 6: RGB with alpha."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 8, 8, 8, kind, 0, 0, 0)
    data = zlib.compress(8 * (b"\0" + 8 * pixel))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


def main():
    folder = Path(sys.argv[-1])
    if sys.argv[1] == "--pictures":
        (folder / "opaque.png").write_bytes(png(2, b"\x20\x40\x90"))
        (folder / "alpha.png").write_bytes(png(6, b"\x20\x40\x90\x60"))
        return
    for name, octets in bases().items():
        (folder / f"{name}.pdf").write_bytes(octets)


if __name__ == "__main__":
    main()
