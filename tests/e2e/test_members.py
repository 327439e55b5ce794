"""Members on the whole stack: premium ones first, whose cart is let in and
shut out, and what is left of one who has left."""
import os
import os
import random
import shutil
import socket
import ssl
import subprocess
import time

import pytest
from local import mqtt
from local.guild import Gateway, Guild
from local.kafka import Kafka
from local.mosquitto import ADMIN
from local.process import NotYet, wait_for

from people import TOPIC, People, rut

# What a person is promised.
SOON_S = 5
BASICS = 5000
UNSENT = 50


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    folder = tmp_path_factory.mktemp("members")
    with Kafka(folder / "kafka", settings={
            # It looks for something to rewrite every 15 s otherwise.
            "log.cleaner.backoff.ms": "200"}) as kafka:
        guild = Guild(folder, tls=True, kafka=kafka,
                      settings={"members": {"batch.max": 50}})
        # Who has nothing to do with it.
        for role in ("positions", "stock", "support"):
            guild.parts.pop(role)
        with guild:
            yield guild


@pytest.fixture(scope="module")
def people(guild):
    return People(guild)


def kcat(guild, topic, form):
    """Each record as kcat prints it, another reader than ours."""
    done = subprocess.run(
        ["kcat", "-C", "-b", guild.bootstrap, "-t", topic, "-e", "-q",
         "-o", "beginning", "-X", "fetch.wait.max.ms=10",
         "-f", form + "\n"],
        stdout=subprocess.PIPE, check=True, timeout=60)
    return done.stdout.decode(errors="replace").splitlines()


# Premium first.

def test_premium_is_decided_before_5000_who_came_first(guild, people):
    members = guild.part("members")
    members.stop()
    people.write(*[people.registration(1000000 + i, "B%05d" % i)
                   for i in range(BASICS)])
    people.register(2000001, "PREM01", premium=True)
    members.start(wait=False)
    wait_for(lambda: people.state(2000001) == "approved",
             "the premium one is approved", 20)
    # Seen while nearly all of the others were still to be read.
    assert people.waiting() < BASICS / 2
    wait_for(lambda: people.waiting() == BASICS, "all wait", 120)

    # One who comes now, and all of them wait for an admin.
    start = time.monotonic()
    people.register(2000002, "PREM02", premium=True)
    wait_for(lambda: people.state(2000002) == "approved", "at once", 10)
    assert time.monotonic() - start < 1

    of = {}
    for line in kcat(guild, TOPIC, "%p %k"):
        partition, key = line.split()
        of.setdefault(key.split("/")[0], set()).add(int(partition))
    premium = {people.who(rut(n)) for n in (2000001, 2000002)}
    assert len(of) == BASICS + 2
    assert all(p == {0} for who, p in of.items() if who in premium)
    assert {0} not in [p for who, p in of.items() if who not in premium]
    # The others share what is left.
    assert {p for who in of if who not in premium for p in of[who]} \
        == set(range(1, people.partitions))


# In and out.

def gateway(guild, plate, password):
    """One that has what the API told."""
    made = Gateway(plate, guild.dir, {
        "mqtt.host": "127.0.0.1", "mqtt.port": guild.mosquitto.port,
        "mqtt.user": plate, "mqtt.password": password})
    guild.gateways[plate] = made
    return made


def connected(cart):
    return cart.ask({"type": "state"})["connected"]


def sell(cart, count, start=0):
    folios = []
    for i in range(start, start + count):
        answer = cart.ask({"type": "sale", "customer": "Ana", "units": 1,
                           "amount": 1000 + i})
        assert answer["ok"], answer
        folios.append(answer["folio"])
    return folios


def counted(guild, plate):
    return sorted(s["folio"] for s in guild.sales() if s["cart"] == plate)


def refused(broker, plate, password):
    try:
        mqtt.Client(broker.port, plate, password).close()
    except mqtt.Refused:
        return True
    return False


def approve(people, number, plate):
    people.register(number, plate)
    wait_for(lambda: people.state(number) == "waiting", "it waits", 10)
    people.decide(number, "approve")
    wait_for(lambda: people.state(number) == "approved", "decided", 10)


def test_an_approved_cart_comes_and_touches_nobody_elses_topics(
        guild, people):
    broker = guild.mosquitto
    people.register(3000001, "ANAS01")
    wait_for(lambda: people.state(3000001) == "waiting", "it waits", 10)
    assert guild.post("/api/v1/members/%s/enrol" % rut(3000001))[0] == 409
    people.decide(3000001, "approve")
    decided = time.monotonic()
    wait_for(lambda: people.state(3000001) == "approved", "decided", SOON_S)
    told = people.enrol(3000001)
    # By our own reckoning it is the same.
    password = people.password("ANAS01", told["enrolment"])
    assert (told["user"], told["password"], told["port"]) \
        == ("ANAS01", password, broker.port)
    cart = gateway(guild, "ANAS01", told["password"]).start()
    wait_for(lambda: connected(cart), "the cart is in", SOON_S)
    assert time.monotonic() - decided < SOON_S
    wait_for(lambda: people.enrol(3000001)["gate_done"], "and told so", 5)
    folios = sell(cart, 3)
    wait_for(lambda: counted(guild, "ANAS01") == sorted(folios),
             "its sales are counted", 30)
    cart.stop()

    with mqtt.Client(broker.port, ADMIN, broker.passwords[ADMIN]) as admin, \
            mqtt.Client(broker.port, "ANAS01", password) as own:
        admin.subscribe("pregon/PREM01/#", "pregon/ANAS01/help")
        for topic in ("pregon/PREM01/sale", "pregon/PREM01/ack",
                      "pregon/ANAS01/ack", "pregon/ANAS01/help"):
            own.publish(topic, b"")
        own.sync()
        assert admin.receive(5)[0] == "pregon/ANAS01/help"
        verdicts = own.subscribe(
            "pregon/PREM01/ack", "pregon/PREM01/cmd", "pregon/+/ack",
            "pregon/ANAS01/sale", "#", "$CONTROL/#", "pregon/ANAS01/ack",
            "pregon/ANAS01/cmd", "pregon/guild")
        assert verdicts == [mqtt.REFUSED] * 6 + [0] * 3


def test_what_a_suspended_cart_holds_is_counted_in_the_end(
        guild, people, tmp_path):
    """One is reinstated, the other's card is read."""
    carts, passwords = {}, {}
    for number, plate in ((3000002, "BEAS01"), (3000003, "CLAS01")):
        approve(people, number, plate)
        passwords[plate] = people.enrol(number)["password"]
        carts[plate] = gateway(guild, plate, passwords[plate]).start()
    wait_for(lambda: all(map(connected, carts.values())), "both are in", 10)
    sold = {plate: sell(cart, 2) for plate, cart in carts.items()}
    wait_for(lambda: all(counted(guild, p) == sorted(f)
                         for p, f in sold.items()), "both sell", 30)

    for number, plate in ((3000002, "BEAS01"), (3000003, "CLAS01")):
        people.decide(number, "suspend", reason="unpaid dues")
        wait_for(lambda: not connected(carts[plate]),
                 "its connection ends", SOON_S)
        wait_for(lambda: refused(guild.mosquitto, plate,
                                 passwords[plate]),
                 "the next is refused", SOON_S)
        sold[plate] += sell(carts[plate], UNSENT, 10)
    assert not any(map(connected, carts.values()))

    carts["CLAS01"].kill9()
    card = str(tmp_path / "outbox.db")
    for end in ("", "-wal"):
        shutil.copy(carts["CLAS01"].settings["outbox.path"] + end, card + end)
    assert all(len(counted(guild, p)) == 2 for p in sold)
    out = guild.ctl("outbox", "import", card, "--cart", "CLAS01")
    assert "sale: %d events" % UNSENT in out, out
    people.decide(3000002, "reinstate")
    wait_for(lambda: connected(carts["BEAS01"]), "it is in again",
             2 * SOON_S)
    for plate, folios in sold.items():
        wait_for(lambda: counted(guild, plate) == sorted(folios),
                 "all of %s's are counted" % plate, 30)

    # Nothing is counted twice when the other comes back as well.
    people.decide(3000003, "reinstate")
    carts["CLAS01"].start()
    wait_for(lambda: carts["CLAS01"].ask({"type": "state"})["backlog"] == 0,
             "it has told everything", 30)
    assert counted(guild, "CLAS01") == sorted(sold["CLAS01"])
    for cart in carts.values():
        cart.stop()


def over_tls(broker, certificate, key):
    context = ssl.create_default_context(cafile=broker.authority.ca)
    context.load_cert_chain(certificate, key)
    raw = socket.create_connection(("127.0.0.1", broker.tls_port))
    return mqtt.Client(connection=context.wrap_socket(
        raw, server_hostname="localhost"))


def test_a_cart_that_comes_by_certificate_is_shut_out_as_well(guild, people):
    broker = guild.mosquitto
    own = broker.authority.issue("DORA01")
    approve(people, 3000004, "DORA01")

    def hears_acks():
        try:
            with over_tls(broker, *own) as cart:
                return cart.subscribe("pregon/DORA01/ack") == [0]
        except ConnectionError as e:
            # It was ended just now.
            raise NotYet(str(e)) from None

    wait_for(hears_acks, "it has its topics", SOON_S)
    with over_tls(broker, *own) as cart:
        cart.sync()
        people.decide(3000004, "suspend", reason="unpaid dues")
        with pytest.raises(ConnectionError):
            # Nothing comes but the end.
            assert cart.receive(SOON_S) is None
            raise AssertionError("the connection did not end")
    wait_for(lambda: not hears_acks(), "it has no topics left", SOON_S)
    people.decide(3000004, "reinstate")
    wait_for(hears_acks, "it has them again", SOON_S)


def test_a_stolen_gateway_is_replaced(guild, people):
    approve(people, 3000005, "ELSA01")
    first = people.enrol(3000005)
    old = gateway(guild, "ELSA01", first["password"]).start()
    wait_for(lambda: connected(old), "the first is in", 2 * SOON_S)
    people.decide(3000005, "replace")
    wait_for(lambda: not connected(old), "its connection ends", SOON_S)
    second = people.enrol(3000005)
    assert second["enrolment"] == first["enrolment"] + 1
    wait_for(lambda: not refused(guild.mosquitto, "ELSA01",
                                 second["password"]),
             "the second may come", SOON_S)
    assert refused(guild.mosquitto, "ELSA01", first["password"])
    old.stop()


def test_another_plate_lets_the_old_one_go(guild, people):
    approve(people, 3000006, "FLOR01")
    first = people.enrol(3000006)["password"]
    wait_for(lambda: not refused(guild.mosquitto, "FLOR01", first),
             "it is in", SOON_S)
    people.decide(3000006, "plate", plate="FLOR02")
    wait_for(lambda: refused(guild.mosquitto, "FLOR01", first),
             "the old plate is out", SOON_S)
    told = people.enrol(3000006)
    assert told["user"] == "FLOR02"
    wait_for(lambda: not refused(guild.mosquitto, "FLOR02",
                                 told["password"]),
             "the new one is in", SOON_S)


def test_a_broker_that_was_away_has_what_was_decided_meanwhile(
        guild, people):
    approve(people, 3000007, "GINA01")
    password = people.enrol(3000007)["password"]
    wait_for(lambda: not refused(guild.mosquitto, "GINA01", password),
             "it is in", SOON_S)
    guild.mosquitto.kill9()
    people.decide(3000007, "suspend", reason="unpaid dues")
    approve(people, 3000008, "HUGO01")
    second = people.enrol(3000008)["password"]
    guild.mosquitto.start()
    wait_for(lambda: refused(guild.mosquitto, "GINA01", password),
             "one is out", 2 * SOON_S)
    wait_for(lambda: not refused(guild.mosquitto, "HUGO01", second),
             "the other in", 2 * SOON_S)


def kill_as_it_writes(broker):
    """The broker, while it writes down who may come in."""
    path = os.path.join(broker.dir, "dynamic-security.json")
    before, deadline = os.stat(path).st_mtime_ns, time.monotonic() + 20
    while os.stat(path).st_mtime_ns == before:
        assert time.monotonic() < deadline, "nothing was written"
    broker.kill9()
    broker.start()


def test_whoever_is_killed_who_is_approved_comes_in_and_nobody_else(
        guild, people):
    chance = random.Random(5)
    plates = {4000000 + i: "KILL%02d" % i for i in range(24)}
    wanted = {}
    for i, (number, plate) in enumerate(plates.items()):
        people.register(number, plate, premium=True)
        wanted[number] = "approved"
        if i % 3 == 2:
            before = chance.choice(list(wanted))
            wait_for(lambda: people.state(before) == wanted[before],
                     "what was decided is so", 20)
            suspended = wanted[before] == "suspended"
            people.decide(before, "reinstate") if suspended \
                else people.decide(before, "suspend", reason="a test")
            wanted[before] = "approved" if suspended else "suspended"
        if i % 4 == 3:
            kill_as_it_writes(guild.mosquitto)
        if i % 6 == 5:
            guild.part("members").kill9()
            guild.part("members").start()
    assert set(wanted.values()) == {"approved", "suspended"}
    for number, state in wanted.items():
        wait_for(lambda: people.state(number) == state, "it is decided", 20)
        out = state == "suspended"
        n = people.member(number)["enrolment"]
        wait_for(lambda: refused(guild.mosquitto, plates[number],
                                 people.password(plates[number], n)) == out,
                 "%s is %s" % (plates[number], state), 30)
    # And so it stays when all is said.
    wait_for(lambda: guild.part("members").healthy(), "the role is well")
    for number, state in wanted.items():
        n = people.member(number)["enrolment"]
        assert refused(guild.mosquitto, plates[number], people.password(
            plates[number], n)) == (state == "suspended")


# Who leaves.

def held_by(folder, words):
    """The files of a folder that hold one of the words, as bytes."""
    found = set()
    for path, _, names in os.walk(folder):
        for name in names:
            try:
                with open(os.path.join(path, name), "rb") as f:
                    data = f.read()
            except FileNotFoundError:
                continue
            if any(word.encode() in data for word in words):
                found.add(os.path.basename(path) + "/" + name)
    return found


def read_by_kcat(guild, form):
    """What is in every topic, as kcat prints it."""
    listed = subprocess.run(
        ["kcat", "-L", "-b", guild.bootstrap], stdout=subprocess.PIPE,
        check=True, text=True, timeout=30).stdout
    topics = [line.split('"')[1] for line in listed.splitlines()
              if line.startswith('  topic "topic_')]
    assert TOPIC in topics
    return {t: "\n".join(kcat(guild, t, form)) for t in topics}


def test_of_one_who_has_left_nothing_is_left_but_a_name_that_says_nothing(
        guild, people):
    number, plate = 31415926, "IRIS01"
    person = {"first": "Hermenegilda", "last": "Quiñonerías",
              "mail": "hermenegilda@quinonerias.example.cl"}
    words = [str(number), "31.415.926", *person.values()]
    people.register(number, plate, **person)
    wait_for(lambda: people.state(number) == "waiting", "she waits", 10)
    people.decide(number, "approve")
    wait_for(lambda: people.state(number) == "approved", "decided", 10)
    assert people.member(number)["email"] == person["mail"]
    cart = gateway(guild, plate, people.enrol(number)["password"]).start()
    wait_for(lambda: connected(cart), "her cart is in", 2 * SOON_S)
    folios = sell(cart, 2)
    wait_for(lambda: counted(guild, plate) == sorted(folios), "it sells", 30)
    # While she is here: her own registration, and the role's database.
    assert held_by(guild.database, words) <= {
        "database/members.db", "database/members.db-wal"}
    in_topics = read_by_kcat(guild, "%k %s")
    assert {t for t, text in in_topics.items()
            if any(word in text for word in words)} == {TOPIC}
    keys = "\n".join(kcat(guild, TOPIC, "%k"))
    assert not [word for word in words if word in keys]

    partition, key = next(
        line.split() for line in kcat(guild, TOPIC, "%p %k")
        if people.who(rut(number)) in line)
    people.decide(number, "leave")
    wait_for(lambda: not held_by(guild.database, words),
             "no database holds her", 30)
    wait_for(lambda: not connected(cart), "her cart is out", SOON_S)
    cart.stop()
    assert not held_by(os.path.join(guild.dir, "log"), words)
    wait_for(lambda: "%s %s -1" % (partition, key)
             in kcat(guild, TOPIC, "%p %k %S"), "a tombstone", 10)
    # What accounting needs an identity for is still there.
    assert counted(guild, plate) == sorted(folios)

    # Kafka rewrites segments that are old and ended: here at once.
    guild.kafka.set_topic(TOPIC, {
        "segment.ms": "1000", "min.cleanable.dirty.ratio": "0.0001",
        "max.compaction.lag.ms": "1", "delete.retention.ms": "1",
        "file.delete.delay.ms": "1"})

    def rewritten():
        # A segment is ended by a record that comes after its time.
        people.write((int(partition), b"NOBODY/0", b"", "none/1"))
        left = held_by(guild.kafka.data, words)
        if left:
            raise NotYet("still in %s" % left)
        return True

    wait_for(rewritten, "Kafka's own files hold nothing of her", 60)
    assert not [w for w in words
                for text in read_by_kcat(guild, "%k %s").values()
                if w in text]
