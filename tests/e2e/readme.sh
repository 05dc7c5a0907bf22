#!/bin/bash
# README.md is true: the commands for a document of one's own work as they stand there, and so does the
# example of library use. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
block() { # TEXT: the fenced block that holds it
	awk -v want="$1" '/^```/ { if (open && found) { printf "%s", text; exit } open = !open; text = ""; found = 0; next }
		open { text = text $0 "\n"; if (index($0, want)) found = 1 }' README.md
}
tap_authority
issue acme
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
mkdir -p "$W/own/anchors" "$W/own/build"
cp "$W/filing.pdf" "$W/own/your.pdf"
cp "$W/ca/root.pem" "$W/own/anchors/"
cp "$W/ca/issued/acme.p12" "$W/own/seal.p12"
cp "$W/ca/password" "$W/own/password"
cp "$W/ca/issued/acme.pem" "$W/own/seal.cer"
cp "$W/ca/ca/issuing-ca.pem" "$W/own/issuer.cer"
ln -s "$build" "$W/own/build/dev"
while IFS= read -r command; do
	# shellcheck disable=SC2016
	ok "$command" bash -c 'cd "$1" && eval "$2"' bash "$W/own" "${command//http:\/\/tsa.example\//$url/tsa}"
done < <(block "bulla seal your.pdf")
ok "all of them were there" test -s "$W/own/renewed.pdf" -a -s "$W/own/report.json"

block "validate_pdf(s, NULL" >"$W/example.c"
sanitize=
nm -u "$bulla" | grep -q __asan_init && sanitize=-fsanitize=address,undefined
ok "make install" make -s ${sanitize:+B=asan} O="$build" DESTDIR="$W/root" PREFIX=/opt/bulla install
export PKG_CONFIG_PATH=$W/root/opt/bulla/lib/pkgconfig PKG_CONFIG_SYSROOT_DIR=$W/root
# shellcheck disable=SC2046,SC2086
ok "the example compiles" "${CC:-cc}" -std=c17 -Wall -Wextra -Werror $sanitize -o "$W/example" "$W/example.c" \
	$(pkg-config --cflags --libs bulla)
export LD_LIBRARY_PATH=$W/root/opt/bulla/lib
example() { is "$("$W/example" "$1")" "$2"; }
ok "and finds the seal intact" example "$W/own/sealed.pdf" $'S1: intact\nS2: intact'
printf X | dd of="$W/own/sealed.pdf" bs=1 seek=100 conv=notrunc status=none
ok "and a changed one not" example "$W/own/sealed.pdf" $'S1: NOT intact\nS2: NOT intact'
ok "and says what cannot be read" status_is 65 "$W/example" README.md

# The service with the configuration that stands there, on other ports; its first administrator.
block '"listeners"' | sed -E "s/\"port\": [0-9]+/\"port\": 0/g; s,http://tsa.example/,$url/tsa," >"$W/own/bulla.json"
mv "$W/own/password" "$W/own/password.seal"
echo 'Correct-Horse-9' >"$W/own/password"
command=$(block "person add" | head -1)
ok "$command" bash -c 'cd "$1" && eval "$2"' bash "$W/own" "$command"
served() {
	local pid
	(cd "$W/own" && exec build/dev/bulla serve --config bulla.json) >"$W/served" 2>&1 &
	pid=$!
	for _ in $(seq 600); do grep -q 'bulla: ready' "$W/served" || ! kill -0 $pid && break; sleep 0.05; done
	kill $pid
	wait $pid || { cat "$W/served"; return 1; }
	grep -q 'bulla: ready' "$W/served" && [ "$(block "person add" | tail -1)" = 'build/dev/bulla serve --config bulla.json' ]
}
ok "the service with README.md's configuration" served
for picture in $(grep -oE '\(tests/browser/pictures/[a-z]+\.png\)' README.md | tr -d '()'); do
	ok "README.md shows $picture, which is small enough" test -s "$picture" -a "$(stat -c %s "$picture")" -lt 122880
done
for path in $(grep -oE '`[a-z-]+/[A-Za-z0-9_./-]+\.(c|h|sh|md|def)`' README.md | tr -d '`' | sort -u); do
	ok "README.md names $path, which is there" test -e "$path"
done
tap_done
