"""Sales over HTTP, of carts that have only a phone: each is counted once and
has one folio, whatever becomes of the API meanwhile."""
import collections
import datetime
import random
import threading
import time
import uuid

import msgpack
import pytest
import records
from local.guild import Guild
from local.process import wait_for
from test_kill import await_ready
from vendors import compare

PHONES, SALES = 10, 500
# Between two sales of a phone, about; so that the kills fall among them.
EVERY_S = 0.1
RETRY_S = 0.1
# So many are answered, then somebody who asks finds it killed.
ANSWERS_A_KILL = 15
# A write takes some ms: a kill falls before, within or after it.
KILL_WITHIN_S = 0.02
KILLS_LEAST = 15
SEED = 5


def now():
    return datetime.datetime.now(datetime.timezone.utc).isoformat(
        timespec="milliseconds")


@pytest.fixture(scope="module")
def guild(tmp_path_factory, mosquitto):
    with Guild(tmp_path_factory.mktemp("sales"),
               mosquitto=mosquitto) as guild:
        yield guild


class Phone(threading.Thread):
    """A vendor's: repeats each request, with its key, until it is answered."""

    def __init__(self, guild, cart, sales, asking):
        super().__init__(daemon=True)
        self.guild, self.cart, self.sales = guild, cart, sales
        self.token = guild.make_token("vendor", cart=cart)
        self.asking = asking
        self.random = random.Random("%s/%s" % (cart, SEED))
        self.level = 1000
        self.folios = collections.defaultdict(set)	# of each key
        self.amounts = {}				# of each folio
        self.repeats = self.answers = 0
        self.error = None

    def run(self):
        try:
            for number in range(self.sales):
                time.sleep(self.random.expovariate(1 / EVERY_S))
                self.sell(number)
        except Exception as e:	# told by the test, not lost in a thread
            self.error = e

    def sell(self, number):
        key = str(uuid.UUID(int=self.random.getrandbits(128)))
        units = self.random.randint(1, 4)
        self.level -= units
        body = {"cart": self.cart, "customer": "Ana %d" % (number % 9),
                "units": units, "amount": 700 * units + number,
                "stock_after": self.level, "confirmed_at": now()}
        self.until_answered(body, key)
        if self.random.random() < 0.3:	# the answer was lost on its way
            self.until_answered(body, key)

    def until_answered(self, body, key):
        while True:
            self.asking.set()
            status, _, answer = self.guild.post(
                "/api/v1/sales", body, key=key, token=self.token)
            if status == 202:
                self.folios[key].add(answer["folio"])
                self.amounts[answer["folio"]] = body["amount"]
                self.answers += 1
                return
            # Nobody there; starting; the key is under way.
            assert status in (0, 503, 409), (status, answer)
            self.repeats += 1
            time.sleep(RETRY_S)


def kill_among(phones, api, asking):
    """Kills the API, again and again, while somebody asks; how often."""
    rng, kills, answers = random.Random(SEED), 0, 0

    def due():
        return (sum(phone.answers for phone in phones) >= answers
                or not any(phone.is_alive() for phone in phones))

    while True:
        answers += ANSWERS_A_KILL
        wait_for(due, "%d answers" % answers, 60)
        asking.clear()
        if not asking.wait(1):
            return kills	# all have sold
        time.sleep(rng.uniform(0, KILL_WITHIN_S))
        api.kill9()
        kills += 1
        api.start(wait=False)
        if rng.random() < 0.2:	# it dies once more as it starts
            api.kill9()
            api.start(wait=False)
        await_ready(api)


def frames_by_epoch(guild):
    """{(cart, epoch): values} of topic_ventas."""
    found = collections.defaultdict(list)
    for record in records.read(guild.bootstrap, "topic_ventas", 2):
        if record.headers["schema"] == "sale/1":
            epoch = msgpack.unpackb(record.value)[2]
            found[record.key, epoch].append(record.value)
    return found


def test_each_sale_is_counted_once_however_often_the_api_is_killed(guild):
    asking = threading.Event()
    phones = [Phone(guild, "HTTP%02d" % i, SALES // PHONES, asking)
              for i in range(PHONES)]
    for phone in phones:
        phone.start()
    kills = kill_among(phones, guild.part("api"), asking)
    guild.part("api").wait_ready()
    books = {}
    for phone in phones:
        assert phone.error is None, phone.error
        assert all(len(f) == 1 for f in phone.folios.values()), phone.folios
        books.update(phone.amounts)
    assert len(books) == SALES
    wait_for(lambda: not compare(guild, books)[0], "every sale is counted",
             60)
    assert compare(guild, books) == ([], [])
    for phone in phones:
        wait_for(lambda: [row["level_units"] for row in guild.get(
            "/api/v1/stock?cart=" + phone.cart)["stock"]] == [phone.level],
            "%s has its last level" % phone.cart, 20)
    frames = frames_by_epoch(guild)
    assert len(frames) == SALES
    assert all(len(set(values)) == 1 for values in frames.values())
    stats = guild.get("/api/v1/stats")
    assert (stats["sales"], stats["conflicts"]) == (SALES, 0)
    assert stats["revenue_clp"] == sum(books.values())
    repeats = sum(phone.repeats for phone in phones)
    written = sum(len(values) for values in frames.values())
    print("kills=%d sales=%d repeats=%d written=%d" % (kills, len(books),
                                                       repeats, written))
    assert kills >= KILLS_LEAST
    # Some were written and not answered: else nothing was tried.
    assert written > SALES


def sell(guild, key=None, **more):
    body = {"cart": "PHON01", "units": 2, "amount": 3000,
            "confirmed_at": now(), **more}
    return guild.post("/api/v1/sales", body, key=key or str(uuid.uuid4()))




def other_token(guild, made=[]):
    """Another vendor's of the same cart: the API remembers keys by token."""
    made or made.append(guild.make_token("vendor", cart="PHON01"))
    return made[0]


def awaited(guild, folio):
    return wait_for(lambda: [r for r in guild.sales()
                             if r["folio"] == folio], folio, 20)[0]


def test_a_key_has_one_folio_whoever_asks_with_it(guild):
    at = now()
    first = sell(guild, "one-key", confirmed_at=at)
    assert first[0] == 202
    status, headers, answer = guild.post("/api/v1/sales", {
        "cart": "PHON01", "units": 2, "amount": 3000, "confirmed_at": at},
        key="one-key", token=other_token(guild))
    assert (status, answer["folio"]) == (202, first[2]["folio"])
    assert "Idempotency-Replayed" not in headers
    awaited(guild, answer["folio"])
    # Now that the books have it, another sale under this key is refused,
    # also by an API that has forgotten the key.
    guild.part("api").kill9()
    guild.part("api").start()
    assert sell(guild, "one-key", units=3)[0] == 422
    assert sell(guild, "one-key", confirmed_at=at)[0] == 202
    assert guild.get("/api/v1/stats")["conflicts"] == 0


def test_a_request_told_under_two_keys_is_one_sale(guild):
    at = now()
    first = sell(guild, "key-a", confirmed_at=at, request_id="r1")[2]["folio"]
    awaited(guild, first)
    before = guild.get("/api/v1/stats")["duplicates"]
    second = sell(guild, "key-b", confirmed_at=at, request_id="r1")[2]["folio"]
    assert second != first
    wait_for(lambda: guild.get("/api/v1/stats")["duplicates"] > before,
             "the books know its other name", 20)
    assert guild.post("/api/v1/sales", {
        "cart": "PHON01", "units": 9, "amount": 1, "confirmed_at": at},
        key="key-b", token=other_token(guild))[0] == 422
    guild.part("api").restart()
    again = sell(guild, "key-b", confirmed_at=at, request_id="r1")
    assert (again[0], again[2]["folio"]) == (202, second)
    status, _, answer = guild.post("/api/v1/sales/%s/void" % second,
                                   {"reason": "told twice"})
    assert (status, answer["folio"]) == (202, second)
    wait_for(lambda: awaited(guild, first)["voided"], "it is void", 20)
    assert second not in {row["folio"] for row in guild.sales()}


def test_a_sale_has_its_lines_and_an_abandoned_one_no_folio(guild):
    status, _, answer = guild.post("/api/v1/sales", {
        "cart": "PHON02", "confirmed_at": now(), "lines": [
            {"product": 3, "units": 1, "amount": 500, "stock_after": 40},
            {"product": 5, "units": 2, "amount": 900}]}, key="lines")
    assert status == 202
    row = awaited(guild, answer["folio"])
    assert (row["cart"], row["units"], row["amount_clp"]) == (
        "PHON02", 3, 1400)
    wait_for(lambda: [(r["product"], r["level_units"]) for r in guild.get(
        "/api/v1/stock?cart=PHON02")["stock"]] == [(3, 40)], "a level", 20)
    before = guild.get("/api/v1/stats")["abandoned"]
    status, _, answer = guild.post("/api/v1/sales", {
        "cart": "PHON02", "abandoned_at": now()}, key="abandoned")
    assert (status, answer["folio"]) == (202, None)
    wait_for(lambda: guild.get("/api/v1/stats")["abandoned"] == before + 1,
             "it is counted as abandoned", 20)


def test_a_void_takes_a_sale_back_once(guild):
    folio = sell(guild)[2]["folio"]
    awaited(guild, folio)
    path = "/api/v1/sales/%s/void" % folio.lower()
    status, _, answer = guild.post(path, {"reason": "paid twice"})
    assert (status, answer) == (202, {"folio": folio, "changed": True})
    wait_for(lambda: awaited(guild, folio)["voided"], "it is void", 20)
    status, _, answer = guild.post(path, {"reason": "again"})
    assert (status, answer) == (200, {"folio": folio, "changed": False})
    assert guild.post("/api/v1/sales/nothing/void",
                      {"reason": "x"})[0] == 400
