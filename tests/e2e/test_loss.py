"""The server loses its disk, a log is cut off, partitions are added."""
import datetime
import os
import shutil
import subprocess

from local.guild import ROLES, Guild
from local.process import wait_for
from vendors import books_of, compare, sell

CARTS = 20


def start_carts(guild, prefix):
    for i in range(CARTS):
        guild.add_gateway("%s%02d" % (prefix, i)).start()
    return list(guild.gateways.values())


def long_ago():
    then = datetime.datetime.now(datetime.timezone.utc) \
        - datetime.timedelta(days=2)
    return then.strftime("%Y-%m-%dT%H:%M:%SZ")


def raise_ledger(guild):
    guild.ctl("ledger", "raise", "--since", long_ago(), "--yes")


def all_counted(guild, vendors, timeout=90):
    books = books_of(vendors)
    wait_for(lambda: not compare(guild, books)[0], "every folio is counted",
             timeout)
    assert compare(guild, books) == ([], [])
    wait_for(lambda: guild.get("/api/v1/gaps")["gaps"] == [],
             "no gap is left open", 30)
    assert guild.get("/api/v1/stats")["revenue_clp"] == sum(books.values())
    return books


def stop_roles(guild):
    for role in ROLES:
        guild.part(role).stop()


def start_roles(guild):
    for role in ROLES:
        guild.part(role).start()


def lose(guild, vendors, books_too):
    """Kafka's data goes, and the read models if books_too, while carts sell;
    then the operator does what docs/operating.md says."""
    wait_for(lambda: len(books_of(vendors)) >= 60, "some sales", 60)
    guild.kafka.kill9()
    stop_roles(guild)
    if books_too:
        shutil.rmtree(guild.database)
        os.makedirs(guild.database)
    guild.kafka.wipe()
    guild.kafka.start()
    guild.part("bridge").restart()
    if books_too:
        guild.part("api").restart()
    raise_ledger(guild)
    start_roles(guild)


def loss_trial(tmp_path, books_too):
    with Guild(tmp_path) as guild:
        gateways = start_carts(guild, "LOSS")
        vendors = sell(gateways, None, every_s=0.5)
        lose(guild, vendors, books_too)
        sold = len(books_of(vendors))
        wait_for(lambda: len(books_of(vendors)) > sold + 40, "they go on", 60)
        for vendor in vendors:
            vendor.stop()
            assert not vendor.refusals, vendor.refusals
        books = all_counted(guild, vendors)
        before = guild.get("/api/v1/stats")

        raise_ledger(guild)		# again: nothing changes
        ledger = guild.ctl("ledger", "show")
        wait_for(lambda: all(str(g.ask({"type": "state"})["ledger"])
                             in ledger for g in gateways), "raised", 30)
        wait_for(lambda: all(g.ask({"type": "state"})["backlog"] == 0
                             for g in gateways), "sent again", 60)
        wait_for(lambda: guild.get("/api/v1/stats")["duplicates"]
                 >= before["duplicates"] + len(books), "and known again", 60)
        after = guild.get("/api/v1/stats")
        for name in ("sales", "revenue_clp", "abandoned", "gaps_open",
                     "conflicts"):
            assert after[name] == before[name], name
        assert compare(guild, books) == ([], [])


def test_kafka_and_the_read_models_are_lost_while_carts_sell(tmp_path):
    loss_trial(tmp_path, books_too=True)


def test_kafka_alone_is_lost_while_carts_sell(tmp_path):
    loss_trial(tmp_path, books_too=False)


def test_a_role_that_meets_another_log_stops_with_words(tmp_path):
    with Guild(tmp_path) as guild:
        gateway = guild.add_gateway("OTHER1").start()
        vendors = sell([gateway], 5)
        vendors[0].join(30)
        all_counted(guild, vendors)
        stop_roles(guild)
        guild.kafka.stop()
        guild.kafka.wipe()
        guild.kafka.start()
        guild.part("bridge").restart()
        sales = guild.part("sales")
        sales.start(wait=False)
        assert sales.child.wait(60) != 0
        words = sales.child.output()
        assert "ledger raise" in words, words
        # Told to go on, it does, and its books are what they were.
        raise_ledger(guild)
        start_roles(guild)
        more = sell([gateway], 5, seed=1)
        more[0].join(30)
        all_counted(guild, vendors + more)


def test_a_log_cut_off_below_the_offset_stops_the_role(tmp_path):
    """The log keeps its name but has lost its end: a restored backup."""
    with Guild(tmp_path) as guild:
        gateway = guild.add_gateway("CUTOFF").start()
        first = sell([gateway], 3)
        first[0].join(30)
        all_counted(guild, first)
        guild.kafka.stop()
        shutil.copytree(guild.kafka.data, tmp_path / "backup")
        guild.kafka.start()
        second = sell([gateway], 30, seed=1)
        second[0].join(30)
        all_counted(guild, first + second)
        stop_roles(guild)
        guild.kafka.stop()
        shutil.rmtree(guild.kafka.data)
        shutil.move(tmp_path / "backup", guild.kafka.data)
        guild.kafka.start()
        sales = guild.part("sales")
        sales.start(wait=False)
        assert sales.child.wait(60) != 0
        words = sales.child.output()
        assert "topic_ventas" in words and "ledger raise" in words, words


def test_partitions_are_added_while_carts_sell(tmp_path):
    with Guild(tmp_path) as guild:
        vendors = sell(start_carts(guild, "MORE"), None, every_s=0.5)
        wait_for(lambda: len(guild.sales()) >= 60, "some sales", 60)
        for topic, count in (("topic_ventas", 5), ("topic_stock", 5),
                             ("topic_coordenadas", 6)):
            guild.ctl("topics", "grow", topic, count)
        bridge = guild.part("bridge").child
        bridge.wait_for(lambda: "partitions_added topic=topic_ventas"
                        in bridge.output(), "the bridge notices", 120)
        sold = len(books_of(vendors))
        wait_for(lambda: len(books_of(vendors)) > sold + 100, "they go on",
                 90)
        for vendor in vendors:
            vendor.stop()
            assert not vendor.refusals, vendor.refusals
        all_counted(guild, vendors)
        used = subprocess.run(
            ["kcat", "-b", guild.bootstrap, "-C", "-t", "topic_ventas", "-e",
             "-q", "-f", "%p\n"], stdout=subprocess.PIPE, text=True,
            timeout=60).stdout.split()
        assert len(set(used)) > 2, "the new partitions were not used"
