"""Honest updates of sealed documents: honest.py WORK BUILD CA URL

Bulla seals (bases.py), others change what was sealed (updates.py), Bulla judges: the first seal stands or
is broken as expected.tsv says. A base or update that no line covers fails, and so does a line that covers
nothing.
"""

import json
import logging
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

here = Path(__file__).resolve().parent
sys.path.append(str(here.parent / "pyhanko"))
import bases
import updates
import world as loopback  # noqa: E402

STANDS, BROKEN, REFUSED = "+", "-", "x"


@dataclass
class World:
    build: Path
    ca: Path
    url: str

    def __post_init__(self):
        self.p12 = str(self.ca / "issued/plain.p12")
        self.password = (self.ca / "password").read_bytes().strip()
        self.tsa = f"{self.url}/tsa"
        self.roots = loopback.certificates([self.ca / "root.pem"])

    def bulla(self, verb, *options):
        key = ["--key", self.p12, "--password-file", self.ca / "password"] if verb == "seal" else []
        done = subprocess.run(
            [self.build / "bulla", verb, *options, *key, "--tsa", self.tsa, "--trust", self.ca / "root.pem"],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise RuntimeError(" ".join(done.stderr.split()))

    def judge(self, path):
        """The first seal stands; else what is said about it."""
        done = subprocess.run(
            [self.build / "bulla", "validate", path, "--trust", self.ca / "root.pem", "--report", "json"],
            capture_output=True,
            text=True,
            check=False,
        )
        try:
            report = json.loads(done.stdout)
        except ValueError:
            return REFUSED, " ".join(done.stderr.split())
        for seal in report["signatures"]:
            if seal["name"] == "Seal":
                return said_of(seal)
        return REFUSED, "no signature is found"


def said_of(seal):
    bad = [f"{m['path']} ({m['rule']})" for m in seal.get("modifications", []) if not m["allowed"]]
    words = bad or [finding["code"] for finding in seal["findings"]]
    if seal["intact"] and seal["indication"] == "TOTAL-PASSED":
        return STANDS, ""
    word = BROKEN if not seal["intact"] and seal["indication"] == "TOTAL-FAILED" else "?"
    return word, f"{seal['indication']} {seal['subIndication']}: {'; '.join(words)}"


class Expected:
    """Lines of: update, then + or - (or x: not made) for each kind of seal, and the reason."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split("\t") for line in file if line[0] not in "#\n"]
        self.rows = {line[0]: dict(zip(lines[0][1:-1], line[1:-1])) for line in lines[1:]}


def attempt(update, source, target, world):
    """Why it could not be made, or None."""
    try:
        updates.UPDATES[update](source, target, world)
    except Exception as fault:  # whatever a peer throws is its answer
        return f"{type(fault).__name__}: {' '.join(str(fault).split())}"
    return None


def main():
    work = Path(sys.argv[1]) / "honest"
    world = World(Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4])
    logging.disable(logging.CRITICAL)
    loopback.stay_on_loopback()
    work.mkdir()
    expected = Expected(here / "expected.tsv")
    documents = bases.write(work)
    sealed = {}
    for seal, (document, options) in bases.SEALS.items():
        sealed[seal] = work / f"sealed-{seal}.pdf"
        world.bulla("seal", documents[document], "-o", sealed[seal], "--field", "Seal", *options)
    print("\nHonest updates of what Bulla sealed: + the seal stands, - it is broken, x was not made\n")
    width = max(map(len, updates.UPDATES)) + 2
    head = "".join(f"{seal:<11}" for seal in bases.SEALS)
    print(f"{'':<{width}}{head}".rstrip())
    passed, notes = 0, []
    for update in updates.UPDATES:
        cells = []
        for seal, source in sealed.items():
            target = work / f"{update}-{seal}.pdf".replace(" ", "-").replace(",", "")
            fault = attempt(update, source, target, world)
            got, said = ("x", fault) if fault else world.judge(target)
            wanted = expected.rows.get(update, {}).get(seal)
            if got == wanted:
                passed += 1
                cells.append(got)
            else:
                notes.append(f"{update}, {seal}: {got}, not {wanted}: {said}")
                cells.append(f"NO ({got}) [{len(notes)}]")
        print(f"{update:<{width}}{''.join(f'{cell:<11}' for cell in cells)}".rstrip())
    for row in expected.rows.keys() - updates.UPDATES.keys():
        notes.append(f"expected.tsv: nothing is called {row}")
    for number, text in enumerate(notes, 1):
        print(f"  [{number}] {text}")
    print(f"\n{len(updates.UPDATES)} updates of {len(sealed)} sealed documents")
    print(f"{passed} passed, {len(notes)} failed")
    return 1 if notes or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
