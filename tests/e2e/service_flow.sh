#!/bin/bash
# A portal's whole way through the service: sealings with an officer and without, the window, webhooks, filings, approvals;
# and what must not go: another partner's officer, forged links, forms of strangers, a second officer, replays.
source "$(dirname "$0")/../support/tap.sh"
exec python3 tests/support/service_flow.py "$build" "$W"
