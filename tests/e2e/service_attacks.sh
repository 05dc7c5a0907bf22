#!/bin/bash
# A service with TLS under attack: connections, bodies, sessions, rights. Afterwards it is whole.
source "$(dirname "$0")/../support/tap.sh"
exec python3 tests/e2e/service_attacks.py "$build" "$W" transport sessions aftermath remains
