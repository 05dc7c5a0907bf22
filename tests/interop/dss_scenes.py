"""Compares what Bulla and EU DSS say of the scenes: dss_scenes.py SCENES DSS.jsonl EXPLAINED.tsv

One line per signature and timestamp on which they differ: scene, which, Bulla's verdict, DSS's. A difference
that EXPLAINED lists with the same two verdicts is explained there; any other fails, and so does a line of it
that no longer holds. The last line is "N passed, N failed".
"""

import json
import sys
from collections import Counter
from fnmatch import fnmatchcase
from pathlib import Path

STAMPS = {"SIGNATURE_TIMESTAMP": "signature", "CONTENT_TIMESTAMP": "content"}


def words(indication, sub):
    """Both spell an indication alike, but for the hyphen and the total of a document timestamp."""
    if indication is None:
        return "none"
    indication = indication.replace("_", "-").removeprefix("TOTAL-")
    return f"{indication}/{sub}" if sub else indication


def of_bulla(report):
    """Verdicts by name of what was judged: field, or field and number of the timestamp in it."""
    said = {}
    for row in report["signatures"]:
        said[row["name"]] = words(row["indication"], row["subIndication"])
        if row["kind"] != "signature":
            continue
        count = Counter()
        for stamp in row["timestamps"]:
            count[stamp["kind"]] += 1
            name = f"{row['name']} {stamp['kind']} {count[stamp['kind']]}"
            said[name] = words(stamp["indication"], stamp["subIndication"])
    return said


def of_dss(row):
    said = {}
    for one in row["signatures"]:
        said[one["field"]] = words(one["indication"], one["subIndication"])
        count = Counter()
        for stamp in one["timestamps"]:
            kind = STAMPS.get(stamp["type"])
            if kind:
                count[kind] += 1
                name = f"{one['field']} {kind} {count[kind]}"
                said[name] = words(stamp["finalIndication"], stamp["finalSubIndication"])
    for stamp in row["timestamps"]:
        if stamp["type"] == "DOCUMENT_TIMESTAMP":
            said[stamp["field"]] = words(stamp["finalIndication"], stamp["finalSubIndication"])
    return said


class Explained:
    """Lines of: scene, which, Bulla's verdict, DSS's (patterns with *), who is right, clause, reason."""

    def __init__(self, path):
        self.lines = []
        if Path(path).exists():
            with open(path, encoding="utf-8") as file:
                self.lines = [tuple(x.rstrip("\n").split("\t")) for x in file if x[0] not in "#\n"]
        self.used = set()

    def has(self, difference):
        """A scene may be told of by several lines: a line is used when it fits the difference."""
        for line in self.lines:
            if all(map(fnmatchcase, difference, line[:4])):
                self.used.add(line)
                return True
        return False

    def idle(self):
        """Where DSS's verdict is a pattern it is left to chance, by the order of a hash table."""
        return [line for line in self.lines if line not in self.used and "*" not in line[3]]


def main():
    scenes, explained = Path(sys.argv[1]), Explained(sys.argv[3])
    equal, told, failed, left = 0, 0, 0, 0
    with open(sys.argv[2], encoding="utf-8") as file:
        rows = {row["file"]: row for row in map(json.loads, file)}
    for folder in sorted(path for path in scenes.iterdir() if path.is_dir()):
        if not (folder / "policy.xml").exists():
            left += 1
            continue
        row = rows.get(folder.name, {"error": "no report"})
        report = json.loads((folder / "report.json").read_text(encoding="utf-8"))
        bulla = of_bulla(report)
        dss = {} if "error" in row else of_dss(row)
        for name in sorted(bulla.keys() | dss.keys(), key=str):
            difference = (folder.name, name or "", bulla.get(name, "none"), dss.get(name, "none"))
            if difference[2] == difference[3]:
                equal += 1
            elif explained.has(difference):
                told += 1
            else:
                failed += 1
                print(*difference, row.get("error", ""), sep="\t")
    for line in explained.idle():
        failed += 1
        print("no longer so:", *line[:4], sep="\t")
    print(f"{equal} verdicts equal, {told} explained, {left} scenes left out for their policy")
    print(f"{equal + told} passed, {failed} failed")
    return 1 if failed or not equal else 0


if __name__ == "__main__":
    sys.exit(main())
