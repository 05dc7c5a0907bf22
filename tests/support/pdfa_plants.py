"""Whether pdfa_rules.py finds what it is for: pdfa_plants.py DIR, TAP

A good update, with all that a visible seal brings, breaks no rule in any part; and with one thing changed it
breaks the one rule of that thing.
"""

import sys
from pathlib import Path

import pdfa_bases
import pdfa_rules

# Objects by number: 1 and 3 are the base's catalog and page, 5 its metadata.
GOOD = {
    1: "<< /Type /Catalog /Pages 2 0 R /Metadata 5 0 R /AcroForm << /Fields [6 0 R] /SigFlags 3 >> >>",
    3: f"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Annots [6 0 R] "
    f"/Resources << /ColorSpace << /G {pdfa_bases.GREY} >> >> >>",
    6: "<< /Type /Annot /Subtype /Widget /FT /Sig /T (Seal) /TU (Office) /V 16 0 R /F 132 /P 3 0 R "
    "/Rect [72 72 272 132] /AP << /N 7 0 R >> >>",
    7: ("/Type /XObject /Subtype /Form /BBox [0 0 200 60] /Resources << /ColorSpace << /C [/ICCBased 13 0 R] >> "
        "/Font << /F 8 0 R >> /XObject << /I 12 0 R >> >>",
        b"q /C cs 0 0 0 scn BT /F 9 Tf 1 1 Td <0001> Tj (a\\)b) Tj ET Q q 9 0 0 9 0 0 cm /I Do Q"),
    8: "<< /Type /Font /Subtype /Type0 /BaseFont /ABCDEF+Sans /Encoding /Identity-H /DescendantFonts [9 0 R] "
    "/ToUnicode 15 0 R >>",
    9: "<< /Type /Font /Subtype /CIDFontType2 /BaseFont /ABCDEF+Sans /FontDescriptor 10 0 R "
    "/CIDSystemInfo << /Registry (Adobe) /Ordering (Identity) /Supplement 0 >> /CIDToGIDMap /Identity >>",
    10: "<< /Type /FontDescriptor /FontName /ABCDEF+Sans /Flags 4 /FontFile2 11 0 R /CIDSet 14 0 R >>",
    11: ("/Length1 4", b"true"),
    12: ("/Type /XObject /Subtype /Image /Width 1 /Height 1 /BitsPerComponent 8 /ColorSpace [/ICCBased 13 0 R]",
         b"\0\0\0"),
    13: ("/N 3", pdfa_bases.icc_profile()),
    14: ("", b"\xc0"),
    15: ("", b"begincmap endcmap"),
    16: "<< /Type /Sig /Filter /Adobe.PPKLite /SubFilter /ETSI.CAdES.detached /ByteRange [0 1 2 3] "
    "/Contents <30030201> >>",
}

# What is wrong, the part, the object, its text and what stands there instead, the clause.
PLANTS = [
    ("/NeedAppearances", "1", 1, "/SigFlags 3", "/NeedAppearances true", "6.9"),
    ("/NeedAppearances", "4", 1, "/SigFlags 3", "/NeedAppearances true", "6.4.1"),
    ("XFA", "2", 1, "/SigFlags 3", "/XFA (x)", "6.4.2"),
    ("other metadata", "2", 1, "/Metadata 5 0 R", "/Metadata 15 0 R", "6.6.2.1"),
    ("no metadata", "1", 1, "/Metadata 5 0 R", "", "6.7.2"),
    ("a version", "4", 1, "/Metadata", "/Version /1.7 /Metadata", "6.1.12"),
    ("an output intent", "1", 1, "/Metadata", "/OutputIntents [] /Metadata", "6.2.2"),
    ("marked", "1", 1, "/Metadata", "/MarkInfo << >> /Metadata", "6.8.2.2"),
    ("/AA of the catalog", "2", 1, "/Metadata", "/AA << >> /Metadata", "6.5.2"),
    ("a permission", "2", 1, "/Metadata", "/Perms << /X 1 >> /Metadata", "6.1.12"),
    ("a digest in a reference", "3", 16, "/Contents", "/R [<< /TransformMethod /DocMDP /DigestMethod /MD5 >>] "
     "/Contents", "6.1.12"),
    ("an action", "1", 6, "/F 132", "/F 132 /A << >>", "6.6.1"),
    ("an action", "4", 6, "/F 132", "/F 132 /A << >>", "6.4.1"),
    ("triggers", "1", 6, "/F 132", "/F 132 /AA << >>", "6.6.2"),
    ("triggers", "2", 6, "/F 132", "/F 132 /AA << >>", "6.4.1"),
    ("no flags", "1", 6, "/F 132", "", "6.5.3"),
    ("not printed", "2", 6, "/F 132", "/F 128", "6.3.2"),
    ("hidden", "2", 6, "/F 132", "/F 6", "6.3.2"),
    ("not on screen", "1", 6, "/F 132", "/F 36", "6.5.3"),
    ("on screen at times", "4", 6, "/F 132", "/F 260", "6.3.2"),
    ("opacity of a widget", "1", 6, "/F 132", "/F 132 /CA .5", "6.5.3"),
    ("no look", "1", 6, "/AP << /N 7 0 R >>", "", "6.9"),
    ("no look", "2", 6, "/AP << /N 7 0 R >>", "", "6.3.3"),
    ("two looks", "4", 6, "/N 7 0 R", "/N 7 0 R /D 7 0 R", "6.3.3"),
    ("a look that is none", "2", 6, "/N 7 0 R", "/N << >>", "6.3.3"),
    ("a device colour", "1", 7, b"/C cs 0 0 0 scn", b"0 0 0 rg", "6.2.3.3"),
    ("a device colour for lines", "2", 7, b"/C cs 0 0 0 scn", b"0 0 0 1 K", "6.2.4.3"),
    ("a device colour by name", "4", 7, b"/C cs 0 0 0 scn", b"/DeviceGray cs 0 sc", "6.2.4.3"),
    ("a device colour in an image", "3", 12, "[/ICCBased 13 0 R]", "/DeviceRGB", "6.2.4.3"),
    ("a device colour as resource", "2", 7, "[/ICCBased 13 0 R]", "[/Indexed /DeviceRGB 0 <000000>]", "6.2.4.3"),
    ("a profile for grey", "2", 13, "/N 3", "/N 1", "6.2.4.2"),
    ("no profile", "1", 13, None, ("/N 3", b"none"), "6.2.3.2"),
    ("a soft mask", "1", 12, "/BitsPerComponent", "/SMask 12 0 R /BitsPerComponent", "6.4"),
    ("opacity", "1", 7, "/XObject << /I", "/ExtGState << /S << /ca .5 >> >> /XObject << /I", "6.4"),
    ("a blend mode", "1", 7, "/XObject << /I", "/ExtGState << /S << /BM /Multiply >> >> /XObject << /I", "6.4"),
    ("a group", "1", 7, "/BBox", "/Group << /S /Transparency >> /BBox", "6.4"),
    ("a soft mask, no blending space", "2", 12, "/BitsPerComponent", "/SMask 12 0 R /BitsPerComponent", "6.2.10"),
    ("opacity, no blending space", "4", 7, "/XObject << /I", "/ExtGState << /S << /ca .5 >> >> /XObject << /I",
     "6.2.9"),
    ("an interpolated image", "2", 12, "/BitsPerComponent", "/Interpolate true /BitsPerComponent", "6.2.8"),
    ("a reference XObject", "1", 7, "/BBox", "/Ref << >> /BBox", "6.2.5"),
    ("a missing font", "2", 7, b"/F 9 Tf", b"/G 9 Tf", "6.2.2"),
    ("a missing image", "1", 7, b"/I Do", b"/J Do", "6.2.10"),
    ("optional content", "1", 7, "/BBox", "/OC << /Type /OCG /Name (x) >> /BBox", "6.1.13"),
    ("a font that is not embedded", "1", 10, "/FontFile2 11 0 R", "", "6.3.4"),
    ("a font that is not embedded", "4", 10, "/FontFile2 11 0 R", "", "6.2.10.4.1"),
    ("no glyph map", "2", 9, "/CIDToGIDMap /Identity", "", "6.2.11.3.2"),
    ("a named character map", "3", 8, "/Identity-H", "/UniJIS-UTF16-H", "6.2.11.3.3"),
    ("no set of characters", "1", 10, "/CIDSet 14 0 R", "", "6.3.5"),
    ("no Unicode", "1U", 8, "/ToUnicode 15 0 R", "", "6.3.8"),
    ("no Unicode", "2U", 8, "/ToUnicode 15 0 R", "", "6.2.11.7.2"),
    ("LZW", "1", 14, "", "/Filter /LZWDecode", "6.1.10"),
    ("an encrypted stream", "2", 14, "", "/Filter [/Crypt]", "6.1.7.2"),
    ("JPEG 2000", "1", 12, "/BitsPerComponent", "/Filter /JPXDecode /BitsPerComponent", "6.1.10"),
    ("an external stream", "2", 15, "", "/F (x)", "6.1.7.1"),
    ("an odd string", "1", 16, "<30030201>", "<3003020>", "6.1.6"),
    ("a string of other digits", "4", 16, "<30030201>", "<300302xy>", "6.1.5"),
    ("a long string", "2", 16, "<30030201>", "<" + 32768 * "00" + ">", "6.1.13"),
    ("a longer string", "1", 16, "<30030201>", "<" + 65536 * "00" + ">", "6.1.12"),
    ("a long name", "1", 16, "/Filter /", "/" + 128 * "x" + " /Filter /", "6.1.12"),
    ("a large integer", "2", 16, "[0 1 2 3]", "[0 1 2 2147483648]", "6.1.13"),
    ("a container of objects", "1", 14, "", "/Type /ObjStm /N 0 /First 0", "6.1.4"),
    ("new metadata", "2", 15, "", "/Type /Metadata", "6.6.2.1"),
]

# The same of the octets of the update.
OCTETS = [
    ("an end", "1", b"%%EOF\n", b"%%EOF\n\n", "6.1.3"),
    ("more at the end", "4", b"%%EOF\n", b"%%EOF\n%%", "6.1.3"),
    ("no identifier", "2", b"/ID [<", b"/XD [<", "6.1.3"),
    ("another identifier", "1", b"/ID [<01", b"/ID [<02", "6.1.3"),
    ("encryption", "1", b"/ID [<", b"/Encrypt 77 0 R /ID [<", "6.1.3"),
    ("information", "4", b"/ID [<", b"/Info 16 0 R /ID [<", "6.1.3"),
    ("information", "2", b"/ID [<", b"/Info 16 0 R /ID [<", "6.6.2.1"),
    ("two lines before the table", "1", b"\nxref\n", b"\nxref\n\n", "6.1.4"),
    ("a wide table", "2", b"\nxref\n1 1", b"\nxref\n1  1", "6.1.4"),
    ("no line after obj", "1", b"6 0 obj\n", b"6 0 obj ", "6.1.8"),
    ("two spaces before obj", "2", b"\n6 0 obj", b"\n6 0  obj", "6.1.9"),
    ("no line after endobj", "4", b"endobj\n6 0", b"endobj 6 0", "6.1.8"),
    ("a lone return after stream", "1", b"stream\ntrue", b"stream\rtrue", "6.1.7"),
    ("no line before endstream", "2", b"true\nendstream", b"true endstream", "6.1.7.1"),
    ("a wrong length", "4", b"/Length 4 ", b"/Length 5 ", "6.1.6.1"),
]


def update(base, objects):
    """`base` with the objects in an update of its own."""
    out = base
    entries = []
    for number, body in objects.items():
        if isinstance(body, tuple):
            body = pdfa_bases.Stream(*body)
        entries.append(f"{number} 1\n{len(out):010d} 00000 n \n")
        out += f"{number} 0 obj\n".encode() + pdfa_bases.octets_of(body) + b"\nendobj\n"
    at, prev = len(out), base.rindex(b"xref\n0 ")
    identifier = "<0123456789abcdef0123456789abcdef>"
    trailer = f"<< /Size 17 /Root 1 0 R /ID [{identifier} {identifier}] /Prev {prev} >>"
    return out + f"xref\n{''.join(entries)}trailer\n{trailer}\nstartxref\n{at}\n%%EOF\n".encode()


def planted(number, old, new):
    body = GOOD[number]
    if old is None:
        body = new
    elif isinstance(old, bytes):
        body = (body[0], body[1].replace(old, new))
    elif isinstance(body, tuple):
        body = (body[0].replace(old, new) if old else f"{body[0]} {new}", body[1])
    else:
        body = body.replace(old, new)
    return {**GOOD, number: body}


class Tap:
    def __init__(self, folder):
        self.before, self.after = folder / "before.pdf", folder / "after.pdf"
        self.n = self.failed = 0

    def check(self, name, part, octets, wanted):
        """Every offence is against the clause; and there is one if one is wanted."""
        self.after.write_bytes(octets)
        found = pdfa_rules.offences(part, self.before, self.after)
        clauses = {line.partition(":")[0] for line in found}
        self.n += 1
        fine = clauses == ({wanted} if wanted else set())
        self.failed += not fine
        print(f"{'' if fine else 'not '}ok {self.n} - ISO 19005-{part}: {name}")
        for line in [] if fine else found or ["nothing found"]:
            print(f"# {line}")


def main():
    folder = Path(sys.argv[1])
    base = pdfa_bases.bases()["a1b"]
    tap = Tap(folder)
    tap.before.write_bytes(base)
    good = update(base, GOOD)
    for part in ("1", "1U", "2", "2U", "3", "4"):
        tap.check("a good update", part, good, None)
    for name, part, number, old, new, clause in PLANTS:
        tap.check(name, part, update(base, planted(number, old, new)), clause)
    for name, part, old, new, clause in OCTETS:
        at = good.index(old, len(base) - 1)
        tap.check(name, part, good[:at] + new + good[at + len(old) :], clause)
    tap.check("other octets before", "2", good.replace(b"re f", b"re F", 1), "6.1.3")
    print(f"1..{tap.n}")
    return tap.failed > 0


if __name__ == "__main__":
    sys.exit(main())
