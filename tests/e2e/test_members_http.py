"""Members over HTTP: what is refused with words, pages of them, and that
nothing beside the answers names a person."""
import os

import pytest
from local import mqtt
from local.guild import Guild, fetch
from local.process import wait_for

from people import People, rut

FIRST, LAST, MAIL = "Lautaro", "Quintupil", "lautaro.q@example.cl"


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    guild = Guild(tmp_path_factory.mktemp("people"), settings={
        "api": {"log.level": "debug", "public.burst": "1000"},
        "members": {"log.level": "debug"}})
    for role in ("positions", "sales", "stock", "support", "notify"):
        guild.parts.pop(role, None)
    with guild:
        yield guild


@pytest.fixture(scope="module")
def people(guild):
    return People(guild)


def approved(people, number, plate):
    people.register(number, plate, premium=True, first=FIRST, last=LAST,
                    mail=MAIL)
    wait_for(lambda: people.state(number) == "approved", plate, 20)


def test_an_enrolment_lets_a_cart_in_until_another_gateway_has_its_place(
        guild, people):
    approved(people, 3000001, "HTTP01")
    wait_for(lambda: people.enrol(3000001)["gate_done"], "the gate", 20)
    first = people.enrol(3000001)
    # A code ends at another time each ten minutes.
    again = people.enrol(3000001)
    for name in ("code", "url", "expires_at", "qr"):
        assert again.pop(name) and name in first
    assert again.items() <= first.items()
    assert first["password"] == people.password("HTTP01", first["enrolment"])
    assert (first["cart"], first["user"], first["host"], first["port"],
            first["tls"]) == ("HTTP01", "HTTP01", "127.0.0.1",
                              guild.mosquitto.port, False)
    mqtt.Client(first["port"], first["user"], first["password"]).close()
    people.decide(3000001, "replace", reason="it was stolen")
    second = wait_for(lambda: [e for e in [people.enrol(3000001)] if
                               e["enrolment"] != first["enrolment"]
                               and e["gate_done"]], "another", 20)[0]
    mqtt.Client(second["port"], second["user"], second["password"]).close()
    with pytest.raises(mqtt.Refused):
        mqtt.Client(first["port"], first["user"], first["password"])
    people.decide(3000001, "suspend", reason="a test")
    wait_for(lambda: people.state(3000001) == "suspended", "it", 20)
    status, _, answer = guild.post("/api/v1/members/%s/enrol" % rut(3000001))
    assert status == 409 and "suspended" in answer["detail"]


def test_what_cannot_be_is_refused_with_words(guild, people):
    approved(people, 3000002, "HTTP02")
    people.register(3000003, "HTTP03")
    wait_for(lambda: people.state(3000003) == "waiting", "it", 20)
    for number, act, body, word in (
            (3000002, "plate", {"plate": "HTTP03"}, "HTTP03"),
            (3000003, "suspend", {"reason": "x"}, "waiting"),
            (3000002, "reject", {"reason": "x"}, "approved")):
        status, _, answer = guild.post("/api/v1/members/%s/%s" % (
            rut(number), act), body)
        assert status == 409 and word in answer["detail"], answer
    for path, status, field in (("/3000004-0", 400, "rut"),
                                ("/nobody", 400, "rut"),
                                ("/" + rut(3999999), 404, "rut"),
                                ("/" + "0" * 26, 404, "rut")):
        for method, more in (("GET", ""), ("POST", "/approve"),
                             ("POST", "/enrol")):
            got, _, answer = guild.post("/api/v1/members" + path + more,
                                        method=method)
            assert (got, answer["field"]) == (status, field), (path, more)


def test_a_member_has_many_names(guild, people):
    number = 3000002
    plain = rut(number)
    dotted = "3.000.002-" + plain[-1].lower()
    who = guild.get("/api/v1/members/" + plain)["who"]
    assert who == people.who(plain)
    for name in (plain, dotted, plain.replace("-", ""), who):
        row = guild.get("/api/v1/members/" + name)
        assert (row["rut"], row["who"]) == (plain, who)


def test_members_come_in_pages(guild, people):
    for i in range(5):
        people.register(3100000 + i, "PAGE%02d" % i)
    wait_for(lambda: all(people.state(3100000 + i) == "waiting"
                         for i in range(5)), "five who wait", 20)
    seen, after = [], ""
    while True:
        page = guild.get("/api/v1/members?state=waiting&limit=2" + after)
        seen += [row["plate"] for row in page["members"]]
        assert len(page["members"]) <= 2
        if page["next_after"] is None:
            break
        after = "&after=" + page["next_after"]
    assert seen[:5] == ["PAGE%02d" % i for i in (4, 3, 2, 1, 0)]
    assert len(set(seen)) == len(seen)
    waiting = guild.get("/api/v1/stats")["members_waiting"]
    assert waiting == len(seen)
    # One whose plate another has is refused, and shown apart.
    people.register(3100009, "PAGE00")
    refused = wait_for(lambda: guild.get(
        "/api/v1/members?state=refused")["members"], "a refusal", 20)
    assert refused[0]["refusal"] == "plate.taken" and refused[0]["reason"]
    assert "3100009" not in str(guild.get("/api/v1/members")["members"])
    for query, field in (("state=gone", "state"), ("limit=0", "limit"),
                         ("after=nobody", "after"), ("rut=1", "rut")):
        status, _, answer = guild.post("/api/v1/members?" + query,
                                       method="GET")
        assert (status, answer["field"]) == (400, field)


def test_a_registration_repeated_after_a_crash_is_one(guild, people):
    body = {"first_name": FIRST, "last_name": LAST, "rut": rut(3200001),
            "email": MAIL, "plate": "CRSH01"}
    first = guild.post("/api/v1/members", body, key="a-key", token="")
    assert first[0] == 202
    wait_for(lambda: people.state(3200001) == "waiting", "it", 20)
    guild.part("api").kill9()
    guild.part("api").start()
    again = guild.post("/api/v1/members", body, key="a-key", token="")
    assert (again[0], again[2]) == (202, first[2])
    people.register(3200002, "CRSH02")
    wait_for(lambda: people.state(3200002) == "waiting", "a later one", 20)
    assert not [row for row in guild.get(
        "/api/v1/members?state=refused")["members"]
        if row["plate"] == "CRSH01"]


def test_nothing_beside_the_answers_names_a_person(guild, people):
    """After all of the above, and what goes wrong: logs and figures."""
    approved(people, 3000005, "HTTP05")
    password = people.enrol(3000005)["password"]
    for path in ("/3.000.005-%s/nothing" % rut(3000005)[-1],
                 "/%s/approve/x" % rut(3000005), "/3000005"):
        for method in ("GET", "POST", "DELETE"):
            guild.post("/api/v1/members" + path, {"rut": rut(3000005)},
                       method=method)
    guild.post("/api/v1/members", '{"rut": "%s", "x' % rut(3000005),
               content_type="application/json")
    secret = [FIRST, LAST, MAIL, password]
    numbers = ["300000%d" % i for i in (1, 2, 3, 5)] + [
        "3.000.005", "3100009", "3200001"]
    for name in ("api", "members"):
        figures = fetch(guild.part(name).http_port, "/metrics")[1].decode()
        with open(guild.part(name).log) as f:
            log = f.read()
        assert "{rut}" in log or name != "api"
        for text in secret + numbers:
            assert text not in log, (name, text)
            assert text not in figures, (name, text)
    with open(guild.mosquitto.log) as f:
        assert password not in f.read()


def test_without_the_secret_members_are_a_word_and_the_rest_works(
        guild, tmp_path):
    part = guild.part("api")
    kept = part.settings["secret_file"]
    part.settings["secret_file"] = os.path.join(tmp_path, "nothing")
    part.restart()
    try:
        for method, path in (("POST", ""), ("GET", "/" + rut(3000002)),
                             ("POST", "/%s/enrol" % rut(3000002))):
            status, _, answer = guild.post("/api/v1/members" + path, {},
                                           method=method)
            assert status == 503 and "secret" in answer["detail"], path
        assert guild.get("/api/v1/stats")["members_waiting"] > 0
        assert guild.post("/api/v1/strange-carts",
                          {"lat": -33.4, "lon": -70.6})[0] == 202
    finally:
        part.settings["secret_file"] = kept
        part.restart()
