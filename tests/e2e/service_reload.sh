#!/bin/sh
exec python3 "$(dirname "$0")/service_reload.py" "$1"
