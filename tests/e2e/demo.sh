#!/bin/bash
# The demonstration does what it says, the commands it prints work, and Ctrl-C leaves no server. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
unset NO_COLOR
shown=$W/shown
run_demo() { tests/demo/run "$build" >"$shown" 2>&1 || { cat "$shown"; return 1; }; }
ok "every verdict is the expected one" run_demo
ok "no colour outside of a terminal" not grep -q $'\e' "$shown"
is_served() { curl -s -o "$W/said2" "$(cat "$build/demo/ca/url")/"; }
ok "its authority has ended" not is_served
commands() {
	cp "$build/demo/filing.pdf" "$W/your.pdf"
	grep -E '^  .*/bulla(-authority)? (serve|seal|validate) .*(&|root\.pem)$' "$shown" | sed 's/^  //' >"$W/typed"
	is "$(wc -l <"$W/typed")" 3 && sed -i '1s/$/\nserver=$!; sleep 1/' "$W/typed" &&
		echo "status=\$?; kill \$server; wait \$server 2>/dev/null; exit \$status" >>"$W/typed" &&
		(cd "$W" && bash typed)
}
ok "the commands that it names work" commands
interrupted() {
	local pid status
	: >"$shown"
	# As from a terminal: SIGINT is not ignored, and goes to the whole group.
	env --default-signal=INT setsid tests/demo/run "$build" >"$shown" 2>&1 &
	pid=$!
	for _ in $(seq 1200); do grep -q "^Sealed" "$shown" || ! kill -0 $pid && break; sleep 0.05; done
	is_served || { echo "not served before"; return 1; }
	kill -INT -- -$pid
	wait $pid
	status=$?
	is "exit status $status" "exit status 130" && not is_served
}
ok "Ctrl-C ends it and its authority" interrupted
tap_done
