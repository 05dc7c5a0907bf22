#!/bin/bash
# A portal's check of a message's signature, as tests/demo/webhook_signature.py shows it: the same known answer as the
# unit test of the sender, and what is forged or replayed. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
secret=whsec_0123456789abcdef
body='{"event":"sealing.sealed","delivery":"wh_01"}'
answer=0f38b40d81fe72530f282c92426aeeac649078b34615b9b05b9f32ede7945352
at=1795000000
printf '%s\n' "$secret" >"$W/secret"

check() { # BODY SIGNATURE NOW
	printf '%s' "$1" | python3 tests/demo/webhook_signature.py "$W/secret" "$2" "$3" 2>&1
}
genuine() { is "$(check "$body" "t=$at,v1=$answer" "$1")" genuine; }
refused() { # WHY BODY SIGNATURE NOW
	is "$(check "$2" "$3" "$4")" "refused: $1"
}
same_answer() { has "$(<tests/unit/service_webhook_signature_test.c)" "t=$at,v1=$answer"; }
ok "the sender's unit test has this answer" same_answer
ok "a message is genuine" genuine $at
ok "as long as the window lasts" genuine $((at + 300))
ok "and before, where clocks differ" genuine $((at - 300))
ok "later it is a replay" refused "the message is not from now" "$body" "t=$at,v1=$answer" $((at + 301))
ok "much earlier too" refused "the message is not from now" "$body" "t=$at,v1=$answer" $((at - 301))
forged="the signature is not by the secret"
ok "a new instant on an old signature is forged" refused "$forged" "$body" "t=$((at + 1000)),v1=$answer" $((at + 1000))
ok "another body is forged" refused "$forged" "$body " "t=$at,v1=$answer" $at
ok "another signature is forged" refused "$forged" "$body" "t=$at,v1=${answer/0f/0e}" $at
ok "a version that is not known is passed over" refused "no signature that could be checked" "$body" "t=$at,v2=$answer" $at
two_versions() { is "$(check "$body" "t=$at,v0=00,v1=00,v1=$answer" $at)" genuine; }
ok "while a secret is changed, one of two is enough" two_versions
none="no signature that could be checked"
ok "no signature" refused "$none" "$body" "" $at
ok "no instant" refused "$none" "$body" "v1=$answer" $at
ok "two instants" refused "$none" "$body" "t=$at,t=1,v1=$answer" $at
ok "an instant that is none" refused "$none" "$body" "t=-1,v1=$answer" $at

repeated() {
	is "$(python3 - "$secret" "$body" "t=$at,v1=$answer" $at <<-'END'
		import sys
		sys.path.insert(0, "tests/demo")
		from webhook_signature import Receiver
		secret, body, signature, at = sys.argv[1:]
		acted = []
		receiver = Receiver(secret.encode())
		headers = {"Bulla-Event": "sealing.sealed", "Bulla-Delivery": "wh_01", "Bulla-Signature": signature}
		act = lambda event, body: acted.append(event)
		answers = [receiver.take(headers, body.encode(), act, int(at) + n) for n in (0, 1, 299, 301)]
		headers["Bulla-Signature"] = signature[:-1] + "0"
		answers.append(receiver.take(headers, body.encode(), act, int(at)))
		print(answers, acted)
	END
	)" "[200, 200, 200, 400, 400] ['sealing.sealed']"
}
ok "a message that comes twice has its effect once" repeated
tap_done
