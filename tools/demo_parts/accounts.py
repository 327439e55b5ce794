"""The demo's own books: every folio that a vendor was given, and when the
API showed it."""
import http.client
import json
import threading
import time

from local.guild import bearer, connect

from .table import unix

POLL_S = 0.004


class Accounts:
    """Any thread may call these."""

    def __init__(self):
        self.lock = threading.Lock()
        self.folios = {}	# folio: when the POS sent it, Unix
        self.amount = 0
        self.waiting = set()	# of those, sold where there was no network
        self.seen = {}		# folio: when the API first showed it
        self.refusals = []

    def given(self, folio, at, amount, waits=False):
        with self.lock:
            if waits:
                self.waiting.add(folio)
            self.folios[folio] = at
            self.amount += amount

    def refused(self, cart, why):
        with self.lock:
            self.refusals.append("%s: %s" % (cart, why))

    def shown(self, folios, at):
        with self.lock:
            for folio in folios:
                self.seen.setdefault(folio, at)

    def settle(self, seconds):
        """Waits until each folio was seen, at most so long."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with self.lock:
                if self.folios.keys() <= self.seen.keys():
                    return
            time.sleep(POLL_S)

    def latency_ms(self):
        """Street to query: (p50, p99), or None before there is any.  Not of
        sales that had to wait for a network that was taken away."""
        with self.lock:
            waits = sorted(1000 * (self.seen[f] - at)
                           for f, at in self.folios.items()
                           if f in self.seen and f not in self.waiting)
        if not waits:
            return None
        return waits[len(waits) // 2], waits[min(len(waits) - 1,
                                                 len(waits) * 99 // 100)]

    def verdict(self, guild):
        """(all is well, the accounting line), by the guild's own rows."""
        rows = guild.sales()
        times = {}
        for row in rows:
            if row["confirmed"]:
                times[row["folio"]] = times.get(row["folio"], 0) + 1
        counted = sum(1 for f in self.folios if f in times)
        lost = len(self.folios) - counted
        twice = sum(times[f] - 1 for f in self.folios if f in times)
        # A sale that was counted under a folio nobody was given is one too.
        carts = set(guild.gateways)
        twice += sum(1 for row in rows
                     if row["confirmed"] and row["cart"] in carts
                     and unix(row["at"]) >= min(self.folios.values())
                     and row["folio"] not in self.folios)
        p50, p99 = self.latency_ms() or (0, 0)
        line = ("accounted: folios=%d counted=%d lost=%d twice=%d fixes=%d "
                "p50_ms=%.0f p99_ms=%.0f" % (
                    len(self.folios), counted, lost, twice,
                    guild.get("/api/v1/stats")["fixes"], p50, p99))
        for refusal in self.refusals[:5]:
            print("refused: " + refusal)
        return lost == 0 and twice == 0 and counted > 0, line


class Watcher:
    """Asks the API for new sales all the time, as an impatient admin would;
    its thread owns nothing else."""

    def __init__(self, guild, accounts):
        self.guild = guild
        self.accounts = accounts
        self.over = threading.Event()
        rows = guild.sales()
        self.after = rows[-1]["id"] if rows else 0
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        self.over.set()
        self.thread.join(15)

    def _ask(self, line):
        """The next sales; none if nobody answers."""
        try:
            line.request("GET", "/api/v1/sales?limit=1000&after=%d"
                         % self.after, headers=bearer(self.guild.token))
            answer = line.getresponse()
            body = answer.read()
            return json.loads(body)["sales"] if answer.status == 200 else []
        except (OSError, http.client.HTTPException):
            line.close()
            return []

    def _run(self):
        # One connection: a handshake a question would be most of the work.
        line = connect(self.guild.api_port, trust=self.guild.trust)
        while not self.over.wait(POLL_S):
            page = self._ask(line)
            if page:
                self.after = page[-1]["id"]
                self.accounts.shown([r["folio"] for r in page], time.time())
