"""What a service that was attacked leaves on the disk. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
import subprocess

from attack_scene import *


@case
def the_log_is_whole_and_nothing_is_left():
    among(w.house.stop(), (0, None), w.house.said()[-1000:])
    data = w.house.data
    done = subprocess.run([w.house.bulla, "audit", "verify", os.path.join(data, "log")], capture_output=True, text=True, check=False)
    is_(done.returncode, 0, done.stdout + done.stderr)
    is_(incoming(), [])
    secrets = "\n".join([PASSWORD, KEY_PASSWORD, PASSWORD + "-new", "Not-The-Password", "Wrong-Password"])
    found = subprocess.run(["grep", "-rlaF", "-f", "-", data, w.house.log], input=secrets, capture_output=True, text=True, check=False)
    is_(found.returncode, 1, f"passwords are in {found.stdout}")
    for folder, _, names in os.walk(os.path.join(data, "documents")):
        for name in names:
            assert re.fullmatch(r"\d+\.pdf|\d+\.sealed-\d+\.pdf|document\.pdf|(evidence-\d+\.pack)|(report-\d+\.json)", name), f"{folder}/{name}"
            is_(os.stat(os.path.join(folder, name)).st_mode & 0o077, 0, name)
