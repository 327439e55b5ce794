"""What anyone may do: report a strange cart.  Reports are in partition 0 of
topic_coordenadas and nowhere else, and who floods is held back alone."""
import http.client
import json
import subprocess
import time

import pytest
from local.guild import Guild
from local.process import wait_for

PATH = "/api/v1/strange-carts"
FLOOD = 10000
BURST = 10
PARTITIONS = 2


@pytest.fixture(scope="module")
def guild(tmp_path_factory, mosquitto):
    # The flood of the test takes seconds; no bucket fills up meanwhile.
    with Guild(tmp_path_factory.mktemp("public"), mosquitto=mosquitto,
               settings={"api": {"public.burst": BURST,
                                 "public.every_s": 86400}}) as guild:
        yield guild


class Passer:
    """Somebody with an address of their own, on a kept connection."""

    def __init__(self, guild, address):
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", guild.api_port, timeout=10,
            source_address=(address, 0))

    def report(self, lat, lon, note=""):
        """(status, headers, answer, seconds)"""
        start = time.monotonic()
        self.connection.request(
            "POST", PATH, json.dumps({"lat": lat, "lon": lon, "note": note}),
            {"Content-Type": "application/json"})
        response = self.connection.getresponse()
        answer = json.loads(response.read())
        return (response.status, response.headers, answer,
                time.monotonic() - start)


def kcat(guild, topic, fmt, *flags):
    done = subprocess.run(
        ["kcat", "-b", guild.bootstrap, "-C", "-t", topic, "-e", "-q",
         "-f", fmt + "\n", *flags], stdin=subprocess.DEVNULL, check=True,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60)
    return done.stdout.decode(errors="replace").splitlines()


def reports(guild):
    """[(topic, partition, key)] of every report, wherever it is."""
    topics = subprocess.run(
        ["kcat", "-b", guild.bootstrap, "-L", "-J"], check=True, timeout=60,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE).stdout
    rows = []
    for topic in json.loads(topics)["topics"]:
        if not topic["topic"].startswith("topic_"):
            continue
        for row in kcat(guild, topic["topic"], "%t %p %h %k"):
            if "schema=report/1" in row:
                name, partition, _, key = row.split(" ")
                rows.append((name, int(partition), key))
    return rows


def test_a_flood_from_one_address_holds_nobody_else_back(guild):
    flooder, passer = (Passer(guild, "127.0.0.1"),
                       Passer(guild, "127.0.0.2"))
    taken, waits = [], []
    for i in range(FLOOD):
        status, headers, answer, _ = flooder.report(-33.0, -70.0)
        if status == 202:
            taken.append(answer["id"])
        else:
            assert status == 429 and int(headers["Retry-After"]) > 0
            assert headers["Content-Type"] == "application/problem+json"
        if i % (FLOOD // BURST) == FLOOD // BURST - 1:
            status, _, answer, seconds = passer.report(-33.5, -70.5, "red")
            assert status == 202
            taken.append(answer["id"])
            waits.append(seconds)
    assert len(taken) == 2 * BURST
    assert max(waits) < 0.1, waits
    # Only what was acknowledged, each once, and only there.
    found = reports(guild)
    assert {(topic, p) for topic, p, _ in found} == {("topic_coordenadas", 0)}
    assert sorted(key for _, _, key in found) == sorted(taken)
    # A cart's place in the topic is another one: beats are everywhere else.
    assert kcat(guild, "topic_coordenadas", "%p %h", "-p", "1")


def test_a_token_is_not_held_back(guild):
    for _ in range(3 * BURST):
        status, _, answer = guild.post(PATH, {"lat": -34, "lon": -71})
        assert status == 202, answer


def test_a_wrong_report_is_answered_by_its_fields(guild):
    """A wrong body is answered as such, to who still may."""
    passer = Passer(guild, "127.0.0.3")
    status, _, answer, _ = passer.report("here", 181)
    assert status == 422
    assert [e["field"] for e in answer["errors"]] == ["lat", "lon"]


def test_a_report_far_from_all_becomes_a_fugitive(guild):
    passer = Passer(guild, "127.0.0.4")
    status, _, answer, _ = passer.report(-40.0, -72.0, "green, two wheels")
    assert status == 202
    alerts = wait_for(lambda: [
        a for a in guild.get("/api/v1/alerts?cause=fugitive")["alerts"]
        if a["id"] == "fugitive-" + answer["id"]], "the fugitive", 30)
    assert alerts[0]["cart"] is None
    assert (alerts[0]["place"]["lat"], alerts[0]["place"]["lon"]) == (-40, -72)
