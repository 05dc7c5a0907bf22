#!/bin/bash
# The audit log through the program: a log that another program wrote from the description of its form is
# found whole, any harm done to it is named, and exports prove what they say. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
auditor() { python3 tests/e2e/audit_auditor.py "$@"; }
audit() { "$bulla" audit "$@"; }
tap_authority p256
ok "a log of another program" auditor write "$W/data/log" "$url/tsa" 4 5 - 4 stamp 4 5 5 - 4 4 stamp 4 -
log=$W/data/log

whole() {
	local text
	text=$(audit verify "$log" "$@") || { echo "$text"; return 1; }
	has "$text" 'log: WHOLE$' 'records 1 to 14, from 20' 'in 1 file$' 'timestamps   2, the newest at 20.*records 1 to 11 \(record 12\)' \
		'not covered  records 12 to 14' && not grep -q strange <<<"$text"
}
ok "whole" whole
ok "whose timestamps to trust was not asked" has "$(audit verify "$log")" 'was not asked \(--trust\)'
trusted() { whole --trust "$W/ca/root.pem" && has "$(audit verify "$log" --trust "$W/ca/root.pem")" 'a chain to an anchor'; }
ok "with the authority's root" trusted
ok "by the data folder" status_is 0 audit verify "$W/data"
json() {
	audit verify "$log" --report json -o "$W/report.json" || return 1
	python3 - "$W/report.json" <<-'END'
		import json, sys
		r = json.load(open(sys.argv[1]))
		assert r["whole"] is True and r["fault"] is None and r["records"] == 14 and r["head"] == 14, r
		assert r["timestamps"]["count"] == 2 and r["timestamps"]["uncovered"] == 3, r
		assert r["timestamps"]["newest"]["size"] == 11 and len(r["hash"]) == 64 and r["warnings"] == [], r
	END
}
ok "as JSON" json

harm() { # KIND RECORD SED-SCRIPT: on a copy
	local said
	rm -rf "$W/harmed" && cp -r "$log" "$W/harmed" && sed -i "$3" "$W/harmed/audit-000001.jsonl" || return 1
	said=$(audit verify "$W/harmed")
	is "exit status $?" "exit status 1" && has "$said" "NOT WHOLE, $1: .*record(s)? $2\b" || return 1
	said=$(audit verify "$W/harmed" --report json)
	has "$said" "\"kind\": \"$1\"" "\"record\": $2,"
}
ok "altered" harm altered 3 '3s/192.0.2.7/192.0.2.8/'
ok "missing" harm missing 6 6d
ok "several missing" harm missing 6 6,9d
ok "reordered" harm reordered 7 '7{h;d};8G'
ok "duplicated" harm duplicated 2 2p
ok "inserted" harm inserted 4 '3a {"seq":4}'
ok "cut off at the end" harm cut 13 '13,$d'
other_anchor() {
	"$build/bulla-authority" init "$W/other" --key p256 >"$W/other.log" 2>&1
	audit verify "$log" --trust "$W/other/root.pem" >"$W/text"
	is "exit status $?" "exit status 1" && has "$(cat "$W/text")" 'NOT WHOLE, timestamp: .*record 5 is not to be trusted'
}
ok "another authority's root" other_anchor
nothing_there() { mkdir "$W/empty" && status_is 65 audit verify "$W/empty" && status_is 74 audit verify "$W/none"; }
ok "no log, no folder" nothing_there

# -- a partner's own records -----------------------------------------------------------------------
exported() { # PARTNER RECORDS PROVEN
	audit export "$log" --partner "$1" -o "$W/export-$1" || return 1
	is "$(auditor check "$W/export-$1")" "$2 records, $3 proven" || return 1
	has "$(audit verify --export "$W/export-$1" --trust "$W/ca/root.pem")" ': GOOD' "partner      $1" \
		"records      $2, $3 of them proven" 'records 1 to 11' 'a chain to an anchor'
}
ok "records of partner 4" exported 4 6 5
ok "records of partner 5" exported 5 3 3
ok "records of nobody" exported 6 0 0
no_others() { not grep -q '"of\\":\\"[5-]' "$W/export-4" && not grep -q '"of\\":\\"[4-]' "$W/export-5"; }
ok "none of another's" no_others
harmed_export() {
	sed '3s/192.0.2.7/192.0.2.8/' "$W/export-4" >"$W/harmed-export"
	audit verify --export "$W/harmed-export" >"$W/text"
	is "exit status $?" "exit status 1" && has "$(cat "$W/text")" 'NOT GOOD: line 3: its hash is not that of its octets'
}
ok "an altered export" harmed_export
ok "no export" status_is 65 audit verify --export "$W/report.json"
broken_log() { rm -f "$W/x"; status_is 1 audit export "$W/harmed" --partner 4 -o "$W/x" && [ ! -e "$W/x" ]; }
ok "nothing is exported of a log that is not whole" broken_log
by_time() {
	audit export "$log" --partner 4 -o "$W/x" --from 2001-01-01T00:00:00Z --to 2001-01-02T00:00:00Z &&
		is "$(auditor check "$W/x")" "0 records, 0 proven"
}
ok "by time" by_time
usage() {
	status_is 64 audit && status_is 64 audit shout && status_is 64 audit verify && status_is 64 audit export "$log" -o "$W/x" &&
		status_is 64 audit export "$log" --partner 4 && status_is 64 audit verify "$log" --report html &&
		status_is 64 audit export "$log" --partner 4 -o "$W/x" --from today && status_is 64 audit verify "$log" --export "$W/export-4"
}
ok "usage" usage
# -- of a service ----------------------------------------------------------------------------------
served() { # whole while the service runs, and stamped when it has stopped
	PYTHONPATH=tests/support python3 - "$build" "$W/house" <<-'END'
		import subprocess, sys
		from house import House

		def verify(*more):
		    done = subprocess.run([sys.argv[1] + "/bulla", "audit", "verify", sys.argv[2] + "/data", *more], capture_output=True, text=True)
		    assert done.returncode == 0 and ": WHOLE" in done.stdout, done
		    return done.stdout

		with House(sys.argv[1], sys.argv[2]) as house:
		    house.write_configuration()
		    house.add_person("clerk", "clerk")
		    house.start(configure=False)
		    house.login("desk", "clerk")
		    assert "a service writes to it" in verify()
		    house.stop()
		    assert "a chain to an anchor for each" in verify("--trust", sys.argv[2] + "/ca/root.pem")
	END
}
ok "the log of a service, running and stopped" served
kinds() {
	local log
	log=$(cat "$W/house/data/log/audit-000001.jsonl") &&
		has "$log" '"kind":"person.created"' '"kind":"service.started"' '"kind":"login.accepted"' '"kind":"log.timestamp"' '"kind":"service.stopped"' &&
		not grep -q 'Correct-Horse' <<<"$log"
}
ok "tells what was done, and no password" kinds
tap_done
