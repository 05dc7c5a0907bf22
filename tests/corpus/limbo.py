#!/usr/bin/env python3
"""x509-limbo through `bulla certificate`: prints "differs  ID: why" for each case that does not agree, then
agree/total. The names of TLS servers are not compared: a certificate for sealing has none.

  limbo.py BULLA CORPUS SCRATCH [--only TEXT]
"""
import json
import os
import subprocess
import sys

KINDS = ("rfc5280::", "crl::", "pathlen::", "pathological::", "cve::", "invalid::")
NOW = "2026-11-22T00:00:00Z"  # for cases that ask for no certain time
SECONDS = 20
# The suite gives CRLs only where they matter, and its keys and digests are those of TLS.
POLICY = {"name": "limbo", "extends": "default", "revocation": {"required": False}}


def put(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w", encoding="ascii") as f:
        f.write(text)
    return path


def command(bulla, case, folder):
    policy = POLICY if not case["crls"] else {**POLICY, "revocation": {"required": True}}
    argv = [bulla, "certificate", put(folder, "cert.pem", case["peer_certificate"]), "--offline"]
    argv += ["--policy", put(folder, "policy.json", json.dumps(policy)), "--report", "json"]
    argv += ["--at", case["validation_time"] or NOW]
    for option, key in (("--trust", "trusted_certs"), ("--chain", "untrusted_intermediates"), ("--crl", "crls")):
        for i, text in enumerate(case[key]):
            argv += [option, put(folder, f"{key}{i}.pem", text)]
    return argv


def verdict(bulla, case, folder):
    try:
        p = subprocess.run(command(bulla, case, folder), capture_output=True, timeout=SECONDS, check=False)
    except subprocess.TimeoutExpired:
        return None, f"no answer within {SECONDS} s"
    if p.returncode == 65:
        return False, p.stderr.decode().strip()
    if p.returncode not in (0, 1, 2):
        return None, f"exit status {p.returncode}: {p.stderr.decode()[-200:]}"
    codes = ", ".join(f["code"] for f in json.loads(p.stdout)["findings"])
    return p.returncode == 0, codes or "nothing found"


def main():
    bulla, corpus, scratch = sys.argv[1:4]
    only = sys.argv[5] if len(sys.argv) == 6 else ""
    with open(os.path.join(corpus, "limbo.json"), encoding="utf-8") as f:
        cases = [c for c in json.load(f)["testcases"] if c["id"].startswith(KINDS) and only in c["id"]]
    agree = 0
    for i, case in enumerate(cases):
        folder = os.path.join(scratch, str(i))
        os.mkdir(folder)
        got, why = verdict(bulla, case, folder)
        wanted = case["expected_result"] == "SUCCESS"
        if got is wanted:
            agree += 1
        else:
            print(f"differs  {case['id']}: {'passed' if got else 'refused'}, expected "
                  f"{'valid' if wanted else 'invalid'} ({why})")
    print(f"limbo: {agree}/{len(cases)} agree")
    return 0 if agree == len(cases) else 1


if __name__ == "__main__":
    sys.exit(main())
