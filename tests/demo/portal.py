#!/usr/bin/env python3
"""A small portal, to show how one works with Bulla: a bank's officer fills in an application, the portal makes a PDF of it
and asks Bulla to have it sealed; the officer seals it in Bulla's own window and comes back; the portal hears of it by a
webhook, fetches the sealed file, and hands it in as a filing.

It is a demonstration: everybody who reaches it is the officer, and it forgets all when it ends.
Usage: portal.py CONFIG.json, with "port", "api" (Bulla's address), "key", "secret" (of the webhook), "partner", "anchors" (PEM, or null)."""
import hashlib
import hmac
import html
import http.client
import http.server
import json
import secrets
import ssl
import sys
import threading
import time
import urllib.parse

REPLAY_WINDOW_S = 300
STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --paper: #fbfaf7; --line: #c9cdd3; --accent: #7a2e1f }
@media (prefers-color-scheme: dark) { :root { --ink: #e6e8ea; --paper: #16191d; --line: #49515b; --accent: #f0a48f } }
body { font: 1.05rem/1.5 system-ui, sans-serif; color: var(--ink); background: var(--paper); max-width: 46rem; margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.6rem } label { display: block; margin: .8rem 0 .2rem } a { color: var(--accent) }
input, select { font: inherit; color: inherit; background: transparent; padding: .4rem; width: 100%; box-sizing: border-box; border: 1px solid var(--line); border-radius: .3rem }
button { font: inherit; margin-top: 1.2rem; padding: .5rem 1.2rem; border: 0; border-radius: .3rem; color: var(--paper); background: var(--accent) }
table { border-collapse: collapse; width: 100% } th, td { text-align: left; padding: .4rem; border-bottom: 1px solid var(--line) }
.note { border-left: .3rem solid var(--accent); padding-left: .8rem }
"""


def pdf(lines):
    """One page with these lines: what a real portal has its own means for."""
    text = ["BT /F1 18 Tf 72 770 Td (Application for a guarantee) Tj /F1 11 Tf 0 -36 Td 18 TL"]
    for line in lines:
        clean = line.encode("cp1252", "replace").replace(b"\\", b"\\\\").replace(b"(", b"\\(").replace(b")", b"\\)")
        text.append("(" + clean.decode("cp1252") + ") Tj T*")
    content = ("\n".join(text) + "\nET\n").encode("cp1252")
    objects = [b"<< /Type /Catalog /Pages 2 0 R >>", b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
               b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F1 5 0 R >> >> >>",
               b"<< /Length %d >>\nstream\n%sendstream" % (len(content), content),
               b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>"]
    out, places = bytearray(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"), []
    for number, value in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, value)
    start = len(out)
    out += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1) + b"".join(b"%010d 00000 n \n" % p for p in places)
    return bytes(out + b"trailer\n<< /Size %d /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, start))


class Bulla:
    """What the portal asks of Bulla."""

    def __init__(self, config):
        self.address = urllib.parse.urlsplit(config["api"])
        self.key = config["key"]
        self.context = None
        if self.address.scheme == "https":
            self.context = ssl.create_default_context(cafile=config.get("anchors"))

    def ask(self, method, path, body=None, headers=None):
        kind = http.client.HTTPSConnection if self.context else http.client.HTTPConnection
        more = {"context": self.context} if self.context else {}
        connection = kind(self.address.hostname, self.address.port, timeout=120, **more)
        connection.request(method, path, body, {"Authorization": "Bearer " + self.key, **(headers or {})})
        response = connection.getresponse()
        content = response.read()
        connection.close()
        return response.status, content

    def post(self, path, parts, idempotency):
        boundary = secrets.token_hex(16)
        body = bytearray()
        for name, file_name, kind, content in parts:
            body += f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"'.encode()
            body += f'; filename="{file_name}"'.encode() if file_name else b""
            body += f"\r\nContent-Type: {kind}\r\n\r\n".encode() + content + b"\r\n"
        body += f"--{boundary}--\r\n".encode()
        status, content = self.ask("POST", path, bytes(body), {
            "Content-Type": f"multipart/form-data; boundary={boundary}", "Idempotency-Key": idempotency})
        return status, json.loads(content)


class Portal:
    def __init__(self, config):
        self.config = config
        self.bulla = Bulla(config)
        self.lock = threading.Lock()
        self.applications = {}  # by number
        self.delivered = set()  # webhooks that were seen

    def apply(self, fields):
        number = secrets.token_hex(4)
        data = {"applicant": fields.get("applicant", "")[:200], "amount": fields.get("amount", "")[:40],
                "purpose": fields.get("purpose", "")[:200], "number": number}
        document = pdf([f"Number: {number}", f"Applicant: {data['applicant']}", f"Amount: {data['amount']}",
                        f"Purpose: {data['purpose']}", "", "The applicant asks the Fund for its guarantee."])
        request = {"partner": self.config["partner"], "reference": number, "title": f"Application {number}", "data": data,
                   "options": self.config.get("options", {}),
                   "returnUrl": f"{self.config['own']}/applications/{number}"}
        status, answer = self.bulla.post("/v1/sealings", [
            ("request", None, "application/json", json.dumps(request).encode()),
            ("document", f"application-{number}.pdf", "application/pdf", document)], "application-" + number)
        with self.lock:
            self.applications[number] = {"data": data, "sealing": answer, "status": status, "filing": None, "heard": []}
        return number, status, answer

    def take_webhook(self, headers, body):
        """True when it comes from Bulla, is fresh, and is taken; a repetition is taken once."""
        fields = dict(p.split("=", 1) for p in headers.get("Bulla-Signature", "").split(",") if "=" in p)
        stamp = fields.get("t", "")
        expected = hmac.new(self.config["secret"].encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        if not hmac.compare_digest(expected, fields.get("v1", "")) or not stamp.isdigit() or \
                abs(time.time() - int(stamp)) > REPLAY_WINDOW_S:
            return False
        event = json.loads(body)
        with self.lock:
            if headers.get("Bulla-Delivery") not in self.delivered:
                self.delivered.add(headers.get("Bulla-Delivery"))
                for application in self.applications.values():
                    if application["sealing"].get("id") == event.get("sealing"):
                        application["heard"].append(event.get("event", ""))
        return True

    def look(self, number):
        with self.lock:
            application = self.applications.get(number)
        if application and application["sealing"].get("id"):
            status, content = self.bulla.ask("GET", "/v1/sealings/" + application["sealing"]["id"])
            if status == 200:
                application["sealing"].update(json.loads(content))
        return application

    def fetch(self, number):
        application = self.look(number)
        return self.bulla.ask("GET", f"/v1/sealings/{application['sealing']['id']}/documents/1")

    def hand_in(self, number):
        status, content = self.fetch(number)
        if status == 200:
            status, answer = self.bulla.post("/v1/filings", [
                ("document", f"application-{number}.pdf", "application/pdf", content)], "filing-" + number)
            self.applications[number]["filing"] = answer["filings"][0] if "filings" in answer else answer
        return status


def page(title, body):
    return (f'<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{html.escape(title)}</title><style>{STYLE}</style><main><h1>{html.escape(title)}</h1>{body}</main></html>").encode()


FORM = """<p>This stands for the portal of a fund. Fill in, and the application is made into a PDF, which you then seal in
Bulla's own window.</p><form method="post" action="/applications">
<label for="applicant">Applicant</label><input id="applicant" name="applicant" required value="First Savings Bank">
<label for="amount">Amount</label><input id="amount" name="amount" required value="12,500,000 HUF">
<label for="purpose">Purpose</label><input id="purpose" name="purpose" required value="Working capital of a small enterprise">
<button>Make the document and seal it</button></form>"""


def describe(number, application):
    e = html.escape
    sealing = application["sealing"]
    state = sealing.get("state", "refused")
    rows = "".join(f"<tr><th scope=row>{e(k.capitalize())}</th><td>{e(v)}</td></tr>" for k, v in application["data"].items())
    rows += f"<tr><th scope=row>State</th><td id=state>{e(state)}</td></tr>"
    rows += f"<tr><th scope=row>Webhooks</th><td id=heard>{e(', '.join(application['heard']) or 'none yet')}</td></tr>"
    body = f"<table>{rows}</table>"
    if application["status"] >= 300:
        body += f"<p class=note>Bulla refused: {e(sealing.get('detail') or sealing.get('title', ''))}</p>"
    elif state == "awaiting":
        body += f'<p><a id=window href="{e(sealing.get("windowUrl", ""))}">Open the sealing window</a></p>'
    elif state == "sealed":
        body += f'<p><a id=download href="/applications/{number}/sealed.pdf">The sealed document</a></p>'
        if not application["filing"]:
            body += f'<form method=post action="/applications/{number}/filing"><button>Hand it in</button></form>'
    if application["filing"]:
        filing = application["filing"]
        sentence = filing.get("sentence") or filing.get("detail") or ""
        sentence = sentence.get("en", "") if isinstance(sentence, dict) else sentence
        body += f"<h2>Handed in</h2><p class=note><b id=word>{e(str(filing.get('word') or filing.get('title')))}</b>: {e(sentence)}</p>"
    return body + '<p><a href="/">Another application</a></p>'


class Handler(http.server.BaseHTTPRequestHandler):
    portal = None
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def reply(self, status, content, kind="text/html; charset=utf-8", **headers):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(content)))
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def do_GET(self):
        words = self.path.split("?", 1)[0].strip("/").split("/")
        application = self.portal.look(words[1]) if len(words) > 1 and words[0] == "applications" else None
        if words == [""]:
            self.reply(200, page("Guarantee portal", FORM))
        elif application and len(words) == 2:
            self.reply(200, page("Application " + words[1], describe(words[1], application)))
        elif application and words[2:] == ["sealed.pdf"]:
            status, content = self.portal.fetch(words[1])
            self.reply(status, content, "application/pdf" if status == 200 else "application/problem+json")
        else:
            self.reply(404, page("Not found", "<p>There is no such page.</p>"))

    def do_POST(self):
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 1 << 20))
        words = self.path.strip("/").split("/")
        if words == ["hook"]:
            self.reply(204 if self.portal.take_webhook(self.headers, body) else 400, b"")
        elif words == ["applications"]:
            fields = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace")))
            number, status, answer = self.portal.apply(fields)
            self.reply(303, b"", Location=answer["windowUrl"] if status == 201 else f"/applications/{number}")
        elif len(words) == 3 and words[0] == "applications" and words[2] == "filing" and words[1] in self.portal.applications:
            self.portal.hand_in(words[1])
            self.reply(303, b"", Location="/applications/" + words[1])
        else:
            self.reply(404, page("Not found", "<p>There is no such page.</p>"))


def serve(config):
    """A running portal; its server."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", config.get("port", 0)), Handler)
    config.setdefault("own", f"http://127.0.0.1:{server.server_port}")
    Handler.portal = Portal(config)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    with open(sys.argv[1], encoding="utf-8") as f:
        running = serve(json.load(f))
    print(f"the portal is at http://127.0.0.1:{running.server_port}/", flush=True)
    threading.Event().wait()
