"""The clerk's desk and a partner's pages against a running service, as browsers without a script use them. Prints TAP.

Usage: desk_flow.py BUILD FOLDER
"""
import html
import os
import re
import subprocess
import sys

sys.path.insert(0, "tests/support")
from house import KEY_PASSWORD, PASSWORD, House, run  # noqa: E402

BUILD, FOLDER = sys.argv[1:3]
done = 0


def ok(name, passes, why=""):
    global done
    done += 1
    print(f"{'ok' if passes else 'not ok'} {done} - {name}")
    if not passes:
        for line in str(why).splitlines()[:40]:
            print("# " + line)
    sys.stdout.flush()


def pdf(text):
    """One page with a line of text."""
    stream = f"BT /F1 24 Tf 72 720 Td ({text}) Tj ET".encode()
    objects = [b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
               b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
               b"<</Length %d>>\nstream\n%s\nendstream" % (len(stream), stream),
               b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    out, places = bytearray(b"%PDF-1.7\n"), []
    for n, body in enumerate(objects, 1):
        places.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (n, body)
    start = len(out)
    out += b"xref\n0 6\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % p for p in places)
    out += b"trailer\n<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % start
    return bytes(out)


def make_documents(house):
    """name -> octets: sealed, sealed twice, tampered with, unsealed, no PDF."""
    key = house.issue("office")
    secret = os.path.join(house.folder, "office.password")
    plain, one, two = (os.path.join(house.folder, n) for n in ("plain.pdf", "one.pdf", "two.pdf"))
    with open(plain, "wb") as f:
        f.write(pdf("An application"))
    seal = ["--key", key, "--password-file", secret, "--tsa", house.url + "/tsa", "--trust", os.path.join(house.ca, "root.pem"),
            "--allow-address", "127.0.0.0/8"]
    run(house.bulla, "seal", plain, "-o", one, *seal, "--visible", "1,72,72,200,60")
    run(house.bulla, "seal", one, "-o", two, *seal, "--visible", "1,300,72,200,60")
    documents = {}
    for name in ("plain", "one", "two"):
        with open(os.path.join(house.folder, name + ".pdf"), "rb") as f:
            documents[name + ".pdf"] = f.read()
    documents["tampered.pdf"] = documents["one.pdf"].replace(b"An application", b"An Application")
    documents["no.pdf"] = b"no document at all"
    return documents


def csrf(answer):
    return re.search(r'name="csrf" value="([^"]*)"', answer.text).group(1)


def log_in(house, listener, login, password=PASSWORD):
    client = house.client(listener)
    answer = client.form("/login", {"login": login, "password": password, "to": "/account"})
    if answer.status != 303 or answer.headers["Location"] != "/account":
        raise SystemExit(f"Bail out! {login} cannot log in: {answer.status} {answer.text[:500]}")
    return client


def upload(client, path, page, fields, files):
    parts = [("csrf", csrf(page))] + list(fields.items())
    parts += [("file", name, "application/pdf", octets) for name, octets in files.items()]
    return client.multipart(path, parts, client.browser_headers())


def words(text):
    """file -> word, of a table of filings."""
    rows = re.findall(r"<tr>\s*<th scope=\"row\"><a href=\"([^\"]*)\">([^<]*)</a>.*?<span class=\"badge \w+\">([^<]*)</span>",
                      text, re.S)
    return {html.unescape(name): (word, address) for address, name, word in rows}


def check_desk(house, documents):
    clerk = log_in(house, "desk", "clerk")
    page = clerk.get("/check")
    batch = re.search(r'name="batch" value="([^"]*)"', page.text).group(1)
    answer = upload(clerk, "/check", page, {"batch": batch}, documents)
    ok("several files at once lead to their table", answer.status == 303 and answer.headers["Location"] == "/check/" + batch,
       answer.text)
    table = clerk.follow(answer)
    found = words(table.text)
    # The certificate's disclaimer is seen for the first time.
    wanted = {"one.pdf": "Look closer", "two.pdf": "Look closer", "plain.pdf": "Look closer", "tampered.pdf": "Do not accept",
              "no.pdf": "Do not accept"}
    for name, word in wanted.items():
        ok(f"{name}: {word}", found.get(name, ("", ""))[0] == word, (found.get(name), table.text[-3000:]))
    row = clerk.multipart("/check", [("csrf", csrf(page)), ("batch", batch),
                                     ("file", "r\u00e9sz.pdf", "application/pdf", documents["one.pdf"])],
                          {**clerk.browser_headers(), "X-Bulla-Row": "1"})
    ok("for the script a row alone", row.status == 200 and row.text.startswith("<tr>") and "r\u00e9sz.pdf" in row.text, row.text)
    return clerk, {name: address for name, (_, address) in found.items()}


def approve(house, clerk, addresses):
    approver = log_in(house, "desk", "approver")
    page = approver.get("/approvals")
    ok("the disclaimer waits for a second person", page.text.count("/approvals/ap_") == 1, page.text)
    path = re.search(r'action="(/approvals/ap_[^"]*)"', page.text).group(1)
    ok("a clerk cannot approve it", clerk.form(path, {"decision": "approved", "note": ""}, clerk.get("/check")).status == 403)
    answer = approver.form(path, {"decision": "approved", "note": "read"}, page)
    ok("approved", answer.headers["Location"] == "/approvals?done=decided", answer.text)
    found = words(clerk.get("/filings").text)
    ok("what waited for it is judged again", found["one.pdf"][0] == "Accept" and found["two.pdf"][0] == "Accept", found)
    ok("and nothing else", found["tampered.pdf"][0] == "Do not accept" and found["plain.pdf"][0] == "Look closer", found)


def check_filing(house, clerk, addresses):
    page = clerk.get(addresses["one.pdf"])
    text = page.text
    ok("who: the office", "office" in text and "Qualified certificate" in text, text)
    ok("when: the proven time first", 0 < text.find("Time, proven") < text.find("Time, as the signer claims"), text)
    ok("no script, style or handler in the page", not re.search(r"<script>|<style| on\w+=| style=", text))
    for form, start in (("html", b"<!DOCTYPE html>"), ("pdf", b"%PDF-"), ("xml", b"<?xml"), ("json", b"{")):
        report = clerk.get(addresses["one.pdf"] + "/report/" + form)
        ok(f"the report as {form}", report.status == 200 and report.body.startswith(start), report.body[:300])
        if form == "html":
            policy = report.headers["Content-Security-Policy"]
            style = re.search(r"<style>(.*?)</style>", report.text, re.S).group(1)
            digest = subprocess.run("openssl dgst -sha256 -binary | base64", shell=True, input=style.encode(),
                                    capture_output=True, check=True).stdout.decode().strip()
            ok("which may run nothing and has the style it came with",
               f"'sha256-{digest}'" in policy and "script-src 'none'" in policy and "sandbox" in policy, policy)
    original = clerk.get(addresses["one.pdf"] + "/document")
    ok("the document as it came, to be saved", original.headers["Content-Disposition"].startswith("attachment")
       and original.body.startswith(b"%PDF"), original.headers)
    changes = clerk.get(addresses["two.pdf"] + "/changes?signature=S1")
    ok("pages then and now", changes.status == 200 and changes.text.count("data:image/png;base64,") >= 2, changes.text[:3000])
    ok("the page with the second seal looks different", "looks different" in changes.text, changes.text[:3000])
    decided = clerk.form(addresses["one.pdf"] + "/decision", {"decision": "accepted", "note": ""}, page)
    ok("accepted", "Accepted" in clerk.follow(decided).text and decided.status == 303, decided.text)
    late = clerk.form(addresses["one.pdf"] + "/decision", {"decision": "refused", "note": "x"}, page)
    ok("decided once", late.headers["Location"].endswith("?done=decided-before"), late.headers)
    hungarian = clerk.get(addresses["tampered.pdf"], Accept_Language="hu")
    ok("in Hungarian", '<html lang="hu">' in hungarian.text and "Nem fogadható el" in hungarian.text, hungarian.text[:2000])
    queue = clerk.get("/filings?q=TAMPERED")
    ok("found in the queue", list(words(queue.text)) == ["tampered.pdf"], words(queue.text))


def check_partner(house):
    key = house.issue("partner")
    with open(key, "rb") as f:
        octets = f.read()
    admin = log_in(house, "window", "admin")
    page = admin.get("/partner")
    wrong = upload(admin, "/partner/keys", page, {"password": "Wrong-Password-9"}, {"k.p12": octets})
    ok("a key under a wrong password is refused", wrong.status == 422 and "The password is wrong" in wrong.text, wrong.text)
    answer = upload(admin, "/partner/keys", page, {"password": KEY_PASSWORD}, {"k.p12": octets})
    ok("a key is deposited", answer.status == 303, answer.text)
    path = answer.headers["Location"].split("?")[0]
    shown = admin.get(path)
    ok("and waits", "Waits for approval" in shown.text and "partner" in shown.text, shown.text)
    again = upload(admin, "/partner/keys", page, {"password": KEY_PASSWORD}, {"k.p12": octets})
    ok("not twice", again.status == 422 and "deposited already" in again.text, again.text)
    fresh = "Fresh+Password+11"
    changed = admin.form(path + "/password", {"password": KEY_PASSWORD, "new_password": fresh, "new_password_again": fresh}, shown)
    ok("its password is changed", changed.status == 303, changed.text)
    changed = admin.form(path + "/password", {"password": KEY_PASSWORD, "new_password": fresh, "new_password_again": fresh}, shown)
    ok("the old one is of no use any more", changed.status == 422, changed.text)
    approver = log_in(house, "desk", "approver")
    waiting = approver.get("/approvals")
    ok("who sees what the judge says of its certificate", "Certificate, checked now" in waiting.text
       and "NTRXX-12345678" in waiting.text and "This is not the number" not in waiting.text, waiting.text)
    done = approver.form("/approvals/keys/" + path.rsplit("/", 1)[1], {"decision": "approved", "note": ""}, waiting)
    ok("a second person approves it", done.headers["Location"] == "/approvals?done=decided", done.text)
    ok("in use", "In use" in admin.get("/partner").text)
    with open(os.path.join(house.folder, "plain.pdf"), "rb") as f:
        refused = upload(admin, "/partner/keys", page, {"password": KEY_PASSWORD}, {"k.p12": f.read()})
    ok("a file that is no key", refused.status == 422, refused.text)
    log = admin.get("/partner/log")
    ok("in the partner's own log", "key.deposited" in log.text and "login.refused" not in log.text, log.text)


def check_audit(house):
    auditor = log_in(house, "desk", "auditor")
    page = auditor.get("/log?kind=key.")
    ok("the auditor sees it", "key.deposited" in page.text and "filing.received" not in page.text, page.text)
    ok("and cannot decide", auditor.get("/approvals").status == 403)
    ok("the service ends in good order", house.stop() == 0, house.said()[-2000:])
    said = subprocess.run([house.bulla, "audit", "verify", os.path.join(house.data, "log")], capture_output=True, text=True,
                          check=False)
    ok("the log is whole", said.returncode == 0, said.stdout + said.stderr)
    secrets = "\n".join([PASSWORD, KEY_PASSWORD, "Fresh+Password+11", "Wrong-Password-9"])
    found = subprocess.run(["grep", "-rlaF", "-f", "-", house.data, house.log], input=secrets, capture_output=True, text=True,
                           check=False)
    ok("no password is in any file of the service", found.returncode == 1, found.stdout)


def main():
    with House(BUILD, FOLDER, allowAddresses=["127.0.0.0/8"]) as house:
        house.write_configuration()
        house.add_person("boss", "administrator")
        house.add_person("clerk", "clerk")
        house.add_person("approver", "approver")
        house.add_person("auditor", "auditor")
        partner = house.add_partner("Partner & Co", "12345678")
        house.add_person("admin", "partner-admin,officer", partner)
        documents = make_documents(house)
        house.start()
        running = subprocess.run([house.bulla, "partner", "add", "--config", house.config, "--name", "x"], capture_output=True,
                                 text=True, check=False)
        ok("while it runs, partners are added on its desk", running.returncode != 0 and "running" in running.stderr, running.stderr)
        clerk, addresses = check_desk(house, documents)
        approve(house, clerk, addresses)
        check_filing(house, clerk, addresses)
        check_partner(house)
        check_audit(house)
    print(f"1..{done}")


main()
