#!/bin/bash
# Policies through the program: the ready ones against the test authority, one of a body of its own,
# approvals, refusals. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority
issue rsa2048 --key rsa2048
issue p256 --key p256
issue noted --key rsa2048 --policy 1.2.3.4 --disclaimer 'Only for filings.'
seal rsa2048 B-LT "$W/filing.pdf" "$W/sealed.pdf" || exit 1
seal p256 B-B "$W/filing.pdf" "$W/other.pdf" || exit 1
seal noted B-T "$W/filing.pdf" "$W/noted.pdf" || exit 1
fingerprint() { # NAME
	openssl x509 -in "$W/ca/issued/$1.pem" -noout -fingerprint -sha256 | sed 's/.*=//; s/://g'
}

judged() { # STATUS FILE PATTERN... -- OPTION...
	local status=$1 file=$2 patterns=() report got
	shift 2
	while [ $# -gt 0 ] && [ "$1" != -- ]; do patterns+=("$1"); shift; done
	report=$(validate --report json "${@:2}" "$file")
	got=$?
	has "$report" "${patterns[@]}" && is "exit status $got" "exit status $status"
}

ok 'default' judged 0 "$W/sealed.pdf" '"name": "default"'
ok 'eidas' judged 0 "$W/sealed.pdf" '"name": "eidas"' -- --policy eidas
ok 'sealed-filing: waits for a person' judged 2 "$W/sealed.pdf" '"DISCLAIMER_NOT_APPROVED"' -- --policy sealed-filing
ok '... and for nothing else' not has "$(validate --report json --policy sealed-filing "$W/sealed.pdf")" \
	CLASS MISSING REQUIRED ALGORITHM LEGAL
{
	echo '# approved by the legal department'
	echo "$(fingerprint rsa2048) Acme, first use"
} >"$W/approved"
ok '... who approves' judged 0 "$W/sealed.pdf" '"TOTAL-PASSED"' -- --policy sealed-filing --approved "$W/approved"
ok 'sealed-filing: another seal' judged 2 "$W/other.pdf" '"TIMESTAMP_REQUIRED"' '"SCHEME_NOT_ACCEPTED"' \
	'"ALGORITHM_ENDED"' -- --policy sealed-filing --approved "$W/approved"

cat >"$W/ours.json" <<END
{ "name": "ours", "extends": "sealed-filing",
  "certificate": { "classes": { "B": ["1.2.3.4"], "C": [] } },
  "disclaimer": { "text": "Only  for\nfilings.", "approved": ["$(fingerprint noted | tr A-F a-f)"] } }
END
ok 'one of its own' judged 0 "$W/noted.pdf" '"name": "ours"' -- --policy "$W/ours.json"
ok '... for other certificates' judged 2 "$W/sealed.pdf" '"CERT_CLASS_NOT_ACCEPTED"' '"DISCLAIMER_MISSING"' \
	'"DISCLAIMER_NOT_APPROVED"' -- --policy "$W/ours.json"
certificate() { # PATTERN OPTION...
	local report
	report=$("$bulla" certificate "$W/ca/issued/rsa2048.pem" --trust "$W/ca/root.pem" --use signature --report json "${@:2}")
	is $? 2 && has "$report" "$1"
}
ok 'certificate --policy' certificate '"CERT_CLASS_NOT_ACCEPTED"' --policy "$W/ours.json"

refused() { # STATUS PATTERN OPTION...
	local said got
	said=$("$bulla" validate "$W/sealed.pdf" "${@:3}" 2>&1)
	got=$?
	is "exit status $got" "exit status $1" && has "$said" "$2" && is "$(wc -l <<<"$said")" 1
}
echo '{ "name": "ours", "revocation": { "grace": 4 } }' >"$W/bad.json"
ok 'refused: an unknown key' refused 65 'bad.json: policy: \$\.revocation\.grace: unknown key' --policy "$W/bad.json"
echo '{ "name": "ours", "revocation": { "graceSeconds": "4h" } }' >"$W/bad.json"
ok 'refused: a wrong type' refused 65 'policy: \$\.revocation\.graceSeconds: not a number of seconds' --policy "$W/bad.json"
ok 'refused: no such file' refused 74 'nowhere.json: No such file' --policy "$W/nowhere.json"
echo 'AA:BB Acme' >"$W/approved"
ok 'refused: an approval' refused 65 'approved:1: not a SHA-256' --approved "$W/approved"
tap_done
