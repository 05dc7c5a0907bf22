#!/bin/bash
# Documents encrypted for certificates through the program: sealed, extended, judged, inspected and
# replayed with the key of a recipient; judged without one. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
tap_authority p256
issue seal --key p256
recipient() { # NAME OPTION-OF-REQ...: a key with its certificate
	openssl req -x509 "${@:2}" -nodes -keyout "$W/$1.key" -out "$W/$1.pem" -days 1 -subj "/CN=$1" -set_serial "0x${#1}77" \
		-addext keyUsage=keyEncipherment,keyAgreement 2>>"$W/openssl.log" &&
		openssl pkcs12 -export -inkey "$W/$1.key" -in "$W/$1.pem" -out "$W/$1.p12" -passout "file:$W/word"
}
echo 'recipient word' >"$W/word"
recipient rsa -newkey rsa:2048 && recipient curve -newkey ec -pkeyopt ec_paramgen_curve:P-256 &&
	recipient stranger -newkey rsa:2048 || { cat "$W/openssl.log"; exit 1; }
python3 tests/e2e/encrypt_for.py "$W/in.pdf" "$W/rsa.pem" "$W/curve.pem" || exit 1
as() { # NAME
	echo --recipient-key "$W/$1.p12" --recipient-password-file "$W/word"
}
fails_with() { # STATUS PATTERN COMMAND...
	"${@:3}" >"$W/stdout" 2>"$W/stderr"
	is "exit status $?" "exit status $1" && has "$(cat "$W/stderr")" "$2"
}

ok "seal: without a key it is refused" fails_with 65 'needs the key of a recipient' seal seal B-B "$W/in.pdf" "$W/no.pdf"
ok "seal: no output of what was refused" not [ -e "$W/no.pdf" ]
ok "seal: a stranger's key" fails_with 65 'not encrypted for this certificate' seal seal B-B "$W/in.pdf" "$W/no.pdf" $(as stranger)
ok "seal: a recipient without a password file and a terminal" fails_with 65 'terminal' setsid -w "$bulla" seal "$W/in.pdf" \
	-o "$W/no.pdf" --key "$W/ca/issued/seal.p12" --password-file "$W/ca/password" --level B-B --recipient-key "$W/rsa.p12"
ok "seal: a password without a key" fails_with 64 'recipient-key FILE is missing' seal seal B-B "$W/in.pdf" "$W/no.pdf" \
	--recipient-password-file "$W/word"
ok "seal: with the key" seal seal B-T "$W/in.pdf" "$W/sealed.pdf" $(as rsa) --reason 'hidden reason'
ok "seal: the other recipient, who may do less" seal seal B-B "$W/in.pdf" "$W/other.pdf" $(as curve)
ok "the input is its beginning" is_prefix "$W/in.pdf" "$W/sealed.pdf"
ok "the reason is encrypted" not grep -qa 'hidden reason' "$W/sealed.pdf"
ok "extend: without a key it is refused" fails_with 65 'needs the key of a recipient' extend B-LTA "$W/sealed.pdf" "$W/no.pdf"
ok "extend: with the key" extend B-LTA "$W/sealed.pdf" "$W/long.pdf" $(as curve)

by_descriptor() {
	validate --report json "$W/sealed.pdf" --recipient-key "$W/rsa.p12" --recipient-password-fd 7 7<"$W/word" >"$W/json"
	is "$?" 0 && has "$(cat "$W/json")" '"reason": "hidden reason"' '"name": "Signature1"' && not grep -q DOCUMENT_LOCKED "$W/json"
}
ok "validate: with the key, its password from a descriptor" by_descriptor
ok "validate: an archive seal with the key" validate --offline "$W/long.pdf" $(as rsa) -o "$W/text"
locked() {
	validate --report json "$W/sealed.pdf" >"$W/json"
	is "$?" 0 && has "$(cat "$W/json")" '"reason": null' '"name": null' '"intact": true' DOCUMENT_LOCKED
}
ok "validate: without a key" locked
ok "validate: a stranger's key" fails_with 65 'not encrypted for this certificate' validate "$W/sealed.pdf" $(as stranger)
changed() {
	cp "$W/sealed.pdf" "$W/changed.pdf"
	printf 'X' | dd of="$W/changed.pdf" bs=1 seek="$(grep -abo stream "$W/in.pdf" | head -1 | cut -d: -f1)" conv=notrunc status=none
	validate --report json "$W/changed.pdf" >"$W/json"
	is "$?" 1 && has "$(cat "$W/json")" HASH_MISMATCH
}
ok "validate: a changed octet without a key" changed
inspected() {
	has "$("$bulla" inspect "$W/sealed.pdf" $(as rsa))" 'AES-256 \(V5 adbe.pkcs7.s5\)' 'hidden reason' &&
		has "$("$bulla" inspect "$W/sealed.pdf")" 'locked: texts and content need the key of a recipient'
}
ok "inspect: with and without a key" inspected
replayed() {
	validate --offline --evidence "$W/kept" --report json -o "$W/kept.json" "$W/long.pdf" $(as rsa) &&
		"$bulla" replay "$W/kept" --document "$W/long.pdf" --report json $(as rsa) 2>"$W/note" | cmp - "$W/kept.json" &&
		not grep -rqa "$(cat "$W/word")" "$W/kept"
}
ok "replay: with the key" replayed
tap_done
