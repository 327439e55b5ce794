"""The points that the API shows against what gpsd itself reported."""
import json
import math
import os
import time

import pytest

from local.gpsd import Gpsd
from local.guild import ROOT, Guild
from local.process import wait_for
from demo_parts.table import unix

# Each log, and whether its date can be believed: haicom's sentences have the
# time alone (gpsd adds a date, which may lie in the future), sirf2's weeks
# have rolled over into 2041.  Those are taken at the system's time.
LOGS = {"navisys-gr701w.log": "gnss", "quectel-eg25-g.log": "gnss",
        "haicom-305N.log": "system", "sirf2.log": "system"}
# Fast enough for a test; each sentence keeps its place in the order.
BAUD = 115200
POINT_DEG = 1.01e-6
POINT_S = 1.0
TRACK_M = 25.0
TRACK_S = 60.0


def metres(a, b):
    mean = math.radians((a["lat"] + b["lat"]) / 2)
    return 111195 * math.hypot(a["lat"] - b["lat"],
                               (a["lon"] - b["lon"]) * math.cos(mean))


def reports(path, trust):
    """gpsd's fixes, one a time: several reports of one time are one fix.

    Their times are the receiver's, or when they came.
    """
    fixes = {}
    with open(path) as lines:
        for line in lines:
            stamp, _, text = line.partition(": ")
            try:
                report = json.loads(text)
            except ValueError:
                continue	# the last line, cut by the end of the capture
            report["came"] = float(stamp.rpartition(" ")[2])
            if report.get("class") == "TPV" and report.get("mode", 0) >= 2 \
                    and "lat" in report and "time" in report:
                fixes.setdefault(report["time"], {}).update(report)
    return [{"at": unix(t) if trust == "gnss" else f["came"],
             "lat": f["lat"], "lon": f["lon"]}
            for t, f in fixes.items()]


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("positions")) as guild:
        yield guild


@pytest.mark.parametrize("log,trust", LOGS.items())
def test_the_track_is_what_gpsd_reported(guild, tmp_path, log, trust):
    cart = "POS%d" % (1000 + list(LOGS).index(log))
    with Gpsd(tmp_path / "gpsd", os.path.join(ROOT, "tests/data/gnss", log),
              baud=BAUD, once=True, silent=True) as gpsd:
        path = str(tmp_path / "tpv.json")
        pipe = gpsd.capture(path, stamped=True)
        gateway = guild.add_gateway(cart, gpsd_port=gpsd.port, settings={
            "clock.trust": trust, "link.linger_s": 1}).start()
        wait_for(lambda: gateway.ask({"type": "state"})["gpsd_connected"],
                 "gpsd connected", 20)
        gpsd.feed()
        gpsd.wait_fed()
        wait_settled(gateway, path)
        state = gateway.ask({"type": "state"})
        pipe.stop()
    gpsd_fixes = reports(path, trust)
    wait_for(lambda: guild.cart(cart).get("fix"), "a fix", 20)
    # Acknowledged is not yet counted.
    wait_for(lambda: len(points(guild, cart, gpsd_fixes))
             == state["fix"]["kept"], "every fix that was kept", 20)
    track = points(guild, cart, gpsd_fixes)
    assert track and gpsd_fixes
    for point in track:
        assert any(same_place(point, f)
                   and abs(point["at"] - f["at"]) <= POINT_S
                   for f in gpsd_fixes), point
    # The first fixes are not accepted (their dilution is stale).
    first = next(i for i, f in enumerate(gpsd_fixes)
                 if same_place(f, track[0]))
    accepted = gpsd_fixes[first:]
    far = [f for f in accepted
           if not any(metres(f, p) <= TRACK_M
                      and abs(f["at"] - p["at"]) <= TRACK_S for p in track)]
    print("%s: gpsd=%d accepted=%d points=%d far=%d refused=%s" % (
        log, len(gpsd_fixes), len(accepted), len(track), len(far),
        state.get("refused_fixes")))
    assert far == []


def same_place(a, b):
    return (abs(a["lat"] - b["lat"]) <= POINT_DEG
            and abs(a["lon"] - b["lon"]) <= POINT_DEG)


def wait_settled(gateway, path):
    """Until gpsd has nothing more to say and the guild has all it said."""
    seen = [None, 0.0]

    def settled():
        state = gateway.ask({"type": "state"})
        now = (os.path.getsize(path), state["fix"]["taken"],
               state["fix"]["kept"], state["backlog"])
        if now != seen[0]:
            seen[:] = [now, time.monotonic()]
        return state["backlog"] == 0 and time.monotonic() - seen[1] > 2
    wait_for(settled, "gpsd and the gateway come to rest", 90)


def points(guild, cart, fixes):
    answer = guild.get("/api/v1/carts/%s/track?from=%d&to=%d" % (
        cart, 1000 * (fixes[0]["at"] - 120), 1000 * (fixes[-1]["at"] + 120)))
    return [{**p, "at": unix(p["at"])} for p in answer["points"]]
