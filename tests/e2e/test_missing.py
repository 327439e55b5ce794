"""Carts that fall silent, each for a reason of its own: when it is noticed,
what is known then, and why it was, once they are back."""
import contextlib
import os
import time

import pytest

import nmea
import verdicts
from carts import new_epoch, status
from local import netns
from local.gpsd import Gpsd
from local.guild import Guild, build_dir
from local.mqtt import Client
from local.process import Child, wait_for
from local.proxy import Proxy

LIMIT_S = 60
NOTICED_S = 62
STRIDE = 2		# 2.6 m/s: what it goes meanwhile is no drift
WALK_S = 600
# What is known when it is noticed, and why, on its return.
KILLED, CUT, BLIND, STOPPED, PLAYED = \
    "KILLED", "CUTOFF", "BLIND1", "STOPPD", "PLAYED"
CLOSED = "CLOSED"
KNOWN = {KILLED: "link_lost", CUT: "link_lost", BLIND: "no_fix",
         STOPPED: "stopped", PLAYED: "nothing"}
WHY = {KILLED: "gateway", CUT: "network", BLIND: "receiver",
       STOPPED: "gateway", PLAYED: "power"}


class Played:
    """A cart played by hand; it may come back with another boot."""

    PLACE = (-33.46, -70.65)

    def __init__(self, guild, plate):
        self.plate = plate
        self.boot = 99
        self.epoch = new_epoch()
        self.count = 0
        self.client = Client(guild.mosquitto.port, plate,
                             guild.mosquitto.add_cart(plate))

    def say(self):
        self.count += 1
        self.client.publish("pregon/%s/status" % self.plate, status(
            self.count, self.epoch, at_ms=round(time.time() * 1000),
            boot=self.boot, place=self.PLACE), retain=True)

    def lose_power(self):
        self.boot += 1
        self.epoch = new_epoch()


@pytest.fixture
def walk(tmp_path):
    """start(name): a gpsd whose receiver walks south, from now on."""
    running = []

    def start(name):
        log = str(tmp_path / (name + ".nmea"))
        size = nmea.write_walk(log, int(time.time()) + 1, WALK_S, STRIDE)
        running.append(Gpsd(tmp_path / name, log, baud=10 * size,
                            once=True).start())
        return running[-1]
    yield start
    for gpsd in running:
        gpsd.stop()


@contextlib.contextmanager
def network_of_its_own(broker_port, gpsd_port):
    """(what may be cut, a gateway's settings and prefix): a namespace, or
    where none can be made a proxy that loses all."""
    if netns.possible():
        with netns.CartNetwork(broker_port, gpsd_port) as network:
            print("cut in a namespace")
            yield network, {
                "settings": {"mqtt.host": network.broker_host,
                             "gpsd.host": network.gpsd_host},
                "prefix": network.prefix}
    else:
        with Proxy(broker_port) as proxy:
            print("cut at a proxy")
            yield proxy, {"settings": {"mqtt.port": proxy.port}}


def test_carts_that_fall_silent(tmp_path, walk):
    seeing, blind = walk("gpsd"), walk("blind")
    with Guild(tmp_path / "guild") as guild, \
            network_of_its_own(guild.mosquitto.port,
                               seeing.port) as (air, inside):
        for plate in (KILLED, CUT, BLIND, STOPPED, CLOSED):
            gpsd = blind if plate == BLIND else seeing
            gateway = guild.add_gateway(
                plate, gpsd_port=gpsd.port,
                **(inside if plate == CUT else {})).start()
            assert gateway.ask({"type": "open"})["ok"]
        played = Played(guild, PLAYED)
        played.say()
        at_work(guild, KNOWN.keys() | {CLOSED})

        assert guild.gateways[CLOSED].ask({"type": "close"})["ok"]
        wait_for(lambda: not guild.cart(CLOSED)["day_open"], "closed", 30)
        played.say()
        guild.gateways[KILLED].kill9()
        air.cut()
        blind.child.pause()
        for plate in (STOPPED, CLOSED):
            guild.gateways[plate].stop()
        noticed(guild)

        for plate in (KILLED, STOPPED, CLOSED):
            guild.gateways[plate].start()
        air.restore()
        blind.child.resume()
        played.lose_power()
        played.say()
        returned(guild)
        mended(guild)
        assert {a["cart"] for a in verdicts.alerts(guild)} == set(KNOWN)


def at_work(guild, plates):
    def all_are():
        rows = {row["cart"]: row for row in guild.get(
            "/api/v1/carts?live=true")["carts"]}
        return all(p in rows and rows[p]["fix"] and rows[p]["day_open"]
                   for p in plates)
    wait_for(all_are, "all carts are live, with a fix and a day open", 60)

    # Beyond doubt: a first fix that is as old as the status before it, which
    # knew of none, may count or not.
    def all_said_where():
        rows = verdicts.coordinates(guild)
        return all(verdicts.reports(rows, p) for p in plates)
    verdicts.wait_calmly(all_said_where, "all have said where they are", 60)


def missing(guild, state):
    return {a["cart"]: a for a in
            verdicts.shown(guild, state, cause="missing")}


def noticed(guild):
    verdicts.wait_calmly(lambda: len(missing(guild, "open")) >= len(KNOWN),
                         "the alerts", LIMIT_S + 60)
    live = verdicts.live(guild)
    assert not live & (KNOWN.keys() | {CLOSED}), live
    rows = verdicts.coordinates(guild)
    alerts = verdicts.alerts(guild)
    assert {a["cart"] for a in alerts} == set(KNOWN), alerts
    for alert in (a for a in alerts if a["state"] == "opened"):
        cart, record_ms = alert["cart"], alert["record_ms"]
        before = [r for r in rows if r["record_ms"] < record_ms]
        said = verdicts.reports(before, cart)
        assert said, (alert, verdicts.story(rows, cart, rows[0]["record_ms"]))
        last_ms = said[-1]["record_ms"]
        noticed_s = (record_ms - last_ms) / 1000
        print("%s: %s, flagged %.3f s after its last report" % (
            cart, alert["known"], noticed_s))
        assert alert["cause"] == "missing" and alert["key"] == cart
        story = verdicts.story(before, cart, last_ms)
        assert alert["known"] == KNOWN[cart], story
        assert alert["since_ms"] == last_ms, story
        assert LIMIT_S <= noticed_s <= NOTICED_S, story
        last = verdicts.places(before, cart)[-1]
        assert alert["place"] == {
            "lat_e6": last["lat_e6"], "lon_e6": last["lon_e6"],
            "at_ms": last["at"]["ms"]}, alert
    # What is known is known at once: nothing was changed since.
    assert [a["state"] for a in alerts] == ["opened"] * len(KNOWN), alerts


def returned(guild):
    verdicts.wait_calmly(lambda: not missing(guild, "open"),
                         "all are back", 60)
    rows = verdicts.coordinates(guild)
    over = {a["cart"]: a for a in verdicts.alerts(guild)
            if a["state"] == "resolved"}
    for cart, alert in over.items():
        until_ms = next(r["record_ms"] for r in verdicts.reports(rows, cart)
                        if r["record_ms"] > alert["since_ms"])
        print("%s: %s, away %.1f s" % (
            cart, alert["why"], (until_ms - alert["since_ms"]) / 1000))
        story = verdicts.story(rows, cart, alert["since_ms"])
        assert alert["why"] == WHY[cart], story
        assert alert["until_ms"] == until_ms, story
    assert set(over) == set(KNOWN)
    wait_for(lambda: KNOWN.keys() <= verdicts.live(guild), "live again", 30)


def mended(guild):
    """The way that the cart without network went is told with its alert."""
    first = missing(guild, "all")[CUT]
    until_ms = [a for a in verdicts.alerts(guild, CUT)
                if a["state"] == "resolved"][0]["until_ms"]
    verdicts.wait_calmly(lambda: verdicts.tracked(guild, CUT)[-1:]
                         and verdicts.tracked(guild, CUT)[-1]["at"]["ms"]
                         > until_ms, "what it kept has come", 120)
    way_m = verdicts.way_between(guild, CUT, first["since"], first["until"])
    assert way_m > 100, way_m
    wait_for(lambda: abs((missing(guild, "all")[CUT]["moved_m"] or 0) - way_m)
             <= 0.05 * way_m + 25, "the alert is mended", 30)
    story = verdicts.alerts(guild, CUT)
    assert len({a["id"] for a in story}) == 1, story
    assert [a["state"] for a in story[:2]] == ["opened", "resolved"], story
    assert {a["state"] for a in story[2:]} == {"changed"}, story
    assert [a["revision"] for a in story] == list(range(len(story)))
    last, shown = story[-1], missing(guild, "all")[CUT]
    print("%s: moved %d m, by its fixes %.0f m" % (
        CUT, last["moved_m"], way_m))
    assert (last["since_ms"], last["until_ms"], last["why"]) == (
        story[0]["since_ms"], until_ms, "network")
    assert not shown["open"] and shown["id"] == first["id"]
    assert shown["moved_m"] == last["moved_m"]
    assert shown["since"] == first["since"]
    assert shown["until"] == first["until"]


# The guild's own outages.

SHORT_S = 6
AWAY_S = 12
LIVE = 30


@pytest.fixture
def quick_guild(tmp_path):
    with Guild(tmp_path, settings={
            "positions": {"missing.s": SHORT_S}}) as guild:
        yield guild


def test_no_cart_is_missed_while_the_guild_itself_is_away(quick_guild,
                                                          tmp_path):
    guild = quick_guild
    kafka, mosquitto = guild.kafka, guild.mosquitto
    sim = Child([os.path.join(build_dir(), "bin", "pregon-sim"),
                 "--carts=%d" % LIVE, "--seconds=0", "--heartbeat_s=2",
                 "--fix_interval_ms=3000", "--sales_per_minute=60",
                 "--mqtt.port=%d" % mosquitto.port, "--mqtt.user=sim",
                 "--mqtt.password=" + mosquitto.add_sim("sim")],
                str(tmp_path / "sim.log"))
    with sim:
        sim.wait_for(lambda: len(verdicts.live(guild)) == LIVE,
                     "all carts are live", 60)
        for what, away, back in (
                ("Kafka", kafka.pause, kafka.resume),
                ("Mosquitto", mosquitto.pause, mosquitto.resume)):
            away()
            time.sleep(AWAY_S)	# the length of the outage itself
            back()
            heard_again(guild, what)
        assert sim.running()
    # And with ears open again, it hears who is gone.
    verdicts.wait_calmly(lambda: len(missing(guild, "open")) == LIVE,
                         "the carts that are gone", SHORT_S + 60)
    gone = verdicts.alerts(guild)
    assert len(gone) == LIVE


def heard_again(guild, what):
    """For as long as a false alert would take, and longer."""
    def contacts():
        return [row["contact_at"] for row in guild.get(
            "/api/v1/carts")["carts"]]

    first = max(contacts())
    wait_for(lambda: min(contacts()) > first, "all are heard again", 60)
    time.sleep(SHORT_S + 3)	# of open ears: what they hear is judged
    assert verdicts.alerts(guild) == [], what
