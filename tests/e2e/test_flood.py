"""The role positions is stopped while carts go on, and is started again: what
came and went meanwhile is no news, and who is gone is.

At a tenth of the full length; tests of backend/rules do it at the full one.
"""
import os
import time

import pytest

import verdicts
from local.guild import Guild, build_dir
from local.process import Child, wait_for

SHORT_S = 6
DOWN_S = 60
STAY, GO = 950, 50


@pytest.fixture
def guild(tmp_path):
    with Guild(tmp_path, settings={
            "positions": {"missing.s": SHORT_S}}) as guild:
        yield guild


@pytest.fixture
def fleet(guild, tmp_path):
    """start(prefix, carts): a simulator's; plates begin with the prefix."""
    running = []

    def start(prefix, carts, connections):
        running.append(Child(
            [os.path.join(build_dir(), "bin", "pregon-sim"),
             "--carts=%d" % carts, "--prefix=" + prefix, "--seconds=0",
             "--heartbeat_s=2", "--fix_interval_ms=4000",
             "--sales_per_minute=60", "--mqtt.connections=%d" % connections,
             "--mqtt.port=%d" % guild.mosquitto.port, "--mqtt.user=sim",
             "--mqtt.password=" + guild.mosquitto.add_sim("sim")],
            str(tmp_path / ("sim-%s.log" % prefix))))
        return running[-1]
    yield start
    for sim in running:
        sim.kill9()


def test_a_role_that_was_down_judges_what_is_and_not_what_was(guild, fleet):
    # A connection's will speaks of one cart: who goes has one each.
    stay, go = fleet("S", STAY, STAY / 10), fleet("G", GO, GO)
    # Until its first fix a cart may be missing, with reason.
    verdicts.wait_calmly(lambda: live(guild) == STAY + GO,
                         "all carts are live", 120)
    before = len(verdicts.alerts(guild))

    down(guild)
    calm()
    assert verdicts.alerts(guild)[before:] == [], "none was gone"

    down(guild, go.kill9)
    verdicts.wait_calmly(
        lambda: len(verdicts.shown(guild, cause="missing")) >= GO,
        "those that are gone", SHORT_S + 60)
    calm()
    gone = verdicts.alerts(guild)[before:]
    print("missing=%d of %d" % (len(gone), GO))
    assert len(gone) == GO
    assert {a["cart"] for a in gone} == {"G%07d" % (i + 1)
                                         for i in range(GO)}
    assert {(a["cause"], a["state"], a["known"]) for a in gone} == {
        ("missing", "opened", "link_lost")}
    assert stay.running()


def live(guild):
    """None while some cart is missing."""
    stats = guild.get("/api/v1/stats")
    return stats["live"] if stats["missing"] == 0 else None


def down(guild, meanwhile=lambda: None):
    """The role is stopped for DOWN_S, and has caught up since."""
    role = guild.part("positions")
    role.stop()
    stopped = time.time()
    meanwhile()
    time.sleep(DOWN_S)	# the length of the outage itself
    role.start()
    began = time.monotonic()
    wait_for(lambda: newest_contact(guild) > stopped + DOWN_S,
             "the role has caught up", 60)
    print("caught up in %.1f s" % (time.monotonic() - began))


def newest_contact(guild):
    return max(verdicts.unix(row["contact_at"])
               for row in guild.get("/api/v1/carts")["carts"])


def calm():
    """Longer than a false alert would take."""
    time.sleep(SHORT_S + 3)
