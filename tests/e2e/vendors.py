"""Vendors who sell through gateways' sockets, whatever dies meanwhile.

A vendor's POS repeats a request it has no answer to with the same request_id,
as a real one does after a power cut; its books hold each folio it was given.
"""
import random
import threading
import time

RETRY_S = 0.05


class Vendor(threading.Thread):
    """Sells `count` sales (None: until stop()) through one gateway."""

    def __init__(self, gateway, count=None, every_s=0.0, seed=0):
        super().__init__(daemon=True)
        self.gateway = gateway
        self.count = count
        self.every_s = every_s
        self.random = random.Random("%s/%s" % (gateway.cart, seed))
        self.run_id = "%08x" % self.random.getrandbits(32)
        self.over = threading.Event()
        self.books = {}		# folio: amount
        self.refusals = []
        self.repeats = 0

    def stop(self):
        self.over.set()
        self.join(60)

    def run(self):
        number = 0
        while self.count is None or number < self.count:
            if self.over.wait(self._pause()):
                return
            self._sell(number)
            number += 1

    def _pause(self):
        if not self.every_s:
            return 0
        return self.random.expovariate(1 / self.every_s)

    def _sell(self, number):
        units = self.random.randint(1, 5)
        amount = units * 700 + number % 7
        request = {"type": "sale", "customer": "Ana %d" % (number % 9),
                   "units": units, "amount": amount,
                   "request_id": "%s-%d" % (self.run_id, number)}
        while True:
            try:
                answer = self.gateway.ask(request)
            except (OSError, ValueError):
                # No answer: was it kept?  The same request says so.
                self.repeats += 1
                time.sleep(RETRY_S)
                if self.over.is_set() and not self.gateway.running():
                    return
                continue
            if answer.get("ok"):
                assert answer["folio"] not in self.books, answer
                self.books[answer["folio"]] = amount
            else:
                self.refusals.append(answer["error"])
            return


def sell(gateways, count, every_s=0.0, seed=0):
    """Starts a vendor for each gateway; they are to be joined."""
    vendors = [Vendor(g, count, every_s, seed) for g in gateways]
    for vendor in vendors:
        vendor.start()
    return vendors


def books_of(vendors):
    books = {}
    for vendor in vendors:
        assert not books.keys() & vendor.books.keys()
        books.update(vendor.books)
    return books


def compare(guild, books):
    """(lost, twice): the guild's rows against the vendors' books."""
    times, amounts = {}, {}
    for row in guild.sales():
        if row["confirmed"]:
            times[row["folio"]] = times.get(row["folio"], 0) + 1
            amounts[row["folio"]] = row["amount_clp"]
    lost = [f for f in books if f not in times]
    # Counted under a folio that nobody was given is counted twice as well:
    # the POS repeats until it has one.
    twice = [f for f in times if times[f] > 1 or f not in books]
    for folio, amount in books.items():
        if folio in amounts:
            assert amounts[folio] == amount, folio
    return lost, twice
