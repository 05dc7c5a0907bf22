#!/bin/bash
# The Debian package: what is in it, what it depends on, and that it works where it is unpacked. $1: the build.
source "$(dirname "$0")/../support/tap.sh"

mkdir "$W/build" && cp "$bulla" "$W/build/bulla"
ok "a package is made" sh -c "service/packaging/build '$W/build' 9.8.7 >'$W/package'"
package=$(cat "$W/package")
ok "it is named after the version" is "$(basename "$package")" "bulla_9.8.7_$(dpkg --print-architecture).deb"
dpkg-deb -x "$package" "$W/root" && dpkg-deb -e "$package" "$W/control"
ok "the program runs" "$W/root/usr/bin/bulla" --version
ok "the unit starts what is there" test -x "$W/root$(sed -n 's/^ExecStart=\([^ ]*\) .*/\1/p' "$W/root/lib/systemd/system/bulla.service")"
ok "the configuration is a conffile" grep -qx /etc/bulla/bulla.json "$W/control/conffiles"
ok "it is not for everybody to read" is "$(stat -c %a "$W/root/etc/bulla/bulla.json")" 640
"$W/root/usr/bin/bulla" unlock --status --config "$W/root/etc/bulla/bulla.json" 2>"$W/said"
ok "the configuration can be used once there are anchors" has "$(cat "$W/said")" 'the service does not run there'
ok "both manual pages are there" test -s "$W/root/usr/share/man/man1/bulla.1.gz" -a -s "$W/root/usr/share/man/man5/bulla.json.5.gz"
ok "it names the libraries" has "$(cat "$W/control/control")" '^Depends: .*libssl3' '^Depends: .*libqpdf29' '^Version: 9.8.7$'
ok "its checksums hold" sh -c "cd '$W/root' && md5sum --quiet -c '$W/control/md5sums'"
keys_are_told() {
	local key bad=0
	for key in $(grep -oE '\.name = "[A-Za-z0-9]+"' service/configuration.c | cut -d'"' -f2 | sort -u); do
		grep -qw "$key" service/bulla.json.5 || { echo "$key is not in the manual"; bad=1; }
	done
	return $bad
}
ok "the manual tells of every key of the configuration" keys_are_told
for script in postinst prerm postrm; do
	ok "$script is a sound script" sh -n "$W/control/$script"
done
tap_done
