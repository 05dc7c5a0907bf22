#!/bin/bash
# PAdES signatures of EU DSS's own tests: every row of the corpus, but those that the list
# dss_pades-explained.tsv gives a reason for. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
score_rows dss_pades-explained.tsv dss --kind pades
tap_done
