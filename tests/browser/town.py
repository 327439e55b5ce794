"""A guild in the middle of its day, for whoever looks at every view: carts
that sell, one that is missing and one astray, orders, members, tickets."""
import os
import time

import nmea
from browser import eventually
from demo_parts.people import rut
from local import mqtt
from local.gpsd import Gpsd
from local.guild import build_dir
from local.process import Child

CATALOGUE = "product_name,price\nsopaipilla,500\nempanada,1800\n" \
    "mote con huesillo,2000\n"
CUSTOMERS = ("Ana Rojas", "Pedro Bravo", "Rosa Núñez", "Luis Peña")
PEOPLE = (("Marta", "Araya", "MT1020", False), ("Tomás", "Ojeda", "TM2030",
          False), ("Úrsula", "Quispe", "UR3040", False), ("Víctor", "Soto",
          "VC4050", True), ("Elena", "Díaz", "EL5060", False), ("Hugo",
          "Vera", "HG6070", False))
MISSING, ASTRAY, WELL = "LLQP21", "HTRS44", "BCDF12"
# Steps of 1.3 m a second, and the meridian that they walk along.
WALKS = {WELL: (1, "07039.6000,W"), ASTRAY: (3, "07040.0000,W"),
         MISSING: (1, "07040.7000,W")}
WALK_S = 900
PROMPT = {"link.linger_s": 0, "keep.distance_m": 5, "heartbeat.moving_s": 3,
          "heartbeat.parked_s": 3}


class Walker:
    """A gateway, and the gpsd it listens to."""

    def __init__(self, guild, dir, plate):
        stride, lon = WALKS[plate]
        log = str(dir / (plate + ".nmea"))
        size = nmea.write_walk(log, int(time.time()) + 1, WALK_S, stride,
                               lon=lon)
        self.gpsd = Gpsd(dir / plate, log, baud=10 * size, once=True).start()
        self.gateway = guild.add_gateway(
            plate, gpsd_port=self.gpsd.port, settings=PROMPT).start()
        assert self.gateway.ask({"type": "open"})["ok"]

    def stop(self):
        self.gateway.stop()
        self.gpsd.stop()


class Town:
    """guild: with conftest's settings; dir: for receivers and logs.

    simulated   so many carts beside the three real ones
    token       of the admin who has done what was done there
    """

    def __init__(self, guild, dir, simulated=24, token=None):
        self.guild, self.dir, self.simulated = guild, dir, simulated
        self.token = token
        self.walkers, self.sim = {}, None

    def __enter__(self):
        self._catalogue()
        for plate in WALKS:
            self.walkers[plate] = Walker(self.guild, self.dir, plate)
        self._fleet()
        self._zones()
        self._sales()
        self._orders()
        self._members()
        self._help()
        self._refused()
        self._troubles()
        return self

    def __exit__(self, *_):
        if self.sim:
            self.sim.stop()
        for walker in self.walkers.values():
            walker.stop()

    def ask(self, plate, **request):
        answer = self.guild.gateways[plate].ask(request)
        assert answer["ok"], answer
        return answer

    def post(self, path, body=None, token=None):
        status, _, answer = self.guild.post(
            "/api/v1/" + path, body, key="town-%d" % time.monotonic_ns(),
            token=self.token if token is None else token)
        assert status in (200, 202), (path, status, answer)
        return answer

    def _catalogue(self):
        status, _, answer = self.guild.put("/api/v1/products", CATALOGUE,
                                           content_type="text/csv")
        assert status in (200, 202), answer

    def _fleet(self):
        """Around where the walkers are."""
        self.sim = Child(
            [os.path.join(build_dir(), "bin", "pregon-sim"),
             "--carts=%d" % self.simulated, "--seconds=0", "--prefix=P",
             "--fix_interval_ms=2000", "--heartbeat_s=3",
             "--sales_per_minute=300", "--mqtt.connections=2",
             "--mqtt.port=%d" % self.guild.mosquitto.port, "--mqtt.user=sim",
             "--mqtt.password=" + self.guild.mosquitto.add_sim("sim")],
            str(self.dir / "sim.log"))

    def _zones(self):
        lat, lon = nmea.LAT_DEG, nmea.LON_DEG
        ring = [[lon - .02, lat - .012], [lon + .018, lat - .014],
                [lon + .02, lat + .01], [lon - .004, lat + .016],
                [lon - .02, lat - .012]]
        self.post("zones", {
            "id": "centro", "name": "Centro", "carts": [WELL],
            "geometry": {"type": "Polygon", "coordinates": [ring]}})
        self.post("zones", {
            "id": "plaza", "name": "Plaza de Armas", "carts": [ASTRAY],
            "geometry": {"type": "Circle", "center": [lon, lat + .004],
                         "radius_m": 250}})

    def _sales(self):
        for plate in self.walkers:
            eventually(lambda: len(self.ask(plate, type="state")
                                   ["catalogue"]) == 3, "the catalogue", 60)
            for product, level in (("sopaipilla", 60), ("empanada", 45),
                                   ("mote con huesillo", 30)):
                self.ask(plate, type="stock", product=product, level=level,
                         reason="count")
            for i, customer in enumerate(CUSTOMERS * 2):
                units = 1 + i % 3
                self.ask(plate, type="sale", customer=customer, lines=[
                    {"product": "sopaipilla", "units": units,
                     "amount": units * 500}])

    def _orders(self):
        for plate in ("PZ1001", "PZ1002", WELL, ASTRAY):
            self.post("restocks", {"cart": plate, "lines": [
                {"product": 1, "units": 40}, {"product": 2, "units": 24}]})
        orders = {o["cart"]: o["id"] for o in eventually(
            lambda: self._rows("restocks", 4), "the orders")}
        for plate, states in ((WELL, ("preparando", "entregando")),
                              (ASTRAY, ("preparando", "entregando",
                                        "finalizado")),
                              ("PZ1002", ("preparando",))):
            for state in states:
                path = "restocks/" + orders[plate]
                self.post(path + "/advance", {"to": state})
                eventually(lambda: self.guild.get(
                    "/api/v1/" + path)["state"] == state, state)

    def _rows(self, path, least):
        name = path.split("?")[0]
        rows = self.guild.get("/api/v1/" + path)[name]
        return rows if len(rows) >= least else None

    def _members(self):
        for i, (first, last, plate, premium) in enumerate(PEOPLE):
            self.post("members", {
                "first_name": first, "last_name": last,
                "rut": rut(14000100 + i), "plate": plate, "premium": premium,
                "email": "%s@example.cl" % plate.lower()})
        eventually(lambda: self._rows("members?state=waiting", 5), "waiting")
        self.post("members/%s/approve" % rut(14000104))
        self.post("members/%s/reject" % rut(14000105),
                  {"reason": "La patente es de otro carrito"})

    def _help(self):
        self.ask(WELL, type="help", note="Se acabó el gas y hay una fila larga")
        self.ask(ASTRAY, type="help", note="La impresora no tiene papel")
        self.post("tickets", {"name": "Clara Fuentes", "text":
                  "Compré tres empanadas y me cobraron cuatro",
                  "mail": "clara@example.cl"})
        for ticket in eventually(lambda: self._rows("tickets", 3), "tickets"):
            if ticket["cart"] == ASTRAY:
                self.post("tickets/%s/reply" % ticket["id"],
                          {"text": "Va un rollo con la próxima reposición"})

    def _refused(self):
        """A cart whose program has gone wrong."""
        client = mqtt.Client(self.guild.mosquitto.port, "BROKEN",
                             self.guild.mosquitto.add_cart("BROKEN"))
        client.publish("pregon/BROKEN/sale", b"\x93not a frame")
        client.close()

    def _troubles(self):
        """One falls silent, one leaves its zone, one is a stranger."""
        eventually(lambda: self.guild.cart(MISSING).get("fix"), "its place")
        self.walkers[MISSING].gateway.kill9()
        self.post("strange-carts", {
            "lat": nmea.LAT_DEG + .008, "lon": nmea.LON_DEG - .012,
            "note": "Uno rojo, nuevo en esta esquina"}, token="")
        for cart, cause in ((MISSING, "missing"), (ASTRAY, "astray.zone"),
                            (None, "fugitive")):
            eventually(lambda: [a for a in self.guild.get(
                "/api/v1/alerts?state=open")["alerts"]
                if (a["cart"], a["cause"]) == (cart, cause)], cause, 120)
