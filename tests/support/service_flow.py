"""The cases of tests/e2e/service_flow.sh, as TAP. Usage: service_flow.py BUILD FOLDER"""
import hashlib
import json
import os
import re
import ssl
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.dirname(__file__))
sys.path.insert(0, os.path.join(os.path.dirname(__file__), "..", "demo"))
from house import KEY_PASSWORD, PASSWORD, House, run  # noqa: E402
from portal import pdf  # noqa: E402
from service_client import Portal, Receiver  # noqa: E402

SECRET = "webhook-secret-of-a-test"
build, folder = sys.argv[1:3]
cases, failed = [], 0


def case(f):
    cases.append(f)
    return f


class World:
    """What the cases share."""


w = World()


def document(text, pages_of="x"):
    return pdf([text, pages_of])


def request(**more):
    return {"partner": "01-09-000001", "reference": "A-1", "title": "Application 1", "data": {"amount": "12500000", "n": 1},
            "returnUrl": "http://127.0.0.1:9/back/1", **more}


def is_(got, want, what=""):
    assert got == want, f"{what}: {got!r}, not {want!r}"


def problem(answer, status, code):
    is_((answer.status, answer.json.get("code")), (status, code), answer.text[:300])


def new_sealing(**more):
    answer = w.portal.seal(request(**more), [("a.pdf", document("A")), ("b.pdf", document("B"))])
    is_(answer.status, 201, answer.text)
    return answer.json


def window_of(sealing, login="officer", password=PASSWORD):
    """A browser that came by the window's address and logged in; the page."""
    browser = w.house.client("window")
    path = sealing["windowUrl"].replace(browser.base, "")
    answer = browser.get(path)
    is_(answer.status, 303, "the window's address")
    is_(answer.headers["Location"], "/sealing/" + sealing["id"])
    page = browser.get("/sealing/" + sealing["id"])
    is_(page.status, 200)
    assert "Application" not in page.text, "shown before the login"
    answer = browser.form(f"/sealing/{sealing['id']}/login", {"login": login, "password": password}, page)
    return browser, browser.follow(answer) if answer.status == 303 else answer


def key_of(page):
    return re.search(r'name="key" id="(ky_[^"]+)"', page.text).group(1)


def seal(browser, sealing, page, password=KEY_PASSWORD, **more):
    return browser.form(f"/sealing/{sealing['id']}/seal", {"key": key_of(page), "password": password, **more}, page)


def state_of(sealing):
    return w.portal.call("GET", "/v1/sealings/" + sealing["id"]).json["state"]


# -- setting up --

KEY_OPTIONS = ("--key", "rsa2048")


def set_up():
    w.receiver = Receiver(SECRET)
    w.house = House(build, folder, authority_options=("--key", "rsa2048"), allowAddresses=["127.0.0.1"],
                    filingPolicy="sealed-filing", rsaPkcs1=True)
    w.house.start_authority()
    secret = os.path.join(folder, "webhook.secret")
    with open(secret, "w", encoding="utf-8") as f:
        f.write(SECRET + "\n")
    unattended = w.house.issue("house", *KEY_OPTIONS)
    w.house.keys.append({"name": "house", "file": unattended})
    w.key = w.house.add_portal("fund", webhook={"url": w.receiver.url, "secretFile": secret}, unattendedKey="house",
                               returnUrls=["http://127.0.0.1:9/back/"])
    w.other_key = w.house.add_portal("other")
    w.house.write_configuration()
    for number, name, officer, admin in (("01-09-000001", "First Savings Bank", "officer", "admin"),
                                         ("01-09-000002", "Second Bank", "stranger", "admin2")):
        partner = w.house.add_partner(name, number)
        w.house.add_person(officer, "officer", partner=partner)
        w.house.add_person(admin, "partner-admin", partner=partner)
        if officer == "officer":
            w.house.add_person("officer2", "officer", partner=partner)
    w.house.add_person("approver", "approver")
    w.house.start()
    w.portal = Portal(w.house.base("api"), w.key)
    w.other = Portal(w.house.base("api"), w.other_key)
    w.house.deposit(w.house.login("window", "admin"), w.house.issue("bank", *KEY_OPTIONS))
    assert w.house.approve(w.house.login("desk", "approver")) >= 1, "no key waits for approval"


# -- the cases --

@case
def strangers_are_not_let_in():
    nobody = Portal(w.house.base("api"), "wrong-key")
    for method, path in (("GET", "/v1/sealings"), ("GET", "/v1/filings"), ("POST", "/v1/sealings"), ("POST", "/v1/validations")):
        answer = nobody.post(path, [("document", "a.pdf", "application/pdf", document("A"))]) if method == "POST" \
            else nobody.call(method, path)
        problem(answer, 401, "not-authenticated")
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@case
def an_officer_seals_in_the_window():
    sealing = new_sealing(options={"level": "B-LTA", "visible": {"page": 1, "barcode": {"kind": "qr"}}})
    is_([d["pages"] for d in sealing["documents"]], [1, 1])
    is_(sealing["documents"][0]["sha256"], hashlib.sha256(document("A")).hexdigest())
    canonical = '{"data":{"amount":"12500000","n":1},"reference":"A-1"}'
    is_(sealing["barcode"], "BULLA:1:" + hashlib.sha256(canonical.encode()).hexdigest().upper())
    path = f"/v1/sealings/{sealing['id']}/documents/1"
    problem(w.portal.call("GET", path), 409, "wrong-state")
    browser, page = window_of(sealing)
    for text in ("Application 1", "a.pdf", "First Savings Bank", "A-1", "12500000", "B-LTA"):
        assert text in page.text, f"{text} is not shown"
    picture = browser.get(f"/sealing/{sealing['id']}/documents/1/pages/1/picture")
    is_((picture.status, picture.body[:8]), (200, b"\x89PNG\r\n\x1a\n"))
    assert sealing["documents"][0]["sha256"] in page.text
    is_(browser.get(f"/sealing/{sealing['id']}/documents/1/file").body, document("A"))
    is_(browser.get(f"/sealing/{sealing['id']}/documents/1/pages/2").status, 404)
    answer = seal(browser, sealing, page)
    is_(answer.status, 303, answer.text[-800:])
    page = browser.follow(answer)
    assert "Sealed" in page.text and "http://127.0.0.1:9/back/1" in page.text, page.text
    event = w.receiver.wait("sealing.sealed", sealing["id"])
    got = w.portal.call("GET", path)
    is_(got.status, 200)
    digest = hashlib.sha256(got.body).hexdigest()
    is_(got.headers["ETag"], f'"{digest}"')
    is_(event["documents"][0]["sha256"], digest)
    assert got.body.startswith(document("A")), "the seal does not begin with the document"
    is_(w.portal.call("GET", path, headers={"If-None-Match": f'"{digest}"'}).status, 304)
    is_(w.portal.call("GET", path + "/report").json["conclusion"], "TOTAL-PASSED")
    sealed = os.path.join(folder, "sealed.pdf")
    with open(sealed, "wb") as f:
        f.write(got.body)
    report = json.loads(run(w.house.bulla, "validate", sealed, "--trust", os.path.join(w.house.ca, "root.pem"), "--offline",
                            "--report", "json"))
    is_(report["conclusion"], "TOTAL-PASSED")
    is_(report["signatures"][0]["format"], "PAdES-BASELINE-LTA")
    w.sealed = got.body
    w.sealing = sealing


@case
def wrong_passwords_are_told_and_change_nothing():
    sealing = new_sealing()
    browser, page = window_of(sealing)
    answer = seal(browser, sealing, page, password="Not-The-Password-1")
    is_(answer.status, 403)
    assert "password of the seal key is wrong" in answer.text
    is_(state_of(sealing), "awaiting")
    is_(seal(browser, sealing, answer).status, 303)
    is_(state_of(sealing), "sealed")


@case
def another_partners_officer_sees_nothing():
    sealing = new_sealing()
    browser, answer = window_of(sealing, login="stranger")
    is_(answer.status, 401)
    assert "Application" not in answer.text
    is_(browser.get(f"/sealing/{sealing['id']}/documents/1/file").status, 303)
    is_(browser.form(f"/sealing/{sealing['id']}/seal", {"password": KEY_PASSWORD}).status, 303)
    is_(state_of(sealing), "awaiting")


@case
def addresses_that_were_made_up():
    browser = w.house.client("window")
    for token in ("0" * 64, "x", "0" * 63, "..%2f..%2fetc", "%00"):
        assert browser.get("/w/" + token).status in (400, 404), token
    sealing = new_sealing()
    page = browser.get("/sealing/" + sealing["id"])
    is_(page.status, 200)
    answer = browser.form(f"/sealing/{sealing['id']}/login", {"login": "officer", "password": PASSWORD}, page)
    is_(answer.status, 403, "a login without the window's address")
    is_(browser.get("/sealing/sl_" + "0" * 26).status, 404)


@case
def forms_of_strangers_are_refused():
    sealing = new_sealing()
    browser, page = window_of(sealing)
    fields = f"key={key_of(page)}&password={KEY_PASSWORD}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    path = f"/sealing/{sealing['id']}/seal"
    is_(browser.ask("POST", path, fields, {**browser.browser_headers(), **headers}).status, 403, "no csrf")
    csrf = re.search(r'name="csrf" value="([^"]*)"', page.text).group(1)
    cross = {**headers, "Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"}
    is_(browser.ask("POST", path, fields + "&csrf=" + csrf, cross).status, 403, "another site")
    is_(browser.ask("POST", f"/sealing/{sealing['id']}/refuse", "csrf=x", {**browser.browser_headers(), **headers}).status, 403)
    is_(state_of(sealing), "awaiting")


@case
def two_officers_at_once():
    sealing = new_sealing()
    visits = [window_of(sealing), window_of(sealing, login="officer2")]
    statuses = []

    def go(visit):
        statuses.append(seal(visit[0], sealing, visit[1]).status)
    threads = [threading.Thread(target=go, args=(v,)) for v in visits]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    is_(sorted(statuses), [303, 409])
    final = w.portal.call("GET", "/v1/sealings/" + sealing["id"]).json
    is_((final["state"], final["attempts"]), ("sealed", 1))


@case
def an_officer_refuses():
    sealing = new_sealing()
    browser, page = window_of(sealing)
    answer = browser.form(f"/sealing/{sealing['id']}/refuse", {"reason": "the sum is wrong"}, page)
    is_(answer.status, 200, answer.text[-500:])
    told = w.portal.call("GET", "/v1/sealings/" + sealing["id"]).json
    is_((told["state"], told["cause"], told["causeText"]), ("cancelled", "officer", "the sum is wrong"))
    w.receiver.wait("sealing.cancelled", sealing["id"])


@case
def cancelling():
    sealing = new_sealing()
    browser, page = window_of(sealing)
    path = "/v1/sealings/" + sealing["id"]
    is_(w.portal.call("DELETE", path).json["state"], "cancelled")
    problem(w.portal.call("DELETE", path), 409, "wrong-state")
    assert seal(browser, sealing, page).status in (303, 409)
    is_(state_of(sealing), "cancelled")
    problem(w.portal.call("DELETE", "/v1/sealings/" + w.sealing["id"]), 409, "wrong-state")


@case
def portals_see_their_own_only():
    path = "/v1/sealings/" + w.sealing["id"]
    for method, where in (("GET", path), ("DELETE", path), ("GET", path + "/documents/1"), ("POST", path + "/window")):
        problem(w.other.call(method, where), 404, "not-found")
    is_(w.other.call("GET", "/v1/sealings").json["sealings"], [])
    problem(w.portal.call("GET", path + "/documents/3"), 404, "not-found")


@case
def lists_go_on_where_they_ended():
    ids, after = [], ""
    while True:
        page = w.portal.call("GET", "/v1/sealings?limit=3" + (f"&after={after}" if after else "")).json
        ids += [s["id"] for s in page["sealings"]]
        after = page["next"]
        if not after:
            break
    is_(len(ids), len(set(ids)))
    assert w.sealing["id"] in ids
    sealed = w.portal.call("GET", "/v1/sealings?state=sealed").json["sealings"]
    is_({s["state"] for s in sealed}, {"sealed"})
    for query in ("limit=0", "limit=x", "limit=9999", "state=none", "after=%3Cx"):
        problem(w.portal.call("GET", "/v1/sealings?" + query), 400, "field-invalid")


@case
def a_request_that_is_repeated():
    first = w.portal.seal(request(), [("a.pdf", document("A"))], idempotency="k-1")
    is_(first.status, 201)
    again = w.portal.seal(request(), [("a.pdf", document("A"))], idempotency="k-1")
    is_((again.status, again.headers["Idempotent-Replayed"]), (200, "true"))
    is_(again.json, first.json)
    problem(w.portal.seal(request(title="other"), [("a.pdf", document("A"))], idempotency="k-1"), 422, "idempotency-mismatch")
    problem(w.portal.seal(request(), [("a.pdf", document("C"))], idempotency="k-1"), 422, "idempotency-mismatch")
    problem(w.portal.seal(request(), [("a.pdf", document("A"))], idempotency="k" * 201), 400, "field-invalid")
    answers = []
    portals = [Portal(w.house.base("api"), w.key) for _ in range(4)]
    threads = [threading.Thread(target=lambda p=p: answers.append(p.seal(request(), [("a.pdf", document("A"))], idempotency="k-2")))
               for p in portals]
    for t in threads:
        t.start()
    for t in threads:
        t.join()
    is_(len({a.json["id"] for a in answers}), 1, [a.text for a in answers])
    is_(sorted(a.status for a in answers), [200, 200, 200, 201])


@case
def requests_that_are_wrong():
    def bad(why, code="field-invalid", status=400, documents=(("a.pdf", document("A")),), **more):
        answer = w.portal.seal(request(**more), documents, check=False)
        problem(answer, status, code)
        assert why in answer.json["detail"], answer.json["detail"]
    bad("partner", partner="99")
    bad("returnUrl", returnUrl="https://evil.example/")
    bad("returnUrl", returnUrl="http://127.0.0.1:9.evil.example/back/")
    bad("title", title="a\u202eb")
    bad("data", data={"sum": 1.5})
    bad("colour", colour="red")
    bad("document", documents=())
    bad("document 1", "document-unusable", 422, documents=[("a.pdf", b"not a PDF")])
    bad("document 2 (b.pdf)", "document-unusable", 422, documents=[("a.pdf", document("A")), ("b.pdf", b"%PDF-1.7\n")])
    headers = {"Content-Type": "application/json"}
    problem(w.portal.call("POST", "/v1/sealings", "{}", headers), 415, "media-type")
    answer = w.portal.post("/v1/sealings", [("request", "{"), ("document", "a.pdf", "application/pdf", document("A"))])
    problem(answer, 400, "field-invalid")


@case
def without_an_officer():
    unattended = {"title": "Batch", "reference": "B-1", "unattended": True}
    waiting = w.portal.seal(unattended, [("a.pdf", document("A"))])
    is_(waiting.status, 202, "the key is locked")
    w.house.unlock("house")
    answer = w.portal.seal(unattended, [("a.pdf", document("A")), ("b.pdf", document("B"))], wait=60)
    is_((answer.status, answer.json["state"]), (201, "sealed"), answer.text)
    got = w.portal.call("GET", f"/v1/sealings/{answer.json['id']}/documents/2")
    is_(hashlib.sha256(got.body).hexdigest(), answer.json["documents"][1]["sealed"]["sha256"])
    w.receiver.wait("sealing.sealed", waiting.json["id"])
    problem(w.other.seal(unattended, [("a.pdf", document("A"))]), 403, "forbidden")
    problem(w.portal.seal({**unattended, "partner": "01-09-000001"}, [("a.pdf", document("A"))]), 400, "field-invalid")


@case
def an_authority_that_fails():
    sealing = new_sealing()
    browser, page = window_of(sealing)
    w.house.fault("tsa=500")
    answer = seal(browser, sealing, page)
    is_(answer.status, 502, answer.text[-500:])
    assert "was not sealed" in answer.text and w.house.url in answer.text, answer.text[-3000:]
    told = w.portal.call("GET", "/v1/sealings/" + sealing["id"]).json
    is_((told["state"], told["cause"]), ("awaiting", "service-unreachable"))
    problem(w.portal.call("GET", f"/v1/sealings/{sealing['id']}/documents/1"), 409, "wrong-state")
    batch = w.portal.seal({"title": "Batch", "unattended": True}, [("a.pdf", document("A"))], wait=60)
    is_((batch.status, batch.json["state"], batch.json["attempts"]), (202, "awaiting", 1), batch.text)
    w.house.fault("none")
    is_(seal(browser, sealing, answer).status, 303)
    is_(state_of(sealing), "sealed")
    w.receiver.wait("sealing.sealed", batch.json["id"])
    is_(len([e for _, _, e in w.receiver.events if e["sealing" if "sealing" in e else "filing"] == batch.json["id"]]), 1)


@case
def filings_are_judged():
    answer = w.portal.file([("a.pdf", w.sealed)], idempotency="f-1", reference="R-1")
    is_(answer.status, 201, answer.text)
    filing = answer.json["filings"][0]
    is_((filing["state"], filing["sealing"], filing["reference"]), ("judged", w.sealing["id"], "R-1"))
    is_((filing["word"], filing["sender"] != ""), ("accept", True), filing["sentence"])
    again = w.portal.file([("a.pdf", w.sealed)], idempotency="f-1", reference="R-1")
    is_((again.status, again.json["filings"][0]["id"]), (200, filing["id"]))
    problem(w.portal.file([("a.pdf", w.sealed + b"\n")], idempotency="f-1", reference="R-1"), 422, "idempotency-mismatch")
    path = "/v1/filings/" + filing["id"]
    is_(w.portal.call("GET", path).json["word"], filing["word"])
    for name, start in (("json", b"{"), ("html", b"<!"), ("pdf", b"%PDF-"), ("xml", b"<?xml"), ("txt", b"")):
        report = w.portal.call("GET", f"{path}/report.{name}?language=hu")
        assert report.status == 200 and report.body.lower().startswith(start.lower()), (name, report.status, report.body[:60])
    is_(w.portal.call("GET", path + "/report.json").json["document"]["sha256"], hashlib.sha256(w.sealed).hexdigest())
    problem(w.portal.call("GET", path + "/report.doc"), 404, "not-found")
    problem(w.other.call("GET", path), 404, "not-found")
    broken = bytearray(w.sealed)
    broken[200] ^= 1
    both = w.portal.file([("broken.pdf", bytes(broken)), ("none.pdf", b"nothing")])
    is_([f["word"] for f in both.json["filings"]], ["refuse", "refuse"], both.text[:500])
    is_([f["state"] for f in both.json["filings"]], ["judged", "unreadable"])
    problem(w.portal.call("GET", f"/v1/filings/{both.json['filings'][1]['id']}/report.json"), 409, "wrong-state")
    listed = w.portal.call("GET", "/v1/filings?word=refuse").json["filings"]
    is_({f["id"] for f in listed} >= {f["id"] for f in both.json["filings"]}, True)
    w.receiver.wait("filing.judged", filing["id"])


@case
def a_disclaimer_that_is_seen_first():
    p12 = w.house.issue("newcomer", *KEY_OPTIONS)
    paths = {n: os.path.join(folder, n) for n in ("plain.pdf", "newcomer.pdf")}
    with open(paths["plain.pdf"], "wb") as f:
        f.write(document("newcomer"))
    run(w.house.bulla, "seal", paths["plain.pdf"], "-o", paths["newcomer.pdf"], "--key", p12, "--password-file",
        os.path.join(folder, "newcomer.password"), "--level", "B-LTA", "--rsa-pkcs1", "--tsa", w.house.url + "/tsa",
        "--trust", os.path.join(w.house.ca, "root.pem"))
    with open(paths["newcomer.pdf"], "rb") as f:
        sealed = f.read()
    filing = w.portal.file([("a.pdf", sealed)]).json["filings"][0]
    is_((filing["state"], filing["word"]), ("judged", "closer"), filing)
    is_(filing["summary"]["signatures"][0]["approvalWanted"], True)
    path = "/v1/filings/" + filing["id"]
    before = w.portal.call("GET", path + "/report.json").json
    is_(before["conclusion"], "INDETERMINATE")
    is_(w.house.approve(w.house.login("desk", "approver")), 1, "one approval waits")
    after = w.portal.call("GET", path).json
    is_((after["word"], after["conclusion"]), ("accept", "TOTAL-PASSED"), after["sentence"])
    is_(w.portal.call("GET", path + "/report.json").json["conclusion"], "TOTAL-PASSED")
    kept = [n for n in os.listdir(os.path.join(w.house.data, "documents", filing["id"][3:5], filing["id"])) if n.startswith("report-")]
    is_(len(kept), 2, "the former report is kept")
    is_(w.portal.file([("a.pdf", sealed)]).json["filings"][0]["word"], "accept")


@case
def validations_keep_nothing():
    answer = w.portal.post("/v1/validations", [("document", "a.pdf", "application/pdf", w.sealed)])
    is_((answer.status, answer.json["conclusion"]), (200, "TOTAL-PASSED"))
    is_(answer.headers["Bulla-Word"] in ("accept", "closer"), True)
    problem(w.portal.post("/v1/validations", [("document", "a.pdf", "application/pdf", b"x")]), 422, "document-unusable")
    problem(w.portal.post("/v1/validations?policy=mine", [("document", "a.pdf", "application/pdf", w.sealed)]), 400, "field-invalid")
    is_(os.listdir(os.path.join(w.house.data, "incoming")), [])


@case
def webhooks_prove_where_they_come_from():
    headers, body, event = w.receiver.events[0]
    is_(w.receiver.refused, 0)
    for _, _, each in w.receiver.events:
        w.portal.api.value(each, {"$ref": "#/components/schemas/Event"})
    # what somebody recorded, and sends again: known by its delivery; later: too old; changed: no signature
    n = len(w.receiver.events)
    is_(w.receiver.take(headers, body), 204)
    is_(len(w.receiver.events), n, "taken twice")
    is_(w.receiver.take(headers, body, now=time.time() + 1000), 400)
    is_(w.receiver.take(headers, body.replace(b"sealed", b"failed")), 400)


@case
def what_is_needed_is_there():
    answer = w.portal.call("GET", "/readyz")
    is_((answer.status, answer.json["ready"]), (200, True), answer.text)
    is_({c["name"] for c in answer.json["checks"]}, {"store", "disk", "anchors", "keeper", "timestamps", "queue"})
    is_(w.portal.call("GET", "/healthz").status, 200)


@case
def a_restart_forgets_nothing():
    sealing = new_sealing()
    is_(w.house.stop(), 0, "the exit status")
    w.house.start(configure=True)
    w.portal = Portal(w.house.base("api"), w.key)
    is_(state_of(sealing), "awaiting")
    is_(hashlib.sha256(w.portal.call("GET", f"/v1/sealings/{w.sealing['id']}/documents/1").body).hexdigest(),
        hashlib.sha256(w.sealed).hexdigest())
    renewed = w.portal.call("POST", f"/v1/sealings/{sealing['id']}/window").json
    is_(w.house.client("window").get(sealing["windowUrl"].split("/", 3)[3].join(["/", ""])).status, 404, "the former address")
    browser, page = window_of(renewed)
    is_(seal(browser, renewed, page).status, 303)
    is_(state_of(sealing), "sealed")


@case
def sealings_expire():
    is_(w.house.stop(), 0)
    w.house.more["times"] = {"sealingMinutes": 1}
    w.house.start()
    w.portal = Portal(w.house.base("api"), w.key)
    sealing = new_sealing()
    w.receiver.wait("sealing.expired", sealing["id"], 120)
    is_(state_of(sealing), "expired")
    problem(w.portal.call("POST", f"/v1/sealings/{sealing['id']}/window"), 409, "wrong-state")


@case
def a_portal_with_a_client_certificate():
    """A service of its own, with TLS on every listener."""
    with House(build, os.path.join(folder, "tls"), tls=True, allowAddresses=["127.0.0.1"]) as house:
        certificates = {}
        for name in ("portal", "unknown"):
            files = tuple(os.path.join(house.folder, name + end) for end in (".pem", ".key"))
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=" + name, "-keyout", files[1], "-out", files[0])
            with open(files[0], encoding="ascii") as f:
                certificates[name] = (files, hashlib.sha256(ssl.PEM_cert_to_DER_cert(f.read())).hexdigest())
        authorities = os.path.join(house.folder, "clients.pem")
        with open(authorities, "w", encoding="ascii") as f:
            for files, _ in certificates.values():
                with open(files[0], encoding="ascii") as one:
                    f.write(one.read())
        house.more["listeners"] = {"api": {"clientAuthorities": authorities}}
        key = house.add_portal("fund", clientCertificateSha256=[certificates["portal"][1]])
        house.add_portal("other")
        house.start()
        api = house.base("api")
        known = Portal(api, None, certificate=certificates["portal"][0])
        is_(known.call("GET", "/v1/sealings").status, 200)
        both = Portal(api, key, certificate=certificates["portal"][0])
        is_(both.call("GET", "/v1/sealings").status, 200)
        wrong = Portal(api, "x" + key, certificate=certificates["portal"][0])
        problem(wrong.call("GET", "/v1/sealings"), 401, "not-authenticated")
        unknown = Portal(api, None, certificate=certificates["unknown"][0])
        problem(unknown.call("GET", "/v1/sealings"), 401, "not-authenticated")
        problem(Portal(api, None).call("GET", "/v1/sealings"), 401, "not-authenticated")
        answer = house.client("window").get("/sealing/sl_" + "0" * 26)
        assert "max-age" in answer.headers["Strict-Transport-Security"]
        is_(house.stop(), 0)


@case
def the_log_is_whole():
    is_(w.house.stop(), 0)
    said = run(w.house.bulla, "audit", "verify", os.path.join(w.house.data, "log"))
    assert said.strip(), said


def main():
    global failed
    try:
        set_up()
    except Exception:  # everything hangs on it
        print("Bail out! the service is not set up")
        for line in (traceback.format_exc() + (w.house.said()[-3000:] if hasattr(w, "house") and w.house.service else "")).splitlines():
            print("#", line)
        return 1
    only = os.environ.get("FLOW_ONLY", "")
    for n, f in enumerate(cases, 1):
        name = f.__name__.replace("_", " ")
        if only and not re.search(only, name):
            print(f"ok {n} - {name} # SKIP")
            continue
        try:
            f()
            print(f"ok {n} - {name}", flush=True)
        except Exception:
            failed += 1
            print(f"not ok {n} - {name}", flush=True)
            for line in traceback.format_exc().splitlines()[-6:]:
                print("#", line[:600])
    print(f"1..{len(cases)}")
    return 1 if failed else 0


if __name__ == "__main__":
    try:
        STATUS = main()
    finally:
        if hasattr(w, "house"):
            w.house.close()
    sys.exit(STATUS)
