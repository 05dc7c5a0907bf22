#!/bin/bash
# Signed PDFs: integrity, coverage and later changes: every row of the corpus, but those that the list
# pyhanko-explained.tsv gives a reason for. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
source tests/corpus/rows.bash
score_rows pyhanko-explained.tsv pyhanko
tap_done
