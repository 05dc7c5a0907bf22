"""Prints the acceptance tables out of FOLDER/verdicts.tsv: table.py FOLDER EXCEPTIONS [partial]

A "no" that a line of the exceptions file expects, with the evidence that line names in its reason, is
"n/a"; every other "no" is a failure. Exit status 1 when there is one, or when nothing passed. Unless the
run was a partial one, lines of the exceptions file that explained nothing are named.
"""

import sys
from collections import defaultdict
from dataclasses import dataclass
from fnmatch import fnmatchcase

TITLES = {
    "sealed": "Sealed by Bulla, judged by the others",
    "signed": "Signed by the others, judged by Bulla (TOTAL-PASSED expected)",
    "extended": "Signed at B by the first, raised to the level by the second",
    "second": "Signed at the level by the first, signed again by the second: both stand",
    "permitted": "Sealed by Bulla with a certification or a lock, then renewed, then sealed again",
    "altered": "Sealed by Bulla, then an octet altered (refusal expected)",
}


@dataclass(frozen=True)
class Cell:
    table: str
    maker: str
    judge: str
    key: str
    level: str
    word: str
    reason: str


class Exceptions:
    """Lines of: table, maker, judge, key, level (each may be a pattern with *), evidence, reason."""

    def __init__(self, path):
        with open(path, encoding="utf-8") as file:
            lines = [line.rstrip("\n").split("\t") for line in file if line[0] not in "#\n"]
        self.lines = [tuple(line) for line in lines]
        self.used = set()

    def explanation(self, cell):
        """Why this cell need not pass, or None. Notes which line said so."""
        for line in self.lines:
            patterns, evidence, reason = line[:5], line[5], line[6]
            names = (cell.table, cell.maker, cell.judge, cell.key, cell.level)
            if not all(map(fnmatchcase, names, patterns)):
                continue
            if cell.word == "no" and evidence in cell.reason:
                self.used.add(line)
                return reason
        return None

    def idle(self):
        return [line for line in self.lines if line not in self.used]


class Notes:
    """Numbers the reasons, each once."""

    def __init__(self):
        self.numbers = {}

    def number(self, text):
        return self.numbers.setdefault(text, len(self.numbers) + 1)


def state(cell, exceptions, notes):
    explained = exceptions.explanation(cell)
    if cell.word == "ok":
        return "ok"
    if explained:
        return f"n/a [{notes.number(f'{cell.judge}: {explained} ({cell.reason})')}]"
    blamed = "" if cell.reason.startswith("not made: ") else f"{cell.judge}: "
    return f"NO [{notes.number(blamed + cell.reason)}]"


def print_table(title, rows, judges, notes):
    print(f"\n{title}\n")
    width = max(len(label) for label in rows) + 2
    lines = {"": {judge: judge for judge in judges}, **rows}
    for label, states in lines.items():
        columns = "".join(f"{states.get(judge, '-'):<12}" for judge in judges)
        print(f"{label:<{width}}{columns}".rstrip())
    if notes.numbers:
        print()
    for text, number in notes.numbers.items():
        print(f"  [{number}] {text}")


def main():
    with open(f"{sys.argv[1]}/verdicts.tsv", encoding="utf-8") as file:
        cells = [Cell(*line.rstrip("\n").split("\t")) for line in file]
    exceptions = Exceptions(sys.argv[2])
    count = {"ok": 0, "n/": 0, "NO": 0}
    for table, title in TITLES.items():
        notes, rows = Notes(), defaultdict(dict)
        mine = [cell for cell in cells if cell.table == table]
        for cell in mine:
            maker = "" if table == "sealed" else f"{cell.maker:<18} "
            shown = state(cell, exceptions, notes)
            rows[f"{maker}{cell.key:<11} {cell.level}"][cell.judge] = shown
            count[shown[:2]] += 1
        if mine:
            print_table(title, rows, list(dict.fromkeys(cell.judge for cell in mine)), notes)
    print(f"\n{count['n/']} not applicable, each explained in exceptions.tsv")
    for line in [] if len(sys.argv) > 3 else exceptions.idle():
        print(f"no longer an exception: {' '.join(line[:5])}: {line[6]}")
    print(f"{count['ok']} passed, {count['NO']} failed")
    return 1 if count["NO"] or not count["ok"] else 0


if __name__ == "__main__":
    sys.exit(main())
