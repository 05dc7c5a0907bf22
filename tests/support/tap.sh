# For bash tests, which source this: TAP on standard output, a folder of their own, a test authority.
#	source "$(dirname "$0")/../support/tap.sh"       after it: cd to the repository's root, $build, $bulla, $W
#	tap_authority                                    $W/ca served at $url, ended with the script; requests in $W/authority.log
#	ok NAME COMMAND...                               passes when the command does; its output tells of a failure
#	tap_done                                         the plan; the script's exit status
# shellcheck shell=bash
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
build=$(realpath "${1:?usage: $0 BUILD}") || exit 1
bulla=$build/bulla
W=$(mktemp -d) || exit 1
tap_n=0
tap_failed=0
tap_server= # process IDs, ended with the script
unset http_proxy https_proxy HTTP_PROXY HTTPS_PROXY ALL_PROXY all_proxy

tap_end() {
	local pid
	for pid in $tap_server; do kill "$pid" 2>/dev/null && wait "$pid" 2>/dev/null; done
	rm -rf "$W"
}
trap tap_end EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

ok() { # NAME COMMAND...
	local name=$1
	shift
	tap_n=$((tap_n + 1))
	if "$@" >"$W/said" 2>&1; then
		echo "ok $tap_n - $name"
	else
		tap_failed=$((tap_failed + 1))
		echo "not ok $tap_n - $name"
		tail -n 12 "$W/said" | sed 's/^/# /'
	fi
}
skip() { # NAME WHY
	tap_n=$((tap_n + 1))
	echo "ok $tap_n - $1 # SKIP $2"
}
skip_all() { # WHY
	echo "1..0 # SKIP $1"
	exit 0
}
not() { ! "$@"; }
is() { [ "$1" = "$2" ] || { echo "is '$1', not '$2'"; return 1; }; }
status_is() { # STATUS COMMAND...
	local want=$1
	shift
	"$@"
	is "exit status $?" "exit status $want"
}
has() { # TEXT PATTERN...: every extended regular expression is found
	local text=$1 pattern
	shift
	for pattern; do
		grep -qE -- "$pattern" <<<"$text" || { echo "no '$pattern' in:"; echo "$text"; return 1; }
	done
}
tap_authority() { # [KEY-TYPE [OPTION-OF-INIT...]]
	local log=$W/authority.log
	"$build/bulla-authority" init "$W/ca" --key "${1:-rsa2048}" "${@:2}" >"$log" 2>&1 || { sed 's/^/# /' "$log"; exit 1; }
	url=$(cat "$W/ca/url")
	"$build/bulla-authority" serve "$W/ca" --log >>"$log" 2>&1 &
	tap_server="$tap_server $!"
	for _ in $(seq 200); do
		curl -s -o "$W/said" "$url/" && return
		sleep 0.05
	done
	echo "# the authority does not answer"
	exit 1
}
issue() { # NAME [OPTION...]
	"$build/bulla-authority" issue "$W/ca" "$@" >>"$W/authority.log" 2>&1 || { echo "# not issued: $*"; exit 1; }
}
seal() { # KEY LEVEL IN OUT [OPTION...]
	"$bulla" seal "$3" -o "$4" --key "$W/ca/issued/$1.p12" --password-file "$W/ca/password" --level "$2" \
		--tsa "$url/tsa" --trust "$W/ca/root.pem" "${@:5}"
}
extend() { # LEVEL IN OUT [OPTION...]
	"$bulla" extend "$2" -o "$3" --level "$1" --tsa "$url/tsa" --trust "$W/ca/root.pem" "${@:4}"
}
validate() { "$bulla" validate --trust "$W/ca/root.pem" "$@"; }
is_prefix() { # FILE OF-FILE
	cmp -n "$(stat -c %s "$1")" "$1" "$2"
}
tap_done() {
	echo "1..$tap_n"
	exit $((tap_failed > 0))
}
