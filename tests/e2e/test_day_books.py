"""The books of closed days against an independent reckoning: a month with a
day of 25 hours and a week with one of 23, voids, late arrivals, a mended clock
and repeats; and a day that closes under our eyes."""
import collections
import datetime
import json
import os
import random
import struct
import time

import pytest

import daybook
from carts import frame, new_epoch
from local.guild import Guild
from local.mqtt import Client
from local.process import NotYet, wait_for
from test_books import DAY, HOUR, ZONE, folio, local, midnight, odd_days

CARTS = ["BOOK%02d" % i for i in range(5)]
OFTEN = 4
QUIET_S = 4
WAIT_S = 3
FRAME_MAX = 200		# events
BOOT, BOOT_UPTIME_MS = 77, 3600000
# As people write themselves; who is whom is for both sides to find out.
NAMES = ("Ana", " ANA", "ana ", "José", "JOSÉ", "Ñandú", "María Paz", "Luis",
         "\u00a0Ángel\u2003", "ángel", "Eva, la \"Flaca\"", "=1+1")
CONTACTS = (None, None, None, "ana@example.cl", " ANA@Example.cl",
            "+56 9 8123 4567", "luis@example.cl")


class Cart:
    """A cart that sells: what it says goes out as frames, acknowledged."""

    def __init__(self, guild, name):
        self.name = name
        self.port = guild.mosquitto.port
        self.password = guild.mosquitto.add_cart(name)
        self.epoch, self.other = new_epoch(), new_epoch()
        self.next_other = 0
        self.sent = []

    def say(self, items, first):
        """Events with the numbers that they have."""
        self._send_all([frame(items[i:i + FRAME_MAX], first + i,
                              epoch=self.epoch)
                        for i in range(0, len(items), FRAME_MAX)])

    def say_other(self, items):
        """Of another start: voids and markers, in the order they are said."""
        if not items:
            return
        self._send_all([frame(items, self.next_other, epoch=self.other)])
        self.next_other += len(items)

    def _send_all(self, frames):
        self.send(frames)
        self.sent += frames

    def send(self, frames):
        with Client(self.port, self.name, self.password) as client:
            client.subscribe("pregon/%s/ack" % self.name)
            for payload in frames:
                client.publish("pregon/%s/sale" % self.name, payload)
                assert client.receive(20), "no ack"


ON_TIME, LATE, UNCLOCKED = "on time", "late", "unclocked"


class Trade:
    """What the carts did, and when the guild hears of it.

    An entry's stage says when it comes; its void, when its void does."""

    def __init__(self, guild, days, seed=5):
        self.random = random.Random(seed)
        self.carts = {name: Cart(guild, name) for name in CARTS}
        self.entries = []
        self.items = {name: [] for name in CARTS}	# (entry, event)
        for name in CARTS:
            for day in days:
                for _ in range(self.random.randint(0, 9)):
                    self._purchase(name, day)
            # The gateway does not know the time, until a marker tells.
            self.add(name, days[3], [BOOT_UPTIME_MS, BOOT], UNCLOCKED)

    def _moment(self, day):
        """Its first and its last millisecond are as good as any."""
        begin, end = (round(midnight(d).timestamp() * 1000)
                      for d in (day, day + DAY))
        return self.random.choice(
            [begin, end - 1] + [self.random.randrange(begin, end)] * 6)

    def _purchase(self, name, day):
        at = self._moment(day)
        assert local(at).date() == day
        entry = self.add(name, day, [at, None],
                         LATE if self.random.random() < 0.02 else ON_TIME,
                         self.random.random() < 0.9)
        if entry["confirmed"] and self.random.random() < 0.08:
            entry["void"] = self.random.choice((ON_TIME,) * 4 + (LATE,))

    def add(self, name, day, at, stage, confirmed=True):
        lines = [[p, self.random.randint(1, 5), self.random.randint(0, 9000)]
                 for p in range(self.random.randint(1, 3))]
        customer = self.random.choice(NAMES + (None,))
        contact = self.random.choice(CONTACTS)
        entry = {
            "folio": folio(name, self.carts[name].epoch,
                           len(self.items[name])),
            "cart": name, "day": day, "confirmed": confirmed, "void": None,
            "customer": customer, "contact": contact, "stage": stage,
            "units": sum(line[1] for line in lines),
            "amount": sum(line[2] for line in lines)}
        self.entries.append(entry)
        self.items[name].append((entry, [
            4, *at, confirmed, 60000, customer, contact, None, None, lines]))
        return entry

    def say(self, *stages):
        """Everything of these, with the numbers that it has."""
        for name, cart in self.carts.items():
            voids = [e["folio"] for e in self.entries
                     if e["cart"] == name and e["void"] in stages]
            cart.say_other([[5, round(time.time() * 1000), None, f, "error"]
                            for f in voids])
            for first, run in self._runs(name, stages):
                cart.say(run, first)

    def _runs(self, name, stages):
        runs = []
        for number, (entry, item) in enumerate(self.items[name]):
            if entry["stage"] not in stages:
                continue
            if not runs or runs[-1][0] + len(runs[-1][1]) != number:
                runs.append((number, []))
            runs[-1][1].append(item)
        return runs

    def say_marker(self, day):
        """It was noon of the day when that was sold."""
        noon = round((midnight(day) + 12 * HOUR).timestamp() * 1000)
        for cart in self.carts.values():
            cart.say_other([[3, BOOT, noon - BOOT_UPTIME_MS]])

    def books(self, stages, arrived=None):
        """arrived: the day on which what has no time yet has come."""
        heard = []
        for entry in self.entries:
            if entry["stage"] not in stages:
                continue
            provisional = entry["stage"] == UNCLOCKED and arrived is not None
            heard.append({
                **entry, "voided": entry["void"] in stages,
                "provisional": provisional,
                "day": arrived if provisional else entry["day"]})
        books = daybook.Reckoning(heard, OFTEN).books()
        # What is not over yet has no book.
        books.pop(arrived, None)
        return books


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    settings = {"sales": {"sales.books_quiet_s": QUIET_S,
                          "sales.frequent_visits": OFTEN}}
    with Guild(tmp_path_factory.mktemp("books"), partitions=3,
               settings=settings) as guild:
        yield guild


def check(guild, expected, numbers):
    """The last editions say what they should, in both forms."""
    def right():
        found = daybook.editions(guild)
        if found != numbers:
            raise NotYet({d: (found.get(d), numbers.get(d))
                          for d in found.keys() | numbers.keys()
                          if found.get(d) != numbers.get(d)})
        return True
    wait_for(right, "the editions that there should be", 60)
    for day, book in expected.items():
        if str(day) in numbers:
            assert daybook.book(guild, day) == book, day
            assert daybook.book_csv(guild, day) == book, day


def corrected(numbers, before, after):
    """Another edition of each book that says something else now."""
    return {str(day): numbers.get(str(day), 0)
            + (before.get(day) != after[day]) for day in after}


def test_a_month_of_books_is_what_an_independent_reckoning_says(guild):
    long, short = odd_days(25), odd_days(23)
    trade = Trade(guild, [long + n * DAY for n in range(-20, 11)]
                  + [short + n * DAY for n in range(-3, 4)])
    today = datetime.datetime.now(ZONE).date()

    # A log that was filled while the role was away, and that it reads while
    # it is killed: a book each, not more.
    sales = guild.part("sales")
    sales.stop()
    trade.say(ON_TIME, UNCLOCKED)
    first = trade.books((ON_TIME, UNCLOCKED), today)
    sales.start()
    for _ in range(3):
        time.sleep(trade.random.uniform(0, 1))
        sales.kill9()
        sales.start()
    numbers = {str(day): 1 for day in first}
    check(guild, first, numbers)
    print("books=%d purchases=%d" % (len(first), len(trade.entries)))

    # What comes late: purchases, and voids of what was counted.
    trade.say(LATE)
    second = trade.books((ON_TIME, UNCLOCKED, LATE), today)
    numbers = corrected(numbers, first, second)
    assert 5 < sum(n == 2 for n in numbers.values()) < len(numbers) - 5
    check(guild, second, numbers)

    # A clock that is mended: what counted today was sold on that day.
    trade.say_marker(long - 17 * DAY)
    third = trade.books((ON_TIME, UNCLOCKED, LATE))
    numbers = corrected(numbers, second, third)
    check(guild, third, numbers)

    # Repeats change nothing; a sale of one day is an edition of that day,
    # and of those on which its customer came often by it.
    for cart in trade.carts.values():
        cart.send(cart.sent[::5])
    name = CARTS[0]
    trade.add(name, long, [round(midnight(long).timestamp() * 1000), None],
              "lone")
    trade.say("lone")
    fourth = trade.books((ON_TIME, UNCLOCKED, LATE, "lone"))
    before, numbers = numbers, corrected(numbers, third, fourth)
    assert numbers[str(long)] == before[str(long)] + 1
    check(guild, fourth, numbers)
    print("editions=%s duplicates=%d" % (
        dict(collections.Counter(numbers.values())),
        guild.get("/api/v1/stats")["duplicates"]))
    assert guild.get("/api/v1/stats")["duplicates"] > 0

    # What was said stays said.
    for day in list(first)[::5]:
        assert daybook.book(guild, day, 1) == first[day]


def zone_file(folder, name, midnight_s):
    """A zone without changes in which that moment is a midnight."""
    offset = -midnight_s % 86400
    if offset > 43200:
        offset -= 86400
    path = os.path.join(folder, name)
    with open(path, "wb") as f:
        f.write(b"TZif" + bytes(16) + struct.pack(">6I", 0, 0, 0, 0, 1, 4)
                + struct.pack(">iBB", offset, 0, 0) + b"SOO\0")
    return offset


def test_a_day_closes_under_our_eyes(guild, tmp_path):
    """In a zone whose midnight is soon."""
    ends = int(time.time()) + 12
    offset = zone_file(str(tmp_path), "Soon", ends)
    date = str(datetime.datetime.utcfromtimestamp(ends + offset - 1).date())
    sales = guild.part("sales")
    sales.stop()
    sales.env = {"TZDIR": str(tmp_path)}
    sales.settings.update({"timezone": "Soon", "sales.books_quiet_s": 1,
                           "sales.books_wait_s": WAIT_S})
    cart = Cart(guild, "SOON01")
    sales.start()

    def sell(number, at_s):
        cart.say([[4, round(at_s * 1000), None, True, 5000, "Ana", None, None,
                   None, [[0, 2, 3000]]]], number)

    def edition():
        return json.loads(daybook.ask(guild, "?date=" + date))

    sell(0, time.time())
    wait_for(lambda: [s for s in guild.sales() if s["cart"] == cart.name],
             "it is counted", 20)
    assert time.time() < ends, "too slow for this trial"
    with pytest.raises(NotYet, match="404.*not closed yet"):
        edition()
    said = wait_for(edition, "the day's book", 30)
    made = datetime.datetime.fromisoformat(
        said["made_at"].replace("Z", "+00:00")).timestamp()
    assert ends + WAIT_S <= made < ends + WAIT_S + 5
    assert (said["edition"], said["guild"]["sales"]) == (1, 1)
    # One of the next day is none of its business; a late one is.
    sell(1, ends + 1)
    sell(2, ends - 0.001)
    wait_for(lambda: edition()["edition"] == 2, "the corrected edition", 20)
    assert edition()["guild"]["sales"] == 2
    assert edition()["latest_edition"] == 2
