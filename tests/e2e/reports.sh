#!/bin/bash
# The reports that a person reads: their forms and languages, through the program. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority
letters='Əliyev Şirkəti ğıöü | Їжак Ґанок і Ємність | Nguyễn Thị Hồng Ước'
issue office --key p256 --org 'Őrű Kft.' --subject-cn 'Office seal'
seal office B-LTA "$W/filing.pdf" "$W/sealed.pdf" --reason 'x </dd><script>alert("1")</script> & y' \
	--location "$letters" || exit 1
cp "$W/sealed.pdf" "$W/tampered.pdf"
printf X | dd of="$W/tampered.pdf" bs=1 seek=100 conv=notrunc status=none
at=$(date -u +%Y-%m-%dT%H:%M:%SZ)
report() { # FORM LANGUAGE FILE [OPTION...]
	validate --offline --at "$at" --report "$1" --lang "$2" "${@:4}" "$W/$3.pdf"
}

# -- text ------------------------------------------------------------------------------------------
text_in() { # LANGUAGE FILE STATUS PATTERN...
	local out
	out=$(report text "$1" "$2")
	is $? "$3" && has "$out" "${@:4}"
}
ok "text in English" text_in en sealed 0 '^Accept: The signature of this document is valid'
ok "text in Hungarian" text_in hu sealed 0 '^Elfogadható: A dokumentum aláírása érvényes' '^Dokumentum +'
ok "a changed document in Hungarian" text_in hu tampered 1 \
	'^Nem fogadható el: A dokumentumot az aláírása után megváltoztatták\.$' '^Mi segít +Kérje el'
ok "without an anchor" has "$("$bulla" validate --offline "$W/sealed.pdf")" '^Look closer: ' '^Why +No chain ' \
	'^What helps +Add the root certificate'
narrow() { is "$(report text "$1" sealed | LC_ALL=C.UTF-8 grep -cE '^.{81,}$')" 0; }
ok "no line is wider than a terminal" narrow en
ok "nor in Hungarian" narrow hu
json_alike() { is "$(report json en sealed)" "$(report json hu sealed)"; }
ok "JSON is the same in every language" json_alike
no_environment() {
	is "$(LANG=hu_HU.UTF-8 LC_ALL=hu_HU.UTF-8 LANGUAGE=hu report text en sealed)" "$(report text en sealed)" &&
		has "$(LC_ALL=hu_HU.UTF-8 LANGUAGE=hu validate --offline "$W/sealed.pdf")" '^Accept: '
}
ok "the environment does not choose the language" no_environment

# -- HTML ------------------------------------------------------------------------------------------
as_xml() { python3 -c 'import sys, xml.etree.ElementTree as t; t.parse(sys.argv[1])' "$1"; }
page() { # LANGUAGE FILE STATUS PATTERN...
	report html "$1" "$2" -o "$W/page.html"
	is $? "$3" && as_xml "$W/page.html" && has "$(cat "$W/page.html")" "<html [^>]*lang=\"$1\"" "${@:4}"
}
ok "HTML in English" page en sealed 0 '</span> Accept</h1>' 'S1: electronic seal of Őrű Kft\.'
ok "HTML in Hungarian" page hu tampered 1 '</span> Nem fogadható el</h1>' 'HASH_MISMATCH'
ok "what a document says stays text" page en sealed 0 '<dd>x &lt;/dd&gt;&lt;script&gt;alert\(&quot;1&quot;\)'
ok "and nothing else" not grep -qE '<script|<img|<link|src=' "$W/page.html"

# -- PDF -------------------------------------------------------------------------------------------
paper() { # LANGUAGE FILE STATUS PATTERN...
	report pdf "$1" "$2" -o "$W/paper.pdf"
	is $? "$3" && has "$(pdftotext -layout "$W/paper.pdf" - | tr -s ' \n' ' ')" "${@:4}"
}
ok "PDF in English" paper en sealed 0 'Accept' 'page 1 of [0-9]' 'Office seal'
ok "PDF in Hungarian" paper hu tampered 1 'Nem fogadható el' '1\. oldal, összesen [0-9]' 'Kérje el a feladótól'
ok "letters of five languages" paper en sealed 0 "Őrű Kft\." "${letters//|/\\|}"
pdf_is_tagged() {
	local about
	about=$(pdfinfo "$W/paper.pdf") && has "$about" '^Tagged: +yes' '^Title: +Validation report$' '^Page size:.*A4' || return 1
	has "$(pdfinfo -struct-text "$W/paper.pdf")" '^ +H1 ' '^ +H2 ' '^ +Table ' '^ +TH$' 'Accept'
}
ok "the PDF is tagged and titled" pdf_is_tagged
pdf_is_steady() {
	report pdf en sealed >"$W/first.pdf" && sleep 1.1 && TZ=Asia/Tokyo report pdf en sealed >"$W/second.pdf" &&
		cmp "$W/first.pdf" "$W/second.pdf"
}
ok "the same report is the same PDF, whenever it is made" pdf_is_steady
sound() { ! command -v qpdf >/dev/null || qpdf --check "$W/paper.pdf"; }
ok "qpdf finds nothing wrong" sound

# -- ETSI ------------------------------------------------------------------------------------------
etsi() { # FILE STATUS PATTERN...
	report etsi en "$1" -o "$W/report.xml"
	is $? "$2" && as_xml "$W/report.xml" && has "$(cat "$W/report.xml")" "${@:3}"
}
ok "XML of TS 119 102-2" etsi sealed 0 'mainindication:total-passed' '<vr:Signer>Office seal<' "${letters//|/\\|}"
ok "and of a changed document" etsi tampered 1 'mainindication:total-failed' 'finding:HASH_MISMATCH'
etsi_alike() { is "$(report etsi en sealed)" "$(report etsi hu sealed)"; }
ok "it is the same in every language" etsi_alike

# -- one certificate -------------------------------------------------------------------------------
certificate_in() { # LANGUAGE STATUS PATTERN...
	local out
	out=$("$bulla" certificate --offline --trust "$W/ca/root.pem" --lang "$1" "$W/ca/root.pem")
	is $? "$2" && has "$out" "${@:3}"
}
ok "a certificate in English" certificate_in en 0 '^Accept: The certificate is valid' '^The chain that was taken$' \
	'^    Status +trusted$'
ok "a certificate in Hungarian" certificate_in hu 0 '^Elfogadható: A tanúsítvány érvényes' '^    Állapot +megbízható$'

# -- what is refused -------------------------------------------------------------------------------
refused() { # PATTERN OPTION...
	local said
	said=$(validate --offline "${@:2}" "$W/sealed.pdf" 2>&1)
	is $? 64 && has "$said" "$1"
}
ok "no such form" refused 'report doc: not text, json, html' --report doc
ok "no such language" refused 'lang xx: none of en, hu' --lang xx
ok "a language that has only begun" refused 'lang uk: none of' --lang uk
ok "one page for one document" refused 'one file' --report html "$W/tampered.pdf"
ok "one XML for one document" refused 'one file' --report etsi "$W/tampered.pdf"
ok "one PDF for one document" refused 'one file' --report pdf "$W/tampered.pdf"
tap_done
