"""Daily sales against a reckoning in Python, from the simulator's own books,
over the days on which Santiago changes its clocks."""
import collections
import datetime
import decimal
import json
import os
import zoneinfo

import openapi
import pytest

from carts import frame, new_epoch
from local.guild import Guild, build_dir
from local.mqtt import Client
from local.process import Child, wait_for

DOCUMENT = openapi.load()
ZONE = zoneinfo.ZoneInfo("America/Santiago")
UTC = datetime.timezone.utc
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)
# Each fleet lives from the day before the odd one to the day after it.
DAYS = 3
RUN_S = 24
SPEED = DAYS * 24 * 3600 // RUN_S
CARTS = 20
TALLY = ("sales", "units", "revenue_clp", "customers", "abandoned", "voided")
# Of the folios.
BASE32 = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


def midnight(day):
    """The first moment of a local day: not always 00:00."""
    moment = datetime.datetime.combine(day, datetime.time(), ZONE)
    moment = moment.astimezone(UTC)
    while moment.astimezone(ZONE).date() < day:
        moment += HOUR
    while (moment - HOUR).astimezone(ZONE).date() == day:
        moment -= HOUR
    return moment


def hours_of(day):
    return round((midnight(day + DAY) - midnight(day)) / HOUR)


def odd_days(hours):
    """The last day of so many hours whose neighbours are all past."""
    day = datetime.date.today() - 2 * DAY
    while hours_of(day) != hours:
        day -= DAY
    return day


def local(at_ms):
    return datetime.datetime.fromtimestamp(at_ms / 1000, ZONE)


# The reckoning.

def customer(entry):
    """Who it was: the contact, else the name, however written."""
    for kind in ("contact", "customer"):
        written = (entry[kind] or "").strip().lower()
        if written:
            return kind, written
    return None


def reckon(books):
    """{(cart, date): what the API should say of it}"""
    days = collections.defaultdict(
        lambda: {**dict.fromkeys(TALLY, 0), "who": set()})
    voided = {e["folio"] for e in books if e["type"] == "void"}
    for entry in books:
        # A repeat is the sale that it repeats.
        if entry["type"] not in ("sale", "abandoned"):
            continue
        day = days[entry["cart"], str(local(entry["at"]).date())]
        if entry["type"] == "abandoned":
            day["abandoned"] += 1
        elif entry["folio"] in voided:
            day["voided"] += 1
        else:
            day["sales"] += 1
            day["units"] += sum(line[1] for line in entry["lines"])
            day["revenue_clp"] += sum(line[2] for line in entry["lines"])
            day["who"].add(customer(entry))
    for (cart, date), day in days.items():
        day["customers"] = len(day.pop("who") - {None})
        day.update(cart=cart, date=date, provisional=0,
                   units_per_customer=average(day))
    return dict(days)


def average(day):
    if not day["customers"]:
        return None
    exact = decimal.Decimal(day["units"]) / day["customers"]
    return float(exact.quantize(decimal.Decimal("0.01"),
                                decimal.ROUND_HALF_UP))


# What the guild says.

def counted(guild, dates):
    return {(row["cart"], row["date"]): row for date in dates
            for row in guild.get("/api/v1/sales/daily?date=%s" % date)[
                "carts"]}


def check(guild, books):
    expected = reckon(books)
    dates = {datetime.date.fromisoformat(d) for _, d in expected}
    around = {str(d + n * DAY) for d in dates for n in (-1, 0, 1)}

    def wrong():
        said = counted(guild, around)
        return {key: (said.get(key), expected.get(key))
                for key in said.keys() | expected.keys()
                if said.get(key) != expected.get(key)}
    try:
        wait_for(lambda: not wrong(), "the same books", 30)
    except AssertionError:
        raise AssertionError("said, expected: %s" % wrong()) from None
    check_rows(guild, books)
    return expected


def check_hours(guild, books, date, carts):
    """Of all, and of each of these: every hour of the day, whatever the
    clocks say."""
    begin = midnight(date)
    voided = {e["folio"] for e in books if e["type"] == "void"}
    for cart in (None, *carts):
        rows = [{"from": begin + n * HOUR, "sales": 0, "units": 0,
                 "revenue_clp": 0, "abandoned": 0}
                for n in range(hours_of(date))]
        for e in books:
            if e["type"] not in ("sale", "abandoned") or \
                    local(e["at"]).date() != date or \
                    cart not in (None, e["cart"]) or e["folio"] in voided:
                continue
            at = datetime.datetime.fromtimestamp(e["at"] / 1000, UTC)
            row = rows[(at - begin) // HOUR]
            if e["type"] == "abandoned":
                row["abandoned"] += 1
            else:
                row["sales"] += 1
                row["units"] += sum(line[1] for line in e["lines"])
                row["revenue_clp"] += sum(line[2] for line in e["lines"])
        said = guild.get("/api/v1/sales/hourly?date=%s%s" % (
            date, "&cart=" + cart if cart else ""))
        openapi.check(DOCUMENT, {"$ref": "#/components/schemas/Hourly"}, said)
        for row in said["hours"]:
            row["from"] = datetime.datetime.fromisoformat(
                row["from"].replace("Z", "+00:00"))
        assert (said["date"], said["hours"]) == (str(date), rows)


def check_rows(guild, books):
    voided = {e["folio"] for e in books if e["type"] == "void"}
    rows = guild.sales()
    assert sorted(
        (r["folio"] or "", r["cart"], at_ms(r), r["units"], r["amount_clp"],
         r["voided"]) for r in rows) == sorted(
        (e["folio"] or "", e["cart"], e["at"], e["units"], e["amount"],
         e["folio"] in voided)
        for e in books if e["type"] in ("sale", "abandoned"))
    stats = guild.get("/api/v1/stats")
    assert stats["conflicts"] == 0
    assert guild.get("/api/v1/gaps")["gaps"] == []


def at_ms(row):
    moment = datetime.datetime.fromisoformat(row["at"].replace("Z", "+00:00"))
    return round(moment.timestamp() * 1000)


# Who sells.

def fleet(guild, dir, first_day, number):
    """A simulator's run over DAYS days, on a bad network."""
    books = os.path.join(dir, "books-%d.jsonl" % number)
    sim = Child(
        [os.path.join(build_dir(), "bin", "pregon-sim"),
         "--carts=%d" % CARTS, "--first=%d" % (number * 100),
         "--seed=%d" % number, "--mqtt.port=%d" % guild.mosquitto.port,
         "--mqtt.user=sim",
         "--mqtt.password=" + guild.mosquitto.add_sim("sim"),
         "--at=" + midnight(first_day).astimezone(ZONE).isoformat(),
         "--speed=%d" % SPEED, "--seconds=%d" % RUN_S,
         "--sales_per_minute=5000", "--abandoned=100", "--voided=60",
         "--repeated=40", "--ack_timeout_ms=300", "--net.drop=30",
         "--net.delay_ms=100", "--net.duplicate=100", "--net.late=300",
         "--net.reconnects_per_hour=200", "--net.crashes_per_hour=200",
         "--books=" + books],
        os.path.join(dir, "sim-%d.log" % number))
    return sim, books


def finish(sim, path):
    assert sim.wait(RUN_S + 70) == 0, sim.tail()
    print(sim.output().strip())
    with open(path) as f:
        return [json.loads(line) for line in f]


def folio(cart, epoch, number):
    value = int.from_bytes(epoch, "big")
    digits = "".join(BASE32[value >> 5 * i & 31] for i in range(7, -1, -1))
    tail = ""
    while number or not tail:
        tail, number = BASE32[number & 31] + tail, number >> 5
    return "-".join((cart, digits, tail))


class Edges:
    """A cart that sells in the last and the first millisecond of hours."""

    SPELLINGS = ((None, None), ("José", None), (" JOSÉ ", None),
                 ("jose", None), ("Ñandú", "N@x.cl"), ("otro", " n@X.CL"),
                 ("\u00a0Ángel\u2003", None), ("ángel", " "),
                 ("N@x.cl", None))

    def __init__(self, guild, days):
        self.cart = "EDGE01"
        self.guild = guild
        self.password = guild.mosquitto.add_cart(self.cart)
        self.books = []
        self.moments = [at for day in days for at in self._around(day)]

    @staticmethod
    def _around(day):
        """From the day before it, over 96 hours."""
        begin = midnight(day - DAY)
        for hour in range(4 * 24):
            at = round((begin + hour * HOUR).timestamp() * 1000)
            yield from (at - 1, at)

    def sell(self):
        """Every third sale is void; the void of each ninth comes first."""
        epoch, other = new_epoch(), new_epoch()
        sales, early, later = [], [], []
        for number, at in enumerate(self.moments):
            who, contact = self.SPELLINGS[number % len(self.SPELLINGS)]
            line = [0, number % 4 + 1, 1000 + number]
            name = folio(self.cart, epoch, number)
            sales.append([4, at, None, True, 5000, who, contact, None, None,
                          [line]])
            self.books.append({
                "type": "sale", "folio": name, "cart": self.cart, "at": at,
                "customer": who, "contact": contact, "units": line[1],
                "amount": line[2], "lines": [line]})
            if number % 3 == 0:
                back = [5, at + 5000, None, name, "error"]
                (early if number % 9 == 0 else later).append(back)
                self.books.append({"type": "void", "folio": name,
                                   "cart": self.cart, "at": at + 5000})
        self._send([frame(early, epoch=other), frame(sales, epoch=epoch),
                    frame(later, len(early), epoch=other)])

    def _send(self, frames):
        with Client(self.guild.mosquitto.port, self.cart,
                    self.password) as client:
            client.subscribe("pregon/%s/ack" % self.cart)
            for payload in frames + frames:
                client.publish("pregon/%s/sale" % self.cart, payload)
                assert client.receive(10), "no ack"


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("books"), partitions=3) as guild:
        yield guild


def test_daily_sales_over_both_changes_of_the_clocks(guild, tmp_path):
    long, short = odd_days(25), odd_days(23)
    runs = [fleet(guild, tmp_path, day - DAY, number)
            for number, day in enumerate((long, short), 1)]
    edges = Edges(guild, (long, short))
    edges.sell()
    books = [e for run in runs for e in finish(*run)] + edges.books
    covers(books, long, short)
    days = check(guild, books)
    for day in (long - DAY, long, long + DAY, short - DAY, short,
                short + DAY):
        check_hours(guild, books, day, ("EDGE01", "NOBODY"))
    print("long=%s short=%s cart_days=%d %s duplicates=%d" % (
        long, short, len(days),
        " ".join("%s=%d" % (name, sum(d[name] for d in days.values()))
                 for name in TALLY),
        guild.get("/api/v1/stats")["duplicates"]))
    assert guild.get("/api/v1/stats")["duplicates"] > 100


def covers(books, long, short):
    """The trial was about what it says."""
    kinds = collections.Counter(e["type"] for e in books)
    assert min(kinds[k] for k in ("sale", "abandoned", "void",
                                  "repeat")) > 50, kinds
    at = {e["folio"]: e["at"] for e in books if e["type"] == "sale"}
    assert any(local(at[e["folio"]]).date() < local(e["at"]).date()
               for e in books if e["type"] == "void")
    hours = {day: [local(ms) for ms in at.values()
                   if local(ms).date() == day] for day in (long, short)}
    # One hour comes twice, with the clock before and behind the change.
    assert len({t.hour for t in hours[long] if t.fold}) == 1
    assert len({(t.hour, t.utcoffset()) for t in hours[long]}) == 25
    assert len({t.hour for t in hours[short]}) == 23
