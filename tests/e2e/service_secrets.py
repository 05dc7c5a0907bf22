#!/usr/bin/env python3
"""Where secrets, documents and sockets are, while officers seal in the window:

- after the hand-over the typed password of the seal key is in no file, no log, and in no memory of the front, the workers
  and the fetcher; after the sealing not in the keeper's either;
- the keeper opens no file and no socket; the workers reach no network and open nothing but fonts and tables;
- all are confined (seccomp, no new privileges) and leave no core.

Memory is read and system calls are traced by root alone; else these parts say that they are skipped.
Usage: service_secrets.py BUILD      TAP on standard output
"""
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "demo"))
import house  # noqa: E402
import portal  # noqa: E402
from service_kill import Tap  # noqa: E402

# Letters, digits and a hyphen: a form sends it as it is. Put together here, so that no other memory has it whole.
SECRET = "Tell-" + "Tale".swapcase() + "-7391" + "-Pass"
SEALINGS = 6


def memory_holds(pid, needle):
    """Places where a process has these octets: None when its memory cannot be read."""
    found = []
    try:
        with open(f"/proc/{pid}/maps", encoding="ascii", errors="replace") as maps, open(f"/proc/{pid}/mem", "rb", 0) as mem:
            for line in maps:
                begin, end = (int(x, 16) for x in line.split()[0].split("-"))
                if line.split()[1][0] != "r" or "[v" in line:
                    continue
                at, tail = begin, b""
                while at < end:
                    try:
                        mem.seek(at)
                        chunk = mem.read(min(1 << 22, end - at))
                    except (OSError, ValueError, OverflowError):
                        break
                    if not chunk:
                        break
                    if needle in tail + chunk:
                        found.append(line.split(None, 5)[-1].strip()[:60])
                    tail, at = chunk[-len(needle):], at + len(chunk)
    except OSError:
        return None
    return found


def files_hold(folder, needle):
    found = []
    for path, _, names in os.walk(folder):
        for name in names:
            whole = os.path.join(path, name)
            if os.path.isfile(whole) and not os.path.islink(whole):
                with open(whole, "rb") as f:
                    if needle in f.read():
                        found.append(whole)
    return found


def status_of(pid):
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as f:
        return dict(line.rstrip("\n").split(":\t", 1) for line in f if ":\t" in line)


def internet_sockets():
    inodes = set()
    for table in ("tcp", "tcp6", "udp", "udp6", "raw", "raw6"):
        try:
            with open(f"/proc/net/{table}", encoding="ascii") as f:
                inodes |= {line.split()[9] for line in list(f)[1:]}
        except OSError:
            pass
    return inodes


def descriptors(pid):
    """What a process has open, by name."""
    names = []
    for fd in os.listdir(f"/proc/{pid}/fd"):
        try:
            names.append(os.readlink(f"/proc/{pid}/fd/{fd}"))
        except OSError:
            pass
    return names


class Watch:
    """System calls of processes, by strace; nothing when it cannot be."""

    def __init__(self, folder, pids):
        self.out = os.path.join(folder, "trace")
        self.process = None
        if not shutil.which("strace") or os.geteuid() != 0:
            return
        arguments = ["strace", "-f", "-qq", "-o", self.out, "-e",
                     "trace=open,openat,openat2,creat,socket,connect,bind,listen,accept,accept4,execve,fork,vfork,ptrace,io_uring_setup"]
        for pid in pids:
            arguments += ["-p", str(pid)]
        self.process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        time.sleep(1)
        if self.process.poll() is not None:
            self.process = None

    def end(self):
        """The calls that were made and did not fail."""
        self.process.terminate()
        self.process.wait()
        with open(self.out, encoding="utf-8", errors="replace") as f:
            return [line.strip() for line in f if re.search(r"\) += +\d", line) and "exited" not in line]


def main():
    tap = Tap()
    build = sys.argv[1]
    folder = tempfile.mkdtemp()
    is_root = os.geteuid() == 0
    try:
        with house.House(build, folder, tls=True, workers={"number": 2}) as home:
            run(tap, home, is_root)
    except house.Trouble as e:
        tap.ok("the service can be worked with", False, e)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    tap.done()


def prepare(home):
    home.key = home.add_portal("portal")
    home.write_configuration()
    partner = home.add_partner("First Savings Bank", "NTRHU-12345678").split()[-1]
    home.add_person("officer", "officer,partner-admin", partner)
    home.add_person("approver", "approver")
    home.start(configure=False)
    p12 = home.issue("bank", password=SECRET)
    home.deposit(home.login("window", "officer"), p12, SECRET)
    home.approve(home.login("desk", "approver"))
    os.remove(os.path.join(home.folder, "bank.password"))
    return partner


def seal(home, partner, n):
    answer = home.ask_for_seal(home.key, partner, [(f"a{n}.pdf", portal.pdf([f"number {n}"]))], reference=f"r{n}")
    officer, page = home.open_window(answer.json["windowUrl"], "officer")
    after = officer.follow(home.seal_in_window(officer, page, SECRET))
    return home.client("api", key=home.key).get("/v1/sealings/" + answer.json["id"]).json["state"], after


def check_memory(tap, home, when):
    tap.ok("the search finds it where it is: in this test's own memory", memory_holds(os.getpid(), SECRET.encode()))
    for role, pids in home.processes().items():
        found = [memory_holds(pid, SECRET.encode()) for pid in pids]
        tap.ok(f"{when} the {role} does not have the password in its memory", not any(found), found)


def check_confinement(tap, home):
    inodes = internet_sockets()
    for role, pids in home.processes().items():
        for pid in pids:
            status = status_of(pid)
            if role != "steward":
                tap.ok(f"the {role} is confined", status.get("Seccomp") == "2" and status.get("NoNewPrivs") == "1", status)
                with open(f"/proc/{pid}/limits", encoding="ascii") as f:
                    core = next(line for line in f if line.startswith("Max core"))
                tap.ok(f"the {role} leaves no core", core.split()[4:6] == ["0", "0"], core)
            if role in ("worker", "keeper"):
                names = descriptors(pid)
                sockets = [n for n in names if n.startswith("socket:") and n[8:-1] in inodes]
                tap.ok(f"the {role} has no socket of the network", not sockets, sockets)
                files = [n for n in names if n.startswith("/") and not n.startswith(("/dev/null", "/usr/share", "/var/cache/fontconfig"))]
                own = [n for n in files if n != home.log and not (role == "worker" and n.startswith(home.ca))]
                tap.ok(f"the {role} has no document open between jobs", not own, own)


def run(tap, home, is_root):
    partner = prepare(home)
    pids = home.processes()
    watch = Watch(home.folder, pids["keeper"] + pids["worker"])
    state, after = seal(home, partner, 0)
    tap.ok("an officer seals in the window", state == "sealed", f"{state} {after.status} {after.text[:2000]}")
    states = [seal(home, partner, n)[0] for n in range(1, SEALINGS)]
    tap.ok("and again", states == ["sealed"] * (SEALINGS - 1), states)
    wrong = home.ask_for_seal(home.key, partner, [("w.pdf", portal.pdf(["w"]))], reference="wrong")
    officer, page = home.open_window(wrong.json["windowUrl"], "officer")
    page = officer.follow(home.seal_in_window(officer, page, SECRET + "-not"))
    tap.ok("a wrong password seals nothing", home.client("api", key=home.key).get("/v1/sealings/" + wrong.json["id"]).json["state"] == "awaiting")
    tap.ok("the page after it does not show what was typed", SECRET not in page.text)
    if watch.process:
        calls = watch.end()
        keeper, workers = [str(p) for p in pids["keeper"]], [str(p) for p in pids["worker"]]
        threads = {line.split()[0] for line in calls}
        tap.ok("the keeper opened no file and no socket, started nothing", not [c for c in calls if c.split()[0] in keeper], calls[:5])
        bad = [c for c in calls if not re.search(r'open(at)?\(.*"(/usr/share/|/etc/fonts|/var/cache/fontconfig|/proc/self/|/sys/devices/system/cpu)', c)]
        tap.ok("neither did the workers, but for fonts and tables", not bad, f"{bad[:5]} of {workers} {threads}")
    else:
        tap.skip("system calls of keeper and workers", "strace and root are needed")
    if home.has_sanitizer():
        tap.skip("memory of the processes", "a sanitizer keeps copies of its own")
    elif is_root:
        check_memory(tap, home, "after the sealings")
    else:
        tap.skip("memory of the processes", "only root may read it")
    check_confinement(tap, home)
    tap.ok("the password is in no file of the service", not files_hold(home.data, SECRET.encode()) and not files_hold(home.log, SECRET.encode()))
    figures = dict(line.split() for line in home.client("api").get("/metrics").text.splitlines() if line.startswith("bulla_") and "{" not in line)
    tap.ok("what was done is counted", figures.get("bulla_sealings_total") == str(SEALINGS) and
           figures.get("bulla_sealings_failed_total") == "1" and figures.get("bulla_workers") == "2" and
           int(figures.get("bulla_audit_records", 0)) > 3 * SEALINGS, figures)
    with open(home.log, "rb") as f:
        tap.ok("nor in what the service says", SECRET.encode() not in f.read())
    tap.ok("it ends in good order", home.stop() == 0, home.said()[-1000:])
    tap.ok("nor is it in a file at the end", not files_hold(home.data, SECRET.encode()), files_hold(home.data, SECRET.encode()))


if __name__ == "__main__":
    main()
