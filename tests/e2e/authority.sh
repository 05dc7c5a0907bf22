#!/bin/bash
# The test authority, judged by OpenSSL's command line and curl. TAP on stdout.
# Usage: tests/e2e/authority.sh BUILD-FOLDER
set -u
A=$(realpath "${1:?usage: authority.sh BUILD-FOLDER}")/bulla-authority
W=$(mktemp -d)
SERVER=
stop_server() { [ -n "$SERVER" ] && kill "$SERVER" 2>/dev/null && wait "$SERVER" 2>/dev/null; SERVER=; }
trap 'stop_server; rm -rf "$W"' EXIT
cd "$W" || exit 1
exec 3>&1 >"$W/stdout" 2>"$W/stderr"

n=0 failed=0
ok() { # NAME COMMAND...: passes when the command does
	local name=$1; shift; n=$((n + 1))
	if "$@" >"$W/last" 2>&1; then echo "ok $n - $name" >&3
	else failed=$((failed + 1)); echo "not ok $n - $name" >&3; sed 's/^/# /' "$W/last" | tail -6 >&3; fi
}
not() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', wanted '$2'"; return 1; }; }
status_is() { local want=$1; shift; "$@"; is $? "$want"; }
has() { grep -qE -- "$2" <<<"$1" || { echo "no '$2' in:"; echo "$1"; return 1; }; }
lacks() { ! grep -qE -- "$2" <<<"$1"; }
serve() { # DIR
	rm -f "$W/serve.out" # a line of the server before must not count
	"$A" serve "$1" --workers 2 >"$W/serve.out" 2>"$W/serve.err" & SERVER=$!
	for _ in $(seq 100); do grep -qs listening "$W/serve.out" && break; sleep 0.05; done
	U=$(cat "$1/url")
}
query() { openssl ts -query -data "$W/data" "$@" -out q.tsq; }
stamp() { curl -s --max-time 10 -H 'Content-Type: application/timestamp-query' --data-binary @q.tsq "$U/tsa${1:-}" -o r.tsr -w '%{http_code} %{content_type}'; }
reply() { openssl ts -reply -in r.tsr -text; }
verify_stamp() { openssl ts -verify -queryfile q.tsq -in r.tsr -CAfile "$1/root.pem" "${@:2}"; }
file_of() { if [ -f "$1/ca/$2.pem" ]; then echo "$1/ca/$2.pem"; else echo "$1/issued/$2.pem"; fi; }
ocsp() { # DIR NAME ISSUER [OPTION...]
	openssl ocsp "${@:4}" -issuer "$(file_of "$1" "$3")" -cert "$(file_of "$1" "$2")" -url "$U/ocsp" \
		-CAfile "$1/root.pem" -verify_other "$1/ca-chain.pem" 2>&1
}
crl_text() { curl -s "$U/$1/$2.crl" | openssl crl -inform DER -noout -text; }
crls() { for c in "$@"; do curl -s "$U/$c.crl" | openssl crl -inform DER; done >crls.pem; }
ALL_CRLS='crl/root crl/policy-ca crl/issuing-ca'
chain_with_crls() { # DIR NAME: against crls.pem
	openssl verify -CAfile "$1/root.pem" -untrusted "$1/ca-chain.pem" -crl_check_all -use_deltas \
		-extended_crl -CRLfile crls.pem "$(file_of "$1" "$2")"
}
head -c 5000 /dev/urandom >data

# -- the hierarchy --------------------------------------------------------------------------------
ok 'init' "$A" init d
ok 'init: refuses a folder with an authority' status_is 65 "$A" init d
ok 'init: password is private' is "$(stat -c %a d/password)" 600
ok 'init: keys are private' is "$(stat -c %a d/ca/root.key.pem d/issued/tsa.key.pem | sort -u)" 600
ok 'init: url names the port' is "$(cat d/url)" "http://127.0.0.1:$(cat d/port)"
for c in root policy-ca issuing-ca; do
	ok "chain: $c" openssl verify -x509_strict -CAfile d/root.pem -untrusted d/ca-chain.pem "d/ca/$c.pem"
done
for c in ocsp ocsp-root ocsp-policy tsa; do
	ok "chain: $c" openssl verify -x509_strict -CAfile d/root.pem -untrusted d/ca-chain.pem "d/issued/$c.pem"
done
ok 'issue: seal' "$A" issue d acme --org 'Acme GmbH' --org-id VATXX-987 --subject-cn 'Acme seal' --disclaimer 'Only for § 12 filings.'
ok 'issue: refuses a name twice' status_is 65 "$A" issue d acme
ok 'issue: refuses a path for a name' status_is 64 "$A" issue d ../x
text=$(openssl x509 -in d/issued/acme.pem -noout -text -nameopt utf8,sep_comma_plus_space -certopt ext_parse)
ok 'seal: subject' has "$text" 'Subject: .*O *= *Acme GmbH.*organizationIdentifier *= *VATXX-987.*CN *= *Acme seal'
ok 'seal: key usage' has "$text" 'Digital Signature, Non Repudiation'
ok 'seal: key usage is critical' has "$text" 'Key Usage: critical'
der=$(openssl asn1parse -in d/issued/acme.pem)
ok 'seal: disclaimer is in the certificate' grep -qa 'Only for § 12 filings' <(openssl x509 -in d/issued/acme.pem -outform DER)
qc_offset=$(grep -A1 'qcStatements\|1.3.6.1.5.5.7.1.3' <<<"$der" | awk -F: '/OCTET STRING/{print $1+0}')
qc=$(openssl asn1parse -in d/issued/acme.pem -strparse "$qc_offset")
for oid in 0.4.0.1862.1.1 0.4.0.1862.1.4 0.4.0.1862.1.5 0.4.0.1862.1.6 0.4.0.1862.1.6.2; do
	ok "seal: qualified statement $oid" has "$qc" ":$oid\$"
done
ok 'seal: pointers' has "$text" "/crl/issuing-ca.crl"
ok 'seal: freshest CRL' has "$text" '/delta/issuing-ca.crl'
ok 'seal: OCSP' has "$text" 'OCSP - URI'
ok 'seal: issuer' has "$text" 'CA Issuers - URI:.*/aia/issuing-ca.cer'
ok 'seal: PKCS#12 holds key and chain' is "$(openssl pkcs12 -in d/issued/acme.p12 -passin file:d/password -nodes | grep -c 'BEGIN')" 4
ok 'seal: PKCS#12 is PBES2 with AES-256' has "$(openssl pkcs12 -in d/issued/acme.p12 -passin file:d/password -info -noout 2>&1)" 'PBES2.*AES-256-CBC'
printf 'other\n' >pw
"$A" issue d plain --profile signature --subject-cn 'Ada Lovelace' --qc off --disclaimer '' --revocation none --no-chain --password-file pw
text=$(openssl x509 -in d/issued/plain.pem -noout -text)
ok 'signature: natural person' has "$text" 'GN = Ada, SN = Lovelace, serialNumber = PNOXX-'
ok 'issue: --qc off, no statements' lacks "$text" 'qcStatements'
ok 'issue: --revocation none' lacks "$text" 'CRL Distribution|OCSP - URI'
ok "issue: --disclaimer ''" lacks "$text" 'Explicit Text'
ok 'issue: --no-chain and --password-file' is "$(openssl pkcs12 -in d/issued/plain.p12 -passin file:pw -nodes | grep -c BEGIN)" 2
"$A" issue d odd --key p256 --key-usage keyEncipherment,cRLSign --policy 1.2.3.4 --sscd off --not-before 2001-01-01T00:00:00Z --not-after 2002-01-01T00:00:00Z --revocation crl
text=$(openssl x509 -in d/issued/odd.pem -noout -text)
ok 'issue: --key-usage' has "$text" 'Key Encipherment, CRL Sign'
ok 'issue: --policy' has "$text" 'Policy: 1.2.3.4'
ok 'issue: --not-before, --not-after' has "$text" 'Not After : Jan  1 00:00:00 2002'
ok 'issue: --revocation crl' lacks "$text" 'OCSP - URI'
text=$(openssl x509 -in d/issued/tsa.pem -noout -text)
ok 'tsa: EKU is critical' has "$(grep -A1 'Extended Key Usage: critical' <<<"$text")" 'Time Stamping'
ok 'ocsp: nocheck' has "$(openssl x509 -in d/issued/ocsp.pem -noout -text)" 'OCSP No Check'
for word in "issue d x --profile nothing" "issue d x --key rsa7" "revoke d acme --reason bored" "init e --digest md5" "publish d --at noon" "serve" "frobnicate d"; do
	# shellcheck disable=SC2086
	ok "misuse: $word" status_is 64 "$A" $word
done
ok 'an authority that is not there' status_is 74 "$A" issue nowhere x

# -- serving --------------------------------------------------------------------------------------
serve d
ok 'serve: says where' is "$(cat serve.out)" "bulla-authority: listening on $U"
ok 'serve: a second one on the port is refused' status_is 69 "$A" serve d
ok 'index' has "$(curl -s "$U/")" '/certs/acme.cer'
ok 'aia' is "$(curl -s "$U/aia/issuing-ca.cer" | openssl x509 -inform DER -noout -fingerprint)" "$(openssl x509 -in d/ca/issuing-ca.pem -noout -fingerprint)"
ok 'certs' is "$(curl -s "$U/certs/acme.cer" | openssl x509 -inform DER -noout -fingerprint)" "$(openssl x509 -in d/issued/acme.pem -noout -fingerprint)"
ok 'types' is "$(for p in aia/root.cer crl/root.crl delta/root.crl; do curl -s -o /dev/null -w '%{content_type} ' "$U/$p"; done)" 'application/pkix-cert application/pkix-crl application/pkix-crl '
for p in nothing crl/tsa.crl aia/acme.cer certs/..%2Fpassword certs/nobody.cer tsa/acme; do
	ok "404: $p" is "$(curl -s -o /dev/null -w '%{http_code}' "$U/$p")" 404
done
ok '405' is "$(curl -s -X DELETE -o /dev/null -w '%{http_code}' "$U/")" 405
ok '415' is "$(curl -s -d x -o /dev/null -w '%{http_code}' "$U/tsa")" 415
head -c 200000 /dev/zero >large
ok '413' is "$(curl -s --data-binary @large -H 'Expect:' -o /dev/null -w '%{http_code}' "$U/ocsp")" 413

# -- timestamps -----------------------------------------------------------------------------------
for md in sha256 sha384 sha512; do
	query -$md -cert
	ok "tsa: $md answered" is "$(stamp)" '200 application/timestamp-reply'
	ok "tsa: $md verifies, nonce and all" verify_stamp d
done
query -sha256 -no_nonce
stamp
ok 'tsa: without certReq no certificates' verify_stamp d -untrusted d/issued/tsa.chain.pem
ok 'tsa: ... and none inside' not verify_stamp d
ok 'tsa: ESSCertIDv2' has "$(openssl ts -reply -in r.tsr -token_out | openssl asn1parse -inform DER)" 'id-smime-aa-signingCertificateV2'
first=$(reply | sed -n 's/^Serial number: //p'); stamp; second=$(reply | sed -n 's/^Serial number: //p')
ok 'tsa: serial numbers grow' test $((first)) -lt $((second))
query -sha256 -tspolicy 1.3.6.1.4.1.32473.2.1; stamp
ok 'tsa: own policy' has "$(reply)" 'Policy OID: 1.3.6.1.4.1.32473.2.1'
query -sha256 -tspolicy 1.2.3; stamp
ok 'tsa: unacceptedPolicy' has "$(reply)" 'TSA policy is not supported|unacceptedPolicy|requested TSA policy'
query -sha1; stamp
ok 'tsa: badAlg' has "$(reply)" '[Uu]nrecognized or unsupported algorithm'
echo junk >q.tsq; stamp
ok 'tsa: bad data' has "$(reply)" 'Status: Rejected'
ok 'tsa: bad data, reason' has "$(reply)" 'wrong format'
query -sha256; printf '\x07' | dd of=q.tsq bs=1 seek="$(openssl asn1parse -inform DER -in q.tsq | awk -F: 'NR==2{print $1+2}')" conv=notrunc; stamp
ok 'tsa: version 7 is a badRequest' has "$(reply)" 'not permitted or supported'
for key in rsa1024 rsa2048 rsa3072 rsa4096 rsapss2048 rsapss3072 p256 p384 p521 bp256 ed25519; do
	"$A" issue d "t-$key" --profile tsa --key "$key"
	query -sha256 -cert; stamp "/t-$key"
	if [ "$key" != ed25519 ]; then ok "tsa: $key" verify_stamp d; continue; fi
	# OpenSSL 3.0's CMS does not do Ed25519: its signature over the attributes is checked by hand.
	openssl ts -reply -in r.tsr -token_out -out r.tst
	tree=$(openssl asn1parse -inform DER -in r.tst)
	read -r at len <<<"$(awk -F'[:= ]+' '/cont \[ 0 \]/{l=$0} END{print l}' <<<"$tree" | sed -E 's/^ *([0-9]+):.*hl=([0-9]+) l= *([0-9]+).*/\1 $((\2+\3))/')"
	len=$(eval echo "$len")
	{ printf '\x31'; tail -c +$((at + 2)) r.tst | head -c $((len - 1)); } >attributes
	tail -c 64 r.tst >signature
	ok 'tsa: ed25519 (signature over the attributes)' openssl pkeyutl -verify -rawin -in attributes \
		-sigfile signature -certin -inkey d/issued/t-ed25519.pem
	ok 'tsa: ed25519 (SHA-512 of the content is in them)' has "$(od -An -v -tx1 attributes | tr -d ' \n')" \
		"$(openssl asn1parse -inform DER -in r.tst -strparse "$(awk -F: '/OCTET STRING/{print $1+0; exit}' <<<"$tree")" -out info -noout; openssl dgst -sha512 -r info | cut -d' ' -f1)"
done

# -- OCSP -----------------------------------------------------------------------------------------
for pair in acme:issuing-ca tsa:issuing-ca issuing-ca:policy-ca policy-ca:root; do
	text=$(ocsp d "${pair%:*}" "${pair#*:}")
	ok "ocsp: ${pair%:*} is good" has "$text" "${pair%:*}.pem: good"
	ok "ocsp: ... by a responder that verifies" has "$text" 'Response verify OK'
done
ok 'ocsp: nonce echoed' lacks "$(ocsp d acme issuing-ca)" 'no nonce'
ok 'ocsp: SHA-256 CertID' has "$(ocsp d acme issuing-ca -sha256)" 'acme.pem: good'
text=$(openssl ocsp -issuer d/ca/issuing-ca.pem -serial 0x1234 -url "$U/ocsp" -CAfile d/root.pem -verify_other d/ca-chain.pem 2>&1)
ok 'ocsp: unknown serial number' has "$text" '0x1234: unknown'
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout o.key -out o.pem -subj /CN=Other -days 2
ok 'ocsp: unknown issuer' has "$(openssl ocsp -issuer o.pem -cert o.pem -url "$U/ocsp" 2>&1)" 'unauthorized'
openssl ocsp -issuer d/ca/issuing-ca.pem -cert d/issued/acme.pem -no_nonce -reqout o.req
path=$(base64 -w0 o.req | sed 's/+/%2B/g; s/=/%3D/g')
curl -s "$U/ocsp/$path" -o o.resp
ok 'ocsp: GET' has "$(openssl ocsp -respin o.resp -issuer d/ca/issuing-ca.pem -cert d/issued/acme.pem -CAfile d/root.pem -verify_other d/ca-chain.pem 2>&1)" 'acme.pem: good'
curl -s "$U/ocsp/%%%" -o o.resp
ok 'ocsp: nonsense' has "$(openssl ocsp -respin o.resp 2>&1)" 'malformedrequest'

# -- revocation -----------------------------------------------------------------------------------
# shellcheck disable=SC2086
crls $ALL_CRLS delta/issuing-ca
ok 'crl: whole chain checks' chain_with_crls d acme
text=$(crl_text crl issuing-ca)
for ext in 'Authority Key Identifier' 'CRL Number' 'Issuing Distribution Point: critical' 'Freshest CRL'; do
	ok "crl: $ext" has "$text" "$ext"
done
for r in keyCompromise cACompromise affiliationChanged superseded cessationOfOperation privilegeWithdrawn unspecified; do
	"$A" issue d "r-$r" --key p256
	ok "revoke: $r" "$A" revoke d "r-$r" --reason "$r" --invalidity-date 2020-02-03T04:05:06Z
	ok "revoke: $r by OCSP at once" has "$(ocsp d "r-$r" issuing-ca)" "r-$r.pem: revoked"
done
ok 'revoke: not before it is published' lacks "$(crl_text crl issuing-ca)" 'Key Compromise'
ok 'revoke: refuses twice' status_is 65 "$A" revoke d r-superseded
ok 'revoke: refuses what was never issued' status_is 65 "$A" revoke d nobody
ok 'publish' "$A" publish d
text=$(crl_text crl issuing-ca)
for r in 'Key Compromise' 'CA Compromise' 'Affiliation Changed' 'Superseded' 'Cessation Of Operation' 'Privilege Withdrawn'; do
	ok "crl: $r" has "$text" "$r"
done
ok 'crl: invalidity dates' is "$(grep -c 'Feb  3 04:05:06 2020' <<<"$text")" 7
# shellcheck disable=SC2086
crls $ALL_CRLS
ok 'crl: revoked' has "$(chain_with_crls d r-superseded 2>&1)" 'certificate revoked'
"$A" issue d hold --key p256
ok 'suspend' "$A" suspend d hold
ok 'suspend: OCSP' has "$(ocsp d hold issuing-ca)" 'certificateHold'
ok 'publish --delta' "$A" publish d --delta
# shellcheck disable=SC2086
crls $ALL_CRLS
ok 'suspend: not on the complete CRL' chain_with_crls d hold
# shellcheck disable=SC2086
crls $ALL_CRLS delta/root delta/policy-ca delta/issuing-ca
ok 'suspend: on the delta' has "$(chain_with_crls d hold 2>&1)" 'certificate revoked'
ok 'delta: indicator is critical' has "$(crl_text delta issuing-ca)" 'Delta CRL Indicator: critical'
ok 'suspend: refuses twice' status_is 65 "$A" suspend d hold
"$A" publish d
# shellcheck disable=SC2086
crls $ALL_CRLS
ok 'suspend: on the complete CRL' has "$(chain_with_crls d hold 2>&1)" 'certificate revoked'
ok 'resume' "$A" resume d hold
ok 'resume: OCSP' has "$(ocsp d hold issuing-ca)" 'hold.pem: good'
"$A" publish d --delta
ok 'resume: removeFromCRL in the delta' has "$(crl_text delta issuing-ca)" 'Remove From CRL'
# shellcheck disable=SC2086
crls $ALL_CRLS delta/root delta/policy-ca delta/issuing-ca
ok 'resume: good with the delta' chain_with_crls d hold
ok 'resume: refuses what is not suspended' status_is 65 "$A" resume d acme
"$A" issue d later --key p256
"$A" revoke d later --at 2099-01-01T00:00:00Z
ok 'revoke --at: the future is not yet' has "$(ocsp d later issuing-ca)" 'later.pem: good'
for c in tsa ocsp; do
	"$A" issue d "$c-r" --profile $c --key p256; "$A" revoke d "$c-r" --reason keyCompromise
	ok "revoke: a $c certificate" has "$(ocsp d "$c-r" issuing-ca)" "$c-r.pem: revoked"
done

# -- the clock ------------------------------------------------------------------------------------
ok 'clock: fixed' "$A" clock d 2030-05-06T07:08:09Z
query -sha256 -cert; stamp
ok 'clock: timestamps follow' has "$(reply)" 'Time stamp: May  6 07:08:09 2030'
ok 'clock: CRLs follow' has "$(crl_text crl issuing-ca)" 'Last Update: May  6 07:08:09 2030'
ok 'clock: OCSP follows' has "$(ocsp d acme issuing-ca)" 'This Update: May  6 07:08:09 2030'
"$A" clock d 2099-01-01T00:00:00Z
ok 'clock: a revocation comes into force' has "$(ocsp d later issuing-ca)" '^revoked'
ok 'clock: offset' "$A" clock d -86400
query -sha256; stamp
ok 'clock: offset, timestamps follow' has "$(reply)" "Time stamp: $(LC_ALL=C date -u -d '-1 day' '+%b %e')"
ok 'clock: refuses nonsense' status_is 65 "$A" clock d noon
"$A" clock d real
ok 'clock: back again' has "$(crl_text crl issuing-ca)" "Last Update: $(LC_ALL=C date -u '+%b %e')"

# -- faults ---------------------------------------------------------------------------------------
fault() { "$A" fault d none "$@"; }
query -sha256 -cert
fault tsa=500; ok 'fault: 500' is "$(stamp | cut -c1-3)" 500
fault tsa=garbage; stamp; ok 'fault: garbage' not openssl asn1parse -inform DER -in r.tsr
fault tsa=truncate; ok 'fault: truncate' status_is 18 stamp
fault tsa=short; stamp; ok 'fault: short' not verify_stamp d
fault tsa=wrong-nonce; stamp; ok 'fault: wrong-nonce' has "$(verify_stamp d 2>&1)" 'nonce mismatch'
fault tsa=wrong-imprint; stamp; ok 'fault: wrong-imprint' has "$(verify_stamp d 2>&1)" 'imprint mismatch'
fault tsa=expired-signer; stamp; ok 'fault: tsa expired-signer' has "$(verify_stamp d 2>&1)" 'certificate has expired'
fault tsa=wrong-key; stamp; ok 'fault: tsa wrong-key' has "$(verify_stamp d 2>&1)" 'signature failure|bad signature'
fault tsa=no-certs; stamp; ok 'fault: no-certs' not verify_stamp d
ok 'fault: no-certs, else right' verify_stamp d -untrusted d/issued/tsa.chain.pem
fault tsa=many-certs; stamp; ok 'fault: many-certs' verify_stamp d
ok 'fault: many-certs, a large token' test "$(stat -c %s r.tsr)" -gt 12288
fault tsa=quota; stamp; ok 'fault: quota' has "$(reply)" 'over quota'
fault tsa=redirect-loop; ok 'fault: redirect-loop' status_is 47 curl -sL --max-redirs 5 "$U/tsa"
fault tsa=hang; ok 'fault: hang' status_is 28 curl -s --max-time 1 "$U/tsa"
ok 'fault: hang holds up nobody else' is "$(curl -s -o /dev/null -w '%{http_code}' "$U/")" 200
fault tsa=delay:1,wrong-nonce; start=$(date +%s%N); stamp; end=$(date +%s%N)
ok 'fault: delay' test $(((end - start) / 1000000)) -ge 1000
ok 'fault: two at once' has "$(verify_stamp d 2>&1)" 'nonce mismatch'
fault crl=big; ok 'fault: big' test "$(curl -s --max-time 1 "$U/crl/root.crl" | head -c 30000000 | wc -c)" = 30000000
fault ocsp=stale; ok 'fault: ocsp stale' has "$(ocsp d acme issuing-ca)" 'status expired|Status times invalid'
fault ocsp=wrong-nonce; ok 'fault: ocsp wrong-nonce' has "$(ocsp d acme issuing-ca)" 'Nonce Verify error'
fault ocsp=wrong-key; ok 'fault: ocsp wrong-key' has "$(ocsp d acme issuing-ca)" 'Response Verify Failure'
fault ocsp=expired-signer; ok 'fault: ocsp expired-signer' has "$(ocsp d acme issuing-ca)" 'certificate has expired'
fault ocsp=expired-signer; ok 'fault: ... of the root too' has "$(ocsp d policy-ca root)" 'certificate has expired'
fault ocsp=unknown; ok 'fault: unknown' has "$(ocsp d acme issuing-ca)" 'acme.pem: unknown'
fault ocsp=trylater; ok 'fault: trylater' has "$(ocsp d acme issuing-ca)" 'trylater'
fault ocsp=wrong-serial; ok 'fault: wrong-serial' has "$(ocsp d acme issuing-ca)" 'No Status found'
fault crl=stale
# shellcheck disable=SC2086
crls $ALL_CRLS
ok 'fault: crl stale' has "$(chain_with_crls d acme 2>&1)" 'CRL has expired'
fault crl=wrong-key
# shellcheck disable=SC2086
crls $ALL_CRLS
ok 'fault: crl wrong-key' has "$(chain_with_crls d acme 2>&1)" 'CRL signature failure'
fault aia=500 certs=500
ok 'fault: several endpoints' is "$(for p in aia/root.cer certs/tsa.cer crl/root.crl; do curl -s -o /dev/null -w '%{http_code} ' "$U/$p"; done)" '500 500 200 '
"$A" fault d aia=none
ok 'fault: one off, the other stays' is "$(for p in aia/root.cer certs/tsa.cer; do curl -s -o /dev/null -w '%{http_code} ' "$U/$p"; done)" '200 500 '
ok 'fault: refuses what it does not know' status_is 65 "$A" fault d tsa=sulk
ok 'fault: refuses what the endpoint cannot' status_is 65 "$A" fault d crl=wrong-nonce
fault; stamp; ok 'fault: none' verify_stamp d

# -- a new key for the CA -------------------------------------------------------------------------
ok 'roll' "$A" roll d --key p256
"$A" issue d after --key p256
ok 'roll: new certificates under the new key' openssl verify -partial_chain -trusted d/ca/issuing-ca-2.pem d/issued/after.pem
ok 'roll: same name' is "$(openssl x509 -in d/ca/issuing-ca.pem -noout -subject)" "$(openssl x509 -in d/ca/issuing-ca-2.pem -noout -subject)"
"$A" revoke d after; "$A" issue d after2 --key p256; "$A" publish d
crls crl/root crl/policy-ca crl/issuing-ca crl/issuing-ca-2
ok 'roll: old certificate, both CRLs' chain_with_crls d acme
ok 'roll: new certificate, both CRLs' chain_with_crls d after2
ok 'roll: revoked under the new key' has "$(chain_with_crls d after 2>&1)" 'certificate revoked'
ok 'roll: revoked under the old key' has "$(chain_with_crls d r-superseded 2>&1)" 'certificate revoked'
ok 'roll: OCSP, old key' has "$(ocsp d acme issuing-ca)" 'acme.pem: good'
ok 'roll: OCSP, new key' has "$(ocsp d after2 issuing-ca-2)" 'after2.pem: good'
ok 'roll: link, new with old' openssl verify -partial_chain -trusted d/ca/issuing-ca.pem d/ca/issuing-ca-2-new-with-old.pem
ok 'roll: link, old with new' openssl verify -partial_chain -trusted d/ca/issuing-ca-2.pem d/ca/issuing-ca-2-old-with-new.pem
ok 'revoke: a CA' "$A" revoke d issuing-ca --reason cACompromise
ok 'revoke: a CA, OCSP' has "$(ocsp d issuing-ca policy-ca)" 'issuing-ca.pem: revoked'

# -- many at once, and the end ------------------------------------------------------------------------
query -sha256 -cert
seq 200 | xargs -P 8 -I{} curl -s -H 'Content-Type: application/timestamp-query' --data-binary @q.tsq "$U/tsa" -o p{}.tsr & L1=$!
seq 200 | xargs -P 8 -I{} curl -s -H 'Content-Type: application/ocsp-request' --data-binary @o.req "$U/ocsp" -o p{}.ocsp & L2=$!
wait $L1 $L2
serials=$(for i in $(seq 1 10 200); do openssl ts -reply -in p"$i".tsr -text | grep '^Serial number'; done)
ok 'load: every one answered, serial numbers differ' is "$(sort -u <<<"$serials" | wc -l) $(find . -name 'p*.tsr' -size +1k | wc -l) $(find . -name 'p*.ocsp' -size +500c | wc -l)" '20 200 200'
"$A" fault d aia=hang
curl -s --max-time 20 "$U/aia/root.cer" & C=$!
sleep 0.3; kill "$SERVER"; wait "$SERVER"
ok 'serve: ends cleanly on SIGTERM, even with a connection held' is $? 0
SERVER=; wait $C
ok 'serve: wrote nothing to stderr' is "$(cat serve.err)" ''

# -- other keys for the CAs -----------------------------------------------------------------------
for set in p256:sha256:on p384:sha384:off p521:sha512:on bp256:sha256:on ed25519:sha256:off rsapss2048:sha384:off; do
	IFS=: read -r key md nocheck <<<"$set"
	"$A" init "k-$key" --key "$key" --digest $md --nocheck $nocheck --now 2026-01-01T00:00:00Z --title "Test $key"
	"$A" issue "k-$key" acme
	serve "k-$key"
	# shellcheck disable=SC2086
	crls $ALL_CRLS delta/issuing-ca
	ok "$key: chain with CRLs" chain_with_crls "k-$key" acme
	text=$(ocsp "k-$key" acme issuing-ca)
	ok "$key: OCSP" has "$text" 'Response verify OK.*|acme.pem: good'
	ok "$key: OCSP, status" has "$text" 'acme.pem: good'
	query -$md -cert; stamp
	[ "$key" = ed25519 ] || ok "$key: timestamp" verify_stamp "k-$key"
	ok "$key: PKCS#12" openssl pkcs12 -in "k-$key/issued/acme.p12" -passin "file:k-$key/password" -noout
	text=$(openssl x509 -in "k-$key/issued/ocsp.pem" -noout -text)
	if [ $nocheck = on ]; then ok "$key: nocheck" has "$text" 'OCSP No Check'
	else ok "$key: no nocheck, but a CRL" is "$(grep -c 'OCSP No Check' <<<"$text") $(grep -c 'CRL Distribution' <<<"$text")" '0 1'; fi
	stop_server
done

echo "1..$n" >&3
[ $failed = 0 ]
