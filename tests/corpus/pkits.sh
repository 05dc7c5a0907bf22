#!/bin/bash
# NIST's PKITS: every row of the corpus under the default policy, but those that pkits-explained.tsv gives a
# reason for; then all of them under a policy that takes DSA with 1024 bits, with the reason of each refusal, the
# policies that are given back, and with everything of the suite at hand at once. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
score_rows pkits-explained.tsv pkits
driver_rows none "$(dirname "$0")/pkits.py" "$bulla" "$corpus/pkits" "$W" tests/corpus/pkits-policy.json
tap_done
