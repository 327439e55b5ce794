"""Restock orders through the real parts: each goes once through its states,
whoever moves it and whatever is killed, and what is low is ordered once."""
import os
import random
import secrets
import threading
from concurrent.futures import ThreadPoolExecutor
import time

import pytest

from carts import Ack, frame, new_epoch
from local.guild import Guild
from local.mqtt import Client
from local.process import wait_for
from restock_log import RestockLog
from vendors import Vendor


SEEDS = [int(s) for s in os.environ.get("KILL_SEEDS", "1").split(",")]


def restock_log(guild):
    return RestockLog(guild.bootstrap, guild.partitions)


def together(work, whom):
    """work(one) for each, at the same time; what goes wrong is raised."""
    with ThreadPoolExecutor(len(whom)) as pool:
        list(pool.map(work, whom))


def ask(guild, cart, product, units, key):
    """A manual order; its id.  Repeated as a careful client does it."""
    while True:
        status, _, answer = guild.post(
            "/api/v1/restocks",
            {"cart": cart, "lines": [{"product": product, "units": units}]},
            key=key)
        if status == 202:
            return answer["id"]
        assert status in (0, 503), (status, answer)
        time.sleep(0.05)


def move(guild, order, to, lines=None):
    """(status, answer) of an advance; lines: {product: units}."""
    body = {"to": to}
    if lines:
        body["lines"] = [{"product": p, "units": u}
                         for p, u in lines.items()]
    status, _, answer = guild.post(
        "/api/v1/restocks/%s/advance" % order, body,
        key=secrets.token_hex(8))
    return status, answer


def order_of(guild, order):
    return guild.get("/api/v1/restocks/" + order)


def wait_state(guild, order, state):
    return wait_for(lambda: order_of(guild, order)["state"] == state
                    and order_of(guild, order), order + " is " + state, 20)


def finished(guild, count):
    """The log, once so many orders are finalizado."""
    def look():
        # Cheaper than to read the whole log each time.
        if guild.get("/api/v1/restocks?state=open&limit=1")["restocks"]:
            return None
        log = restock_log(guild)
        return log if len(log.in_state("finalizado")) >= count else None
    return wait_for(look, "%d orders are finalizado" % count, 120)


@pytest.mark.parametrize("partitions, clients, count", [
    (1, 1, 100), (1, 2, 1000), (5, 2, 1000)])
def test_every_order_goes_once_through_its_states(tmp_path, partitions,
                                                  clients, count):
    settings = {"stock": {"stock.auto_advance": "0,0,0"}}
    with Guild(tmp_path, partitions=partitions, settings=settings) as guild:
        def client(first):
            for i in range(first, count, clients):
                ask(guild, "C%05d" % i, i % 3, 10 + i % 50, "key-%d" % i)

        together(client, range(clients))
        log = finished(guild, count)
        assert len(log.orders) == count
        log.check_finished()
        for changes in log.orders.values():
            units = 10 + int(changes[0].cart[1:]) % 50
            assert all(c.lines[0][1] == units for c in changes)


def test_two_at_the_depot_who_press_every_button_twice(tmp_path):
    """Repeated moves are harmless, illegal ones are refused with words."""
    with Guild(tmp_path, partitions=2) as guild:
        orders = [ask(guild, "TWO%03d" % i, 0, 30, "two-%d" % i)
                  for i in range(10)]
        for order in orders:
            wait_state(guild, order, "recibido")
        for state in ("preparando", "entregando", "finalizado"):
            def press(_, state=state):
                for order in orders:
                    for _ in range(2):
                        status, answer = move(guild, order, state)
                        assert status in (200, 202), answer
            together(press, ("rosa", "luis"))
            for order in orders:
                wait_state(guild, order, state)
        status, answer = move(guild, orders[0], "preparando", {0: 99})
        assert status in (200, 202), answer	# passed already: harmless
        status, _, answer = guild.post(
            "/api/v1/restocks/%s/cancel" % orders[0], {"reason": "late"},
            key="cancel")
        assert status == 409
        assert "finalizado" in answer["detail"]
        log = finished(guild, 10)
        log.check_finished()
        assert len(log.deliveries) == 2


def stock_of(guild, cart, product=0):
    rows = guild.get("/api/v1/stock?cart=" + cart)["stock"]
    return next((r for r in rows if r["product"] == product), {})


def sell_under_the_threshold(guild, cart, sales):
    gateway = guild.add_gateway(cart).start()
    assert gateway.ask({"type": "stock", "level": 700,
                        "reason": "count"})["ok"]
    vendor = Vendor(gateway, sales)
    vendor.start()
    vendor.join(120)
    assert len(vendor.books) == sales
    return gateway


def test_500_sales_under_the_threshold_make_one_order(tmp_path):
    settings = {"stock": {"stock.threshold": 5000, "stock.target": 6000}}
    with Guild(tmp_path, partitions=2, settings=settings) as guild:
        gateway = sell_under_the_threshold(guild, "LOW001", 500)
        wait_for(lambda: guild.part("stock").metrics()[
            'pregon_consumer_events_total{fate="new"}'] >= 501,
            "the role has them all", 30)
        log = restock_log(guild)
        (order, changes), = log.orders.items()
        assert [c.state for c in changes] == ["recibido"]
        assert order.startswith("LOW001-")
        # Fixed when it is prepared, not when it was asked for.
        assert changes[0].lines == [[0, 0]]
        level = stock_of(guild, "LOW001")["level_units"]
        assert level < 700
        for state in ("preparando", "entregando"):
            assert move(guild, order, state)[0] == 202
            wait_state(guild, order, state)
        needed = 6000 - level
        prepared, = order_of(guild, order)["lines"]
        assert prepared["prepared"] == needed, prepared
        # The depot delivers fewer, and the cart books what came.
        assert move(guild, order, "finalizado", {0: needed - 100})[0] == 202
        wait_state(guild, order, "finalizado")
        answer = gateway.ask({"type": "sale", "customer": "Ana", "units": 1,
                              "amount": 500})
        assert answer["ok"], answer
        assert gateway.ask({"type": "stock", "delta": needed - 100,
                            "reason": "restock", "order": order})["ok"]
        wait_for(lambda: stock_of(guild, "LOW001")["level_units"] == 5899,
                 "what came is counted", 20)
        # Neither between the delivery and its booking nor after.
        log = restock_log(guild)
        log.check_finished()
        assert list(log.orders) == [order]
        assert not log.orders[order][-1].disputed


def test_cart_and_depot_disagree_and_the_guild_says_so(tmp_path):
    settings = {"stock": {"stock.target": 100}}
    with Guild(tmp_path, partitions=2, settings=settings) as guild:
        gateway = guild.add_gateway("DIS001").start()
        assert gateway.ask({"type": "stock", "level": 15,
                            "reason": "count"})["ok"]
        log = wait_for(lambda: restock_log(guild).orders and
                       restock_log(guild), "it is ordered", 20)
        order, = log.orders
        assert move(guild, order, "preparando")[0] == 202
        wait_state(guild, order, "preparando")
        assert move(guild, order, "entregando")[0] == 202
        wait_state(guild, order, "entregando")
        # The cart is quicker than the depot's word, and counts 80 of 85.
        assert gateway.ask({"type": "stock", "delta": 80,
                            "reason": "restock", "order": order})["ok"]
        row = wait_state(guild, order, "finalizado")
        assert row["disputed"] and row["by"] == "DIS001"

        def alerts():
            return [a for a in guild.get("/api/v1/alerts?state=open")[
                "alerts"] if a["cause"] == "restock.dispute"]
        alert, = wait_for(alerts, "an alert says so", 20)
        assert alert["cart"] == "DIS001" and alert["subject"] == order
        # The depot counts again, and that ends it.
        assert move(guild, order, "finalizado", {0: 80})[0] == 202
        wait_for(lambda: not order_of(guild, order)["disputed"],
                 "the dispute ends", 20)
        wait_for(lambda: not alerts(), "so does its alert", 20)
        states = [c.state for c in restock_log(guild).orders[order]]
        assert states[:4] == ["recibido", "preparando", "entregando",
                              "finalizado"]


class LowCarts:
    """Carts played by hand, whose products all run low by and by."""

    def __init__(self, guild, carts, products):
        self.client = Client(guild.mosquitto.port, "sim",
                             guild.mosquitto.add_sim("sim"))
        self.client.subscribe("pregon/+/ack")
        self.carts = {"LOW%03d" % i: new_epoch() for i in range(carts)}
        self.products = products

    def publish(self, level, first):
        """Each product's level by a frame a cart, until all are acked."""
        at = int(time.time() * 1000)
        waiting = dict(self.carts)
        sent = 0.0
        while waiting:
            if time.monotonic() - sent > 1.0:
                sent = time.monotonic()
                for plate, epoch in waiting.items():
                    self.client.publish(
                        "pregon/%s/stock" % plate,
                        frame([[6, at, None, p, -1, level, 0, None]
                               for p in range(self.products)], first,
                              epoch=epoch))
            message = self.client.receive(0.2)
            if message:
                ack = Ack(message[1])
                plate = message[0].split("/")[1]
                if ack.next >= first + self.products:
                    waiting.pop(plate, None)


class Killer(threading.Thread):
    """Kills the role again and again, at random, until told to stop."""

    def __init__(self, part, seed):
        super().__init__(daemon=True)
        self.part = part
        self.random = random.Random(seed)
        self.over = threading.Event()
        self.kills = 0

    def run(self):
        while not self.over.wait(self.random.uniform(0, 1.5)):
            self.part.kill9()
            self.kills += 1
            time.sleep(self.random.choice([0, 0.1, 0.5]))
            self.part.start(wait=False)

    def stop(self):
        self.over.set()
        self.join(60)
        self.part.wait_ready(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_kill_of_the_stock_role_over_200_orders(tmp_path, seed):
    settings = {"stock": {"stock.auto_advance": "0.5,0.5,0.5",
                          "stock.lot_wait_s": 3}}
    with Guild(tmp_path, partitions=3, settings=settings) as guild:
        carts = LowCarts(guild, 20, 5)
        carts.publish(40, 0)
        killer = Killer(guild.part("stock"), seed)
        killer.start()
        try:
            for n in range(10):
                # All of them fall below the threshold, then lower.
                carts.publish(19 - n, 5 + 5 * n)
                for i in range(10 * n, 10 * n + 10):
                    ask(guild, "ASK%03d" % i, 0, 30, "ask-%d" % i)
                wait_for(lambda: killer.kills > 2 * n, "the next kill", 30)
        finally:
            killer.stop()
        log = finished(guild, 200)
        print("kills %d, records sent again %d" % (killer.kills, log.repeats))
        assert killer.kills >= 19
        log.check_finished()
        wanted = {("LOW%03d" % i, p) for i in range(20) for p in range(5)} \
            | {("ASK%03d" % i, 0) for i in range(100)}
        assert sorted((c[0].cart, c[0].lines[0][0])
                      for c in log.orders.values()) == sorted(wanted)
        for order in log.orders:
            row = order_of(guild, order)
            assert row["state"] == "finalizado"
            assert [h["state"] for h in row["history"]] == [
                "recibido", "preparando", "entregando", "finalizado"]
