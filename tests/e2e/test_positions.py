"""The points that the API shows against what gpsd itself reported."""
import json
import math
import os
import shutil

import pytest

from local.gpsd import Gpsd
from local.guild import ROOT, Guild
from local.process import wait_for
from demo_parts.table import unix

LOGS = ["navisys-gr701w.log", "quectel-eg25-g.log", "haicom-305N.log",
        "sirf2.log"]
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


def reports(path):
    """gpsd's fixes, one a time: several reports of one time are one fix."""
    fixes = {}
    with open(path) as lines:
        for line in lines:
            try:
                report = json.loads(line)
            except ValueError:
                continue	# the last line, cut by the end of the capture
            if report.get("class") == "TPV" and report.get("mode", 0) >= 2 \
                    and "lat" in report and "time" in report:
                fixes.setdefault(report["time"], {}).update(report)
    return [{"at": unix(t), "lat": f["lat"], "lon": f["lon"]}
            for t, f in sorted(fixes.items())]


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("positions")) as guild:
        yield guild


@pytest.mark.parametrize("log", LOGS)
def test_the_track_is_what_gpsd_reported(guild, tmp_path, log):
    cart = "POS%d" % (1000 + LOGS.index(log))
    with Gpsd(tmp_path / "gpsd", os.path.join(ROOT, "tests/data/gnss", log),
              baud=BAUD, once=True, silent=True) as gpsd:
        path = str(tmp_path / "tpv.json")
        pipe = gpsd.capture(path)
        gateway = guild.add_gateway(cart, gpsd_port=gpsd.port, settings={
            "clock.trust": "gnss", "link.linger_s": 1}).start()
        wait_for(lambda: gateway.ask({"type": "state"})["gpsd_connected"],
                 "gpsd connected", 20)
        gpsd.feed()
        gpsd.wait_fed()
        wait_for(lambda: quiet(gateway), "all that came is acknowledged", 60)
        state = gateway.ask({"type": "state"})
        pipe.stop()
    gpsd_fixes = reports(path)
    wait_for(lambda: guild.get("/api/v1/carts/" + cart)["fix"], "a fix", 20)
    track = points(guild, cart, gpsd_fixes)
    assert track and gpsd_fixes
    for point in track:
        assert any(abs(point["lat"] - f["lat"]) <= POINT_DEG
                   and abs(point["lon"] - f["lon"]) <= POINT_DEG
                   and abs(point["at"] - f["at"]) <= POINT_S
                   for f in gpsd_fixes), point
    accepted = [f for f in gpsd_fixes if f["at"] >= track[0]["at"]]
    far = [f for f in accepted
           if not any(metres(f, p) <= TRACK_M
                      and abs(f["at"] - p["at"]) <= TRACK_S for p in track)]
    print("%s: gpsd=%d accepted=%d points=%d far=%d refused=%s" % (
        log, len(gpsd_fixes), len(accepted), len(track), len(far),
        state.get("refused_fixes")))
    assert far == []


def quiet(gateway):
    state = gateway.ask({"type": "state"})
    return state["backlog"] == 0


def points(guild, cart, fixes):
    answer = guild.get("/api/v1/carts/%s/track?from=%d&to=%d" % (
        cart, 1000 * (fixes[0]["at"] - 120), 1000 * (fixes[-1]["at"] + 120)))
    return [{**p, "at": unix(p["at"])} for p in answer["points"]]
