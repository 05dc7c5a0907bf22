#!/bin/bash
# pyHanko's inputs, sealed at B-LTA: the input is the beginning of the output, which passes offline, is no
# worse for qpdf and looks the same; or the file is refused in one line, as pyhanko_inputs-refused.tsv
# expects, with the reason. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
refused=tests/corpus/pyhanko_inputs-refused.tsv
folder=$corpus/pyhanko/inputs
tap_authority
issue acme
for tool in qpdf pdftoppm; do command -v $tool >/dev/null || echo "# not compared by $tool: it is not installed"; done

password_of() { # FILE: the user's or owner's password from the table
	awk -F'\t' -v f="$1" '$1 == f { print $7; exit }' "$folder/inputs.tsv" | sed -nE 's/^(user|owner):([^;]*).*/\2/p'
}
soundness() { # FILE [PASSWORD]: qpdf's exit status, 0 best
	command -v qpdf >/dev/null || { echo 0; return; }
	qpdf --check ${2:+--password="$2"} "$1" >"$W/qpdf" 2>&1
	echo $?
}
pixels() { # FILE [PASSWORD]
	command -v pdftoppm >/dev/null || return
	pdftoppm -r 40 -l 3 ${2:+-upw "$2"} "$1" 2>"$W/poppler" | sha256sum
}
rank() { case $1 in 0) echo 0 ;; 3) echo 1 ;; *) echo 2 ;; esac; } # 3: only warnings

sealed_well() { # FILE
	local in=$folder/$1 out=$W/out.pdf password status said seal_password=() own_password=()
	password=$(password_of "$1")
	if [ -n "$password" ]; then
		printf %s "$password" >"$W/password"
		seal_password=(--document-password-file "$W/password")
		own_password=(--password-file "$W/password")
	fi
	rm -f "$out"
	said=$(timeout 60 "$bulla" seal "$in" -o "$out" --key "$W/ca/issued/acme.p12" --password-file "$W/ca/password" \
		--level B-LTA --tsa "$url/tsa" --trust "$W/ca/root.pem" "${seal_password[@]}" 2>&1)
	status=$?
	if [ -n "$(reason_of $refused "$1")" ]; then
		is "exit status $status" "exit status 65" && is "$(wc -l <<<"$said")" 1 && [ ! -e "$out" ]
		return
	fi
	[ $status = 0 ] || { echo "exit status $status: $said"; return 1; }
	is_prefix "$in" "$out" || return 1
	validate --offline "${own_password[@]}" "$out" || return 1
	[ "$(rank "$(soundness "$out" "$password")")" -le "$(rank "$(soundness "$in" "$password")")" ] ||
		{ cat "$W/qpdf"; return 1; }
	is "$(pixels "$out" "$password")" "$(pixels "$in" "$password")"
}
n=0
while IFS= read -r file; do
	n=$((n + 1))
	reason=$(reason_of $refused "$file")
	ok "$file${reason:+: refused ($reason)}" sealed_well "$file"
done < <(cd "$folder" && find . -name '*.pdf' -printf '%P\n' | LC_ALL=C sort)
ok "there are files" test "$n" -gt 0
tap_done
