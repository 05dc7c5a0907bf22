#!/usr/bin/env python3
"""PKITS through `bulla certificate`, more closely than the scorer looks: the policies that are given back and what
they say, the reason of each refusal, and the same with every certificate and CRL of the suite at hand at once. Prints
"differs  ROW: why" for each row that does not agree, then agree/total.

  pkits.py BULLA CORPUS SCRATCH POLICY [--only TEXT]
"""
import base64
import csv
import json
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

SECONDS = 60
# What may stand behind each failure_class. An unknown key is one that a rule of names, usages or signatures stops first.
REASONS = {
    "policy": {"CHAIN_POLICY"},
    "anypolicy-mapped": {"CHAIN_POLICY"},
    "name-constraints": {"CHAIN_NAME_CONSTRAINTS"},
    "path-length": {"CHAIN_PATH_LENGTH"},
    "bad-signature": {"CHAIN_SIGNATURE"},
    "not-a-ca": {"CHAIN_NOT_A_CA"},
    "unknown-critical-extension": {"CHAIN_CRITICAL_EXTENSION"},
    "name-chaining": {"CHAIN_NOT_FOUND"},
    "expired": {"CERT_EXPIRED", "CERT_EXPIRED_NOT_REVOKED", "CA_EXPIRED"},
    "not-yet-valid": {"CERT_NOT_YET_VALID", "CA_NOT_YET_VALID"},
    "revoked": {"CERT_REVOKED", "CERT_SUSPENDED"},
    "revoked-ca": {"CA_REVOKED"},
    "key-usage": {"CHAIN_NOT_A_CA", "REVOCATION_DATA_MISSING"},  # keyCertSign; cRLSign
    "no-usable-crl": {"REVOCATION_DATA_MISSING"},
    "crl-unknown-critical-extension": {"REVOCATION_DATA_MISSING"},
    "stale-crl": {"REVOCATION_DATA_STALE", "REVOCATION_DATA_MISSING"},
}


def split(text):
    return [] if text in ("-", "") else text.split(";")


def settings(row):
    argv = []
    if row["initial_policy_set"] not in ("any", "-"):
        for oid in row["initial_policy_set"].replace(",", ";").split(";"):
            argv += ["--initial-policy", oid.strip()]
    for column, option in (("explicit_policy", "--explicit-policy"), ("policy_mapping_inhibit", "--inhibit-mapping"),
                           ("any_policy_inhibit", "--inhibit-any")):
        argv += [option] if row[column] == "1" else []
    return argv


def why_not(row, code, report):
    """What differs, None when nothing does."""
    codes = {f["code"] for f in report["findings"]}
    if (code == 0) != (row["expected"] == "valid"):
        return f"{'passed' if code == 0 else 'refused'}, expected {row['expected']} ({', '.join(codes)})"
    if code:
        wanted = REASONS[row["failure_class"]]
        return None if codes & wanted else f"refused for {', '.join(codes)}, expected {row['failure_class']}"
    wanted = {"empty": [], "anyPolicy": ["2.5.29.32.0"]}.get(row["user_policy_set"], row["user_policy_set"].split(","))
    given = [p["policy"] for p in report["policies"]]
    if given != wanted:
        return f"policies {given}, expected {wanted}"
    kind, _, wanted = row["qualifiers"].partition(" ")
    told = [t for p in report["policies"] for t in p["notices"] + p["cps"]]
    if kind != "-" and not any(t == wanted or t.startswith(f"{wanted}:") for t in told):
        return f"qualifiers {told}, expected {wanted}"
    return None


class Suite:
    def __init__(self, bulla, corpus, scratch, policy):
        self.bulla, self.corpus, self.policy = bulla, corpus, policy
        self.every_crl = [self.crl(n) for n in sorted(os.listdir(os.path.join(corpus, "crls")))]
        self.bundle = os.path.join(scratch, "every.pem")
        with open(self.bundle, "wb") as out:
            for name in sorted(os.listdir(os.path.join(corpus, "certs"))):
                with open(self.cert(name), "rb") as f:
                    out.write(b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(f.read()) +
                              b"-----END CERTIFICATE-----\n")

    def cert(self, name):
        return os.path.join(self.corpus, "certs", name)

    def crl(self, name):
        return os.path.join(self.corpus, "crls", name)

    def ask(self, row, certs, crls):
        chain = split(row["chain"])
        argv = [self.bulla, "certificate", self.cert(chain[-1]), "--offline", "--report", "json", "--policy", self.policy,
                "--trust", self.cert(chain[0]), "--at", "2022-05-01T00:00:00Z"] + settings(row)
        for c in certs:
            argv += ["--chain", c]
        for c in crls:
            argv += ["--crl", c]
        p = subprocess.run(argv, capture_output=True, timeout=SECONDS, check=False)
        if p.returncode not in (0, 1, 2):
            return f"exit status {p.returncode}: {p.stderr.decode()[-200:]}"
        return why_not(row, p.returncode, json.loads(p.stdout))

    def judge(self, row):
        own = [self.cert(c) for c in split(row["chain"])[1:-1] + split(row["extra_certs"])]
        why = self.ask(row, own, [self.crl(c) for c in split(row["crls"])])
        if why:
            return why
        why = self.ask(row, [self.bundle], self.every_crl)
        return f"with everything at hand: {why}" if why else None


def main():
    bulla, corpus, scratch, policy = sys.argv[1:5]
    only = sys.argv[6] if len(sys.argv) == 7 else ""
    with open(os.path.join(corpus, "expected.tsv"), newline="", encoding="utf-8") as f:
        rows = [r for r in csv.DictReader(f, delimiter="\t") if only in r["test_id"]]
    suite = Suite(bulla, corpus, scratch, policy)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(suite.judge, rows))
    for row, why in zip(rows, answers):
        if why:
            print(f"differs  {row['test_id']}: {why}")
    agree = answers.count(None)
    print(f"pkits: {agree}/{len(rows)} agree")
    return 0 if agree == len(rows) else 1


if __name__ == "__main__":
    sys.exit(main())
