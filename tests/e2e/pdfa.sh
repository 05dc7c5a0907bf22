#!/bin/bash
# A seal leaves a PDF/A document one: the rules of ISO 19005 that an update can break, on documents of our own
# (`make interop` has veraPDF confirm both). $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
export PYTHONDONTWRITEBYTECODE=1
command -v qpdf >/dev/null || skip_all "qpdf is not installed"
tap_authority p256
issue seal --key p256
mkdir "$W/bases" "$W/plants"
python3 tests/support/pdfa_bases.py "$W/bases" || exit 1
python3 tests/support/pdfa_bases.py --pictures "$W" || exit 1

part_of() { # NAME: the part, and the level where text counts
	case $1 in
	a[123]a*) echo "${1:1:1}A" ;;
	a[23]u*) echo "${1:1:1}U" ;;
	a[1234]*) echo "${1:1:1}" ;;
	odd-tags) echo 1 ;;
	esac
}

keeps_rules() { # NAME BEFORE AFTER
	python3 tests/support/pdfa_rules.py "$(part_of "$1")" "$2" "$3"
}
sealed_keeps_rules() { # NAME LEVEL IN OUT [OPTION...]
	seal seal "$2" "$3" "$4" "${@:5}" && keeps_rules "$1" "$3" "$4" && validate "$4" --offline >"$W/report"
	case $? in
	0 | 2) ;; # below B-LT nothing can be decided offline
	*) cat "$W/report"; return 1 ;;
	esac
}
twice_keeps_rules() { # NAME IN
	seal seal B-LTA "$2" "$W/once.pdf" && sealed_keeps_rules "$1" B-LTA "$W/once.pdf" "$W/twice.pdf"
}
extended_keeps_rules() { # NAME IN
	seal seal B-B "$2" "$W/once.pdf" && extend B-LTA "$W/once.pdf" "$W/more.pdf" &&
		keeps_rules "$1" "$W/once.pdf" "$W/more.pdf"
}

# A visible seal, and a second one on it: the first still stands, and says which changes it allows.
seen_keeps_rules() { # NAME IN OPTION...
	sealed_keeps_rules "$1" B-B "$2" "$W/seen.pdf" --visible 1 --note 'Őrség, Bakı, Київ' "${@:3}" >"$W/warned" 2>&1
	local status=$?
	cat "$W/warned"
	return $status
}
second_is_allowed() { # NAME IN
	local report
	seal seal B-B "$2" "$W/seen.pdf" --visible 1 2>/dev/null &&
		sealed_keeps_rules "$1" B-B "$W/seen.pdf" "$W/again.pdf" --visible 1,20,20,200,80 || return 1
	report=$(validate --offline --report json "$W/again.pdf")
	python3 -c '
import json, sys
first = json.load(sys.stdin)["signatures"][0]
kinds = {m["kind"] for m in first["modifications"]}
assert first["intact"] and all(m["allowed"] for m in first["modifications"]), first["modifications"]
assert ("structure" in kinds) == (sys.argv[1] == "tagged"), kinds' "$3" <<<"$report"
}

for base in "$W"/bases/*.pdf; do
	name=$(basename "$base" .pdf)
	for level in B-B B-LTA; do
		ok "$name sealed at $level" sealed_keeps_rules "$name" $level "$base" "$W/$name-$level.pdf"
	done
	ok "$name sealed twice" twice_keeps_rules "$name" "$base"
	ok "$name extended" extended_keeps_rules "$name" "$base"
	ok "$name with a text" seen_keeps_rules "$name" "$base" --look text --barcode qr --barcode-text digest
	ok "$name with a picture that shines through" seen_keeps_rules "$name" "$base" --look official \
		--picture "$W/alpha.png" --look-lang hu
	case $name in a[12]a) tags=tagged ;; *) tags=none ;; esac
	ok "$name seen twice" second_is_allowed "$name" "$base" $tags
done
ok "a structure that is damaged: no tag, and a warning" has \
	"$(seal seal B-B "$W/bases/odd-tags.pdf" "$W/seen.pdf" --visible 1 2>&1)" 'the seal has no tag: the parent tree'

# The rules find what they are for.
plants=$(python3 tests/support/pdfa_plants.py "$W/plants") || true
while read -r line; do
	case $line in
	'ok '*) ok "found: ${line#* - }" true ;;
	'not ok '*) ok "found: ${line#* - }" false ;;
	'#'*) echo "$line" ;;
	esac
done <<<"$plants"
ok "as many as planned" grep -qx "1..$(grep -c '^\(not \)\?ok ' <<<"$plants")" <<<"$plants"
tap_done
