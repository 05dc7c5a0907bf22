"""The rules of PDF/A that an incremental update can break, without a validator.

pdfa_rules.py PART BEFORE AFTER     prints "clause: what" per offence of the update; exit status 1 if any

PART is 1, 1A, 2, 2A, 2U, 3, 4, ...: the part of ISO 19005 and, for parts 1 to 3, A or U where its demands
on text hold. The octets are read here, the objects by qpdf. What stood in BEFORE is not judged.
"""

import base64
import json
import re
import subprocess
import sys
from pathlib import Path

WHITE = b"\0\t\n\f\r "
EOL = rb"(?:\r\n|\n|\r)"
DEVICE = {"DeviceGray": "Gray", "DeviceRGB": "RGB", "DeviceCMYK": "CMYK"}
OPERATORS = {"g": "DeviceGray", "rg": "DeviceRGB", "k": "DeviceCMYK"}
FILTERS = {"ASCIIHexDecode", "ASCII85Decode", "RunLengthDecode", "CCITTFaxDecode", "FlateDecode", "DCTDecode"}

RULES = []


def rule(part1, part2, part4):
    """The clause in ISO 19005-1, in -2 and -3, in -4; None where it says nothing."""

    def keep(function):
        RULES.append(({"1": part1, "2": part2, "3": part2, "4": part4}, function))
        return function

    return keep


class Update:
    """What AFTER has and BEFORE has not."""

    def __init__(self, part, before, after):
        self.part, self.level = part[0], part[1:]
        old, new = Path(before).read_bytes(), Path(after).read_bytes()
        self.is_appended = new.startswith(old)
        self.octets = new[len(old) :]
        self.was, self.now = read(before), read(after)
        heads = re.findall(rb"(?:^|[\r\n])(\d+) (\d+) obj", self.octets)
        names = {f"obj:{int(n)} {int(g)} R" for n, g in heads}
        self.objects = {name: self.now[name] for name in sorted(names) if name in self.now}
        self.hex_strings = re.findall(rb"(?<!<)<([^<>]*)>(?!>)", bare(self.octets))

    def value(self, v):
        """What a reference leads to: a value, or a stream's dictionary."""
        for _ in range(8):
            if not (isinstance(v, str) and re.fullmatch(r"\d+ \d+ R", v)):
                break
            found = self.now.get(f"obj:{v}", {})
            v = found["stream"]["dict"] if "stream" in found else found.get("value")
        return v

    def get(self, v, *keys):
        for key in keys:
            v = self.value(v)
            v = v.get(key) if isinstance(v, dict) else None
        return self.value(v)

    def dicts(self):
        """(name, dictionary) of every dictionary in the update, at any depth."""
        for name, entry in self.objects.items():
            yield from inside(name, entry["stream"]["dict"] if "stream" in entry else entry.get("value"))

    def streams(self):
        return {n: e["stream"] for n, e in self.objects.items() if "stream" in e}

    def new(self, **entries):
        """Dictionaries with these entries; "" for any value."""
        for name, d in self.dicts():
            if all(f"/{k}" in d and v in ("", self.value(d[f"/{k}"])) for k, v in entries.items()):
                yield name, d

    def widgets(self):
        return self.new(Subtype="/Widget")

    def catalog(self, side=None):
        side = side or self.now
        return side[f"obj:{side['trailer']['value']['/Root']}"]["value"]

    def content(self, name):
        """Operators of a content stream with their operands."""
        data = re.sub(rb"\((?:\\.|[^()\\])*\)|<[^<>]*>", b"", self.streams()[name]["bytes"])
        operands = []
        for token in data.decode("latin-1").split():
            if re.fullmatch(r"[A-Za-z'\"*]+[0-9*]?", token):
                yield token, operands
                operands = []
            else:
                operands.append(token)

    def forms(self):
        return [n for n, s in self.streams().items() if s["dict"].get("/Subtype") == "/Form"]


def read(path):
    command = ["qpdf", "--json=2", "--json-key=qpdf", "--json-stream-data=inline", "--decode-level=generalized"]
    done = subprocess.run([*command, path], capture_output=True, check=False)
    objects = json.loads(done.stdout)["qpdf"][1]
    for entry in objects.values():
        if "stream" in entry:
            entry["stream"]["bytes"] = base64.b64decode(entry["stream"].get("data", ""))
    return objects


def bare(octets):
    """Without the data of streams and without literal strings."""
    octets = re.sub(rb"stream\r?\n.*?endstream", b"", octets, flags=re.S)
    return re.sub(rb"\((?:\\.|[^()\\])*\)", b"", octets, flags=re.S)


def inside(name, v):
    if isinstance(v, dict):
        yield name, v
    for one in v.values() if isinstance(v, dict) else v if isinstance(v, list) else ():
        yield from inside(name, one)


def listed(v):
    return v if isinstance(v, list) else [] if v is None else [v]


# -- the file --------------------------------------------------------------------------------------
@rule("6.1.3", "6.1.3", "6.1.3")
def file_end(u):
    if not u.is_appended:
        yield "the input is not the beginning of the output"
    if not re.search(rb"%%EOF" + EOL + rb"?\Z", u.octets):
        yield "something follows the last %%EOF"


@rule("6.1.3", "6.1.3", "6.1.3")
def trailer(u):
    old, new = u.was["trailer"]["value"], u.now["trailer"]["value"]
    if listed(new.get("/ID"))[:1] != listed(old.get("/ID"))[:1] or "/ID" not in new:
        yield "/ID was lost or replaced"
    if re.search(rb"/Encrypt\b", bare(u.octets)):
        yield "/Encrypt"
    if u.part == "4" and "/Info" in new and "/Info" not in old:
        yield "/Info was added"


@rule("6.1.4", "6.1.4", "6.1.4")
def cross_references(u):
    tables = re.findall(rb"(?<![a-z])xref(.*?)trailer", u.octets, flags=re.S)
    for table in tables:
        if not re.fullmatch(EOL + rb"(\d+ \d+" + EOL + rb"(\d{10} \d{5} [nf](?: \r| \n|\r\n))*)+", table):
            yield "a table of another form"


@rule("6.1.4", None, None)
def only_tables(u):
    for kind in ("/XRef", "/ObjStm"):
        if any(True for _ in u.new(Type=kind)):
            yield f"a stream of type {kind}"


@rule("6.1.6", "6.1.6", "6.1.5")
def hexadecimal_strings(u):
    for text in u.hex_strings:
        digits = bytes(c for c in text if c not in WHITE)
        if len(digits) % 2:
            yield "an odd number of digits"
        if not re.fullmatch(rb"[0-9A-Fa-f]*", digits):
            yield "a digit that is none"


@rule("6.1.7", "6.1.7.1", "6.1.6.1")
def stream_objects(u):
    for head in re.finditer(rb"/Length (\d+)[^>]*>>(\s*)stream(\r\n|\n|.)", u.octets, flags=re.S):
        end = head.end() + int(head[1])
        if head[3] not in (b"\r\n", b"\n"):
            yield "stream is followed by no end of line"
        elif not re.match(EOL + rb"endstream", u.octets[end : end + 11]):
            yield "/Length is wrong, or no end of line before endstream"
    for name, stream in u.streams().items():
        if stream["dict"].keys() & {"/F", "/FFilter", "/FDecodeParms"}:
            yield f"{name}: an external stream"


@rule("6.1.8", "6.1.9", "6.1.8")
def indirect_objects(u):
    text = bare(u.octets)
    heads = len(re.findall(rb"(?<=[\r\n])\d+[\0\t\n\f\r ]\d+[\0\t\n\f\r ]obj" + EOL, b"\n" + text))
    ends = len(re.findall(EOL + rb"endobj" + EOL, text))
    if heads != len(re.findall(rb"(?<!end)obj(?![a-z])", text)):
        yield "the head of an object stands elsewhere than on a line of its own"
    if ends != text.count(b"endobj"):
        yield "endobj stands elsewhere than on a line of its own"


@rule("6.1.10", "6.1.7.2", "6.1.6.2")
def filters(u):
    # Of the octets: qpdf drops the filters that it knows.
    for value in re.findall(rb"/Filter\s*(\[[^\]]*\]|/\w+(?![\w.]))", bare(u.octets)):
        for one in re.findall(r"/(\w+)", value.decode()):
            if one not in FILTERS and not (one == "JPXDecode" and u.part != "1"):
                yield one


@rule("6.1.12", "6.1.13", None)
def limits(u):
    longest = 65535 if u.part == "1" else 32767
    if any(len(text) // 2 > longest for text in u.hex_strings):
        yield f"a string of more than {longest} octets"
    for name in re.findall(rb"/([^\0\t\n\f\r ()<>\[\]{}/%]+)", bare(u.octets)):
        if len(name) > 127:
            yield "a name of more than 127 octets"
    numbers = re.sub(rb"<[^<>]*>|\d{10} \d{5} [nf]", b"", bare(u.octets))
    for number in re.findall(rb"(?<![\w.])-?\d+(?![\w.])", numbers):
        if abs(int(number)) > 2147483647:
            yield f"the integer {number.decode()}"


# -- the document ----------------------------------------------------------------------------------
@rule("6.7.2", "6.6.2.1", "6.7.2.1")
def metadata(u):
    if u.catalog().get("/Metadata") != u.catalog(u.was).get("/Metadata"):
        yield "the catalog's /Metadata is another"
    for name, _ in u.new(Type="/Metadata"):
        yield f"{name}: metadata were written again"


@rule("6.7.3", "6.6.2.1", "6.1.3")
def information(u):
    old = u.was["trailer"]["value"].get("/Info")
    if u.now["trailer"]["value"].get("/Info") != old or f"obj:{old}" in u.objects:
        yield "/Info and the metadata are no longer in step"


@rule("6.1.2", "6.1.2", "6.1.12")
def version(u):
    if u.catalog().get("/Version") != u.catalog(u.was).get("/Version"):
        yield "the catalog's /Version is another"


@rule("6.2.2", "6.2.3", "6.2.3")
def output_intents(u):
    if u.catalog().get("/OutputIntents") != u.catalog(u.was).get("/OutputIntents"):
        yield "/OutputIntents are others"


@rule("6.8.2.2", "6.7.2.2", None)
def marked(u):
    for key in ("/MarkInfo", "/StructTreeRoot", "/Lang"):
        if u.catalog().get(key) != u.catalog(u.was).get(key):
            yield f"{key} is another"


@rule("6.6.2", "6.5.2", "6.6.3")
def catalog_actions(u):
    for key in ("/AA", "/OpenAction", "/OCProperties", "/Names", "/Requirements"):
        if u.catalog().get(key) != u.catalog(u.was).get(key):
            yield f"the catalog's {key} is another"


@rule(None, "6.1.12", "6.1.11")
def permissions(u):
    for key in (u.get(u.catalog(), "/Perms") or {}).keys() - {"/UR3", "/DocMDP"}:
        yield f"/Perms {key}"
    for name, reference in u.new(TransformMethod=""):
        if u.part != "4" and reference.keys() & {"/DigestLocation", "/DigestMethod", "/DigestValue"}:
            yield f"{name}: a digest in a signature reference"


# -- fields and annotations ------------------------------------------------------------------------
@rule("6.9", "6.4.1", "6.4.1")
def form(u):
    if u.get(u.catalog(), "/AcroForm", "/NeedAppearances") not in (None, False):
        yield "/NeedAppearances"


@rule("6.9", "6.4.2", "6.4.2")
def no_xfa(u):
    if u.get(u.catalog(), "/AcroForm", "/XFA") != u.get(u.was and u.catalog(u.was), "/AcroForm", "/XFA"):
        yield "/XFA is another"


@rule("6.6.1", "6.4.1", "6.4.1")
def widget_actions(u):
    for name, widget in u.widgets():
        if "/A" in widget:
            yield f"{name}: /A"


@rule("6.6.2", "6.4.1", None)
def widget_triggers(u):
    for name, widget in list(u.widgets()) + list(u.new(FT="")):
        if "/AA" in widget:
            yield f"{name}: /AA"


@rule("6.5.3", "6.3.2", "6.3.2")
def flags(u):
    for name, widget in u.widgets():
        f = u.value(widget.get("/F"))
        hidden = 1 | 2 | 32 | (256 if u.part != "1" else 0)
        if not isinstance(f, int):
            yield f"{name}: no /F"
        elif not f & 4:
            yield f"{name}: is not printed"
        elif f & hidden:
            yield f"{name}: Hidden, Invisible, NoView or ToggleNoView"


@rule("6.5.3", None, None)
def annotation_opacity(u):
    for name, widget in u.widgets():
        if u.value(widget.get("/CA")) not in (None, 1, 1.0):
            yield f"{name}: /CA"


@rule("6.9", "6.3.3", "6.3.3")
def appearance(u):
    for name, widget in u.widgets():
        rect, look = u.value(widget["/Rect"]), u.value(widget.get("/AP"))
        is_empty = rect[0] == rect[2] and rect[1] == rect[3]
        if look is None and (u.part == "1" or not is_empty):
            yield f"{name}: no /AP"
        if look is not None and set(look) != {"/N"}:
            yield f"{name}: /AP holds {' '.join(look)}"
        if look is not None and "stream" not in u.now.get(f"obj:{look.get('/N')}", {}):
            yield f"{name}: /N is no stream"


# -- what is drawn ---------------------------------------------------------------------------------
@rule("6.2.3.3", "6.2.4.3", "6.2.4.3")
def device_colours(u):
    intents = [u.get(i, "/DestOutputProfile", "/N") for i in u.get(u.catalog(), "/OutputIntents") or []]
    kept = {3: {"DeviceRGB", "DeviceGray"}, 4: {"DeviceCMYK", "DeviceGray"}, 1: {"DeviceGray"}}
    allowed = set().union(*(kept.get(n, set()) for n in intents))
    for name, space in used_spaces(u):
        if space in DEVICE and space not in allowed:
            yield f"{name}: {space}"


def used_spaces(u):
    """(name, device space) of every operator, image and resource that has no default in its stead."""
    for name in u.forms():
        spaces = u.get(u.streams()[name]["dict"], "/Resources", "/ColorSpace") or {}
        for operator, operands in u.content(name):
            space = OPERATORS.get(operator.lower())
            if operator.lower() == "cs" and operands:
                space = operands[-1][1:]
            if space in DEVICE and f"/Default{DEVICE[space]}" not in spaces:
                yield name, space
    for name, image in u.new(Subtype="/Image"):
        if not image.get("/ImageMask"):
            yield name, str(base_space(u, image.get("/ColorSpace")))[1:]
    for name, d in u.new(ColorSpace=""):
        for key, space in d["/ColorSpace"].items() if isinstance(d["/ColorSpace"], dict) else ():
            if not key.startswith("/Default"):
                yield name, str(base_space(u, space))[1:]


def base_space(u, space):
    space = u.value(space)
    while isinstance(space, list) and len(space) > 1 and space[0] in ("/Indexed", "/Pattern"):
        space = u.value(space[1])
    return space


@rule("6.2.3.2", "6.2.4.2", "6.2.4.2")
def profiles(u):
    for name, entry in u.objects.items():
        for array in arrays(entry.get("value") or entry.get("stream", {}).get("dict")):
            if array[:1] != ["/ICCBased"]:
                continue
            profile = u.now.get(f"obj:{array[1]}", {}).get("stream", {})
            data, n = profile.get("bytes", b""), profile.get("dict", {}).get("/N")
            spaces = {b"GRAY": 1, b"RGB ": 3, b"CMYK": 4, b"Lab ": 3}
            if data[36:40] != b"acsp" or spaces.get(data[16:20]) != n:
                yield f"{name}: no profile, or one for another number of colours"
            elif data[8] > (2 if u.part == "1" else 4):
                yield f"{name}: a profile of version {data[8]}"


def arrays(v):
    if isinstance(v, list):
        yield v
    for one in v.values() if isinstance(v, dict) else v if isinstance(v, list) else ():
        yield from arrays(one)


@rule("6.4", None, None)
def transparency(u):
    for name, d in u.dicts():
        if d.get("/SMask", "/None") != "/None":
            yield f"{name}: /SMask"
        if d.get("/Type") != "/Annot" and any(u.value(d.get(k, 1)) not in (1, 1.0) for k in ("/CA", "/ca")):
            yield f"{name}: /CA or /ca"
        if d.get("/BM", "/Normal") not in ("/Normal", "/Compatible"):
            yield f"{name}: /BM"
        if u.get(d, "/Group", "/S") == "/Transparency":
            yield f"{name}: a transparency group"
        if d.get("/SMaskInData", 0):
            yield f"{name}: /SMaskInData"


@rule(None, "6.2.10", "6.2.9")
def blending_space(u):
    """Without an output intent a page with transparency says in what colours it blends."""
    seen = [n for n, d in u.dicts() if d.get("/SMask", "/None") != "/None" or u.value(d.get("/ca", 1)) != 1]
    for _, widget in u.widgets() if seen and not u.get(u.catalog(), "/OutputIntents") else ():
        if u.get(widget, "/P", "/Group", "/CS") is None and u.value(widget["/Rect"])[:2] != [0, 0]:
            yield f"{seen[0]}: transparency on a page without /Group /CS"


@rule("6.2.4", "6.2.8", "6.2.7.1")
def images(u):
    for name, image in u.new(Subtype="/Image"):
        if image.keys() & {"/Alternates", "/OPI"} or image.get("/Interpolate"):
            yield f"{name}: /Alternates, /OPI or /Interpolate"


@rule("6.2.5", "6.2.9", "6.2.8")
def form_xobjects(u):
    for name in u.forms():
        if u.streams()[name]["dict"].keys() & {"/OPI", "/PS", "/Subtype2", "/Ref"}:
            yield f"{name}: /OPI, /PS, /Subtype2 or /Ref"
    for name, _ in u.new(Subtype="/PS"):
        yield f"{name}: PostScript"


@rule("6.2.10", "6.2.2", "6.2.2")
def resources(u):
    """Each named resource is in the form's own dictionary."""
    kinds = {"Do": "/XObject", "gs": "/ExtGState", "Tf": "/Font", "cs": "/ColorSpace", "CS": "/ColorSpace"}
    for name in u.forms():
        for operator, operands in u.content(name):
            names = [one for one in operands if one.startswith("/")]
            if operator not in kinds or not names or names[0][1:] in DEVICE or names[0] == "/Pattern":
                continue
            if names[0] not in (u.get(u.streams()[name]["dict"], "/Resources", kinds[operator]) or {}):
                yield f"{name}: {names[0]} of {operator} is missing"


@rule("6.1.13", "6.9", "6.10")
def optional_content(u):
    for name, _ in list(u.new(OC="")) + list(u.new(Type="/OCG")):
        yield f"{name}: optional content"


# -- fonts -----------------------------------------------------------------------------------------
@rule("6.3.4", "6.2.11.4.1", "6.2.10.4.1")
def embedded_fonts(u):
    for name, font in u.new(Type="/Font"):
        if font.get("/Subtype") in ("/Type0", "/Type3"):
            continue
        descriptor = u.value(font.get("/FontDescriptor")) or {}
        if not descriptor.keys() & {"/FontFile", "/FontFile2", "/FontFile3"}:
            yield f"{name}: not embedded"


@rule("6.3.3.2", "6.2.11.3.2", "6.2.10.3.2")
def glyph_maps(u):
    for name, font in u.new(Type="/Font", Subtype="/CIDFontType2"):
        if "/CIDToGIDMap" not in font:
            yield f"{name}: no /CIDToGIDMap"


@rule("6.3.3.3", "6.2.11.3.3", "6.2.10.3.3")
def character_maps(u):
    for name, font in u.new(Type="/Font", Subtype="/Type0"):
        encoding = u.value(font.get("/Encoding"))
        if isinstance(encoding, str) and encoding not in ("/Identity-H", "/Identity-V"):
            yield f"{name}: {encoding} is not embedded"


@rule("6.3.5", None, None)
def character_sets(u):
    for name, font in u.new(Type="/Font", FontDescriptor=""):
        is_subset = re.match(r"/[A-Z]{6}\+", font.get("/BaseFont", ""))
        key = "/CIDSet" if "CIDFont" in font.get("/Subtype", "") else "/CharSet"
        if is_subset and font.get("/Subtype") != "/TrueType" and key not in u.value(font["/FontDescriptor"]):
            yield f"{name}: a subset without {key}"


@rule("6.3.8", "6.2.11.7.2", None)
def unicode_maps(u):
    for name, font in u.new(Type="/Font") if u.level else ():
        if font.get("/Subtype") == "/Type0" and "/ToUnicode" not in font:
            yield f"{name}: no /ToUnicode"


# -- structure -------------------------------------------------------------------------------------
@rule("6.8.3", "6.7.3", None)
def tagged_widgets(u):
    """A visible field of a tagged document has its place in the structure (level A)."""
    tree = u.get(u.catalog(), "/StructTreeRoot", "/ParentTree")
    for name, widget in u.widgets() if u.level == "A" else ():
        rect = u.value(widget["/Rect"])
        if rect[0] == rect[2] or rect[1] == rect[3]:
            continue
        element = u.value(by_number(u, tree, widget.get("/StructParent")))
        kids = listed(u.value((element or {}).get("/K")))
        held = [k for k in map(u.value, kids) if isinstance(k, dict) and f"obj:{k.get('/Obj')}" == name]
        if not held or element.get("/S") != "/Form":
            yield f"{name}: no Form element refers to it"
        if not widget.get("/TU"):
            yield f"{name}: no /TU"


def by_number(u, node, key):
    """The value in a number tree, found by /Limits."""
    node = u.value(node)
    numbers = u.value((node or {}).get("/Nums")) or []
    pairs = dict(zip(numbers[::2], numbers[1::2]))
    if key in pairs:
        return pairs[key]
    for kid in u.value((node or {}).get("/Kids")) or []:
        low, high = u.get(kid, "/Limits") or (0, -1)
        if key is not None and low <= key <= high:
            return by_number(u, kid, key)
    return None


def offences(part, before, after):
    u = Update(part, before, after)
    return [f"{clauses[u.part]}: {what}" for clauses, find in RULES if clauses[u.part] for what in find(u)]


def main():
    found = offences(*sys.argv[1:4])
    for line in found:
        print(f"ISO 19005-{sys.argv[1][0]} {line}")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
