#!/bin/bash
# Odd PDFs, sealed at B-LTA: every row of the corpus, but those that the list inputs-explained.tsv gives
# a reason for. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
tap_authority
issue acme
render=()
command -v pdftoppm >/dev/null && render=(--render) || echo "# pages are not compared: pdftoppm is not installed"
score_rows inputs-explained.tsv inputs --key "$W/ca/issued/acme.p12" --password-file "$W/ca/password" --level B-LTA \
	--tsa "$url/tsa" --trust "$W/ca/root.pem" "${render[@]}"

# The table tells this file's password in words: it is one space.
one_space() {
	local in=$corpus/pdf-inputs/open_protected.pdf
	printf ' ' >"$W/space"
	seal acme B-LTA "$in" "$W/protected.pdf" --document-password-file "$W/space" && is_prefix "$in" "$W/protected.pdf" &&
		validate --offline --password-file "$W/space" "$W/protected.pdf"
}
ok "open_protected.pdf with its real password" one_space
tap_done
