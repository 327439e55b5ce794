"""Every write of the API: as it should be, each field missing, of another
type, too long, without the right token, and repeated with its key."""
import collections
import copy
import datetime
import itertools
import json
import re

import openapi
import pytest
import records
from local.guild import Guild
from local.process import wait_for

DOCUMENT = openapi.load()
CART = "WRIT01"
PARTITIONS = 2
RESERVED = ("topic_coordenadas", "topic_nuevos-usuarios")
LONG_NAME, LONG_NOTE = "ñ" * 41, "x" * 501

SQUARE = [[-70.66, -33.45], [-70.64, -33.45], [-70.64, -33.43],
          [-70.66, -33.43], [-70.66, -33.45]]
HOLE = [[-70.655, -33.445], [-70.645, -33.445], [-70.645, -33.435],
        [-70.655, -33.445]]
POLYGON = {"type": "Polygon", "coordinates": [SQUARE, HOLE]}
CIRCLE = {"type": "Circle", "center": [-70.65, -33.44], "radius_m": 500}

fresh = itertools.count(1)


class Write:
    """One write, and what is wrong with it when a field is changed.

    path      as the description has it; `make(guild)` gives the name of a
              thing that it can be done to
    body      a good one; required: fields that it cannot be without
    wrong     {field: [values of another type or out of range]}
    too_long  {field: value}
    roles     who may, of admin, depot, vendor, public
    needs_key a repeat without an Idempotency-Key would do harm
    """

    def __init__(self, method, path, roles, body=None, make=None,
                 required=(), wrong=None, too_long=None, schema=None,
                 topic=None, needs_key=False):
        self.method, self.path, self.roles = method, path, roles
        self.body, self.make, self.required = body, make, required
        self.wrong, self.too_long = wrong or {}, too_long or {}
        self.schema, self.topic = schema, topic
        self.needs_key = needs_key

    def __repr__(self):
        return "%s %s" % (self.method, self.path)

    def at(self, guild):
        """A path that it can be done to now."""
        return re.sub(r"{\w+}", self.make(guild), self.path) if self.make \
            else self.path

    def fresh_body(self):
        """A good one that says something new."""
        body = copy.deepcopy(self.body)
        if isinstance(body, dict) and "name" in body:
            body["name"] = "zone %d" % next(fresh)
        elif isinstance(body, dict) and "missing.s" in body:
            body["missing.s"] = 60 + next(fresh)
        elif isinstance(body, list):
            body[0]["price"] = 1000 + next(fresh)
        elif isinstance(body, dict) and "plate" in body:
            body["plate"] = new_plate()
            if "rut" in body:
                body["rut"] = new_rut()
        return body


def make_zone(guild):
    status, _, answer = guild.post("/api/v1/zones", {
        "name": "zone %d" % next(fresh), "geometry": CIRCLE})
    assert status == 202, answer
    wait_for(lambda: guild.get("/api/v1/zones/" + answer["id"]),
             "the zone", 20)
    return answer["id"]


def new_key():
    return "key-%d" % next(fresh)


def make_order(guild):
    """An order of a product that no other open order has."""
    status, _, answer = guild.post("/api/v1/restocks", {
        "cart": CART, "lines": [{"product": next(fresh), "units": 5}]},
        key=new_key())
    assert status == 202, answer
    wait_for(lambda: guild.get("/api/v1/restocks/" + answer["id"]),
             "the order", 20)
    return answer["id"]


def make_ticket(guild):
    status, _, answer = guild.post("/api/v1/tickets", {
        "cart": CART, "text": "help %d" % next(fresh)}, key=new_key())
    assert status == 202, answer
    wait_for(lambda: guild.get("/api/v1/tickets/" + answer["id"]),
             "the ticket", 20)
    return answer["id"]


def make_alert(guild):
    """A fugitive, where none has been seen before."""
    n = next(fresh)
    status, _, answer = guild.post("/api/v1/strange-carts", {
        "lat": -20 - 0.1 * (n % 300), "lon": -70 - n // 300 % 100})
    assert status == 202, answer
    found = wait_for(lambda: [
        a for a in guild.get("/api/v1/alerts?cause=fugitive")["alerts"]
        if a["id"] == "fugitive-" + answer["id"]], "the alert", 30)
    return found[0]["id"]


def minutes_ago(n):
    at = datetime.datetime.now(datetime.timezone.utc)
    return (at - datetime.timedelta(minutes=n)).isoformat(
        timespec="milliseconds")


SALE = {"cart": CART, "customer": "Ana", "units": 3, "amount": 4500,
        "stock_after": 30, "opened_at": minutes_ago(6),
        "confirmed_at": minutes_ago(5), "lat": -33.44, "lon": -70.65,
        "contact": "ana@example.cl", "request_id": "one"}


def make_sale(guild):
    status, _, answer = guild.post(
        "/api/v1/sales", {**SALE, "request_id": new_key()}, key=new_key())
    assert status == 202, answer
    return answer["folio"]


def new_rut():
    """As Python reckons the check digit."""
    number = 5000000 + next(fresh)
    total, factor = 0, 2
    for digit in reversed(str(number)):
        total += int(digit) * factor
        factor = 2 if factor == 7 else factor + 1
    return "%d-%s" % (number, "0K987654321"[total % 11])


def new_plate():
    return "ME%04d" % next(fresh)


MEMBER = {"first_name": "Ana", "last_name": "Soto", "rut": "12.345.678-5",
          "email": "ana@example.cl", "plate": "MEMB01", "premium": False,
          "language": "en"}


def member_state(guild, rut):
    return guild.get("/api/v1/members/" + rut)["state"]


def make_waiting(guild, premium=False):
    rut = new_rut()
    status, _, answer = guild.post("/api/v1/members", {
        **MEMBER, "rut": rut, "plate": new_plate(), "premium": premium})
    assert status == 202, answer
    wanted = "approved" if premium else "waiting"
    wait_for(lambda: member_state(guild, rut) == wanted, "a member", 20)
    return rut


def make_approved(guild):
    return make_waiting(guild, premium=True)


def make_suspended(guild):
    rut = make_approved(guild)
    status, _, answer = guild.post("/api/v1/members/%s/suspend" % rut,
                                   {"reason": "a test"})
    assert status == 202, answer
    wait_for(lambda: member_state(guild, rut) == "suspended", "it", 20)
    return rut


def decide(act, make, body=None, wrong=None, **more):
    """A decision about a member."""
    return Write("POST", "/api/v1/members/{rut}/" + act, ("admin",),
                 body or {"reason": "for this reason"}, make=make,
                 wrong=wrong or {"reason": [7, ""]},
                 too_long={"reason": LONG_NOTE},
                 topic="topic_nuevos-usuarios", schema="member-decision/1",
                 **more)


ZONE_WRONG = {
    "name": [7, None, ""], "carts": ["WRIT01", {}],
    "carts[0]": [["ab1234"], [7]],
    "geometry": ["Polygon", []],
    "geometry.type": [{"type": "Point", "coordinates": [0, 0]}],
    "geometry.coordinates": [{"type": "Polygon", "coordinates": 7},
                             {"type": "Polygon"}],
    "geometry.coordinates[0]": [
        {"type": "Polygon", "coordinates": [SQUARE[:3]]},
        {"type": "Polygon", "coordinates": [SQUARE[:4]]},
        {"type": "Polygon", "coordinates": [    # a bow tie
            [[0, 0], [1, 1], [1, 0], [0, 1], [0, 0]]]}],
    "geometry.coordinates[0][1]": [{"type": "Polygon", "coordinates": [
        [[0, 0], [1], [1, 1], [0, 0]]]}],
    "geometry.coordinates[0][1][0]": [{"type": "Polygon", "coordinates": [
        [[0, 0], [181, 0], [1, 1], [0, 0]]]}],
    "geometry.coordinates[1]": [{"type": "Polygon", "coordinates": [
        SQUARE, [[p[0] + 1, p[1]] for p in HOLE]]}],
    "geometry.radius_m": [dict(CIRCLE, radius_m="500"),
                          dict(CIRCLE, radius_m=0)],
    "geometry.center": [dict(CIRCLE, center=7)],
}
ZONE_LONG = {
    "name": LONG_NAME, "carts": ["AB%04d" % i for i in range(257)],
    "geometry.coordinates[0]": {"type": "Polygon", "coordinates": [
        [[0, 0]] * 4002]}}
LINES_WRONG = {
    "lines": [7, []], "lines[0]": [[7]],
    "lines[0].product": [[{"product": "x", "units": 1}],
                         [{"product": 65536, "units": 1}]],
    "lines[0].units": [[{"product": 1, "units": 1.5}],
                       [{"product": 1, "units": -1}],
                       [{"product": 1}]],
    "lines[1].product": [[{"product": 1, "units": 1},
                          {"product": 1, "units": 2}]],
}
LINES_LONG = {"lines": [{"product": i, "units": 1} for i in range(65)]}

WRITES = [
    Write("POST", "/api/v1/zones", ("admin",),
          {"name": "centro", "carts": [CART], "geometry": POLYGON},
          required=("name", "geometry"),
          wrong=dict(ZONE_WRONG, id=[7, "No", ""]),
          too_long=dict(ZONE_LONG, id="a" * 33),
          topic="topic_reglas", schema="zone/1"),
    Write("PUT", "/api/v1/zones/{id}", ("admin",),
          {"name": "centro", "geometry": CIRCLE}, make=make_zone,
          required=("name", "geometry"), wrong=ZONE_WRONG,
          too_long=ZONE_LONG, topic="topic_reglas", schema="zone/1"),
    Write("DELETE", "/api/v1/zones/{id}", ("admin",), make=make_zone,
          topic="topic_reglas", schema="zone/1"),
    Write("PUT", "/api/v1/rules/{id}", ("admin",),
          {"missing.s": 60, "hours": "Mon-Fri 08:00-20:00",
           "stock.threshold.3": 10}, make=lambda guild: CART,
          wrong={"missing.s": ["60", 4], "hours": [8, "Lunedi 8-20"],
                 "zone.dwell_s": [-1], "stock.threshold.3": [True],
                 "stock.target": [1000001], "zone.color": [1]},
          too_long={"hours": "Mon 08:00-20:00," * 17},
          topic="topic_reglas", schema="rules/1"),
    Write("PUT", "/api/v1/products", ("admin",),
          [{"name": "sopaipilla", "price": 500},
           {"name": "empanada", "price": 1800, "code": 7}],
          required=("[0].name", "[0].price"),
          wrong={"[0].name": [7, ""], "[0].price": ["500", -1, 1.5],
                 "[0].code": ["0", 65536], "[0].colour": ["red"]},
          too_long={"[0].name": LONG_NAME},
          topic="topic_reglas", schema="products/1"),
    Write("POST", "/api/v1/alerts/{id}/resolve", ("admin",),
          {"note": "found it at the vendor's home"}, make=make_alert,
          required=("note",), wrong={"note": [7, "", None]},
          too_long={"note": LONG_NOTE},
          topic="topic_coordenadas", schema="resolution/1"),
    Write("POST", "/api/v1/strange-carts",
          ("admin", "depot", "vendor", "public"),
          {"lat": -33.44, "lon": -70.65, "note": "red, by the market"},
          required=("lat", "lon"),
          wrong={"lat": ["-33", 91, None], "lon": [181], "note": [7]},
          too_long={"note": LONG_NOTE},
          topic="topic_coordenadas", schema="report/1"),
    Write("POST", "/api/v1/sales", ("admin", "vendor"), SALE,
          required=("cart", "units", "amount", "confirmed_at", "lat", "lon"),
          wrong={"cart": [7, "ab12"], "customer": [7, ""],
                 "contact": [[]], "request_id": [7, "a\nb"],
                 "units": ["3", 0, 1.5], "amount": [-1, "4500"],
                 "stock_after": ["x", 1000001], "product": [65536, "x"],
                 "opened_at": ["yesterday", minutes_ago(4), 7],
                 "confirmed_at": [7, "2026-13-01T00:00:00Z",
                                  minutes_ago(-600), "1999-01-01T00:00:00Z"],
                 "abandoned_at": [minutes_ago(5)],
                 "lines": [[{"units": 1, "amount": 1}]],
                 "lat": ["x", 91], "lon": [-181], "place": [{}]},
          too_long={"customer": LONG_NAME, "contact": LONG_NAME,
                    "request_id": LONG_NAME},
          topic="topic_ventas", schema="sale/1", needs_key=True),
    Write("POST", "/api/v1/sales/{folio}/void", ("admin", "vendor"),
          {"reason": "paid twice"}, make=make_sale, required=("reason",),
          wrong={"reason": [7, ""]}, too_long={"reason": LONG_NOTE},
          topic="topic_ventas", schema="sale/1"),
    Write("POST", "/api/v1/members", ("admin", "depot", "vendor", "public"),
          MEMBER,
          required=("first_name", "last_name", "rut", "email", "plate"),
          wrong={"first_name": [7, "", "a\nb"], "last_name": [[]],
                 "rut": ["12.345.678-6", "x", 123456785, ""],
                 "email": ["ana", "@b.cl", "a@b", "a b@c.cl", 7],
                 "plate": ["ab1234", "AB", 7], "premium": ["yes", 1],
                 "language": ["fr", 7], "phone": ["1"]},
          too_long={"first_name": LONG_NAME, "last_name": LONG_NAME,
                    "rut": "1" * 20, "email": "a" * 110 + "@example.cl"},
          topic="topic_nuevos-usuarios", schema="member/1"),
    decide("approve", make_waiting),
    decide("reject", make_waiting, required=("reason",)),
    decide("suspend", make_approved, required=("reason",)),
    decide("reinstate", make_suspended),
    decide("leave", make_approved),
    decide("replace", make_approved),
    decide("plate", make_approved,
           body={"plate": "MEMB02", "reason": "a new one"},
           required=("plate",),
           wrong={"plate": ["ab1234", 7], "reason": [7, ""]}),
    Write("POST", "/api/v1/restocks", ("admin", "depot", "vendor"),
          {"cart": CART, "lines": [{"product": 0, "units": 20}],
           "mail": "ana@example.cl"},
          required=("cart", "lines"),
          wrong=dict(LINES_WRONG, cart=[7, "ab12", "AB"],
                     mail=[7, "ana", "a b@c"]),
          too_long=dict(LINES_LONG, mail="a" * 70 + "@example.cl"),
          topic="topic_stock", schema="order-request/1", needs_key=True),
    Write("POST", "/api/v1/restocks/{id}/advance", ("admin", "depot"),
          {"to": "preparando"}, make=make_order,
          wrong=dict(LINES_WRONG, to=["recibido", "cancelado", 2]),
          too_long=LINES_LONG,
          topic="topic_stock", schema="order-request/1"),
    Write("POST", "/api/v1/restocks/{id}/cancel", ("admin", "depot"),
          {"reason": "the cart is closed today"}, make=make_order,
          required=("reason",), wrong={"reason": [7, ""]},
          too_long={"reason": LONG_NOTE},
          topic="topic_stock", schema="order-request/1"),
    Write("POST", "/api/v1/tickets", ("admin", "depot", "vendor"),
          {"cart": CART, "mail": "ana@example.cl", "name": "Ana",
           "text": "the stove is cold"}, required=("text",),
          wrong={"cart": [7, "ab12", "AB"], "mail": [7, "ana", "a b@c.cl"],
                 "name": [7, ""], "text": [7, "", None]},
          too_long={"mail": "a" * 110 + "@example.cl", "name": LONG_NAME,
                    "text": LONG_NOTE},
          topic="topic_soporte", schema="ticket/1", needs_key=True),
    Write("POST", "/api/v1/tickets/{id}/reply", ("admin", "depot"),
          {"text": "we are on our way"}, make=make_ticket,
          required=("text",), wrong={"text": [7, "", None]},
          too_long={"text": LONG_NOTE},
          topic="topic_soporte", schema="ticket/1", needs_key=True),
    Write("POST", "/api/v1/tickets/{id}/resolve", ("admin", "depot"),
          {"note": "a new burner"}, make=make_ticket,
          required=("note",), wrong={"note": [7, "", None]},
          too_long={"note": LONG_NOTE},
          topic="topic_soporte", schema="ticket/1"),
]
WITH_BODY = [w for w in WRITES if w.body is not None]
# Not reads, so that nobody keeps their answers, which are kept for no
# Idempotency-Key either; test_enrol.py has what the second one writes.
ASKED = {("POST", "/api/v1/members/{rut}/enrol"), ("POST", "/api/v1/enrol"),
         ("POST", "/api/v1/session"), ("DELETE", "/api/v1/session")}


@pytest.fixture(scope="module")
def guild(tmp_path_factory, mosquitto):
    with Guild(tmp_path_factory.mktemp("writes"), mosquitto=mosquitto,
               settings={"api": {"public.burst": "1000"}}) as guild:
        guild.tokens = {
            "admin": guild.token, "depot": guild.make_token("depot"),
            "vendor": guild.make_token("vendor", cart=CART), "public": ""}
        yield guild


@pytest.fixture(scope="module")
def paths(guild):
    """A thing to do each write to, for those that shall come to nothing."""
    made = {}
    return lambda write: made.setdefault(write, write.at(guild))


def ask(guild, write, path, body, key=None, **more):
    """(status, headers, answer), as the description says it."""
    if key is None and write.needs_key:
        key = new_key()
    status, headers, answer = guild.post(path, body, method=write.method,
                                         key=key, **more)
    openapi.check_answer(DOCUMENT, write.path, status,
                         headers["Content-Type"], json.dumps(answer),
                         write.method.lower())
    return status, headers, answer


def changed(body, field, value):
    """The body with a value in the place of its top field; [0].x: with x of
    the first element."""
    body = copy.deepcopy(body)
    if field.startswith("["):
        body[0][field.split(".")[1]] = value
    else:
        top = field if field in body or "[" not in field \
            else field.split("[")[0]
        for key in ("geometry", "lines", "carts"):
            if top.startswith(key):
                top = key
        body[top] = value
    return body


def without(body, field):
    body = copy.deepcopy(body)
    if field.startswith("["):
        del body[0][field.split(".")[1]]
    else:
        del body[field]
    return body


def fields(answer):
    return [e["field"] for e in answer["errors"]]


def count(guild, write):
    """Its records by value: who is there twice was written twice."""
    partitions = PARTITIONS + (write.topic in RESERVED)
    return collections.Counter(
        (r.key, r.value) for r in records.read(
            guild.bootstrap, write.topic, partitions)
        if r.headers.get("schema") == write.schema)


def test_every_write_is_in_the_table():
    described = {(method.upper(), path)
                 for path, item in DOCUMENT["paths"].items()
                 for method in item if method != "get"}
    assert {(w.method, w.path) for w in WRITES} == described - ASKED
    for write in WRITES:
        roles = openapi.operation(DOCUMENT, write.path,
                                  write.method.lower())["x-roles"]
        assert set(roles) == set(write.roles), write


@pytest.mark.parametrize("write", WRITES, ids=repr)
def test_a_good_one_is_acknowledged_once_kafka_has_it(guild, write):
    path = write.at(guild)
    before = count(guild, write)
    status, headers, answer = ask(guild, write, path, write.fresh_body())
    assert (status, answer["changed"]) == (202, True)
    assert sum((count(guild, write) - before).values()) == 1
    if "Location" in headers:
        wait_for(lambda: guild.get(headers["Location"]), "it is there", 20)


@pytest.mark.parametrize("write", WITH_BODY, ids=repr)
def test_each_field_that_is_missing_is_named(guild, paths, write):
    for field in write.required:
        status, _, answer = ask(guild, write, paths(write),
                                without(write.body, field))
        assert (status, fields(answer)) == (422, [field]), field
        assert answer["errors"][0]["detail"].startswith("missing: expected ")


@pytest.mark.parametrize("write", WITH_BODY, ids=repr)
def test_each_field_of_another_type_is_named(guild, paths, write):
    for field, values in write.wrong.items():
        for value in values:
            status, _, answer = ask(guild, write, paths(write),
                                    changed(write.body, field, value))
            assert (status, fields(answer)) == (422, [field]), (field, value)


@pytest.mark.parametrize("write", WITH_BODY, ids=repr)
def test_each_field_that_is_too_long_is_named(guild, paths, write):
    for field, value in write.too_long.items():
        status, _, answer = ask(guild, write, paths(write),
                                changed(write.body, field, value))
        assert (status, fields(answer)) == (422, [field]), field


@pytest.mark.parametrize("write", WITH_BODY, ids=repr)
def test_all_wrong_fields_are_named_at_once(guild, paths, write):
    if isinstance(write.body, list):
        body = [{"name": 1, "price": "x", "code": -1}, {"nam": "y"}]
        wrong = ["[0].name", "[0].price", "[0].code", "[1].nam",
                 "[1].name", "[1].price"]
    else:
        body = dict.fromkeys(write.body, None)
        wrong = list(write.body)
        if "geometry" not in body:
            body["zzz"] = 1
            wrong.append("zzz")
    status, _, answer = ask(guild, write, paths(write), body)
    assert status == 422
    assert sorted(fields(answer)) == sorted(wrong)


@pytest.mark.parametrize("write", WITH_BODY, ids=repr)
def test_what_is_no_such_body_is_refused_whole(guild, paths, write):
    path = paths(write)
    for text in ("{", "[1,]", '{"a":1,"a":2}', "\x00", "[" * 40,
                 '{"a":"\\u0000"}', "nul"):
        status, _, answer = ask(guild, write, path, text,
                                content_type="application/json")
        assert status == 400, text
    status, _, answer = ask(guild, write, path, b'{"\xff":1}',
                            content_type="application/json")
    assert status == 400
    for text in ("7", '"x"', "null"):
        status, _, answer = ask(guild, write, path, text,
                                content_type="application/json")
        assert (status, fields(answer)) == (422, [""]), text
    for kind in ("text/plain", "application/x-www-form-urlencoded", None):
        status, _, answer = ask(guild, write, path, json.dumps(write.body),
                                content_type=kind)
        assert (status, answer["field"]) == (415, "Content-Type")
    status, _, answer = ask(guild, write, path, '"%s"' % ("x" * 600000),
                            content_type="application/json")
    assert status == 413


@pytest.mark.parametrize("write", WRITES, ids=repr)
def test_only_the_right_roles_are_served(guild, paths, write):
    path = paths(write)
    before = count(guild, write)
    for role, token in guild.tokens.items():
        if role in write.roles:
            continue
        status, headers, answer = ask(guild, write, path, write.body,
                                      token=token)
        assert status == (401 if role == "public" else 403), role
        assert ("WWW-Authenticate" in headers) == (status == 401)
    status, _, answer = ask(guild, write, path, write.body,
                            token="nobody.knows")
    assert status == 401
    assert count(guild, write) == before
    for role in write.roles:
        status, _, answer = ask(guild, write, write.at(guild),
                                write.fresh_body(), token=guild.tokens[role])
        assert status == 202, (role, answer)


def test_a_vendor_writes_for_their_own_cart_alone(guild):
    status, _, answer = guild.post("/api/v1/restocks", {
        "cart": "OTHER1", "lines": [{"product": 1, "units": 1}]},
        token=guild.tokens["vendor"], key=new_key())
    assert (status, answer["field"]) == (403, "cart")


def test_what_a_repeat_would_do_twice_needs_a_key(guild):
    """Without one, an order or a sale told again is another one."""
    keyed = {path for path, item in DOCUMENT["paths"].items()
             for method in item for p in item[method]["parameters"]
             if openapi.resolve(DOCUMENT, p)["in"] == "header"
             and openapi.resolve(DOCUMENT, p)["required"]}
    assert keyed == {w.path for w in WRITES if w.needs_key}
    status, _, answer = guild.post("/api/v1/restocks", {
        "cart": CART, "lines": [{"product": 1, "units": 1}]})
    assert (status, answer["field"]) == (400, "Idempotency-Key")


@pytest.mark.parametrize("write", WRITES, ids=repr)
def test_a_repeat_with_its_key_is_the_same_write(guild, write):
    path, body = write.at(guild), write.fresh_body()
    key = new_key()
    before = count(guild, write)
    first = ask(guild, write, path, body, key=key)
    assert first[0] == 202
    for _ in range(3):
        again = ask(guild, write, path, body, key=key)
        assert (again[0], again[2]) == (first[0], first[2])
        assert again[1]["Idempotency-Replayed"] == "true"
        assert again[1]["Location"] == first[1]["Location"]
    assert sum((count(guild, write) - before).values()) == 1
    if write.body is not None:
        other = write.fresh_body()
        status, _, answer = ask(guild, write, path, other if other != body
                                else changed_a_bit(write), key=key)
        assert (status, answer["field"]) == (422, "Idempotency-Key")


def changed_a_bit(write):
    """Another good body."""
    body = copy.deepcopy(write.body)
    if "lat" in body:
        body["lat"] = -33.45
    elif "lines" in body:
        body["lines"][0]["units"] = 21
    elif "to" in body:
        body = {}
    elif "reason" in body:
        body["reason"] += "!"
    else:
        body[write.required[0]] += "!"
    return body


@pytest.mark.parametrize("write", WITH_BODY, ids=repr)
def test_what_was_refused_may_be_mended_under_its_key(guild, write):
    key = new_key()
    path, body = write.at(guild), write.fresh_body()
    status, _, answer = ask(guild, write, path, '{"zzz":',
                            content_type="application/json", key=key)
    assert status == 400
    status, _, answer = ask(guild, write, path, body, key=key)
    assert status == 202, answer
    for wrong in ("", "a" * 81, "a b", "ñ".encode("latin-1")):
        status, _, answer = ask(guild, write, path, body, key=wrong)
        assert (status, answer["field"]) == (400, "Idempotency-Key"), wrong


@pytest.mark.parametrize("write", [w for w in WRITES if "{id}" in w.path
                                   and "rules" not in w.path], ids=repr)
def test_what_is_not_there_is_not_found(guild, write):
    for name in ("nothing", "N" * 64, "WRIT01-ZZZZZZZZ-0-0", "a.b-_c"):
        status, _, answer = ask(guild, write,
                                write.path.replace("{id}", name), write.body)
        assert (status, answer["field"]) == (404, "id"), name


def test_rules_are_of_a_plate_or_of_all(guild):
    status, _, answer = guild.put("/api/v1/rules/centro", {"missing.s": 60})
    assert (status, answer["field"]) == (400, "id")
    status, _, answer = guild.put("/api/v1/rules/*", {"missing.s": 90})
    assert status == 202
    wait_for(lambda: guild.get("/api/v1/rules/*")["rules"] ==
             {"missing.s": 90}, "the rules of all", 20)
    assert guild.get("/api/v1/rules/NEVER1")["rules"] == {}


def test_the_same_content_again_writes_nothing(guild):
    zone = "/api/v1/zones/" + make_zone(guild)
    shown = guild.get(zone)
    same = {k: shown[k] for k in ("name", "carts", "geometry")}
    rules = {"missing.s": 77, "hours": "always"}
    products = [{"name": "mote con huesillo", "price": 1500}]
    for path, body, shows in (
            (zone, same, lambda: True),
            ("/api/v1/rules/" + CART, rules, lambda: guild.get(
                "/api/v1/rules/" + CART)["rules"] == rules),
            ("/api/v1/products", products, lambda: [
                p["name"] for p in guild.get("/api/v1/products")["products"]]
             == ["mote con huesillo"])):
        if path != zone:
            assert guild.put(path, body)[0] == 202
        wait_for(shows, "it is laid down", 20)
        status, _, answer = guild.put(path, body)
        assert (status, answer["changed"]) == (200, False)
    assert guild.get(zone)["revision"] == 1


def test_a_zone_is_shown_as_it_was_laid_down(guild):
    for geometry in (
            POLYGON, CIRCLE, dict(CIRCLE, holes=[[
                [-70.651, -33.441], [-70.649, -33.441], [-70.65, -33.439],
                [-70.651, -33.441]]]),
            {"type": "MultiPolygon", "coordinates": [
                [SQUARE], [[[p[0] + 1, p[1]] for p in SQUARE]]]},
            {"type": "GeometryCollection", "geometries": [
                CIRCLE, {"type": "Polygon", "coordinates": [
                    [[p[0] + 1, p[1]] for p in SQUARE]]}]}):
        status, headers, answer = guild.post("/api/v1/zones", {
            "name": "Barrio Ñuñoa", "carts": [CART], "geometry": geometry})
        assert status == 202, answer
        shown = wait_for(lambda: guild.get(headers["Location"]), "it", 20)
        assert (shown["geometry"], shown["revision"]) == (geometry, 1)
        assert shown["name"] == "Barrio Ñuñoa" and shown["carts"] == [CART]


def test_a_zone_is_changed_by_revisions_and_removed(guild):
    status, headers, answer = guild.post("/api/v1/zones", {
        "id": "sur", "name": "Sur", "geometry": CIRCLE})
    assert (status, answer["id"]) == (202, "sur")
    wait_for(lambda: guild.get("/api/v1/zones/sur"), "the zone", 20)
    status, _, answer = guild.post("/api/v1/zones", {
        "id": "sur", "name": "Other", "geometry": CIRCLE})
    assert (status, answer["field"]) == (409, "id")
    assert guild.put("/api/v1/zones/sur", {
        "name": "Sur", "geometry": POLYGON})[0] == 202
    wait_for(lambda: guild.get("/api/v1/zones/sur")["revision"] == 2,
             "the other revision", 20)
    assert guild.delete("/api/v1/zones/sur")[0] == 202
    wait_for(lambda: "sur" not in [
        z["id"] for z in guild.get("/api/v1/zones")["zones"]], "gone", 20)
    assert guild.delete("/api/v1/zones/sur")[0] == 404


def test_an_order_goes_its_way_and_says_so(guild):
    path = "/api/v1/restocks/" + make_order(guild)
    for state in ("preparando", "entregando", "finalizado"):
        status, _, answer = guild.post(path + "/advance")
        assert status == 202, answer
        wait_for(lambda s=state: guild.get(path)["state"] == s, state, 20)
    history = [c["state"] for c in guild.get(path)["history"]]
    assert history == ["recibido", "preparando", "entregando", "finalizado"]
    status, _, answer = guild.post(path + "/advance")
    assert status == 409 and "finalizado" in answer["detail"]
    status, _, answer = guild.post(path + "/advance", {"to": "finalizado"})
    assert (status, answer["changed"]) == (200, False)
    status, _, answer = guild.post(path + "/cancel", {"reason": "late"})
    assert status == 409 and "finalizado" in answer["detail"]


def test_a_cancelled_order_stays_so(guild):
    path = "/api/v1/restocks/" + make_order(guild)
    assert guild.post(path + "/cancel", {"reason": "no flour"})[0] == 202
    wait_for(lambda: guild.get(path)["state"] == "cancelado", "cancel", 20)
    assert guild.get(path)["reason"] == "no flour"
    status, _, answer = guild.post(path + "/cancel", {"reason": "again"})
    assert (status, answer["changed"]) == (200, False)
    status, _, answer = guild.post(path + "/advance", {"to": "preparando"})
    assert status == 409 and "no flour" in answer["detail"]


def test_a_resolved_alert_says_by_whom_and_why(guild):
    path = "/api/v1/alerts/" + make_alert(guild)
    assert guild.get(path)["open"]
    assert guild.post(path + "/resolve", {"note": "ours, new paint"})[0] == 202
    alert = wait_for(lambda: guild.get(path)["settled"] and guild.get(path),
                     "the resolution", 20)
    assert (alert["open"], alert["note"]) == (False, "ours, new paint")
    assert alert["by"]
    status, _, answer = guild.post(path + "/resolve", {"note": "again"})
    assert (status, answer["changed"]) == (200, False)
    assert alert["id"] in [a["id"] for a in guild.get(
        "/api/v1/alerts?state=resolved&cause=fugitive")["alerts"]]


def test_lists_go_on_where_a_page_ended(guild):
    for _ in range(3):
        make_order(guild)
    whole = [o["id"] for o in guild.get("/api/v1/restocks")["restocks"]]
    found, before = [], ""
    while before is not None:
        page = guild.get("/api/v1/restocks?limit=2" + before)
        found += [o["id"] for o in page["restocks"]]
        before = page["next_before"] and "&before=" + page["next_before"]
    assert found == whole[:len(found)] and len(set(found)) == len(found) >= 3


def read(guild, pattern, path, token=None):
    """(status, answer) of a GET, as the description says it."""
    status, headers, answer = guild.post(path, method="GET", token=token)
    openapi.check_answer(DOCUMENT, pattern, status, headers["Content-Type"],
                         json.dumps(answer))
    return status, answer


def test_a_delivery_says_what_to_pick_and_where_to_go(guild):
    orders = [make_order(guild) for _ in range(5)]
    guild.post("/api/v1/restocks/%s/cancel" % orders[0],
               {"reason": "closed"}, key=new_key())
    for order in orders[1:]:
        guild.post("/api/v1/restocks/%s/advance" % order,
                   {"to": "preparando"})
    wait_for(lambda: all(
        guild.get("/api/v1/restocks/" + o)["state"] == "preparando"
        for o in orders[1:]), "they are prepared", 20)
    ids = wait_for(lambda: {guild.get("/api/v1/restocks/" + o)["delivery"]
                            for o in orders[1:]} - {None}, "a delivery", 20)
    for name in ids:
        status, delivery = read(guild, "/api/v1/deliveries/{id}",
                                "/api/v1/deliveries/" + name)
        assert status == 200
        assert {s["order"] for s in delivery["stops"]} == {
            o["id"] for o in delivery["orders"]}
        states = {s["order"]: s["state"] for s in delivery["stops"]}
        assert all(states[o["id"]] == o["state"] for o in delivery["orders"])
        units = collections.Counter()
        for order in delivery["orders"]:
            for line in order["lines"]:
                # Asked for by its number, it is fixed before it is prepared.
                if order["state"] != "cancelado":
                    units[line["product"]] += (
                        line["asked"] or 0 if line["prepared"] is None
                        else line["prepared"])
        assert {p["product"]: p["units"] for p in delivery["picking"]
                if p["units"]} == units
    listed = read(guild, "/api/v1/deliveries", "/api/v1/deliveries")[1]
    assert ids <= {d["id"] for d in listed["deliveries"]}


def test_a_vendor_sees_their_own_alone(guild):
    token = guild.tokens["vendor"]
    mine = make_order(guild)
    status, _, answer = guild.post("/api/v1/restocks", {
        "cart": "OTHER1", "lines": [{"product": 3, "units": 5}]},
        key=new_key())
    other = answer["id"]
    wait_for(lambda: guild.get("/api/v1/restocks/" + other), "it", 20)
    pattern = "/api/v1/restocks/{id}"
    assert read(guild, pattern, "/api/v1/restocks/" + mine, token)[0] == 200
    assert read(guild, pattern, "/api/v1/restocks/" + other, token)[0] == 403
    whole = read(guild, "/api/v1/restocks", "/api/v1/restocks")[1]
    own = read(guild, "/api/v1/restocks", "/api/v1/restocks", token)[1]
    assert {o["cart"] for o in whole["restocks"]} > {CART}
    assert {o["cart"] for o in own["restocks"]} == {CART}
    assert read(guild, "/api/v1/restocks", "/api/v1/restocks?cart=OTHER1",
                token)[0] == 403
    for path in ("/api/v1/deliveries", "/api/v1/rules"):
        assert read(guild, path, path, token)[0] == 403
    for path in ("/api/v1/zones", "/api/v1/products", "/api/v1/alerts"):
        assert read(guild, path, path, token)[0] == 200
    assert read(guild, "/api/v1/alerts/{id}",
                "/api/v1/alerts/" + make_alert(guild), token)[0] == 403
