"""What happens to a guild besides sales: a cart leaves its zone, one loses its
network, one sells out, a passer-by reports a strange cart."""
import json
import os
import random
import threading

from local.guild import build_dir
from local.process import Child

# Metres: the zone is drawn around where its cart was first seen, so small
# that a vendor's way to the corner leaves it.
ZONE_RADIUS_M = 20
FIRST_CUT_S, CUT_S, BETWEEN_CUTS_S = 8, 25, 35
FIRST_REPORT_S, BETWEEN_REPORTS_S = 12, 20
NEAR_DEG, FAR_DEG = 0.0003, 0.05		# some 30 m, and 5 km
NOTES = ["Uno rojo, nuevo en esta esquina", "Vende sin letrero",
         "Dos carritos se pelean el lugar"]
# The first minute is dense; who stays is not flooded.
CALMER, LONGEST_S = 1.25, 120


def calmer(wait_s, least_s):
    """How long until it happens again."""
    return max(least_s, min(CALMER * wait_s, LONGEST_S))


class Happening:
    """One thread for each; it owns nothing but what stands in its class."""

    def __init__(self):
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._run, daemon=True)

    def start(self):
        self.thread.start()

    def stop(self):
        """Whatever was taken away is back when it returns."""
        self.over.set()
        if self.thread.is_alive():
            self.thread.join(15)

    def _run(self):
        raise NotImplementedError


def place_of(guild, cart):
    """(lat, lon) of its latest fix, or None."""
    fix = guild.cart(cart).get("fix")
    return (fix["lat"], fix["lon"]) if fix else None


class Zone(Happening):
    """Draws a zone around a cart where it is first seen."""

    def __init__(self, guild, cart):
        super().__init__()
        self.guild, self.cart = guild, cart

    def _run(self):
        while not self.over.wait(0.5):
            place = place_of(self.guild, self.cart)
            if place:
                self._draw(place)
                return

    def _draw(self, place):
        zone = {"name": "La esquina de " + self.cart, "carts": [self.cart],
                "geometry": {"type": "Circle", "center": [place[1], place[0]],
                             "radius_m": ZONE_RADIUS_M}}
        # A folder that was kept has it already.
        status, _, answer = self.guild.put("/api/v1/zones/corner", zone)
        if status == 404:
            status, _, answer = self.guild.post(
                "/api/v1/zones", {"id": "corner", **zone})
        assert status == 202, answer


class Outages(Happening):
    """Cuts a cart's network now and then: no packet, no signal."""

    def __init__(self, proxy, gateway, vendor):
        super().__init__()
        self.proxy, self.gateway, self.vendor = proxy, gateway, vendor

    def _run(self):
        wait = FIRST_CUT_S
        while not self.over.wait(wait):
            self.vendor.offline = True
            self.proxy.cut()
            self.over.wait(CUT_S)
            self.proxy.restore()
            while not self._is_back() and not self.over.wait(0.2):
                pass
            self.vendor.offline = False
            wait = BETWEEN_CUTS_S

    def _is_back(self):
        """Its link stands, and what it had kept has gone."""
        try:
            state = self.gateway.ask({"type": "state"})
        except OSError:
            return False
        return state["connected"] and not state["backlog_by_stream"]["sale"]


class Reports(Happening):
    """A passer-by: by turns near a cart of the guild, and where none is."""

    def __init__(self, guild, seed):
        super().__init__()
        self.guild = guild
        self.random = random.Random(seed)

    def _run(self):
        near, wait = True, FIRST_REPORT_S
        while not self.over.wait(wait):
            wait = calmer(wait, BETWEEN_REPORTS_S)
            carts = [c for c in self.guild.get("/api/v1/carts")["carts"]
                     if c.get("fix")]
            if not carts:
                continue
            fix = self.random.choice(carts)["fix"]
            off = NEAR_DEG if near else FAR_DEG
            near = not near
            self.guild.post("/api/v1/strange-carts", {
                "lat": round(fix["lat"] + off, 6), "lon": fix["lon"],
                "note": self.random.choice(NOTES)}, token="")


class Restocker(Happening):
    """The vendor at the other end of a delivery: books what the guild's news
    say was delivered, once for each order."""

    def __init__(self, gateway):
        super().__init__()
        self.gateway = gateway
        self.after = 0

    def _run(self):
        while not self.over.wait(0.5):
            try:
                news = self.gateway.ask({"type": "inbox",
                                         "after": self.after})["messages"]
            except (OSError, KeyError, json.JSONDecodeError):
                continue
            for one in news:
                self.after = one["number"]
                if one["kind"] == "order" and one["state"] == "finalizado":
                    self._book(one)

    def _book(self, order):
        names = {p["code"]: p["name"] for p in
                 self.gateway.ask({"type": "state"})["catalogue"]}
        for line in order["lines"]:
            self.gateway.ask({
                "type": "stock", "reason": "restock", "delta": line["units"],
                "product": names[line["product"]], "order": order["order"],
                "request_id": "%s/%d" % (order["order"], line["product"])})



class Fleet(Happening):
    """More carts in the streets of one city, by the simulator: the recorded
    ones are each in another country."""

    def __init__(self, guild, carts, log):
        super().__init__()
        self.sim = Child(
            [os.path.join(build_dir(), "bin", "pregon-sim"),
             "--carts=%d" % carts, "--seconds=0", "--fix_interval_ms=2000",
             "--heartbeat_s=10", "--sales_per_minute=%d" % carts,
             "--mqtt.connections=%d" % carts,
             "--mqtt.port=%d" % guild.mosquitto.port, "--mqtt.user=sim",
             "--mqtt.password=" + guild.mosquitto.add_sim("sim")], log)

    def _run(self):
        self.over.wait()
        self.sim.stop()
