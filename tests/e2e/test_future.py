"""Frames of a newer cart, and one bad event in a good frame: by hand, with a
cart's own credentials, through the whole guild."""
import time

import msgpack
import pytest

import records
from carts import Ack, frame, new_epoch, status, walk
from local.guild import Guild
from local.mqtt import Client
from local.process import wait_for

PARTITIONS = 2
# Where an ack must not come: acks take some 10 ms here.
QUIET_S = 1.0
DATE = "2025-11-20"
NOON_MS = 1763650800000		# 15:00 UTC: noon in Santiago
# What a later version may have appended, of every type.
APPENDED = [7, "later", None, [1, [2, {"x": b"\1"}]], -1.5]


def sale(units, at=NOON_MS, appended=(), line=(), **fields):
    where = [-33440000, -70650000, 3, *appended]
    return [4, at, None, True, 5000, fields.get("customer", "Ana"), None,
            fields.get("request_id"), where,
            [[0, units, 1500 * units, *line]], *appended]


def stock(level, appended=()):
    return [6, NOON_MS, None, 0, -1, level, 0, None, *appended]


def newer(items, **more):
    """The frame with fields after the last one that we know."""
    return msgpack.packb(msgpack.unpackb(frame(items, **more)) + APPENDED)


class Cart:
    """A cart played by hand."""

    def __init__(self, guild, plate):
        self.guild = guild
        self.plate = plate
        self.epoch = new_epoch()
        self.client = Client(guild.mosquitto.port, plate,
                             guild.mosquitto.add_cart(plate))
        self.client.subscribe("pregon/%s/ack" % plate)

    def publish(self, what, payload):
        self.client.publish("pregon/%s/%s" % (self.plate, what), payload)

    def send(self, stream, payload, timeout=10):
        """The ack; None if none came."""
        self.publish(stream, payload)
        got = self.client.receive(timeout)
        return Ack(got[1]) if got else None

    def day(self):
        rows = self.guild.get("/api/v1/sales/daily?date=%s&cart=%s" % (
            DATE, self.plate))["carts"]
        return {k: rows[0][k] for k in (
            "sales", "units", "revenue_clp", "customers", "abandoned",
            "voided", "provisional")} if rows else {}

    def wait_day(self, **expected):
        expected = {"sales": 0, "customers": 1, "abandoned": 0, "voided": 0,
                    "provisional": 0, **expected}
        try:
            wait_for(lambda: self.day() == expected, "the day's sum", 10)
        except AssertionError:
            raise AssertionError("%s, not %s" % (self.day(),
                                                 expected)) from None

    def level(self):
        return [s["level_units"] for s in self.guild.get(
            "/api/v1/stock?cart=" + self.plate)["stock"]]

    def gaps(self):
        return [(g["stream"], g["first_number"], g["events"], g["reason"])
                for g in self.guild.get(
                    "/api/v1/gaps?cart=" + self.plate)["gaps"]]

    def records(self, topic):
        return [r for r in records.read(
            self.guild.bootstrap, "topic_" + topic, PARTITIONS)
            if r.key == self.plate.encode()]

    def folio(self, number):
        """As the guild writes it."""
        return wait_for(lambda: [
            r["folio"] for r in self.guild.sales()
            if r["cart"] == self.plate
            and r["folio"].endswith("-%d" % number)], "the sale", 10)[0]


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    # What is asked twice within a moment is to be answered anew.
    with Guild(tmp_path_factory.mktemp("future"), partitions=PARTITIONS,
               settings={"api": {"cache.ms": 0}}) as guild:
        yield guild


_plates = iter(range(1000, 10000))


@pytest.fixture
def cart(guild):
    cart = Cart(guild, "NEW%d" % next(_plates))
    yield cart
    cart.client.close()


# Appended fields.

def test_sales_with_appended_fields_are_counted(cart):
    payload = newer([sale(2, appended=APPENDED, line=APPENDED),
                     sale(3, NOON_MS + 1000, line=["x"])], epoch=cart.epoch)
    ack = cart.send("sale", payload)
    assert (ack.epoch, ack.first, ack.next) == (cart.epoch, 0, 2)
    cart.wait_day(sales=2, units=5, revenue_clp=7500)
    # Whoever knows more finds it: the record is the frame as it came.
    record, = cart.records("ventas")
    assert record.value == payload
    void = [5, NOON_MS + 2000, None, cart.folio(0), "error", *APPENDED]
    assert cart.send("sale", newer([void], first=2, epoch=cart.epoch))
    cart.wait_day(sales=1, units=3, revenue_clp=4500, voided=1)
    # The same bytes again are the same sales.
    assert cart.send("sale", payload)
    assert cart.send("sale", frame([sale(1, NOON_MS + 3000)], first=3,
                                   epoch=cart.epoch))
    cart.wait_day(sales=2, units=4, revenue_clp=6000, voided=1)
    assert cart.gaps() == [] and cart.records("rechazados") == []


def test_a_request_is_the_same_with_and_without_appended_fields(cart):
    """A POS that repeats itself over the gateway's upgrade."""
    plain = frame([sale(2, request_id="one")], epoch=cart.epoch)
    assert cart.send("sale", plain)
    again = newer([sale(2, NOON_MS + 9000, request_id="one",
                        appended=APPENDED, line=APPENDED)],
                  epoch=new_epoch())
    assert cart.send("sale", again)
    assert cart.send("sale", frame([sale(1)], first=1, epoch=cart.epoch))
    cart.wait_day(sales=2, units=3, revenue_clp=4500)


def test_fixes_stock_and_markers_with_appended_fields_are_read(cart):
    assert cart.send("stock", newer([stock(41, APPENDED), stock(40)],
                                    epoch=cart.epoch))
    wait_for(lambda: cart.level() == [40], "the level", 10)
    ack = cart.send("pos", newer([walk(3)], count=3, epoch=cart.epoch))
    assert ack.next == 3
    wait_for(lambda: len(cart.guild.get(
        "/api/v1/carts/%s/track?from=2025-11-20T00:00:00Z"
        "&to=2025-11-22T00:00:00Z" % cart.plate)["points"]) == 3,
        "the track", 10)
    boot, offset = 99, NOON_MS - 5000
    gap = [2, 4, None, None, None, 0, *APPENDED]
    early = [4, 5000, boot, *sale(2)[3:]]
    assert cart.send("sale", newer(
        [early, gap, [3, boot, offset, *APPENDED]], count=6,
        epoch=cart.epoch)).next == 6
    cart.wait_day(sales=1, units=2, revenue_clp=3000)
    assert cart.gaps() == [("sale", 1, 4, "full")]
    cart.publish("status", msgpack.packb(
        msgpack.unpackb(status(epoch=cart.epoch)) + APPENDED))
    wait_for(lambda: cart.guild.cart(cart.plate).get("state") == "online",
             "the status", 10)
    assert cart.records("rechazados") == []


# Another version.

@pytest.mark.parametrize("stream,items", [
    ("sale", [sale(1)]), ("stock", [stock(4)]), ("pos", [walk(1)]),
    ("sale", ["of another", {"world": 1}])])
def test_a_frame_of_version_2_is_kept_and_never_acknowledged(
        cart, stream, items):
    payload = frame(items, epoch=cart.epoch, version=2)
    for _ in range(3):
        assert cart.send(stream, payload, QUIET_S / 3) is None
    kept, = wait_for(lambda: cart.records("rechazados"), "it is kept", 10)
    assert kept.value == payload
    assert kept.headers["schema"] == "reject/1"
    assert kept.headers["origin"] == "pregon/%s/%s" % (cart.plate, stream)
    assert "version" in kept.headers["reason"]
    # The cart's other streams and starts are not held up by it.
    assert cart.send("sale", frame([sale(1)], epoch=new_epoch()))
    cart.wait_day(sales=1, units=1, revenue_clp=1500)
    assert cart.send(stream, payload, QUIET_S) is None
    assert len(cart.records("rechazados")) == 1
    assert cart.gaps() == [] and cart.level() == []


def test_a_status_of_version_2_leaves_the_last_one_that_was_read(cart):
    cart.publish("status", status(epoch=cart.epoch))
    wait_for(lambda: any(
        c["cart"] == cart.plate
        for c in cart.guild.get("/api/v1/carts")["carts"]), "the status", 10)
    strange = msgpack.unpackb(status(2, epoch=cart.epoch, state=0))
    payload = msgpack.packb([2, *strange[1:]])
    cart.publish("status", payload)
    kept, = wait_for(lambda: cart.records("rechazados"), "it is kept", 10)
    assert kept.value == payload
    assert cart.guild.get("/api/v1/carts/" + cart.plate)["state"] == "online"


# One bad event.

BAD = {"no units": [4, NOON_MS, None, True, None, "Ana", None, None, None,
                    [[0, 0, 1500]]],
       "no lines": [4, NOON_MS, None, True, None, "Ana", None, None, None,
                    []],
       "a float": [4, NOON_MS, None, True, None, "Ana", None, None, None,
                   [[0, 1, 1500.0]]],
       "too short": [4, NOON_MS, None, True],
       "no text": [4, NOON_MS, None, True, None, b"Ana", None, None, None,
                   [[0, 1, 1500]]],
       "a later kind": [8, NOON_MS, "?"], "another stream's": stock(3),
       "no item": None, "a far time": sale(1, 4102444800001)}


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD.keys())
def test_one_bad_event_is_kept_and_the_good_ones_are_counted(cart, bad):
    bridge = cart.guild.part("bridge")
    before = bridge.metrics()["pregon_bridge_refused_sales_total"]
    payload = frame([sale(2), bad, sale(3, NOON_MS + 1)], epoch=cart.epoch)
    ack = cart.send("sale", payload)
    assert (ack.first, ack.next) == (0, 3)
    cart.wait_day(sales=2, units=5, revenue_clp=7500)
    kept, = cart.records("rechazados")
    assert kept.value == payload
    assert kept.headers["reason"].startswith("item 2: ")
    assert cart.gaps() == [("sale", 1, 1, "refused")]
    assert bridge.metrics()["pregon_bridge_refused_sales_total"] == before + 1
    # Mended, it closes its hole.
    assert cart.send("sale", frame([sale(1, NOON_MS + 2)], first=1,
                                   epoch=cart.epoch))
    cart.wait_day(sales=3, units=6, revenue_clp=9000)
    assert cart.gaps() == []


def test_a_bad_event_sent_again_is_kept_and_counted_no_further(cart):
    """The ack was lost: the cart sends the same frame."""
    payload = frame([sale(2), BAD["a float"]], epoch=cart.epoch)
    for _ in range(3):
        assert cart.send("sale", payload).next == 2
    assert cart.send("sale", frame([sale(1, NOON_MS + 2)], first=2,
                                   epoch=cart.epoch))
    cart.wait_day(sales=2, units=3, revenue_clp=4500)
    assert cart.gaps() == [("sale", 1, 1, "refused")]
    assert {r.value for r in cart.records("rechazados")} == {payload}
