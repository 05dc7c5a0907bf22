#!/bin/bash
# Visible seals as people see them: printed with Poppler, and with MuPDF where it is installed. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
pages() { python3 tests/support/seal_pages.py "$@"; }
tap_authority
issue office --org 'Contract Office' --org-id 'NTRGB-01234567' --subject-cn 'Contract Office of Example'
pages make "$W" || exit 1
digest=sha256:2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824

show() { # IN OUT [OPTION...]: sealed
	seal office B-B "$1" "$2" "${@:3}"
}
poppler() { # PDF PPM: at 72 dpi, what the crop box shows
	pdftoppm -q -r 72 -cropbox -singlefile "$1" "${2%.ppm}"
}
mupdf() { mutool draw -q -r 72 -o "$2" "$1" 1; }
renderers=poppler
command -v mutool >/dev/null && renderers='poppler mupdf'

# Ink appears in the box L T R B and nowhere else; with a fifth argument, it reaches the box's left,
# upper and lower side: there is the rule of the look "text".
inked() { # RENDERER BEFORE AFTER L T R B [RULE]
	local box
	"$1" "$2" "$W/before.ppm" && "$1" "$3" "$W/after.ppm" || return 1
	box=$(pages ink "$W/before.ppm" "$W/after.ppm") || return 1
	[ "$box" != none ] || { echo "nothing is seen"; return 1; }
	# shellcheck disable=SC2086
	pages within "$4" "$5" "$6" "$7" $box || return 1
	[ -z "${8-}" ] && return
	read -r l t _ b <<<"$box"
	pages within "$l" "$t" "$((l + 100))" "$b" "$4" "$5" "$4" "$7"
}
blank() { # RENDERER BEFORE AFTER
	"$1" "$2" "$W/before.ppm" && "$1" "$3" "$W/after.ppm" && is "$(pages ink "$W/before.ppm" "$W/after.ppm")" none
}
intact() { # FILE SEALS
	local report
	report=$(validate --report json "$1") || return 1
	is "$(python3 -c 'import json, sys; print([s["intact"] for s in json.load(sys.stdin)["signatures"]].count(True))' <<<"$report")" "$2"
}
clean() { # FILE
	local said
	said=$(qpdf --check "$1" 2>&1) && has "$said" 'No syntax or stream encoding errors' && not grep -q WARNING <<<"$said"
}

# -- pages of every kind: the box is given as people see the page --
for page in portrait landscape rotated90 rotated180 rotated270 cropped cropped90 cropped270 reversed unit; do
	out=$W/$page-sealed.pdf
	ok "$page: sealed" show "$W/$page.pdf" "$out" --visible 1,150,60,220,70 --look text --reason Approval
	for renderer in $renderers; do
		factor=1
		# Poppler shows units of user space as if they were points.
		[ $page$renderer = unitpoppler ] && factor=2
		ok "$page: seen in its box by $renderer" inked $renderer "$W/$page.pdf" "$out" $((150 / factor)) \
			$((60 / factor)) $((370 / factor)) $((130 / factor)) rule
	done
done
for page in rotated90 cropped270 unit; do
	out=$W/$page-sealed.pdf
	ok "$page: intact" intact "$out" 1
	ok "$page: qpdf finds nothing" clean "$out"
	ok "$page: the text is there" has "$(pdftotext "$out" -)" 'Contract Office of Example' 'Approval'
done

# -- by itself: the lower right corner --
ok "without a box: sealed" show "$W/cropped90.pdf" "$W/corner.pdf" --visible last
for renderer in $renderers; do
	ok "without a box: in the lower right corner, by $renderer" inked $renderer "$W/cropped90.pdf" "$W/corner.pdf" 305 300 610 440
done

# -- every look --
pages_of() { # LOOK: what it needs
	case $1 in
	picture | both) echo "--picture $W/picture.png" ;;
	code) echo "--barcode qr --barcode-text $digest" ;;
	official) echo "--barcode pdf417 --barcode-text $digest" ;;
	esac
}
for look in text picture both official strip code; do
	# shellcheck disable=SC2046
	ok "$look: sealed" show "$W/portrait.pdf" "$W/$look.pdf" --visible 1 --look $look --reason Approval --location Pécs $(pages_of $look)
	ok "$look: seen" inked poppler "$W/portrait.pdf" "$W/$look.pdf" 30 600 565 830
	case $look in
	picture) ;;
	official) ok "$look: what it says" has "$(pdftotext "$W/$look.pdf" -)" 'Electronic seal' NTRGB-01234567 Pécs 'Bulla Test Authority' ;;
	code) ok "$look: what it says" has "$(pdftotext "$W/$look.pdf" -)" 'Contract Office$' '^of Example' ;;
	*) ok "$look: what it says" has "$(pdftotext -layout "$W/$look.pdf" -)" 'Contract Office of Example' Approval Pécs ;;
	esac
	fonts=$(pdffonts "$W/$look.pdf" | grep -c DejaVu)
	[ $look = picture ] || ok "$look: its fonts are embedded, as subsets, with their characters" \
		is "$(pdffonts "$W/$look.pdf" | grep DejaVu | grep -cE 'CID TrueType +Identity-H +yes yes yes')" "$fonts"
	ok "$look: intact" intact "$W/$look.pdf" 1
	ok "$look: qpdf finds nothing" clean "$W/$look.pdf"
done
ok "a strip along a side of the page" show "$W/portrait.pdf" "$W/side.pdf" --visible 1,10,100,12,640 --look strip
for renderer in $renderers; do
	ok "a strip along a side of the page, by $renderer" inked $renderer "$W/portrait.pdf" "$W/side.pdf" 10 100 22 740
done

# -- every language, and the names of five alphabets --
speaks() { # LANGUAGE NAME WORD...
	show "$W/portrait.pdf" "$W/$1.pdf" --visible 1 --look official --look-lang "$1" --name "$2" --reason "$2" || return 1
	has "$(pdftotext -layout "$W/$1.pdf" -)" "$2" "${@:3}"
}
ok "Hungarian" speaks hu 'Árvíztűrő tükörfúrógép ÁÉÍÓÖŐÚÜŰ' 'Elektronikus bélyegző' Időpont Indok Kibocsátó
ok "Azerbaijani" speaks az 'Gəncə Şəhəri İcra Hakimiyyəti ğışçö' 'Elektron möhür' Tarix Səbəb 'Sertifikatı verən'
ok "Turkish" speaks tr 'Çağdaş Şirketler Birliği İĞŞÜÖÇ ığşüöç' 'Elektronik mühür' Tarih Gerekçe
ok "Ukrainian" speaks uk 'Міністерство цифрової трансформації Її Єє Ґґ' 'Електронна печатка' 'Дата і час' Підстава
ok "Vietnamese" speaks vi 'Tổng cục Thuế Việt Nam ĂÂÊÔƠƯ ầẩẫấậ ữự' 'Con dấu điện tử' 'Thời gian' 'Lý do'
ok "English" speaks en 'Office of Records' 'Electronic seal' Date Reason 'Issued by'
ok "the time in a zone" show "$W/portrait.pdf" "$W/zone.pdf" --visible 1 --look-zone +05:30
ok "the time in a zone is told with it" has "$(pdftotext "$W/zone.pdf" -)" '[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9:]{8} \+05:30'

# -- fields that are there --
ok "a field's own box" show "$W/field.pdf" "$W/x.pdf" --look text
ok "a field's own box has the ink" inked poppler "$W/field.pdf" "$W/x.pdf" 50 72 270 142 rule
ok "a field's own box on a turned page" show "$W/field90.pdf" "$W/x.pdf" --field Office --look text
ok "a field's own box on a turned page has the ink" inked poppler "$W/field90.pdf" "$W/x.pdf" 50 500 270 570 rule
ok "a place for a field that has one is refused" status_is 65 show "$W/field.pdf" "$W/no.pdf" --field Office --visible 1
ok "a look for a hidden field is refused" status_is 65 show "$W/hidden.pdf" "$W/no.pdf" --field Office --look text
ok "an invisible seal in a field shows nothing new" show "$W/hidden.pdf" "$W/x.pdf" --field Office
ok "an invisible seal in a field shows nothing new, by poppler" blank poppler "$W/hidden.pdf" "$W/x.pdf"

# -- beside a text --
beside() { # PAGE SIDE L T R B
	show "$W/$1.pdf" "$W/x.pdf" --anchor 'Contract Office:' --anchor-side "$2" --anchor-size 200,60 || return 1
	inked poppler "$W/$1.pdf" "$W/x.pdf" "${@:3}"
}
at=$(pdftotext -bbox "$W/portrait.pdf" - | sed -n 's/.*xMin="\([0-9]*\)[^"]*" yMin="\([0-9]*\).*>Contract<.*/\1 \2/p')
read -r x y <<<"$at"
ok "below a text" beside portrait below "$x" $((y + 14)) $((x + 200)) $((y + 14 + 76))
ok "over a text" beside portrait over "$x" $((y - 4)) $((x + 200)) $((y + 62))
ok "below a text on a turned page" beside rotated90 below 390 280 610 360
ok "to the right of a text" show "$W/portrait.pdf" "$W/x.pdf" --anchor 'Contract Office:'
ok "to the right of a text, by poppler" inked poppler "$W/portrait.pdf" "$W/x.pdf" 290 400 510 470
ok "a text that is nowhere is refused" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --anchor 'contract office'
ok "a text that is there twice is refused" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --anchor Office
said=$(show "$W/portrait.pdf" "$W/no.pdf" --anchor Office 2>&1)
ok "and the line says how often" has "$said" 'is 2 times on page 1'
ok "a page that is not there is refused" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --anchor Office: --anchor-page 2

# -- several seals --
ok "a second visible seal" show "$W/official.pdf" "$W/two.pdf" --visible 1,36,36,300,100 --look text
ok "a third one" show "$W/two.pdf" "$W/three.pdf" --visible 1 --look strip
ok "all of them intact" intact "$W/three.pdf" 3
seal office B-LTA "$W/portrait.pdf" "$W/lta.pdf" --visible 1 --look text
ok "with an archive timestamp, which is invisible" intact "$W/lta.pdf" 2
ok "with an archive timestamp, ink is in the corner" inked poppler "$W/portrait.pdf" "$W/lta.pdf" 340 730 565 810

# -- what does not go --
ok "outside of the page" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --visible 1,400,60,220,70
ok "a page that is not there" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --visible 2
ok "too small a box" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --visible 1,10,10,40,9
need=$(show "$W/portrait.pdf" "$W/no.pdf" --visible 1,10,10,60,9 2>&1 | sed -n 's/.*one of \([0-9.]*\) x \([0-9.]*\) would do$/\1,\2/p')
ok "what is needed is told, and is enough" show "$W/portrait.pdf" "$W/small.pdf" --visible "1,10,10,$need"
printf 'no picture' >"$W/broken.png"
ok "a picture that is none" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --picture "$W/broken.png"
ok "a font that is none" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --visible 1 --font "$W/broken.png"
ok "a file that is not there" status_is 74 show "$W/portrait.pdf" "$W/no.pdf" --picture "$W/none.png"
ok "a character that no font has" status_is 65 show "$W/portrait.pdf" "$W/no.pdf" --visible 1 --note 你好
while IFS='|' read -r options; do
	# shellcheck disable=SC2086
	ok "usage: $options" status_is 64 show "$W/portrait.pdf" "$W/no.pdf" $options
done <<'USAGE'
--visible 0
--visible 1,2,3
--visible 1,2,3,4,5,6
--visible 1,2,3,4,nan
--visible 1,2,3,4,0x10
--visible -2
--visible last1
--look grand
--look-lang de
--look-zone 1:00
--look-zone +15:00
--barcode qr
--barcode-text x
--barcode aztec --barcode-text x
--barcode qr --barcode-text x --barcode-data y
--anchor-side below
--anchor x --anchor-side above
--anchor x --anchor-size 5
--anchor x --visible 1
--anchor-page 1
USAGE
ok "nothing was written for any of these" test ! -e "$W/no.pdf"
tap_done
