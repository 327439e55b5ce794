"""What others feel of support: how long sales and fixes take to be shown, on
the real parts, while 500 vendors a second ask for help, with the role support
running and without it."""
import http.client
import json
import os
import secrets
import socket
import threading
import time

import msgpack

from local.guild import Guild, bearer
from local.mqtt import Client
from local.process import Child, NotYet, wait_for

from .figure import figure, helper, note, percentile, words

RATE, CARTS = 500, 500		# tickets a second, carts that ask
WINDOW_S, ROUNDS = 5, 6
SELLERS, SALES_PER_S = 4, 5.0	# purchases of each
WALKERS, FIXES_PER_S = 20, 1.0
LAT_E6, STEP_E6 = -33440000, 100
POLL_S = 0.002
# What the others' p99 may be, against that without support.
TIMES, MORE_MS = 1.5, 10
KINDS = ("sales", "positions")


def measure(dir):
    with Guild(dir) as guild:
        support = guild.part("support")
        flood = Flood(guild, dir)
        rounds = Rounds()
        with Street(guild) as street:
            rounds.warm(street, flood)
            for _ in range(ROUNDS):
                rounds.take("quiet", street, lambda: wait_some(WINDOW_S))
                support.stop()
                rounds.take("without", street, flood.run)
                support.start()
                rounds.take("with", street, flood.run)
    for kind in KINDS:
        note("support: " + rounds.text(kind))
        figure("support_%s_p99" % kind, rounds.p(99, "with", kind), "ms",
               rounds.p(99, "without", kind),
               "goal<=1.5x or +10 ms (street to query at %d tickets a second, "
               "with the role support and without)" % RATE)


class Rounds:
    """Windows of times, by their case; in turns, so that what else the
    machine does falls on each alike."""

    def __init__(self):
        self.windows = {}

    def warm(self, street, flood):
        """Kafka's code, too, is slow at first."""
        street.window(flood.run)

    def take(self, case, street, do):
        self.windows.setdefault(case, []).append(street.window(do))

    def all(self, case, kind):
        return [ms for w in self.windows[case] for ms in w[kind]]

    def p(self, per_cent, case, kind):
        return percentile(self.all(case, kind), per_cent)

    def felt(self, per_cent, kind, windows):
        """How far beyond what may be, in ms; not above 0: not felt."""
        without, with_it = (percentile(w[kind], per_cent) for w in windows)
        return with_it - max(TIMES * without, without + MORE_MS)

    def text(self, kind):
        return kind + ": " + ", ".join(
            "%s p50 %.1f p99 %.1f ms (%d)" % (
                case, self.p(50, case, kind), self.p(99, case, kind),
                len(self.all(case, kind))) for case in self.windows)


class Street:
    """Carts that sell and walk at a constant pace, and an admin who looks
    all the time: how long it takes until each sale and each fix is shown."""

    def __init__(self, guild):
        self.guild = guild
        self.over = threading.Event()
        self.lock = threading.Lock()
        self.sold, self.walked = {}, {}		# what: when
        self.shown = {}
        client = Client(guild.mosquitto.port, "sim",
                        guild.mosquitto.add_sim("sim"))
        gateways = [guild.add_gateway("SELL%02d" % i).start()
                    for i in range(SELLERS)]
        for gateway in gateways:
            wait_for(lambda g=gateway: g.ask({"type": "state"})["connected"],
                     "connected", 30)
        self.threads = [threading.Thread(target=self.sell, args=(g, i))
                        for i, g in enumerate(gateways)]
        self.threads += [
            threading.Thread(target=self.walk, args=(client,)),
            threading.Thread(target=self.watch_sales),
            threading.Thread(target=self.watch_fixes)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        for thread in self.threads:
            thread.join()

    def pace(self, per_s, offset=0.0):
        due = time.monotonic() + offset
        while not self.over.wait(max(0.0, due - time.monotonic())):
            yield
            due += 1 / per_s

    def sell(self, gateway, i):
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(gateway.socket_path)
            answers = s.makefile("rb")
            for _ in self.pace(SALES_PER_S, i / SELLERS / SALES_PER_S):
                asked = time.monotonic()
                s.sendall(b'{"type":"sale","units":1,"amount":500}\n')
                folio = json.loads(answers.readline())["folio"]
                with self.lock:
                    self.sold[folio] = asked

    def walk(self, client):
        """One fix a second of each, at a place of its own."""
        epochs = [b"\1" + secrets.token_bytes(4) for _ in range(WALKERS)]
        for n, _ in enumerate(self.pace(WALKERS * FIXES_PER_S)):
            i, seq = n % WALKERS, n // WALKERS
            plate, lat_e6 = "WALK%02d" % i, LAT_E6 + STEP_E6 * seq
            with self.lock:
                self.walked[plate, lat_e6] = time.monotonic()
            # [version, ledger, epoch, first_seq, count, payload]
            client.publish("pregon/%s/pos" % plate, msgpack.packb(
                [1, 1, epochs[i], seq, 1,
                 [[1, 0, int(time.time()), lat_e6, -70650000, 10, 45, 4]]]))

    def get(self, path):
        """Until it is over: answers, one after the other."""
        connection = http.client.HTTPConnection(
            "127.0.0.1", self.guild.api_port, timeout=10)
        while not self.over.is_set():
            connection.request("GET", path(), headers=bearer(self.guild.token))
            answer = json.loads(connection.getresponse().read())
            yield time.monotonic(), answer
            time.sleep(POLL_S)
        connection.close()

    def watch_sales(self):
        after = [0]
        for now, answer in self.get(
                lambda: "/api/v1/sales?limit=1000&after=%d" % after[0]):
            for row in answer["sales"]:
                after[0] = row["id"]
                self.shown.setdefault(row["folio"], now)

    def watch_fixes(self):
        """Who is seen at a place was seen at those before it."""
        for now, answer in self.get(lambda: "/api/v1/carts"):
            for row in answer["carts"]:
                place = row["fix"] and (row["cart"],
                                        round(row["fix"]["lat"] * 1e6))
                while place and place not in self.shown \
                        and place[1] >= LAT_E6:
                    self.shown[place] = now
                    place = (place[0], place[1] - STEP_E6)

    def begun(self):
        with self.lock:
            return set(self.sold) | set(self.walked)

    def window(self, do):
        """{"sales": [ms], "positions": [ms]} of what began during do()."""
        before = self.begun()
        do()
        made = self.begun() - before

        def all_shown():
            if made <= self.shown.keys():
                return True
            raise NotYet("%d of %d" % (len(made & self.shown.keys()),
                                       len(made)))
        wait_for(all_shown, "all is shown", 30)
        return {name: [1000 * (self.shown[w] - began[w])
                       for w in made if w in began]
                for name, began in (("sales", self.sold),
                                    ("positions", self.walked))}


class Flood:
    """Vendors who ask for help, RATE times a second."""

    def __init__(self, guild, dir):
        self.sent, self.runs = 0, 0
        self.log = os.path.join(dir, "flood-%d.log")
        self.argv = [helper("bridge_load"), "--stream=help",
                     "--port=%d" % guild.mosquitto.port, "--user=sim",
                     "--password=" + guild.mosquitto.add_sim("sim"),
                     "--carts=%d" % CARTS, "--rate=%d" % RATE,
                     "--seconds=%d" % WINDOW_S]

    def run(self, meanwhile=lambda: None):
        """All of them are acknowledged when it is back."""
        self.runs += 1
        child = Child(self.argv, self.log % self.runs)
        meanwhile()
        assert child.wait(60) == 0, child.tail()
        figures = words(child.output().splitlines()[-1])
        self.sent += int(figures["frames"])
        return figures


def wait_some(seconds):
    """Time is what is measured here: tickets flow meanwhile."""
    threading.Event().wait(seconds)
