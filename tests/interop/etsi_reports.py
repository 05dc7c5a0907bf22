"""Bulla's ETSI validation reports (TS 119 102-2), read by others: etsi_reports.py FOLDER BUILD

On the files of FOLDER's manifest, on its scenes, and on the PDF corpora beside the repository where those
are. The schema judges each report (etsi_schema.py); EU DSS's own parser reads each, and must find the
verdicts that the JSON report on the same gives. The last line is "N passed, N failed", counting reports.
"""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import manifest

HERE = Path(__file__).resolve().parent
CORPUS = HERE / "../../../shared/corpus"
CORPORA = ("attacks", "dss/pades", "pyhanko")
UNREADABLE = 65  # exit status: not a document for Bulla, so it has no report in any form


def lines_of(*command):
    done = subprocess.run([str(part) for part in command], stdout=subprocess.PIPE, text=True, check=False)
    rows = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]
    return {row.pop("file"): row for row in rows}


def verdicts_of(report):
    """Verdict by id, in DSS's words; that of a document timestamp stands at its token."""
    found = {}
    for sig in report["signatures"]:
        for stamp in sig["timestamps"]:
            found[stamp["id"]] = (stamp["indication"], stamp["subIndication"])
        if sig["kind"] == "signature":
            found[sig["id"]] = (sig["indication"].replace("-", "_"), sig["subIndication"])
        else:
            found[sig["timestamps"][0]["id"]] = (sig["indication"].removeprefix("TOTAL-"), sig["subIndication"])
        for one in sig.get("counterSignatures", []):
            found[f"{sig['id']}-{one['id']}"] = (one["indication"].replace("-", "_"), one["subIndication"])
    return found


def report_on(program, pdf, out, options):
    """Writes OUT.xml and OUT.json; what went wrong, or None."""
    for form, suffix in (("etsi", ".xml"), ("json", ".json")):
        command = [program, "validate", pdf, "--report", form, "-o", out.with_suffix(suffix), *options]
        done = subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)
        if done.returncode > 2 and done.returncode != UNREADABLE:
            return f"{pdf.name}: exit status {done.returncode}: {done.stderr.strip()}"
    return None


def reports_on(program, folder, pdfs):
    """PDFS: (path, options). Gives the reports and what went wrong."""
    folder.mkdir()
    with ThreadPoolExecutor(2) as pool:
        faults = list(
            pool.map(
                lambda one: report_on(program, one[1][0], folder / f"{one[0]:04}-{one[1][0].stem}.xml", one[1][1]),
                enumerate(pdfs),
            )
        )
    return sorted(folder.glob("*.xml")), [fault for fault in faults if fault]


def complaint(report, schema, read):
    if schema is None or schema["schema"]:
        return f"schema: {schema['schema'] if schema else 'no answer'}"
    if read is None or "error" in read:
        return f"EU DSS: {read['error'] if read else 'no answer'}"
    found = {one["id"]: (one["indication"], one["subIndication"]) for one in read["signatures"] + read["timestamps"]}
    found.pop(None, None)  # the one report that says that there is no signature
    wanted = verdicts_of(json.loads(report.with_suffix(".json").read_text(encoding="utf-8")))
    return None if found == wanted else f"EU DSS reads {found} where {wanted} was said"


def judge(reports, peers):
    names = [str(report) for report in reports]
    if not names:
        return
    schema = lines_of(sys.executable, HERE / "etsi_schema.py", peers / "lib", *names)
    read = lines_of("java", "-cp", f"{peers}/dss-peer.jar:{peers}/lib/*", "bulla.interop.Main", "read", *names)
    for report in reports:
        what = complaint(report, schema.get(str(report)), read.get(str(report)))
        if what:
            yield f"{report.parent.name}/{report.name}: {what}"


def files_of(folder):
    if not (folder / "manifest.tsv").exists():
        return []
    trust = ["--trust", folder / "ca/root.pem"]
    found = [file for file in manifest.read(folder) if file.path.exists()]
    return [(file.path, [*trust, *(["--offline"] if file.long_term else [])]) for file in found]


def main(folder, build):
    folder, build = Path(folder), Path(build)
    passed = failed = 0
    print("\nETSI reports, valid by the schema and read by EU DSS's parser\n")
    groups = {"files": files_of(folder)}
    for name in CORPORA:
        groups[name] = [(pdf, ["--offline"]) for pdf in sorted((CORPUS / name).rglob("*.pdf"))]
    written = {"scenes": (sorted(folder.glob("scenes/*/report.xml")), [])}
    for name, pdfs in groups.items():
        written[name] = reports_on(build / "bulla", folder / f"etsi-{name.replace('/', '-')}", pdfs)
    for name, (reports, faults) in written.items():
        bad = faults + list(judge(reports, build / "interop/dss"))
        passed += len(reports) - len(bad) + len(faults)
        failed += len(bad)
        print(f"{name:<12}{len(reports)} reports" + (f", {len(bad)} NOT" if bad else "") + ("" if reports else " (none there)"))
        for what in bad[:20]:
            print(f"  {what}")
    print(f"\n{passed} passed, {failed} failed")


if __name__ == "__main__":
    main(*sys.argv[1:])
