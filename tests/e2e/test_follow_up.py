"""What customers are written after a purchase, from the cart to the mail: the
right words, once, whatever befalls the roles sales and notify."""
import collections
import os
import random
import re
import sqlite3
import threading
import time

import msgpack
import pytest

import records
from carts import frame, new_epoch
from local.guild import Guild
from local.mqtt import Client
from local.process import wait_for
from local.smtp import MailServer
from test_books import folio

PURCHASES = 200
CARTS = 4
PARTITIONS = 2	# of topic_avisos, the bridge's own default
KILLS = 8
SECOND, MINUTE, HOUR = 1000, 60000, 3600000
QUICK_MS = 30 * MINUTE


@pytest.fixture(scope="module")
def mail(tmp_path_factory):
    with MailServer(tmp_path_factory.mktemp("mail")) as server:
        yield server


@pytest.fixture(scope="module")
def guild(tmp_path_factory, mail):
    settings = {"notify": {"notify.retry_first_s": 1, "notify.retry_max_s": 2,
                           "notify.language": "en", **mail.settings()}}
    with Guild(tmp_path_factory.mktemp("follow"),
               settings=settings) as guild:
        yield guild


SUBJECTS = {"sale.thanks": "Thank you", "sale.apology": "We are sorry"}


def await_mails(mail, expected):
    """Each is in a mail to whom it concerns; none in two."""
    wanted = {told[1] for told in expected.values()}

    def mails():
        found = collections.defaultdict(list)
        for m in mail.mails():
            number = re.search(r"purchase is ([-0-9A-Z]+)\.", m.text).group(1)
            found[number].append(m)
        return {n: found[n] for n in wanted if n in found}
    found = wait_for(lambda: len(mails()) == len(wanted) and mails(),
                     "a mail each", 60)
    repeats = 0
    for to, number, name, event in expected.values():
        # Again only where a crash fell between sending and remembering.
        assert len({m.id for m in found[number]}) == 1, number
        repeats += len(found[number]) - 1
        for m in found[number]:
            assert m.to == to[len("mail:"):]
            assert m.subject.startswith(SUBJECTS[event]), (event, m.subject)
            # Nobody was named: nobody is greeted.
            assert ("Hello %s," % name in m.text if name
                    else "Hello" not in m.text), m.text
    return repeats


def now_ms():
    return round(time.time() * 1000)


class Seller:
    """A cart; what it should have brought about is in `expected`."""

    def __init__(self, guild, name):
        self.name = name
        self.epoch, self.other = new_epoch(), new_epoch()
        self.number = self.voids = 0
        self.client = Client(guild.mosquitto.port, name,
                             guild.mosquitto.add_cart(name))
        self.client.subscribe("pregon/%s/ack" % name)
        self.expected = {}	# id: (to, event)

    def close(self):
        self.client.close()

    def send(self, payload):
        self.client.publish("pregon/%s/sale" % self.name, payload)
        assert self.client.receive(20), "no ack"

    def buy(self, contact="ana@example.cl", open_ms=5 * SECOND,
            confirmed=True, ago_ms=0, void_first=False, twice=False,
            customer="Ana"):
        """One purchase; the id that its notice has, if there is to be one."""
        name = folio(self.name, self.epoch, self.number)
        at = now_ms() - ago_ms
        payload = frame([[4, at, None, confirmed, open_ms, customer, contact,
                          None, None, [[0, 1, 1500]]]], self.number,
                        epoch=self.epoch)
        self.number += 1
        if void_first:
            self.send(frame([[5, at, None, name, "error"]], self.voids,
                            epoch=self.other))
            self.voids += 1
        for _ in range(2 if twice else 1):
            self.send(payload)
        told = (confirmed and not void_first and contact
                and "@" in contact and ago_ms < 72 * HOUR)
        if told:
            slow = open_ms is not None and open_ms >= QUICK_MS
            self.expected[name + "/follow"] = (
                "mail:" + contact.strip(), name, customer or "",
                "sale.apology" if slow else "sale.thanks")
        return name


def records_told(guild):
    return len(records.read(guild.bootstrap, "topic_avisos", PARTITIONS))


def notices(guild):
    """{id: (to, subject, name, event)} of what is said of sales.  It may be
    said again, in the same bytes: that is one notice, its reader knows."""
    found, values = {}, {}
    for r in records.read(guild.bootstrap, "topic_avisos", PARTITIONS):
        assert r.headers["schema"] == "notice/1"
        _, id, to, event, subject, _, pairs = msgpack.unpackb(r.value)
        if not event.startswith("sale."):
            continue
        assert r.key.decode() == to
        assert values.setdefault(id, r.value) == r.value, id
        pairs = dict(pairs)
        assert set(pairs) == {"folio", "name"} and pairs["folio"] == subject
        found[id] = (to, subject, pairs["name"], event)
    return found


def waiting(guild):
    """Rows that the role has still to send."""
    path = os.path.join(guild.database, "sales.db")
    with sqlite3.connect("file:%s?mode=ro" % path, uri=True) as db:
        return db.execute("SELECT count(*) FROM outgoing").fetchone()[0]


def await_told(guild, sellers):
    """All that should be said is, and no more will be."""
    expected = {}
    for seller in sellers:
        expected.update(seller.expected)
    wait_for(lambda: {i.split("/")[0] for i in expected} <= {
        s["folio"] for s in guild.sales()}, "all are counted", 60)
    metrics = guild.part("sales").metrics
    wait_for(lambda: metrics()["pregon_consumer_lag_records"] == 0
             and not waiting(guild), "all is sent", 30)
    return expected


def ours(found, sellers):
    names = tuple(s.name for s in sellers)
    return {id: told for id, told in found.items() if id.startswith(names)}


def test_each_purchase_is_followed_by_the_right_words(guild, mail):
    seller = Seller(guild, "FOLL01")
    for open_ms in (5 * SECOND, QUICK_MS - SECOND, QUICK_MS, 31 * MINUTE,
                    None):
        seller.buy(open_ms=open_ms)
    events = [told[3] for told in seller.expected.values()]
    assert events == ["sale.thanks", "sale.thanks", "sale.apology",
                      "sale.apology", "sale.thanks"]
    seller.buy(confirmed=False)
    seller.buy(void_first=True)
    seller.buy(contact=None)
    seller.buy(contact="+56 9 8123 4567")
    seller.buy(contact=" eva@example.cl ", customer="Eva \"la Flaca\"")
    seller.buy(customer=None, twice=True)
    seller.buy(ago_ms=71 * HOUR)
    seller.buy(ago_ms=73 * HOUR)
    expected = await_told(guild, [seller])
    assert len(expected) == 8
    assert ours(notices(guild), [seller]) == expected
    await_mails(mail, expected)
    seller.close()


class Killer(threading.Thread):
    """Kills a role again and again, at random moments."""

    def __init__(self, part, seed):
        super().__init__(daemon=True)
        self.part = part
        self.random = random.Random(seed)
        self.error = None

    def run(self):
        try:
            for _ in range(KILLS):
                time.sleep(self.random.uniform(0.1, 2.0))
                self.part.kill9()
                time.sleep(self.random.choice([0, 0.3]))
                self.part.start()
        except Exception as e:	# told by the test, not lost in a thread
            self.error = e


def trade(seller, seed, count, over):
    rng = random.Random(seed)
    for number in range(count):
        seller.buy(
            contact=rng.choice(["c%d@example.cl" % number] * 8
                               + [None, "+56 2 2345 678"]),
            open_ms=rng.choice([5 * SECOND, QUICK_MS - SECOND, QUICK_MS,
                                31 * MINUTE, None]),
            confirmed=rng.random() < 0.9, void_first=rng.random() < 0.05,
            twice=rng.random() < 0.2)
        # As long as the kills go on.
        over.wait(rng.uniform(0.1, 0.4))


def test_none_is_lost_or_written_twice_when_the_roles_are_killed(guild,
                                                                  mail):
    sellers = [Seller(guild, "KILL%02d" % i) for i in range(CARTS)]
    over = threading.Event()
    threads = [threading.Thread(target=trade, daemon=True, args=(
        s, i, PURCHASES // CARTS, over)) for i, s in enumerate(sellers)]
    killers = [Killer(guild.part(name), name) for name in ("sales", "notify")]
    for thread in threads + killers:
        thread.start()
    for killer in killers:
        killer.join(200)
        assert killer.error is None, killer.error
    over.set()
    for thread in threads:
        thread.join(60)
        assert not thread.is_alive()
    assert sum(s.number for s in sellers) == PURCHASES
    expected = await_told(guild, sellers)
    assert len(expected) > PURCHASES / 2
    assert ours(notices(guild), sellers) == expected
    repeats = await_mails(mail, expected)
    print("told=%d records=%d mails_again=%d kills=%d" % (
        len(expected), records_told(guild), repeats, 2 * KILLS))
    for seller in sellers:
        seller.close()


def test_a_log_that_is_read_again_tells_nobody_anew(guild, mail):
    """The role's database is lost: what it says again is the same, and what
    is no news by now it does not say."""
    seller = Seller(guild, "AGAI01")
    for _ in range(5):
        seller.buy()
    expected = await_told(guild, [seller])
    before, said = notices(guild), records_told(guild)
    await_mails(mail, expected)
    mails = mail.count()
    role = guild.part("sales")
    role.stop()
    for name in os.listdir(guild.database):
        if name.startswith("sales.db"):
            os.unlink(os.path.join(guild.database, name))
    role.start()
    await_told(guild, [seller])
    assert ours(notices(guild), [seller]) == expected
    assert notices(guild) == before
    assert records_told(guild) >= said + len(expected)
    notify = guild.part("notify").metrics
    wait_for(lambda: notify()["pregon_consumer_lag_records"] == 0,
             "all is read", 20)
    fresh = Seller(guild, "AGAI02")
    fresh.buy()
    await_mails(mail, await_told(guild, [fresh]))
    assert mail.count() == mails + 1
    fresh.close()
    seller.close()
