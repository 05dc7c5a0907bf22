#!/usr/bin/env python3
"""What must not work against a running service. Usage: service_attacks.py BUILD FOLDER NAME...

The names are those of tests/support/attack_NAME.py, in this order. Cases print TAP; ATTACKS_ONLY=REGEX runs some.
"""
import importlib
import os
import sys
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "support"))
import attack_scene  # noqa: E402
from attack_scene import run_cases, set_up, w  # noqa: E402


def main():
    try:
        set_up(*sys.argv[1:3])
    except Exception:  # everything hangs on it
        print("Bail out! the service is not set up")
        for line in (traceback.format_exc() + (w.house.said()[-3000:] if w.house.service else "")).splitlines():
            print("#", line)
        return 1
    for name in sys.argv[3:]:
        importlib.import_module("attack_" + name)
    return run_cases() > 0


if __name__ == "__main__":
    STATUS = 1
    try:
        STATUS = main()
    finally:
        if hasattr(attack_scene.w, "house"):
            attack_scene.w.house.close()
    sys.exit(STATUS)
