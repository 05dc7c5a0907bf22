"""Whether a seal leaves a document's conformance as it was: conformance.py WORK BUILD CA URL

Seals the documents of tests/support/pdfa_bases.py and those of ../shared/corpus/pdf-inputs that claim a
PDF/A or PDF/UA flavour, in each of the ways below, and lets veraPDF judge them before and after, by the
flavours that they claim and by PDF/UA-1. What conformed must conform; of what did not, no rule may fail
more often. Exceptions stand in pdfa-explained.tsv. Leaves WORK/pdfa/*.pdf and WORK/pdfa/verapdf.tsv.
"""

import subprocess
import sys
from collections import defaultdict
from fnmatch import fnmatchcase
from pathlib import Path

here = Path(__file__).resolve().parent
root = here.parent.parent
corpus = root.parent / "shared/corpus/pdf-inputs"

# Name, options after --key; a second list seals that once more.
INVISIBLE = {
    "B-B": [["--level", "B-B"]],
    "B-LTA": [["--level", "B-LTA"]],
    "twice": [["--level", "B-LTA"], ["--level", "B-LTA"]],
}


def seen(*options, more=()):
    return ["--level", "B-B", "--visible", "1", "--note", "Őrség Ə ğ ї ệ", *options, *more]


def visible(folder):
    """The looks, each of which the own documents get; those of the corpus get three in turn."""
    opaque, alpha = ["--picture", folder / "opaque.png"], ["--picture", folder / "alpha.png"]
    code = ["--barcode-text", "a digest"]
    return {
        "text": [seen("--look", "text")],
        "picture": [seen("--look", "picture", more=opaque)],
        "alpha": [seen("--look", "picture", more=alpha)],
        "JPEG": [seen("--look", "both", "--picture", folder / "grey.jpg")],
        "both": [seen("--look", "both", "--barcode", "qr", more=alpha + code)],
        "official": [seen("--look", "official", "--barcode", "pdf417", "--look-lang", "hu", more=alpha + code)],
        "strip": [seen("--look", "strip", "--look-lang", "vi")],
        "code": [seen("--look", "code", "--barcode", "code128", more=code)],
        "seen twice": [seen("--look", "text"), seen("--look", "text", "--visible", "1,20,20,200,60")],
        "seen, LTA": [["--level", "B-LTA", *seen("--look", "text")[2:]]],
    }


def pictures(folder, document):
    folder.mkdir()
    subprocess.run([sys.executable, root / "tests/support/pdfa_bases.py", "--pictures", folder], check=True)
    command = ["pdftocairo", "-jpeg", "-gray", "-singlefile", "-r", "10", document, folder / "grey"]
    subprocess.run(command, check=True)
    return visible(folder)


def claims(path):
    octets = path.read_bytes()
    return b"http://www.aiim.org/pdfa/ns/id/" in octets or b"http://www.aiim.org/pdfua/ns/id/" in octets


def inputs(folder):
    folder.mkdir()
    subprocess.run([sys.executable, root / "tests/support/pdfa_bases.py", folder], check=True)
    own = sorted(folder.glob("*.pdf"))
    if not corpus.is_dir():
        print("../shared/corpus is absent: only the own documents are sealed", file=sys.stderr)
        return own, []
    return own, [path for path in sorted(corpus.rglob("*.pdf")) if claims(path)]


class Maker:
    def __init__(self, build, ca, url):
        self.program = build / "bulla"
        self.common = ["--key", ca / "issued/plain.p12", "--password-file", ca / "password"]
        self.common += ["--trust", ca / "root.pem", "--tsa", f"{url}/tsa"]

    def make(self, source, target, steps):
        """Why it could not be made, or None."""
        for number, options in enumerate(steps):
            out = target if number == len(steps) - 1 else target.with_suffix(f".{number}")
            done = subprocess.run(
                [self.program, "seal", source, "-o", out, *self.common, *options],
                capture_output=True,
                text=True,
                check=False,
            )
            if done.returncode:
                return " ".join(done.stderr.split())
            source = out
        return None


def failures(text):
    """{"6.1.8-1": (count, message)}"""
    found = {}
    for part in filter(None, text.split(" | ")):
        head, _, message = part.partition(" ")
        rule, _, count = head.partition("*")
        found[rule] = (int(count) if count.isdigit() else 1, message)
    return found


def judged(peer, paths, table):
    """{path: {flavour: (claimed, conforms, failures)}}"""
    listed = table.with_suffix(".list")
    listed.write_text("".join(f"{path}\n" for path in paths), encoding="utf-8")
    classes = f"{peer}/verapdf-peer.jar:{peer}/lib/*"
    with open(table, "w", encoding="utf-8") as out:
        subprocess.run(["java", "-cp", classes, "bulla.interop.Conformance", listed], stdout=out, check=False)
    rows = defaultdict(dict)
    for line in table.read_text(encoding="utf-8").splitlines():
        path, flavour, claimed, conforms, failed = line.split("\t")
        rows[path][flavour] = (claimed == "claimed", conforms == "conforms", failures(failed))
    return rows


class Explained:
    """Lines of: file, way, flavour, rule (each may be a pattern with *), reason."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            self.lines = [tuple(line.rstrip("\n").split("\t")) for line in file if line[0] not in "#\n"]
        self.used = set()

    def reason(self, *names):
        for line in self.lines:
            if all(map(fnmatchcase, names, line[:4])):
                self.used.add(line)
                return line[4]
        return None


def worse(before, after, flavour):
    """[(rule, message)] that fail, or fail more often, than before."""
    if flavour not in after:
        return [("-", f"no longer judged by {flavour}")]
    old = before[flavour][2]
    return [
        (rule, message)
        for rule, (count, message) in after[flavour][2].items()
        if count > old.get(rule, (0, ""))[0]
    ]


def matters(before, flavour):
    """PDF/UA says something about documents that are tagged."""
    claimed, _, failed = before[flavour]
    return claimed or not failed.keys() & {"6.2-1", "7.1-11"}


class Table:
    def __init__(self, explained):
        self.explained = explained
        self.notes = {}
        self.passed = self.failed = self.excused = 0

    def note(self, text):
        return self.notes.setdefault(text, len(self.notes) + 1)

    def cell(self, name, way, before, after, fault):
        bad, excuses = [], []
        if fault:
            why = self.explained.reason(name, way, "-", "not made")
            (excuses if why else bad).append(f"not made: {fault}{f' ({why})' if why else ''}")
        for flavour in [] if fault else filter(lambda f: matters(before, f), before):
            for rule, message in worse(before, after, flavour):
                why = self.explained.reason(name, way, flavour, rule)
                (excuses if why else bad).append(f"{flavour} {rule}: {why or message}")
        if bad:
            self.failed += 1
            return "NO " + "".join(f"[{self.note(text)}]" for text in bad)
        if excuses:
            self.excused += 1
            return "n/a " + "".join(f"[{self.note(text)}]" for text in excuses)
        self.passed += 1
        return "ok"


def label(before):
    words = []
    for flavour, (claimed, conforms, _) in before.items():
        if claimed:
            words.append(flavour if conforms else f"({flavour})")
    return " ".join(words) or "-"


def ways_of(source, number, own, looks):
    """Which ways this document is sealed in."""
    if source in own:
        return {**INVISIBLE, **looks}
    names = list(looks)
    chosen = {names[(3 * number + k) % len(names)] for k in range(3)}
    return {**INVISIBLE, **{name: looks[name] for name in names if name in chosen}}


def main():
    work, build, ca, url = Path(sys.argv[1]) / "pdfa", Path(sys.argv[2]), Path(sys.argv[3]), sys.argv[4]
    work.mkdir()
    maker, made = Maker(build, ca, url), {}
    own, others = inputs(work / "in")
    looks = pictures(work / "pictures", own[0])
    for number, source in enumerate(own + others):
        for way, steps in ways_of(source, number, own, looks).items():
            target = work / f"{source.stem}-{way}.pdf".replace(" ", "-").replace(",", "")
            made[source, way] = (target, maker.make(source, target, steps))
    paths = own + others + [target for target, fault in made.values() if not fault]
    rows = judged(build / "interop/verapdf", paths, work / "verapdf.tsv")
    table = Table(Explained(here / "pdfa-explained.tsv"))
    print("\nConformance after sealing, judged by veraPDF; in brackets: failed before\n")
    ways = [*INVISIBLE, *looks]
    columns = [max(len(way), 6) + 1 for way in ways]
    width = max(len(source.stem) for source in own + others) + 1
    head = "".join(f"{way:<{n}}" for way, n in zip(ways, columns))
    print(f"{'':<{width}}{'flavour':<24}{head}".rstrip())
    for source in own + others:
        before, cells = rows[str(source)], []
        for way, n in zip(ways, columns):
            target, fault = made.get((source, way), (None, None))
            after = rows.get(str(target), {})
            cells.append(f"{table.cell(source.stem, way, before, after, fault) if target else '':<{n}}")
        print(f"{source.stem:<{width}}{label(before):<24}{''.join(cells)}".rstrip())
    print()
    for text, number in table.notes.items():
        print(f"  [{number}] {text}")
    print(f"\n{len(own + others)} documents; {table.excused} not applicable, each explained in pdfa-explained.tsv")
    for line in table.explained.lines:
        if line not in table.explained.used:
            print(f"no longer an exception: {' '.join(line[:4])}: {line[4]}")
    print(f"{table.passed} passed, {table.failed} failed")
    return 1 if table.failed or not table.passed else 0


if __name__ == "__main__":
    sys.exit(main())
