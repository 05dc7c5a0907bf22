#!/bin/bash
# The clerk's desk and a partner's pages of a running service, as browsers without a script use them. $1: the build. TAP.
source "$(dirname "$0")/../support/tap.sh"
python3 tests/e2e/desk_flow.py "$build" "$W/house"
