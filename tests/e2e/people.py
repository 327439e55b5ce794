"""Who asks to be of the guild, and what is decided about them: by the API, or
written to Kafka by another hand than ours; names and passwords are reckoned
from the text of schemas/member.md."""
import hashlib
import hmac
import secrets
import sqlite3
import time

import msgpack

import records
from demo_parts.people import rut
from local.process import NotYet

TOPIC = "topic_nuevos-usuarios"
_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


class People:
    """Applicants and members of one guild."""

    def __init__(self, guild):
        self.guild = guild
        with open(guild.secret_file) as f:
            self._secret = bytes.fromhex(f.read().strip())

    def who(self, rut):
        return self._derived("pregon/who/1", rut)

    def password(self, plate, n):
        """Of the cart's n-th gateway."""
        return self._derived("pregon/cart-password/1", plate, str(n))

    def _derived(self, *words):
        digest = hmac.digest(self._secret,
                             b"".join(w.encode() + b"\0" for w in words),
                             hashlib.sha256)
        bits = int.from_bytes(digest, "big") >> 256 - 26 * 5
        return "".join(_CROCKFORD[bits >> 5 * (25 - i) & 31]
                       for i in range(26))

    def partition(self, who, premium):
        """As in every topic with a reserved partition."""
        return 0 if premium else 1 + records.partition_of(
            who.encode(), self.partitions - 1)

    @property
    def partitions(self):
        return 1 + (self.guild.partitions or 2)

    def registration(self, number, plate, premium=False, mail=None,
                     first="Ana", last="Rojas"):
        """A record for write_all()."""
        it = rut(number)
        who, id = self.who(it), secrets.token_hex(8)
        value = msgpack.packb([
            1, id, int(time.time() * 1000), first, last, it,
            mail or "a%d@example.cl" % number, plate, premium, "es"])
        return (self.partition(who, premium), ("%s/%s" % (who, id)).encode(),
                value, "member/1")

    def write(self, *rows):
        """Past the API, many at once."""
        records.write_all(self.guild.bootstrap, TOPIC, rows)

    # By the API.

    def register(self, number, plate, premium=False, first="Ana",
                 last="Rojas", mail=None):
        self._post("members", {
            "first_name": first, "last_name": last, "rut": rut(number),
            "email": mail or "a%d@example.cl" % number, "plate": plate,
            "premium": premium})

    def decide(self, number, act, **body):
        self._post("members/%s/%s" % (rut(number), act), body)

    def _post(self, path, body):
        status, _, answer = self.guild.post("/api/v1/" + path, body)
        assert status == 202, answer

    def member(self, number):
        return self.guild.get("/api/v1/members/" + rut(number))

    def state(self, number):
        """NotYet while nobody is known by that RUT."""
        return self.member(number)["state"]

    def enrol(self, number):
        """What the member's gateway needs to come in."""
        status, _, answer = self.guild.post(
            "/api/v1/members/%s/enrol" % rut(number))
        assert status == 200, answer
        return answer

    def waiting(self):
        """How many the role's database has."""
        path = "file:%s/members.db?mode=ro" % self.guild.database
        try:
            db = sqlite3.connect(path, uri=True)
            try:
                return db.execute("SELECT count(*) FROM member"
                                  " WHERE state = 0").fetchone()[0]
            finally:
                db.close()
        except sqlite3.OperationalError as e:
            raise NotYet(str(e)) from None
