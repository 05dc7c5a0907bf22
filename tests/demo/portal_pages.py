"""What the demonstration's portal shows: its pages in English and Hungarian, and the PDF it makes of an application."""
import html

STYLE = """
:root { color-scheme: light dark; --ink: #20252b; --soft: #545d68; --paper: #f6f4ef; --card: #fff; --line: #d5d0c4; --edge: #6f6a5d;
  --accent: #6b2a1e; --on-accent: #fff; --good: #0a5730; --good-ground: #eaf5ee; --bad: #8a1c16; --bad-ground: #fdeeec; --band: #4a1d15 }
@media (prefers-color-scheme: dark) { :root { --ink: #e9e6df; --soft: #b5b0a4; --paper: #17150f; --card: #211e17; --line: #3b372d; --edge: #948e7f;
  --accent: #f0a48f; --on-accent: #2a0f09; --good: #8fe0b3; --good-ground: #12271c; --bad: #ffb3ad; --bad-ground: #311614; --band: #351510 } }
* { box-sizing: border-box }
body { margin: 0; font: 1.05rem/1.55 Georgia, "Noto Serif", "DejaVu Serif", serif; color: var(--ink); background: var(--paper) }
header { background: var(--band); color: #fff; padding: .9rem 1.25rem }
header p { max-width: 44rem; margin: 0 auto; font-weight: 700; letter-spacing: .02em } header a { color: inherit; text-decoration: none }
header small { font-weight: 400; opacity: .9; display: block }
main { max-width: 44rem; margin: 2rem auto 3rem; padding: 1.75rem 2rem 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .4rem }
h1 { font-size: 1.7rem; line-height: 1.25; margin: 0 0 .75rem } h2 { font-size: 1.25rem; margin: 2rem 0 .5rem }
label { display: block; margin: 1rem 0 .25rem; font-weight: 700 } a { color: var(--accent) }
input { font: inherit; color: inherit; background: transparent; padding: .5rem .6rem; width: 100%; border: 1px solid var(--edge); border-radius: .25rem }
button, .button { display: inline-block; font: inherit; font-weight: 700; margin: 1.4rem .6rem 0 0; padding: .55rem 1.3rem; border: 2px solid var(--accent);
  border-radius: .25rem; color: var(--on-accent); background: var(--accent); text-decoration: none; cursor: pointer }
.second { background: transparent; color: var(--accent) }
:focus-visible { outline: 3px solid #b35900; outline-offset: 2px }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; vertical-align: top; padding: .45rem .8rem .45rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere }
th { font-weight: 400; color: var(--soft); width: 11rem }
.note { border-left: .4rem solid var(--accent); padding: .7rem 1rem; margin: 1rem 0 0 }
.accept { border-color: var(--good); background: var(--good-ground) } .accept b { color: var(--good) }
.refuse { border-color: var(--bad); background: var(--bad-ground) } .refuse b { color: var(--bad) }
footer { max-width: 44rem; margin: 0 auto 3rem; padding: 0 1.25rem; color: var(--soft); font-size: .9rem }
@media (max-width: 34rem) { main { padding: 1.25rem 1rem; margin-top: 1rem } th, td { display: block; width: auto; border: 0; padding: 0 } td { padding-bottom: .6rem } }
"""

HUNGARIAN = {
    "Guarantee portal": "Garanciaportál",
    "of the National Guarantee Fund (a demonstration)": "a Nemzeti Garancia Alapnál (bemutató)",
    "Apply for a guarantee": "Garanciakérelem",
    "The portal makes a PDF of the application; your bank's officer seals it in Bulla's own window, with the bank's key, which neither the "
    "portal nor the fund ever has.":
        "A portál PDF-et készít a kérelemből; a bank ügyintézője a Bulla saját ablakában bélyegzi le a bank kulcsával, amely sem a portálnál, "
        "sem az alapnál soha nincs meg.",
    "Applicant": "Kérelmező", "Amount": "Összeg", "Purpose": "Cél", "Number": "Szám", "State": "Állapot", "Messages from Bulla": "A Bulla üzenetei",
    "none yet": "még nincs",
    "Make the document and seal it": "Az irat elkészítése és bélyegzése",
    "Application {}": "Kérelem: {}",
    "Application for a guarantee": "Garanciakérelem",
    "The applicant asks the Fund for its guarantee.": "A kérelmező az alap garanciáját kéri.",
    "Bulla refused: {}": "A Bulla elutasította: {}",
    "Open the sealing window": "A bélyegző ablak megnyitása",
    "Open the sealed document": "A bélyegzett irat megnyitása",
    "Hand it in": "Benyújtás",
    "Handed in": "Benyújtva",
    "Another application": "Új kérelem",
    "Not found": "Nincs ilyen oldal",
    "There is no such page.": "Ilyen oldal nincs.",
    "Accept": "Elfogadható", "Look closer": "Közelebbről vizsgálandó", "Do not accept": "Nem fogadható el",
    "First Savings Bank": "Első Takarékbank", "12,500,000 HUF": "12 500 000 Ft",
    "Working capital of a small enterprise": "Egy kisvállalkozás forgótőkéje",
    "awaiting": "bélyegzésre vár", "working": "készül", "sealed": "lebélyegezve", "refused": "elutasítva", "cancelled": "visszavonva",
    "expired": "lejárt", "failed": "nem sikerült",
}
WORDS = {"accept": "Accept", "closer": "Look closer", "refuse": "Do not accept"}


def language(accepted):
    """Of the page, by what the browser asks for: the first of its languages, that is."""
    return "hu" if (accepted or "").lower().startswith("hu") else "en"


class Pages:
    """In one language."""

    def __init__(self, tongue):
        self.tongue = tongue

    def say(self, text):
        return HUNGARIAN.get(text, text) if self.tongue == "hu" else text

    def page(self, title, body):
        title = html.escape(title)
        return (f'<!doctype html><html lang="{self.tongue}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
                f"<title>{title} - {self.say('Guarantee portal')}</title><link rel=icon href='data:,'><style>{STYLE}</style></head><body>"
                f"<header><p><a href='/'>{self.say('Guarantee portal')}</a> <small>{self.say('of the National Guarantee Fund (a demonstration)')}</small></p></header>"
                f"<main><h1>{title}</h1>{body}</main></body></html>").encode()

    def form(self):
        fields = "".join(
            f'<label for="{name}">{self.say(name.capitalize())}</label><input id="{name}" name="{name}" required value="{html.escape(self.say(value))}">'
            for name, value in (("applicant", "First Savings Bank"), ("amount", "12,500,000 HUF"),
                                ("purpose", "Working capital of a small enterprise")))
        lead = self.say("The portal makes a PDF of the application; your bank's officer seals it in Bulla's own window, with the bank's key, "
                        "which neither the portal nor the fund ever has.")
        return self.page(self.say("Apply for a guarantee"), f'<p>{lead}</p><form method="post" action="/applications">{fields}'
                         f"<button>{self.say('Make the document and seal it')}</button></form>")

    def absent(self):
        return self.page(self.say("Not found"), f"<p>{self.say('There is no such page.')}</p>")

    def application(self, number, application):
        e, say = html.escape, self.say
        sealing, filing = application["sealing"], application["filing"]
        state = sealing.get("state", "refused")
        rows = [(say(k.capitalize()), "", v) for k, v in application["data"].items()]
        rows += [(say("State"), " id=state", say(state)), (say("Messages from Bulla"), " id=heard", ", ".join(application["heard"]) or say("none yet"))]
        body = "<table>" + "".join(f"<tr><th scope=row>{e(k)}</th><td{i}>{e(v)}</td></tr>" for k, i, v in rows) + "</table>"
        if application["status"] >= 300:
            body += f"<p class='note refuse'>{e(say('Bulla refused: {}').format(sealing.get('detail') or sealing.get('title', '')))}</p>"
        elif state == "awaiting":
            body += f"<p><a class=button id=window href=\"{e(sealing.get('windowUrl', ''))}\">{say('Open the sealing window')}</a></p>"
        elif state == "sealed":
            body += "" if filing else f'<form method=post action="/applications/{number}/filing"><button>{say("Hand it in")}</button></form>'
            body += f'<p><a id=download href="/applications/{number}/sealed.pdf">{say("Open the sealed document")}</a></p>'
        if filing:
            word = str(filing.get("word", ""))
            sentence = filing.get("said", "").partition(": ")[2] or filing.get("sentence") or filing.get("detail") or ""
            body += (f"<h2>{say('Handed in')}</h2><p class='note {e(word)}'><b id=word>{e(say(WORDS.get(word, filing.get('title', word))))}</b>: "
                     f"{e(sentence)}</p>")
        return self.page(say("Application {}").format(number), body + f"<p><a href='/'>{say('Another application')}</a></p>")


# -- the document --
OTHER = {"\u0150": 0xd5, "\u0151": 0xf5, "\u0170": 0xdb, "\u0171": 0xfb}  # what WinAnsiEncoding lacks for Hungarian


def shown(text):
    """A PDF string in the encoding of the page's fonts."""
    octets = b"".join(bytes([OTHER[c]]) if c in OTHER else c.encode("cp1252", "replace") for c in text)
    return b"(" + octets.replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)") + b")"


def pdf(lines, title="Application for a guarantee"):
    """One page with these lines, the first part of each up to a colon as its label: what a real portal has its own means for."""
    out = [b"0.42 0.16 0.12 rg 72 748 451 2.5 re f 0.13 0.15 0.17 rg", b"BT /F2 20 Tf 72 764 Td " + shown(title) + b" Tj ET"]
    y = 708
    for line in lines:
        label, colon, value = line.partition(": ")
        if colon:
            out.append(b"0.33 0.36 0.41 rg BT /F1 10.5 Tf 72 %d Td " % y + shown(label) + b" Tj ET 0.13 0.15 0.17 rg")
            out.append(b"BT /F1 12 Tf 180 %d Td " % y + shown(value) + b" Tj ET 0.84 0.82 0.77 rg 72 %d 451 0.6 re f" % (y - 8))
        else:
            out.append(b"0.13 0.15 0.17 rg BT /F1 12 Tf 72 %d Td " % y + shown(line) + b" Tj ET")
        y -= 26
    content = b"\n".join(out) + b"\n"
    font = b"<< /Type /Font /Subtype /Type1 /BaseFont /%s /Encoding << /BaseEncoding /WinAnsiEncoding /Differences " \
           b"[213 /Ohungarumlaut 219 /Uhungarumlaut 245 /ohungarumlaut 251 /uhungarumlaut] >> >>"
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R /F2 6 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content), font % b"Helvetica", font % b"Helvetica-Bold"]
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, value in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))
