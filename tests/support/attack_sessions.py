"""Attacks on sessions, forms and rights. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
import subprocess
import time
import urllib.parse

from attack_scene import *

EVIL = "https://evil.example"


def is_in(client, path="/account"):
    return client.get(path).status == 200


def with_cookies(listener, cookies):
    client = w.house.client(listener)
    client.cookies = dict(cookies)
    return client


def post(client, path, fields, headers=None):
    return client.ask("POST", path, urllib.parse.urlencode(fields), {"Content-Type": FORM, **(client.browser_headers() if headers is None else headers)})


@case
def cookies_are_for_browsers_and_this_host_alone():
    for listener, login in (("desk", "clerk"), ("window", "admin-a")):
        client = w.house.client(listener)
        answer = client.form("/login", {"login": login, "password": PASSWORD, "to": ""}, client.get("/login"))
        for cookie in answer.headers.get_all("Set-Cookie"):
            for word in ("__Host-", "Path=/", "Secure", "HttpOnly", "SameSite=Strict"):
                assert word in cookie, cookie
            assert "Domain" not in cookie, cookie
        assert PASSWORD not in answer.headers["Location"]


@case
def a_session_that_was_prepared_is_not_used():
    """Fixation: the cookie an attacker planted is another one after the login, and leads nowhere."""
    made = log_in("victim")
    name, good = next(iter(made.cookies.items()))
    planted = good[:-1] + ("a" if good[-1] != "a" else "b")
    client = with_cookies("desk", {name: planted})
    client.form("/login", {"login": "victim", "password": PASSWORD, "to": ""}, client.get("/login"))
    assert client.cookies[name] != planted and is_in(client)
    assert not is_in(with_cookies("desk", {name: planted}))
    # One's own session, planted in the victim's browser, ends when he logs in.
    client = with_cookies("desk", made.cookies)
    client.form("/login", {"login": "clerk", "password": PASSWORD, "to": ""})
    assert client.cookies[name] != good and not is_in(made)


@case
def a_stolen_cookie_elsewhere():
    clerk, admin = log_in("clerk"), log_in("admin-a")
    token = next(iter(clerk.cookies.values()))
    for name in ("__Host-bulla-window", "__Host-bulla-desk", "__Host-bulla-sealing", "session"):
        assert not is_in(with_cookies("window", {name: token})), name
    token = next(iter(admin.cookies.values()))
    for name in ("__Host-bulla-window", "__Host-bulla-desk"):
        assert not is_in(with_cookies("desk", {name: token})), name
    is_(w.house.client("api", key=token).get("/v1/sealings").status, 401)
    for forged in ("", "x", "0" * 64, token[:-1], token + "0", token.upper() if token != token.upper() else token.lower(), "' OR 1=1 --", "../" + token, "\u00e9"):
        assert not is_in(with_cookies("window", {"__Host-bulla-window": forged})), forged


@case
def a_stolen_cookie_after_the_logout():
    client = log_in("victim")
    stolen = with_cookies("desk", client.cookies)
    assert is_in(stolen)
    is_(client.form("/logout", {}, client.get("/account")).status, 303)
    assert not is_in(stolen)


@case
def a_stolen_cookie_after_another_password():
    client, elsewhere = log_in("victim"), log_in("victim")
    before = with_cookies("desk", client.cookies)
    fresh = PASSWORD + "-new"
    answer = client.form("/account/password", {"password": PASSWORD, "new_password": fresh, "new_password_again": fresh}, client.get("/account"))
    is_(answer.status, 303, answer.text[:500])
    assert is_in(client) and not is_in(before) and not is_in(elsewhere)
    boss = log_in("boss")
    page = boss.get("/staff")
    path = re.search(r'href="(/staff/[^"?]+)"[^>]*>[^<]*Victim', page.text) or re.search(r'href="(/staff/[^"?]+)">(?:(?!</tr>).)*victim', page.text, re.S)
    w.victim = path.group(1)
    answer = boss.form(w.victim, {"name": "Victim", "email": "", "role": "clerk", "active": "yes", "password": PASSWORD}, boss.get(w.victim))
    is_(answer.status, 303, answer.text[:500])
    assert not is_in(client)
    # Who got a password of an administrator can do nothing but change it.
    again = log_in("victim")
    is_(again.get("/filings").headers["Location"], "/account")
    is_(post(again, "/check", {"csrf": csrf_of(again.get("/account"))}).status in (303, 415), True)
    answer = again.form("/account/password", {"password": PASSWORD, "new_password": fresh, "new_password_again": fresh}, again.get("/account"))
    is_(answer.status, 303, answer.text[:300])
    assert is_in(again, "/filings")


@case
def a_stolen_cookie_after_other_rights():
    boss, mover = log_in("boss"), log_in("mover")
    assert is_in(mover, "/filings")
    page = boss.get("/staff")
    path = re.search(r'href="(/staff/[^"?]+)"[^>]*>[^<]*Mover', page.text).group(1)
    fields = {"name": "Mover", "email": "", "password": ""}
    is_(boss.form(path, {**fields, "role": "auditor", "active": "yes"}, boss.get(path)).status, 303)
    assert not is_in(mover)
    mover = log_in("mover")
    assert is_in(mover, "/log") and mover.get("/check").status == 403
    is_(boss.form(path, {**fields, "role": "auditor"}, boss.get(path)).status, 303)
    assert not is_in(mover) and not is_in(mover, "/log")
    client = w.house.client("desk")
    is_(client.form("/login", {"login": "mover", "password": PASSWORD, "to": ""}).status, 401, "who may not log in")


@case
def forms_of_other_sites():
    """Every form, with the session's cookie: without a token, with a wrong one, another session's, from elsewhere."""
    admin, clerk, boss, approver = log_in("admin-a"), log_in("clerk"), log_in("boss"), log_in("approver")
    key = re.search(r"/partner/keys/(ky_\w+)", admin.get("/partner").text).group(1)
    officer = re.search(r"/partner/officers/(pe_\w+|\w+)\"", admin.get("/partner/officers").text).group(1)
    forms = [(admin, f"/partner/keys/{key}/withdraw", {"note": "x"}), (admin, f"/partner/keys/{key}/password", {"password": KEY_PASSWORD, "new_password": PASSWORD, "new_password_again": PASSWORD}),
             (admin, "/partner/officers", {"login": "evil-1", "name": "Evil", "role": "officer", "password": PASSWORD}),
             (admin, f"/partner/officers/{officer}", {"name": "Evil", "role": "officer", "active": "yes"}),
             (boss, "/partners", {"name": "Evil", "number": "9"}), (boss, f"/partners/{w.partners['a']}", {"name": "Evil", "number": "9"}),
             (boss, "/staff", {"login": "evil-2", "name": "Evil", "role": "administrator", "password": PASSWORD}),
             (boss, f"/partners/{w.partners['a']}/persons", {"login": "evil-3", "name": "Evil", "role": "officer", "password": PASSWORD}),
             (approver, f"/approvals/keys/{key}", {"decision": "refused"}), (clerk, "/account/language", {"language": "hu"}),
             (clerk, "/account/password", {"password": PASSWORD, "new_password": KEY_PASSWORD, "new_password_again": KEY_PASSWORD}), (clerk, "/logout", {})]
    for client, path, fields in forms:
        own, others = csrf_of(client.get("/account")), csrf_of(log_in("auditor").get("/account"))
        assert own and others and own != others
        for token in (None, "", "x", others, own[:-1], own + "x"):
            is_(post(client, path, fields if token is None else {**fields, "csrf": token}).status, 403, f"{path} {token}")
        for headers in ({}, {"Origin": EVIL}, {"Origin": "null"}, {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}, {"Sec-Fetch-Site": "same-site"},
                        {"Sec-Fetch-Site": "none"}, {"Origin": client.base + ".evil.example"}, {"Origin": client.base.replace("https", "http")},
                        {"Origin": client.base, "Sec-Fetch-Site": "cross-site"}, {"Referer": client.base + "/"}):
            is_(post(client, path, {**fields, "csrf": own}, headers).status, 403, f"{path} {headers}")
        among(client.get(path).status, (200, 303, 404, 405), "a form that is fetched does nothing")
    body, kind = b'--x\r\nContent-Disposition: form-data; name="password"\r\n\r\n' + KEY_PASSWORD.encode() + b"\r\n--x--\r\n", "multipart/form-data; boundary=x"
    is_(admin.ask("POST", "/partner/keys", body, {**admin.browser_headers(), "Content-Type": kind}).status, 403, "a deposit without a token")
    for client in (admin, clerk, boss, approver):
        assert is_in(client)
    assert "Evil" not in boss.get("/staff").text + boss.get("/partners").text + admin.get("/partner/officers").text
    assert "In use" in admin.get("/partner").text


@case
def logins_from_other_sites():
    client = w.house.client("desk")
    for headers in ({}, {"Origin": EVIL}, {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}):
        answer = post(client, "/login", {"login": "clerk", "password": PASSWORD}, headers)
        is_(answer.status, 403)
        assert not answer.headers.get("Set-Cookie")


@case
def where_a_login_leads_to():
    for to in ("https://evil.example/", "//evil.example/", "/\\evil.example", "/\t/evil.example", "\\\\evil.example", "javascript:alert(1)", "/a\r\nX: y", "///evil.example", "", "/%0d%0aX: y",
               "/" + "a" * 5000):
        client = w.house.client("desk")
        answer = client.form("/login", {"login": "clerk", "password": PASSWORD, "to": to})
        is_(answer.status, 303)
        location = answer.headers["Location"]
        assert location.startswith("/") and not location.startswith("//") and "evil" not in location and "\\" not in location and not answer.headers.get("X"), location
        is_(client.get("/language/en?to=%2F%2Fevil.example").headers["Location"], "/")


@case
def rights_that_one_does_not_have():
    """Every form of every role, filled in well, sent by everybody who does not have that role."""
    admin = log_in("admin-a")
    key = re.search(r"/partner/keys/(ky_\w+)", admin.get("/partner").text).group(1)
    person = {"name": "Evil", "password": PASSWORD, "active": "yes"}
    desk = [("/partners", {"name": "Evil", "number": "9"}, "boss"), (f"/partners/{w.partners['a']}", {"name": "Evil", "number": "9"}, "boss"),
            (f"/partners/{w.partners['a']}/persons", {"login": "evil-4", "role": "partner-admin", **person}, "boss"),
            ("/staff", {"login": "evil-5", "role": "administrator", **person}, "boss"), (getattr(w, "victim", "/staff/x"), {"role": "administrator", **person}, "boss"),
            (f"/approvals/keys/{key}", {"decision": "refused", "note": "x"}, "approver"), ("/filings/fl_" + "0" * 26 + "/decision", {"decision": "accepted"}, "clerk"),
            ("/filings/fl_" + "0" * 26 + "/again", {}, "clerk"), ("/approvals/ap_" + "0" * 26, {"decision": "approved"}, "approver")]
    reads = [("/partners", "boss"), ("/staff", "boss"), ("/approvals", "approver"), ("/check", "clerk")]
    for login in ("boss", "clerk", "approver", "auditor"):
        client = log_in(login)
        token = csrf_of(client.get("/account"))
        for path, fields, owner in desk:
            if login != owner:
                is_(post(client, path, {**fields, "csrf": token}).status, 403, f"{login} {path}")
        for path, owner in reads:
            if login != owner and not (path == "/partners" and login == "auditor"):
                among(client.get(path).status, (403,), f"{login} {path}")
        is_(client.get("/log").status == 200, login == "auditor", f"{login} and the log")
    officer = log_in("officer-a")
    token = csrf_of(officer.get("/account"))
    for path, fields in ((f"/partner/keys/{key}/withdraw", {"note": "x"}), (f"/partner/keys/{key}/password", {"password": KEY_PASSWORD, "new_password": PASSWORD, "new_password_again": PASSWORD}),
                         ("/partner/officers", {"login": "evil-6", "role": "partner-admin", **person})):
        is_(post(officer, path, {**fields, "csrf": token}).status, 403, f"officer {path}")
    with open(w.p12["a"], "rb") as f:
        is_(officer.multipart("/partner/keys", [("csrf", token), ("password", KEY_PASSWORD), ("file", "k.p12", "application/x-pkcs12", f.read())], officer.browser_headers()).status, 403)
    is_(officer.get("/partner/officers").status, 403)
    for login, listener in (("officer-a", "desk"), ("admin-a", "desk"), ("clerk", "window"), ("boss", "window")):
        is_(w.house.client(listener).form("/login", {"login": login, "password": PASSWORD, "to": ""}).status, 401, f"{login} at the {listener}")
    for path in [p for p, _, _ in desk] + ["/approvals", "/log", "/filings", "/staff"]:
        among(admin.get(path).status, (404, 405), f"the desk's {path} at the window")


@case
def rights_that_are_given_to_oneself():
    admin, boss = log_in("admin-a"), log_in("boss")
    page = admin.get("/partner/officers")
    for n, role in enumerate(("administrator", "approver", "clerk", "auditor", "0xff", "")):
        answer = admin.form("/partner/officers", {"login": f"climber-{n}", "name": "Climber", "role": role, "password": PASSWORD}, page)
        is_(answer.status, 422, role)
    both = urllib.parse.urlencode([("login", "climber-9"), ("name", "Climber"), ("role", "officer"), ("role", "approver"), ("role", "administrator"), ("password", PASSWORD),
                                   ("partner", w.partners["b"]), ("roles", "255"), ("csrf", csrf_of(page))])
    is_(admin.ask("POST", "/partner/officers", both, {**admin.browser_headers(), "Content-Type": FORM}).status, 303)
    is_(w.house.client("desk").form("/login", {"login": "climber-9", "password": PASSWORD, "to": ""}).status, 401)
    assert "climber-9" not in log_in("admin-b").get("/partner/officers").text
    path = re.search(r'href="(/staff/[^"?]+)"[^>]*>[^<]*Boss', boss.get("/staff").text).group(1)
    boss.form(path, {"name": "Boss", "email": "", "role": "approver"}, boss.get(path))
    assert is_in(boss, "/staff") and boss.get("/approvals").status == 403, "an administrator changes his own rights"


@case
def partners_see_nothing_of_each_other():
    a, b = log_in("admin-a"), log_in("admin-b")
    key = re.search(r"/partner/keys/(ky_\w+)", b.get("/partner").text).group(1)
    persons = set(re.findall(r"/partner/officers/(\w+)", b.get("/partner/officers").text))
    assert persons and key not in a.get("/partner").text
    token = csrf_of(a.get("/account"))
    fields = {"password": KEY_PASSWORD, "new_password": PASSWORD, "new_password_again": PASSWORD, "note": "x"}
    is_(a.get(f"/partner/keys/{key}").status, 404)
    for what in ("password", "withdraw"):
        is_(post(a, f"/partner/keys/{key}/{what}", {**fields, "csrf": token}).status, 404, what)
    for person in persons:
        is_(a.get("/partner/officers/" + person).status, 404)
        is_(post(a, "/partner/officers/" + person, {"name": "Evil", "role": "officer", "password": PASSWORD, "csrf": token}).status, 404)
    sealing = new_sealing(partner="01-09-000002", title="Only for B", reference="B-secret")
    for path in ("/partner/sealings", "/partner/log", "/partner/log?partner=" + w.partners["b"], "/partner/sealings?partner=" + w.partners["b"], "/partner/officers"):
        page = a.get(path)
        is_(page.status, 200, path)
        for text in ("Only for B", "B-secret", sealing["id"], key, "officer-b", "Bank B"):
            assert text not in page.text, f"{path} tells of {text}"
    for rest in ("", "/documents/1/file", "/documents/1/pages/1", "/documents/1/pages/1/picture"):
        page = a.get(f"/sealing/{sealing['id']}{rest}")
        assert "Only for B" not in page.text and not page.body.startswith((b"%PDF", b"\x89PNG")), rest
    assert "Only for B" in b.get("/partner/sealings").text


@case
def four_eyes():
    admin = log_in("admin-a")
    w.house.deposit(admin, w.house.issue("second-key"))
    key = re.findall(r"/partner/keys/(ky_\w+)", admin.get("/partner").text)
    waiting = [k for k in key if "Waits for approval" in admin.get("/partner/keys/" + k).text]
    is_(len(waiting), 1)
    for n, decision in enumerate(("approved", "approved' --", "", "APPROVED", "waiting")):
        approver = log_in("approver")
        page = approver.get("/approvals")
        if n:
            is_(approver.form("/approvals/keys/" + waiting[0], {"decision": decision, "note": ""}, page).status, 400, decision)
    among(post(admin, "/approvals/keys/" + waiting[0], {"decision": "approved", "csrf": csrf_of(admin.get("/account"))}).status, (404, 405))
    approvers = [log_in("approver") for _ in range(6)]
    pages = [a.get("/approvals") for a in approvers]
    answers = together(6, lambda i: approvers[i].form("/approvals/keys/" + waiting[0], {"decision": ("approved", "refused")[i % 2], "note": "n"}, pages[i]))
    done = [a.headers["Location"] for a in answers]
    is_(done.count("/approvals?done=decided"), 1, done)
    is_(done.count("/approvals?done=decided-before"), 5, done)
    log = log_in("auditor").get("/log?kind=approval.")
    is_(len(re.findall(waiting[0], log.text)) in (1, 2), True, "decided once in the log")
    said = refusal_of("person", "add", "--login", "both", "--roles", "officer,partner-admin,approver", "--partner", w.partners["a"])
    assert said, "a partner's person is made an approver too"


def refusal_of(*arguments):
    """What the command says when it refuses; empty: it did it."""
    done = subprocess.run([w.house.bulla, *arguments[:2], "--config", w.house.config, *arguments[2:]], capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stderr if done.returncode else ""


class FromAway(Client):
    """From another address of this machine."""

    def connect(self):
        connection = super().connect()
        connection.source_address = ("127.0.3.1", 0)
        return connection


@case
def a_flood_of_logins():
    """Names that are and are not there, from one address: meanwhile portals are served, and who comes from elsewhere logs in."""
    over, counts = threading.Event(), {}

    def flood(i):
        client = FromAway(w.house.base(("desk", "window")[i % 2]), timeout=120)
        n = 0
        while not over.is_set():
            n += 1
            name = ("mover", f"nobody-{i}-{n}")[n % 2]
            answer = client.form("/login", {"login": name, "password": f"Wrong-Password-{n}", "to": ""})
            counts[answer.status] = counts.get(answer.status, 0) + 1
            assert not answer.headers.get("Set-Cookie") and not leaks(answer.text)
    threads = [threading.Thread(target=flood, args=(i,)) for i in range(24)]
    for t in threads:
        t.start()
    try:
        while not counts.get(503):
            time.sleep(0.1)
        for n in range(20):
            is_(portal().get("/v1/sealings?limit=1").status, 200, "a portal")
            if n % 5 == 0:
                answer = w.house.client("desk", timeout=120).form("/login", {"login": "auditor", "password": PASSWORD, "to": ""})
                is_(answer.status, 303, "somebody who logs in from elsewhere")
    finally:
        over.set()
        for t in threads:
            t.join()
    assert set(counts) <= {401, 503}, counts


@case
def names_are_not_found_out():
    """What is told of a login that failed does not depend on whether the person is there, or waits."""
    def told(login, password="Wrong-Password-1"):
        answer = w.house.client("desk").form("/login", {"login": login, "password": password, "to": ""})
        return answer.status, re.sub(r'value="[^"]*"', "", answer.text)
    nobody = told("nobody-at-all")
    for _ in range(8):
        is_(told("victim")[0], nobody[0])
    is_(told("victim"), nobody)
    is_(told("victim", PASSWORD + "-new"), nobody, "who waits is told no more, with the right password too")
    assert log_in("clerk"), "others log in"
