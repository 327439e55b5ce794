"""How far the roles are, and what nobody could read: with Kafka there, with a
role that stands still, and with a Kafka that does."""
import datetime
import http.client
import json
import threading
import time

import pytest
from carts import frame, new_epoch
from local.guild import Guild
from local.mqtt import Client
from local.process import wait_for
from test_api import ask, ask_checked

ROLES, REJECTED = "/api/v1/roles", "/api/v1/rejected"
NAMES = ["positions", "sales", "stock", "members", "notify", "support"]
SALES = 5
CART = "ROLE01"
# What Kafka is given, and what a loaded machine takes.
ANSWERED_S = 3.0


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("roles")) as guild:
        guild.cart_client = Client(guild.mosquitto.port, "sim",
                                   guild.mosquitto.add_sim("sim"))
        yield guild
        guild.cart_client.close()


def roles(guild):
    status, body = ask_checked(guild.part("api"), ROLES, ROLES, guild.token)
    assert status == 200, body
    answer = json.loads(body)
    assert [r["role"] for r in answer["roles"]] == NAMES
    return answer, {r["role"]: r for r in answer["roles"]}


def rejected(guild, query=""):
    status, body = ask_checked(guild.part("api"), REJECTED, REJECTED + query,
                               guild.token)
    assert status == 200, body
    return json.loads(body)


def sell(guild, number):
    status, _, answer = guild.post("/api/v1/sales", {
        "cart": CART, "customer": "Ana", "units": 1, "amount": 1000,
        "confirmed_at": datetime.datetime.now(
            datetime.timezone.utc).isoformat()},
        key="roles-%d" % number)
    assert status == 202, answer


def seconds(text):
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()


def test_a_role_that_stands_still_falls_behind_alone(guild):
    sell(guild, 0)
    wait_for(lambda: roles(guild)[1]["sales"]["lag_records"] == 0
             and roles(guild)[1]["sales"]["applied_at"], "it is applied", 30)
    answer, before = roles(guild)
    assert answer["kafka"] == {"reached": True, "why": None}
    assert all(r["present"] for r in before.values())
    assert abs(seconds(answer["at"]) - time.time()) < 5
    assert 0 <= seconds(answer["at"]) - seconds(
        before["sales"]["applied_at"]) < 60
    guild.part("sales").stop()
    try:
        first = time.time()
        for number in range(1, 1 + SALES):
            sell(guild, number)
        sales = roles(guild)[1]["sales"]
        assert sales["lag_records"] == SALES
        assert sales["applied_at"] == before["sales"]["applied_at"]
        assert 0 <= sales["lag_s"] <= time.time() - first + 0.1
        assert sum(p["end"] - p["next"] for p in sales["partitions"]
                   if p["next"] is not None) <= SALES
        # It waits for longer and longer; the others do not.
        wait_for(lambda: roles(guild)[1]["sales"]["lag_s"] > 1.5, "older",
                 20)
        now = roles(guild)[1]
        assert now["sales"]["lag_s"] <= time.time() - first + 0.1
        wait_for(lambda: all(
            r["lag_records"] == 0 and r["lag_s"] == 0
            for name, r in roles(guild)[1].items() if name != "sales"),
            "the others are at the end", 20)
    finally:
        guild.part("sales").start()
    wait_for(lambda: roles(guild)[1]["sales"]["lag_records"] == 0,
             "it has caught up", 30)
    now = roles(guild)[1]["sales"]
    assert now["lag_s"] == 0
    assert seconds(now["applied_at"]) > seconds(before["sales"]["applied_at"])


def test_a_role_without_a_database_is_said_to_be_so(guild, tmp_path):
    part = guild.part("api")
    part.settings["database"] = tmp_path
    part.restart()
    try:
        for role in roles(guild)[0]["roles"]:
            assert (role["present"], role["lag_records"], role["lag_s"],
                    role["applied_at"], role["partitions"]) == (
                False, None, None, None, [])
    finally:
        part.settings["database"] = guild.database
        part.restart()


def test_what_nobody_could_read_is_shown_with_its_reason(guild):
    assert rejected(guild) == {"whole": True, "rejected": []}
    bad = [frame([[4, "when?"]], epoch=new_epoch(), first=n)
           for n in range(3)]
    for payload in bad:
        guild.cart_client.publish("pregon/%s/sale" % CART, payload)
        # One after the other: their times tell them apart.
        wait_for(lambda: [r for r in rejected(guild)["rejected"]
                          if decoded(r) == payload[:120]], "it is kept", 20)
    strange = b"\xc1\"\\\n<script>" + b"x" * 500
    guild.cart_client.publish("pregon/%s/stock" % CART, strange)
    wait_for(lambda: len(rejected(guild)["rejected"]) == 4, "all", 20)
    answer = rejected(guild)
    rows = answer["rejected"]
    assert answer["whole"]
    assert [decoded(r) for r in rows] == [
        p[:120] for p in [strange] + bad[::-1]]
    assert [r["bytes"] for r in rows] == [
        len(p) for p in [strange] + bad[::-1]]
    assert rows[0]["preview"].startswith("\\xc1\"\\x5c\\x0a<script>xxx")
    assert {r["cart"] for r in rows} == {CART}
    assert rows[0]["topic"] == rows[0]["origin"] == "pregon/%s/stock" % CART
    assert rows[1]["reason"].startswith("item 1: sale")
    assert seconds(rows[0]["at"]) >= seconds(rows[1]["at"])
    guild.cart_client.publish("pregon/no-plate/pos", b"hello")
    row = wait_for(lambda: [r for r in rejected(guild)["rejected"]
                            if r["preview"] == "hello"], "it too", 20)[0]
    assert (row["cart"], row["topic"]) == (None, "pregon/no-plate/pos")
    assert rejected(guild, "?limit=2")["rejected"] == \
        rejected(guild)["rejected"][:2]


def decoded(row):
    return row["preview"].encode().decode("unicode_escape").encode("latin-1")


def test_many_are_read_from_the_end(guild):
    """More than a first step brings, of every partition."""
    before = len(rejected(guild, "?limit=200")["rejected"])
    for number in range(120):
        guild.cart_client.publish("pregon/MANY%02d/help" % (number % 40),
                                  b"\xc1 %d" % number)
    wait_for(lambda: len(rejected(guild, "?limit=200")["rejected"]) ==
             before + 120, "all are kept", 30)
    rows = rejected(guild, "?limit=200")["rejected"]
    assert len({(r["partition"], r["offset"]) for r in rows}) == len(rows)
    at = [seconds(r["at"]) for r in rows]
    assert at == sorted(at, reverse=True)
    assert len(rejected(guild)["rejected"]) == 50
    part = guild.part("api")
    for limit in ("0", "201", "x"):
        status, body = ask_checked(part, REJECTED,
                                   REJECTED + "?limit=" + limit, guild.token)
        assert (status, json.loads(body)["field"]) == (400, "limit")


def test_each_is_for_those_who_may(guild):
    part = guild.part("api")
    depot = guild.make_token("depot")
    vendor = guild.make_token("vendor", cart=CART)
    for path, token, status in ((ROLES, None, 401), (REJECTED, None, 401),
                                (ROLES, depot, 200), (REJECTED, depot, 403),
                                (ROLES, vendor, 403),
                                (REJECTED, vendor, 403)):
        assert ask_checked(part, path, path, token)[0] == status
    # The head alone.
    for path in (ROLES, REJECTED):
        status, headers, body = ask(part, path, "HEAD", token=guild.token)
        assert (status, body) == (200, b"")
        assert int(headers["Content-Length"]) > 0


def test_a_kafka_that_does_not_answer_is_said_and_keeps_nobody(guild):
    part = guild.part("api")
    answers = []

    def ask_all():
        for path in (ROLES, REJECTED) * 4:
            start = time.monotonic()
            status, body = ask_checked(part, path, path, guild.token)
            answers.append((path, status, json.loads(body),
                            time.monotonic() - start))
    guild.kafka.pause()
    try:
        askers = [threading.Thread(target=ask_all) for _ in range(4)]
        for asker in askers:
            asker.start()
        took = []
        while any(asker.is_alive() for asker in askers):
            start = time.monotonic()
            assert ask(part, "/api/v1/stats", token=guild.token)[0] == 200
            took.append(time.monotonic() - start)
        for asker in askers:
            asker.join()
        took.sort()
        print("meanwhile: %d answers, p95 %.1f ms, slowest %.1f ms" % (
            len(took), 1e3 * took[len(took) * 19 // 20], 1e3 * took[-1]))
    finally:
        guild.kafka.resume()
    assert len(answers) == 32
    print("slowest of Kafka's: %.2f s" % max(a[3] for a in answers))
    assert max(a[3] for a in answers) < ANSWERED_S
    for path, status, answer, _ in answers:
        if path == REJECTED:
            assert status == 503 and "Kafka" in answer["detail"], answer
            continue
        assert status == 200 and not answer["kafka"]["reached"]
        assert "Kafka" in answer["kafka"]["why"]
        for role in answer["roles"]:
            assert role["present"] and role["lag_records"] is None
    assert took[len(took) // 2] < 0.1
    wait_for(lambda: roles(guild)[0]["kafka"]["reached"], "it is back", 30)
    wait_for(lambda: rejected(guild)["rejected"], "all of it", 30)


def test_a_stop_does_not_wait_for_kafka(guild):
    part = guild.part("api")

    def ask_once(path):
        try:
            ask(part, path, token=guild.token)
        except (OSError, http.client.HTTPException):
            pass	# it came too late
    guild.kafka.pause()
    try:
        askers = [threading.Thread(target=ask_once, args=(path,))
                  for path in (ROLES, REJECTED) * 4]
        for asker in askers:
            asker.start()
        start = time.monotonic()
        part.stop()
        assert time.monotonic() - start < 10
        for asker in askers:
            asker.join(10)
            assert not asker.is_alive()
        assert "api.stopped" in part.child.output()
    finally:
        guild.kafka.resume()
        part.start()
