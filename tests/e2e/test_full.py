"""A cart whose memory is full: a small outbox, no network, a real gpsd."""
import glob
import os
import threading
import time

import pytest

import nmea
from demo_parts.table import unix
from local.gpsd import Gpsd
from local.guild import Guild
from local.ports import free_port
from local.process import wait_for
from local.proxy import Proxy
from vendors import compare

# The least that may be set: some 1,000 sales and stock events.
MAX_BYTES = 256 * 1024
# Beside the file lies SQLite's log, of at most 128 pages and a transaction,
# with its index.
SLACK_BYTES = 640 * 1024
WALK_S = 20000
FIXES_A_SECOND = 200
# What a sale may need at once beyond its bytes, full of fixes: three pages.
SCRAPS = 300


class Watch(threading.Thread):
    """The most that the outbox's files ever took together."""

    def __init__(self, gateway):
        super().__init__(daemon=True)
        self.path = gateway.settings["outbox.path"]
        self.over = threading.Event()
        self.most = self.most_file = 0

    def run(self):
        while not self.over.wait(0.002):
            sizes = {p: size_of(p) for p in glob.glob(self.path + "*")}
            self.most = max(self.most, sum(sizes.values()))
            self.most_file = max(self.most_file, sizes.get(self.path, 0))

    def check(self):
        assert self.most_file <= MAX_BYTES
        assert self.most <= MAX_BYTES + SLACK_BYTES

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.join(10)


def size_of(path):
    try:
        return os.path.getsize(path)
    except FileNotFoundError:
        return 0


class Cart:
    """A gateway without a network, and its receiver."""

    def __init__(self, guild, plate, dir):
        self.guild = guild
        self.plate = plate
        self.begin = int(time.time()) - WALK_S
        walk = str(dir / "walk.nmea")
        a_second = nmea.write_walk(walk, self.begin, WALK_S)
        self.gpsd = Gpsd(dir / "gpsd", walk, once=True, silent=True,
                         baud=10 * a_second * FIXES_A_SECOND)
        self.nobody = free_port()
        self.gateway = guild.add_gateway(plate, settings={
            "mqtt.port": self.nobody, "gpsd.port": self.gpsd.port,
            "outbox.max_bytes": MAX_BYTES, "keep.distance_m": 1,
            "keep.interval_s": 1, "clock.trust": "gnss",
            "link.linger_s": 0})
        self.books = {}
        self.asked = 0

    def __enter__(self):
        self.gpsd.start()
        self.gateway.start()
        wait_for(lambda: self.state()["gpsd_connected"], "gpsd", 30)
        self.gpsd.feed()
        # Before it there would be time markers among the events.
        wait_for(lambda: self.state()["clock"]["trusted"], "a time", 30)
        return self

    def __exit__(self, *_):
        self.gateway.stop()
        self.gpsd.stop()

    def ask(self, kind, **fields):
        return self.gateway.ask({"type": kind, **fields})

    def state(self):
        return self.ask("state")

    def backlog(self):
        return self.state()["backlog_by_stream"]

    def wait_kept(self, more):
        """Until so many more fixes were worth keeping."""
        kept = self.state()["fix"]["kept"] + more
        wait_for(lambda: self.state()["fix"]["kept"] >= kept,
                 "%d fixes" % more, 60)

    def wait_sent(self):
        wait_for(lambda: self.state()["backlog"] == 0, "all is sent", 30)

    def given_up(self):
        """Fixes that gave way so far."""
        state = self.state()
        return state["fix"]["kept"] - state["backlog_by_stream"]["pos"]

    def sale(self):
        """A sale's request, another one each time."""
        self.asked += 1
        return {"customer": "José %d" % (self.asked % 9), "units": 1,
                "amount": 700 + self.asked,
                "request_id": "r-%d" % self.asked}

    def sell(self, request):
        answer = self.ask("sale", **request)
        if answer["ok"]:
            assert answer["folio"] not in self.books
            self.books[answer["folio"]] = request["amount"]
        return answer

    def sell_until_refused(self):
        """The request that was refused, and the answer."""
        while len(self.books) < 10000:
            request = self.sale()
            answer = self.sell(request)
            if not answer["ok"]:
                return request, answer
        raise AssertionError("never full")

    def take_the_last_room(self):
        """By what is smaller than any sale."""
        for _ in range(200):
            answer = self.ask("abandoned", units=1, amount=1)
            if not answer["ok"]:
                is_clear(answer)
                return
        raise AssertionError("never full")

    def gaps(self):
        return self.guild.get("/api/v1/gaps?cart=" + self.plate)["gaps"]

    def track(self):
        """The times of all fixes that the guild has."""
        return [unix(p["at"]) for p in self.guild.get(
            "/api/v1/carts/%s/track?from=%s&to=%s" % (
                self.plate, moment(self.begin),
                moment(self.begin + WALK_S)))["points"]]

    def check_counted(self):
        """Every folio that was given, once, and nothing else."""
        def mine():
            lost, twice = compare(self.guild, self.books)
            return lost, [f for f in twice if f.startswith(self.plate + "-")]
        wait_for(lambda: not mine()[0], "every folio counted", 30)
        assert mine() == ([], [])


def moment(at):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(at))


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("full")) as guild:
        yield guild


def is_clear(answer):
    """The POS can show it, and knows that nothing was written."""
    assert answer["ok"] is False and answer["fault"] == "full", answer
    assert "full" in answer["error"] and "nothing was written" in \
        answer["error"], answer
    assert "llena" in answer["error_es"], answer
    assert "folio" not in answer


def check_gaps(cart, least):
    """A fix was made each second: the guild has it, or knows why not."""
    gaps, track = cart.gaps(), cart.track()
    assert {(g["stream"], g["reason"]) for g in gaps} == {("pos", "full")}
    explained = set()
    for gap in gaps:
        begin, end = unix(gap["from"]), unix(gap["to"])
        assert gap["events"] == end - begin + 1, gap
        explained.update(range(int(begin), int(end) + 1))
    assert sum(g["events"] for g in gaps) == len(explained) >= least
    assert not explained & set(track)
    # The first fixes warm the receiver up.
    assert min(explained) - cart.begin <= 5
    return gaps, track, explained


def test_only_sales_are_left_and_the_next_one_is_refused(guild, tmp_path):
    with Cart(guild, "FULL01", tmp_path) as cart, \
            Watch(cart.gateway) as watch:
        assert cart.ask("stock", level=5000)["ok"]
        cart.wait_kept(1500)
        fixes = cart.backlog()["pos"]
        request, answer = cart.sell_until_refused()
        is_clear(answer)
        left = cart.backlog()
        assert left["sale"] == len(cart.books) >= 500
        assert left["stock"] == len(cart.books) + 1
        assert left["pos"] <= SCRAPS
        # More fixes, smaller requests, a restart: all that was sold stays.
        cart.wait_kept(100)
        cart.take_the_last_room()
        for kind, fields in (("void", {"folio": next(iter(cart.books))}),
                             ("help", {"note": "¿señal?"}),
                             ("sale", request)):
            is_clear(cart.ask(kind, **fields))
        left = cart.backlog()
        cart.gateway.kill9()
        cart.gateway.start()
        again = cart.backlog()
        assert (again["sale"], again["stock"]) == (left["sale"],
                                                   left["stock"])
        is_clear(cart.sell(request))
        cart.wait_kept(100)
        cart.gpsd.silence()
        assert cart.state()["fix"]["lost"] == 0
        full = len(cart.books)
        with Proxy(guild.mosquitto.port, port=cart.nobody):
            cart.check_counted()
            # The refused one, as its POS sends it again, and new ones.
            assert cart.sell(request)["ok"]
            for _ in range(200):
                assert cart.sell(cart.sale())["ok"]
            cart.check_counted()
            cart.gpsd.feed()
            cart.wait_kept(50)
            cart.gpsd.silence()
            cart.wait_sent()
        gaps, track, explained = check_gaps(cart, fixes)
        assert len(track) >= 50
        print("fixes=%d sales=%d file=%d with_log=%d gaps=%d explained=%d "
              "there=%d" % (fixes, full, watch.most_file, watch.most,
                            len(gaps), len(explained), len(track)))
        watch.check()


def test_fixes_are_thinned_before_they_go(guild, tmp_path):
    with Cart(guild, "FULL02", tmp_path) as cart, \
            Watch(cart.gateway) as watch:
        cart.wait_kept(1500)
        while cart.given_up() < 500:
            assert cart.sell(cart.sale())["ok"]
        cart.gpsd.silence()
        with Proxy(guild.mosquitto.port, port=cart.nobody):
            cart.check_counted()
            cart.wait_sent()
            kept = cart.state()["fix"]["kept"]
            gaps, track, explained = check_gaps(cart, 500)
            assert len(explained) + len(track) == kept
            assert cart.sell(cart.sale())["ok"]
            cart.check_counted()
        print("kept=%d gaps=%d explained=%d there=%d" % (
            kept, len(gaps), len(explained), len(track)))
        watch.check()
