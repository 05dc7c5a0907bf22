#!/bin/bash
# Bad input: each case gives one line on standard error that names the thing and the cause, the right
# exit status, no partial output, and leaves the input as it was. $1: the build. TAP on standard output.
set -u
build=$(cd "$1" && pwd) || exit 1
bulla=$build/bulla
authority=$build/bulla-authority
work=$(mktemp -d) || exit 1
server=
mounted=
finish() {
	[ -n "$server" ] && kill "$server" 2>/dev/null && wait "$server" 2>/dev/null
	[ -n "$mounted" ] && umount "$mounted"
	rm -rf "$work"
}
trap finish EXIT
cd "$work" || exit 1
mkdir out
n=0
status=0

result() { # ok? what
	n=$((n + 1))
	if [ "$1" = 0 ]; then
		echo "ok $n - $2"
	else
		echo "not ok $n - $2"
		status=1
	fi
}

skipped() { # what why
	n=$((n + 1))
	echo "ok $n - $1 # SKIP $2"
}

# Runs a command that must fail: `case_is WHAT STATUS 'REGULAR EXPRESSION FOR THE LINE' command...`.
# The folder $outdir (out) must hold the same afterwards as before, and so must the inputs.
outdir=out
case_is() {
	local what=$1 want=$2 line=$3 got wrong=0
	shift 3
	snapshot > before
	"$@" > stdout 2> stderr < /dev/null
	got=$?
	snapshot > after
	[ "$got" = "$want" ] || { wrong=1; echo "# exit status $got, not $want"; }
	[ "$(wc -l < stderr)" = 1 ] || { wrong=1; echo "# not one line on standard error"; }
	grep -Eq "^bulla: $line" stderr || { wrong=1; echo "# the line is not: bulla: $line"; }
	[ -s stdout ] && { wrong=1; echo "# something on standard output"; }
	cmp -s before after || { wrong=1; echo "# files changed"; diff before after | sed 's/^/# /'; }
	[ $wrong = 0 ] || sed 's/^/# stderr: /' stderr
	result $wrong "$what"
}

snapshot() {
	find "$outdir" . -maxdepth 1 -type f ! -name before ! -name after ! -name stdout ! -name stderr \
		! -name serve.log -exec sha256sum {} + 2>/dev/null | sort -k2
	find "$outdir" -mindepth 1 | sort
}

# -- a document, an authority, keys ----------------------------------------------------------------
make_pdf() {
	local offsets="" i=1 object
	printf '%%PDF-1.7\n' > "$1"
	for object in '<< /Type /Catalog /Pages 2 0 R >>' '<< /Type /Pages /Kids [3 0 R] /Count 1 >>' \
		'<< /Type /Page /Parent 2 0 R /MediaBox [0 0 200 200] /Resources << >> >>'; do
		offsets="$offsets$(printf '%010d 00000 n ' "$(wc -c < "$1")")
"
		printf '%d 0 obj\n%s\nendobj\n' "$i" "$object" >> "$1"
		i=$((i + 1))
	done
	local xref
	xref=$(wc -c < "$1")
	printf 'xref\n0 4\n0000000000 65535 f \n%strailer\n<< /Size 4 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n' \
		"$offsets" "$xref" >> "$1"
}
make_pdf in.pdf
head -c 200 in.pdf > truncated.pdf
echo "just words" > words.pdf
: > empty.pdf

"$authority" init ca > /dev/null && "$authority" issue ca acme --profile seal --key p256 &&
	"$authority" issue ca ocsponly --profile seal --key p256 --revocation ocsp &&
	"$authority" issue ca other --profile seal --key p256 || exit 1
url=$(cat ca/url)
"$authority" serve ca > serve.log 2>&1 &
server=$!
for _ in $(seq 50); do
	curl -s -o /dev/null "$url/certs" && break
	sleep 0.1
done
echo "not the password" > wrong
openssl pkcs12 -export -nokeys -in ca/issued/acme.pem -out keyless.p12 -passout file:ca/password
openssl pkcs12 -export -nocerts -inkey ca/issued/other.key.pem -certfile ca/issued/acme.pem \
	-out mismatch.p12 -passout file:ca/password 2>/dev/null

seal() { # level, then more options; the last one given counts
	local level=$1
	shift
	"$bulla" seal --key ca/issued/acme.p12 --password-file ca/password --level "$level" \
		--tsa "$url/tsa" --trust ca/root.pem --timeout 1 "$@"
}
fault() {
	"$authority" fault ca none "$@"
}

seal B-LTA in.pdf -o good.pdf 2> stderr
result $? "what is right is sealed"
"$bulla" validate --trust ca/root.pem good.pdf > /dev/null 2>> stderr
result $? "and passes"

# -- the input -------------------------------------------------------------------------------------
case_is "not a PDF" 65 "words.pdf: " seal B-B words.pdf -o out/x.pdf
case_is "an empty file" 65 "empty.pdf: the file is empty" seal B-B empty.pdf -o out/x.pdf
case_is "a truncated file" 65 "truncated.pdf: " seal B-B truncated.pdf -o out/x.pdf
case_is "a directory" 74 "out: Is a directory" seal B-B out -o out/x.pdf
case_is "no such file" 74 "none.pdf: No such file or directory" seal B-B none.pdf -o out/x.pdf
case_is "a device" 74 "/dev/zero: a device" seal B-B /dev/zero -o out/x.pdf
case_is "validate: not a PDF" 65 "words.pdf: " "$bulla" validate words.pdf
case_is "validate: an empty file" 65 "empty.pdf: the file is empty" "$bulla" validate empty.pdf
case_is "validate: a truncated file" 65 "truncated.pdf: " "$bulla" validate truncated.pdf
case_is "validate: a directory" 74 "out: Is a directory" "$bulla" validate out
case_is "validate: no such file" 74 "none.pdf: No such file" "$bulla" validate none.pdf
case_is "inspect: not a PDF" 65 "words.pdf: " "$bulla" inspect words.pdf
case_is "extend: not a PDF" 65 "words.pdf: " "$bulla" extend words.pdf -o out/x.pdf --level B-T \
	--tsa "$url/tsa"

# -- paths -----------------------------------------------------------------------------------------
case_is "an output folder that is not there" 74 "none/x.pdf: No such file" seal B-B in.pdf -o none/x.pdf
case_is "an output that is a directory" 74 "out: Is a directory" seal B-B in.pdf -o out
case_is "output = input" 64 "in.pdf: the output would overwrite the input" seal B-B in.pdf -o in.pdf
ln in.pdf hard.pdf
ln -s in.pdf soft.pdf
case_is "output = input by a hard link" 64 "hard.pdf: the output would" seal B-B in.pdf -o hard.pdf
case_is "output = input by a symbolic link" 64 "soft.pdf: the output would" seal B-B in.pdf -o soft.pdf
case_is "extend: output = input" 64 "./good.pdf: the output would" "$bulla" extend good.pdf -o ./good.pdf \
	--level B-LTA --tsa "$url/tsa" --trust ca/root.pem
# Root reads and writes everything, so these are run as somebody else where that is possible.
plain=()
if [ "$(id -u)" = 0 ]; then
	chmod 755 "$work"
	cp "$bulla" bulla-copy
	plain=(setpriv --reuid=65534 --regid=65534 --clear-groups)
fi
if [ "$(id -u)" != 0 ] || "${plain[@]}" ./bulla-copy --version > stdout 2>&1; then
	cp in.pdf secret.pdf
	chmod 0 secret.pdf
	mkdir locked
	chmod 555 locked
	unprivileged() {
		"${plain[@]}" "$([ ${#plain[@]} = 0 ] && echo "$bulla" || echo ./bulla-copy)" "$@"
	}
	case_is "an unreadable file" 74 "secret.pdf: Permission denied" unprivileged validate secret.pdf
	case_is "an unwritable folder" 74 "locked/x: Permission denied" unprivileged validate good.pdf \
		-o locked/x
	chmod 600 secret.pdf
else
	skipped "an unreadable file" "root, and no setpriv"
	skipped "an unwritable folder" "root, and no setpriv"
fi

# -- a full disk -----------------------------------------------------------------------------------
mkdir full
if [ "$(id -u)" = 0 ] && mount -t tmpfs -o size=64k tmpfs full 2>/dev/null; then
	mounted=$work/full
	outdir=full
	head -c 58000 /dev/zero > full/ballast
	case_is "a full disk while sealing" 74 "full/x.pdf: No space left on device" \
		seal B-LTA in.pdf -o full/x.pdf
	rm full/ballast
	outdir=out
else
	skipped "a full disk while sealing" "mounting needs root"
fi
limited() { # the shell's ulimit -f counts KiB
	( ulimit -f 4 && exec "$bulla" seal --key ca/issued/acme.p12 --password-file ca/password \
		--level B-B "$@" )
}
case_is "a file size limit" 74 "out/x.pdf: File too large" limited in.pdf -o out/x.pdf
to_full() {
	"$bulla" "$@" > /dev/full
}
case_is "validate: standard output is full" 74 "standard output: No space left" to_full validate good.pdf
case_is "inspect: standard output is full" 74 "standard output: No space left" to_full inspect good.pdf
case_is "help: standard output is full" 74 "standard output: No space left" to_full --help

# -- keys and passwords ----------------------------------------------------------------------------
case_is "a wrong password" 65 "ca/issued/acme.p12: wrong password" seal B-B in.pdf -o out/x.pdf \
	--password-file wrong
case_is "no password and no terminal" 65 "no terminal" setsid -w "$bulla" seal in.pdf -o out/x.pdf \
	--key ca/issued/acme.p12 --level B-B
case_is "a password file that is not there" 74 "none: No such file" seal B-B in.pdf -o out/x.pdf \
	--password-file none
case_is "a key file that is not there" 74 "none.p12: No such file" seal B-B in.pdf -o out/x.pdf \
	--key none.p12
case_is "a key file that is none" 65 "words.pdf: not a PKCS#12 file" seal B-B in.pdf -o out/x.pdf \
	--key words.pdf
case_is "a p12 without a key" 65 "keyless.p12: holds no private key" seal B-B in.pdf -o out/x.pdf \
	--key keyless.p12
case_is "a p12 with a key that is not its certificate's" 65 \
	"mismatch.p12: holds no certificate for its key" seal B-B in.pdf -o out/x.pdf --key mismatch.p12
case_is "trust anchors that are not there" 74 "none.pem: No such file" seal B-LT in.pdf -o out/x.pdf \
	--trust none.pem
case_is "trust anchors without a certificate" 65 "words.pdf: no certificate in it" seal B-LT in.pdf \
	-o out/x.pdf --trust words.pdf

# -- usage -----------------------------------------------------------------------------------------
case_is "no command" 64 "a command is wanted" "$bulla"
case_is "an unknown command" 64 "frobnicate: no such command" "$bulla" frobnicate
case_is "an unknown option" 64 "validate: unknown option --frob" "$bulla" validate --frob in.pdf
case_is "an unknown short option" 64 "validate: unknown option -z" "$bulla" validate -z in.pdf
case_is "an option without its value" 64 "validate: --at needs a value" "$bulla" validate in.pdf --at
case_is "a value that is not wanted" 64 "validate: --offline=1 takes no value" "$bulla" validate \
	--offline=1 in.pdf
case_is "an instant that is none" 64 "validate: --at yesterday: not an instant" "$bulla" validate \
	--at yesterday in.pdf
case_is "no file" 64 "validate: a file is wanted" "$bulla" validate
case_is "no output" 64 "seal: -o OUT is missing" seal B-B in.pdf
case_is "two inputs" 64 "seal: one input file is wanted" seal B-B in.pdf good.pdf -o out/x.pdf
case_is "a level that is none" 64 "seal: --level B-X: none of" seal B-X in.pdf -o out/x.pdf
case_is "a digest that is none" 64 "seal: --digest sha1: none of" seal B-B in.pdf -o out/x.pdf --digest sha1
case_is "a TSA that is no URL" 64 "seal: --tsa ftp://x: not an http" seal B-T in.pdf -o out/x.pdf --tsa ftp://x
case_is "a level without its TSA" 64 "seal: level B-T needs a timestamp authority" "$bulla" seal in.pdf \
	-o out/x.pdf --key ca/issued/acme.p12 --password-file ca/password --level B-T
case_is "a level without its anchors" 64 "seal: level B-LTA needs trust anchors" "$bulla" seal in.pdf \
	-o out/x.pdf --key ca/issued/acme.p12 --password-file ca/password --tsa "$url/tsa"
case_is "extend to nothing" 64 "extend: --level B-B: nothing" "$bulla" extend good.pdf -o out/x.pdf \
	--level B-B --tsa "$url/tsa"

# -- services --------------------------------------------------------------------------------------
case_is "a TSA that is down" 69 "http://127.0.0.1:1/tsa: Connection refused" "$bulla" seal in.pdf \
	-o out/x.pdf --key ca/issued/acme.p12 --password-file ca/password --level B-T \
	--tsa http://127.0.0.1:1/tsa
tsa_case() { # fault, regular expression for the cause, level
	fault "tsa=$1"
	case_is "a TSA with the fault $1, level $3" 69 "$url/tsa: $2" seal "$3" in.pdf -o out/x.pdf
}
tsa_case delay:3 "time-out" B-T
tsa_case hang "time-out" B-LTA
tsa_case 500 "HTTP 500" B-T
tsa_case 500 "HTTP 500" B-LTA
tsa_case garbage "" B-LTA
tsa_case truncate "the answer is truncated" B-LTA
tsa_case short "" B-T
tsa_case big "the answer is larger than" B-T
tsa_case redirect-loop "more than 5 redirects" B-T
tsa_case wrong-nonce ".*nonce" B-LTA
tsa_case wrong-imprint ".*other data" B-LTA
tsa_case wrong-key ".*signature" B-T
tsa_case quota ".*over quota" B-LTA
fault tsa=500
case_is "extend: a TSA with the fault 500" 69 "$url/tsa: HTTP 500" "$bulla" extend good.pdf -o out/x.pdf \
	--level B-LTA --tsa "$url/tsa" --trust ca/root.pem
fault
"$bulla" seal in.pdf -o out/x.pdf --key ca/issued/acme.p12 --password-file ca/password --level B-T \
	--tsa http://127.0.0.1:1/tsa --tsa "$url/tsa" 2> stderr
result $? "the next TSA is asked when one is down"
rm -f out/x.pdf

# A certificate that has no CRL to fall back on.
ocsp_case() { # fault
	fault "ocsp=$1"
	case_is "an OCSP responder with the fault $1" 69 ".*CN=ocsponly" seal B-LT in.pdf -o out/x.pdf \
		--key ca/issued/ocsponly.p12
}
ocsp_case unknown
ocsp_case 500
ocsp_case hang
ocsp_case garbage
ocsp_case trylater
ocsp_case wrong-key
fault
seal B-LT in.pdf -o out/x.pdf --key ca/issued/ocsponly.p12 2> stderr
result $? "and it seals when the responder is well"
rm -f out/x.pdf
"$authority" revoke ca other --reason keyCompromise
case_is "a revoked certificate" 65 ".*CN=other" seal B-LT in.pdf -o out/x.pdf --key ca/issued/other.p12

# -- a run that is cut off -------------------------------------------------------------------------
fault tsa=hang
snapshot > before
"$bulla" seal in.pdf -o out/x.pdf --key ca/issued/acme.p12 --password-file ca/password --level B-T \
	--tsa "$url/tsa" --timeout 20 2> stderr &
sealing=$!
for _ in $(seq 50); do
	find out -name '.bulla-*' | grep -q . && break
	sleep 0.1
done
kill -TERM $sealing
wait $sealing
cut=$?
snapshot > after
[ $cut = 143 ] && cmp -s before after
result $? "SIGTERM in the middle of sealing leaves nothing behind"
fault
echo "1..$n"
exit $status
