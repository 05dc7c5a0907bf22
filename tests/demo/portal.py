#!/usr/bin/env python3
"""A small portal, to show how one works with Bulla: a bank's officer fills in an application, the portal makes a PDF of it
and asks Bulla to have it sealed; the officer seals it in Bulla's own window and comes back; the portal hears of it by a
webhook, fetches the sealed file, and hands it in as a filing.

It is a demonstration: everybody who reaches it is the officer, and it forgets all when it ends.
Usage: portal.py CONFIG.json, with "port", "api" (Bulla's address), "key", "secret" (of the webhook), "partner", "anchors" (PEM, or null)."""
import hashlib
import hmac
import http.client
import http.server
import json
import secrets
import ssl
import sys
import threading
import time
import urllib.parse

import portal_pages
from portal_pages import pdf

REPLAY_WINDOW_S = 300


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

    def apply(self, fields, say):
        number = secrets.token_hex(4)
        data = {"applicant": fields.get("applicant", "")[:200], "amount": fields.get("amount", "")[:40],
                "purpose": fields.get("purpose", "")[:200], "number": number}
        document = pdf([f"{say(name.capitalize())}: {data[name]}" for name in ("number", "applicant", "amount", "purpose")] +
                       ["", say("The applicant asks the Fund for its guarantee.")], say("Application for a guarantee"))
        request = {"partner": self.config["partner"], "reference": number, "title": say("Application {}").format(number), "data": data,
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

    def hand_in(self, number, language="en"):
        status, content = self.fetch(number)
        if status == 200:
            status, answer = self.bulla.post("/v1/filings", [
                ("document", f"application-{number}.pdf", "application/pdf", content)], "filing-" + number)
            filing = self.applications[number]["filing"] = answer["filings"][0] if "filings" in answer else answer
            # What the report begins with, in the person's language: "Accept: The signature ..."
            status, report = self.bulla.ask("GET", f"/v1/filings/{filing.get('id')}/report.txt?language={language}")
            if status == 200:
                filing["said"] = " ".join(report.decode().split("\n\n")[0].split())
        return status


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
        pages = portal_pages.Pages(portal_pages.language(self.headers.get("Accept-Language")))
        words = self.path.split("?", 1)[0].strip("/").split("/")
        application = self.portal.look(words[1]) if len(words) > 1 and words[0] == "applications" else None
        if words == ["last"] and self.portal.applications:
            self.reply(303, b"", Location="/applications/" + list(self.portal.applications)[-1])
        elif words == [""]:
            self.reply(200, pages.form())
        elif application and len(words) == 2:
            self.reply(200, pages.application(words[1], application))
        elif application and words[2:] == ["sealed.pdf"]:
            status, content = self.portal.fetch(words[1])
            self.reply(status, content, "application/pdf" if status == 200 else "application/problem+json")
        else:
            self.reply(404, pages.absent())

    def do_POST(self):
        pages = portal_pages.Pages(portal_pages.language(self.headers.get("Accept-Language")))
        body = self.rfile.read(min(int(self.headers.get("Content-Length") or 0), 1 << 20))
        words = self.path.strip("/").split("/")
        if words == ["hook"]:
            self.reply(204 if self.portal.take_webhook(self.headers, body) else 400, b"")
        elif words == ["applications"]:
            fields = dict(urllib.parse.parse_qsl(body.decode("utf-8", "replace")))
            number, status, answer = self.portal.apply(fields, pages.say)
            self.reply(303, b"", Location=answer["windowUrl"] if status == 201 else f"/applications/{number}")
        elif len(words) == 3 and words[0] == "applications" and words[2] == "filing" and words[1] in self.portal.applications:
            self.portal.hand_in(words[1], pages.tongue)
            self.reply(303, b"", Location="/applications/" + words[1])
        else:
            self.reply(404, pages.absent())


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
