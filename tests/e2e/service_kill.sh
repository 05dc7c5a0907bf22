#!/bin/sh
# tests/e2e/service_kill.py with as many sealings as the ordinary run has time for; 1,000: `SEALINGS=1000`.
exec python3 "$(dirname "$0")/service_kill.py" "$1" "${SEALINGS:-120}"
