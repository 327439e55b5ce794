"""pregon-bridge between a real Mosquitto and a real Kafka: what becomes of a
frame, and of the bridge when its neighbours fail."""
import os
import random
import secrets
import subprocess
import time

import msgpack
import pytest

import records
from carts import (GAP, Ack, Fleet, frame, new_epoch, note, sale, status,
                   stock, walk)
from local.guild import Part
from local.kafka import Kafka
from local.mosquitto import Mosquitto
from local.mqtt import Client
from local.ports import free_port
from local.process import wait_for

# Where an ack must not come: acks take some 10 ms here.
QUIET_S = 0.5
PARTITIONS = 2


class World:
    """Kafka, Mosquitto, a bridge, and who plays the carts."""

    def __init__(self, dir, kafka, mosquitto, **settings):
        self.dir = str(dir)
        self.kafka = kafka
        self.mosquitto = mosquitto
        self.settings = settings
        self.bridges = []
        self.password = mosquitto.add_sim("sim")

    def bridge(self, start=True, **more):
        name = "bridge%d" % len(self.bridges)
        port = free_port()
        part = Part(name, "pregon-bridge", self.dir, {
            "brokers": self.kafka.bootstrap, "mqtt.host": "127.0.0.1",
            "mqtt.port": self.mosquitto.port, "mqtt.user": "bridge",
            "mqtt.password": self.mosquitto.add_bridge("bridge"),
            "health.port": port, "commands.resend_ms": 1000,
            **self.settings, **more}, http_port=port)
        self.bridges.append(part)
        return part.start() if start else part

    def client(self, *filters):
        client = Client(self.mosquitto.port, "sim", self.password)
        if filters:
            assert client.subscribe(*filters) == [0] * len(filters)
        return client

    def read(self, topic):
        reserved = 1 if topic == "coordenadas" else 0
        return records.read(self.kafka.bootstrap, "topic_" + topic,
                            PARTITIONS + reserved)

    def read_cart(self, topic, plate):
        return [r for r in self.read(topic) if r.key == plate.encode()]

    def command(self, key, cmd):
        plate = key.split("/")[0].encode()
        records.write(self.kafka.bootstrap, "topic_comandos",
                      records.partition_of(plate, PARTITIONS), key.encode(),
                      msgpack.packb(cmd) if cmd is not None else None)

    def stop(self):
        for part in self.bridges:
            part.stop()


@pytest.fixture(scope="module")
def shared(tmp_path_factory):
    """One world with one bridge, for tests that leave it as it was."""
    dir = tmp_path_factory.mktemp("bridge")
    with Kafka(dir / "kafka") as kafka, \
            Mosquitto(dir / "mosquitto") as mosquitto:
        world = World(dir, kafka, mosquitto)
        world.bridge()
        yield world
        world.stop()


_plates = iter(range(1000, 10000))


@pytest.fixture
def plate():
    return "BR%d" % next(_plates)


def send(world, plate, stream, payload, timeout=10):
    """Publishes, and returns the ack; None if none came."""
    with world.client("pregon/%s/ack" % plate) as cart:
        cart.publish("pregon/%s/%s" % (plate, stream), payload)
        got = cart.receive(timeout)
        return Ack(got[1]) if got else None


def refused(part, reason=None):
    return sum(v for k, v in part.metrics().items()
               if k.startswith("pregon_bridge_refused_total")
               and (reason is None or '"%s"' % reason in k))


def rss_kb(pid):
    with open("/proc/%d/status" % pid) as f:
        return next(int(line.split()[1]) for line in f
                    if line.startswith("VmRSS"))


# Frames.

@pytest.mark.parametrize("number,stream,topic,items", [
    (0, "pos", "coordenadas", [walk(3)]), (1, "sale", "ventas", [sale()]),
    (2, "stock", "stock", [stock(4), stock(3)]),
    (3, "help", "soporte", [note("¡ayuda!")])])
def test_a_frame_is_kept_as_it_came_and_then_acknowledged(
        shared, plate, number, stream, topic, items):
    count = 3 if stream == "pos" else len(items)
    payload = frame(items, first=7, count=count, ledger=12345)
    ack = send(shared, plate, stream, payload)
    assert (ack.version, ack.ledger, ack.stream) == (1, 12345, number)
    assert (ack.epoch, ack.first, ack.next) == (b"\1\2\3\4\5", 7, 7 + count)
    row, = shared.read_cart(topic, plate)
    assert row.value == payload
    assert row.headers == {"schema": stream + "/1"}
    if topic == "coordenadas":
        assert row.partition > 0, "partition 0 is for reports"


def test_a_bad_item_is_kept_apart_and_the_good_ones_go_on(shared, plate):
    bridge = shared.bridges[0]
    before = bridge.metrics()["pregon_bridge_refused_sales_total"]
    payload = frame([sale(1), [4, "when?"], sale(3)], first=5)
    ack = send(shared, plate, "sale", payload)
    assert (ack.first, ack.next) == (5, 8)
    row, = shared.read_cart("ventas", plate)
    assert msgpack.unpackb(row.value) == [
        1, 1, b"\1\2\3\4\5", 5, 3,
        [sale(1), [2, 1, None, None, None, 2], sale(3)]]
    kept, = shared.read_cart("rechazados", plate)
    assert kept.value == payload
    assert kept.headers["schema"] == "reject/1"
    assert kept.headers["origin"] == "pregon/%s/sale" % plate
    assert kept.headers["reason"].startswith("item 2: sale")
    now = bridge.metrics()["pregon_bridge_refused_sales_total"]
    assert now == before + 1
    assert "error bridge.sale_refused" in bridge.child.output()


@pytest.mark.parametrize("items,count", [
    ([[99], "x"], 2), ([sale()], 3), ([sale(), sale()], 1)])
def test_a_hopeless_payload_does_not_block_its_cart(shared, plate, items,
                                                    count):
    payload = frame(items, first=2, count=count)
    ack = send(shared, plate, "sale", payload)
    assert (ack.first, ack.next) == (2, 2 + count)
    row, = shared.read_cart("ventas", plate)
    assert msgpack.unpackb(row.value)[5] == [
        [2, count, None, None, None, 2]]
    kept, = shared.read_cart("rechazados", plate)
    assert kept.value == payload


@pytest.mark.parametrize("payload", [
    frame([sale()], version=2), msgpack.packb([2, "another", {"world": 1}]),
    b"", b"\xc1", b"\xdd\xff\xff\xff\xff", frame([sale()])[:-3],
    frame([sale()], epoch=b"\0" * 5)])
def test_what_has_no_envelope_is_kept_once_and_never_acknowledged(
        shared, plate, payload):
    assert send(shared, plate, "sale", payload, QUIET_S) is None
    wait_for(lambda: shared.read_cart("rechazados", plate), "it is kept", 10)
    for _ in range(3):
        assert send(shared, plate, "sale", payload, 0.05) is None
    # Another one, so that what came before it has been dealt with.
    assert send(shared, plate, "sale", frame([sale()]))
    kept, = shared.read_cart("rechazados", plate)
    assert kept.value == payload
    assert len(shared.read_cart("ventas", plate)) == 1


def test_a_topic_without_a_plate_is_kept_under_its_name(shared):
    name = "pregon/no-plate/pos"
    with shared.client() as cart:
        cart.publish(name, b"hello")
        wait_for(lambda: shared.read_cart("rechazados", name), "it is kept",
                 10)
    kept, = shared.read_cart("rechazados", name)
    assert (kept.value, kept.headers["origin"]) == (b"hello", name)


def test_a_gap_and_a_time_marker_are_frames_like_others(shared, plate):
    items = [[2, 40, None, None, None, 0], [3, 77, 1763700000000], sale()]
    ack = send(shared, plate, "sale", frame(items, first=1, count=42))
    assert ack.next == 43
    assert shared.read_cart("rechazados", plate) == []


# Statuses.

def test_a_live_status_goes_to_kafka_once_and_a_cleared_one_not(
        shared, plate):
    with shared.client() as cart:
        cart.publish("pregon/%s/status" % plate, status(), retain=True)
        cart.publish("pregon/%s/status" % plate, b"", retain=True)
        cart.publish("pregon/%s/status" % plate, status(2))
        wait_for(lambda: len(shared.read_cart("coordenadas", plate)) >= 2,
                 "both statuses", 10)
    rows = shared.read_cart("coordenadas", plate)
    assert [r.value for r in rows] == [status(), status(2)]
    assert rows[0].headers == {"schema": "status/1"}
    assert shared.read_cart("rechazados", plate) == []


def test_a_status_that_cannot_be_read_is_kept_apart(shared, plate):
    with shared.client() as cart:
        cart.publish("pregon/%s/status" % plate, b"\x91\x01")
        wait_for(lambda: shared.read_cart("rechazados", plate), "it is kept",
                 10)
    kept, = shared.read_cart("rechazados", plate)
    assert kept.headers["reason"].startswith("status")
    assert shared.read_cart("coordenadas", plate) == []


def test_retained_statuses_are_taken_at_the_start(shared, plate):
    bridge = shared.bridges[0]
    bridge.stop()
    with shared.client() as cart:
        cart.publish("pregon/%s/status" % plate, status(9), retain=True)
        cart.sync()
        bridge.start()
        wait_for(lambda: shared.read_cart("coordenadas", plate),
                 "the retained status", 10)
        cart.publish("pregon/%s/status" % plate, status(10), retain=True)
        wait_for(lambda: len(shared.read_cart("coordenadas", plate)) >= 2,
                 "the live one", 10)
        cart.publish("pregon/%s/status" % plate, b"", retain=True)
    assert [r.value for r in shared.read_cart("coordenadas", plate)] == [
        status(9), status(10)]


# Commands and the guild's word.

def ledger_of(world):
    with world.client("pregon/guild") as cart:
        return msgpack.unpackb(cart.receive(10)[1])[1]


def test_the_guilds_word_is_retained_and_in_the_log(shared):
    ledger_of(shared)       # it has been said
    with shared.client("pregon/guild") as cart:
        topic, payload, retained = cart.receive(10)
    word = msgpack.unpackb(payload)
    assert retained and word[0] == 1 and word[2] is None
    record = [r for r in shared.read("comandos") if r.key == b"guild"][-1]
    kept = msgpack.unpackb(record.value)
    assert kept[1] == word[1] and len(kept[3]) == 16


def test_a_command_is_sent_until_it_is_applied_and_then_erased(shared, plate):
    ledger = ledger_of(shared)
    topic = "pregon/%s/status" % plate
    with shared.client("pregon/%s/cmd" % plate) as cart:
        cart.publish(topic, status(1, ledger=ledger))
        shared.command(plate + "/settings", [1, 0, 1, [["keep.s", "30"]], 0])
        shared.command(plate + "/uuid-1", [1, 0, 3, [1763700000000, "hi"], 0])
        first = [msgpack.unpackb(cart.receive(10)[1]) for _ in range(2)]
        assert first[0] == first[1], "it is sent again"
        assert first[0][0] == 1 and first[0][2:] == [
            1, [["keep.s", "30"]], ledger]
        cart.publish(topic, status(2, ledger=ledger, applied=first[0][1]))
        second = msgpack.unpackb(cart.receive(10)[1])
        while second == first[0]:
            second = msgpack.unpackb(cart.receive(10)[1])
        assert second[1] > first[0][1] and second[2] == 3
        cart.publish(topic, status(3, ledger=ledger, applied=second[1]))
        wait_for(lambda: any(
            r.key == plate.encode() + b"/uuid-1" and r.value is None
            for r in shared.read("comandos")), "its tombstone", 10)
        # Another gateway under the plate gets the settings alone.
        while cart.receive(0.1):
            pass
        cart.publish(topic, status(1, epoch=b"\7" * 5, ledger=ledger))
        assert msgpack.unpackb(cart.receive(10)[1]) == first[0]
        cart.publish(topic, status(2, epoch=b"\7" * 5, ledger=ledger,
                                   applied=first[0][1]))
        while cart.receive(1.5):
            pass
        assert cart.receive(1.5) is None


def test_a_raised_ledger_is_said_at_once(shared):
    record = [r for r in shared.read("comandos") if r.key == b"guild"][-1]
    word = msgpack.unpackb(record.value)
    word[1] += 1
    word[2] = 1763700000
    with shared.client("pregon/guild") as cart:
        cart.receive(10)
        records.write(shared.kafka.bootstrap, "topic_comandos", 0, b"guild",
                      msgpack.packb(word))
        said = msgpack.unpackb(cart.receive(10)[1])
    assert said[:3] == word[:3]
    # Once more by a bridge that starts, and never a lower one.
    shared.bridges[0].restart()
    assert ledger_of(shared) == word[1]


# Several bridges.

def test_two_bridges_share_the_load(shared):
    second = shared.bridge()
    try:
        before = [b.metrics()["pregon_bridge_acks_total"]
                  for b in shared.bridges]
        fleet = Fleet(shared.mosquitto, shared.password, 50, "TW")
        fleet.run(until=lambda: fleet.acked >= 3000)
        done = [b.metrics()["pregon_bridge_acks_total"] - n
                for b, n in zip(shared.bridges, before)]
        assert min(done) > 500, done
        with shared.client() as cart:
            cart.publish("pregon/TWIN01/status", status(5), retain=True)
            wait_for(lambda: shared.read_cart("coordenadas", "TWIN01"),
                     "the status", 10)
            cart.publish("pregon/TWIN01/status", b"", retain=True)
        # One of them ends, the other goes on with all carts.
        second.kill9()
        acked = fleet.acked
        fleet.run(until=lambda: fleet.acked >= acked + 1000)
    finally:
        second.kill9()
        shared.bridges.pop()
    assert fleet.missing(shared.read("ventas")) == []
    assert len(shared.read_cart("coordenadas", "TWIN01")) == 1


# Faults.

def test_the_bridge_killed_again_and_again_loses_nothing(shared):
    bridge = shared.bridges[0]
    chance = random.Random(int(os.environ.get("SEED", "1")))
    fleet = Fleet(shared.mosquitto, shared.password, 50, "KB")
    for _ in range(5):
        acked = fleet.acked
        fleet.run(until=lambda: fleet.acked > acked + 200)
        fleet.run(seconds=chance.uniform(0, 0.5))
        bridge.kill9()
        bridge.start(wait=False)
    fleet.run(until=bridge.healthy)
    acked = fleet.acked
    fleet.run(until=lambda: fleet.acked > acked + 200)
    assert fleet.missing(shared.read("ventas")) == []


def test_kafka_stopped_costs_no_memory_and_the_flow_returns(shared):
    bridge = shared.bridges[0]
    fleet = Fleet(shared.mosquitto, shared.password, 200, "KS")
    fleet.run(until=lambda: fleet.acked > 2000)
    memory = rss_kb(bridge.pid)
    shared.kafka.pause()
    try:
        fleet.run(seconds=0.5)
        acked = fleet.acked
        fleet.run(seconds=12)
        assert fleet.acked == acked, "acknowledged without Kafka"
        assert rss_kb(bridge.pid) < memory + 4096
        assert not bridge.healthy(), "it says that Kafka is away"
    finally:
        shared.kafka.resume()
    fleet.run(until=lambda: fleet.acked > acked + 2000, timeout=15)
    fleet.run(until=bridge.healthy)
    rows = shared.read("ventas")
    assert fleet.missing(rows) == []
    # A frame that was sent again each second did not go to Kafka each time:
    # not 12 times for each cart, but once more at most where an ack is slow.
    ours = [r.value for r in rows if r.key.startswith(b"KS")]
    assert len(ours) - len(set(ours)) < 2 * 200


def test_no_more_is_held_than_is_allowed(shared):
    bridge = shared.bridges[0]
    bridge.stop()
    small = shared.bridge(**{"inflight.max_frames": 10})
    try:
        fleet = Fleet(shared.mosquitto, shared.password, 100, "FU")
        fleet.run(until=lambda: fleet.acked > 500)
        shared.kafka.pause()
        fleet.run(seconds=3)
        figures = small.metrics()
        assert figures["pregon_bridge_in_flight_frames"] == 10
        assert figures['pregon_bridge_dropped_total{why="full"}'] > 50
        shared.kafka.resume()
        acked = fleet.acked
        fleet.run(until=lambda: fleet.acked > acked + 500)
    finally:
        shared.kafka.resume()
        small.stop()
        shared.bridges.pop()
        bridge.start()
    assert fleet.missing(shared.read("ventas")) == []


@pytest.mark.parametrize("how", ["stop", "kill9"])
def test_mosquitto_restarted_is_subscribed_to_again(shared, how):
    fleet = Fleet(shared.mosquitto, shared.password, 50, "MQ" + how[0].upper())
    fleet.run(until=lambda: fleet.acked > 500)
    getattr(shared.mosquitto, how)()
    shared.mosquitto.start()
    acked = fleet.acked
    fleet.run(until=lambda: fleet.acked > acked + 500, timeout=30)
    # A broker that forgot the guild's word is told it again.
    assert ledger_of(shared) > 0
    assert fleet.missing(shared.read("ventas")) == []


def beats(world):
    """{partition: [(time, bridge, count)]} of the bridges' beats."""
    found = {}
    for r in world.read("coordenadas"):
        if r.headers.get("schema") == "beat/1":
            version, bridge, count = msgpack.unpackb(r.value)[:3]
            assert (version, r.key) == (1, None)
            found.setdefault(r.partition, []).append(
                (r.timestamp_ms, bridge, count))
    return found


def test_beats_tell_how_far_the_bridge_hears(shared):
    """One a second into each partition of carts, none into that of reports,
    and none while Mosquitto or Kafka stand still."""
    bridge = shared.bridges[0]

    def beaten():
        return bridge.metrics()["pregon_bridge_beats_total"]

    before = beaten()
    wait_for(lambda: beaten() >= before + 3 * PARTITIONS, "three beats", 20)
    assert sorted(beats(shared)) == list(range(1, PARTITIONS + 1))
    for stands_still in shared.mosquitto, shared.kafka:
        stands_still.pause()
        paused = time.time() * 1000
        try:
            time.sleep(8)       # the outage itself
        finally:
            stands_still.resume()
        resumed = time.time() * 1000
        before = beaten()
        wait_for(lambda: beaten() >= before + 2 * PARTITIONS, "beats", 30)
        for rows in beats(shared).values():
            # What was under way may have been stamped as it began.
            assert not [t for t, _, _ in rows
                        if paused + 2500 < t < resumed - 100]


def malformed(chance):
    """One frame that nobody could have meant."""
    good = bytearray(frame([sale(), sale(2)], first=chance.randrange(1 << 20),
                           epoch=new_epoch()))
    kind = chance.randrange(5)
    if kind == 0:
        return chance.randbytes(chance.randrange(1, 300))
    if kind == 1:
        return bytes(good[:chance.randrange(1, len(good))])
    if kind == 2:       # too long: something follows
        return bytes(good) + chance.randbytes(chance.randrange(1, 50))
    if kind == 3:       # wrong types
        return msgpack.packb([1, "x", None, {}, [], chance.random()])
    # A length that claims the world.
    head = chance.choice([b"\xdd", b"\xdf", b"\xdb", b"\xc6"])
    return b"\x96\x01\x01\xc4\x05" + secrets.token_bytes(5) + b"\x00\x01" \
        + head + b"\xff\xff\xff\xfe" + chance.randbytes(20)


def test_malformed_frames_are_counted_and_disturb_nobody(shared):
    bridge = shared.bridges[0]
    chance = random.Random(8)
    fleet = Fleet(shared.mosquitto, shared.password, 20, "OK")
    count = int(os.environ.get("MALFORMED", "20000"))

    def batch(client, n):
        for i in range(n):
            client.publish("pregon/EVIL%02d/%s" % (
                chance.randrange(20), chance.choice(["pos", "sale", "help"])),
                malformed(chance))

    with shared.client() as evil:
        before, sent = refused(bridge), 0
        batch(evil, 5000)       # librdkafka and malloc take their room
        fleet.run(until=lambda: refused(bridge) >= before + 5000, timeout=60)
        before, memory = refused(bridge), rss_kb(bridge.pid)
        while sent < count:
            batch(evil, 200)
            sent += 200
            fleet.turn()
        acked = fleet.acked
        fleet.run(until=lambda: refused(bridge) >= before + count, timeout=60)
        fleet.run(until=lambda: fleet.acked > acked + 200)
    assert refused(bridge) == before + count
    assert rss_kb(bridge.pid) < memory + 8192
    assert fleet.missing(shared.read("ventas")) == []
    assert fleet.acked > 500


def test_a_log_that_is_lost_is_made_anew_and_said(tmp_path, own_kafka,
                                                  own_mosquitto):
    world = World(tmp_path, own_kafka, own_mosquitto)
    bridge = world.bridge()
    fleet = Fleet(own_mosquitto, world.password, 20, "LL")
    fleet.run(until=lambda: fleet.acked > 200)
    ledger = ledger_of(world)
    own_kafka.kill9()
    own_kafka.wipe()
    own_kafka.start()
    acked = fleet.acked
    fleet.run(until=lambda: fleet.acked > acked + 200, timeout=60)
    wait_for(lambda: "error bridge.log_lost" in bridge.child.output(),
             "it says so", 20)
    # Ids of the old log's commands mean nothing now.
    wait_for(lambda: ledger_of(world) > ledger, "a higher ledger", 10)
    guilds = [msgpack.unpackb(r.value) for r in world.read("comandos")
              if r.key == b"guild"]
    assert len(guilds) == 1 and guilds[0][2] is None
    world.command("LL0000/u", [1, 0, 3, [1763700000000, "hi"], 0])
    with world.client("pregon/LL0000/cmd") as cart:
        cart.publish("pregon/LL0000/status", status(
            1, ledger=guilds[0][1]))
        assert msgpack.unpackb(cart.receive(10)[1])[1] == 1
    world.stop()


@pytest.mark.parametrize("read_before", [True, False])
def test_a_log_made_anew_by_another_hand_is_noticed(
        binaries, tmp_path, own_kafka, own_mosquitto, read_before):
    """Topics that stand again, empty, before the bridge comes to look."""
    world = World(tmp_path, own_kafka, own_mosquitto)
    bridge = world.bridge()
    ledger = ledger_of(world)
    world.command("AAAA44/settings", [1, 0, 1, [["a", "b"]], 0])
    if read_before:
        wait_for(lambda: bridge.metrics()["pregon_bridge_commands_held"],
                 "the command is read", 20)
    bridge.child.pause()
    own_kafka.kill9()
    own_kafka.wipe()
    own_kafka.start()
    subprocess.run([os.path.join(binaries, "pregonctl"),
                    "--brokers=" + own_kafka.bootstrap, "topics", "create"],
                   check=True, stdout=subprocess.DEVNULL, timeout=60)
    bridge.child.resume()
    wait_for(lambda: ledger_of(world) > ledger, "a higher ledger", 30)
    world.command("AAAA44/u", [1, 0, 3, [1763700000000, "hi"], 0])
    with world.client("pregon/AAAA44/cmd") as cart:
        cart.publish("pregon/AAAA44/status", status(
            1, ledger=ledger_of(world)))
        assert msgpack.unpackb(cart.receive(20)[1])[2] == 3
    assert send(world, "AAAA44", "sale", frame([sale()]))
    world.stop()


# The start.

def test_a_topic_with_too_few_partitions_is_refused_with_words(shared):
    part = shared.bridge(start=False, **{"partitions.ventas": 5})
    shared.bridges.pop()
    part.start(wait=False)
    assert part.child.wait(30) == 2
    last = part.child.output().strip().splitlines()[-1]
    assert "topic_ventas has 2 partitions, 5 are wanted" in last


def test_boots_come_in_any_order(tmp_path):
    kafka = Kafka(tmp_path / "kafka")
    mosquitto = Mosquitto(tmp_path / "mosquitto")
    world = World(tmp_path, kafka, mosquitto)
    bridge = world.bridge(start=False).start(wait=False)
    bridge.child.wait_for(lambda: "bridge.waiting" in bridge.child.output(),
                          "it says that it waits", 20)
    assert not bridge.healthy()
    with kafka:
        with mosquitto:
            bridge.wait_ready()
            assert send(world, "AAAA11", "sale", frame([sale(), GAP]))
            assert bridge.child.stop() is not None
            assert bridge.child.status == 0
