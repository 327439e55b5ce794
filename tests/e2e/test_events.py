"""What is live, at /api/v1/events: against the whole guild, for one who looks
on and for a thousand."""
import asyncio
import datetime
import http.client
import json
import resource
import socket
import ssl
import threading
import time

import openapi
import pytest
from carts import new_epoch, status
from local.certs import Authority
from local.guild import Guild, bearer
from local.mqtt import Client
from local.process import wait_for
from test_api import api

DOCUMENT = openapi.load()
PATH = "/api/v1/events"
CART, OTHER = "EVEN01", "EVEN02"
SEEN_S = 1.0		# a fix is told within
VIEWERS = 1000
IDLE = 2000
ANSWERED_S = 0.1
BEAT_S = 15
SCHEMAS = {"cart": "Cart", "alert": "Alert", "order": "Restock",
           "ticket": "Ticket", "member": "MemberMark",
           "snapshot": "Snapshot", "beat": "Beat"}


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    with Guild(tmp_path_factory.mktemp("events"), settings={"api": {
            "http.connections_per_address": 0, "public.burst": 1000}}
            ) as guild:
        guild.carts = Carts(guild)
        for plate in (CART, OTHER):
            guild.carts.move(plate)
            wait_for(lambda: guild.cart(plate).get("fix"), plate, 30)
        yield guild
        guild.carts.client.close()


class Carts:
    """Carts that say where they are, each time a step further north."""

    def __init__(self, guild):
        self.client = Client(guild.mosquitto.port, "sim",
                             guild.mosquitto.add_sim("sim"))
        self.epoch, self.count = new_epoch(), 0

    def next_lat_e6(self):
        """Where the next move leads, in 1e-6 degrees."""
        return -33440000 + 10 * (self.count + 1)

    def move(self, plate):
        """The latitude, in 1e-6 degrees."""
        lat_e6 = self.next_lat_e6()
        self.count += 1
        self.client.publish("pregon/%s/status" % plate, status(
            count=self.count, epoch=self.epoch,
            at_ms=int(time.time() * 1000), place=(lat_e6 / 1e6, -70.65)))
        return lat_e6


class Viewer:
    """Reads events as a browser does; each is held to its description."""

    def __init__(self, guild, token=None, last_id=None, **headers):
        headers.update(bearer(guild.token if token is None else token))
        if last_id:
            headers["Last-Event-ID"] = last_id
        self.connection = http.client.HTTPConnection(
            "127.0.0.1", guild.api_port, timeout=20)
        self.connection.request("GET", PATH, headers=headers)
        self.answer = self.connection.getresponse()
        self.status = self.answer.status
        self.last_id, self.beats = last_id, 0
        self.kinds = set()

    def __enter__(self):
        assert self.status == 200, self.answer.read()
        assert self.answer.headers["Content-Type"] == "text/event-stream"
        assert self.answer.headers["Cache-Control"] == "no-store"
        return self

    def __exit__(self, *_):
        self.connection.close()

    def read(self):
        """(kind, data), but no beats; None at the end."""
        while True:
            event = self.read_any()
            if event is None or event[0] != "beat":
                return event

    def read_any(self):
        fields = {}
        while True:
            line = self.answer.readline().decode()
            if not line:
                return None
            line = line.rstrip("\n")
            if line == "" and "data" in fields:
                break
            name, _, value = line.partition(": ")
            if name in ("event", "id", "data"):
                assert name not in fields
                fields[name] = value
        # A beat is no place to go on from.
        assert ("id" in fields) == (fields["event"] != "beat")
        self.last_id = fields.get("id", self.last_id)
        self.beats += fields["event"] == "beat"
        self.kinds.add(fields["event"])
        data = json.loads(fields["data"])
        openapi.check(DOCUMENT, DOCUMENT["components"]["schemas"][
            SCHEMAS[fields["event"]]], data)
        return fields["event"], data

    def until(self, right):
        """The first event that is right."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            event = self.read()
            assert event is not None, "it ended"
            if right(*event):
                return event[1]
        raise AssertionError("it did not come")

    def at_end(self):
        while self.read() is not None:
            pass
        return True


def at(lat_e6):
    return lambda kind, data: kind == "cart" and data["fix"] and \
        round(data["fix"]["lat"] * 1e6) == lat_e6


def test_a_cart_moves_within_a_second_of_its_fix(guild):
    with Viewer(guild) as viewer:
        kind, data = viewer.read()
        assert kind == "snapshot"
        assert {c["cart"] for c in data["carts"]} >= {CART, OTHER}
        assert data["carts"] == guild.get("/api/v1/carts")["carts"]
        took = []
        for _ in range(10):
            start = time.monotonic()
            data = viewer.until(at(guild.carts.move(CART)))
            took.append(time.monotonic() - start)
            assert data["cart"] == CART
        print("fix to viewer, ms:", [round(1e3 * t) for t in took])
        assert max(took) < SEEN_S, took


def test_an_alert_and_an_order_are_told_to_their_end(guild):
    with Viewer(guild) as viewer:
        viewer.read()
        assert guild.post("/api/v1/strange-carts", {
            "lat": -20.5, "lon": -70})[0] == 202
        alert = viewer.until(lambda kind, data: kind == "alert"
                             and data["cause"] == "fugitive")
        assert alert["open"]
        assert guild.post("/api/v1/alerts/%s/resolve" % alert["id"],
                          {"note": "ours"})[0] == 202
        closed = viewer.until(lambda kind, data: kind == "alert"
                              and data["id"] == alert["id"])
        assert (closed["open"], closed["note"]) == (False, "ours")
        made = guild.post("/api/v1/restocks", {"cart": CART, "lines": [
            {"product": 1, "units": 5}]}, key="events-1")[2]["id"]
        states = []
        for move in (None, "preparando", "entregando", "finalizado"):
            if move:
                assert guild.post("/api/v1/restocks/%s/advance" % made,
                                  {"to": move})[0] == 202
            states.append(viewer.until(
                lambda kind, data: kind == "order" and data["id"] == made
                and data["state"] not in states)["state"])
        assert states == ["recibido", "preparando", "entregando",
                          "finalizado"]
    with Viewer(guild) as viewer:
        data = viewer.read()[1]
        assert made not in [o["id"] for o in data["orders"]]
        assert alert["id"] not in [a["id"] for a in data["alerts"]]


def test_a_vendor_sees_the_own_cart_alone(guild):
    vendor = guild.make_token("vendor", cart=CART)
    with Viewer(guild, token=vendor) as viewer:
        data = viewer.read()[1]
        assert [c["cart"] for c in data["carts"]] == [CART]
        assert {a["cart"] for a in data["alerts"]} <= {CART}
        for _ in range(3):
            guild.carts.move(OTHER)
            lat_e6 = guild.carts.move(CART)
            while True:
                kind, data = viewer.read()
                assert data["cart"] == CART
                if at(lat_e6)(kind, data):
                    break


def test_who_comes_again_goes_on_where_they_were(guild):
    with Viewer(guild) as viewer:
        viewer.read()
        viewer.until(at(guild.carts.move(CART)))
        last_id = viewer.last_id
    with Viewer(guild) as other:
        other.read()
        lat_e6 = guild.carts.move(OTHER)
        other.until(at(lat_e6))
    with Viewer(guild, last_id=last_id) as viewer:
        assert at(lat_e6)(*viewer.read())
    for strange in ("0-1", "x", last_id.split("-")[0] + "-99999999"):
        with Viewer(guild, last_id=strange) as viewer:
            assert viewer.read()[0] == "snapshot"


def test_a_stream_ends_with_its_token_and_with_its_session(guild):
    token = guild.make_token("depot")
    with Viewer(guild, token=token) as viewer:
        assert viewer.read()[0] == "snapshot"
        guild.ctl("token", "revoke", token.split(".")[0])
        assert viewer.at_end()
    assert wait_for(lambda: Viewer(guild, token=token).status == 401,
                    "it is refused", 20)
    status, headers, answer = guild.post("/api/v1/session",
                                         {"token": guild.token}, token="")
    assert status == 200
    cookie = headers["Set-Cookie"].split(";")[0]
    with Viewer(guild, token="", Cookie=cookie) as viewer:
        assert viewer.read()[0] == "snapshot"
        assert guild.post(
            "/api/v1/session", method="DELETE", token="", headers={
                "Cookie": cookie, "X-Pregon-CSRF": answer["csrf"]})[0] == 200
        assert viewer.at_end()


def test_it_is_for_those_who_may_and_the_head_ends(guild):
    assert Viewer(guild, token="").status == 401
    assert Viewer(guild, token="no.body").status == 401
    connection = http.client.HTTPConnection("127.0.0.1", guild.api_port,
                                            timeout=10)
    connection.request("HEAD", PATH, headers=bearer(guild.token))
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"")
    assert answer.headers["Content-Type"] == "text/event-stream"
    connection.close()


def test_a_quiet_stream_has_a_beat(guild):
    token = guild.make_token("vendor", cart="QUIET1")
    with Viewer(guild, token=token) as viewer:
        assert viewer.read()[1] == {"carts": [], "alerts": [], "orders": [],
                                    "tickets": [], "members": []}
        kind, data = viewer.read_any()
        before = time.monotonic()
        assert kind == "beat"
        assert abs(datetime.datetime.fromisoformat(
            data["at"].replace("Z", "+00:00")).timestamp() - time.time()) < 5
        assert viewer.read_any()[0] == "beat"
        assert BEAT_S - 2 < time.monotonic() - before < BEAT_S + 2


def test_a_busy_stream_has_a_beat_too(guild):
    with Viewer(guild) as viewer:
        viewer.read()
        deadline = time.monotonic() + 2 * BEAT_S + 2
        while viewer.beats < 2:
            assert time.monotonic() < deadline, "no beat"
            lat_e6 = guild.carts.move(CART)
            while not at(lat_e6)(*viewer.read_any()):
                continue


def known(guild, viewer):
    """What one who comes now knows of tickets and of members: a snapshot and
    what came after it."""
    data = viewer.read()[1]
    seen = {"ticket": {t["id"]: t for t in data["tickets"]},
            "member": {m["who"]: m for m in data["members"]}}
    lat_e6 = guild.carts.move(CART)
    while True:
        kind, data = viewer.read()
        if kind in seen:
            seen[kind][data["id" if kind == "ticket" else "who"]] = data
        if at(lat_e6)(kind, data):
            return seen


def test_a_ticket_is_told_to_its_end_and_to_its_cart(guild):
    vendor = guild.make_token("vendor", cart=CART)
    depot = guild.make_token("depot")
    with Viewer(guild) as admin, Viewer(guild, token=depot) as staff, \
            Viewer(guild, token=vendor) as own:
        for viewer in (admin, staff, own):
            assert viewer.read()[0] == "snapshot"
        made = {}
        for plate in (OTHER, CART):
            status, _, answer = guild.post(
                "/api/v1/tickets", {"cart": plate, "text": "no gas"},
                key="events-ticket-" + plate)
            assert status == 202, answer
            made[plate] = answer["id"]

        for viewer in (admin, staff):
            left = set(made.values())
            while left:
                ticket = viewer.until(lambda kind, data: kind == "ticket"
                                      and data["id"] in left)
                assert (ticket["state"], ticket["text"]) == ("open", "no gas")
                left.remove(ticket["id"])
        # What is another's is not told: the first is the own.
        assert own.until(lambda kind, data: kind == "ticket")["id"] == \
            made[CART]
        with Viewer(guild, token=vendor) as again:
            assert set(known(guild, again)["ticket"]) == {made[CART]}
        with Viewer(guild, token=depot) as again:
            assert set(known(guild, again)["ticket"]) >= set(made.values())
        assert guild.post("/api/v1/tickets/%s/resolve" % made[CART],
                          {"note": "gas came"})[0] == 202
        for viewer in (admin, staff, own):
            viewer.until(lambda kind, data: kind == "ticket" and (
                data["id"], data["state"]) == (made[CART], "resolved"))
    with Viewer(guild, token=depot) as viewer:
        tickets = known(guild, viewer)["ticket"]
        assert tickets[made[OTHER]]["state"] == "open"
        assert made[CART] not in tickets or \
            tickets[made[CART]]["state"] == "resolved"


def test_a_member_is_told_to_admins_alone(guild):
    plate, rut = "EVEN03", "12345678-5"
    vendor = guild.make_token("vendor", cart=plate)
    depot = guild.make_token("depot")
    with Viewer(guild) as admin, Viewer(guild, token=depot) as staff, \
            Viewer(guild, token=vendor) as own:
        for viewer in (admin, staff, own):
            assert viewer.read()[0] == "snapshot"
        assert guild.post("/api/v1/members", {
            "first_name": "Ana", "last_name": "Rojas", "rut": rut,
            "email": "ana@example.cl", "plate": plate,
            "premium": False})[0] == 202

        def told(state):
            return admin.until(lambda kind, data: kind == "member"
                               and (data["plate"], data["state"]) ==
                               (plate, state))
        who = told("waiting")["who"]
        with Viewer(guild) as again:
            assert known(guild, again)["member"][who]["state"] == "waiting"
        for viewer in (Viewer(guild, token=depot),
                       Viewer(guild, token=vendor)):
            with viewer:
                assert viewer.read()[1]["members"] == []
        assert guild.post("/api/v1/members/%s/approve" % rut,
                          {})[0] == 202
        assert told("approved")["who"] == who
        admin.until(lambda kind, data: kind == "member"
                    and data["who"] == who and data["gate_done"])
        assert guild.post("/api/v1/members/%s/leave" % rut,
                          {"reason": "went home"})[0] == 202
        admin.until(lambda kind, data: kind == "member"
                    and (data["who"], data["state"]) == (who, "left"))
        with Viewer(guild) as again:
            members = known(guild, again)["member"]
            assert who not in members or members[who]["state"] == "left"
        # The others hear of what comes after, and never of that.
        lat_e6 = guild.carts.move(CART)
        staff.until(at(lat_e6))
        own.connection.sock.settimeout(2 * BEAT_S)
        while own.beats < 2:
            assert own.read_any() is not None
        assert "member" not in staff.kinds | own.kinds


class Crowd:
    """Viewers in a thread with a loop of its own: what each was told."""

    def __init__(self, guild, count):
        self.guild, self.count = guild, count
        self.seen = [0] * count		# events of the awaited place
        self.awaited = b"-"
        self.ready = self.ended = 0
        self.stopping = None
        self.loop = asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run)

    def run(self):
        self.loop.run_until_complete(self.all())
        self.loop.close()

    async def all(self):
        self.stopping = asyncio.Event()
        await asyncio.gather(*(self.one(i) for i in range(self.count)))

    async def one(self, i):
        reader, writer = await asyncio.open_connection(
            "127.0.0.1", self.guild.api_port, limit=1 << 24)
        writer.write(("GET %s HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer "
                      "%s\r\n\r\n" % (PATH, self.guild.token)).encode())
        stop = asyncio.ensure_future(self.stopping.wait())
        try:
            await reader.readuntil(b"event: snapshot")
            self.ready += 1
            while not stop.done():
                line = asyncio.ensure_future(reader.readline())
                await asyncio.wait((line, stop),
                                   return_when=asyncio.FIRST_COMPLETED)
                if not line.done():
                    line.cancel()
                elif not line.result():
                    self.ended += 1
                    break
                elif self.awaited in line.result():
                    self.seen[i] += 1
        finally:
            stop.cancel()
            writer.close()

    def __enter__(self):
        self.thread.start()
        wait_for(lambda: self.ready == self.count, "all look on", 60)
        return self

    def __exit__(self, *_):
        if not self.loop.is_closed():
            self.loop.call_soon_threadsafe(self.stopping.set)
        self.thread.join(60)


def answered(guild, path, seconds, meanwhile=None):
    """How long nearly every (19 of 20) answer takes at most, each over a
    connection of its own."""
    took, end = [], time.monotonic() + seconds
    while time.monotonic() < end:
        if meanwhile and len(took) % 50 == 0:
            meanwhile()
        start = time.monotonic()
        guild.get(path)
        took.append(time.monotonic() - start)
    took.sort()
    print("%s: p50 %.1f ms, p95 %.1f ms, slowest of %d %.1f ms" % (
        path, 1e3 * took[len(took) // 2], 1e3 * took[len(took) * 19 // 20],
        len(took), 1e3 * took[-1]))
    return took[len(took) * 19 // 20]


def test_a_thousand_look_on_and_others_are_answered(guild):
    with Crowd(guild, VIEWERS) as crowd:
        assert guild.part("api").metrics()["pregon_api_viewers"] >= VIEWERS
        # First all read what came since the snapshot that they share.
        for seconds in (60, 20, 20, 20, 20, 20):
            crowd.seen = [0] * VIEWERS
            # Before it moves: some are told at once.
            crowd.awaited = b'"lat":%.6f' % (
                guild.carts.next_lat_e6() / 1e6)
            start = time.monotonic()
            guild.carts.move(CART)
            wait_for(lambda: all(crowd.seen), "all are told", seconds)
            print("fix to the last of %d: %.0f ms" % (
                VIEWERS, 1e3 * (time.monotonic() - start)))
            assert max(crowd.seen) == 1
        for path in ("/api/v1/carts", "/healthz"):
            assert answered(guild, path, 3,
                            lambda: guild.carts.move(OTHER)) < ANSWERED_S
        assert crowd.ended == 0
    metrics = guild.part("api").metrics
    wait_for(lambda: metrics()["pregon_api_viewers"] == 0, "all are gone",
             10)


def test_thousands_that_ask_nothing_keep_nobody_waiting(guild):
    idle = []
    try:
        for _ in range(IDLE):
            idle.append(socket.create_connection(
                ("127.0.0.1", guild.api_port), 10))
        assert answered(guild, "/api/v1/carts", 1) < ANSWERED_S
        # They are there still, and are answered when they ask.
        for s in idle[::200]:
            s.sendall(b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n")
            assert s.recv(100).startswith(b"HTTP/1.1 200")
    finally:
        for s in idle:
            s.close()


def test_there_is_room_for_so_many(guild, tmp_path):
    part = guild.part("api")
    part.settings["http.viewers"] = 2
    part.restart()
    wait_for(lambda: guild.get("/api/v1/carts"), "it answers", 20)
    try:
        with Viewer(guild) as one, Viewer(guild):
            one.read()
            third = Viewer(guild)
            assert third.status == 503
            assert third.answer.headers["Retry-After"]
            assert "look on" in json.loads(third.answer.read())["detail"]
        assert wait_for(lambda: Viewer(guild).status == 200,
                        "there is room again", 10)
    finally:
        del part.settings["http.viewers"]
        part.restart()


def test_a_stop_ends_every_stream(guild):
    part = guild.part("api")
    wait_for(lambda: guild.get("/api/v1/carts"), "it answers", 20)
    with Crowd(guild, 100) as crowd:
        start = time.monotonic()
        part.stop()
        assert time.monotonic() - start < 5
        assert "api.stopped" in part.child.output()
        wait_for(lambda: crowd.ended == 100, "all have ended", 10)
    part.start()


def test_over_https_too(tmp_path):
    authority = Authority(str(tmp_path / "ca"))
    certificate, key = authority.broker()
    part = api(tmp_path, tls__cert=certificate, tls__key=key)
    part.start(wait=False)
    try:
        part.child.wait_for(lambda: "api.ready" in part.child.output(),
                            "it is ready", 20)
        connection = http.client.HTTPSConnection(
            "localhost", part.http_port, timeout=20,
            context=ssl.create_default_context(cafile=authority.ca))
        connection.request("GET", PATH)
        answer = connection.getresponse()
        assert answer.status == 200
        lines = []
        while "event: beat\n" not in lines:
            lines.append(answer.readline().decode())
            assert lines[-1], lines
        assert "event: snapshot\n" in lines
        part.stop()
        assert "api.stopped" in part.child.output()
        connection.close()
    finally:
        part.stop()
