#!/bin/bash
# Evidence bundles and their replay through the program: online first, then offline with the
# authority gone, years later, and after damage. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority p256
issue seal --key p256
issue gone --key p256
for level in B-B B-T B-LTA; do seal seal $level "$W/filing.pdf" "$W/$level.pdf" >"$W/log" 2>&1 || cat "$W/log"; done
seal gone B-B "$W/filing.pdf" "$W/revoked.pdf" >"$W/log" 2>&1 || cat "$W/log"
"$build/bulla-authority" revoke "$W/ca" gone >>"$W/authority.log" 2>&1
cp "$W/B-T.pdf" "$W/broken.pdf"
offset=$(grep -abo 'stream' "$W/broken.pdf" | head -1 | cut -d: -f1)
printf 'X' | dd of="$W/broken.pdf" bs=1 seek=$((offset + 20)) conv=notrunc status=none
documents='B-B B-T B-LTA revoked broken filing'

kept() { # DOCUMENT: judged online, evidence and report kept
	validate --report json --evidence "$W/$1.d" -o "$W/$1.json" "$W/$1.pdf"
	echo $? >"$W/$1.status"
	cmp "$W/$1.json" "$W/$1.d/report.json" && [ -s "$W/$1.d/manifest.tsv" ]
}
for document in $documents; do ok "$document: judged online, evidence kept" kept $document; done
verdicts() { # what each document is there for
	is "$(for d in $documents; do cat "$W/$d.status"; done | tr '\n' ' ')" "0 0 0 2 1 2 "
}
ok "passed, revoked, broken, unsigned" verdicts
no_secrets() { ! grep -rqa "$(head -1 "$W/ca/password")" "$W"/*.d; }
ok "no password in a bundle" no_secrets

# -- the authority goes ----------------------------------------------------------------------------
kill "$tap_server" && wait "$tap_server" 2>/dev/null
tap_server=
ok "the authority is gone" not curl -s "$url/"

replay() { "$bulla" replay "$@"; }
fails_with() { # STATUS PATTERN COMMAND...: one line on standard error, nothing on standard output
	local said
	"${@:3}" >"$W/stdout" 2>"$W/stderr"
	is "exit status $?" "exit status $1" || { cat "$W/stderr"; return 1; }
	said=$(cat "$W/stderr")
	has "$said" "$2" && is "$(wc -l <<<"$said")" 1 && [ ! -s "$W/stdout" ]
}
same() { # DOCUMENT: the same report, the same status, and it says so
	replay "$W/$1.d" --document "$W/$1.pdf" --report json >"$W/again.json" 2>"$W/note"
	is "exit status $?" "exit status $(cat "$W/$1.status")" && cmp "$W/$1.json" "$W/again.json" &&
		has "$(cat "$W/note")" 'judged again offline, the same report byte for byte' && is "$(wc -l <"$W/note")" 1
}
for document in $documents; do ok "$document: replayed offline" same $document; done
far_off() { # DOCUMENT INSTANT: years between the judgement and its replay
	validate --offline --at "$2" --evidence "$W/far-$2.d" --report json -o "$W/far.json" "$W/$1.pdf"
	[ $? -le 2 ] && replay "$W/far-$2.d" --document "$W/$1.pdf" --report json 2>"$W/note" | cmp - "$W/far.json" &&
		has "$(cat "$W/far.json")" "\"validationTime\": \"$2\"" && has "$(cat "$W/note")" 'same report byte for byte'
}
ok "years later" far_off B-LTA 2001-01-01T00:00:00Z
ok "years before" far_off B-LTA 2041-01-01T00:00:00Z
as_text() {
	local text
	text=$(replay "$W/B-T.d" --document "$W/B-T.pdf") || return 1
	has "$text" 'Document SHA-256' 'manifest SHA-256 [0-9a-f]{64}' 'judged again offline, the same report byte for byte'
}
ok "as text" as_text
into_file() {
	replay "$W/B-T.d" --document "$W/B-T.pdf" --report json -o "$W/out.json" && cmp "$W/out.json" "$W/B-T.json"
}
ok "into a file" into_file
other_name() {
	cp "$W/B-T.pdf" "$W/other name.pdf"
	replay "$W/B-T.d" --document "$W/other name.pdf" --report json | cmp - "$W/B-T.json"
}
ok "the document under another name" other_name
without_document() {
	local text
	text=$(replay "$W/revoked.d")
	is $? 2 && has "$text" 'INDETERMINATE at 20' 'was not judged again' || return 1
	replay "$W/revoked.d" --report json 2>"$W/note" | cmp - "$W/revoked.json" && has "$(cat "$W/note")" 'not judged again'
}
ok "without the document: the stored report, and that it was not judged again" without_document

by_policy() { # the policy comes from the bundle, whichever it was
	validate --offline --policy "$1" --evidence "$W/$1.d" --report json -o "$W/policy.json" "$W/B-LTA.pdf"
	[ $? -le 2 ] && replay "$W/$1.d" --document "$W/B-LTA.pdf" --report json 2>"$W/note" | cmp - "$W/policy.json" &&
		has "$(cat "$W/policy.json")" "\"name\": \"$1\"" && has "$(cat "$W/note")" 'same report byte for byte'
}
for policy in eidas sealed-filing; do ok "judged by the policy $policy" by_policy $policy; done
encrypted() { # the password is wanted again, and is not in the bundle
	echo kept-secret >"$W/secret"
	qpdf --encrypt kept-secret kept-secret 256 -- "$W/filing.pdf" "$W/secret.pdf" || return 1
	validate --offline --password-file "$W/secret" --evidence "$W/secret.d" --report json -o "$W/secret.json" "$W/secret.pdf"
	is $? 2 && not grep -rqa kept-secret "$W/secret.d" || return 1
	replay "$W/secret.d" --document "$W/secret.pdf" --password-file "$W/secret" --report json 2>"$W/note" | cmp - "$W/secret.json" &&
		fails_with 65 'secret.pdf: .*password' replay "$W/secret.d" --document "$W/secret.pdf"
}
if command -v qpdf >/dev/null; then
	ok "an encrypted document" encrypted
else
	skip "an encrypted document" "qpdf is not installed"
fi

# -- a further run over the same folder ------------------------------------------------------------
again() {
	cp -r "$W/B-B.d" "$W/twice.d"
	validate --offline --evidence "$W/twice.d" --report json -o "$W/twice.json" "$W/B-B.pdf" || return 1
	replay "$W/twice.d" --document "$W/B-B.pdf" --report json 2>/dev/null | cmp - "$W/twice.json"
}
ok "a further run takes what is there, and replays" again
shrunk() { # another document, less evidence: what is not needed goes
	validate --offline --evidence "$W/twice.d" "$W/filing.pdf"
	replay "$W/twice.d" --document "$W/filing.pdf"
	is $? 2 && replay "$W/twice.d" >/dev/null
	is $? 2
}
ok "another document in the same folder" shrunk
several() {
	local hex
	validate --offline --evidence "$W/several" "$W/B-T.pdf" "$W/B-LTA.pdf" >/dev/null 2>&1
	for document in B-T B-LTA; do
		hex=$(sha256sum <"$W/$document.pdf" | cut -c1-64)
		replay "$W/several/$hex" --document "$W/$document.pdf" | grep -q 'same report byte for byte' || return 1
	done
	fails_with 65 'manifest.tsv is missing.*bundles of several documents' replay "$W/several"
}
ok "several documents, a folder each" several

# -- faults ----------------------------------------------------------------------------------------
ok "not the document" fails_with 65 'B-B.pdf: not the document of this bundle' \
	replay "$W/B-T.d" --document "$W/B-B.pdf"
ok "no document" fails_with 74 'none.pdf: No such file' replay "$W/B-T.d" --document "$W/none.pdf"
ok "no folder" fails_with 74 'none: No such file' replay "$W/none"
mkdir "$W/empty"
ok "an empty folder" fails_with 65 'manifest.tsv is missing: no evidence bundle' replay "$W/empty"
ok "a file in place of a folder" fails_with 74 'Not a directory' replay "$W/B-T.pdf"
ok "no operand" fails_with 64 'one folder is wanted' replay
ok "two operands" fails_with 64 'one folder is wanted' replay "$W/B-T.d" "$W/B-B.d"
in_hungarian() { # the report of a person's language, the same verdict
	replay "$W/B-T.d" --document "$W/B-T.pdf" --lang hu >"$W/text" && replay "$W/B-T.d" --document "$W/B-T.pdf" \
		--report html -o "$W/report.html" 2>"$W/note" && grep -q '<html' "$W/report.html" &&
		has "$(cat "$W/note" "$W/text")" 'same report byte for byte'
}
ok "in another language, as a page" in_hungarian
ok "a page without the document" fails_with 64 'wants the --document' replay "$W/B-T.d" --report html
ok "an unknown language" fails_with 64 'lang xx' replay "$W/B-T.d" --lang xx
ok "an unknown kind of report" fails_with 64 'report runes' replay "$W/B-T.d" --report runes

damage() { # PATTERN COMMAND...: done to a copy in $D
	D=$W/damaged.d
	rm -rf "$D" && cp -r "$W/B-T.d" "$D" || return 1
	"${@:2}" || return 1
	fails_with 65 "$1" replay "$D" --document "$W/B-T.pdf" && fails_with 65 "$1" replay "$D"
}
first() { (cd "$D" && ls -d "$1"/* | head -1); }
one_byte() { # FOLDER
	local f size at
	f=$D/$(first "$1") size=$(stat -c %s "$f") at=$((size / 2))
	printf "\\x$(printf %02x $(($(od -An -tu1 -j $at -N 1 "$f") ^ 1)))" | dd of="$f" bs=1 seek=$at conv=notrunc status=none
}
hex='[0-9a-f]{64}'
for folder in anchors certificates ocsp timestamps; do
	ok "a byte changed in $folder" damage "damaged.d: $folder/$hex.... was changed" one_byte $folder
done
truncate_first() { truncate -s -1 "$D/$(first certificates)"; }
ok "a truncated item" damage "certificates/$hex.cer was changed" truncate_first
lengthen_first() { printf x >>"$D/$(first certificates)"; }
ok "a longer item" damage "certificates/$hex.cer is larger than it was" lengthen_first
remove_first() { rm "$D/$(first timestamps)"; }
ok "an item removed" damage "(timestamps/$hex.tst|timestamps) is missing" remove_first
remove_folder() { rm -r "$D/certificates"; }
ok "a folder removed" damage 'certificates is missing' remove_folder
rename_first() { mv "$D/$(first certificates)" "$D/certificates/$(printf '0%.0s' {1..64}).cer"; }
ok "an item renamed" damage "certificates/$hex.cer is missing.*certificates/0{64}.cer does not belong there" rename_first
swap() { (cd "$D/certificates" && set -- * && mv "$1" x && mv "$2" "$1" && mv x "$2"); }
ok "two items swapped" damage "certificates/$hex.cer (was changed|is larger than it was); certificates/$hex.cer" swap
add_file() { printf x >"$D/$1"; }
for name in extra .hidden certificates/extra "certificates/$(printf 'a%.0s' {1..64}).cer"; do
	ok "a file added: ${name:0:24}" damage "$name does not belong there" add_file "$name"
done
add_folder() { mkdir "$D/crls2"; }
ok "a folder added" damage 'crls2 does not belong there' add_folder
link_first() { local f; f=$D/$(first certificates) && mv "$f" "$W/moved.cer" && ln -s "$W/moved.cer" "$f"; }
ok "a link to the same content" damage "certificates/$hex.cer is no file" link_first
link_folder() { rm -rf "$W/moved" && mv "$D/certificates" "$W/moved" && ln -s "$W/moved" "$D/certificates"; }
ok "a folder that is a link" damage 'certificates is no folder' link_folder
pipe_first() { local f; f=$D/$(first certificates) && rm "$f" && mkfifo "$f"; }
ok "a pipe in place of a file" damage "certificates/$hex.cer is no file" pipe_first
folder_first() { local f; f=$D/$(first certificates) && rm "$f" && mkdir "$f"; }
ok "a folder in place of a file" damage "certificates/$hex.cer is no file" folder_first
edit_report() { sed -i 's/TOTAL-PASSED/TOTAL-FAILED/' "$D/report.json"; }
ok "the report changed" damage 'report.json was changed' edit_report
drop_line() { sed -i '/^certificate\t1/d' "$D/manifest.tsv"; }
ok "a line of the manifest dropped" damage 'manifest.tsv: its content was changed' drop_line
half_written() { rm "$D/manifest.tsv"; }
ok "half written: no manifest yet" damage 'manifest.tsv is missing: no evidence bundle, or one that was half written' half_written
forge() { # SED-EXPRESSION: the manifest changed, its digest made to fit
	sed -i -e '$d' -e "$1" "$D/manifest.tsv"
	printf 'sha256\t%s\n' "$(sha256sum <"$D/manifest.tsv" | cut -c1-64)" >>"$D/manifest.tsv"
}
ok "a path in the manifest" damage 'manifest.tsv: line [0-9]+: a SHA-256 value is wanted' \
	forge "s,^certificate\t1\t$(printf '.%.0s' {1..64}),certificate\t1\t../../../../../../../../../../../../../../../../../../../../../x,"
ok "a line dropped, the digest made to fit" damage 'an item is missing before this one' forge '/^certificate\t1\t/d'
ok "items in another order, the digest made to fit" damage 'line [0-9]+: ' forge '/^certificate\t1\t/{h;d};/^certificate\t2\t/G'
strangers() { (cd "$D/certificates" && seq 100000 | xargs touch); }
ok "100000 files added" damage 'does not belong there; and 99997 more' strangers
load_damaged() {
	damage 'was changed' one_byte certificates || return 1
	validate --offline --evidence "$D" "$W/B-T.pdf" 2>&1 | grep -q 'was changed'
}
ok "a further run over a damaged bundle is told" load_damaged

differs() { # a forged report: whole, but not what the judge says
	D=$W/forged.d
	cp -r "$W/B-T.d" "$D" || return 1
	sed -i 's/TOTAL-PASSED/TOTAL-FAILED/' "$D/report.json"
	forge "s/^report\t.*/report\t$(sha256sum <"$D/report.json" | cut -c1-64)\t$(stat -c %s "$D/report.json")/"
	replay "$D" --document "$W/B-T.pdf" >"$W/text"
	is $? 66 && has "$(cat "$W/text")" 'THE REPORT DIFFERS' \
		'^conclusion: was "TOTAL-FAILED", is "TOTAL-PASSED"$' '^signatures.S1.indication: was "TOTAL-FAILED", is' || return 1
	replay "$D" --document "$W/B-T.pdf" --report json 2>"$W/note" | cmp - "$W/B-T.json" || return 1
	has "$(cat "$W/note")" 'THE REPORT DIFFERS.*: conclusion: was "TOTAL-FAILED", is "TOTAL-PASSED"; signatures.S1' &&
		is "$(wc -l <"$W/note")" 1
}
ok "a report that the judge does not give" differs
tap_done
