"""The people of the guild: applicants of both kinds, an admin who looks at
them, vendors who ask for help and get an answer."""
import itertools
import random
import time

from .happenings import Happening, calmer
from .table import unix

FIRST_S, BETWEEN_APPLICANTS_S = 6, 9
# An admin looks so often, and leaves whoever came just now for later.
LOOKS_S, WAITED_S = 4, 30
FIRST_HELP_S, BETWEEN_HELP_S = 10, 25
ANSWERS_S = 15
FIRST_NAMES = ["Marta", "Pedro", "Rosa", "Tomás", "Úrsula", "Víctor"]
LAST_NAMES = ["Araya", "Bravo", "Núñez", "Ojeda", "Peña", "Quispe"]
HELP = ["La impresora no tiene papel", "Un cliente quiere factura",
        "Se está acabando el gas"]


def rut(number):
    """With its check digit, modulo 11."""
    total = sum(int(d) * f for d, f in zip(
        reversed(str(number)), itertools.cycle(range(2, 8))))
    digit = 11 - total % 11
    return "%d-%s" % (number, {10: "K", 11: "0"}.get(digit, digit))


class Applicants(Happening):
    """By turns premium and basic; now and then one who applied before."""

    def __init__(self, guild, seed):
        super().__init__()
        self.guild = guild
        self.random = random.Random(seed)
        self.number = 12000000 + 1000 * seed

    def _run(self):
        wait, turn = FIRST_S, 0
        while not self.over.wait(wait):
            wait, turn = calmer(wait, BETWEEN_APPLICANTS_S), turn + 1
            again = turn % 5 == 0
            self.number += 0 if again else 1
            first = self.random.choice(FIRST_NAMES)
            status, _, answer = self.guild.post("/api/v1/members", {
                "first_name": first,
                "last_name": self.random.choice(LAST_NAMES),
                "rut": rut(self.number),
                "email": "member%d@example.cl" % self.number,
                "plate": "PE%04d" % (self.number % 10000),
                "premium": turn % 2 == 1, "language": "es"}, token="")
            assert status in (202, 429), answer


class Admin(Happening):
    """Approves who has waited."""

    def __init__(self, guild):
        super().__init__()
        self.guild = guild

    def _run(self):
        while not self.over.wait(LOOKS_S):
            for member in waiting(self.guild):
                self._look(member)

    def _look(self, member):
        if time.time() - unix(member["registered_at"]) < WAITED_S:
            return
        status, _, answer = self.guild.post(
            "/api/v1/members/%s/approve" % member["who"], {})
        assert status in (202, 409), answer


class Help(Happening):
    """A vendor asks for it, and the guild answers."""

    def __init__(self, guild, gateway, seed):
        super().__init__()
        self.guild, self.gateway = guild, gateway
        self.random = random.Random(seed)

    def _run(self):
        wait = FIRST_HELP_S
        while not self.over.wait(wait):
            wait = calmer(wait, BETWEEN_HELP_S)
            try:
                self.gateway.ask({"type": "help",
                                  "note": self.random.choice(HELP)})
            except OSError:
                continue
            if self.over.wait(ANSWERS_S):
                return
            for ticket in self.guild.get(
                    "/api/v1/tickets?state=open")["tickets"]:
                self._answer(ticket["id"])

    def _answer(self, ticket):
        for act, body in (("reply", {"text": "Va alguien en camino"}),
                          ("resolve", {"note": "Quedó arreglado"})):
            status, _, answer = self.guild.post(
                "/api/v1/tickets/%s/%s" % (ticket, act), body,
                key="%s-%s" % (ticket, act))
            assert status in (202, 409), answer


def waiting(guild):
    return guild.get("/api/v1/members?state=waiting")["members"]
