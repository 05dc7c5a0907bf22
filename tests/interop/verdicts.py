"""Asks one judge about the files of the manifest it is to judge.

verdicts.py JUDGE FOLDER TRUST [BULLA]    JUDGE: bulla pdfsig qpdf openssl pyhanko dss

Appends to FOLDER/verdicts.tsv: table, maker, judge, key, level, "ok" or "no", reason. The first four
judges are run from here; pyhanko and dss have run before and left FOLDER/JUDGE.jsonl. A file that its maker
could not make (FOLDER/*.made.jsonl says why) is "no" with that reason.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

import manifest
import signatures

JUDGES = {
    "sealed": ("pdfsig", "qpdf", "openssl", "pyhanko", "dss"),
    "signed": ("bulla",),
    "extended": ("bulla", "pyhanko", "dss"),
    "second": ("bulla", "pdfsig", "pyhanko", "dss"),
    "permitted": ("bulla", "pdfsig", "qpdf", "openssl", "pyhanko", "dss"),
    "altered": ("bulla", "pdfsig", "openssl", "pyhanko", "dss"),
}


def run(*command):
    done = subprocess.run(
        [str(part) for part in command],
        capture_output=True,
        text=True,
        errors="replace",
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def last_line(text):
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1] if lines else "no word"


def openssl_reason(text):
    """The first error of the queue, without its thread and source line."""
    errors = [line.split(":") for line in text.splitlines() if ":error:" in line]
    return " ".join(errors[0][3:6]) if errors else last_line(text)


def bulla(file, program, trust):
    """TOTAL-PASSED with exit status 0; the seal counts and the level are what was asked for."""
    offline = ["--offline"] if file.long_term else []
    status, out, err = run(
        program, "validate", file.path, "--trust", trust, "--report", "json", *offline
    )
    try:
        report = json.loads(out)
    except ValueError:
        return f"exit status {status}, no report: {last_line(err)}"
    seals = [row for row in report["signatures"] if row["kind"] == "signature"]
    for row in report["signatures"]:
        if row["indication"] != "TOTAL-PASSED" or not row["intact"]:
            codes = [finding["code"] for finding in row["findings"]]
            return f"{row['name']}: {row['indication']} {row['subIndication']} {' '.join(codes)}"
    if len(seals) != file.signatures:
        return f"{len(seals)} signatures seen of {file.signatures}"
    if file.format and seals[0]["format"] != file.format:
        return f"format {seals[0]['format']}"
    if report["conclusion"] != "TOTAL-PASSED" or status != 0:
        return f"{report['conclusion']}, exit status {status}"
    return None


def pdfsig(file, _program, _trust):
    """Digest and signature value of every signature; it knows no document timestamps and is not asked
    about certificates, for it would put its own trust store and the network between."""
    status, out, err = run("pdfsig", "-nocert", file.path)
    if status != 0:
        return f"exit status {status}: {last_line(out + err)}"
    blocks = [part for part in out.split("Signature #")[1:] if "ETSI.CAdES.detached" in part]
    for block in blocks:
        if "Signature Validation: Signature is Valid." not in block:
            return last_line(block).removeprefix("- ")
    if len(blocks) != file.signatures:
        return f"{len(blocks)} signatures seen of {file.signatures}"
    if file.level in ("B", "T") and "- Total document signed" not in blocks[-1]:
        return "not the total document is signed"
    return None


def qpdf(file, _program, _trust):
    """A well-formed file: no error and no warning."""
    status, out, err = run("qpdf", "--check", file.path)
    return None if status == 0 else f"exit status {status}: {last_line(out + err)}"


def openssl(file, _program, trust):
    """Each CMS over the bytes its ByteRange names, with its signing-certificate attribute and its path."""
    try:
        found = signatures.read(file.path)
    except (signatures.Malformed, ValueError) as fault:
        return str(fault)
    if sum(not one.is_timestamp for one in found) != file.signatures:
        return f"{len(found)} signatures seen"
    with tempfile.TemporaryDirectory() as folder:
        token, content = Path(folder) / "cms", Path(folder) / "content"
        for one in found:
            token.write_bytes(one.cms)
            content.write_bytes(one.content)
            if one.is_timestamp:
                command = ["ts", "-verify", "-token_in", "-in", token, "-data", content]
            else:
                command = ["cms", "-verify", "-cades", "-binary", "-inform", "DER", "-in", token]
                command += ["-content", content, "-purpose", "any", "-out", "/dev/null"]
            status, out, err = run("openssl", *command, "-CAfile", trust)
            if status != 0:
                what = "timestamp" if one.is_timestamp else "signature"
                return f"{what}: {openssl_reason(err + out)}"
    return None


def pyhanko(file, row):
    """Its own bottom line, its EN 319 102-1 process and every timestamp."""
    rows = row["signatures"]
    for one in rows + row["timestamps"]:
        if "error" in one:
            return f"{one['field']}: {one['error']}"
    for one in rows:
        if not one["bottom_line"]:
            problem = one["trust_problem"] or one["modification_level"]
            return f"{one['field']}: intact {one['intact']}, valid {one['valid']}, {problem}"
        if one["ades"]["indication"] != "PASSED":
            return f"{one['field']}: {one['ades']['sub_indication']}: {one['ades']['message']}"
        if one["timestamp"] and not one["timestamp"]["trusted"]:
            return f"{one['field']}: timestamp: {one['timestamp']['trust_problem']}"
    for one in row["timestamps"]:
        if not (one["intact"] and one["valid"] and one["trusted"]):
            return f"{one['field']}: {one['trust_problem']}"
    if len(rows) != file.signatures:
        return f"{len(rows)} signatures seen of {file.signatures}"
    return pyhanko_level(file, rows[0]["timestamp"] is not None, len(row["timestamps"]))


def pyhanko_level(file, has_signature_timestamp, document_timestamps):
    """A level raised afterwards may have a document timestamp where a signature timestamp would be."""
    if file.table == "extended":
        return None if has_signature_timestamp or document_timestamps else "no timestamp seen"
    if file.table == "sealed" and has_signature_timestamp != (file.level != "B"):
        return f"signature timestamp seen: {has_signature_timestamp}"
    if file.table == "sealed" and bool(document_timestamps) != (file.level == "LTA"):
        return f"{document_timestamps} document timestamps seen"
    return None


def dss(file, row):
    """TOTAL-PASSED by its default policy, the format, and every timestamp."""
    rows = row["signatures"]
    for one in rows:
        if not (one["digestIntact"] and one["signatureIntact"] and one["signatureValid"]):
            return f"digest or signature value wrong: {' '.join(one['errors'])}"
        if one["indication"] != "TOTAL_PASSED":
            return f"{one['indication']} {one['subIndication']}: {' '.join(one['errors'])}"
        for stamp in one["timestamps"]:
            if stamp["indication"] != "PASSED":
                return f"timestamp {stamp['type']}: {stamp['indication']} {stamp['subIndication']}"
        if one["modifications"]["undefined"]:
            return f"undefined changes: {' '.join(one['modifications']['undefined'])}"
    if len(rows) != file.signatures:
        return f"{len(rows)} signatures seen of {file.signatures}"
    if file.format and rows[0]["format"] != file.format:
        return f"format {rows[0]['format']}"
    return None


def json_lines(paths):
    rows = {}
    for path in paths:
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            rows[row["file"]] = row
    return rows


def verdict(judge, file, said, program, trust):
    if judge in ("pyhanko", "dss"):
        row = said.get(str(file.path))
        if row is None or "error" in row:
            return row["error"] if row else "no report"
        return (pyhanko if judge == "pyhanko" else dss)(file, row)
    ask = {"bulla": bulla, "pdfsig": pdfsig, "qpdf": qpdf, "openssl": openssl}[judge]
    try:
        return ask(file, program, trust)
    except subprocess.TimeoutExpired:
        return "no answer in 120 s"


# The words of a judge that saw another digest, and not some other fault.
REFUSALS = {
    "bulla": ": TOTAL-FAILED HASH_FAILURE",
    "pdfsig": "Digest Mismatch.",
    "openssl": "verification failure",
    "pyhanko": ": intact False",
    "dss": "digest or signature value wrong",
}


def refusal(judge, reason):
    """What is wrong with the answer about an altered file, or None."""
    if reason is None:
        return "the alteration was not noticed"
    return None if REFUSALS[judge] in reason else reason


def main():
    judge, folder, trust = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    program = sys.argv[4] if len(sys.argv) > 4 else None
    made = json_lines(folder.glob("*.made.jsonl"))
    said = json_lines(folder.glob(f"{judge}.*.jsonl"))
    with open(folder / "verdicts.tsv", "a", encoding="utf-8") as out:
        for file in manifest.read(folder):
            if judge not in JUDGES[file.table]:
                continue
            if file.path.exists():
                reason = verdict(judge, file, said, program, trust)
                if file.table == "altered":
                    reason = refusal(judge, reason)
            else:
                reason = "not made: " + made.get(str(file.path), {}).get("error", "no word why")
            word = "no" if reason else "ok"
            reason = " ".join((reason or "").split())
            print(file.table, file.maker, judge, file.key, file.level, word, reason, sep="\t", file=out)


if __name__ == "__main__":
    main()
