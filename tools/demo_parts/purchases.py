"""A vendor: purchases at random moments through the gateway's socket."""
import random
import time

from .happenings import Happening

EVERY_S = 2.0		# on average
ABANDONED = 0.1		# of all purchases
CONTACT = 0.3		# of them leave an address
PRICES = {"sopaipilla": 500, "empanada": 1800}
NAMES = ["Ana", "Benito", "Camila", "Darío", "Elisa", "Fabián", "Gloria",
         "Hernán", "Inés", "Joaquín"]


class Vendor(Happening):
    """A cart's; when stop() returns, the purchase under way is done."""

    def __init__(self, gateway, accounts, seed):
        super().__init__()
        self.gateway = gateway
        self.accounts = accounts
        self.random = random.Random(seed)
        self.offline = False	# the demo took its network away

    def _run(self):
        while not self.over.wait(self.random.expovariate(1 / EVERY_S)):
            self._purchase()

    def _purchase(self):
        product = self.random.choice(list(PRICES))
        units = self.random.randint(1, 4)
        request = {
            "type": "sale", "customer": self.random.choice(NAMES),
            "lines": [{"product": product, "units": units,
                       "amount": units * PRICES[product]}]}
        if self.random.random() < CONTACT:
            request["contact"] = "customer%d@example.cl" % (
                self.random.randrange(1000))
        if self.random.random() < ABANDONED:
            request["type"] = "abandoned"
        waits, read = self.offline, time.time()
        try:
            answer = self.gateway.ask(request)
        except OSError as e:
            answer = {"ok": False, "error": str(e)}
        if not answer.get("ok"):
            self.accounts.refused(self.gateway.cart, answer.get("error"))
        elif request["type"] == "sale":
            self.accounts.given(answer["folio"], read,
                                units * PRICES[product],
                                waits or self.offline)
