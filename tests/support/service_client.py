"""What a portal does over the API, each reply held against the description of the API; and a receiver of webhooks."""
import hashlib
import hmac
import http.server
import json
import os
import sys
import threading

sys.path.insert(0, os.path.dirname(__file__))
from house import Client  # noqa: E402
from openapi_check import Openapi  # noqa: E402


class Portal(Client):
    def __init__(self, base, key, **more):
        super().__init__(base, key=key, **more)
        key, self.key = self.key, None
        self.api = Openapi(self.get("/openapi.json").json)
        self.key = key

    def call(self, method, path, body=None, headers=None):
        return self.api.reply(method, path, self.ask(method, path, body, headers))

    def post(self, path, parts, headers=None):
        return self.api.reply("POST", path, self.multipart(path, parts, headers))

    def seal(self, request, documents, idempotency=None, wait=None, check=True):
        """documents: (name, octets)."""
        if check:
            self.api.request("POST", "/v1/sealings", "request", request)
        headers = {}
        if idempotency:
            headers["Idempotency-Key"] = idempotency
        if wait:
            headers["Prefer"] = f"wait={wait}"
        return self.post("/v1/sealings", [("request", json.dumps(request))] +
                         [("document", name, "application/pdf", octets) for name, octets in documents], headers)

    def file(self, documents, idempotency=None, **fields):
        headers = {"Idempotency-Key": idempotency} if idempotency else {}
        return self.post("/v1/filings", list(fields.items()) +
                         [("document", name, "application/pdf", octets) for name, octets in documents], headers)


class Receiver:
    """Takes webhooks as a careful portal does: checks the signature and its time, takes each delivery once."""

    def __init__(self, secret):
        self.secret = secret
        self.events, self.deliveries, self.refused = [], set(), 0
        self.status = 204
        self.moved = threading.Condition()
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def log_message(self, *_):
                pass

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.send_response(receiver.take(self.headers, body))
                self.send_header("Content-Length", "0")
                self.end_headers()

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/hook"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def take(self, headers, body, now=None):
        """The status for it."""
        fields = dict(p.split("=", 1) for p in headers.get("Bulla-Signature", "").split(",") if "=" in p)
        stamp = fields.get("t", "")
        expected = hmac.new(self.secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
        import time
        fresh = stamp.isdigit() and abs((now or time.time()) - int(stamp)) <= 300
        with self.moved:
            if not fresh or not hmac.compare_digest(expected, fields.get("v1", "")):
                self.refused += 1
                return 400
            if self.status == 204 and headers.get("Bulla-Delivery") not in self.deliveries:
                self.deliveries.add(headers.get("Bulla-Delivery"))
                self.events.append((dict(headers), body, json.loads(body)))
                self.moved.notify_all()
            return self.status

    def wait(self, name, identifier, seconds=60):
        """The event of that name about that sealing or filing."""
        def found():
            return [e for _, _, e in self.events if e["event"] == name and identifier in (e.get("sealing"), e.get("filing"))]
        with self.moved:
            if not self.moved.wait_for(found, seconds):
                raise AssertionError(f"no {name} of {identifier}: {[e for _, _, e in self.events]}")
            return found()[0]

    def close(self):
        self.server.shutdown()
