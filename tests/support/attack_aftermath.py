"""The service after all attacks; ends it. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
from attack_scene import *


@case
def the_service_is_what_it_was():
    alive()
    processes = w.house.processes()
    for role in ("front", "keeper", "fetcher"):
        is_(processes[role], w.processes[role], role)
    is_(len(processes["worker"]), len(w.processes["worker"]))
    is_(incoming(), [])
    said = w.house.said()
    assert "AddressSanitizer" not in said and "runtime error" not in said, said[-2000:]
    ready = w.house.client("api").get("/readyz")
    is_((ready.status, ready.json["ready"]), (200, True), ready.text)
    is_(w.house.stop(), 0, w.house.said()[-1000:])
