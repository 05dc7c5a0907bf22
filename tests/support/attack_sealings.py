"""Attacks on sealings and their window, and races. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
import hashlib
import hmac
import signal
import time

from attack_scene import *


def seal(officer, page, password=KEY_PASSWORD):
    return w.house.seal_in_window(officer, page, password)


def wait_for(sealing, states, seconds=60):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        told = state_of(sealing)
        if told["state"] in states:
            return told
        time.sleep(0.1)
    raise AssertionError(f"{told} is in none of {states}")


def parts_of(sealing):
    path = sealing["windowUrl"].split("/", 3)[3]
    return "/" + path, path.split("/")[1]


@case
def window_links_that_were_made_up():
    sealing = new_sealing()
    path, token = parts_of(sealing)
    swapped = token[:-1] + ("0" if token[-1] != "0" else "1")
    for forged in (swapped, token[:-1], token + "0", token.upper(), "0" * 64, sealing["id"], hashlib.sha256(sealing["id"].encode()).hexdigest(), "%00" + token, token + "%00",
                   token + "/", "..%2f" + token):
        client = w.house.client("window")
        among(client.get("/w/" + forged).status, (400, 404), forged)
        assert not client.cookies, forged
    other = w.house.client("window")
    for forged in (swapped, "", "x" * 64):
        other.cookies = {"__Host-bulla-sealing": forged}
        page = other.get(f"/sealing/{sealing['id']}")
        assert "A test" not in page.text
        is_(other.form(f"/sealing/{sealing['id']}/login", {"login": "officer-a", "password": PASSWORD}, page).status, 403, forged)
    # The link of one sealing does not open another.
    second, mixed = new_sealing(title="Another one"), w.house.client("window")
    is_(mixed.get(path).status, 303)
    page = mixed.get(f"/sealing/{second['id']}")
    assert "Another one" not in page.text
    is_(mixed.form(f"/sealing/{second['id']}/login", {"login": "officer-a", "password": PASSWORD}, page).status, 403)


@case
def a_window_link_in_another_browser():
    """It shows nothing by itself: who has the link, without being an officer of that partner, sees a login."""
    sealing = new_sealing(title="Very secret", data={"amount": "77"})
    officer, page = visit(sealing)
    assert "Very secret" in page.text
    thief = w.house.client("window")
    thief.follow(thief.get(parts_of(sealing)[0]))
    for rest in ("", "/documents/1/file", "/documents/1/pages/1", "/documents/1/pages/1/picture"):
        answer = thief.get(f"/sealing/{sealing['id']}{rest}")
        assert "Very secret" not in answer.text and "77" not in re.sub(r"<[^>]*>", "", answer.text) and not answer.body.startswith((b"%PDF", b"\x89PNG")), rest
    is_(thief.form(f"/sealing/{sealing['id']}/seal", {"password": KEY_PASSWORD, "key": "ky_" + "0" * 26}, page).status, 303, "asked to log in")
    is_(thief.form(f"/sealing/{sealing['id']}/refuse", {"reason": "x"}, page).status, 303)
    for login in ("officer-b", "admin-b", "clerk", "boss"):
        is_(thief.form(f"/sealing/{sealing['id']}/login", {"login": login, "password": PASSWORD}).status, 401, login)
    is_(state_of(sealing)["state"], "awaiting")
    # A session for one sealing is for that one.
    second = new_sealing(title="The second")
    for path in (f"/sealing/{second['id']}", "/partner", "/partner/log", "/partner/sealings", f"/sealing/{second['id']}/documents/1/file"):
        assert "The second" not in officer.get(path).text, path
    is_(officer.get("/partner").status, 403)


@case
def links_of_what_is_over():
    sealing = new_sealing()
    officer, page = visit(sealing)
    is_(portal().ask("DELETE", "/v1/sealings/" + sealing["id"]).status, 200)
    among(seal(officer, page).status, (303, 409))
    is_(state_of(sealing)["state"], "cancelled")
    late = w.house.client("window")
    answer = late.follow(late.get(parts_of(sealing)[0]))
    assert "A test" not in answer.text
    assert "name=\"key\"" not in visit(sealing)[1].text


@case
def another_portals_sealings_and_filings():
    sealing = new_sealing(title="Of the fund")
    filing = portal().multipart("/v1/filings", [("reference", "F-1"), ("document", "a.pdf", "application/pdf", document())]).json["filings"][0]
    other = portal(w.other_key)
    for method, path in (("GET", ""), ("DELETE", ""), ("GET", "/documents/1"), ("GET", "/documents/1/report"), ("POST", "/window")):
        is_(other.ask(method, f"/v1/sealings/{sealing['id']}{path}").status, 404, path)
    for path in ("", "/report.json", "/report.html", "/report.pdf"):
        is_(other.get(f"/v1/filings/{filing['id']}{path}").status, 404, path)
    for path in ("/v1/sealings", f"/v1/sealings?after={sealing['id']}", "/v1/sealings?portal=fund", "/v1/filings", "/v1/filings?source=fund"):
        answer = other.get(path)
        assert "Of the fund" not in answer.text and sealing["id"] not in answer.text and filing["id"] not in answer.text, path
    # The same idempotency key of another portal is another one.
    first = ask(headers={"Idempotency-Key": "shared"})
    second = ask(key=w.other_key, headers={"Idempotency-Key": "shared"})
    assert (first.status, second.status) == (201, 201) and first.json["id"] != second.json["id"]
    for bearer in ("Bearer", "Bearer ", "Bearer x", "Basic " + w.key, "bearer\t" + w.key, "Bearer " + w.key[:-1], "Bearer " + w.key + "0", "Bearer " + w.key + "," + w.other_key,
                   "Bearer " + hashlib.sha256(w.key.encode()).hexdigest(), "Bearer " + "x" * 8000):
        is_(w.house.client("api").ask("GET", "/v1/sealings", headers={"Authorization": bearer}).status, 401, bearer[:60])


@case
def addresses_to_go_back_to():
    for url in ("https://evil.example/", "https://fund.example.evil.example/back/", "https://fund.example@evil.example/back/", "https://fund.example:443@evil.example/back/",
                "//fund.example/back/", "http://fund.example/back/", "https://fund.example/other", "https://fund.example/back/../x", "https://fund.example/back/%2e%2e/x",
                "https://fund.example/back/.%2E/x", "https://fund.example/back/x/%2e./%2e%2e", "https://fund.example/back/\\..\\x", "https://fund.example\\@evil.example/back/",
                "javascript:alert(1)//https://fund.example/back/", "https://fund.example/back/\r\nX: y", "https://fund.example/back/\tx", "https://FUND.example/back/", "data:text/html,x",
                " https://fund.example/back/", "https:fund.example/back/", "https://fund.example/back/\u202e"):
        is_(ask(returnUrl=url).status, 400, url)
    for url in ("https://fund.example/back/", "https://fund.example/back/7?a=%2e%2e#x"):
        is_(ask(returnUrl=url).status, 201, url)


@case
def one_idempotency_key_twenty_times_at_once():
    answers = together(20, lambda _: ask(headers={"Idempotency-Key": "race"}))
    is_(sorted({a.status for a in answers}), [200, 201], [str(a)[:100] for a in answers])
    is_(sum(a.status == 201 for a in answers), 1)
    is_(len({a.json["id"] for a in answers}), 1)
    filings = together(20, lambda _: portal().multipart("/v1/filings", [("reference", "race"), ("document", "a.pdf", "application/pdf", document())], {"Idempotency-Key": "race"}))
    is_(len({a.json["filings"][0]["id"] for a in filings}), 1, [a.text[:100] for a in filings])
    mixed = together(10, lambda n: ask(title=f"Title {n % 2}", headers={"Idempotency-Key": "mixed"}))
    is_(len({a.json["id"] for a in mixed if a.status < 300}), 1)
    is_({a.status for a in mixed} <= {200, 201, 422}, True, [a.status for a in mixed])
    for key in ("k" * 201, "a b\u00e9".encode("latin-1").decode("latin-1"), ""):
        among(ask(headers={"Idempotency-Key": key}).status, (400, 201) if not key else (400,), key)


@case
def a_form_that_is_sent_many_times():
    sealing = new_sealing()
    officer, page = visit(sealing)
    clients = []
    for _ in range(8):
        one = w.house.client("window")
        one.cookies = dict(officer.cookies)
        clients.append(one)
    answers = together(8, lambda i: seal(clients[i], page))
    is_(sum(a.status == 303 for a in answers) >= 1, True, [a.status for a in answers])
    assert {a.status for a in answers} <= {303, 409}, [a.status for a in answers]
    told = wait_for(sealing, ("sealed",))
    is_(told["attempts"], 1)
    among(seal(clients[0], page).status, (303, 409), "and once more afterwards")
    is_(state_of(sealing)["attempts"], 1)
    sealings = [e for _, _, e in w.receiver.events if e.get("sealing") == sealing["id"]]
    assert w.receiver.wait("sealing.sealed", sealing["id"]) and len(sealings) <= 1
    log = log_in("auditor").get("/log?kind=sealing.")
    assert log.text.count(sealing["id"]) >= 2


@case
def two_officers_at_once():
    sealing = new_sealing()
    visits = [visit(sealing, login) for login in ("officer-a", "second-a", "admin-a")]
    answers = together(3, lambda i: seal(*visits[i]))
    is_(sorted(a.status for a in answers), [303, 409, 409])
    told = wait_for(sealing, ("sealed",))
    is_(told["attempts"], 1)


@case
def cancelled_while_it_is_sealed():
    sealing = new_sealing()
    officer, page = visit(sealing)
    w.house.fault("tsa=delay:4")
    try:
        done = []
        thread = threading.Thread(target=lambda: done.append(seal(officer, page)))
        thread.start()
        wait_for(sealing, ("sealing",))
        answer = portal().ask("DELETE", "/v1/sealings/" + sealing["id"])
        among((answer.status, answer.json.get("code")), ((409, "in-progress"), (409, "wrong-state")), answer.text)
        second, _ = visit(sealing, "second-a")
        is_(second.form(f"/sealing/{sealing['id']}/refuse", {"reason": "no"}, page).status in (403, 409), True)
        is_(portal().get(f"/v1/sealings/{sealing['id']}/documents/1").status, 409, "nothing is handed out before it is sealed")
    finally:
        thread.join()
        w.house.fault("none")
    is_(done[0].status, 303, done[0].text[:300])
    is_(state_of(sealing)["state"], "sealed")


@case
def sealed_while_the_clock_goes_round():
    """A round of what is done every minute falls into one of these, and leaves it alone."""
    w.house.fault("tsa=delay:4")
    try:
        begun = time.monotonic()
        while time.monotonic() - begun < 70:
            sealing = new_sealing()
            is_(seal(*visit(sealing)).status, 303)
            told = state_of(sealing)
            is_((told["state"], told["attempts"]), ("sealed", 1))
    finally:
        w.house.fault("none")


@case
def wrong_passwords_beyond_the_limit():
    sealing = new_sealing(partner="01-09-000002")
    officer, page = visit(sealing, "officer-b")
    statuses = []
    for n in range(12):
        answer = seal(officer, page, f"Not-The-Password-{n}")
        statuses.append(answer.status)
        if answer.status == 429:
            break
    assert statuses[-1] == 429 and set(statuses[:-1]) == {403} and len(statuses) <= 7, statuses
    assert int(answer.headers["Retry-After"]) > 0
    is_(seal(officer, page).status, 429, "the right one neither, while it waits")
    is_(state_of(sealing)["state"], "awaiting")
    # Another officer of the partner does not get more tries for the same key; other partners' keys are as before.
    admin, second = visit(sealing, "admin-b")
    is_(seal(admin, second, "Not-The-Password-x").status, 429)
    other = new_sealing()
    is_(seal(*visit(other)).status, 303)
    for password in ("", "x" * 5000, "\0", "a\nb"):
        answer = seal(*visit(new_sealing()), password=password)
        among(answer.status, (400, 403, 413, 422, 429, 502), repr(password[:9]))
    assert not [e for e in os.listdir(w.house.data + "/incoming")]


@case
def keys_of_others_in_the_form():
    sealing = new_sealing()
    officer, page = visit(sealing)
    foreign = re.search(r"/partner/keys/(ky_\w+)", log_in("admin-b").get("/partner").text).group(1)
    waiting = [k for k in re.findall(r"/partner/keys/(ky_\w+)", log_in("admin-a").get("/partner").text) if k not in page.text]
    for key in [foreign, "ky_" + "0" * 26, "", "' OR 1=1", "../" + foreign] + waiting[:1]:
        answer = officer.form(f"/sealing/{sealing['id']}/seal", {"key": key, "password": KEY_PASSWORD}, page)
        among(answer.status, (400, 422), f"{key} {waiting}")
    is_(state_of(sealing)["state"], "awaiting")


@case
def webhooks_that_are_sent_again_or_made_up():
    sealing = new_sealing()
    is_(seal(*visit(sealing)).status, 303)
    w.receiver.wait("sealing.sealed", sealing["id"])
    headers, body, _ = w.receiver.events[-1]
    n = len(w.receiver.events)
    is_(w.receiver.take(headers, body), 204, "known already")
    is_(len(w.receiver.events), n, "and not taken twice")
    is_(w.receiver.take(headers, body, now=time.time() + 1000), 400, "too old")
    is_(w.receiver.take(headers, body.replace(b"sealed", b"failed")), 400, "changed")
    now = str(int(time.time()))
    for secret, signed in (("", body), ("wrong", body), (WEBHOOK_SECRET, b"other")):
        value = hmac.new(secret.encode(), now.encode() + b"." + signed, hashlib.sha256).hexdigest()
        is_(w.receiver.take({**headers, "Bulla-Signature": f"t={now},v1={value}", "Bulla-Delivery": "new"}, body), 400, "made up")
    stamp = dict(p.split("=", 1) for p in headers["Bulla-Signature"].split(","))
    is_(w.receiver.take({**headers, "Bulla-Signature": f"t={int(stamp['t']) + 1},v1={stamp['v1']}"}, body), 400, "another time")


@case
def a_keeper_that_hangs_for_a_while():
    """Links that waited in vain are lost; when the keeper goes on, the service has new ones to it."""
    visits = [visit(new_sealing()) for _ in range(5)]
    keeper = w.house.processes()["keeper"][0]
    os.kill(keeper, signal.SIGSTOP)
    try:
        answers = together(4, lambda i: seal(*visits[i]))
    finally:
        os.kill(keeper, signal.SIGCONT)
    is_([a.status for a in answers], [502] * 4)
    for officer, _ in visits:
        officer.connection = None
    for _ in range(20):
        answer = seal(*visits[4])
        if answer.status == 303:
            break
    is_(answer.status, 303, answer.text)
    is_(w.house.processes()["keeper"], [keeper])
