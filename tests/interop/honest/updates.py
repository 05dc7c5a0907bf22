"""What other programs do to a sealed document, each as a function of (source path, target path, world).

pyHanko, pypdf and PyMuPDF append; qpdf writes the document anew. Nothing here means harm: whether the
seal allows it is the question.
"""

import asyncio
import io
import subprocess

import pymupdf
import pypdf
from pyhanko import stamp
from pyhanko.pdf_utils import embed, generic
from pyhanko.pdf_utils.generic import pdf_name, pdf_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign import fields, signers
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko.sign.validation import async_add_validation_info
from pyhanko_certvalidator import ValidationContext
from pypdf import actions, annotations

UPDATES = {}


def update(name):
    def keep(function):
        UPDATES[name] = function
        return function

    return keep


# -- pyHanko ---------------------------------------------------------------------------------------
def context(world):
    return ValidationContext(trust_roots=world.roots, allow_fetching=True, revocation_mode="require")


def signer(world):
    return signers.SimpleSigner.load_pkcs12(world.p12, passphrase=world.password)


def signed(source, target, world, field="Second", *, style=None, stamper=None, spec=None, **settings):
    with open(source, "rb") as file:
        writer = IncrementalPdfFileWriter(file)
        author = signers.PdfSigner(
            signers.PdfSignatureMetadata(field_name=field, **settings),
            signer=signer(world),
            timestamper=stamper,
            stamp_style=style,
            new_field_spec=spec,
        )
        target.write_bytes(asyncio.run(author.async_sign_pdf(writer)).getbuffer())


def written(source, target, change):
    """The change made through pyHanko's writer."""
    with open(source, "rb") as file:
        writer = IncrementalPdfFileWriter(file)
        change(writer)
        out = io.BytesIO()
        writer.write(out)
        target.write_bytes(out.getvalue())


def fields_by_name(writer):
    return {str(f.get_object()["/T"]): f.get_object() for f in writer.root["/AcroForm"]["/Fields"]}


@update("pyhanko sign")
def _(source, target, world):
    signed(source, target, world)


@update("pyhanko sign visible")
def _(source, target, world):
    box = fields.SigFieldSpec("Second", on_page=1, box=(72, 72, 272, 132))
    signed(source, target, world, style=stamp.TextStampStyle(stamp_text="Signed by %(signer)s"), spec=box)


@update("pyhanko sign existing field")
def _(source, target, world):
    signed(source, target, world, "witness", style=stamp.TextStampStyle(stamp_text="%(signer)s"))


@update("pyhanko sign B-LTA")
def _(source, target, world):
    signed(
        source,
        target,
        world,
        stamper=HTTPTimeStamper(world.tsa),
        subfilter=fields.SigSeedSubFilter.PADES,
        embed_validation_info=True,
        use_pades_lta=True,
        validation_context=context(world),
    )


@update("pyhanko sign and lock")
def _(source, target, world):
    lock = fields.FieldMDPSpec(fields.FieldMDPAction.ALL)
    spec = fields.SigFieldSpec("Second", box=(72, 72, 272, 132), field_mdp_spec=lock)
    signed(source, target, world, spec=spec)


@update("pyhanko sign twice")
def _(source, target, world):
    middle = target.with_suffix(".1")
    signed(source, middle, world)
    signed(middle, target, world, "Third")


@update("pyhanko timestamp")
def _(source, target, world):
    with open(source, "rb") as file:
        work = signers.PdfTimeStamper(HTTPTimeStamper(world.tsa)).async_timestamp_pdf(
            IncrementalPdfFileWriter(file), "sha256"
        )
        target.write_bytes(asyncio.run(work).getbuffer())


@update("pyhanko DSS")
def _(source, target, world):
    with open(source, "rb") as file:
        one = PdfFileReader(file).embedded_signatures[0]
        out = asyncio.run(async_add_validation_info(one, context(world), force_write=True))
        target.write_bytes(out.getbuffer())


@update("pyhanko new field")
def _(source, target, _world):
    spec = fields.SigFieldSpec("Later", box=(72, 72, 272, 132))
    written(source, target, lambda writer: fields.append_signature_field(writer, spec))


@update("pyhanko new field, then sign")
def _(source, target, world):
    middle = target.with_suffix(".1")
    spec = fields.SigFieldSpec("Later", box=(72, 72, 272, 132))
    written(source, middle, lambda writer: fields.append_signature_field(writer, spec))
    signed(middle, target, world, "Later")


@update("pyhanko fill text")
def _(source, target, _world):
    def change(writer):
        field = fields_by_name(writer)["remark"]
        look = generic.StreamObject(
            {
                pdf_name("/Type"): pdf_name("/XObject"),
                pdf_name("/Subtype"): pdf_name("/Form"),
                pdf_name("/BBox"): generic.ArrayObject(map(generic.NumberObject, (0, 0, 228, 20))),
                pdf_name("/Resources"): writer.root["/AcroForm"]["/DR"],
            },
            stream_data=b"/Tx BMC q BT /F1 10 Tf 0 g 2 6 Td (seen) Tj ET Q EMC",
        )
        field["/V"] = pdf_string("seen")
        field["/AP"] = generic.DictionaryObject({pdf_name("/N"): writer.add_object(look)})
        writer.update_container(field)

    written(source, target, change)


@update("pyhanko fill check box")
def _(source, target, _world):
    def change(writer):
        field = fields_by_name(writer)["agreed"]
        field["/V"] = field["/AS"] = pdf_name("/Yes")
        writer.update_container(field)

    written(source, target, change)


@update("pyhanko fill, then sign")
def _(source, target, world):
    middle = target.with_suffix(".1")
    UPDATES["pyhanko fill check box"](source, middle, world)
    signed(middle, target, world)


@update("pyhanko attachment")
def _(source, target, _world):
    def change(writer):
        data = embed.EmbeddedFileObject.from_file_data(writer, b"data", mime_type="text/plain")
        embed.embed_file(writer, embed.FileSpec("data.txt", embedded_data=data))

    written(source, target, change)


@update("pyhanko stamp on the page")
def _(source, target, _world):
    def change(writer):
        stamp.TextStamp(writer, stamp.TextStampStyle(stamp_text="RECEIVED")).apply(0, 72, 100)

    written(source, target, change)


@update("pyhanko information")
def _(source, target, _world):
    written(source, target, lambda writer: setattr(writer.document_meta, "title", "Filed"))


# -- pypdf -----------------------------------------------------------------------------------------
def by_pypdf(source, target, change):
    writer = pypdf.PdfWriter(str(source), incremental=True)
    change(writer)
    writer.write(str(target))


def pypdf_update(name):
    def keep(change):
        UPDATES[f"pypdf {name}"] = lambda source, target, _world: by_pypdf(source, target, change)
        return change

    return keep


def filled(writer, values, **settings):
    writer.update_page_form_field_values(writer.pages[0], values, **settings)


pypdf_update("saves again")(lambda writer: None)
pypdf_update("fill text")(lambda w: filled(w, {"remark": "seen"}, auto_regenerate=False))
pypdf_update("fill choice")(lambda w: filled(w, {"office": "south"}, auto_regenerate=False))
pypdf_update("fill check box")(lambda w: filled(w, {"agreed": "/Yes"}, auto_regenerate=False))
pypdf_update("fill, readers draw")(lambda w: filled(w, {"remark": "seen"}, auto_regenerate=True))
pypdf_update("information")(lambda writer: writer.add_metadata({"/Title": "Filed"}))
pypdf_update("attachment")(lambda writer: writer.add_attachment("data.txt", b"data"))
pypdf_update("outline")(lambda writer: writer.add_outline_item("Start", 0))
pypdf_update("turn a page")(lambda writer: writer.pages[0].rotate(90))
pypdf_update("blank page")(lambda writer: writer.add_blank_page(595, 842))
pypdf_update("script")(lambda writer: writer.add_open_action(actions.JavaScript("this.print();")))
pypdf_update("note")(
    lambda writer: writer.add_annotation(0, annotations.Text(text="seen", rect=(400, 400, 420, 420)))
)
pypdf_update("free text")(
    lambda writer: writer.add_annotation(0, annotations.FreeText(text="seen", rect=(400, 400, 500, 420)))
)
pypdf_update("link")(
    lambda writer: writer.add_annotation(
        0, annotations.Link(rect=(400, 300, 500, 320), url="https://example.org/")
    )
)


# -- PyMuPDF ---------------------------------------------------------------------------------------
def mupdf_update(name):
    def keep(change):
        def run(source, target, _world):
            target.write_bytes(source.read_bytes())
            document = pymupdf.open(target)
            change(document)
            document.saveIncr()
            document.close()

        UPDATES[f"mupdf {name}"] = run
        return change

    return keep


def widget_of(document, name):
    # Some operations fail when the page is collected before its widget.
    page = document[0]
    return page, next(one for one in page.widgets() if one.field_name == name)


def fill(name, value):
    def change(document):
        page, widget = widget_of(document, name)
        widget.field_value = value
        widget.update()
        del page

    return change


mupdf_update("fill text")(fill("remark", "seen"))
mupdf_update("fill choice")(fill("office", "south"))
mupdf_update("fill check box")(fill("agreed", True))
mupdf_update("information")(lambda document: document.set_metadata({"title": "Filed"}))
mupdf_update("metadata")(lambda document: document.set_xml_metadata(document.get_xml_metadata() + " "))
mupdf_update("note")(lambda document: document[0].add_text_annot((400, 400), "seen") and None)
mupdf_update("highlight")(lambda document: document[0].add_highlight_annot((72, 700, 200, 760)) and None)
mupdf_update("ink")(lambda document: document[0].add_ink_annot([[(400, 400), (420, 420)]]) and None)
mupdf_update("stamp")(lambda document: document[0].add_stamp_annot((400, 400, 500, 440)) and None)
mupdf_update("attachment")(lambda document: document.embfile_add("data.txt", b"data"))
mupdf_update("outline")(lambda document: document.set_toc([[1, "Start", 1]]))
mupdf_update("text on the page")(lambda document: document[0].insert_text((72, 200), "more"))
mupdf_update("delete a page")(lambda document: document.delete_page(1))


@mupdf_update("link")
def _(document):
    box = pymupdf.Rect(400, 300, 500, 320)
    document[0].insert_link({"kind": pymupdf.LINK_URI, "from": box, "uri": "https://example.org/"})


@mupdf_update("new text field")
def _(document):
    widget = pymupdf.Widget()
    widget.field_name, widget.field_type = "more", pymupdf.PDF_WIDGET_TYPE_TEXT
    widget.rect, widget.field_value = pymupdf.Rect(400, 300, 500, 320), "more"
    document[0].add_widget(widget)


# -- qpdf, Bulla -----------------------------------------------------------------------------------
def qpdf_update(name, *options):
    def run(source, target, _world):
        # Status 3 means warnings.
        done = subprocess.run(["qpdf", *options, source, target], capture_output=True, text=True, check=False)
        if done.returncode not in (0, 3):
            raise RuntimeError(done.stderr)

    UPDATES[f"qpdf {name}"] = run


qpdf_update("saves again")
qpdf_update("linearises", "--linearize")
qpdf_update("unpacks", "--object-streams=disable", "--stream-data=uncompress")


def bulla_update(name, *options):
    def run(source, target, world):
        world.bulla(*options, source, "-o", target)

    UPDATES[f"bulla {name}"] = run


bulla_update("seals again", "seal", "--level", "B-LTA")
bulla_update("extends", "extend", "--level", "B-LTA")
