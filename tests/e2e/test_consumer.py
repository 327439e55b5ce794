"""The roles on a real Kafka: killed they are back within seconds, and a log
that is lost under them stops them with words instead of a jump."""
import os
import subprocess

import pytest

from local.guild import ROLES, Guild, build_dir, fetch
from local.process import wait_for
from vendors import books_of, compare, sell


@pytest.fixture
def guild(tmp_path):
    with Guild(tmp_path) as g:
        yield g


def sale(gateway, number):
    answer = gateway.ask({"type": "sale", "customer": "Ana", "units": 1,
                          "amount": 1000 + number, "stock_after": 50})
    assert answer["ok"], answer
    return answer["folio"]


def counted(guild):
    return {row["folio"] for row in guild.sales() if row["confirmed"]}


def test_a_killed_role_is_back_within_seconds(guild):
    """Its place in the group is its own (static membership): nobody waits
    for a session to time out."""
    gateway = guild.add_gateway("BACK01").start()
    folio = sale(gateway, 0)
    wait_for(lambda: folio in counted(guild), "the first is counted", 20)
    role = guild.part("sales")
    for number in range(1, 4):
        role.kill9()
        folio = sale(gateway, number)
        role.start()
        wait_for(lambda: folio in counted(guild), "it goes on", 10)
    assert len(counted(guild)) == 4
    assert guild.get("/api/v1/stats")["duplicates"] == 0


def test_a_log_lost_under_the_running_roles_stops_them(guild):
    gateways = [guild.add_gateway("GONE%02d" % i).start() for i in range(3)]
    vendors = sell(gateways, 20)
    for vendor in vendors:
        vendor.join(60)
    wait_for(lambda: len(counted(guild)) == 60, "all are counted", 30)
    guild.kafka.kill9()
    guild.kafka.wipe()
    guild.kafka.start()
    guild.part("bridge").restart()
    for name in ("sales", "stock"):
        child = guild.part(name).child
        child.wait_for(lambda: not child.running(), name + " stops", 60)
        assert child.status == 3, child.output()
        assert "ledger raise" in child.output()
    # The API meets the new log too, and lets nobody in until it has read it.
    wait_for(lambda: compare(guild, books_of(vendors)) == ([], []),
             "the books are what they were", 60)


def test_an_idle_role_says_that_it_is_well_and_what_it_did(guild):
    gateway = guild.add_gateway("WELL01").start()
    folio = sale(gateway, 0)
    wait_for(lambda: folio in counted(guild), "it is counted", 20)
    role = guild.part("sales")
    wait_for(lambda: role.metrics()["pregon_consumer_lag_records"] == 0,
             "nothing is left to read", 20)
    metrics = role.metrics()
    assert metrics["pregon_consumer_sales"] == 1
    assert metrics['pregon_consumer_events_total{fate="new"}'] >= 1
    assert metrics["pregon_consumer_rollbacks_total"] == 0
    status, body = fetch(role.http_port, "/healthz")
    assert status == 200, body


def test_an_unknown_role_is_answered_with_those_there_are():
    program = os.path.join(build_dir(), "bin", "pregon-consumer")
    for words in ([], ["everything"]):
        done = subprocess.run([program, *words], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=20)
        assert done.returncode == 2, done.stdout
        assert len(done.stdout.splitlines()) == 1, done.stdout
        for role in ROLES:
            assert role in done.stdout
