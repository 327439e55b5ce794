"""A cart is enrolled: by the program, by the vendor's page; the code is taken
once, whoever asks at the same moment, whatever is killed; and each thing that
stops it is said with its word.  Codes are reckoned from the text of
lib/enrol_code.h, too."""
import base64
import datetime
import hashlib
import hmac
import json
import os
import re
import socket
import ssl
import stat
import subprocess
import threading
import time

import pytest

from local.certs import Authority
from local.gpsd import Gpsd
from local.guild import Gateway, Guild, bearer, build_dir, request
from local.ports import free_port
from local.process import Child, wait_for
from people import People, rut
from test_vendor_page import Phone

_CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STEP_S = 600
PSS_MAX_MB = 16


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    guild = Guild(tmp_path_factory.mktemp("enrol"), settings={
        "api": {"public.burst": "1000", "site.url": ""}})
    for role in ("sales", "stock", "support", "notify"):
        guild.parts.pop(role, None)
    with guild:
        yield guild


@pytest.fixture(scope="module")
def people(guild):
    return People(guild)


@pytest.fixture(scope="module")
def gpsd(tmp_path_factory, gnss):
    with Gpsd(tmp_path_factory.mktemp("gpsd"), gnss("sirf2"),
              baud=38400) as gpsd:
        yield gpsd


def approved(people, number, plate):
    people.register(number, plate, premium=True)
    wait_for(lambda: people.state(number) == "approved", plate, 20)
    return people.enrol(number)


def reckoned(people, number, ends):
    """The code of a member that ends at `ends` (Unix), made here."""
    member = people.member(number)
    n, ends = member["enrolment"], -(-int(ends) // STEP_S)
    with open(people.guild.secret_file) as f:
        secret = bytes.fromhex(f.read().strip())
    seal = hmac.digest(secret, b"".join(w.encode() + b"\0" for w in (
        "pregon/enrol/1", member["who"], str(n), str(ends))),
        hashlib.sha256)[:7]
    bits = (n & 4095) << 68 | ends % 4096 << 56 | int.from_bytes(seal, "big")
    text = "".join(_CROCKFORD[bits >> 5 * (15 - i) & 31] for i in range(16))
    return "-".join(text[i:i + 4] for i in range(0, 16, 4))


def take(guild, code, word="A" * 26, **more):
    """One try, as a gateway makes it."""
    return guild.post("/api/v1/enrol", {"code": code, "gateway": word, **more},
                      token="")


def taken(guild, code, word="A" * 26):
    """Asked until it is decided: (status, answer)."""
    def decided():
        status, _, answer = take(guild, code, word)
        return (status, answer) if status not in (202, 0, 503) else None
    return wait_for(decided, "the guild decides", 30)


class Cart:
    """A gateway that was never let in."""

    def __init__(self, guild, dir, plate, gpsd=None, **more):
        self.guild, self.dir, self.plate = guild, str(dir), plate
        self.gateway = Gateway(plate, self.dir, {
            "gpsd.port": gpsd.port if gpsd else 1,
            "mqtt.port": guild.mosquitto.port,
            **{k.replace("__", "."): v for k, v in more.items()}})
        self.file = os.path.join(self.dir, "outbox-%s.db.credentials" % plate)

    def enrol(self, *words, wait=None, timeout=60):
        """(exit status, [(mark, step, words)])"""
        done = subprocess.run(self.command(*words, wait=wait),
                              stdout=subprocess.PIPE, text=True,
                              timeout=timeout)
        return done.returncode, lines_of(done.stdout)

    def command(self, *words, wait=None):
        if not os.path.exists(self.gateway.ini):
            self.gateway.start()
            self.gateway.stop()
        return [os.path.join(build_dir(), "bin", "pregon-gateway"),
                "--config=" + self.gateway.ini, "--enrol", *words,
                *(["--wait=%d" % wait] if wait else [])]

    def credentials(self):
        with open(self.file) as f:
            return dict(line.rstrip("\n").split(" = ", 1) for line in f
                        if not line.startswith("#"))


def lines_of(text):
    return [re.match(r"\s*(\S+)\s+(\S+)\s+(.*)", line).groups()
            for line in text.splitlines()]


def marks(lines):
    return {step: mark for mark, step, _ in lines}


def test_a_cart_is_enrolled_and_its_first_fix_is_on_the_map(
        guild, people, gpsd, tmp_path):
    given = approved(people, 4000001, "ENRL01")
    assert given["enrolled_at"] is None
    assert given["url"] == "http://127.0.0.1:%d/public/#/enrol/%s" % (
        guild.api_port, given["code"])
    ends = datetime.datetime.fromisoformat(given["expires_at"]).timestamp()
    assert 86400 - 60 <= ends - time.time() <= 86400 + STEP_S
    assert given["code"] == reckoned(people, 4000001, ends)
    assert len(given["qr"]["rows"]) == given["qr"]["size"]
    cart = Cart(guild, tmp_path, "ENRL01", gpsd)
    cart.gateway.start()
    # It sells before it is let in.
    sale = cart.gateway.ask({"type": "sale", "units": 2, "amount": 3000})
    assert sale["ok"], sale
    status, lines = cart.enrol(given["url"], wait=90, timeout=120)
    assert status == 0, lines
    assert [m for m in marks(lines)] == [
        "reach", "code", "keep", "gateway", "broker", "receiver", "fix",
        "map"], lines
    assert set(marks(lines).values()) == {"ok"}, lines
    kept = cart.credentials()
    assert (kept["cart"], kept["mqtt.password"]) == (
        "ENRL01", people.password("ENRL01", given["enrolment"]))
    assert stat.S_IMODE(os.stat(cart.file).st_mode) == 0o600
    assert stat.S_IMODE(os.stat(cart.file + ".word").st_mode) == 0o600
    wait_for(lambda: guild.cart("ENRL01").get("fix"), "a fix on the map", 20)
    member = people.member(4000001)
    assert member["enrolled_at"] and member["gate_done"]
    assert people.enrol(4000001)["code"] is None
    wait_for(lambda: cart.gateway.ask({"type": "state"})["backlog_by_stream"]
             ["sale"] == 0, "the sale is with the guild", 20)
    sale = cart.gateway.ask({"type": "sale", "units": 1, "amount": 1500})
    assert sale["folio"].startswith("ENRL01-"), sale
    # The next start has them too, and the library that fetched them is not
    # in the gateway.
    cart.gateway.restart()
    wait_for(lambda: cart.gateway.ask({"type": "state"})["connected"],
             "connected", 20)
    with open("/proc/%d/maps" % cart.gateway.pid) as f:
        assert "libcurl" not in f.read()
    cart.gateway.stop()


def test_the_vendors_page_enrols_it_and_shows_each_step(
        guild, people, gpsd, tmp_path):
    given = approved(people, 4000002, "ENRL02")
    port = free_port()
    cart = Cart(guild, tmp_path, "ENRL02", gpsd, page__port=port)
    phone = Phone(port)
    with running(cart.gateway):
        before = phone.state()["enrolment"]
        assert (before["enrolled"], before["allowed"], before["running"],
                before["steps"]) == (False, True, False, [])
        # As it is typed: the guild's address, and the code by hand.
        typed = "http://127.0.0.1:%d %s" % (
            guild.api_port, given["code"].lower().replace("-", " ")
            .replace("0", "o"))
        # A mistyped one first.
        wrong = typed[:-1] + ("2" if typed[-1] != "2" else "3")
        assert phone.ask("POST", "/enrol", {"address": wrong})[0] == 202
        step = wait_for(lambda: [s for s in phone.state()["enrolment"]["steps"]
                                 if s["mark"] == "stop"], "it stops", 20)[0]
        assert (step["step"], step["fault"]) == ("code", "wrong"), step
        wait_for(lambda: not phone.state()["enrolment"]["running"], "ended")
        assert phone.ask("POST", "/enrol", {"address": typed})[0] == 202

        def done():
            e = phone.state()["enrolment"]
            return e["enrolled"] and {s["step"]: s["mark"]
                                      for s in e["steps"]} == {
                "reach": "ok", "code": "ok", "keep": "ok"}
        wait_for(done, "the page shows it", 30)
        wait_for(lambda: phone.state()["connected"], "the broker", 30)
        wait_for(lambda: phone.state()["enrolment"]["fix_acks"], "a fix", 60)
        wait_for(lambda: guild.cart("ENRL02").get("fix"), "on the map", 20)
        # Whoever is on the Wi-Fi cannot hand it to another guild.
        status, _, answer = phone.ask("POST", "/enrol", {"address": typed})
        assert (status, answer["fault"]) == (403, "enrolled")
        assert pss_mb(cart.gateway.pid) <= PSS_MAX_MB


def pss_mb(pid):
    with open("/proc/%d/smaps_rollup" % pid) as f:
        return int(re.search(r"Pss:\s+(\d+) kB", f.read())[1]) / 1024


class TlsDoor:
    """TLS in front of a plain port, with a guild's certificate."""

    def __init__(self, target, certificate, key):
        self.target = target
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        self.listener = context.wrap_socket(
            socket.create_server(("127.0.0.1", 0)), server_side=True)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                guest = self.listener.accept()[0]
            except ssl.SSLError:
                continue
            except OSError:
                return
            plain = socket.create_connection(("127.0.0.1", self.target))
            for a, b in ((guest, plain), (plain, guest)):
                threading.Thread(target=self._pump, args=(a, b),
                                 daemon=True).start()

    def _pump(self, a, b):
        try:
            while data := a.recv(65536):
                b.sendall(data)
        except OSError:
            pass
        for s in (a, b):
            try:
                s.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()


def openssl(*words, input=None):
    return subprocess.run(["openssl", *words], input=input, check=True,
                          stdout=subprocess.PIPE).stdout


class running:
    def __init__(self, part):
        self.part = part

    def __enter__(self):
        return self.part.start()

    def __exit__(self, *_):
        self.part.stop()


def test_one_of_many_takers_has_it_by_two_apis(guild, people):
    given = approved(people, 4000003, "ENRL03")
    ports = [guild.api_port, free_port()]
    other = guild._part("api2", "pregon-api", {
        **guild.part("api").settings, "http.port": ports[1]},
        http_port=ports[1])
    with running(other):
        got = {}

        def go(i):
            body = json.dumps({"code": given["code"],
                               "gateway": "GATEWAY%020d" % i}).encode()
            end = time.monotonic() + 30
            while time.monotonic() < end:
                status, _, answer = request(
                    ports[i % 2], "POST", "/api/v1/enrol", body,
                    {"Content-Type": "application/json"})
                if status not in (0, 202, 503):
                    got[i] = status, answer
                    return
        threads = [threading.Thread(target=go, args=(i,)) for i in range(16)]
        for t in threads:
            t.start()
        for t in threads:
            t.join()
        assert sorted(s for s, _ in got.values()) == [200] + [409] * 15
        winner = next(i for i, (s, _) in got.items() if s == 200)
        # The one that had it gets the same bytes, by either.
        for port in ports:
            status, _, answer = request(
                port, "POST", "/api/v1/enrol", json.dumps({
                    "code": given["code"],
                    "gateway": "GATEWAY%020d" % winner}).encode(),
                {"Content-Type": "application/json"})
            assert (status, answer) == (200, got[winner][1])
    del guild.parts["api2"]


def test_what_stops_it_is_said_with_its_word(guild, people, tmp_path):
    given = approved(people, 4000004, "ENRL04")
    cart = Cart(guild, tmp_path, "ENRL04")
    base = "http://127.0.0.1:%d" % guild.api_port

    def stop(*words, **more):
        status, lines = cart.enrol(*words, **more)
        assert status == 1 and lines[-1][0] == "STOP", lines
        return lines[-1][1:]
    over = reckoned(people, 4000004, time.time() - 3600)
    assert take(guild, over)[0] == 410
    for words, step, word in (
            (("nonsense",), "reach", "no code"),
            ((given["code"],), "reach", "where the guild is"),
            (("http://127.0.0.1:1", given["code"]), "reach",
             "does not answer"),
            (("http://nowhere.invalid", given["code"]), "reach",
             "mistyped"),
            (("https://127.0.0.1:%d" % guild.api_port, given["code"]),
             "reach", "does not answer"),
            ((base, over), "code", "time is over"),
            ((base, "0000-0000-0000-0000"), "code", "mistyped"),
            (("http://127.0.0.1:%d/none" % guild.api_port, given["code"]),
             "reach", "is it the guild's")):
        got = stop(*words)
        assert got[0] == step and word in got[1], got
        assert not os.path.exists(cart.file)
    # Of another cart: nothing is taken by that.
    other = approved(people, 4000005, "ENRL05")
    assert "ENRL05" in stop(base, other["code"])[1]
    assert people.member(4000005)["enrolled_at"] is None
    # Taken by another gateway.
    assert taken(guild, given["code"])[0] == 200
    assert "another gateway" in stop(given["url"])[1]
    # Suspended: the one that has it is told, too.
    people.decide(4000004, "suspend", reason="a test")
    wait_for(lambda: people.state(4000004) == "suspended", "it", 20)
    assert take(guild, given["code"])[0] == 409
    people.decide(4000004, "reinstate")
    wait_for(lambda: people.state(4000004) == "approved", "it", 20)
    # Another gateway in its place ends the code, and has its own.
    people.decide(4000004, "replace", reason="a test")
    wait_for(lambda: people.member(4000004)["enrolment"]
             != given["enrolment"], "another number", 20)
    assert take(guild, given["code"])[0] == 404
    again = people.enrol(4000004)
    assert cart.enrol(again["url"])[0] == 0
    assert cart.credentials()["enrolment"] == str(again["enrolment"])
    # And nothing runs that could go on.
    status, lines = cart.enrol(again["url"], wait=1)
    assert status == 1 and lines[-1][:2] == ("STOP", "gateway"), lines


def test_a_lost_answer_is_given_again_whatever_is_killed(
        guild, people, tmp_path):
    """The program is killed again and again while it enrols, the API and the
    role too: the code is taken once, and by this gateway."""
    given = approved(people, 4000006, "ENRL06")
    cart = Cart(guild, tmp_path, "ENRL06")
    command = cart.command(given["url"])
    word = None
    for i in range(12):
        child = Child(command, str(tmp_path / ("enrol%d.log" % i)),
                      name="enrol")
        until = time.monotonic() + 0.004 * 2 ** (i / 2)
        while child.running() and time.monotonic() < until:
            time.sleep(0.002)
        if i == 6:
            guild.part("api").kill9()
            guild.part("api").start()
        if i == 8:
            guild.part("members").kill9()
            guild.part("members").start()
        child.kill9()
        if os.path.exists(cart.file + ".word"):
            with open(cart.file + ".word") as f:
                assert word in (None, f.read())
                f.seek(0)
                word = f.read()
    status, lines = cart.enrol(given["url"])
    assert status == 0, lines
    first = cart.credentials()
    os.unlink(cart.file)
    assert cart.enrol(given["url"])[0] == 0
    assert cart.credentials() == first
    assert take(guild, given["code"], "SOMEBODYELSE0123456789")[0] == 409
    assert people.member(4000006)["enrolled_at"]


def test_a_gateway_killed_while_its_page_enrols_it(
        guild, people, gpsd, tmp_path):
    given = approved(people, 4000010, "ENRL10")
    port = free_port()
    cart = Cart(guild, tmp_path, "ENRL10", gpsd, page__port=port)
    phone = Phone(port)
    cart.gateway.start()
    for i in range(5):
        status, _, answer = phone.ask("POST", "/enrol",
                                      {"address": given["url"]})
        if answer.get("fault") == "enrolled":
            break
        assert status == 202, answer
        time.sleep(0.02 * i)	# not for anything: each dies at another place
        cart.gateway.kill9()
        cart.gateway.start()
    if not phone.state()["enrolment"]["enrolled"]:
        phone.ask("POST", "/enrol", {"address": given["url"]})
    wait_for(lambda: phone.state()["connected"], "it is let in", 30)
    assert people.member(4000010)["enrolled_at"]
    assert cart.credentials()["mqtt.password"] == people.password(
        "ENRL10", given["enrolment"])
    cart.gateway.stop()


def test_a_gateway_without_a_plate_waits_for_its_code(
        guild, people, gpsd, tmp_path):
    given = approved(people, 4000011, "ENRL11")
    port = free_port()
    cart = Cart(guild, tmp_path, "ENRL11", gpsd, page__port=port, cart="")
    phone = Phone(port)
    cart.gateway.start(wait=False)
    wait_for(lambda: phone.ask("GET", "/state")[0] == 200, "its page", 20)
    state = phone.state()
    assert state["bare"] and state["enrolment"]["allowed"]
    assert phone.ask("POST", "/api", {"type": "open"})[0] == 409
    assert phone.ask("POST", "/enrol", {"address": given["url"]})[0] == 202

    def has_plate():
        status, _, answer = phone.ask("GET", "/state")
        return status == 200 and answer.get("cart") == "ENRL11"
    wait_for(has_plate, "it knows its plate", 30)
    folio, = phone.sell(1500)
    assert folio.startswith("ENRL11-")
    wait_for(lambda: phone.state()["enrolment"]["fix_acks"], "a fix", 60)
    cart.gateway.kill9()
    cart.gateway.start()
    assert cart.gateway.ask({"type": "state"})["cart"] == "ENRL11"
    cart.gateway.stop()


def test_while_the_role_is_away_nobody_has_it_and_then_the_first(
        guild, people):
    given = approved(people, 4000007, "ENRL07")
    guild.part("members").stop()
    words = ["WAITING%020d" % i for i in range(3)]
    for _ in range(2):
        for word in words:
            assert take(guild, given["code"], word)[0] == 202
    guild.part("members").start()
    assert taken(guild, given["code"], words[0])[0] == 200
    for word in words[1:]:
        assert taken(guild, given["code"], word)[0] == 409
    # Read again from the log's beginning it is the same gateway.
    at = people.member(4000007)["enrolled_at"]
    guild.part("members").stop()
    for name in os.listdir(guild.database):
        if name.startswith("members."):
            os.unlink(os.path.join(guild.database, name))
    guild.part("members").start()
    wait_for(lambda: people.member(4000007)["enrolled_at"] == at, "it", 30)
    assert take(guild, given["code"], words[0])[0] == 200


def test_a_guild_with_a_certificate_of_its_own_making(
        guild, people, gpsd, tmp_path):
    """HTTPS by enrol.ca; and what carts check the broker against comes with
    the credentials."""
    given = approved(people, 4000008, "ENRL08")
    approved(people, 4000009, "ENRL09")
    authority = Authority(str(tmp_path / "https"))
    certificate, key = authority.broker()
    port = free_port()
    api = guild._part("api3", "pregon-api", {
        **guild.part("api").settings, "http.port": port, "tls.cert":
        certificate, "tls.key": key, "mqtt.cafile": authority.ca,
        "site.url": "https://localhost:%d/" % port,
        "enrol.hours": "1"}, http_port=port)
    api.trust = ssl.create_default_context(cafile=authority.ca)
    cart = Cart(guild, tmp_path, "ENRL08")
    with running(api):
        status, lines = cart.enrol("https://localhost:%d" % port,
                                   given["code"])
        assert status == 1 and "certificate" in lines[-1][2], lines
        assert people.member(4000008)["enrolled_at"] is None
        status, lines = cart.enrol(
            "https://localhost:%d" % port, given["code"], "--enrol-ca",
            authority.ca)
        assert status == 0, lines
        # By its public key alone, whoever signed it; and by no other.
        pin = "sha256//" + base64.b64encode(hashlib.sha256(openssl(
            "pkey", "-pubin", "-outform", "der", input=openssl(
                "x509", "-pubkey", "-noout", "-in", certificate))
            ).digest()).decode()
        url = "https://127.0.0.1:%d" % port
        assert cart.enrol(url, given["code"], "--enrol.pin", pin)[0] == 0
        status, lines = cart.enrol(url, given["code"], "--enrol.pin",
                                   "sha256//" + "A" * 43 + "=")
        assert status == 1 and "certificate" in lines[-1][2], lines
        # What it is asked by, and who says so, stand in the QR code.
        status, _, answer = request(
            port, "POST", "/api/v1/members/%s/enrol" % rut(4000009), b"",
            bearer(guild.token), trust=api.trust)
        answer = json.loads(answer)
        plain = pin[8:-1].replace("+", "-").replace("/", "_")
        assert answer["url"] == "https://localhost:%d/public/#/enrol/%s/%s" % (
            port, answer["code"], plain)
        # So the code's address needs no other trust; another key's does.
        second = Cart(guild, tmp_path, "ENRL09")
        other = answer["url"][:-43] + "A" * 43
        status, lines = second.enrol(other)
        assert status == 1 and "certificate" in lines[-1][2], lines
        assert people.member(4000009)["enrolled_at"] is None
        status, lines = second.enrol(answer["url"])
        assert status == 0, lines
        ends = datetime.datetime.fromisoformat(answer["expires_at"])
        assert 3600 <= ends.timestamp() - time.time() + 5 <= 3600 + STEP_S + 5
        assert answer["code"] == reckoned(people, 4000009, ends.timestamp())
    del guild.parts["api3"]
    # Its broker speaks no TLS here: none is asked for.
    assert cart.credentials()["mqtt.cafile"] == ""


def test_a_broker_behind_the_guilds_own_certificate(
        guild, people, gpsd, tmp_path):
    """What carts check the broker against comes with the credentials."""
    given = approved(people, 4000012, "ENRL12")
    authority = Authority(str(tmp_path / "tls"))
    port = free_port()
    with TlsDoor(guild.mosquitto.port, *authority.broker()) as door:
        api = guild._part("api4", "pregon-api", {
            **guild.part("api").settings, "http.port": port,
            "mqtt.host": "localhost", "mqtt.port": door.port,
            "mqtt.tls": "true", "mqtt.cafile": authority.ca}, http_port=port)
        cart = Cart(guild, tmp_path, "ENRL12", gpsd)
        with running(api), running(cart.gateway):
            status, lines = cart.enrol("http://127.0.0.1:%d" % port,
                                       given["code"], wait=90, timeout=120)
            assert status == 0 and marks(lines)["map"] == "ok", lines
            kept = cart.credentials()
            assert kept["mqtt.cafile"] == cart.file + ".ca"
            with open(kept["mqtt.cafile"]) as f, open(authority.ca) as g:
                assert f.read() == g.read()
    del guild.parts["api4"]


def test_two_at_once_on_one_cart_are_one_gateway(guild, people, tmp_path):
    given = approved(people, 4000013, "ENRL13")
    cart = Cart(guild, tmp_path, "ENRL13")
    command = cart.command(given["url"])
    both = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            for _ in range(4)]
    said = [p.communicate(timeout=120)[0] for p in both]
    assert [p.returncode for p in both] == [0] * 4, said
