#!/usr/bin/env python3
"""Processes of the service are killed at random moments while portals have documents sealed; the disk runs full; the
timestamp authority is away. Afterwards: no document lost, none sealed twice for one idempotency key, no partial file
handed out, the log whole.

Usage: service_kill.py BUILD [SEALINGS]      TAP on standard output
"""
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "demo"))
import house  # noqa: E402
import portal  # noqa: E402

CLIENTS = 12
GIVE_UP_S = 400


class Tap:
    def __init__(self):
        self.n = self.failed = 0

    def ok(self, name, good, why=""):
        self.n += 1
        self.failed += not good
        print(f"{'ok' if good else 'not ok'} {self.n} - {name}", flush=True)
        if not good and why:
            print("# " + str(why)[:2000].replace("\n", "\n# "), flush=True)
        return good

    def skip(self, name, why):
        self.n += 1
        print(f"ok {self.n} - {name} # SKIP {why}", flush=True)

    def done(self):
        print(f"1..{self.n}")
        sys.exit(self.failed > 0)


class Portal:
    """Has documents sealed, and asks again with the same key until each is."""

    def __init__(self, home, key, prefix, pace_s=0):
        self.home, self.key, self.prefix = home, key, prefix
        self.pace_s = pace_s  # a client rests for up to this long between two sealings
        self.sealed = {}  # idempotency key: (answer, octets of the sealed file)
        self.wrong = []
        self.trouble = {}
        self.lock = threading.Lock()

    def count(self, what):
        with self.lock:
            self.trouble[what] = self.trouble.get(what, 0) + 1

    def one(self, number):
        name = f"{self.prefix}-{number}"
        document = portal.pdf([f"Number {name}", "x" * (number % 50)])
        request = json.dumps({"title": name, "reference": name, "unattended": True, "data": {"number": str(number)}})
        end = time.monotonic() + GIVE_UP_S
        client = None
        while time.monotonic() < end:
            try:
                client = client or self.home.client("api", key=self.key, timeout=60)
                answer = client.multipart("/v1/sealings", [("request", request), ("document", name + ".pdf", "application/pdf", document)],
                                          {"Idempotency-Key": name, "Prefer": "wait=20"})
                if answer.status in (200, 201, 202) and self.take(client, name, answer.json, document):
                    return
                if answer.status >= 300:
                    self.count(answer.status)
                    if answer.status in (400, 401, 403, 413, 415, 422):
                        self.wrong.append(f"{name}: {answer.status} {answer.text[:300]}")
                        return
            except (OSError, http.client.HTTPException, ValueError, KeyError) as e:
                self.count(type(e).__name__)
                client = None
            time.sleep(0.1 + random.random() * 0.3)
        self.wrong.append(f"{name}: not sealed in the end")

    def take(self, client, name, answer, document):
        if answer["state"] == "failed":
            self.wrong.append(f"{name}: failed: {answer['cause']} {answer['causeText']}")
            return True
        if answer["state"] != "sealed":
            return False
        got = client.get(f"/v1/sealings/{answer['id']}/documents/1")
        if got.status != 200:
            self.count(f"fetch {got.status}")
            return False
        told = answer["documents"][0]["sealed"]
        if len(got.body) != told["size"] or hashlib.sha256(got.body).hexdigest() != told["sha256"]:
            self.wrong.append(f"{name}: what was handed out is not what was told of")
        if not got.body.startswith(document):
            self.wrong.append(f"{name}: does not begin with the document")
        with self.lock:
            self.sealed[name] = (answer, got.body)
        return True

    def run(self, n):
        todo = list(range(n))

        def work():
            while True:
                with self.lock:
                    if not todo:
                        return
                    number = todo.pop()
                self.one(number)
                time.sleep(random.random() * self.pace_s)

        threads = [threading.Thread(target=work) for _ in range(CLIENTS)]
        for t in threads:
            t.start()
        return threads


class Operator(threading.Thread):
    """Keeps the service up as an init system does, and the unattended key unlocked."""

    def __init__(self, home):
        super().__init__(daemon=True)
        self.home = home
        self.over = threading.Event()
        self.restarts = self.unlocks = 0

    def look(self):
        if self.home.service.poll() is not None:
            self.home.start(configure=False, wait=False)
            self.restarts += 1
        status = subprocess.run([self.home.bulla, "unlock", "--config", self.home.config, "--status"],
                                capture_output=True, text=True, timeout=30, check=False)
        if status.returncode == 0 and "own: locked" in status.stdout:
            self.home.unlock("own")
            self.unlocks += 1

    def run(self):
        while not self.over.wait(0.3):
            try:
                self.look()
            except (house.Trouble, OSError, subprocess.TimeoutExpired):
                pass


def check(tap, home, who, n, what):
    """All that must hold after a storm; the service is still up."""
    tap.ok(f"{what}: every one of {n} documents is sealed", len(who.sealed) == n and not who.wrong, "\n".join(who.wrong[:10]))
    client = home.client("api", key=who.key)
    found, after = [], ""
    while True:
        page = client.get("/v1/sealings?limit=100" + (f"&after={after}" if after else "")).json
        found += [s for s in page["sealings"] if s["reference"].startswith(who.prefix + "-")]
        after = page["next"]
        if not after:
            break
    names = [s["reference"] for s in found]
    tap.ok(f"{what}: one sealing for each idempotency key", sorted(names) == sorted(set(names)) and len(names) == n,
           f"{len(names)} sealings, {len(set(names))} keys, of {n}")
    again = [name for name, (answer, body) in who.sealed.items()
             if hashlib.sha256(client.get(f"/v1/sealings/{answer['id']}/documents/1").body).digest() != hashlib.sha256(body).digest()]
    tap.ok(f"{what}: what was handed out once is handed out again", not again, again[:10])
    folder = os.path.join(home.folder, what.replace(" ", "-"))
    os.makedirs(folder)
    for name, (_, body) in who.sealed.items():
        with open(os.path.join(folder, name + ".pdf"), "wb") as f:
            f.write(body)
    files = sorted(os.listdir(folder))
    judged = subprocess.run([home.bulla, "validate", "--trust", os.path.join(home.ca, "root.pem"), "--report", "json",
                             *[os.path.join(folder, f) for f in files]], capture_output=True, text=True, check=False)
    counts = [len(json.loads(line)["signatures"]) for line in judged.stdout.splitlines()]
    tap.ok(f"{what}: every sealed file passes", judged.returncode == 0, judged.stderr[:500])
    seals = {len([s for s in json.loads(line)["signatures"] if s["kind"] == "signature"]) for line in judged.stdout.splitlines()}
    tap.ok(f"{what}: each has one seal", seals == {1} and len(counts) == n, f"{seals} {len(counts)}")


def check_log(tap, home, who, what):
    """After the service ended in good order."""
    log = os.path.join(home.data, "log")
    verified = subprocess.run([home.bulla, "audit", "verify", log, "--trust", os.path.join(home.ca, "root.pem")],
                              capture_output=True, text=True, check=False)
    tap.ok(f"{what}: the log is whole", verified.returncode == 0, verified.stdout + verified.stderr)
    sealed = {}
    for name in sorted(os.listdir(log)):
        if name.endswith(".jsonl"):
            with open(os.path.join(log, name), encoding="utf-8") as f:
                for line in f:
                    record = json.loads(line)
                    if record["kind"] == "sealing.sealed":
                        sealed[record["object"]] = sealed.get(record["object"], 0) + 1
    ids = {answer["id"] for answer, _ in who.sealed.values()}
    tap.ok(f"{what}: the log tells of each seal", ids <= set(sealed), f"{len(ids - set(sealed))} are missing")
    incoming = os.listdir(os.path.join(home.data, "incoming"))
    tap.ok(f"{what}: no upload is left over", not incoming, incoming[:5])


def open_house(build, folder, data=None):
    home = house.House(build, folder, level="B-T", workers={"number": 2}, limits={"requestsPerMinute": 1000000})
    home.start_authority()
    own = home.issue("own")
    home.keys.append({"name": "own", "file": own})
    key = home.add_portal("portal", unattendedKey="own")
    if data:
        home.data = data
        home.more["data"] = data
    home.start()
    home.unlock("own")
    return home, key


def storm(home, threads, operator):
    """SIGKILL to one process after the other, first once to each kind, and until the work is done."""
    killed, first = {}, ["front", "worker", "keeper", "fetcher", "steward"]
    random.shuffle(first)
    slowness = 4 if home.has_sanitizer() else 1  # of a process's start: work must go on in between
    while first or any(t.is_alive() for t in threads):
        time.sleep((0.05 + random.random() * 0.8) * slowness)
        roles = home.processes() if home.service.poll() is None else {}
        role = first[-1] if first else random.choice(["front", "worker", "worker", "keeper", "fetcher", "steward"])
        if roles.get(role):
            try:
                os.kill(random.choice(roles[role]), signal.SIGKILL)
                killed[role] = killed.get(role, 0) + 1
                first = [r for r in first if r != role]
            except ProcessLookupError:
                pass
    operator.over.set()
    operator.join()
    return killed


def settle(home):
    """The service as it is after the last kill."""
    for _ in range(600):
        try:
            if home.service.poll() is not None:
                home.start(configure=False)
            if home.client("api").get("/healthz").status == 200 and len(home.processes()) == 5:
                return
        except OSError:
            pass
        time.sleep(0.1)
    raise house.Trouble(f"it does not recover: {home.processes()} " + home.said()[-2000:])


def kills(tap, build, folder, n):
    home, key = open_house(build, folder)
    # The ports stay, so that portals find it again.
    home.write_configuration()
    home.stop()
    home.start(configure=False)
    home.unlock("own")
    who = Portal(home, key, "kill", pace_s=1)
    operator = Operator(home)
    operator.start()
    threads = who.run(n)
    killed = storm(home, threads, operator)
    settle(home)
    print(f"# killed {killed}; started again {operator.restarts} times, unlocked {operator.unlocks} times; "
          f"trouble that portals had: {who.trouble}")
    tap.ok("kill: every kind of process was killed", set(killed) == {"front", "worker", "keeper", "fetcher", "steward"}, killed)
    check(tap, home, who, n, "kill")
    tap.ok("kill: it ends in good order", home.stop() == 0, home.said()[-1000:])
    check_log(tap, home, who, "kill")
    home.close()


def outage(tap, build, folder, n):
    home, key = open_house(build, folder)
    who = Portal(home, key, "outage")
    operator = Operator(home)
    operator.start()
    home.fault("tsa=500")
    threads = who.run(n)
    time.sleep(4)
    home.fault("tsa=truncate")
    time.sleep(1)
    home.fault("none")
    for t in threads:
        t.join()
    operator.over.set()
    operator.join()
    print(f"# trouble that portals had: {who.trouble}")
    check(tap, home, who, n, "TSA outage")
    tap.ok("TSA outage: it ends in good order", home.stop() == 0, home.said()[-1000:])
    check_log(tap, home, who, "TSA outage")
    home.close()


def full_disk(tap, build, folder, n):
    small = os.path.join(folder, "small")
    os.makedirs(small)
    mounted = os.geteuid() == 0 and subprocess.run(["mount", "-t", "tmpfs", "-o", "size=96m", "none", small],
                                                   capture_output=True, check=False).returncode == 0
    if not mounted:
        tap.skip("disk full", "no small file system can be mounted here")
        return
    try:
        home, key = open_house(build, folder, data=os.path.join(small, "data"))
        who = Portal(home, key, "full")
        operator = Operator(home)
        operator.start()
        ballast = os.path.join(small, "ballast")
        with open(ballast, "wb") as f:
            try:
                while True:
                    f.write(b"\0" * 65536)
                    f.flush()
            except OSError:
                pass
        threads = who.run(n)
        for _ in range(600):
            if any(k in (500, 503, 507) for k in who.trouble):
                break
            time.sleep(0.1)
        time.sleep(2)
        os.remove(ballast)
        for t in threads:
            t.join()
        operator.over.set()
        operator.join()
        settle(home)
        print(f"# trouble that portals had: {who.trouble}")
        tap.ok("disk full: portals were told", any(k in (500, 503, 507) for k in who.trouble), who.trouble)
        check(tap, home, who, n, "disk full")
        tap.ok("disk full: it ends in good order", home.stop() == 0, home.said()[-1000:])
        check_log(tap, home, who, "disk full")
        home.close()
    finally:
        subprocess.run(["umount", "-l", small], check=False)


def main():
    build = sys.argv[1]
    n = int(sys.argv[2]) if len(sys.argv) > 2 else 120
    tap = Tap()
    folder = tempfile.mkdtemp()
    try:
        for name, step, count in (("kill", kills, n), ("outage", outage, max(40, n // 10)), ("full", full_disk, max(40, n // 10))):
            os.makedirs(os.path.join(folder, name))
            step(tap, build, os.path.join(folder, name), count)
    except house.Trouble as e:
        tap.ok("the service can be worked with", False, e)
    finally:
        if not os.environ.get("KEEP"):
            shutil.rmtree(folder, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
