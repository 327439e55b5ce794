"""Carts that speak to a bridge by hand: frames as bytes, acks as bytes, one
frame under way each, sent again when no ack comes."""
import secrets
import time

import msgpack

from local.mqtt import Client

GAP = [2, 1, None, None, None, 0]
T0_MS = 1763700000000


def sale(units=1):
    return [4, T0_MS, None, True, None, "Ana", None, None, None,
            [[0, units, 1500 * units]]]


def stock(level):
    return [6, T0_MS, None, 0, -1, level, 0, None]


def note(text):
    return [7, T0_MS, None, text, None]


def walk(fixes):
    """A run of fixes 10 s apart."""
    return [1, 0, T0_MS // 1000, -33440000, -70650000, 10, 45, 4] \
        + [10, 90, 70, 0, 0] * (fixes - 1)


def new_epoch():
    return b"\1" + secrets.token_bytes(4)


def frame(items, first=0, count=None, epoch=b"\1\2\3\4\5", ledger=1,
          version=1):
    return msgpack.packb([version, ledger, epoch, first,
                          len(items) if count is None else count, items])


def status(count=1, epoch=b"\1\2\3\4\5", state=1, ledger=1, applied=0,
           connection=1, at_ms=T0_MS, boot=99, place=None, oldest_ms=None):
    """place: (latitude, longitude), where it is at at_ms; oldest_ms: of the
    oldest event that it still keeps."""
    fix = place and [1, 0, at_ms // 1000, round(place[0] * 1e6),
                     round(place[1] * 1e6), 10, 45, 4]
    return msgpack.packb([1, epoch, count, connection, state, at_ms, None,
                          boot, 4, fix, True, 0, None, ledger, applied,
                          "test", oldest_ms, None])


class Ack:
    """[version, ledger, stream, epoch, first_seq, next_seq, server_time]"""

    def __init__(self, payload):
        (self.version, self.ledger, self.stream, self.epoch, self.first,
         self.next, self.server_ms) = msgpack.unpackb(payload)


class Fleet:
    """Many carts over one connection, each with a sale frame under way."""

    RESEND_S = 1.0

    def __init__(self, mosquitto, password, count, prefix="FL"):
        self.mosquitto = mosquitto
        self.password = password
        self.carts = {}
        for i in range(count):
            self.carts["%s%04d" % (prefix, i)] = {
                "epoch": new_epoch(), "seq": 0, "sent": 0.0}
        self.acked = 0
        self.client = None
        self.connect()

    def connect(self):
        self.client = Client(self.mosquitto.port, "sim", self.password)
        self.client.subscribe("pregon/+/ack")
        for cart in self.carts.values():
            cart["sent"] = 0.0

    def turn(self):
        """Sends what is due and takes the acks that are there."""
        now = time.monotonic()
        try:
            for plate, cart in self.carts.items():
                if now - cart["sent"] > self.RESEND_S:
                    cart["sent"] = now
                    self.client.publish(
                        "pregon/%s/sale" % plate,
                        frame([sale()], cart["seq"], epoch=cart["epoch"]))
            message = self.client.receive(0.02)
            while message:
                self._take(*message[:2])
                message = self.client.receive(0)
        except ConnectionError:
            self._connect_again()

    def _take(self, topic, payload):
        cart = self.carts.get(topic.split("/")[1])
        if cart is None:
            return
        ack = Ack(payload)
        if ack.epoch == cart["epoch"] and ack.first == cart["seq"]:
            cart["seq"] = ack.next
            cart["sent"] = 0.0
            self.acked += 1

    def _connect_again(self):
        try:
            self.connect()
        except OSError:
            time.sleep(0.05)

    def run(self, seconds=None, until=None, timeout=60):
        """For so long, or until the condition holds."""
        end = time.monotonic() + (seconds if seconds is not None else timeout)
        while time.monotonic() < end:
            if until and until():
                return True
            self.turn()
        assert until is None, "not within %g s" % timeout
        return True

    def missing(self, rows):
        """Events acknowledged that are in none of the records."""
        there = {(r.key.decode(), *msgpack.unpackb(r.value)[2:4])
                 for r in rows if r.headers["schema"] == "sale/1"}
        return [(plate, seq) for plate, cart in self.carts.items()
                for seq in range(cart["seq"])
                if (plate, cart["epoch"], seq) not in there]
