"""Carts that are where they should not be: out of their zone, or reported by
someone who saw a strange cart."""
import os
import subprocess
import time

import pytest

import nmea
import verdicts
from local.gpsd import Gpsd
from local.guild import Guild
from local.process import wait_for

DWELL_S = 60		# the guild's own; STRAY1 has a rule of its own
SHORT_DWELL_S = 20
FOUND_S = 5		# after the dwell
SETTLE_S = 60		# inside so long is back (backend/rules/astray.h)
FADE_S = 8
LEAD_S = 5		# a walk begins so long after it is written
CROSSES_S = 24.5	# its zone's edge, southwards
BACK_AT_S = 50		# STRAY1 turns round
BACK_S = 2 * BACK_AT_S - CROSSES_S
WALK_S = 300
METRES_LAT = 111195


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("astray"), settings={
            "positions": {"fugitive.fade_s": FADE_S}}) as guild:
        yield guild


def square(south, north, west, east):
    ring = [[west, south], [east, south], [east, north], [west, north],
            [west, south]]
    return {"type": "Polygon", "coordinates": [ring]}


def posted(guild, path, body, key):
    status, _, answer = guild.post("/api/v1/" + path, body, key=key)
    assert status == 202, (status, answer)
    return answer["id"]


class Walker:
    """A gateway, and the gpsd it listens to, whose receiver walks a step of
    `stride` a second, and turns back after back_at seconds."""

    def __init__(self, guild, dir, plate, stride, back_at=None,
                 settings=None):
        self.guild = guild
        self.plate = plate
        self.stride = stride
        log = str(dir / (plate + ".nmea"))
        self.begin = int(time.time()) + LEAD_S
        size = nmea.write_walk(log, self.begin, WALK_S, stride, back_at)
        self.gpsd = Gpsd(dir / plate, log, baud=10 * size, once=True,
                         silent=True).start()
        self.gateway = guild.add_gateway(plate, gpsd_port=self.gpsd.port,
                                         settings=settings).start()
        assert self.gateway.ask({"type": "open"})["ok"]

    def __enter__(self):
        wait_for(lambda: time.time() >= self.begin, "the first second", 30)
        self.gpsd.feed()
        return self

    def __exit__(self, *_):
        self.gateway.stop()
        self.gpsd.stop()

    @property
    def edge(self):
        return nmea.latitude(CROSSES_S * self.stride)

    def seconds(self, at_ms):
        """Since its walk began."""
        return at_ms / 1000 - self.begin

    def fix(self):
        return wait_for(lambda: self.guild.cart(self.plate).get("fix"),
                        "a fix of " + self.plate, 30)

    def story(self):
        return verdicts.story(verdicts.coordinates(self.guild), self.plate,
                              self.begin * 1000)


def alert_of(guild, cart, cause, state="all"):
    rows = verdicts.shown(guild, state, cart=cart, cause=cause)
    return rows[0] if rows else None


def bind(guild, walker):
    """A zone for it alone, whose southern edge it will cross."""
    posted(guild, "zones", {
        "id": walker.plate.lower(), "name": "Zona " + walker.plate,
        "carts": [walker.plate], "geometry": square(
            walker.edge, walker.edge + 0.01, nmea.LON_DEG - 0.01,
            nmea.LON_DEG + 0.01)}, "zone-" + walker.plate)


def found_astray(guild, walker, dwell_s):
    cart = walker.plate
    verdicts.wait_calmly(lambda: alert_of(guild, cart, "astray.zone"),
                         cart + " is astray", CROSSES_S + dwell_s + 60)
    opened = verdicts.alerts(guild, cart)[0]
    found_s = walker.seconds(opened["record_ms"]) - CROSSES_S
    since_s = walker.seconds(opened["since_ms"]) - CROSSES_S
    print("%s: found %.1f s after it crossed the edge, dwell %d s; out since "
          "%.1f s" % (cart, found_s, dwell_s, since_s))
    assert opened["cause"] == "astray.zone" and opened["state"] == "opened"
    assert dwell_s / 2 <= found_s <= dwell_s + FOUND_S, walker.story()
    assert -2 <= since_s <= dwell_s / 2, walker.story()
    assert opened["subject"] == "Zona " + cart
    assert opened["place"]["lat_e6"] < walker.edge * 1e6
    return opened


def test_a_cart_that_leaves_its_zone_is_astray_until_it_is_back(
        guild, tmp_path):
    status, _, answer = guild.put("/api/v1/rules/STRAY1",
                                  {"zone.dwell_s": SHORT_DWELL_S}, key="rule")
    assert status == 202, answer
    # One that is towed and tells of each fix; one as carts are by default.
    with Walker(guild, tmp_path, "STRAY2", 1) as slow, \
            Walker(guild, tmp_path, "STRAY1", 3, BACK_AT_S,
                   {"link.linger_s": 1}) as fast:
        for walker in (slow, fast):
            bind(guild, walker)
        opened = found_astray(guild, fast, SHORT_DWELL_S)
        found_astray(guild, slow, DWELL_S)

        verdicts.wait_calmly(
            lambda: not alert_of(guild, "STRAY1", "astray.zone", "open"),
            "it is back", BACK_S + SETTLE_S + 60)
        alerts = verdicts.alerts(guild, "STRAY1")
        assert [a["state"] for a in alerts] == ["opened", "resolved"], alerts
        assert {a["id"] for a in alerts} == {opened["id"]}
        back_s = fast.seconds(alerts[1]["until_ms"]) - BACK_S
        told_s = (alerts[1]["record_ms"] - alerts[1]["until_ms"]) / 1000
        print("STRAY1: back %.1f s after it crossed the edge, told %.1f s "
              "later" % (back_s, told_s))
        assert -2 <= back_s <= 20, fast.story()
        assert SETTLE_S <= told_s <= SETTLE_S + FOUND_S, fast.story()


def test_a_cart_seen_by_a_passer_by(guild, tmp_path):
    with Walker(guild, tmp_path, "SEEN01", 1) as walker:
        fix = walker.fix()
        near = posted(guild, "strange-carts", {
            "lat": round(fix["lat"] + 30 / METRES_LAT, 6), "lon": fix["lon"],
            "note": "nobody with it"}, "near")
        alert = wait_for(
            lambda: alert_of(guild, "SEEN01", "astray.reported", "open"),
            "it is taken for the one reported", 20)
        assert alert["note"] == "nobody with it"
        assert not [a for a in verdicts.alerts(guild)
                    if a["cause"] == "fugitive"]
        far = fugitive_that_fades(guild)
        assert reports_by_kcat(guild) == {(near, 0), (far, 0)}
        settled(guild, alert)


def fugitive_that_fades(guild):
    far = posted(guild, "strange-carts", {
        "lat": -33.6, "lon": -70.9, "note": "a stranger"}, "far")
    began = time.monotonic()
    seen = wait_for(lambda: verdicts.shown(guild, cause="fugitive"),
                    "a fugitive", 20)
    assert len(seen) == 1 and seen[0]["cart"] is None
    assert far in seen[0]["id"]
    assert (seen[0]["place"]["lat"], seen[0]["place"]["lon"]) == (-33.6,
                                                                  -70.9)
    wait_for(lambda: not verdicts.shown(guild, cause="fugitive"),
             "it fades", FADE_S + 30)
    faded_s = time.monotonic() - began
    print("a fugitive faded after %.1f s" % faded_s)
    assert faded_s >= FADE_S - 1
    return far


def settled(guild, alert):
    """By a person, with words, while its cause goes on."""
    words = "I called her: it is hers"
    posted(guild, "alerts/%s/resolve" % alert["id"], {"note": words},
           "settle")
    shown = wait_for(lambda: [
        a for a in verdicts.shown(guild, "resolved", cart=alert["cart"])
        if a["id"] == alert["id"]], "it is settled", 20)[0]
    assert shown["note"] == words and shown["by"] and shown["settled"]
    last = verdicts.alerts(guild, alert["cart"])[-1]
    assert (last["state"], last["id"], last["note"]) == (
        "resolved", alert["id"], words)


def reports_by_kcat(guild):
    """(id, partition) of every report, by another hand than ours."""
    lines = subprocess.run(
        ["kcat", "-b", guild.bootstrap, "-C", "-t", "topic_coordenadas",
         "-e", "-q", "-f", "%p %k %h\n"], stdout=subprocess.PIPE, check=True,
        timeout=60, env=dict(os.environ, LC_ALL="C")).stdout.decode(
            errors="replace").splitlines()
    return {(key, int(partition)) for partition, key, headers in
            (line.split(" ", 2) for line in lines)
            if "schema=report/1" in headers}
