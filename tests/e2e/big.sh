#!/bin/bash
# A document of 300 MB, sealed at B-LTA and judged with a data segment of 64 MiB: what is large is mapped,
# not loaded. The file is sparse. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
nm "$bulla" | grep -qE '__(asan|tsan)_init' && skip_all "a sanitizer's own memory exceeds the limit"
size=300000000
limit=65536 # KiB
room=$(df -Pk "$W" | awk 'NR == 2 { print $4 }')
[ "$room" -gt 400000 ] || skip_all "no room for 300 MB in $W"

make_big() { # one page, and an attachment-like stream of zeros that nothing shows
	local at=() start
	big=$W/big.pdf
	add() { printf "$@" >>"$big"; }
	object() { # NUMBER BODY
		at[$1]=$(stat -c %s "$big")
		add '%d 0 obj\n%s\n' "$1" "$2"
	}
	: >"$big"
	add '%%PDF-1.7\n'
	object 1 $'<< /Type /Catalog /Pages 2 0 R /PieceInfo 4 0 R >>\nendobj'
	object 2 $'<< /Type /Pages /Kids [3 0 R] /Count 1 >>\nendobj'
	object 3 $'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> >>\nendobj'
	object 4 "<< /Length $size >>"$'\nstream'
	truncate -s +$size "$big"
	add '\nendstream\nendobj\n'
	start=$(stat -c %s "$big")
	add 'xref\n0 5\n0000000000 65535 f \n'
	for i in 1 2 3 4; do add '%010d 00000 n \n' "${at[$i]}"; done
	add 'trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n' "$start"
}
within() { # COMMAND...
	(ulimit -d $limit && "$@")
}
tap_authority
issue big --key p256
ok "a document of 300 MB" make_big
ok "sealed at B-LTA within 64 MiB" within seal big B-LTA "$W/big.pdf" "$W/sealed.pdf"
ok "its bytes are the beginning" is_prefix "$W/big.pdf" "$W/sealed.pdf"
ok "judged within 64 MiB" within validate --offline "$W/sealed.pdf"
rm "$W/big.pdf"
ok "renewed within 64 MiB" within extend B-LTA "$W/sealed.pdf" "$W/renewed.pdf"
rm "$W/sealed.pdf"
ok "and judged" within validate --offline "$W/renewed.pdf"
ok "the limit is one: 1 MiB is too little" not eval '(ulimit -d 1024 && validate --offline "$W/renewed.pdf")'
tap_done
