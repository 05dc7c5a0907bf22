#!/bin/bash
# What is fetched, from where, and what is kept of it: allowed addresses, the cache with its requests counted
# at the authority, and a directory: slapd, started here on loopback as whoever runs this. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority p256
issue office --key p256
issue list --key p256 --revocation crl
seal office B-B "$W/filing.pdf" "$W/office.pdf" || exit 1
seal list B-B "$W/filing.pdf" "$W/list.pdf" || exit 1

requests() { grep -cE "^(GET|POST) $1" "$W/authority.log"; } # PATTERN
# What a command asks of the authority: sets $asked to the number of requests.
counted() { # COMMAND...
	local before status
	before=$(requests /)
	"$@" >"$W/out" 2>&1
	status=$?
	asked=$(($(requests /) - before))
	return $status
}

# -- addresses -------------------------------------------------------------------------------------
ok "the loopback is allowed to the program" validate "$W/office.pdf"
refuses_loopback() {
	counted validate --allow-address none --report json "$W/office.pdf"
	is $? 2 && is "$asked requests" "0 requests" &&
		has "$(<"$W/out")" "$url/ocsp: not asked: 127.0.0.1 is a loopback address, which is not allowed"
}
ok "not after --allow-address none; the report names URL and cause" refuses_loopback
allows_again() { counted validate --allow-address none --allow-address 127.0.0.1 "$W/office.pdf"; }
ok "one address allowed" allows_again
ok "another one allowed is of no use" status_is 2 validate --allow-address none --allow-address 127.0.0.2 "$W/office.pdf"
named_authority() { seal office B-T "$W/filing.pdf" "$W/named.pdf" --allow-address none; }
lacks_data() {
	named_authority 2>"$W/warned"
	is $? 0 && has "$(<"$W/warned")" 'warning: .*'
}
ok "the authority that the user names may be anywhere; others not" lacks_data
bad_ranges() {
	local range
	for range in '' 10.0.0.0/33 example.org 1.2.3 ::1/129; do
		status_is 64 validate --allow-address "$range" "$W/office.pdf" || return 1
	done
}
ok "what is no range is a usage error" bad_ranges

# -- the cache -------------------------------------------------------------------------------------
kept() { # FILE [OPTION...]
	counted validate --cache "$W/cache" "${@:2}" "$1" || { cat "$W/out"; return 1; }
}
first_and_second() { # FILE
	kept "$1" && [ "$asked" -gt 0 ] || { echo "first: $asked"; return 1; }
	kept "$1" && is "$asked requests the second time" "0 requests the second time"
}
ok "OCSP responses are asked for once" first_and_second "$W/office.pdf"
ok "CRLs too" first_and_second "$W/list.pdf"
without_cache() { counted validate "$W/office.pdf" && [ "$asked" -gt 0 ]; }
ok "without --cache nothing is kept" without_cache
only_for_its_owner() { is "$(stat -c %a "$W/cache") $(find "$W/cache" -type f -perm /077 | wc -l)" "700 0"; }
ok "the folder is its owner's alone" only_for_its_owner
far_ahead() {
	counted validate --cache "$W/cache" --at "$(date -u -d '+30 days' +%FT%TZ)" "$W/list.pdf"
	[ "$asked" -gt 0 ]
}
ok "what is past its nextUpdate at the validation time is asked for again" far_ahead
in_the_past() {
	kept "$W/list.pdf" --at "$(date -u -d '-1 minute' +%FT%TZ)" || true
	is "$asked requests" "0 requests"
}
ok "for a time in the past the present data will do" in_the_past
damaged() {
	local file
	for file in "$W"/cache/????????????????????????????????*; do
		printf X | dd of="$file" bs=1 seek=400 conv=notrunc status=none
	done
	kept "$W/list.pdf" && [ "$asked" -gt 0 ] && kept "$W/list.pdf" && is "$asked requests" "0 requests"
}
ok "a damaged entry is dropped and fetched anew" damaged
no_trust() {
	rm -rf "$W/cache" && kept "$W/list.pdf" || return 1
	"$build/bulla-authority" revoke "$W/ca" list --reason keyCompromise >"$W/said" || return 1
	"$build/bulla-authority" publish "$W/ca" >>"$W/said" || return 1
	status_is 0 validate --cache "$W/cache" "$W/list.pdf" && status_is 2 validate "$W/list.pdf"
}
ok "a revocation is seen when the cache is left out" no_trust
at_once() {
	local pids='' i pid
	rm -rf "$W/cache"
	"$build/bulla-authority" fault "$W/ca" ocsp=delay:1 || return 1
	local before
	before=$(requests /ocsp)
	for i in 1 2 3 4 5 6; do
		validate --cache "$W/cache" "$W/office.pdf" >"$W/at-once-$i" 2>&1 &
		pids="$pids $!"
	done
	for pid in $pids; do wait "$pid" || { echo "exit status $?"; return 1; }; done
	"$build/bulla-authority" fault "$W/ca" none
	local together=$(($(requests /ocsp) - before))
	rm -rf "$W/cache"
	before=$(requests /ocsp)
	kept "$W/office.pdf" && is "$together requests of six" "$(($(requests /ocsp) - before)) requests of six"
}
ok "six processes at once ask as much as one" at_once
negative() {
	rm -rf "$W/cache"
	"$build/bulla-authority" fault "$W/ca" ocsp=500 || return 1
	counted validate --cache "$W/cache" --report json "$W/office.pdf"
	local first=$asked
	counted validate --cache "$W/cache" --report json "$W/office.pdf"
	local status=$?
	"$build/bulla-authority" fault "$W/ca" none
	[ "$first" -gt 0 ] && is "$(grep -c 'POST /ocsp' <(tail -n "$asked" "$W/authority.log"))" 0 &&
		has "$(<"$W/out")" "$url/ocsp: HTTP 500 \\([0-9]+ s ago; not asked again for 300 s\\)"
}
ok "a URL that failed is left alone, and the report says so" negative
seals_with_cache() {
	rm -rf "$W/cache"
	seal office B-LTA "$W/filing.pdf" "$W/kept1.pdf" --cache "$W/cache" || return 1
	local before
	before=$(requests '/(ocsp|crl|aia)')
	seal office B-LTA "$W/filing.pdf" "$W/kept2.pdf" --cache "$W/cache" || return 1
	is "$(requests '/(ocsp|crl|aia)')" "$before" && validate --offline "$W/kept2.pdf"
}
ok "sealing takes from it too, but never a timestamp" seals_with_cache
ok "a folder that cannot be" status_is 74 validate --cache "$W/no/such" "$W/office.pdf"
ok "a file is no folder" status_is 74 validate --cache "$W/office.pdf" "$W/office.pdf"

# -- a directory -----------------------------------------------------------------------------------
directory_tests='issuer_and_lists revoked delta no_such_entry whole_tree filter other_attribute empty_entry kept_too'
slapd=$(PATH=$PATH:/usr/sbin command -v slapd) || {
	for name in $directory_tests; do skip "LDAP: $name" "slapd is not installed"; done
	tap_done
}
# A copy: a profile of AppArmor for the installed one would not let it read here.
mkdir "$W/ldap" "$W/ldap/data" && cp "$slapd" "$W/ldap/slapd" || exit 1
cat >"$W/ldap/conf" <<CONF
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_ldif
pidfile $W/ldap/pid
database ldif
suffix "o=test"
directory $W/ldap/data
access to * by * read
CONF
start_slapd() {
	local try
	for try in 1 2 3 4 5 6 7 8; do
		ldap_port=$((20000 + RANDOM % 12000))
		"$W/ldap/slapd" -d 0 -h "ldap://127.0.0.1:$ldap_port/" -f "$W/ldap/conf" >"$W/ldap/log" 2>&1 &
		local pid=$!
		for _ in $(seq 100); do
			kill -0 $pid 2>/dev/null || break
			# Connected: the tree is empty yet.
			curl -s -m 2 -o "$W/said" "ldap://127.0.0.1:$ldap_port/o=test"
			[ $? != 7 ] && tap_server="$tap_server $pid" && return
			sleep 0.05
		done
		kill $pid 2>/dev/null
		wait $pid 2>/dev/null
	done
	sed 's/^/# /' "$W/ldap/log"
	return 1
}
start_slapd || exit 1
ldap=ldap://127.0.0.1:$ldap_port

# A small PKI whose certificates point into the directory: root, issuer, and leaves.
cat >"$W/ldap/openssl.conf" <<CONF
[req]
distinguished_name = dn
[dn]
[ca]
default_ca = this
[this]
database = $W/ldap/index
serial = $W/ldap/serial
new_certs_dir = $W/ldap
default_md = sha256
default_crl_days = 7
[root]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[issuer]
basicConstraints = critical,CA:true
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
crlDistributionPoints = point_of_root
[point_of_root]
fullname = @name_of_root
[name_of_root]
URI.0 = $ldap/cn=root%2Co=test?authorityRevocationList;binary?base?objectClass=cRLDistributionPoint
[leaf]
keyUsage = critical,nonRepudiation
authorityKeyIdentifier = keyid
crlDistributionPoints = point
authorityInfoAccess = @access
[leaf_with_delta]
keyUsage = critical,nonRepudiation
authorityKeyIdentifier = keyid
crlDistributionPoints = point
freshestCRL = point_of_delta
authorityInfoAccess = @access
[point_of_delta]
fullname = @name_of_delta
[name_of_delta]
URI.0 = $ldap/cn=issuer,o=test?deltaRevocationList
[list]
crlNumber = DER:020101
authorityKeyIdentifier = keyid
[delta_list]
crlNumber = DER:020102
2.5.29.27 = critical,DER:020101
authorityKeyIdentifier = keyid
[point]
fullname = @name
[name]
URI.0 = $ldap/\${ENV::POINT}
[access]
caIssuers;URI.0 = $ldap/cn=issuer,o=test?cACertificate;binary
CONF
: >"$W/ldap/index"
ssl() { openssl "$@" >>"$W/ldap/openssl.log" 2>&1 || { sed 's/^/# /' "$W/ldap/openssl.log"; exit 1; }; }
certify() { # NAME SIGNER EXTENSIONS POINT: the lists are in $W/ldap
	ssl req -new -config "$W/ldap/openssl.conf" -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes \
		-subj "/CN=$1" -keyout "$W/ldap/$1.key" -out "$W/ldap/$1.csr"
	POINT=$4 ssl x509 -req -in "$W/ldap/$1.csr" -days 30 -out "$W/ldap/$1.pem" -extfile "$W/ldap/openssl.conf" \
		-extensions "$3" $([ "$1" = "$2" ] && echo "-signkey $W/ldap/$1.key" ||
			echo "-CA $W/ldap/$2.pem -CAkey $W/ldap/$2.key -set_serial 0x$(openssl rand -hex 8)")
}
list_of() { # NAME [EXTENSIONS [OUT]]
	POINT= ssl ca -config "$W/ldap/openssl.conf" -gencrl -cert "$W/ldap/$1.pem" -keyfile "$W/ldap/$1.key" \
		-crlexts "${2:-list}" -out "$W/ldap/${3:-$1}.crl"
}
revoke() { # NAME REASON
	ssl ca -config "$W/ldap/openssl.conf" -cert "$W/ldap/issuer.pem" -keyfile "$W/ldap/issuer.key" -revoke "$W/ldap/$1.pem" -crl_reason "$2"
}
der() { openssl "$1" -in "$2" -outform DER | base64 -w 0; }
list='cn=issuer,o=test?certificateRevocationList;binary?base?objectClass=cRLDistributionPoint'
export POINT=$list
certify root root root ''
certify issuer root issuer ''
certify good issuer leaf "$list"
certify bad issuer leaf "$list"
certify late issuer leaf_with_delta "$list"
certify fine issuer leaf_with_delta "$list"
list_of root
revoke bad keyCompromise
list_of issuer
# What has changed since the complete list.
: >"$W/ldap/index"
revoke late superseded
list_of issuer delta_list delta
cat >"$W/ldap/entries" <<LDIF
dn: o=test
objectClass: organization
o: test

dn: cn=root,o=test
objectClass: cRLDistributionPoint
cn: root
authorityRevocationList;binary:: $(der crl "$W/ldap/root.crl")

dn: cn=issuer,o=test
objectClass: cRLDistributionPoint
objectClass: pkiCA
cn: issuer
certificateRevocationList;binary:: $(der crl "$W/ldap/issuer.crl")
deltaRevocationList;binary:: $(der crl "$W/ldap/delta.crl")
cACertificate;binary:: $(der x509 "$W/ldap/root.pem")
cACertificate;binary:: $(der x509 "$W/ldap/issuer.pem")

dn: cn=empty,o=test
objectClass: cRLDistributionPoint
cn: empty
LDIF
"$W/ldap/slapd" -T add -f "$W/ldap/conf" -l "$W/ldap/entries" >"$W/said" 2>&1 || { sed 's/^/# /' "$W/said"; exit 1; }

certificate() { "$bulla" certificate "$W/ldap/$1.pem" --trust "$W/ldap/root.pem" "${@:2}"; }
issuer_and_lists() {
	local report
	report=$(certificate good --report json)
	is $? 0 && has "$report" '"PASSED"' || { echo "$report"; return 1; }
}
revoked() {
	local report
	report=$(certificate bad --report json)
	[ $? != 0 ] && has "$report" 'REVOKED' 'keyCompromise'
}
delta() {
	local report
	report=$(certificate late --report json)
	[ $? != 0 ] && has "$report" 'REVOKED' 'superseded' || { echo "$report"; return 1; }
	certificate fine
}
fails_with() { # CAUSE POINT
	local report
	certify odd issuer leaf "$2"
	report=$(certificate odd --report json)
	is $? 2 && has "$report" "$1"
}
no_such_entry() { fails_with '127.0.0.1:[0-9]+/cn=nobody,o=test.*: .*' 'cn=nobody,o=test?certificateRevocationList'; }
whole_tree() {
	fails_with 'only one entry of a directory is read, not those below it' \
		'o=test?certificateRevocationList?sub?(objectClass=*)'
}
filter() {
	fails_with 'an LDAP filter that is more than one comparison is not used' \
		'cn=issuer,o=test?certificateRevocationList?base?(|(cn=*)(o=*))'
}
other_attribute() { fails_with 'an LDAP attribute that is not of use here' 'cn=issuer,o=test?userPassword'; }
empty_entry() { fails_with 'the entry holds no CRL' 'cn=empty,o=test?certificateRevocationList'; }
kept_too() {
	certificate good --cache "$W/cache" || return 1
	kill -STOP "${tap_server##* }"
	certificate good --cache "$W/cache" --timeout 2
	local status=$?
	kill -CONT "${tap_server##* }"
	is $status 0
}
for name in $directory_tests; do ok "LDAP: $name" $name; done
tap_done
