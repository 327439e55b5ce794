"""The vendor's page over HTTP: whatever its script can do is done here by
hand, with what it promises: an id made before a sale is sent, sent until it is
answered, from two phones, while the gateway is killed."""
import http.client
import json
import os
import random
import secrets
import socket
import threading
import time

import pytest

from local.guild import Guild, request
from local.ports import free_port
from local.process import wait_for
from one_cart import Cart
from vendors import compare

SALES = 50
KILLS = 8
PSS_MAX_MB = 16
PHONES = 8
JSON = {"Content-Type": "application/json"}


class Phone:
    """A browser on the cart's Wi-Fi."""

    def __init__(self, port):
        self.port = port
        self.cookie = {}
        self.unanswered = 0

    def ask(self, method, path, body=None, headers=None):
        """(status, headers, answer); status 0: the gateway is not there."""
        host = {"Host": "192.168.4.1:%d" % self.port}
        if method == "POST":
            host.update(JSON, Origin="http://" + host["Host"])
        status, got, answer = request(
            self.port, method, path,
            json.dumps(body).encode() if body is not None else None,
            {**host, **self.cookie, **(headers or {})})
        kind = got.get("Content-Type", "") if status else ""
        return status, got, (json.loads(answer)
                             if kind == "application/json" else answer)

    def api(self, **body):
        return self.ask("POST", "/api", body)[2]

    def state(self):
        status, _, answer = self.ask("GET", "/state")
        assert status == 200, answer
        return answer

    def sell(self, amount, request_id=None, times=1):
        """As the page does: again until there is an answer, and `times`
        times in all; every folio that came."""
        body = {"type": "sale", "request_id": request_id or new_id(),
                "lines": [{"product": 0, "units": 1, "amount": amount}]}
        folios = []
        while len(folios) < times:
            status, _, answer = self.ask("POST", "/api", body)
            if status == 0:
                self.unanswered += 1
                time.sleep(0.02)
                continue
            assert status == 200 and answer["ok"], answer
            folios.append(answer["folio"])
        return folios


def new_id():
    return "page-" + secrets.token_hex(16)


@pytest.fixture
def port():
    return free_port()


def page_cart(tmp_path, mosquitto, name, port, **more):
    return Cart(tmp_path, mosquitto, name, page__port=port, **more)


def test_no_page_unless_it_is_asked_for(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "PAGE00") as cart:
        with open("/proc/%d/net/tcp" % cart.gateway.pid) as f:
            listening = {r.split()[9] for r in f if r.split()[3] == "0A"}
        ours = set()
        for fd in os.listdir("/proc/%d/fd" % cart.gateway.pid):
            name = os.readlink("/proc/%d/fd/%s" % (cart.gateway.pid, fd))
            if name.startswith("socket:["):
                ours.add(name[8:-1])
        assert not ours & listening


def test_each_sale_shows_where_it_is(tmp_path, mosquitto, port):
    phone = Phone(port)
    with page_cart(tmp_path, mosquitto, "PAGE01", port) as cart:
        cart.bridge.acks = False
        cart.bridge.wait(lambda: phone.state()["connected"], "connected")
        assert phone.api(type="open")["ok"]
        assert phone.api(type="stock", level=20)["level"] == 20
        folio, = phone.sell(1500)

        def where():
            return {s["folio"]: s["where"] for s in phone.state()["sales"]}
        assert where()[folio] in ("kept", "sent")
        cart.bridge.wait(lambda: where()[folio] == "sent", "sent")
        state = phone.state()
        assert (state["waiting"], state["day"], state["level"]) == (
            1, "open", 19)
        cart.bridge.acks = True
        cart.bridge.wait(lambda: where()[folio] == "counted", "counted")
        assert phone.state()["waiting"] == 0
        assert phone.api(type="void", folio=folio, reason="fría",
                         request_id=new_id())["ok"]
        cart.bridge.wait(lambda: phone.state()["sales"][0]["void"]["where"]
                         == "counted", "the void is counted")
        assert phone.state()["level"] == 20
        cart.bridge.command(1, "message", [int(time.time() * 1000), "Hola"])
        cart.bridge.wait(lambda: phone.state()["inbox"] == 1, "a message")
        assert phone.api(type="inbox")["messages"][0]["text"] == "Hola"


def test_strangers_are_kept_out(tmp_path, mosquitto, port):
    with page_cart(tmp_path, mosquitto, "PAGE02", port,
                   page__pin="2468") as cart:
        phone = Phone(port)
        assert phone.ask("GET", "/")[0] == 200
        assert phone.ask("GET", "/state")[0] == 401
        assert phone.ask("POST", "/pin", {"pin": "1"})[0] == 403
        status, headers, _ = phone.ask("POST", "/pin", {"pin": "2468"})
        assert status == 200
        cookie = headers["Set-Cookie"]
        assert "HttpOnly" in cookie and "SameSite=Strict" in cookie
        phone.cookie = {"Cookie": cookie.split(";")[0]}
        assert phone.state()["cart"] == "PAGE02"
        cart.gateway.kill9()
        cart.gateway.start()
        assert phone.state()["cart"] == "PAGE02"
        for headers, want in (
                ({"Host": "evil.example"}, 421),
                ({"Origin": "http://evil.example"}, 403),
                ({"Content-Type": "text/plain"}, 415),
                ({"Cookie": "pregon=" + "0" * 32}, 401)):
            assert phone.ask("POST", "/api", {"type": "open"},
                             headers)[0] == want, headers
        assert phone.state()["day"] == "closed"
        for path in ("/../../etc/passwd", "/..%2f..%2fetc/passwd", "/page"):
            assert phone.ask("GET", path)[0] == 404
        for name in ("/", "/page.js", "/page.css", "/words.js"):
            got = phone.ask("GET", name)[1]
            assert "default-src 'none'" in got["Content-Security-Policy"]
            assert "unsafe" not in got["Content-Security-Policy"]
        for i in range(8):
            status, headers, _ = Phone(port).ask("POST", "/pin",
                                                 {"pin": "%04d" % i})
        assert status == 429 and int(headers["Retry-After"]) > 0


def test_the_page_is_small_and_so_is_the_gateway(tmp_path, mosquitto, port):
    def pss_mb():
        with open("/proc/%d/smaps_rollup" % cart.gateway.pid) as f:
            return next(int(r.split()[1]) / 1024 for r in f
                        if r.startswith("Pss:"))
    with page_cart(tmp_path, mosquitto, "PAGE03", port) as cart:
        files = [Phone(port).ask("GET", name)[2] for name in (
            "/", "/page.css", "/page.js", "/words.js", "/icon.svg")]
        assert sum(map(len, files)) <= 50 * 1024
        crowd = []
        for i in range(PHONES):
            connection = http.client.HTTPConnection("127.0.0.1", port)
            connection.connect()
            crowd.append(connection)
        cart.bridge.acks = False
        for i in range(400):
            Phone(port).sell(i)
        for connection in crowd:
            connection.request("GET", "/state")
            assert len(json.loads(connection.getresponse().read())
                       ["sales"]) == 300
        print("page: %d bytes, gateway's PSS %.1f MB" % (
            sum(map(len, files)), pss_mb()))
        assert pss_mb() <= PSS_MAX_MB
        for connection in crowd:
            connection.close()


def test_the_pos_does_not_wait_for_slow_phones(tmp_path, mosquitto, port):
    with page_cart(tmp_path, mosquitto, "PAGE04", port) as cart:
        slow = []
        for _ in range(40):		# more than there are places
            s = socket.create_connection(("127.0.0.1", port))
            s.sendall(b"POST /api HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                      b"Content-Length: 9000\r\n\r\n{")
            slow.append(s)
        began = time.monotonic()
        for i in range(20):
            assert cart.ask(type="sale", units=1, amount=i)["ok"]
        assert time.monotonic() - began < 5
        for s in slow:
            s.close()
        wait_for(lambda: Phone(port).ask("GET", "/state")[0] == 200,
                 "the page is there again")


def test_a_full_memory_is_told_and_the_sale_can_come_later(
        tmp_path, mosquitto, port):
    phone = Phone(port)
    with page_cart(tmp_path, mosquitto, "PAGE05", port,
                   outbox__max_bytes=256 * 1024) as cart:
        cart.bridge.acks = False
        answer = {"ok": True}
        while answer["ok"]:
            kept = {"type": "sale", "units": 1, "amount": 100,
                    "customer": "x" * 80, "request_id": new_id()}
            answer = phone.api(**kept)
        assert answer["fault"] == "full" and "memoria" in answer["error_es"]
        cart.bridge.acks = True
        answer = cart.bridge.wait(
            lambda: (lambda a: a if a["ok"] else None)(phone.api(**kept)),
            "there is room again", 60)
        assert answer["folio"] == phone.api(**kept)["folio"]


def test_50_sales_are_counted_once_whatever_is_pressed_or_killed(
        tmp_path, port):
    """Two tabs send what is kept in the phone at the same time, the gateway
    is killed again and again, and there is no network until all is sold."""
    rng = random.Random(4)
    with Guild(tmp_path) as guild:
        cart = guild.add_gateway("PAGE99", settings={"page.port": port})
        guild.mosquitto.stop()
        cart.start()
        over = threading.Event()
        kills = []

        def kill():
            while not over.is_set() and len(kills) < KILLS:
                over.wait(rng.uniform(0.05, 0.5))
                cart.kill9()
                kills.append(time.monotonic())
                cart.start()

        books, errors = {}, []
        phone = Phone(port)

        def tab(todo, mine):
            try:
                for request_id, amount, times in todo:
                    time.sleep(rng.uniform(0, 0.15))
                    mine.append((amount, phone.sell(
                        amount, request_id, times)))
            except Exception as e:
                errors.append(e)

        todo = [(new_id(), 1000 + i, rng.choice([1, 1, 2, 3]))
                for i in range(SALES)]
        answers = [[], []]
        killer = threading.Thread(target=kill)
        killer.start()
        tabs = [threading.Thread(target=tab, args=(todo, a))
                for a in answers]
        for t in tabs:
            t.start()
        for t in tabs:
            t.join(120)
        killer.join(60)
        over.set()
        assert not errors, errors
        assert len(kills) == KILLS and phone.unanswered >= KILLS // 2
        for amount, folios in answers[0] + answers[1]:
            for folio in folios:
                assert books.setdefault(folio, amount) == amount
        # One folio each, whoever asked and however often.
        assert len(books) == SALES
        assert sorted(books.values()) == [1000 + i for i in range(SALES)]
        state = phone.state()
        assert {s["folio"]: s["amount"] for s in state["sales"]} == books
        assert {s["where"] for s in state["sales"]} == {"kept"}
        assert (state["waiting"], state["connected"]) == (SALES, False)
        guild.mosquitto.start()
        wait_for(lambda: phone.state()["waiting"] == 0,
                 "the guild has every sale", 60)
        wait_for(lambda: not compare(guild, books)[0],
                 "every folio is counted", 60)
        assert compare(guild, books) == ([], [])
        assert {s["where"] for s in phone.state()["sales"]} \
            == {"counted"}
