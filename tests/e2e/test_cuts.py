"""What a cart and the guild do while something between them is away."""
import math
import os
import time

import pytest

from local.gpsd import Gpsd
from local.guild import Guild
from local.process import wait_for
from local.proxy import Proxy
from demo_parts.table import unix
import nmea
from vendors import books_of, compare, sell

CARTS = 20
AWAY_S = int(os.environ.get("AWAY_S", "60"))
BACK_S = 10
# How much a program may have grown while it could not pass anything on.
GROWTH_MAX_KB = 32 * 1024


def rss_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        for line in f:
            if line.startswith("VmRSS:"):
                return int(line.split()[1])
    raise AssertionError("no VmRSS")


def backlog(gateway):
    return gateway.ask({"type": "state"})["backlog"]


def trial(guild, away, back):
    """Sells, takes something away for AWAY_S, and gives it back."""
    for gateway in guild.gateways.values():
        wait_for(lambda: gateway.ask({"type": "state"})["connected"],
                 "connected", 30)
    vendors = sell(guild.gateways.values(), None, every_s=1.0)
    wait_for(lambda: len(guild.sales()) >= 20, "sales arrive", 30)
    watched = {"bridge": guild.part("bridge").pid,
               "mosquitto": guild.mosquitto.pid,
               "gateway": next(iter(guild.gateways.values())).pid}
    before = {name: rss_kb(pid) for name, pid in watched.items()}
    away()
    time.sleep(AWAY_S)	# the length of the outage itself, not a wait
    grown = {name: rss_kb(pid) - before[name]
             for name, pid in watched.items()}
    given_away = len(books_of(vendors))
    stale = len(guild.sales())
    assert stale < given_away, "nothing was held back: was it really away?"
    back()
    returned = time.monotonic()
    wait_for(lambda: len(guild.sales()) > stale, "the flow is back", BACK_S)
    flow_s = time.monotonic() - returned
    for vendor in vendors:
        vendor.stop()
        assert not vendor.refusals, vendor.refusals
    books = books_of(vendors)
    wait_for(lambda: not compare(guild, books)[0], "every folio counted", 60)
    drained_s = time.monotonic() - returned
    print("away=%ds folios=%d flow_back_s=%.1f drained_s=%.1f grown_kb=%s" % (
        AWAY_S, len(books), flow_s, drained_s, grown))
    assert compare(guild, books) == ([], [])
    assert all(kb <= GROWTH_MAX_KB for kb in grown.values()), grown
    wait_for(lambda: guild.get("/api/v1/gaps")["gaps"] == [], "no gap", 30)


@pytest.fixture
def guild(tmp_path):
    with Guild(tmp_path) as guild:
        yield guild


def test_kafka_stands_still_for_a_minute_and_nothing_is_lost(guild):
    for i in range(CARTS):
        guild.add_gateway("STIL%02d" % i).start()
    trial(guild, guild.kafka.pause, guild.kafka.resume)


def test_the_network_is_cut_for_a_minute_and_nothing_is_lost(guild):
    with Proxy(guild.mosquitto.port) as proxy:
        for i in range(CARTS):
            guild.add_gateway("NET%03d" % i,
                              settings={"mqtt.port": proxy.port}).start()
        trial(guild, proxy.cut, proxy.restore)


def test_the_live_position_does_not_wait_behind_the_backlog(guild, tmp_path):
    """Back after a cut, the newest fix is there within one heartbeat."""
    heartbeat_s = 20
    log = tmp_path / "walk.nmea"
    begin = math.ceil(time.time()) + 5
    bytes_a_second = nmea.write_walk(log, begin, 300)
    with Proxy(guild.mosquitto.port) as proxy, \
            Gpsd(tmp_path / "gpsd", str(log), baud=10 * bytes_a_second,
                 once=True, silent=True) as gpsd:
        gateway = guild.add_gateway("NEWEST", gpsd_port=gpsd.port, settings={
            "mqtt.port": proxy.port, "keep.interval_s": 1,
            "keep.distance_m": 1}).start()
        wait_for(lambda: time.time() >= begin, "the first second", 30)
        gpsd.feed()
        wait_for(lambda: newest(guild) > begin, "a live position", 60)
        proxy.cut()
        wait_for(lambda: backlog(gateway) >= 30, "a backlog", 90)
        latest = gateway.ask({"type": "state"})["fix"]["latest"]["at"]
        returned = time.monotonic()
        proxy.restore()
        wait_for(lambda: newest(guild) >= unix(latest), "the newest position",
                 heartbeat_s)
        print("live position %.1f s after the return" % (
            time.monotonic() - returned))


def newest(guild):
    fix = guild.cart("NEWEST").get("fix")
    return unix(fix["at"]) if fix else 0
