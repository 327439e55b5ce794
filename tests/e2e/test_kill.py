"""kill -9 of anything, at any moment: every folio given is counted once."""
import os
import random
import threading
import time

import pytest

from local.guild import Guild
from local.process import Timeout, wait_for
from vendors import books_of, compare, sell

CARTS = 20
SALES = 2000
KILLS = 10
# Of each sale's vendor; so that the sales last as long as the kills do.
EVERY_S = 0.9
READY_S = 10
SEEDS = [int(s) for s in os.environ.get("KILL_SEEDS", "1").split(",")]


class Killer(threading.Thread):
    """Kills a part KILLS times and starts it again, at random moments."""

    def __init__(self, pick, seed, pause):
        super().__init__(daemon=True)
        self.pick = pick
        self.random = random.Random(seed)
        self.pause = pause
        self.kills = 0
        self.error = None

    def run(self):
        try:
            for _ in range(KILLS):
                time.sleep(self.random.uniform(0, 2 * self.pause))
                part = self.pick(self.random)
                part.kill9()
                self.kills += 1
                # A guild that waits a while, or none at all.
                time.sleep(self.random.choice([0, 0.2, 1.0]))
                part.start(wait=False)
                await_ready(part)
        except Exception as e:	# told by the test, not lost in a thread
            self.error = e


def await_ready(part):
    """A part that needs others may find them killed as well: it is then
    killed again while it waits for them, which is a moment like any other."""
    try:
        part.wait_ready(READY_S)
    except Timeout:
        assert part.running(), part.child.tail()


def killers(guild, seed):
    one = lambda part: lambda rng: part  # noqa: E731
    targets = {
        "gateway": lambda rng: rng.choice(list(guild.gateways.values())),
        "mosquitto": one(guild.mosquitto), "kafka": one(guild.kafka)}
    for name in ("bridge", "positions", "sales", "stock"):
        targets[name] = one(guild.part(name))
    return {name: Killer(pick, "%s/%s" % (seed, name), pause=3.0)
            for name, pick in targets.items()}


@pytest.mark.parametrize("seed", SEEDS)
def test_every_folio_is_counted_once_whatever_is_killed(tmp_path, seed):
    with Guild(tmp_path, settings={"bridge": {"log.level": "info"}}) as guild:
        for i in range(CARTS):
            guild.add_gateway("KILL%02d" % i).start()
        vendors = sell(guild.gateways.values(), SALES // CARTS, EVERY_S, seed)
        running = killers(guild, seed)
        for killer in running.values():
            killer.start()
        for name, killer in running.items():
            killer.join(400)
            assert killer.error is None, (name, killer.error)
            assert killer.kills == KILLS, name
        for vendor in vendors:
            vendor.join(120)
            assert not vendor.refusals, vendor.refusals
        books = books_of(vendors)
        assert len(books) == SALES
        guild.start()		# whatever a last kill left down
        wait_for(lambda: not compare(guild, books)[0],
                 "every folio is counted", 120)
        lost, twice = compare(guild, books)
        print("seed=%s folios=%d repeats=%d lost=%d twice=%d" % (
            seed, len(books), sum(v.repeats for v in vendors), len(lost),
            len(twice)))
        assert (lost, twice) == ([], [])
        wait_for(lambda: guild.get("/api/v1/gaps")["gaps"] == [],
                 "no gap is left open", 30)
        stats = guild.get("/api/v1/stats")
        assert stats["sales"] == SALES
        assert stats["revenue_clp"] == sum(books.values())
        assert stats["conflicts"] == 0
