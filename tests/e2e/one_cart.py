"""One gateway without a guild: the tests play the bridge themselves, with
MessagePack of Debian's python3-msgpack, so that what the gateway sends is read
by another hand than ours."""
import time

import msgpack

from local import mqtt
from local.guild import Gateway
from local.process import wait_for

LEDGER = 60000
STREAMS = ("pos", "sale", "stock", "help")
STATES = ("stopped", "online", "lost")
KINDS = {"settings": 1, "catalogue": 2, "message": 3}
FIX_2D, NO_COURSE, SYSTEM_TIME, PARKED = 1, 2, 4, 8


def fixes_of(item):
    """A run of fixes as schemas/frames.md has it."""
    values = list(item[1:])
    form = values.pop(0)
    unit = 1 if form & 1 else 1000
    t = values.pop(0)
    boot = values.pop(0) if form & 2 else None
    lat, lon, speed, course, accuracy = (values.pop(0) for _ in range(5))
    flags = values.pop(0) if form & 4 else 0
    fixes, dlat, dlon = [], 0, 0
    while True:
        fixes.append({"at": t * unit, "boot": boot, "lat": lat / 1e6,
                      "lon": lon / 1e6, "speed": speed / 10,
                      "course": course, "accuracy": accuracy,
                      "flags": flags})
        if not values:
            return fixes
        dt, ddlat, ddlon, dspeed, dcourse = (values.pop(0) for _ in range(5))
        changed = dt < 0
        t += -1 - dt if changed else dt
        dlat, dlon = dlat + ddlat, dlon + ddlon
        lat, lon, speed = lat + dlat, lon + dlon, speed + dspeed
        course = (course + dcourse) % 360
        if changed:
            accuracy, flags = values.pop(0), values.pop(0)


def status_of(payload):
    fields = msgpack.unpackb(payload)
    names = ("version", "epoch", "count", "connection", "state", "at", "at_boot",
             "boot", "fix_mode", "fix", "day_open", "backlog", "battery",
             "ledger", "applied", "app", "oldest", "oldest_boot")
    status = dict(zip(names, fields))
    status["state"] = STATES[status["state"]]
    if status["fix"]:
        status["fix"] = fixes_of(status["fix"])[0]
    return status


class Bridge:
    """Hears one cart and, while `acks` is true, acknowledges what it sends."""

    def __init__(self, mosquitto, cart, ledger=LEDGER):
        self.cart = cart
        self.ledger = ledger
        self.acks = True
        self.frames = []		# (stream, epoch, first, count, items)
        self.statuses = []
        self.seen = []			# topics in the order they came
        self.client = mqtt.Client(mosquitto.port, "bridge",
                                  mosquitto.add_bridge())
        self.client.subscribe(*["pregon/%s/%s" % (cart, s)
                                for s in (*STREAMS, "status")])
        self.say_ledger()

    def say_ledger(self, since=0):
        self.client.publish("pregon/guild", msgpack.packb(
            [1, self.ledger, since]), retain=True)

    def command(self, number, kind, payload, ledger=None):
        self.client.publish("pregon/%s/cmd" % self.cart, msgpack.packb(
            [1, number, KINDS[kind], payload, ledger or self.ledger]))

    def acknowledge(self, stream, epoch, first, count, ledger=None):
        self.client.publish("pregon/%s/ack" % self.cart, msgpack.packb(
            [1, ledger or self.ledger, STREAMS.index(stream), epoch, first,
             first + count, int(time.time() * 1000)]))

    def pump(self):
        """Takes in what has come."""
        message = self.client.receive(0.002)
        while message:
            self._take(*message)
            message = self.client.receive(0.002)

    def wait(self, condition, what, timeout=20.0):
        def check():
            self.pump()
            return condition()
        return wait_for(check, what, timeout)

    def items(self, stream):
        """Every item, once, by (epoch, number), in order of arrival."""
        items = {}
        for name, epoch, first, _, list_ in self.frames:
            number = first
            for item in list_ if name == stream else []:
                items[epoch, number] = item
                number += (len(fixes_of(item)) if item[0] == 1
                           else item[1] if item[0] == 2 else 1)
        return items

    def fixes(self):
        return [f for item in self.items("pos").values() if item[0] == 1
                for f in fixes_of(item)]

    def sales(self):
        return [i for i in self.items("sale").values() if i[0] == 4]

    def close(self):
        self.client.close()

    def _take(self, topic, payload, _):
        name = topic.split("/")[2]
        self.seen.append(name)
        if name == "status":
            if payload:
                self.statuses.append(status_of(payload))
            return
        _, ledger, epoch, first, count, items = msgpack.unpackb(payload)
        self.frames.append((name, epoch, first, count, items))
        if self.acks and ledger == self.ledger:
            self.acknowledge(name, epoch, first, count)


class Cart:
    """A gateway and the bridge that hears it."""

    def __init__(self, dir, mosquitto, name="CART01", gpsd_port=1, env=None,
                 **more):
        settings = {"mqtt.host": "127.0.0.1", "mqtt.port": mosquitto.port,
                    "mqtt.password": mosquitto.add_cart(name),
                    "gpsd.port": gpsd_port,
                    **{k.replace("__", "."): v for k, v in more.items()}}
        self.bridge = Bridge(mosquitto, name)
        self.gateway = Gateway(name, str(dir), settings, env=env)

    def __enter__(self):
        self.gateway.start()
        return self

    def __exit__(self, *_):
        self.gateway.stop()
        self.bridge.close()

    def ask(self, **request):
        return self.gateway.ask(request)

    def state(self):
        return self.ask(type="state")

    def quiet(self):
        return self.bridge.wait(
            lambda: self.state()["backlog"] == 0, "all is acknowledged")
