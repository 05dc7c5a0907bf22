#!/bin/bash
# The demonstration of the service: the whole way by HTTP, what its screen tells, its end by Ctrl-C. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
shown=$W/shown
ok "a newcomer's whole way" tests/demo/service "$build" --check
ok "make demo names it" grep -q 'make demo-service$' tests/demo/run

# As from a terminal: SIGINT is not ignored, and goes to the whole group.
env --default-signal=INT setsid tests/demo/service "$build" --ready "$W/ready" >"$shown" 2>&1 &
pid=$!
tap_server="$tap_server $pid"
for _ in $(seq 2400); do [ -e "$W/ready" ] || ! kill -0 $pid && break; sleep 0.05; done
place() { sed -nE "s/.*\"$1\": \"([^\"]*)\".*/\1/p" "$W/ready"; }
ok "it is up" test -e "$W/ready"
for one in portal window desk authority; do
	ok "$one: answers" curl -sfkL -o "$W/said2" "$(place $one)/"
done
for one in portal window desk password keyPassword; do
	ok "$one: on the screen" grep -qF -- "$(place $one)" "$shown"
done
for login in officer partner clerk approver admin auditor; do ok "$login is on the screen" grep -qw -- $login "$shown"; done
ok "every page is marked as of a demonstration" bash -c "curl -sk '$(place desk)/login' | grep -q 'class=\"demo\"'"
again() {
	local said
	said=$(tests/demo/service "$build" 2>&1)
	is "exit status $?" "exit status 1" && has "$said" "runs already"
}
ok "a second one leaves it alone" again
ended() {
	local status one left
	kill -INT -- -$pid
	wait $pid
	status=$?
	for one in portal window desk api authority; do
		! curl -sk -o "$W/said2" "$(place $one)/" || { echo "$one still answers"; return 1; }
	done
	left=$(ps -eo args | grep -F "$(place folder)/" | grep -v grep)
	is "exit status $status" "exit status 0" && is "$left" ""
}
ok "Ctrl-C ends it, and all it started" ended
tap_done
