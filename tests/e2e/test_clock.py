"""A gateway whose clock starts in 1970 and is put right later."""
import math
import os
import shutil
import subprocess
import time

import pytest

import nmea
from local.gpsd import Gpsd
from local.guild import Guild
from local.ports import free_port
from local.process import wait_for
from demo_parts.table import unix

# How far a mended time may be from the moment itself.
RIGHT_S = 2.0
FIELDS = {"type": "sale", "customer": "Ana", "units": 1, "amount": 700}


def faketime_library():
    listed = subprocess.run(["dpkg-query", "-L", "libfaketime"], text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    return next(p for p in listed.splitlines()
                if p.endswith("/libfaketime.so.1"))


class WrongClock:
    """libfaketime's: 1970 until it is put right."""

    def __init__(self, dir):
        self.path = str(dir / "clock")
        with open(self.path, "w") as f:
            f.write("@1970-01-01 00:00:30\n")

    def put_right(self):
        # Replaced, not rewritten: a reader never sees an empty file.
        with open(self.path + ".new", "w") as f:
            f.write("+0\n")
        os.rename(self.path + ".new", self.path)

    @property
    def env(self):
        return {"LD_PRELOAD": faketime_library(), "TZ": "UTC",
                "FAKETIME_TIMESTAMP_FILE": self.path,
                "FAKETIME_CACHE_DURATION": "1",
                # The kernel's own count is not touched by a wrong clock.
                "FAKETIME_DONT_FAKE_MONOTONIC": "1",
                "DONT_FAKE_MONOTONIC": "1"}


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("clock")) as guild:
        yield guild


def sell(gateway):
    before = time.time()
    answer = gateway.ask(FIELDS)
    assert answer["ok"], answer
    return answer["folio"], (before + time.time()) / 2


def check(guild, cart, moments):
    """Every sale ends with the time at which it was made."""
    def rows():
        return {r["folio"]: r for r in guild.sales() if r["cart"] == cart}
    wait_for(lambda: moments.keys() <= rows().keys(), "counted", 60)

    def wrong():
        return {f: unix(rows()[f]["at"]) - at for f, at in moments.items()
                if abs(unix(rows()[f]["at"]) - at) > RIGHT_S
                or rows()[f]["provisional"]}
    try:
        wait_for(lambda: not wrong(), "right times", 30)
    except AssertionError:
        raise AssertionError("seconds off: %s" % wrong()) from None


def test_without_a_fix_the_guilds_time_mends_the_events(guild, tmp_path):
    clock = WrongClock(tmp_path)
    nobody = free_port()
    gateway = guild.add_gateway("CLOCK1", env=clock.env, settings={
        "mqtt.port": nobody, "gpsd.port": free_port()}).start()
    assert gateway.ask({"type": "state"})["clock"]["trusted"] is False
    moments = dict(sell(gateway) for _ in range(5))
    # The network comes while the clock is still wrong.
    from local.proxy import Proxy
    with Proxy(guild.mosquitto.port, port=nobody):
        check(guild, "CLOCK1", moments)
        moments.update(sell(gateway) for _ in range(3))
        clock.put_right()
        moments.update(sell(gateway) for _ in range(3))
        check(guild, "CLOCK1", moments)
        gateway.stop()


def test_over_a_restart_before_any_trusted_time(guild, tmp_path):
    """Two starts of the gateway, one of the kernel: one marker for both."""
    clock = WrongClock(tmp_path)
    nobody = free_port()
    gateway = guild.add_gateway("CLOCK3", env=clock.env, settings={
        "mqtt.port": nobody, "gpsd.port": free_port()}).start()
    moments = dict(sell(gateway) for _ in range(3))
    gateway.kill9()
    gateway.start()
    moments.update(sell(gateway) for _ in range(3))
    from local.proxy import Proxy
    with Proxy(guild.mosquitto.port, port=nobody):
        check(guild, "CLOCK3", moments)
        gateway.stop()


def test_with_a_fix_the_receivers_time_mends_the_events(guild, tmp_path):
    clock = WrongClock(tmp_path)
    log = tmp_path / "now.nmea"
    begin = math.ceil(time.time()) + 8
    bytes_a_second = nmea.write_walk(log, begin, 120)
    with Gpsd(tmp_path / "gpsd", str(log), baud=10 * bytes_a_second,
              once=True, silent=True) as gpsd:
        gateway = guild.add_gateway("CLOCK2", env=clock.env, settings={
            "gpsd.port": gpsd.port, "mqtt.port": free_port(),
            "link.linger_s": 1}).start()
        moments = dict(sell(gateway) for _ in range(5))
        wait_for(lambda: time.time() >= begin, "the receiver's first second",
                 30)
        gpsd.feed()
        wait_for(lambda: gateway.ask({"type": "state"})["clock"]["trusted"],
                 "a trusted time", 40)
        moments.update(sell(gateway) for _ in range(3))
        from local.proxy import Proxy
        with Proxy(guild.mosquitto.port,
                   port=gateway.settings["mqtt.port"]):
            check(guild, "CLOCK2", moments)
            gateway.stop()
