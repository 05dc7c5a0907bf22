"""Takes a signed PDF apart with nothing but its bytes: every ByteRange, what it covers, what it leaves out."""

import re
from dataclasses import dataclass

BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s*\]")
ID_CT_TST_INFO = bytes.fromhex("060b2a864886f70d0109100104")


class Malformed(Exception):
    pass


@dataclass(frozen=True)
class Signature:
    cms: bytes
    content: bytes

    @property
    def is_timestamp(self):
        """The encapsulated content type stands near the start, before any certificate."""
        return ID_CT_TST_INFO in self.cms[:120]


def der_length(octets):
    """Bytes of the first DER value: /Contents is padded with zeros behind it."""
    if len(octets) < 2 or octets[0] != 0x30:
        raise Malformed("/Contents is no DER sequence")
    if octets[1] < 0x80:
        return 2 + octets[1]
    count = octets[1] & 0x7F
    return 2 + count + int.from_bytes(octets[2 : 2 + count], "big")


def signature(octets, numbers):
    first, length, second, rest = numbers
    gap = octets[length:second]
    if first != 0 or gap[:1] != b"<" or gap[-1:] != b">" or second + rest > len(octets):
        raise Malformed(f"ByteRange {numbers} leaves out other than /Contents")
    token = bytes.fromhex(gap[1:-1].decode("ascii"))
    return Signature(
        token[: der_length(token)], octets[:length] + octets[second : second + rest]
    )


def read(path):
    """Every signature and document timestamp of the file, in the order of their revisions."""
    octets = path.read_bytes()
    ranges = [tuple(map(int, match.groups())) for match in BYTE_RANGE.finditer(octets)]
    return [signature(octets, numbers) for numbers in sorted(ranges, key=lambda n: n[2] + n[3])]
