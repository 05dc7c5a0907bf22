#!/bin/bash
# bulla compare: what was sealed against what is there now, as pictures, words and JSON; and the pictures in the
# HTML report. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
append=$PWD/tests/support/pdf_append.py
pixels() { python3 tests/support/png_pixels.py "$@"; }
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority
issue office --key p256 --org 'Office' --subject-cn 'Office seal'
for name in filing form; do seal office B-B "$W/$name.pdf" "$W/$name-sealed.pdf" >"$W/said" 2>&1 || exit 1; done
change() { # FROM TO EDIT...
	python3 "$append" "$W/$1.pdf" "$W/$2.pdf" "${@:3}" || exit 1
}
square='/Type /Annot /Subtype /Square /Rect [300 500 400 560] /C [1 0 0] /IC [1 1 0.6] /F 4'
change filing-sealed note '9~/Contents 10 0 R~/Contents 10 0 R /Annots [20 0 R]' "20=<< $square >>"
change note unnoted '9~/Annots [20 0 R]~'
change filing-sealed forged '10~5468652063657274~5864652063657274'
page='/Type /Page /Parent 2 0 R /MediaBox [0 0 300 300] /Contents 21 0 R /Resources << /Font << /F1 3 0 R >> >>'
change filing-sealed added '2=<< /Type /Pages /Kids [5 0 R 20 0 R 7 0 R 9 0 R] /Count 4 >>' "20=<< $page >>" \
	'21++BT /F1 20 Tf 40 200 Td (Inserted) Tj ET'
change filing-sealed removed '2=<< /Type /Pages /Kids [5 0 R 9 0 R] /Count 2 >>'
change filing-sealed swapped '2=<< /Type /Pages /Kids [5 0 R 20 0 R 9 0 R] /Count 3 >>' "20=<< $page >>" '21++'
change filing-sealed turned '7~/MediaBox~/Rotate 90 /MediaBox'
change filing-sealed silent '1~/Lang (en)~/Lang (de)'
change form-sealed filled '8~(Kovacs Anna)~(Nagy Bela)' \
	'9+/Type /XObject /Subtype /Form /BBox [0 0 300 20] /Resources << /Font << /F1 5 0 R >> >>+/Tx BMC BT /F1 11 Tf 0 g 2 5 Td (Nagy Bela) Tj ET EMC'

compare() { # NAME [OPTION...]: into NAME.d
	rm -rf "$W/$1.d"
	"$bulla" compare "$W/$1.pdf" -o "$W/$1.d" "${@:2}"
}
json() { # NAME EXPRESSION: of compare.json as j, its pages as p
	python3 -c 'import json, sys; j = json.load(open(sys.argv[1])); p = j["pages"]; print(eval(sys.argv[2]))' \
		"$W/$1.d/compare.json" "$2"
}
says() { # NAME EXPRESSION VALUE
	is "$2: $(json "$1" "$2")" "$2: $3"
}
files() { ls "$W/$1.d" | paste -sd' '; }

# -- nothing to see --------------------------------------------------------------------------------
unchanged() {
	status_is 0 compare filing-sealed && says filing-sealed 'j["changed"], j["damage"], j["matchedBy"]' "(False, None, 'object')" &&
		says filing-sealed '[(x["look"], x["sealed"], x["now"], x["areas"], x["inkPermille"]) for x in p]' \
			"[('same', 1, 1, [], 0), ('same', 2, 2, [], 0), ('same', 3, 3, [], 0)]" &&
		is "$(files filing-sealed)" 'compare.json index.html now-001.png now-002.png now-003.png' &&
		is "$(pixels "$W/filing-sealed.d/now-001.png" size)" '827 1170'
}
ok "what was not changed looks the same" unchanged
same_again() {
	mv "$W/filing-sealed.d" "$W/before.d" && compare filing-sealed >"$W/said" && diff -r "$W/before.d" "$W/filing-sealed.d"
}
ok "and gives the same octets again" same_again
silent() {
	status_is 0 compare silent && says silent 'j["changed"]' False &&
		says silent '[(m["allowed"], m["onPage"]) for m in j["modifications"]]' '[(False, False)]' &&
		has "$(cat "$W/silent.d/index.html")" 'class="verdict caution"' 'Changes on none of these pages'
}
ok "a change that shows nowhere is told all the same" silent

# -- changes ---------------------------------------------------------------------------------------
note() {
	status_is 1 compare note && says note '[x["look"] for x in p]' "['same', 'same', 'changed']" &&
		says note 'len(p[2]["areas"]), p[2]["modifications"], p[2]["text"]' '(1, [0], [])' &&
		says note 'p[2]["areas"][0]["modifications"], j["modifications"][0]["kind"], j["modifications"][0]["allowed"]' \
			"([0], 'annotation', True)" &&
		says note '[abs(p[2]["areas"][0][k] - v) < 8 for k, v in (("left", 295), ("top", 277), ("width", 110), ("height", 70))]' \
			'[True, True, True, True]' &&
		is "$(files note)" 'compare.json index.html marked-003.png now-001.png now-002.png now-003.png sealed-003.png'
}
ok "an annotation on page 3 is an allowed change of page 3 alone" note
note_pixels() {
	compare note --resolution 36 >"$W/said"
	is "$(pixels "$W/note.d/sealed-003.png" at 170 155)" ffffff && is "$(pixels "$W/note.d/now-003.png" at 170 155)" ffff99 &&
		is "$(pixels "$W/note.d/marked-003.png" at 170 155)" ffff99 &&
		[ "$(pixels "$W/note.d/sealed-003.png" other "$W/note.d/now-003.png")" -gt 1400 ] &&
		is "$(pixels "$W/note.d/now-003.png" count d0021b)" 0 &&
		[ "$(pixels "$W/note.d/marked-003.png" count d0021b)" -gt 200 ]
}
ok "its pictures: without it, with it, with a frame around it" note_pixels
undone() {
	status_is 0 compare unnoted && says unnoted 'j["changed"]' False
}
ok "an annotation that was taken away again is not seen" undone
fill() {
	status_is 1 compare filled && says filled '[m["allowed"] for m in j["modifications"]].count(False)' 0 &&
		says filled 'len(p[0]["areas"]), {j["modifications"][i]["kind"] for i in p[0]["areas"][0]["modifications"]}' "(1, {'form-fill'})" &&
		says filled '[(t["sealed"][-11:], t["now"][-9:]) for t in p[0]["text"]]' "[('Kovacs Anna', 'Nagy Bela')]" &&
		has "$(cat "$W/filled.d/index.html")" 'class="verdict caution"' '<del>.*Kovacs Anna</del>' '<ins>.*Nagy Bela</ins>'
}
ok "a form that was filled in" fill
forged() {
	status_is 1 compare forged && says forged '[x["look"] for x in p]' "['same', 'same', 'changed']" &&
		says forged '[(t["lead"], t["sealed"], t["now"]) for t in p[2]["text"]]' "[('document says is true.', 'The', 'Xde')]" &&
		says forged 'len(p[2]["areas"]), j["modifications"][p[2]["areas"][0]["modifications"][0]]["allowed"], 0 < p[2]["inkPermille"] < 50' \
			'(1, False, True)' &&
		has "$(cat "$W/forged.d/index.html")" 'class="verdict bad"' 'not allowed'
}
ok "forged content of a page" forged
added() {
	status_is 1 compare added && says added '[(x["look"], x["sealed"], x["now"]) for x in p]' \
		"[('same', 1, 1), ('added', None, 2), ('same', 2, 3), ('same', 3, 4)]" &&
		says added 'j["sealedPages"], j["nowPages"], p[1]["width"], p[1]["pictures"]["sealed"], p[1]["pictures"]["now"]' \
			"(3, 4, 300, None, 'now-002.png')"
}
ok "a page that was put between" added
removed() {
	status_is 1 compare removed && says removed '[(x["look"], x["sealed"], x["now"]) for x in p]' \
		"[('same', 1, 1), ('removed', 2, None), ('same', 3, 2)]"
}
ok "a page that was taken out" removed
swapped() {
	status_is 1 compare swapped && says swapped '[(x["look"], x["sealed"], x["now"], x["otherSize"]) for x in p]' \
		"[('same', 1, 1, False), ('changed', 2, 2, True), ('same', 3, 3, False)]"
}
ok "a page in place of another" swapped
turned() {
	status_is 1 compare turned && says turned '[(x["look"], x["width"], x["height"], x["otherSize"]) for x in p][1]' \
		"('changed', 842, 595, True)"
}
ok "a page that was turned" turned

# -- which signature, which pages, how -------------------------------------------------------------
seal office B-B "$W/note.pdf" "$W/twice.pdf" --field Second >"$W/said" 2>&1 || exit 1
which_signature() {
	status_is 1 compare twice && says twice 'j["signature"]["id"], j["signature"]["name"]' "('S1', 'Signature1')" &&
		status_is 0 compare twice --signature S2 && says twice 'j["signature"]["id"]' S2 &&
		status_is 0 compare twice --signature 2 && status_is 0 compare twice --signature Second &&
		says twice 'j["signature"]["sealedSize"] == j["document"]["size"]' True && status_is 1 compare twice --signature 1
}
ok "the signature that was followed by changes, or the one that is named" which_signature
some_pages() {
	status_is 0 compare note --page 1-2 && says note '[x["now"] for x in p]' '[1, 2]' &&
		status_is 1 compare note --page 3 --resolution 50 && says note '[x["now"] for x in p]' '[3]' &&
		is "$(pixels "$W/note.d/now-003.png" size)" '414 585' && says note 'abs(p[0]["areas"][0]["left"] - 300) < 10' True
}
ok "some pages, another resolution" some_pages
forms_of_report() {
	compare note --report json >"$W/out" && return 1
	cmp "$W/out" "$W/note.d/compare.json" || return 1
	compare note --report html --lang hu >"$W/out" && return 1
	cmp "$W/out" "$W/note.d/index.html" && has "$(cat "$W/out")" 'lang="hu"' 'Másképp néz ki' &&
		has "$(compare note)" '^Looks different: 1 page' '^Page 3 - looks different' 'marked-003\.png'
}
ok "text, JSON and HTML, in two languages" forms_of_report
well_formed() {
	compare note >"$W/said"
	python3 - "$W/note.d/index.html" <<'P'
import base64, re, sys, xml.etree.ElementTree as t
page = open(sys.argv[1]).read()
assert "<script" not in page and "img-src data:" in page
pictures = t.fromstring(page.split("\n", 1)[1]).findall(".//{*}img")
assert len(pictures) == 3 and all(p.get("alt") and p.get("width") for p in pictures), pictures
for p in pictures:
    kind, data = p.get("src").split(",")
    assert kind == "data:image/png;base64" and base64.b64decode(data)[:4] == b"\x89PNG"
P
}
ok "the page is well-formed and holds its pictures, each with words" well_formed

# -- encrypted -------------------------------------------------------------------------------------
echo reader >"$W/password"
if command -v qpdf >/dev/null; then
	qpdf --object-streams=disable --encrypt reader owner 256 -- "$W/filing.pdf" "$W/secret.pdf"
	seal office B-B "$W/secret.pdf" "$W/secret-sealed.pdf" --document-password-file "$W/password" >"$W/said" 2>&1 || exit 1
	num=$(grep -aoE '^[0-9]+ 0 obj' "$W/secret-sealed.pdf" | sort -n | tail -1 | cut -d' ' -f1)
	three=$(qpdf --password=reader --show-pages "$W/secret-sealed.pdf" | sed -nE 's/^page 3: ([0-9]+).*/\1/p')
	change secret-sealed secret-note "$three~/Contents~/Annots [$((num + 1)) 0 R] /Contents" "$((num + 1))=<< $square >>"
	encrypted() {
		status_is 65 compare secret-note && status_is 1 compare secret-note --password-file "$W/password" &&
			says secret-note '[x["look"] for x in p]' "['same', 'same', 'changed']" &&
			says secret-note 'j["damage"], [m["allowed"] for m in j["modifications"]]' '(None, [True])'
	}
	ok "an encrypted document, with its password" encrypted
else
	skip "an encrypted document, with its password" "no qpdf"
fi

# -- what does not work ----------------------------------------------------------------------------
fails() { # STATUS PATTERN COMMAND...
	local status=$1 pattern=$2 said
	shift 2
	said=$("$@" 2>&1 >"$W/out")
	is $? "$status" && has "$said" "$pattern" && is "$(wc -l <<<"$said")" 1
}
leaves_nothing() {
	mkdir -p "$W/full" "$W/empty" && touch "$W/full/x"
	fails 74 'full: Directory not empty' "$bulla" compare "$W/note.pdf" -o "$W/full" &&
		fails 74 'note.pdf: Not a directory' "$bulla" compare "$W/note.pdf" -o "$W/note.pdf" &&
		fails 65 'carries no signature' "$bulla" compare "$W/filing.pdf" -o "$W/none" &&
		fails 65 'no signature "S7"' "$bulla" compare "$W/note.pdf" -o "$W/none" --signature S7 &&
		fails 65 'no such page: 3 in all' "$bulla" compare "$W/note.pdf" -o "$W/none" --page 4-9 &&
		fails 64 '-o DIR is missing' "$bulla" compare "$W/note.pdf" &&
		fails 64 'page 3-2: neither' "$bulla" compare "$W/note.pdf" -o "$W/none" --page 3-2 &&
		fails 64 'resolution 301: not between 20 and 300' "$bulla" compare "$W/note.pdf" -o "$W/none" --resolution 301 &&
		not ls -d "$W/none" "$W"/.bulla-* && status_is 1 "$bulla" compare "$W/note.pdf" -o "$W/empty/" && [ -f "$W/empty/index.html" ]
}
ok "what cannot be done is one line, and leaves nothing behind" leaves_nothing
{ cat "$W/note.pdf" && printf 'startxref\n99999\n%%%%EOF\n'; } >"$W/damaged.pdf"
damaged() {
	status_is 1 compare damaged && says damaged 'j["damage"]' 'pdf: no cross-reference section at offset 99999' &&
		says damaged 'j["matchedBy"], p[2]["look"]' "('number', 'changed')" &&
		has "$(cat "$W/damaged.d/index.html")" 'class="verdict bad"' '</span> Damaged</h1>'
}
ok "a damaged end is told first" damaged
change filing-sealed loop '10+/Type /XObject /Subtype /Form /BBox [0 0 600 900] /Resources << /XObject << /X 10 0 R >> >>+/X Do' \
	'9~/Resources <<~/Resources << /XObject << /X 10 0 R >>' '2=<< /Type /Pages /Kids [5 0 R 7 0 R 9 0 R 2 0 R] /Count 3 >>'
hostile() {
	local status
	timeout 60 "$bulla" compare "$W/loop.pdf" -o "$W/loop.d" >"$W/out" 2>"$W/err"
	status=$?
	[ $status = 1 ] || [ $status = 65 ] || { cat "$W/err"; return 1; }
}
ok "pages and forms that hold themselves end in time" hostile
signal_ends_it() {
	local pid
	"$bulla" compare "$W/note.pdf" -o "$W/cut.d" --resolution 300 >"$W/out" 2>&1 &
	pid=$!
	for _ in $(seq 200); do
		ls -d "$W"/.bulla-* >"$W/ls" 2>&1 && break
		sleep 0.02
	done
	kill -TERM $pid 2>/dev/null
	wait $pid
	is $? 143 && not ls -d "$W/cut.d" "$W"/.bulla-*
}
ok "SIGTERM leaves nothing behind" signal_ends_it

# -- in the report ---------------------------------------------------------------------------------
report() { # NAME [OPTION...]
	validate --offline --at 2026-11-22T10:00:00Z --report html "${@:2}" "$W/$1.pdf" -o "$W/$1.html"
	grep -o 'src="data:image/png' "$W/$1.html" | wc -l
}
in_report() {
	is "$(report note)" 3 && has "$(cat "$W/note.html")" '<h3>How it looks</h3>' '1 page looks different from when it was sealed' \
		'alt="Page 3: As it was sealed"' && is "$(report note --no-pictures)" 0 && is "$(report filing-sealed)" 0 &&
		not grep -q 'How it looks' "$W/filing-sealed.html" && is "$(report silent)" 0 &&
		has "$(cat "$W/silent.html")" 'All 3 pages look as they did when they were sealed'
}
ok "the HTML report shows the pages that look different" in_report
not_kept() {
	rm -rf "$W/kept"
	validate --offline --report html --evidence "$W/kept" "$W/note.pdf" -o "$W/note.html"
	"$bulla" replay "$W/kept" --document "$W/note.pdf" >"$W/out"
	has "$(cat "$W/out")" 'judged again offline, the same report byte for byte'
}
ok "pictures are no part of what is kept, and a replay gives the same report" not_kept
tap_done
