#!/bin/bash
# A service under attack while it seals and judges: races, sealings of others, hostile documents and keys, time that runs out.
source "$(dirname "$0")/../support/tap.sh"
exec python3 tests/e2e/service_attacks.py "$build" "$W" sealings documents aftermath expiry remains
