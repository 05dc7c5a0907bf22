#!/bin/bash
# Manipulated and honestly updated PDFs: every row of the corpus, but those that the list
# attacks-explained.tsv gives a reason for. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
score_rows attacks-explained.tsv attacks
tap_done
