#!/bin/bash
# Sealing with permissions through the program: certification, locks, what a field demands, and what other
# readers say of the result. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
"$build/tests/demo/make_pdfs" tests/demo/filing.txt "$W" || exit 1
tap_authority
issue acme --key p256
missing=
for program in qpdf pdfsig; do command -v $program >/dev/null || missing="$missing $program"; done

passes() { # FILE: every signature stands
	local report
	report=$(validate --report json "$1") || { echo "exit status $?: $report"; return 1; }
	has "$report" '"conclusion": "TOTAL-PASSED"' && not grep -q '"intact": false' <<<"$report"
}
refused() { # PATTERN COMMAND...: exit status 65, one line, no output $W/x.pdf
	local said status
	said=$("${@:2}" 2>&1)
	status=$?
	is "exit status $status" "exit status 65" && has "$said" "$1" && is "$(wc -l <<<"$said")" 1 && [ ! -e "$W/x.pdf" ]
}
misused() { # PATTERN OPTION...: exit status 64
	local said status
	said=$("$bulla" seal "$W/form.pdf" -o "$W/x.pdf" --key "$W/ca/issued/acme.p12" --password-file "$W/ca/password" \
		--level B-B "${@:2}" 2>&1)
	status=$?
	is "exit status $status" "exit status 64" && has "$said" "$1" && [ ! -e "$W/x.pdf" ]
}
others_agree() { # FILE
	[ -z "$missing" ] || return 0
	qpdf --check "$1" || return 1
	local said
	said=$(pdfsig -nocert "$1") || { echo "$said"; return 1; }
	# Of document timestamps it knows nothing.
	has "$said" 'Signature is Valid' && not grep -qE 'Signature is Invalid|Digest Mismatch' <<<"$said"
}
in_file() { qpdf --qdf --object-streams=disable "$1" - 2>/dev/null; }

# -- certification ---------------------------------------------------------------------------------
certified() { # P LEVEL
	local out=$W/certified-$1-$2.pdf
	seal acme "$2" "$W/form.pdf" "$out" --certify "$1" --field Certified && passes "$out" && others_agree "$out" || return 1
	[ -z "$missing" ] || return 0
	has "$(in_file "$out")" '/TransformMethod /DocMDP' '/V /1.2' "/P $1\$" '/Perms <<' '/DocMDP [0-9]+ 0 R' &&
		not grep -q DigestMethod <(in_file "$out")
}
for p in 1 2 3; do
	for level in B-B B-T B-LT B-LTA; do ok "certified with P=$p at $level" certified $p $level; done
done
renewed() { extend B-LTA "$W/certified-1-B-LTA.pdf" "$W/renewed.pdf" && passes "$W/renewed.pdf" && others_agree "$W/renewed.pdf"; }
ok "renewed in spite of P=1" renewed
second() { # P
	seal acme B-LTA "$W/certified-$1-B-LTA.pdf" "$W/second.pdf" && passes "$W/second.pdf" && others_agree "$W/second.pdf"
}
ok "a second seal on P=2" second 2
ok "a second seal on P=3" second 3
ok "no second seal on P=1" refused 'allows no further change' seal acme B-B "$W/certified-1-B-LTA.pdf" "$W/x.pdf"
ok "no certification of what is signed" refused 'only the first signature may certify' \
	seal acme B-B "$W/certified-3-B-B.pdf" "$W/x.pdf" --certify 3

# -- locks -----------------------------------------------------------------------------------------
locked() { # ACTION PATTERN OPTION...
	local out=$W/locked-$1.pdf
	seal acme B-LTA "$W/form.pdf" "$out" --field Locked --lock "$1" "${@:3}" && passes "$out" && others_agree "$out" || return 1
	[ -z "$missing" ] || has "$(in_file "$out")" '/Type /SigFieldLock' '/TransformMethod /FieldMDP' '/Data [0-9]+ 0 R' "$2"
}
ok "all fields locked" locked all '/Action /All'
ok "some fields locked" locked include '/Action /Include' --lock-field applicant
ok "all but some locked, and the level" locked exclude '/P 2$' --lock-field applicant --lock-level 2
ok "certified and locked" certified 2 B-LT --lock all
ok "no further seal in a new field when all are locked" refused 'none may be added' \
	seal acme B-B "$W/locked-all.pdf" "$W/x.pdf"
ok "a field to lock that is not there" refused '"nobody", named for the lock, is not in the document' \
	seal acme B-B "$W/form.pdf" "$W/x.pdf" --lock include --lock-field nobody
ok "a lock cannot permit more than holds" refused 'permits no more than P=2' \
	seal acme B-B "$W/certified-2-B-B.pdf" "$W/x.pdf" --lock all --lock-level 3

# -- options ---------------------------------------------------------------------------------------
ok "--certify of nonsense" misused 'none of 1, 2, 3' --certify 4
ok "--lock of nonsense" misused 'none of all, include, exclude' --lock some
ok "--lock-level of nonsense" misused 'none of 1, 2, 3' --lock all --lock-level 0
ok "--lock include without names" misused 'need the names' --lock include
ok "--lock-field without --lock" misused 'goes with --lock include' --lock-field applicant
ok "--lock all with names" misused 'goes with --lock include' --lock all --lock-field applicant
ok "--lock-level without --lock" misused 'goes with --lock' --lock-level 1
ok "--certify and --lock-level" misused 'exclude each other' --certify 2 --lock all --lock-level 2

# -- what a field demands --------------------------------------------------------------------------
# The form's signature field with a seed value dictionary, as direct objects.
demanding() { # SEED-VALUES: $W/demanding.pdf
	qpdf --qdf --object-streams=disable "$W/form.pdf" "$W/qdf.pdf" &&
		sed "s|^  /FT /Sig|  /FT /Sig /SV << /Type /SV $1 >>|" "$W/qdf.pdf" | fix-qdf >"$W/demanding.pdf"
}
field="office seal"
meets() { # SEED-VALUES OPTION...
	demanding "$1" && seal acme B-T "$W/demanding.pdf" "$W/met.pdf" --field "$field" "${@:2}" >"$W/told" 2>&1 &&
		passes "$W/met.pdf" && others_agree "$W/met.pdf"
}
demands() { # PATTERN SEED-VALUES LEVEL OPTION...
	demanding "$2" && refused "$1" seal acme "$3" "$W/demanding.pdf" "$W/x.pdf" --field "$field" "${@:4}"
}
told() { # PATTERN SEED-VALUES OPTION...
	meets "${@:2}" && has "$(cat "$W/told")" "$1"
}
if [ -n "$missing" ]; then
	skip "what fields demand" "not installed:$missing"
else
	ok "an encoding that is had" meets '/Ff 2 /SubFilter [/ETSI.CAdES.detached]'
	ok "an encoding that is not" demands 'accepted is: adbe.pkcs7.detached' '/Ff 2 /SubFilter [/adbe.pkcs7.detached]' B-T
	ok "a digest" told 'asks: SHA512' '/Ff 64 /DigestMethod [/SHA512]'
	ok "another digest than the one asked for" demands 'none of those accepted: SHA512' '/Ff 64 /DigestMethod [/SHA512]' \
		B-T --digest sha256
	ok "a certification" told 'asks: certified with P=2' '/MDP << /P 2 >>'
	ok "an approval" demands 'demands an approval' '/MDP << /P 0 >>' B-T --certify 2
	ok "a reason" meets '/Ff 8 /Reasons [(I agree) (I approve)]' --reason 'I approve'
	ok "another reason" demands 'one of these: I agree, I approve' '/Ff 8 /Reasons [(I agree) (I approve)]' B-T --reason Why
	ok "a timestamp" demands 'the document suggests http://192.0.2.1/' '/TimeStamp << /Ff 1 /URL (http://192.0.2.1/) >>' B-B
	ok "a timestamp, and nobody asked but whom the user trusts" meets '/TimeStamp << /Ff 1 /URL (http://192.0.2.1/) >>'
	ok "another certificate" demands 'is none of those accepted' '/Cert << /Ff 1 /Subject [<3000>] >>' B-T
	ok "a key usage" demands '/KeyUsage' '/Cert << /Ff 32 /KeyUsage [(XXX1)] >>' B-T
	ok "what is not known" demands 'demands something that is not known' '/Ff 4096' B-T
fi
tap_done
