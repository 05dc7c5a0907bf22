#!/bin/bash
# bulla unlock against the running service, and what its keeper asks of the kernel meanwhile: no file, no socket, no
# program. Usage: tests/e2e/unlock.sh BUILD
source "$(dirname "$0")/../support/tap.sh"

"$build/bulla-authority" init "$W/ca" >/dev/null && "$build/bulla-authority" issue "$W/ca" seal --profile seal >/dev/null ||
	skip_all "no authority"
mkdir "$W/roots" && cp "$W/ca/root.pem" "$W/roots" && cp "$W/ca/issued/seal.p12" "$W/batch.p12"
echo 'not the password' >"$W/wrong"
cat >"$W/bulla.json" <<'JSON'
{"data":"data","organisation":"Fund","trust":["roots"],"tsa":[],"unattendedKeys":[{"name":"batch","file":"batch.p12"}],
"listeners":{"api":{"address":"127.0.0.1","port":0},"window":{"address":"127.0.0.1","port":0},
"desk":{"address":"127.0.0.1","port":0}}}
JSON
unlock() { "$bulla" unlock --config "$W/bulla.json" "$@"; }
ok "no service: unreachable" status_is 69 unlock --status
"$bulla" serve --config "$W/bulla.json" >"$W/serve.log" 2>&1 &
tap_server=$!
for _ in $(seq 200); do grep -q ready "$W/serve.log" && break; sleep 0.1; done
ok "the service is ready" grep -q ready "$W/serve.log"
keeper=$(for p in $(pgrep -P "$tap_server"); do grep -qa keeper "/proc/$p/cmdline" && echo "$p"; done)
ok "there is one keeper" has "$keeper" '^[0-9]+$'
ok "its service key is its own" is "$(stat -c '%a %s' "$W/data/service.key")" "600 32"
ok "it is confined" has "$(cat "/proc/$keeper/status")" 'Seccomp:.2' 'NoNewPrivs:.1'

tracer=
if command -v strace >/dev/null; then
	strace -f -qq -o "$W/trace" -p "$keeper" 2>"$W/strace.log" &
	tracer=$!
	sleep 1
	kill -0 "$tracer" 2>/dev/null || tracer=
fi
ok "a key is locked at first" is "$(unlock --status | head -1)" "batch: locked"
ok "a wrong password is refused" status_is 65 unlock batch --password-file "$W/wrong"
ok "the right one opens it" has "$(unlock batch --password-file "$W/ca/password")" '^batch: open, until '
ok "status tells so" has "$(unlock --status)" '^batch: open, until ' '^sessions: 0$'
ok "it is locked again" unlock --lock batch
ok "status tells that too" is "$(unlock --status | head -1)" "batch: locked"
ok "a name that is not configured is refused" status_is 65 unlock other --password-file "$W/wrong"
if [ -n "$tracer" ]; then
	kill "$tracer" && wait "$tracer" 2>/dev/null
	ok "the trace saw it answer" grep -q 'sendmsg(' "$W/trace"
	asked=$(grep -E '(open|openat|creat|socket|connect|bind|execve|fork|clone3?)\(' "$W/trace" | grep -v CLONE_THREAD |
		grep -vE 'clone3\(.*ENOSYS')
	ok "it opened no file and no socket, and ran nothing" is "$asked" ""
else
	skip "it opened no file and no socket, and ran nothing" "no strace, or no right to trace"
fi
tap_done
