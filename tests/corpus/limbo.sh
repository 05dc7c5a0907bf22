#!/bin/bash
# C2SP's x509-limbo: the cases about RFC 5280, CRLs, path lengths, pathological pools and known faults, but those
# that limbo-explained.tsv gives a reason for. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
driver_rows limbo-explained.tsv "$(dirname "$0")/limbo.py" "$bulla" "$corpus/x509-limbo" "$W"
tap_done
