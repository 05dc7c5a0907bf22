"""Time that passes, for a service started anew. See tests/e2e/service_attacks.py."""
# ruff: noqa: F403, F405
import time

from attack_scene import *


@case
def sessions_and_links_that_have_expired():
    """One minute each: of a sealing, and of a session without a request."""
    w.house.more["times"] = {"sealingMinutes": 1, "windowMinutes": 1, "deskMinutes": 1}
    w.house.start()
    clerk, admin = w.house.login("desk", "clerk"), w.house.login("window", "admin-a")
    sealing, taken = new_sealing(title="Soon over"), new_sealing(title="In time")
    officer, page = visit(sealing)
    idle, idle_page = visit(taken)
    late, late_page = visit(taken, "second-a")
    w.house.fault("tsa=delay:25")
    begun = time.monotonic()
    time.sleep(max(0, 45 - (time.monotonic() - begun)))
    done = []
    late.connection = None  # the service has ended it meanwhile
    thread = threading.Thread(target=lambda: done.append(w.house.seal_in_window(late, late_page)))
    thread.start()
    w.receiver.wait("sealing.expired", sealing["id"], 120)
    w.house.fault("none")
    thread.join()
    # What was begun in time is finished, or it has expired and was not: never both.
    told = state_of(taken)
    if done[0].status == 303 and told["state"] == "sealed":
        is_(portal().get(f"/v1/sealings/{taken['id']}/documents/1").status, 200)
    else:
        is_(portal().get(f"/v1/sealings/{taken['id']}/documents/1").status, 409, told)
    is_(state_of(sealing)["state"], "expired")
    officer.connection = None
    answer = w.house.seal_in_window(officer, page)
    among(answer.status, (303, 409))
    is_(state_of(sealing)["state"], "expired")
    stranger = w.house.client("window")
    answer = stranger.follow(stranger.get("/" + sealing["windowUrl"].split("/", 3)[3]))
    assert "Soon over" not in answer.text
    is_(portal().ask("POST", f"/v1/sealings/{sealing['id']}/window").status, 409)
    time.sleep(max(0, 65 - (time.monotonic() - begun)))
    for client in (clerk, admin, idle):
        client.connection = None
    for client, path in ((clerk, "/filings"), (admin, "/partner"), (idle, f"/sealing/{taken['id']}")):
        answer = client.get(path)
        among((answer.status, "In time" in answer.text), ((303, False), (200, False)), path)
    is_(clerk.form("/logout", {}).headers["Location"].startswith("/login"), True)
    assert idle_page.status == 200
