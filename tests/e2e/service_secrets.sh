#!/bin/sh
exec python3 "$(dirname "$0")/service_secrets.py" "$1"
