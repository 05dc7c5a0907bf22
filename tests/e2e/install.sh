#!/bin/sh
# Installs a build into a folder of its own and uses what is there as a stranger would. $1: the build.
# TAP on standard output.
set -u
build=$(cd "$1" && pwd) || exit 1
cd "$(dirname "$0")/../.." || exit 1
work=$(mktemp -d) || exit 1
trap 'rm -rf "$work"' EXIT
n=0
status=0

check() { # what command...
	what=$1
	shift
	n=$((n + 1))
	if "$@" > "$work/log" 2>&1; then
		echo "ok $n - $what"
	else
		echo "not ok $n - $what"
		sed 's/^/# /' "$work/log"
		status=1
	fi
}

cat > "$work/stranger.c" << 'EOF'
#include <stdio.h>
#include "base/limits.h"
#include "base/scope.h"
#include "trust-lists/anchors.h"
#include "validator/validate.h"

int main(void)
{
	struct scope *s = scope_new(0);
	const struct anchors *none;
	struct report *report;
	struct validate_request request = { .name = "x", .document = BYTES_LIT("no PDF"), .offline = true };
	if (!s || anchors_new(s, NULL, 0, &none) != OK)
		return 1;
	request.anchors = none;
	request.policy = policy_default();
	request.at = (struct instant){ 1767225600 };
	enum err e = validate_pdf(s, NULL, &request, &report);
	printf("%s: %s\n", err_name(e), scope_fault_text(s));
	scope_free(s);
	return e == ERR_FORMAT ? 0 : 1;
}
EOF

prefix=/opt/bulla
root=$work/root$prefix
export PKG_CONFIG_PATH="$root/lib/pkgconfig"
export PKG_CONFIG_SYSROOT_DIR="$work/root"

check "make install" make -s O="$build" DESTDIR="$work/root" PREFIX="$prefix" install
check "the program runs" "$root/bin/bulla" --version
check "the man page is there" test -s "$root/share/man/man1/bulla.1"
check "the library has its soname's link" test "$(readlink "$root/lib/libbulla.so.0")" = \
	"libbulla.so.$("$root/bin/bulla" --version | cut -d' ' -f2)"
check "bulla.pc tells the program's version" test \
	"bulla $(pkg-config --modversion bulla)" = "$("$root/bin/bulla" --version)"
check "every header stands alone" sh -c '
	cd "$1/include/bulla" || exit 1
	for h in */*.h; do
		"$2" -std=c17 -D_GNU_SOURCE -fsyntax-only -x c $(pkg-config --cflags bulla) "$h" || exit 1
	done' sh "$root" "${CC:-cc}"
# A build with sanitizers wants their runtime in the program that links it.
sanitize=
if nm -u "$build/bulla" | grep -q __asan_init; then
	sanitize=-fsanitize=address,undefined
fi
# shellcheck disable=SC2046,SC2086
check "a stranger links the shared library" "${CC:-cc}" -std=c17 $sanitize -o "$work/shared" \
	"$work/stranger.c" $(pkg-config --cflags --libs bulla)
check "and runs with it" env LD_LIBRARY_PATH="$root/lib" "$work/shared"
# shellcheck disable=SC2046,SC2086
check "a stranger links the archive" "${CC:-cc}" -std=c17 $sanitize -o "$work/static" \
	"$work/stranger.c" $(pkg-config --cflags bulla) "$root/lib/libbulla.a" \
	$(pkg-config --libs libcrypto $(pkg-config --print-requires-private bulla)) \
	$(sed -n 's/^Libs.private: //p' "$root/lib/pkgconfig/bulla.pc")
check "and runs with it" "$work/static"
check "nothing is written outside of DESTDIR" test ! -e "$prefix"
echo "1..$n"
exit $status
