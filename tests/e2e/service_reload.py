#!/usr/bin/env python3
"""The configuration is read again, certificates are renewed, the service stops and starts: what goes on meanwhile goes on.

Usage: service_reload.py BUILD      TAP on standard output
"""
import json
import os
import shutil
import signal
import ssl
import subprocess
import sys
import tempfile
import threading
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "demo"))
import house  # noqa: E402
import portal  # noqa: E402
from service_kill import Tap  # noqa: E402


def seal(home, key, name):
    return home.client("api", key=key).multipart(
        "/v1/sealings", [("request", json.dumps({"title": name, "reference": name, "unattended": True})),
                         ("document", name + ".pdf", "application/pdf", portal.pdf([name]))], {"Prefer": "wait=30"})


def certificate(home):
    return ssl.get_server_certificate(("127.0.0.1", home.ports["api"]))


def until(condition, seconds=30):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return False


def known(home, key):
    return home.client("api", key=key).get("/v1/sealings").status == 200


def reload_by_signal(tap, home, first):
    workers, keeper = home.processes()["worker"], home.processes()["keeper"]
    second = home.add_portal("second", unattendedKey="own")
    home.write_configuration()
    tap.ok("a portal is not known before the reload", not known(home, second))
    home.service.send_signal(signal.SIGHUP)
    tap.ok("it is known after", until(lambda: known(home, second)))
    tap.ok("the first one still is", known(home, first))
    tap.ok("the workers are others", until(lambda: not set(workers) & set(home.processes().get("worker", workers))
                                           and len(home.processes().get("worker", [])) == 2), home.processes())
    tap.ok("the keeper is the same, and its key open", home.processes()["keeper"] == keeper)
    # The keeper gives one signature for each document: new workers learn the room for a token before.
    home.fault("tsa=many-certs")
    answer = seal(home, second, "after")
    home.fault("none")
    tap.ok("the new portal has a document sealed, with large tokens", answer.status == 201 and answer.json["state"] == "sealed", answer.text[:500])


def reload_with_fault(tap, home, first):
    with open(home.config, encoding="utf-8") as f:
        good = f.read()
    for fault, text in (("no JSON", "{"), ("an unknown key", good.replace('"data"', '"colour": 1, "data"', 1)), ("nothing", "")):
        house.write(home.config, text)
        home.service.send_signal(signal.SIGHUP)
        tap.ok(f"a file with {fault} changes nothing", until(lambda: "the configuration stays as it was" in home.said())
               and seal(home, first, "same").status == 201, home.said()[-500:])
        home.begun = os.path.getsize(home.log)
    house.write(home.config, good)


def renew_certificate(tap, home):
    before = certificate(home)
    for name in ("host.pem", "host.key"):
        os.remove(os.path.join(home.folder, name))
    home.make_certificate()
    home.service.send_signal(signal.SIGHUP)
    tap.ok("a renewed certificate is shown without a restart", until(lambda: certificate(home) != before))
    os.remove(os.path.join(home.folder, "host.pem"))
    home.service.send_signal(signal.SIGHUP)
    time.sleep(1)
    tap.ok("without a file the one before stays", known(home, home.first) and certificate(home) != before)
    os.remove(os.path.join(home.folder, "host.key"))
    home.make_certificate()


def stop_under_load(tap, home, first):
    answers = []

    def work(number):
        try:
            answers.append(seal(home, first, f"stop-{number}").json)
        except (OSError, ValueError, KeyError):
            answers.append(None)
        except Exception as e:  # noqa: BLE001 http.client's own
            answers.append(None if "http" in type(e).__module__ else e)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(8)]
    for t in threads:
        t.start()
    time.sleep(0.15)
    status = home.stop()
    for t in threads:
        t.join()
    done = [a for a in answers if a and a.get("state") == "sealed"]
    tap.ok("it stops in good order under load", status == 0, home.said()[-800:])
    left = [p for p in os.listdir("/proc") if p.isdigit() and is_of(p, home.config)]
    tap.ok("no process stays", not left, left)
    home.start()
    home.unlock("own")
    client = home.client("api", key=first)
    same = [client.get("/v1/sealings/" + a["id"]).json["state"] for a in done]
    tap.ok("what was told to be sealed is, after the start", same == ["sealed"] * len(done), f"{same} of {answers}")
    tap.ok("and the rest is sealed then", until(lambda: all(
        s["state"] == "sealed" for s in client.get("/v1/sealings?limit=100").json["sealings"])))


def is_of(pid, config):
    try:
        with open(f"/proc/{pid}/cmdline", "rb") as f:
            return config.encode() in f.read()
    except OSError:
        return False


def main():
    tap = Tap()
    folder = tempfile.mkdtemp()
    try:
        with house.House(sys.argv[1], folder, tls=True, level="B-T", workers={"number": 2}) as home:
            home.keys.append({"name": "own", "file": home.issue("own")})
            home.first = home.add_portal("first", unattendedKey="own")
            home.start()
            home.unlock("own")
            home.write_configuration()
            reload_by_signal(tap, home, home.first)
            reload_with_fault(tap, home, home.first)
            renew_certificate(tap, home)
            stop_under_load(tap, home, home.first)
            tap.ok("it ends in good order", home.stop() == 0, home.said()[-800:])
            verified = subprocess.run([home.bulla, "audit", "verify", os.path.join(home.data, "log"), "--trust",
                                       os.path.join(home.ca, "root.pem")], capture_output=True, text=True, check=False)
            tap.ok("the log is whole", verified.returncode == 0, verified.stdout + verified.stderr)
    except house.Trouble as e:
        tap.ok("the service can be worked with", False, e)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tap.done()


if __name__ == "__main__":
    main()
