#!/bin/bash
# The catalogues of the reports' languages against the sources. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
folder=validator/languages
is_current() { validator/languages/update --pot >"$W/bulla.pot" && diff "$folder/bulla.pot" "$W/bulla.pot"; }
is_well_formed() { msgfmt --check -o "$W/x.mo" "$1"; }
matches() { python3 tests/support/catalogue.py "$@"; }

ok "bulla.pot holds the texts of the sources (else: make languages)" is_current
for po in "$folder"/*.po; do
	language=$(basename "$po" .po)
	ok "$language: msgfmt takes it" is_well_formed "$po"
	case $language in
	hu) ok "$language: complete, with the same places" matches "$folder/bulla.pot" "$po" --complete ;;
	*) ok "$language: prepared for its translator" matches "$folder/bulla.pot" "$po" ;;
	esac
done

# The check itself sees what it is for.
spoil() { # SED-SCRIPT PATTERN
	sed "$1" "$folder/hu.po" >"$W/hu.po"
	not cmp -s "$folder/hu.po" "$W/hu.po" && has "$(matches "$folder/bulla.pot" "$W/hu.po" --complete)" "$2"
}
ok "a lost place is told" spoil '/^msgstr/s/{who}/{ki}/' 'has other places than'
ok "a lost text is told" spoil 's/^msgid "Accept"/msgid "Akzept"/' 'lacks "Accept"'
ok "a text without translation is told" spoil '/^msgid "Accept"/{n;s/".*"/""/}' 'does not translate "Accept"'
tap_done
