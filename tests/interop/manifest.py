"""The files under test. manifest.tsv has one line each: table, maker, key, level, signatures, path.

Tables: sealed (Bulla makes, all judge), signed (peers make, Bulla judges), extended (one makes at B, the
other raises to the level), second (one makes at the level, the other adds a second seal), permitted (Bulla seals
with a certification or a lock), altered (an octet of a sealed file is another: every judge must refuse it).
Makers of two hands are written "first+second".
"""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class File:
    table: str
    maker: str
    key: str
    level: str
    signatures: int
    path: Path

    @property
    def long_term(self):
        """It must be valid by its own evidence, without a question to anybody."""
        return self.level in ("LT", "LTA") and self.table not in ("second", "altered")

    @property
    def format(self):
        """The level of the first signature, where the table asks for one."""
        return None if self.table == "second" else f"PAdES-BASELINE-{self.level}"


def read(folder):
    rows = []
    for line in (Path(folder) / "manifest.tsv").read_text(encoding="utf-8").splitlines():
        table, maker, key, level, signatures, path = line.split("\t")
        rows.append(File(table, maker, key, level, int(signatures), Path(path)))
    return rows
