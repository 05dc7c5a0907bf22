"""An auditor with a program of his own: the audit log's form, read from its description alone.

audit_auditor.py write FOLDER TSA-URL STEP...   makes a log: "4" is a record of partner 4, "-" one of nobody,
                                                "stamp" a timestamp over all so far
audit_auditor.py check EXPORT                   checks an export's hashes and paths; prints its numbers
"""
import base64, hashlib, json, os, sys, urllib.request


def sha(data):
    return hashlib.sha256(data).digest()


def root_of(leaves):
    """MTH of RFC 9162 2.1.1, as it stands there."""
    if len(leaves) == 1:
        return sha(b"\0" + leaves[0])
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return sha(b"\1" + root_of(leaves[:k]) + root_of(leaves[k:]))


def root_by_path(leaf, index, size, path):
    """From a leaf up, RFC 9162 2.1.3.2, told by splitting."""
    if size == 1:
        assert not path
        return sha(b"\0" + leaf)
    k = 1
    while 2 * k < size:
        k *= 2
    if index < k:
        return sha(b"\1" + root_by_path(leaf, index, k, path[:-1]) + path[-1])
    return sha(b"\1" + path[-1] + root_by_path(leaf, index - k, size - k, path[:-1]))


def der(tag, content):
    n = len(content)
    length = bytes([n]) if n < 128 else bytes([0x80 | (n.bit_length() + 7) // 8]) + n.to_bytes((n.bit_length() + 7) // 8, "big")
    return bytes([tag]) + length + content


def der_end(data, at):
    """The content's start and the value's end."""
    first = data[at + 1]
    if first < 128:
        return at + 2, at + 2 + first
    n = int.from_bytes(data[at + 2 : at + 2 + (first & 127)], "big")
    return at + 2 + (first & 127), at + 2 + (first & 127) + n


def token_for(url, imprint):
    sha256 = der(0x30, bytes.fromhex("0609608648016503040201"))
    request = der(0x30, der(2, b"\1") + der(0x30, sha256 + der(4, imprint)) + der(1, b"\xff"))
    ask = urllib.request.Request(url, request, {"Content-Type": "application/timestamp-query"})
    reply = urllib.request.urlopen(ask).read()
    start, end = der_end(reply, 0)
    _, status_end = der_end(reply, start)
    return reply[status_end:end]


class Log:
    def __init__(self, folder):
        self.folder, self.hashes, self.previous = folder, [], bytes(32)
        os.makedirs(folder)
        self.file = open(os.path.join(folder, "audit-000001.jsonl"), "wb")

    def add(self, kind, partner, detail):
        import datetime

        record = {
            "seq": len(self.hashes) + 1,
            "time": datetime.datetime.utcnow().isoformat(timespec="milliseconds") + "Z",
            "kind": kind,
            "source": {"address": "192.0.2.7", "session": None},
            "actor": "system",
            "partner": partner,
            "object": None,
            "detail": detail,
            "salt": os.urandom(16).hex(),
            "previous": self.previous.hex(),
        }
        text = json.dumps(record, separators=(",", ":"), ensure_ascii=False)[:-1].encode()
        self.previous = sha(text)
        self.hashes.append(self.previous)
        self.file.write(text + b',"hash":"' + self.previous.hex().encode() + b'"}\n')

    def stamp(self, url):
        size, root = len(self.hashes), root_of(self.hashes).hex()
        text = f"bulla audit log, root of the first {size} records: {root}\n"
        token = token_for(url, sha(text.encode()))
        self.add("log.timestamp", None, {"size": str(size), "root": root, "token": base64.b64encode(token).decode()})

    def close(self):
        self.file.close()
        with open(os.path.join(self.folder, "head"), "w") as head:
            head.write('{"seq":%d,"hash":"%s"}\n' % (len(self.hashes), self.previous.hex()))


def write(folder, url, steps):
    log = Log(folder)
    for step in steps:
        if step == "stamp":
            log.stamp(url)
        else:
            log.add("sealing.sealed", None if step == "-" else step, {"name": "K\u00f6zp\u00e9nz \"\u20ac\"", "of": step})
    log.close()


def check(path):
    export = json.load(open(path, encoding="utf-8"))
    stamp = export["timestamp"]
    proven = 0
    for entry in export["records"]:
        text = entry["line"].encode()
        record = json.loads(text)
        assert sha(text[: text.rindex(b',"hash":')]).hex() == record["hash"]
        assert record["partner"] == export["partner"]
        if entry["path"] is None:
            assert stamp is None or record["seq"] > int(stamp["size"])
            continue
        nodes = [bytes.fromhex(node) for node in entry["path"]]
        root = root_by_path(bytes.fromhex(record["hash"]), record["seq"] - 1, int(stamp["size"]), nodes)
        assert root.hex() == stamp["root"]
        proven += 1
    print(len(export["records"]), "records,", proven, "proven")


if sys.argv[1] == "write":
    write(sys.argv[2], sys.argv[3], sys.argv[4:])
else:
    check(sys.argv[2])
