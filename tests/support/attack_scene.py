"""What the attacks of tests/e2e/service_attacks.py share: one service with TLS, two partners, two portals, a person of each kind,
cases as TAP, and connections that speak whatever octets they are given."""
import html
import json
import os
import re
import socket
import ssl
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "demo"))
from house import KEY_PASSWORD, PASSWORD, Client, House  # noqa: E402
from portal import pdf  # noqa: E402
from service_client import Receiver  # noqa: E402

WEBHOOK_SECRET = "webhook-secret-of-a-test"
DOCUMENT_MOST = 8 << 20
FORM = "application/x-www-form-urlencoded"
# What no reply may say: where things lie, of what it is made, where in the code it was.
LEAKS = re.compile(r"/(tmp|usr|var)/|\.c:\d|\.[ch]\b:|libmicrohttpd|gnutls|sqlite|openssl|qpdf|backtrace|0x[0-9a-f]{6,}", re.I)
cases = []


def case(f):
    cases.append(f)
    return f


def is_(got, want, what=""):
    assert got == want, f"{got!r}, not {want!r}: {what!r}"[:2000]


def among(got, wanted, what=""):
    assert got in wanted, f"{got!r}, none of {wanted!r}: {what!r}"[:2000]


def together(n, f):
    """f(0) ... f(n - 1) at once; their results in that order, an exception as itself."""
    results, gate = [None] * n, threading.Barrier(n)

    def go(i):
        gate.wait()
        try:
            results[i] = f(i)
        except Exception as e:  # the caller looks at it
            results[i] = e
    threads = [threading.Thread(target=go, args=(i,)) for i in range(n)]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    return results


def document(text="A"):
    return pdf([text])


def csrf_of(page):
    found = re.search(r'name="csrf" value="([^"]*)"', page.text)
    return found.group(1) if found else ""


def leaks(text):
    """What of this should not have been said. Addresses of the test's own authority are told to people on purpose."""
    found = LEAKS.search(html.unescape(text))
    return found.group(0) if found else None


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class World:
    """Made by set_up."""


w = World()


def set_up(build, folder):
    w.receiver = Receiver(WEBHOOK_SECRET)
    ports = {name: free_port() for name in ("api", "window", "desk")}
    listeners = {name: {"url": f"https://localhost:{ports[name]}"} for name in ("window", "desk")}
    w.house = House(build, folder, tls=True, authority_options=("--key", "p256"), allowAddresses=["127.0.0.1"],
                    filingPolicy="sealed-filing", workers={"number": 2}, limits={"document": DOCUMENT_MOST, "requestsPerMinute": 60000},
                    listeners=listeners)
    w.house.ports = ports
    w.house.start_authority()
    secret = os.path.join(folder, "webhook.secret")
    with open(secret, "w", encoding="utf-8") as f:
        f.write(WEBHOOK_SECRET + "\n")
    w.key = w.house.add_portal("fund", webhook={"url": w.receiver.url, "secretFile": secret}, returnUrls=["https://fund.example/back/"])
    w.other_key = w.house.add_portal("other")
    w.house.write_configuration()
    w.partners = {}
    for letter, number in (("a", "01-09-000001"), ("b", "01-09-000002")):
        w.partners[letter] = w.house.add_partner(f"Bank {letter.upper()}", number).split()[-1]
        w.house.add_person(f"officer-{letter}", "officer", partner=w.partners[letter])
        w.house.add_person(f"admin-{letter}", "officer,partner-admin", partner=w.partners[letter])
    w.house.add_person("second-a", "officer", partner=w.partners["a"])
    for login, role in (("boss", "administrator"), ("clerk", "clerk"), ("approver", "approver"), ("auditor", "auditor"),
                        ("victim", "clerk"), ("mover", "clerk")):
        w.house.add_person(login, role)
    w.house.start(configure=False)
    w.p12 = {}
    for letter in "ab":
        w.p12[letter] = w.house.issue(f"bank-{letter}")
        w.house.deposit(w.house.login("window", f"admin-{letter}"), w.p12[letter])
    assert w.house.approve(w.house.login("desk", "approver")) >= 2, "no keys wait for approval"
    w.processes = w.house.processes()


def log_in(login, password=PASSWORD):
    return w.house.login("window" if login[-2:] in ("-a", "-b") else "desk", login, password)


def portal(key=None):
    return w.house.client("api", key=key or w.key)


def ask(documents=None, key=None, headers=None, **request):
    """POST /v1/sealings; documents: (name, octets)."""
    request = {"partner": "01-09-000001", "reference": "R", "title": "A test", **request}
    parts = [("request", json.dumps({k: v for k, v in request.items() if v is not None}))]
    parts += [("document", name, "application/pdf", octets) for name, octets in documents or [("a.pdf", document())]]
    return portal(key).multipart("/v1/sealings", parts, headers)


def new_sealing(**more):
    answer = ask(**more)
    is_(answer.status, 201, answer.text)
    return answer.json


def state_of(sealing):
    return portal().get("/v1/sealings/" + sealing["id"]).json


def visit(sealing, login="officer-a", password=PASSWORD):
    return w.house.open_window(sealing["windowUrl"], login, password)


def alive():
    """The service answers others: each listener a new connection."""
    for listener, path in (("api", "/healthz"), ("window", "/login"), ("desk", "/login")):
        is_(w.house.client(listener, timeout=60).get(path).status, 200, listener)


def incoming():
    return os.listdir(os.path.join(w.house.data, "incoming"))


# -- octets --

def connect(listener, tls=True, source=None, timeout=30):
    s = socket.create_connection(("127.0.0.1", w.house.ports[listener]), timeout, (source, 0) if source else None)
    if not tls:
        return s
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    return context.wrap_socket(s, server_hostname="localhost")


def read_to_end(s):
    """All that comes until the other side ends it, or is silent."""
    got = bytearray()
    try:
        while True:
            some = s.recv(65536)
            if not some:
                break
            got += some
    except (OSError, ssl.SSLError):
        pass
    return bytes(got)


def talk(listener, octets, timeout=30):
    """What is answered to these octets; the connection ends by its own hand or after the time."""
    with connect(listener, timeout=timeout) as s:
        try:
            s.sendall(octets)
        except OSError:
            pass  # refused before it was all sent
        return read_to_end(s)


def status_of(reply):
    found = re.match(rb"HTTP/1\.[01] (\d{3}) ", reply)
    return int(found.group(1)) if found else 0


def host(listener):
    return b"localhost:%d" % w.house.ports[listener]


def request(listener, line, *headers, body=b"", close=True):
    head = [line, b"Host: " + host(listener), *headers] + ([b"Connection: close"] if close else [])
    return b"\r\n".join(head) + b"\r\n\r\n" + body


# -- running --

def run_cases():
    """How many failed."""
    failed, only = 0, os.environ.get("ATTACKS_ONLY", "")
    for n, f in enumerate(cases, 1):
        name = f.__name__.replace("_", " ")
        if only and not re.search(only, name):
            print(f"ok {n} - {name} # SKIP", flush=True)
            continue
        begun = time.monotonic()
        try:
            f()
            print(f"ok {n} - {name} ({time.monotonic() - begun:.0f} s)", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {n} - {name}", flush=True)
            for line in [x for x in traceback.format_exc().splitlines() if x.strip()][-12:]:
                print("#", line[:900], flush=True)
    print(f"1..{len(cases)}")
    return failed


__all__ = [name for name in dir() if not name.startswith("_")]
