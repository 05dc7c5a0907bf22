"""A house with a service in it, for tests and for the demonstration: the test authority, a configuration, `bulla serve`
and the persons who work there, all below one folder, on free ports of the loopback. Python's standard library only.

    with House("build/dev", "folder") as house:
        house.add_staff("clerk", "clerk")
        client = house.client("desk")
"""
import hashlib
import http.client
import json
import os
import re
import secrets
import signal
import ssl
import subprocess
import threading
import time
import urllib.parse

PASSWORD = "Correct-Horse-9"  # of every person of a test
KEY_PASSWORD = "Battery+Staple7"  # of every key of a test
LISTENERS = ("api", "window", "desk")


class Trouble(Exception):
    pass


def run(*arguments, **more):
    """The output of a program that must succeed."""
    done = subprocess.run([str(a) for a in arguments], capture_output=True, text=True, check=False, **more)
    if done.returncode:
        raise Trouble(f"{' '.join(str(a) for a in arguments)}: status {done.returncode}: {done.stderr.strip()}")
    return done.stdout


def write(path, text, mode=0o600):
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "w", encoding="utf-8") as f:
        f.write(text)


class House:
    def __init__(self, build, folder, tls=False, authority_options=(), **configuration):
        self.build = os.path.abspath(build)
        self.folder = os.path.abspath(folder)
        self.bulla = os.path.join(self.build, "bulla")
        self.ca = os.path.join(self.folder, "ca")
        self.data = os.path.join(self.folder, "data")
        self.config = os.path.join(self.folder, "bulla.json")
        self.log = os.path.join(self.folder, "service.log")
        self.tls = tls
        self.authority_options = authority_options
        self.more = configuration
        self.portals = []
        self.keys = []
        self.authority = self.service = None
        self.ports = {}
        os.makedirs(self.folder, exist_ok=True)

    # -- the authority --
    def start_authority(self):
        authority = os.path.join(self.build, "bulla-authority")
        if not os.path.exists(self.ca):
            run(authority, "init", self.ca, *self.authority_options)
        with open(os.path.join(self.ca, "url"), encoding="utf-8") as f:
            self.url = f.read().strip()
        self.authority = subprocess.Popen([authority, "serve", self.ca], stdout=subprocess.DEVNULL,
                                          stderr=subprocess.DEVNULL)
        address = urllib.parse.urlsplit(self.url)
        for _ in range(400):
            try:
                connection = http.client.HTTPConnection(address.hostname, address.port, timeout=5)
                connection.request("GET", "/")
                connection.getresponse().read()
                return
            except OSError:
                time.sleep(0.05)
        raise Trouble("the authority does not answer")

    def fault(self, *what):
        run(os.path.join(self.build, "bulla-authority"), "fault", self.ca, *what)

    def issue(self, name, *options, password=KEY_PASSWORD):
        """A PKCS#12 with a key of this name; its path."""
        secret = os.path.join(self.folder, f"{name}.password")
        write(secret, password + "\n")
        run(os.path.join(self.build, "bulla-authority"), "issue", self.ca, name, "--password-file", secret, *options)
        return os.path.join(self.ca, "issued", f"{name}.p12")

    # -- the service --
    def add_portal(self, identifier, **more):
        """Before the start. The portal's API key."""
        key = secrets.token_urlsafe(24)
        self.portals.append({"id": identifier, "name": identifier.capitalize(),
                             "apiKeySha256": hashlib.sha256(key.encode()).hexdigest(), **more})
        return key

    def make_certificate(self):
        """Of the service's own hosts."""
        certificate, key = (os.path.join(self.folder, n) for n in ("host.pem", "host.key"))
        if not os.path.exists(certificate):
            run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30",
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-keyout", key, "-out", certificate)
        return certificate, key

    def write_configuration(self):
        listeners = {name: {"address": "127.0.0.1", "port": self.ports.get(name, 0)} for name in LISTENERS}
        if self.tls:
            certificate, key = self.make_certificate()
            for listener in listeners.values():
                listener.update(certificate=certificate, key=key)
        configuration = {
            "data": "data", "organisation": "Guarantee Fund", "listeners": listeners,
            "trust": [os.path.join(self.ca, "root.pem")], "tsa": [self.url + "/tsa"], "portals": self.portals,
            "unattendedKeys": self.keys,
        }
        for key, value in self.more.items():
            if isinstance(value, dict) and isinstance(configuration.get(key), dict):
                for name, part in value.items():
                    configuration[key].setdefault(name, {}).update(part) if isinstance(part, dict) \
                        else configuration[key].update({name: part})
            else:
                configuration[key] = value
        write(self.config, json.dumps(configuration, indent="\t") + "\n")

    def start(self, configure=True, wait=True):
        if not self.authority:
            self.start_authority()
        if configure:
            self.write_configuration()
        ports = os.path.join(self.data, "run", "ports.json")
        if os.path.exists(ports):
            os.remove(ports)
        self.begun = os.path.getsize(self.log) if os.path.exists(self.log) else 0
        with open(self.log, "ab") as log:
            self.service = subprocess.Popen([self.bulla, "serve", "--config", self.config], stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log)
        if wait:
            self.wait_ready()

    def said(self):
        with open(self.log, encoding="utf-8", errors="replace") as f:
            f.seek(self.begun)
            return f.read()

    def wait_ready(self):
        for _ in range(1200):
            if "bulla: ready" in self.said():
                break
            if self.service.poll() is not None:
                raise Trouble("the service ended: " + self.said()[-2000:])
            time.sleep(0.05)
        else:
            raise Trouble("the service is not ready: " + self.said()[-2000:])
        with open(os.path.join(self.data, "run", "ports.json"), encoding="utf-8") as f:
            self.ports = json.load(f)

    def base(self, listener):
        host = "localhost" if self.tls else "127.0.0.1"
        return f"{'https' if self.tls else 'http'}://{host}:{self.ports[listener]}"

    def processes(self):
        """Process IDs by role."""
        found = {"steward": [self.service.pid]}
        for name in os.listdir("/proc"):
            if not name.isdigit():
                continue
            try:
                with open(f"/proc/{name}/cmdline", "rb") as f:
                    words = f.read().split(b"\0")
                with open(f"/proc/{name}/stat", encoding="ascii", errors="replace") as f:
                    parent = int(f.read().rsplit(")", 1)[1].split()[1])
            except (OSError, IndexError, ValueError):
                continue
            if parent == self.service.pid and words[1:2] == [b"serve-role"]:
                found.setdefault(words[2].decode(), []).append(int(name))
        return found

    def stop(self, how=signal.SIGTERM, seconds=100):
        """The exit status."""
        if not self.service:
            return None
        self.service.send_signal(how)
        try:
            status = self.service.wait(seconds)
        except subprocess.TimeoutExpired:
            self.service.kill()
            self.service.wait()
            raise Trouble("the service does not end: " + self.said()[-2000:]) from None
        self.service = None
        return status

    def close(self):
        if self.service and self.service.poll() is None:
            self.service.kill()
            self.service.wait()
        if self.authority:
            self.authority.terminate()
            self.authority.wait()
        self.service = self.authority = None
        self.check_sanitizers()

    def has_sanitizer(self):
        """Whether the build is one for a sanitizer, which keeps copies of its own and reads /proc as it likes."""
        with open(self.bulla, "rb") as f:
            return re.search(rb"__[at]san_init", f.read()) is not None

    def check_sanitizers(self):
        """A process of the service that a sanitizer ends is replaced: its report must not go unseen."""
        if not os.path.exists(self.log):
            return
        with open(self.log, encoding="utf-8", errors="replace") as f:
            said = f.read()
        found = re.search(r"(ERROR|WARNING): \w+Sanitizer:|runtime error: ", said)
        if found:
            raise Trouble(said[found.start():found.start() + 6000])

    def __enter__(self):
        self.start_authority()
        return self

    def __exit__(self, *_):
        self.close()

    # -- who works there --
    def add_person(self, login, roles, partner=None, password=PASSWORD, name=None):
        secret = os.path.join(self.folder, "person.password")
        write(secret, password + "\n")
        arguments = [self.bulla, "person", "add", "--config", self.config, "--login", login, "--roles", roles,
                     "--name", name or login.capitalize(), "--password-file", secret]
        if partner:
            arguments += ["--partner", partner]
        said = run(*arguments)
        os.remove(secret)
        return said.strip()

    def add_partner(self, name, number):
        return run(self.bulla, "partner", "add", "--config", self.config, "--name", name, "--number", number).strip()

    def unlock(self, name, password=KEY_PASSWORD):
        secret = os.path.join(self.folder, "unlock.password")
        write(secret, password + "\n")
        said = run(self.bulla, "unlock", "--config", self.config, name, "--password-file", secret)
        os.remove(secret)
        return said

    def client(self, listener, **more):
        return Client(self.base(listener), **more)

    def login(self, listener, login, password=PASSWORD):
        """A client whose person is logged in."""
        client = self.client(listener)
        answer = client.form("/login", {"login": login, "password": password, "to": ""}, client.get("/login"))
        if answer.status != 303:
            raise Trouble(f"{login} is not let in: {answer.status} {answer.text[:300]}")
        return client

    def deposit(self, officer, p12, password=KEY_PASSWORD):
        """A partner's key, handed in by a client that is logged in."""
        page = officer.get("/partner")
        csrf = re.search(r'name="csrf" value="([^"]*)"', page.text)
        with open(p12, "rb") as f:
            content = f.read()
        answer = officer.multipart("/partner/keys", [
            ("csrf", csrf.group(1) if csrf else ""), ("password", password),
            ("file", "key.p12", "application/x-pkcs12", content)], officer.browser_headers())
        if answer.status != 303:
            raise Trouble(f"the key is not taken: {answer.status} {answer.text[:500]}")

    def approve(self, approver):
        """Everything that waits for this person; how many there were."""
        n = 0
        while True:
            page = approver.get("/approvals")
            found = re.search(r'action="(/approvals/[^"]*)"(?:(?!</form>).)*value="approved">', page.text, re.S)
            if not found or n > 100:
                return n
            answer = approver.form(found.group(1), {"decision": "approved", "note": "seen"}, page)
            if answer.status != 303:
                raise Trouble(f"not approved: {answer.status} {answer.text[:300]}")
            n += 1

    def ask_for_seal(self, key, partner, documents, **request):
        """The portal's answer."""
        portal = self.client("api", key=key)
        parts = [("request", json.dumps({"title": "A test", "partner": partner, **request}))]
        parts += [("document", name, "application/pdf", content) for name, content in documents]
        return portal.multipart("/v1/sealings", parts)

    def open_window(self, url, login, password=PASSWORD):
        """An officer's client, logged in for this sealing, and the page he then sees."""
        officer = self.client("window")
        page = officer.follow(officer.get(urllib.parse.urlsplit(url).path))
        action = re.search(r'<form[^>]*action="([^"]*login[^"]*)"', page.text)
        if not action:
            raise Trouble(f"no login at the window: {page.status} {page.text[:300]}")
        return officer, officer.follow(officer.form(action.group(1), {"login": login, "password": password}, page))

    def seal_in_window(self, officer, page, password=KEY_PASSWORD):
        """Types the key's password; the page after that."""
        action = re.search(r'<form class="panel" method="post" action="([^"]*)"', page.text)
        key = re.search(r'name="key" id="[^"]*" value="([^"]*)"', page.text)
        if not action or not key:
            raise Trouble(f"nothing to seal with: {page.status} {page.text[:3000]}")
        return officer.form(action.group(1), {"key": key.group(1), "password": password}, page)


class Answer:
    def __init__(self, response, body):
        self.status = response.status
        self.headers = response.headers
        self.body = body

    @property
    def text(self):
        return self.body.decode("utf-8", "replace")

    @property
    def json(self):
        return json.loads(self.body)


class Client:
    """A browser without a screen, or a portal: keeps cookies and one connection; follows no redirect by itself."""

    def __init__(self, base, key=None, timeout=120, certificate=None):
        self.base = base
        self.address = urllib.parse.urlsplit(base)
        self.key = key
        self.timeout = timeout
        self.certificate = certificate
        self.cookies = {}
        self.connection = None
        self.lock = threading.Lock()

    def connect(self):
        if self.address.scheme == "https":
            context = ssl.create_default_context()
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
            if self.certificate:
                context.load_cert_chain(*self.certificate)
            return http.client.HTTPSConnection(self.address.hostname, self.address.port, timeout=self.timeout,
                                               context=context)
        return http.client.HTTPConnection(self.address.hostname, self.address.port, timeout=self.timeout)

    def ask(self, method, path, body=None, headers=None):
        headers = dict(headers or {})
        if self.key:
            headers.setdefault("Authorization", "Bearer " + self.key)
        if self.cookies:
            headers.setdefault("Cookie", "; ".join(f"{k}={v}" for k, v in self.cookies.items()))
        with self.lock:
            for last in (False, True):
                if not self.connection:
                    self.connection = self.connect()
                try:
                    self.connection.request(method, path, body, headers)
                    response = self.connection.getresponse()
                    answer = Answer(response, response.read())
                    break
                except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError):
                    # A kept connection may have been ended meanwhile; a fresh one not.
                    fresh, self.connection = self.connection.sock is None, None
                    if last or method != "GET" and not fresh:
                        raise
        if answer.headers.get("Connection", "").lower() == "close":
            self.connection.close()
            self.connection = None
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, value = cookie.split(";", 1)[0].split("=", 1)
            if value:
                self.cookies[name] = value
            else:
                self.cookies.pop(name, None)
        return answer

    def get(self, path, **headers):
        return self.ask("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})

    def follow(self, answer, hops=10):
        """To where redirects lead on this host."""
        while answer.status in (302, 303, 307) and hops:
            to = urllib.parse.urlsplit(answer.headers["Location"])
            answer = self.get(to.path + ("?" + to.query if to.query else ""))
            hops -= 1
        return answer

    def browser_headers(self):
        return {"Origin": self.base, "Sec-Fetch-Site": "same-origin", "Accept": "text/html"}

    def form(self, path, fields, page=None):
        """Posts a form as a browser does; `page`: the one it stands on, for its csrf field."""
        fields = dict(fields)
        if page is not None:
            found = re.search(r'name="csrf" value="([^"]*)"', page.text)
            if found:
                fields.setdefault("csrf", found.group(1))
        return self.ask("POST", path, urllib.parse.urlencode(fields),
                        {**self.browser_headers(), "Content-Type": "application/x-www-form-urlencoded"})

    def multipart(self, path, parts, headers=None):
        """parts: (name, value) or (name, file name, content type, octets)."""
        body, content_type = multipart(parts)
        return self.ask("POST", path, body, {**(headers or {}), "Content-Type": content_type})


def multipart(parts):
    boundary = "part-" + secrets.token_hex(16)
    body = bytearray()
    for part in parts:
        body += f"--{boundary}\r\nContent-Disposition: form-data; name=\"{part[0]}\"".encode()
        if len(part) == 2:
            body += b"\r\n\r\n" + part[1].encode()
        else:
            body += f'; filename="{part[1]}"\r\nContent-Type: {part[2]}\r\n\r\n'.encode() + part[3]
        body += b"\r\n"
    body += f"--{boundary}--\r\n".encode()
    return bytes(body), f"multipart/form-data; boundary={boundary}"
