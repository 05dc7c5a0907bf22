#!/bin/bash
# Sealing, extending and judging through the program: kinds of keys and levels, fields, digests, times,
# evidence, exit statuses. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority
keys='rsa2048 rsa3072 rsa4096 rsapss2048 rsapss3072 p256 p384 p521 bp256 ed25519'
for key in $keys; do issue "$key" --key "$key"; done
has_qpdf() { command -v qpdf >/dev/null; }
is_sound() { ! has_qpdf || qpdf --check "$@"; }

passes() { # FILE FORMAT [OPTION...]
	local report
	report=$(validate --report json "${@:3}" "$1") || { echo "exit status $?: $report"; return 1; }
	has "$report" '"conclusion": "TOTAL-PASSED"' "\"format\": \"PAdES-BASELINE-$2\"" '"intact": true'
}
fails() { # FILE SUB-INDICATION-OR-FINDING [OPTION...]
	local report
	report=$(validate --report json "${@:3}" "$1")
	is $? 1 && has "$report" '"conclusion": "TOTAL-FAILED"' "\"$2\"" '"intact": true'
}
undecided() { # FILE SUB-INDICATION-OR-FINDING [OPTION...]
	local report
	report=$(validate --report json "${@:3}" "$1")
	is $? 2 && has "$report" '"conclusion": "INDETERMINATE"' "\"$2\"" '"intact": true'
}

refused() { # PATTERN COMMAND...: exit status 65, one line, no output $W/x.pdf
	local said status
	said=$("${@:2}" 2>&1)
	status=$?
	is "exit status $status" "exit status 65" && has "$said" "$1" && is "$(wc -l <<<"$said")" 1 &&
		[ ! -e "$W/x.pdf" ]
}

# -- keys and levels -------------------------------------------------------------------------------
sealed_well() { # KEY LEVEL
	local out=$W/$1-$2.pdf
	seal "$1" "$2" "$W/filing.pdf" "$out" && is_prefix "$W/filing.pdf" "$out" && is_sound "$out" || return 1
	passes "$out" "${2#B-}" || return 1
	case $2 in
	B-L*) passes "$out" "${2#B-}" --offline ;;
	*) undecided "$out" REVOCATION_DATA_MISSING --offline ;;
	esac
}
for key in $keys; do
	for level in B-B B-T B-LT B-LTA; do ok "$key at $level" sealed_well "$key" $level; done
done
command -v qpdf >/dev/null || skip "qpdf --check" "qpdf is not installed"

# -- digests and signature schemes -----------------------------------------------------------------
uses() { # DIGEST-NAME ALGORITHM KEY OPTION...
	seal "$3" B-LT "$W/filing.pdf" "$W/digest.pdf" "${@:4}" || return 1
	has "$(validate --offline --report json "$W/digest.pdf")" "\"digestAlgorithm\": \"$1\"" \
		"\"signatureAlgorithm\": \"$2\"" '"conclusion": "TOTAL-PASSED"'
}
ok "RSA: PSS unless told otherwise" uses SHA256 RSA-PSS rsa2048
ok "RSA: PKCS #1 v1.5 when told" uses SHA256 RSA rsa2048 --rsa-pkcs1
for bits in 256 384 512; do
	ok "RSA with SHA-$bits" uses SHA$bits RSA-PSS rsa2048 --digest sha$bits
	ok "ECDSA with SHA-$bits" uses SHA$bits ECDSA p256 --digest sha$bits
	ok "PKCS #1 v1.5 with SHA-$bits" uses SHA$bits RSA rsa2048 --digest sha$bits --rsa-pkcs1
done
ok "P-384 asks for SHA-384" uses SHA384 ECDSA p384
ok "P-521 asks for SHA-512" uses SHA512 ECDSA p521

# -- several seals ---------------------------------------------------------------------------------
second_seal() { # LEVEL-OF-FIRST LEVEL-OF-SECOND
	local first=$W/rsa2048-$1.pdf out=$W/second.pdf report
	seal p256 "$2" "$first" "$out" && is_prefix "$first" "$out" && is_sound "$out" || return 1
	report=$(validate --report json "$out") || { echo "$report"; return 1; }
	is "$(grep -c '"format": "PAdES' <<<"$report")" 2 && is "$(grep -c '"intact": false' <<<"$report")" 0
}
for first in B-B B-LTA; do
	for second in B-B B-LTA; do ok "a $second seal over a $first seal leaves it intact" second_seal $first $second; done
done

# -- extending -------------------------------------------------------------------------------------
extended_well() { # FROM TO
	local from=$W/p256-$1.pdf out=$W/extended-$1-$2.pdf
	extend "$2" "$from" "$out" && is_prefix "$from" "$out" && is_sound "$out" || return 1
	case $2 in
	B-T) passes "$out" '(T|LT|LTA)' ;;
	B-LT) passes "$out" '(LT|LTA)' --offline ;;
	B-LTA) passes "$out" LTA --offline ;;
	esac
}
for from in B-B B-T B-LT B-LTA; do
	for to in B-T B-LT B-LTA; do ok "$from extended to $to" extended_well $from $to; done
done
tokens() { validate --offline --report json "$1" | grep -c '"kind": "document-timestamp"'; }
renewed_twice() {
	local first=$W/rsa2048-B-LTA.pdf
	extend B-LTA "$first" "$W/renewed1.pdf" && extend B-LTA "$W/renewed1.pdf" "$W/renewed2.pdf" || return 1
	is "$(tokens "$first") $(tokens "$W/renewed1.pdf") $(tokens "$W/renewed2.pdf")" "1 2 3" || return 1
	is_prefix "$W/renewed1.pdf" "$W/renewed2.pdf" && passes "$W/renewed2.pdf" LTA --offline
}
ok "B-LTA renewed twice, one timestamp each" renewed_twice
ok "nothing to extend" refused 'carries no signature' extend B-LTA "$W/filing.pdf" "$W/x.pdf"

# -- fields and texts ------------------------------------------------------------------------------
in_field() { # FIELD IN
	seal p256 B-LTA "$2" "$W/field.pdf" --field "$1" && passes "$W/field.pdf" LTA --offline || return 1
	has "$(validate --offline --report json "$W/field.pdf")" "\"name\": \"$1\""
}
ok "an existing empty field is used" in_field "office seal" "$W/form.pdf"
ok "and takes only one seal" refused 'office seal' seal p256 B-B "$W/field.pdf" "$W/x.pdf" --field "office seal"
ok "a field of another type is no place for a seal" refused 'applicant' seal p256 B-B "$W/form.pdf" \
	"$W/x.pdf" --field applicant
ok "a new field" in_field "Aláírás" "$W/filing.pdf"
texts() {
	seal p256 B-LT "$W/scan.pdf" "$W/texts.pdf" --reason 'Árvíztűrő tükörfúrógép (\"\) és kész' \
		--location 'Thành phố Hồ Chí Minh' --name 'Łódź 東京 😀' || return 1
	has "$(validate --offline --report json "$W/texts.pdf")" '"reason": "Árvíztűrő tükörfúrógép \(\\\\\\"\\\\\) és kész"' \
		'"location": "Thành phố Hồ Chí Minh"' '"claimedName": "Łódź 東京 😀"'
}
ok "texts in any script come back" texts

# -- standard input and output ---------------------------------------------------------------------
from_input() {
	seal p256 B-LT - "$W/from-input.pdf" <"$W/filing.pdf" && is_prefix "$W/filing.pdf" "$W/from-input.pdf" || return 1
	has "$(validate --offline - <"$W/from-input.pdf")" '^Accept: ' '^Document +standard input$'
}
ok "the document from standard input" from_input
password_by_descriptor() {
	"$bulla" seal "$W/filing.pdf" -o "$W/fd.pdf" --key "$W/ca/issued/p256.p12" --password-fd 7 --level B-B \
		7<"$W/ca/password"
}
ok "the password from a descriptor" password_by_descriptor

# -- verdicts --------------------------------------------------------------------------------------
good=$W/p256-B-LTA.pdf
cp "$good" "$W/tampered.pdf"
printf X | dd of="$W/tampered.pdf" bs=1 seek=100 conv=notrunc status=none
tampered() {
	local report
	report=$(validate --offline --report json "$W/tampered.pdf")
	is $? 1 && has "$report" '"conclusion": "TOTAL-FAILED"' '"intact": false' '"HASH_MISMATCH"'
}
ok "a changed byte fails" tampered
untrusted() {
	local report
	report=$("$bulla" validate --offline --report json "$good")
	is $? 2 && has "$report" '"conclusion": "INDETERMINATE"' '"subIndication": "NO_CERTIFICATE_CHAIN_FOUND"' '"intact": true'
}
ok "without trust anchors nothing passes" untrusted
ok "no signature: exit status 2" status_is 2 validate --offline "$W/filing.pdf"
several() {
	local out
	out=$(validate --offline --report json "$good" "$W/tampered.pdf" "$W/filing.pdf")
	is $? 1 && is "$(wc -l <<<"$out")" 3 && has "$(sed -n 1p <<<"$out")" '^\{.*TOTAL-PASSED.*\}$' &&
		has "$(sed -n 2p <<<"$out")" 'TOTAL-FAILED' && has "$(sed -n 3p <<<"$out")" 'NO-SIGNATURE'
}
ok "several documents: one line of JSON each, the worst decides" several
unreadable() {
	echo "just words" >"$W/words.txt"
	local out
	out=$(validate --offline --report json "$good" "$W/words.txt" 2>"$W/errors")
	is $? 65 && is "$(wc -l <<<"$out")" 1 && has "$(cat "$W/errors")" "^bulla: .*words.txt: "
}
ok "one of several cannot be read: 65, and the others are judged" unreadable
text_report() {
	has "$(validate --offline "$W/texts.pdf")" '^Accept: ' '^S1: electronic s[a-z]+ of p256 - Accept \(TOTAL-PASSED\)$' \
		'^    Format +PAdES-BASELINE-LT$' '^    Algorithms +ECDSA with SHA256$' '^    Integrity +intact: ' \
		'^    Stated reason +Árvíztűrő' '^    Proven time +2[0-9]{3}-[0-9-]+ [0-9:]+ UTC, proven by a timestamp$'
}
ok "the report as text" text_report
to_file() {
	validate --offline --report json "$good" -o "$W/report.json" >"$W/nothing" && is "$(wc -c <"$W/nothing")" 0 &&
		has "$(cat "$W/report.json")" '"bulla": 1'
}
ok "the report into a file" to_file
same_bytes() {
	local at
	at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	validate --offline --report json --at "$at" "$good" >"$W/a.json" && validate --offline --report json --at "$at" "$good" >"$W/b.json" &&
		cmp "$W/a.json" "$W/b.json"
}
ok "the same question has the same answer, byte for byte" same_bytes
ok "the document is not written to" is_prefix "$W/filing.pdf" "$good"

# -- time ------------------------------------------------------------------------------------------
later() { date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ; }
ok "judged in the past, before the certificate was made" fails "$good" SIGNED_BEFORE_CERTIFICATE --offline --at 2020-01-01T00:00:00Z
ok "B-B after its certificate expired" undecided "$W/p256-B-B.pdf" CERT_EXPIRED --offline --at "$(later '+4 years')"
# By then the timestamp's RSA key may be too short for the default policy.
cat >"$W/ageless.json" <<-'END'
	{"name": "ageless", "extends": "default",
	 "algorithms": {"all": {"schemes": {"RSA": {"2048": "forever"}, "RSA-PSS": {"2048": "forever"}}}}}
END
ok "B-LTA after its certificate expired" passes "$good" LTA --offline --policy "$W/ageless.json" --at "$(later '+4 years')"

# -- evidence --------------------------------------------------------------------------------------
evidence() {
	passes "$W/p256-B-B.pdf" B --evidence "$W/evidence" || return 1
	[ -n "$(ls "$W/evidence")" ] && passes "$W/p256-B-B.pdf" B --offline --evidence "$W/evidence"
}
ok "evidence kept online serves offline" evidence

# -- revocation ------------------------------------------------------------------------------------
sleep 2 # a timestamp has whole seconds: the revocation must be later than those above
"$build/bulla-authority" revoke "$W/ca" p256 --reason keyCompromise >"$W/said" 2>&1 || exit 1
ok "B-B after revocation" undecided "$W/p256-B-B.pdf" REVOKED_NO_POE
ok "B-T before revocation" passes "$W/p256-B-T.pdf" T
ok "B-LTA before revocation, offline" passes "$good" LTA --offline
ok "no seal with a revoked certificate" refused 'was revoked' seal p256 B-LT "$W/filing.pdf" "$W/x.pdf"
ok "no extension of a seal revoked before its timestamp" refused 'was revoked' extend B-LTA \
	"$W/p256-B-B.pdf" "$W/x.pdf"
tap_done
