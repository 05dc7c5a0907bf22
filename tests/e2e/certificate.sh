#!/bin/bash
# `bulla certificate`: what its options do, its reports, its exit statuses. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
tap_authority
issue acme --disclaimer "For filings only" --policy 1.3.6.1.4.1.32473.1.1
cert=$W/ca/issued/acme.pem
pki=$W/ca/ca
judge() { "$bulla" certificate "$cert" --chain "$pki/issuing-ca.pem" --chain "$pki/policy-ca.pem" --trust "$pki/root.pem" "$@"; }
crls=(--offline)
for crl in issuing-ca policy-ca root; do crls+=(--crl "$W/ca/crl/$crl.crl"); done
says() { # STATUS REGEX COMMAND...
	local status=0
	"${@:3}" >"$W/out" 2>&1 || status=$?
	[ "$status" = "$1" ] && grep -qE -- "$2" "$W/out" && return
	echo "exit status $status, not $1, or no line like $2"
	cat "$W/out"
	return 1
}
value() { # EXPRESSION ON r
	"$bulla" certificate "$cert" --chain "$pki/issuing-ca.pem" --chain "$pki/policy-ca.pem" --trust "$pki/root.pem" \
		"${crls[@]}" "${@:2}" --report json >"$W/json"
	python3 -c 'import json, sys; r = json.load(open(sys.argv[1])); print(eval(sys.argv[2]))' "$W/json" "$1"
}
equals() { is "$(value "${@:2}")" "$1"; }

ok "online: valid, in one sentence first" says 0 '^Accept: ' judge
ok "offline by CRLs that are handed in" says 0 '^Accept: ' judge "${crls[@]}"
ok "offline without any: not certain" says 2 'REVOCATION_DATA_MISSING' judge --offline
ok "online without the certificates between: they are fetched" says 0 '^Accept: ' \
	"$bulla" certificate "$cert" --trust "$pki/root.pem"
ok "offline without them: no chain" says 2 'CHAIN_NOT_FOUND' "$bulla" certificate "$cert" --trust "$pki/root.pem" --offline
ok "nothing trusted: no chain" says 2 'CHAIN_NOT_FOUND' "$bulla" certificate "$cert" --offline
ok "the anchor itself" says 0 '^Accept: ' "$bulla" certificate "$pki/root.pem" --trust "$pki/root.pem" --offline
ok "for timestamps it is not" says 2 'TIMESTAMP_EKU' judge "${crls[@]}" --use timestamp
ok "for signatures it is" says 0 '^Accept: ' judge "${crls[@]}" --use signature
ok "before its time" says 2 'CERT_NOT_YET_VALID' judge "${crls[@]}" --at 2001-01-01T00:00:00Z
ok "a policy that it does not have" says 2 'CHAIN_POLICY' judge "${crls[@]}" --initial-policy 1.2.3 --explicit-policy
ok "a disclaimer in the text" says 0 'For filings only' judge "${crls[@]}"
ok "under a ready policy" says 2 'DISCLAIMER_MISSING' judge "${crls[@]}" --policy sealed-filing --use signature

ok "JSON: the verdict" equals "PASSED None any" '" ".join(str(r[k]) for k in ("indication", "subIndication", "use"))'
ok "JSON: the chain to the anchor" equals "[False, False, False, True]" '[c["anchor"] for c in r["chain"]]'
ok "JSON: what decided each status" equals "['crl', 'crl', 'crl', None]" \
	'[c["revocation"] and c["revocation"]["by"] for c in r["chain"]]'
ok "JSON: the path taken" equals "[True]" '[p["taken"] for p in r["paths"]]'
ok "JSON: the user's settings" equals "{'initialPolicies': ['1.2.3'], 'explicitPolicy': True, 'inhibitMapping': True, 'inhibitAny': True}" \
	'r["policy"]["inputs"]' --initial-policy 1.2.3 --explicit-policy --inhibit-mapping --inhibit-any
ok "JSON: a refused path and its cause" equals "[(False, ['CHAIN_POLICY'])]" \
	'[(p["taken"], [f["code"] for f in p["causes"]]) for p in r["paths"]]' --initial-policy 1.2.3 --explicit-policy
ok "JSON: the same twice" bash -c '"$1" certificate "$2" --offline --report json --at 2026-06-01T00:00:00Z >"$3/a"; "$1" certificate "$2" --offline --report json --at 2026-06-01T00:00:00Z >"$3/b"; cmp "$3/a" "$3/b"' bash "$bulla" "$cert" "$W"

"$build/bulla-authority" revoke "$W/ca" acme --reason keyCompromise >>"$W/authority.log" 2>&1
"$build/bulla-authority" publish "$W/ca" >>"$W/authority.log" 2>&1
ok "revoked, by OCSP" says 2 'CERT_REVOKED' judge
ok "revoked, by CRL" says 2 'Since .*keyCompromise' judge "${crls[@]}"
ok "JSON: when and why" equals "revoked keyCompromise" \
	'" ".join([r["chain"][0]["revocation"]["status"], r["chain"][0]["revocation"]["reason"]])'

ok "to a file" status_is 2 judge "${crls[@]}" -o "$W/report.txt"
ok "which holds the report" grep -q CERT_REVOKED "$W/report.txt"

line() { says "$1" "^bulla: $2" "${@:3}"; }
echo nonsense >"$W/nonsense"
ok "no file" line 64 'certificate: one file is wanted' "$bulla" certificate
ok "two files" line 64 'certificate: one file is wanted' "$bulla" certificate "$cert" "$cert"
ok "no such file" line 74 '.*nowhere: No such file' "$bulla" certificate "$W/nowhere"
ok "no certificate" line 65 '.*nonsense: ' "$bulla" certificate "$W/nonsense"
ok "a chain that is none" line 65 '.*nonsense: ' judge --chain "$W/nonsense"
ok "a CRL that is none" line 65 '.*nonsense: no certificate revocation list' judge --crl "$W/nonsense"
ok "an OCSP response that is none" line 65 '.*nonsense: no successful OCSP response' judge --ocsp "$W/nonsense"
ok "no instant" line 64 'certificate: --at yesterday: ' judge --at yesterday
ok "no object identifier" line 64 'certificate: --initial-policy gold: ' judge --initial-policy gold
ok "no use" line 64 'certificate: --use fun: ' judge --use fun
ok "no report" line 64 'certificate: --report html: ' judge --report html
ok "no policy" line 74 '.*nowhere' judge --policy "$W/nowhere"
tap_done
