"""Attacks by documents, key files and texts. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
import subprocess
import zlib

from attack_scene import *

XSS = "\"'><script>alert(1)</script><img src=x onerror=alert(2)>{{csrf}}&lt;"


def objects(bodies, trailer=b""):
    """A PDF of these objects, the first one its catalogue."""
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, body in enumerate(bodies, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(bodies) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R %s >>\nstartxref\n%d\n%%%%EOF\n" % (len(bodies) + 1, trailer, start))


def stream(content, more=b""):
    return b"<< /Length %d %s >>\nstream\n%s\nendstream" % (len(content), more, content)


def one_page(content, filters=b"/Filter /FlateDecode"):
    return objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
                    b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R >>", stream(content, filters)])


def deflate_bomb(size):
    packer, out = zlib.compressobj(9), bytearray()
    for _ in range(size >> 20):
        out += packer.compress(b" " * (1 << 20))
    return bytes(out + packer.flush())


def many_pages(n):
    kids = b" ".join(b"%d 0 R" % (3 + i) for i in range(n))
    return objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [%s] /Count %d >>" % (kids, n)] +
                   [b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>"] * n)


def encrypted():
    plain, out = (os.path.join(w.house.folder, n) for n in ("plain.pdf", "encrypted.pdf"))
    with open(plain, "wb") as f:
        f.write(document())
    subprocess.run(["qpdf", "--encrypt", "user", "owner", "256", "--", plain, out], check=True)
    with open(out, "rb") as f:
        return f.read()


def hostile():
    """name, octets"""
    good = document()
    loop = objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>"])
    deep = objects([b"<< /Type /Catalog /Pages 2 0 R /X " + b"[" * 20000 + b"]" * 20000 + b" >>", b"<< /Type /Pages /Kids [] /Count 0 >>"])
    inner = deflate_bomb(1 << 30)
    yield "zip-bomb.pdf", one_page(inner)
    yield "zip-bomb-twice.pdf", one_page(zlib.compress(inner, 9), b"/Filter [/FlateDecode /FlateDecode]")
    yield "xref-bomb.pdf", good[:good.rfind(b"startxref")] + b"startxref\n99999999999\n%%EOF\n"
    yield "many-pages.pdf", many_pages(10000)
    yield "loop.pdf", loop
    yield "deep.pdf", deep
    yield "cut.pdf", good[:len(good) // 2]
    yield "flipped.pdf", bytes(b ^ 0x55 if n % 97 == 0 else b for n, b in enumerate(good))
    yield "size.pdf", good.replace(b"/Size 6", b"/Size 4294967295")
    yield "prev.pdf", good.replace(b"/Root", b"/Prev 9 /Root")
    yield "empty.pdf", b""
    yield "none.pdf", b"PK\x03\x04" + b"\0" * 5000
    yield "html.pdf", b"<html><script>alert(1)</script></html>"
    yield "header.pdf", b"%PDF-1.7\n"
    yield "eof.pdf", b"%%EOF" * 100000
    yield "huge-page.pdf", good.replace(b"[0 0 595 842]", b"[0 0 9999999 9999999]")
    yield "encrypted.pdf", encrypted()


@case
def documents_that_are_hostile():
    """Each gets an answer of its own, over the API and in the window; none takes the service with it."""
    for name, octets in hostile():
        answer = ask(documents=[(name, octets)])
        among(answer.status, (201, 400, 413, 422), f"{name}: {answer.text[:300]}")
        assert not leaks(answer.text), f"{name}: {leaks(answer.text)}: {answer.text}"
        if answer.status == 201:
            officer, page = visit(answer.json)
            is_(page.status, 200, name)
            picture = officer.get(f"/sealing/{answer.json['id']}/documents/1/pages/1/picture")
            assert not leaks(picture.text[:3000]) if picture.status >= 400 else True, f"{name}: {picture.text[:800]}"
            is_(portal().ask("DELETE", "/v1/sealings/" + answer.json["id"]).status, 200)
        filed = portal().multipart("/v1/filings", [("document", name, "application/pdf", octets)])
        among(filed.status, (201, 400, 413, 422), f"{name}: {filed.text[:300]}")
        if filed.status == 201:
            assert filed.json["filings"][0]["word"] != "accept" and not leaks(filed.text), f"{name}: {filed.text[:600]}"
        alive()
    is_(w.house.processes()["front"], w.processes["front"], "the front is the same process")
    is_(incoming(), [])
    officer, page = visit(new_sealing())
    is_(w.house.seal_in_window(officer, page).status, 303, "and sealing goes on")


def key_files():
    """name, octets, password"""
    folder = w.house.folder
    key, certificate = (os.path.join(folder, n) for n in ("odd.key", "odd.pem"))

    def openssl(*arguments):
        subprocess.run(["openssl", *arguments], check=True, capture_output=True)

    def export(name, *arguments, source=("-inkey", key, "-in", certificate)):
        out = os.path.join(folder, name)
        openssl("pkcs12", "-export", "-out", out, "-passout", "pass:" + KEY_PASSWORD, *source, *arguments)
        with open(out, "rb") as f:
            return f.read()
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "20", "-subj", "/CN=<script>alert(1)<\\/script>", "-keyout", key, "-out", certificate)
    with open(w.p12["a"], "rb") as f:
        good = f.read()
    slow = export("slow.p12", "-iter", "65537")
    assert b"\x02\x03\x01\x00\x01" in slow
    yield "iterations", slow.replace(b"\x02\x03\x01\x00\x01", b"\x02\x03\x7f\xff\xff"), KEY_PASSWORD
    yield "no key", export("nokey.p12", "-nokeys", source=("-in", certificate)), KEY_PASSWORD
    many = os.path.join(folder, "many.pem")
    with open(certificate, encoding="ascii") as one, open(many, "w", encoding="ascii") as all_of_them:
        all_of_them.write(one.read() * 500)
    yield "many certificates", export("many.p12", "-certfile", many), KEY_PASSWORD
    yield "key not encrypted", export("open.p12", "-keypbe", "NONE", "-certpbe", "NONE", "-nomac"), KEY_PASSWORD
    yield "cut", good[:len(good) // 2], KEY_PASSWORD
    yield "nothing", b"", KEY_PASSWORD
    yield "a document", document(), KEY_PASSWORD
    yield "lengths", b"\x30\x84\xff\xff\xff\xff" + b"\0" * 100, KEY_PASSWORD
    yield "deep", b"\x30\x80" * 50000, KEY_PASSWORD
    yield "four MiB", good + b"\0" * (4 << 20), KEY_PASSWORD
    yield "wrong password", good, "Wrong-Password-1"
    yield "weak password", good, "short"
    yield "no password", good, ""
    yield "long password", good, "x" * 5000


@case
def key_files_that_are_hostile():
    admin = w.house.login("window", "admin-b")
    for name, octets, password in key_files():
        page = admin.get("/partner")
        answer = admin.multipart("/partner/keys", [("csrf", csrf_of(page)), ("password", password), ("file", "k.p12", "application/x-pkcs12", octets)], admin.browser_headers())
        among(answer.status, (400, 413, 422), f"{name}: {answer.text[-600:]}")
        assert not leaks(re.sub(r'"/[^"]*"', "", answer.text)), f"{name}: {leaks(answer.text)}"
        assert password == "" or password not in answer.text
        # More often than there are links to the keeper: it goes on being asked.
        for _ in range(6 if name in ("many certificates", "four MiB", "long password") else 0):
            admin.multipart("/partner/keys", [("csrf", csrf_of(page)), ("password", password), ("file", "k.p12", "application/x-pkcs12", octets)], admin.browser_headers())
    officer, page = visit(new_sealing())
    is_(w.house.seal_in_window(officer, page).status, 303, "and keys are used")
    is_(w.house.processes()["keeper"], w.processes["keeper"], "the keeper is the same process")
    is_(w.house.processes()["front"], w.processes["front"])
    is_(incoming(), [])


NAMES = ["../../../etc/passwd.pdf", "..\\..\\x.pdf", "/etc/passwd", "a\u202efdp.exe", "a\u061cb.pdf", "a\u2066b\u2069.pdf", XSS.replace('"', "%22"), "a%0d%0aX-Evil: 1.pdf", ".", "..", "CON.pdf", "a" * 250 + ".pdf",
         "a;b=c.pdf", "a'b\u00e9\u4e2d.pdf", "a\u0000b".replace("\0", "%00")]


@case
def names_of_files():
    """In headers, on pages and on the disk they are nothing but names."""
    before = sorted(os.listdir(w.house.folder))
    for name in NAMES:
        answer = ask(documents=[(name, document())])
        among(answer.status, (201, 400), f"{name!r} {answer.text[:200]}")
        if answer.status == 400:
            continue
        shown = answer.json["documents"][0]["name"]
        for mark in "\u202e\u061c\u2066\u2069\r\n\0":
            assert mark not in shown, repr(shown)
        officer, page = visit(answer.json)
        assert "<script>alert" not in page.text and "<img src=x" not in page.text
        fetched = officer.get(f"/sealing/{answer.json['id']}/documents/1/file")
        is_(fetched.body, document())
        disposition = fetched.headers["Content-Disposition"]
        assert disposition.startswith("attachment; filename=\"") and not fetched.headers.get("X-Evil"), disposition
        plain = re.match(r'attachment; filename="([^"\\/]*)"; filename\*=UTF-8\'\'([A-Za-z0-9._%~!$&+^`|#-]*)$', disposition)
        assert plain, disposition
    raw = b'--x\r\nContent-Disposition: form-data; name="request"\r\n\r\n{"title":"t","partner":"01-09-000001"}\r\n--x\r\nContent-Disposition: form-data; name="document"; filename="a\xff\xfe.pdf"\r\n\r\n' + document() + b"\r\n--x--\r\n"
    among(portal().ask("POST", "/v1/sealings", raw, {"Content-Type": "multipart/form-data; boundary=x"}).status, (201, 400), "no UTF-8")
    is_(sorted(os.listdir(w.house.folder)), before, "nothing is beside the data")


@case
def texts_that_are_markup():
    """Stored where texts are taken, then every page that shows them is looked at."""
    boss, admin, clerk, approver, auditor = (w.house.login("window" if n == "admin-a" else "desk", n) for n in ("boss", "admin-a", "clerk", "approver", "auditor"))
    answer = boss.form("/partners", {"name": XSS, "number": "9-" + XSS}, boss.get("/partners"))
    among(answer.status, (303, 422), answer.text[-300:])
    for n, (client, path, role) in enumerate(((boss, "/staff", "clerk"), (boss, f"/partners/{w.partners['a']}/persons", "officer"), (admin, "/partner/officers", "officer"))):
        answer = client.form(path, {"login": f"markup-{n}", "name": XSS, "email": "x@" + XSS, "role": role, "password": PASSWORD}, client.get("/account"))
        is_(answer.status, 303, f"{path} {answer.text[:3000]}")
    answer = client.form("/partner/officers", {"login": XSS, "name": XSS, "email": XSS, "role": "officer", "password": PASSWORD}, client.get("/partner/officers"))
    assert answer.status == 422 and "<script>alert" not in answer.text, answer.text
    sealing = new_sealing(title=XSS, reference=XSS, data={XSS: XSS, "n": [XSS]}, options={"reason": XSS, "visible": {"page": 1, "barcode": {"kind": "qr", "text": XSS}}}, documents=[("a.pdf", one_page_titled())])
    officer, page = visit(sealing)
    assert "&lt;script&gt;" in page.text, page.text[:3000]
    pages = [page, officer.get(f"/sealing/{sealing['id']}/documents/1/pages/1"),
             officer.form(f"/sealing/{sealing['id']}/refuse", {"reason": XSS}, page)]
    is_(state_of(sealing)["causeText"], XSS)
    filed = portal().multipart("/v1/filings", [("reference", XSS), ("sender", XSS), ("document", XSS.replace('"', "%22") + ".pdf", "application/pdf", one_page_titled())])
    if filed.status != 201:
        filed = portal().multipart("/v1/filings", [("reference", XSS), ("document", XSS.replace('"', "%22") + ".pdf", "application/pdf", one_page_titled())])
    is_(filed.status, 201, filed.text)
    filing = f"/filings/{filed.json['filings'][0]['id']}"
    clerk.form(filing + "/decision", {"decision": "refused", "note": XSS}, clerk.get(filing))
    sealed = new_sealing(title=XSS, documents=[("b.pdf", one_page_titled())])
    other, form = visit(sealed)
    pages.append(other.follow(w.house.seal_in_window(other, form)))
    for client, paths in ((boss, ("/partners", "/staff", "/account", f"/partners/{w.partners['a']}", f"/partners/{w.partners['a']}/persons")), (clerk, ("/filings", "/filings?q=" + "%22%3E%3Cscript%3Ealert", filing, filing + "/changes", "/check")),
                          (approver, ("/approvals",)), (auditor, ("/log", "/log?kind=%22%3E%3Cscript%3Ealert", "/log?object=%3Cscript%3Ealert")),
                          (admin, ("/partner", "/partner/officers", "/partner/sealings", "/partner/log", "/login?to=%22%3E%3Cscript%3Ealert", "/partner?done=%3Cscript%3Ealert"))):
        for path in paths:
            answer = client.get(path)
            assert answer.status < 500, f"{path}: {answer.status}"
            pages.append(answer)
        for link in set(re.findall(r'href="(/(?:staff|partners|partner/officers|filings)/[^"?]+)"', client.get(paths[0]).text)):
            pages.append(client.get(link))
    shown = 0
    for page in pages:
        text = page.text
        for bad in ("<script>alert", "<img src=x", "onerror=alert(2)>{{", "<script>", "\"'><"):
            assert bad not in text, f"{bad} in {text[max(0, text.find(bad) - 500):][:900]}"
        shown += "&lt;script&gt;" in text
    assert shown >= 8, f"shown on {shown} of {len(pages)} pages"
    report = clerk.get(filing + "/report/html")
    assert "<script>alert" not in report.text and "sandbox" in report.headers["Content-Security-Policy"]


def one_page_titled():
    text = XSS.encode().replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
    return objects([b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>", b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] >>",
                    b"<< /Title (" + text + b") /Author (" + text + b") >>"], b"/Info 4 0 R")
