"""schemathesis, which knows nothing of us but backend/api/openapi.json, asks
every path of a whole guild: as it is described, and in every way that it is
not.  Of the stream of /api/v1/events, which never ends, it reads one event.

SCHEMATHESIS_EXAMPLES (default 8): so many requests of chance a path and kind,
beside those that try each word of the description.
"""
import collections
import copy
import json
import os
import re
import subprocess
import time
from typing import NamedTuple

import openapi
import pytest
import records
import test_writes as things
import verdicts  # noqa: F401  (tests/vectors on the path)
from carts import new_epoch, status
from local.guild import Guild
from local.mqtt import Client
from local.process import wait_for

import guild_reader
import member_reader
import reader

DOCUMENT = openapi.load()
HOOKS = os.path.join(os.path.dirname(os.path.abspath(__file__)),
                     "schemathesis_hooks.py")
REQUIREMENTS = os.path.join(openapi.ROOT, "tools", "schemathesis.txt")
EVENTS = "/api/v1/events"
CART = things.CART
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "8")
TOPICS = {"topic_coordenadas": 3, "topic_nuevos-usuarios": 3,
          "topic_ventas": 2, "topic_stock": 2, "topic_soporte": 2,
          "topic_reglas": 1}
# What the API's writes leave there, and who else can read it.
READERS = {
    "zone/1": guild_reader.zone, "rules/1": guild_reader.rules,
    "products/1": guild_reader.products, "report/1": guild_reader.report,
    "resolution/1": guild_reader.resolution,
    "order-request/1": guild_reader.request, "ticket/1": member_reader.ticket,
    "member/1": member_reader.registration,
    "member-decision/1": member_reader.decision,
    "sale/1": lambda value: reader.frame(value, "sale")}
# A refusal, whatever was wrong; one too long to be looked at among them.
REFUSALS = [400, 401, 403, 404, 405, 406, 409, 410, 413, 415, 422, 428]
# To a good request: done, or not now, or not to this; 422: a rule that the
# description has in words.
ANSWERS = ["2xx", 403, 404, 409, 410, 413, 422]
CONFIG = """\
hooks = "%(hooks)s"
max-stream-events = 1
[generation]
max-examples = %(examples)s
allow-x00 = false
with-security-parameters = false
[phases.fuzzing.extra-data-sources]
responses = false
[phases.coverage.extra-data-sources]
responses = false
[checks.negative_data_rejection]
expected-statuses = %(refusals)s
[checks.missing_required_header]
expected-statuses = %(refusals)s
[checks.positive_data_acceptance]
expected-statuses = %(answers)s
# Parameters that do not go together; text that is no CSV.
[[operations]]
include-path = ["/api/v1/books", "/api/v1/carts/{cart}/track",
                "/api/v1/products"]
checks.positive_data_acceptance.expected-statuses = %(answers_or_400)s
# Thousands of corners take long to think up.
[[operations]]
include-path = ["/api/v1/zones", "/api/v1/zones/{id}"]
generation.max-examples = 2
""" % {"hooks": HOOKS, "examples": EXAMPLES, "refusals": REFUSALS,
       "answers": json.dumps(ANSWERS),
       "answers_or_400": json.dumps(ANSWERS + [400])}


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("schemathesis"), settings={"api": {
            "public.burst": 100000, "public.every_s": 1}}) as guild:
        yield guild


def cart_that_is_seen(guild):
    with Client(guild.mosquitto.port, "sim",
                guild.mosquitto.add_sim("sim")) as client:
        client.publish("pregon/%s/status" % CART, status(
            epoch=new_epoch(), at_ms=int(time.time() * 1000),
            place=(-33.44, -70.65)))
        wait_for(lambda: guild.cart(CART).get("fix"), "the cart", 30)


def deliveries(guild):
    orders = [things.make_order(guild) for _ in range(4)]
    for order in orders:
        assert guild.post("/api/v1/restocks/%s/advance" % order,
                          {"to": "preparando"})[0] == 202
    return sorted(wait_for(lambda: {
        guild.get("/api/v1/restocks/" + order)["delivery"]
        for order in orders} - {None}, "a delivery", 30))


def enrol_code(guild):
    who = things.make_approved(guild)
    answer = guild.post("/api/v1/members/%s/enrol" % who)
    assert answer[0] == 200, answer
    return answer[2]["code"]


# Each needs members in a state of its own.
ACTS = {"approve": things.make_waiting, "reject": things.make_waiting,
        "suspend": things.make_approved, "reinstate": things.make_suspended,
        "plate": things.make_approved, "replace": things.make_approved,
        "enrol": things.make_approved, "leave": things.make_approved,
        "{rut}": things.make_approved}


@pytest.fixture(scope="module")
def known(guild):
    """Names of things that are there, of each kind."""
    cart_that_is_seen(guild)
    known = {
        "zones": [things.make_zone(guild) for _ in range(8)],
        "restocks": [things.make_order(guild) for _ in range(6)],
        "tickets": [things.make_ticket(guild) for _ in range(5)],
        "alerts": [things.make_alert(guild) for _ in range(3)],
        "folios": [things.make_sale(guild) for _ in range(4)],
        "members": {act: [make(guild) for _ in range(3)]
                    for act, make in ACTS.items()},
        "deliveries": deliveries(guild),
        "codes": [enrol_code(guild) for _ in range(2)],
        "carts": [CART], "rules": [CART, "*"]}
    known["registrations"] = [
        it["registration"] for it in guild.get("/api/v1/members")["members"]]
    for kind in "zones", "restocks", "tickets":
        wait_for(lambda: all(guild.get("/api/v1/%s/%s" % (kind, it))
                             for it in known[kind]), kind, 20)
    return known


def kind_of(path):
    return "folios" if "{folio}" in path else path.split("/")[3]


def names(path, known):
    """Those that a path may be asked for; of members, in its state."""
    kind = kind_of(path)
    if kind == "members":
        return known[kind][path.split("/")[-1]]
    return known[kind]


def with_names(known):
    """The description, of things that are there."""
    document = copy.deepcopy(DOCUMENT)
    for path, item in document["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter.get("in") == "path":
                    parameter["schema"] = {"type": "string",
                                           "enum": names(path, known)}
    # Read one by one, events are no text; test_events.py holds them to theirs.
    stream = document["paths"][EVENTS]["get"]["responses"]["200"]["content"]
    del stream["text/event-stream"]["schema"]
    return document


def sense(path, name, known):
    """Values of a parameter that is named; None: any will do."""
    if name in ("date", "before") and path.endswith(("/books", "/daily",
                                                     "/hourly", "/days")):
        return ["2026-11-20", "2026-11-21"]
    if name in ("from", "to"):
        return {"from": ["2026-11-20T00:00:00-03:00", "1795143600000"],
                "to": ["2026-11-21T00:00:00Z", "1795230000000"]}[name]
    if name in ("before", "after") and path.endswith("/members"):
        return known["registrations"]
    return known[kind_of(path)] if name == "before" else None


def with_sense(guild, known):
    """And of words that make sense, where a rule is beyond a schema."""
    document = with_names(known)
    for path, item in document["paths"].items():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                values = sense(path, parameter.get("name"), known)
                if values:
                    parameter["schema"] = {"type": "string", "enum": values}
    schemas = document["components"]["schemas"]
    for schema, field, values in (
            ("NewMember", "rut", [things.new_rut() for _ in range(20)]),
            ("NewSale", "confirmed_at", [things.minutes_ago(5)]),
            ("NewSale", "opened_at", [things.minutes_ago(6)]),
            ("NewMember", "email", ["ana@example.cl", "b.c@example.org"]),
            ("NewRestock", "mail", ["ana@example.cl"]),
            ("NewTicket", "mail", ["ana@example.cl"]),
            ("Login", "token", [guild.token]),
            ("Taking", "code", known["codes"])):
        schemas[schema]["properties"][field] = {"type": "string",
                                                "enum": values}
    # Of either kind, a purchase or one that came to nothing.
    sale = schemas["NewSale"]
    sale["required"] += ["confirmed_at", "units", "amount"]
    for field in "abandoned_at", "lines":
        del sale["properties"][field]
    schemas["Geometry"] = {"enum": [things.POLYGON, things.CIRCLE]}
    return document


def schemathesis():
    """Where tools/setup has put it."""
    with open(REQUIREMENTS) as f:
        version = re.search(r"^schemathesis==(\S+)", f.read(), re.M)[1]
    python = os.path.join(
        os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"),
        "pregon", "schemathesis-" + version, "bin", "python")
    assert os.path.exists(python), \
        "%s: run `tools/setup test` first" % python
    return [python, "-m", "schemathesis.cli"]


def run(guild, folder, document, mode):
    """Asks, and returns a list of Asked."""
    for name, text in (("openapi.json", json.dumps(document)),
                       ("schemathesis.toml", CONFIG)):
        (folder / name).write_text(text)
    done = subprocess.run(
        [*schemathesis(), "--config-file", "schemathesis.toml", "run",
         "openapi.json", "--url", guild.url, "--mode", mode,
         "--header", "Authorization: Bearer " + guild.token,
         "--phases", "coverage,fuzzing",
         "--checks", "all", "--exclude-checks",
         # A write is seen once its role has read it from Kafka.
         "use_after_free,ensure_resource_availability",
         "--generation-deterministic",
         "--continue-on-failure", "--no-shrink",
         "--suppress-health-check", "all",
         "--request-timeout", "20", "--no-color", "--report", "ndjson",
         "--report-ndjson-path", "report.ndjson"],
        cwd=folder, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=600)
    (folder / "output.txt").write_text(done.stdout)
    # Requests may be of half a megabyte.
    lines = [line[:300] for line in done.stdout.splitlines()]
    assert done.returncode == 0, "\n".join(lines[:400])
    return answers(folder / "report.ndjson")


class Asked(NamedTuple):
    what: str           # "GET /path"
    status: int
    wrong: bool         # by the description


def answers(report):
    found = []
    with open(report) as f:
        for line in f:
            done = json.loads(line).get("ScenarioFinished")
            recorder = done["recorder"] if done else {}
            for name, it in recorder.get("interactions", {}).items():
                case = recorder["cases"][name]["value"]
                found.append(Asked(
                    recorder["label"], it["response"]["status_code"],
                    case["meta"]["generation"]["mode"] == "negative"))
    return found


def described():
    return {"%s %s" % (method.upper(), path)
            for path, item in DOCUMENT["paths"].items() for method in item}


def written(guild):
    """{topic: [(schema, value)]} of the API's own kinds, in order of time."""
    return {topic: [
        (r.headers["schema"], r.value) for r in sorted(
            records.read(guild.bootstrap, topic, partitions),
            key=lambda r: r.timestamp_ms)
        if r.value is not None and r.headers.get("schema") in READERS]
        for topic, partitions in TOPICS.items()}


def is_a_write(asked):
    return not asked.what.startswith("GET ")


def say(what, found):
    counts = collections.Counter(asked.status for asked in found)
    print("%s: %d requests, %s" % (what, len(found), ", ".join(
        "%d: %d" % pair for pair in sorted(counts.items()))))


def test_what_is_wrong_is_refused_and_leaves_nothing(guild, known, tmp_path):
    before = written(guild)
    found = run(guild, tmp_path, with_names(known), "negative")
    say("wrong", found)
    assert {asked.what for asked in found} >= described()
    assert not [asked for asked in found if asked.status >= 500]
    # A body that may be left out and is, is not wrong.
    taken = [asked for asked in found
             if asked.status == 202 and is_a_write(asked)]
    assert not [asked for asked in taken if asked.wrong]
    left = {topic: rows[len(before[topic]):]
            for topic, rows in written(guild).items()}
    assert sum(map(len, left.values())) == len(taken), left


def test_what_is_right_is_answered_as_described(guild, known, tmp_path):
    found = run(guild, tmp_path, with_sense(guild, known), "positive")
    say("right", found)
    assert not [asked for asked in found if asked.status >= 500]
    # Each was done at least once, and not only refused.
    assert {asked.what for asked in found
            if asked.status < 300} >= described()
    for rows in written(guild).values():
        for schema, value in rows:
            READERS[schema](value)
    for path, item in DOCUMENT["paths"].items():
        if "get" in item and "{" not in path and path != EVENTS:
            code, headers, body = guild.post(path, method="GET")
            body = body if isinstance(body, bytes) else json.dumps(body)
            openapi.check_answer(DOCUMENT, path, code,
                                 headers["Content-Type"], body)
            assert code == 200, (path, body)
