"""What a hostile client tries on pregon-api: the cookie of another's browser,
a session that is over, lines of its own in our headers, heads that never end.
Against a real Kafka with no role running."""
import http.client
import json
import re
import resource
import selectors
import socket
import time

import openapi
import pytest
from local.guild import bearer, request, write_secret
from local.kafka import Kafka
from test_access import Api, ctl
from test_session import NAME, PATH, Browser

DOCUMENT = openapi.load()
SLOW = 500
SLOW_FOR_S = 10
ANSWERED_S = 0.1
EVIL = re.compile(rb"[\r\n]X-Evil:")


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Kafka(tmp_path_factory.mktemp("kafka")) as kafka:
        status, out, err = ctl(kafka.bootstrap, "topics", "create")
        assert status == 0, err
        yield kafka


@pytest.fixture(scope="module")
def api(tmp_path_factory, broker):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (limit[1], limit[1]))
    dir = tmp_path_factory.mktemp("api")
    write_secret(str(dir / "secret"))
    root = dir / "root"
    (root / "assets").mkdir(parents=True)
    (root / "index.html").write_text("<!doctype html><title>x</title>")
    (root / "assets" / "a.js").write_text("x=1")
    part = Api(dir, broker.bootstrap, secret_file=str(dir / "secret"),
               web__root=str(root), public__burst=1000,
               http__connections_per_address=0).start()
    yield part
    part.stop()


@pytest.fixture(scope="module")
def admin(api):
    return api.make_token("admin")


def filled(path):
    """A path that something could stand at."""
    return re.sub(r"{\w+}", lambda m: {
        "{cart}": "HOST01", "{rut}": "12345678-5",
        "{folio}": "HOST01-00000000-0"}.get(m[0], "it"), path)


def operations():
    return [(method.upper(), path) for path, item
            in DOCUMENT["paths"].items() for method in item]


def raw(api, lines, body=b"", timeout=5):
    """The whole answer to a request of just these bytes."""
    request = b"\r\n".join(line if isinstance(line, bytes)
                           else line.encode() for line in lines)
    with socket.create_connection(("127.0.0.1", api.http_port),
                                  timeout) as s:
        s.sendall(request + b"\r\n\r\n" + body)
        answer = b""
        try:
            while True:
                more = s.recv(65536)
                if not more:
                    break
                answer += more
        except OSError:
            pass
    return answer


# Sessions.

@pytest.mark.parametrize("method,path", [
    (m, p) for m, p in operations() if m != "GET" and "public" not in
    openapi.operation(DOCUMENT, p, m.lower())["x-roles"]])
def test_no_write_is_done_by_a_cookie_alone(api, admin, method, path):
    browser = Browser(api)
    browser.log_in(admin)
    other = Browser(api)
    other.log_in(admin)
    for csrf, site in ((None, "same-origin"), (other.csrf, "same-origin"),
                       (browser.csrf, "cross-site"), ("", "none")):
        status, _, answer = browser.ask(method, filled(path), "{}", csrf=csrf,
                                        site=site, key="csrf")
        assert (status, answer.get("field")) == (403, "X-Pregon-CSRF"), \
            (csrf, site, answer)
    # And with it, it is another matter that is wrong, or none.
    status, _, answer = browser.ask(method, filled(path), "{}",
                                    csrf=browser.csrf, key="csrf")
    assert status != 403, answer


def test_a_login_makes_a_cookie_of_its_own(api, admin):
    attacker = Browser(api)
    attacker.log_in(api.make_token("depot"))
    planted, victim = attacker.cookie, Browser(api)
    victim.cookie = planted
    victim.log_in(admin)
    assert victim.cookie != planted
    assert victim.ask("GET", PATH)[2]["role"] == "admin"
    assert attacker.ask("GET", PATH)[2]["role"] == "depot"
    again = Browser(api)
    again.log_in(admin)
    assert again.cookie != victim.cookie and again.csrf != victim.csrf


# What each answer says to browsers.

def test_every_answer_tells_browsers_what_it_may_do(api, admin):
    asked = [(m, filled(p)) for m, p in operations()
             if p != "/api/v1/events"]
    asked += [("HEAD", "/api/v1/events"), ("GET", "/"), ("HEAD", "/"),
              ("GET", "/assets/a.js"), ("GET", "/nothing"), ("GET", "/../"),
              ("GET", "/api/v1/nothing"), ("PATCH", "/api/v1/zones"),
              ("OPTIONS", "/api/v1/zones"), ("TRACE", "/")]
    for method, path in asked:
        for token in (admin, None):
            status, headers, _ = request(api.http_port, method, path,
                                         headers=bearer(token))
            where = (method, path, status)
            policy = headers["Content-Security-Policy"]
            assert policy.startswith("default-src "), where
            assert "frame-ancestors 'none'" in policy, where
            assert "unsafe-inline" not in policy, where
            assert "unsafe-eval" not in policy, where
            assert headers["X-Content-Type-Options"] == "nosniff", where
            assert headers["Referrer-Policy"], where
            assert headers["Cache-Control"], where
            assert "Server" not in headers, where
            assert not [h for h in headers
                        if h.startswith("Access-Control")], where
            if path.startswith("/api/") and status != 304:
                assert "'none'" in policy.split(";")[0], where


# Lines of the client's own.

@pytest.mark.parametrize("name", [
    "Idempotency-Key", "Last-Event-ID", "Cookie", "X-Pregon-CSRF",
    "Authorization", "If-None-Match", "If-Range", "Range", "Content-Type",
    "Accept-Encoding", "Host", "X-Forwarded-For"])
@pytest.mark.parametrize("value", [
    b"a\rX-Evil: 1", b"a\nX-Evil: 1", b"a\r\n X-Evil: 1", b"a\0X-Evil: 1",
    b"a%0d%0aX-Evil: 1", b"a\x85X-Evil: 1", b"a\xe5\x98\x8aX-Evil: 1",
    b'"a\\\r\n\tX-Evil: 1"'])
def test_what_a_header_says_makes_none(api, admin, name, value):
    for method, path, body in (
            ("POST", "/api/v1/restocks", b"{}"), ("GET", "/", b""),
            ("HEAD", "/api/v1/events", b"")):
        lines = ["%s %s HTTP/1.1" % (method, path), "Connection: close",
                 "Content-Length: %d" % len(body)]
        for default, text in (("Host", "a"), ("Authorization", "Bearer "
                                              + admin),
                              ("Content-Type", "application/json")):
            if default != name:
                lines.append("%s: %s" % (default, text))
        lines.append(name.encode() + b": " + (
            (NAME + "=").encode() if name == "Cookie" else b"") + value)
        answer = raw(api, lines, body)
        head = answer.split(b"\r\n\r\n")[0]
        assert not EVIL.search(head), head
        assert not answer or answer.split(b" ")[1] < b"500", head


@pytest.mark.parametrize("evil", [
    "\r\nX-Evil: 1", "\nX-Evil: 1", "\rX-Evil: 1", "%0d%0aX-Evil:%201",
    "\u560d\u560aX-Evil: 1"])
def test_what_comes_back_in_a_header_is_no_line(api, admin, evil):
    """Location, Set-Cookie and Allow are made of what was asked for."""
    quoted = evil.replace("\r", "%0d").replace("\n", "%0a").replace(
        " ", "%20").encode("utf-8")
    targets = [(b"PUT", b"/api/v1/zones/z" + quoted),
               (b"POST", b"/api/v1/zones"), (b"POST", PATH.encode()),
               (b"POST", b"/api/v1/restocks"), (b"POST", b"/api/v1/tickets"),
               (b"GET", b"/" + quoted), (b"GET", b"/assets/a.js?" + quoted),
               (b"GET", b"/api/v1/books?format=csv&date=" + quoted),
               (b"GET", b"/api/v1/customers?format=csv&cart=" + quoted)]
    body = json.dumps({
        "id": "z" + evil, "name": "z" + evil, "token": "a.b" + evil,
        "cart": "HOST01" + evil, "text": "x" + evil, "geometry": {
            "type": "Circle", "center": [0, 0], "radius_m": 5}}).encode()
    for method, target in targets:
        answer = raw(api, [
            method + b" " + target + b" HTTP/1.1", "Host: a",
            "Connection: close", "Content-Type: application/json",
            "Idempotency-Key: line", "Authorization: Bearer " + admin,
            "Content-Length: %d" % len(body)], body)
        head = answer.split(b"\r\n\r\n")[0]
        assert head.startswith(b"HTTP/1.1 "), (method, target)
        assert not EVIL.search(head), head
        assert head.split(b" ")[1] < b"500", head


# Heads that never end.

def test_heads_a_byte_a_second_keep_nobody_waiting(api):
    head = b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: "
    slow, took, selector = [], [], selectors.DefaultSelector()
    try:
        for i in range(SLOW):
            s = socket.create_connection(("127.0.0.1", api.http_port), 10)
            s.setblocking(False)
            slow.append(s)
            selector.register(s, selectors.EVENT_READ)
        start = time.monotonic()
        sent = 0
        while sent < SLOW_FOR_S * SLOW:
            due = int((time.monotonic() - start) * SLOW)
            while sent < min(due, SLOW_FOR_S * SLOW):
                at = sent // SLOW
                slow[sent % SLOW].send(head[at:at + 1])
                sent += 1
            began = time.monotonic()
            assert api.get("/healthz")[0] == 200
            took.append(time.monotonic() - began)
            # Nobody is thrown out or answered meanwhile.
            assert not selector.select(0.002)
        took.sort()
        print("%d heads a byte a second: p50 %.1f ms, p95 %.1f ms, slowest "
              "of %d %.1f ms" % (
                  SLOW, 1e3 * took[len(took) // 2],
                  1e3 * took[len(took) * 19 // 20], len(took),
                  1e3 * took[-1]))
        assert took[len(took) * 19 // 20] < ANSWERED_S
        for s in slow[::50]:
            s.setblocking(True)
            s.settimeout(10)
            s.sendall(head[sent // SLOW:] + b"\r\n\r\n")
            assert s.recv(100).startswith(b"HTTP/1.1 200")
    finally:
        selector.close()
        for s in slow:
            s.close()


@pytest.fixture
def hasty(tmp_path, broker):
    part = Api(tmp_path, broker.bootstrap, http__head_s=3, http__body_s=4,
               public__burst=1000).start()
    yield part
    part.stop()


def lasted(api, head, body=b"", every=0.1):
    """How long the API looks on at a head, and then a body, by bytes."""
    with socket.create_connection(("127.0.0.1", api.http_port), 10) as s:
        s.sendall(head)
        start, at = time.monotonic(), 0
        while time.monotonic() - start < 20:
            s.settimeout(every)
            try:
                if s.recv(1) == b"":
                    return time.monotonic() - start
            except TimeoutError:
                pass
            except ConnectionError:
                return time.monotonic() - start
            try:
                s.sendall(body[at:at + 1] or b"x")
            except ConnectionError:
                pass        # it is read as well
            at += 1
    raise AssertionError("it looks on for ever")


def test_a_head_and_a_body_have_their_time(hasty):
    before = hasty.metrics()["pregon_api_too_slow_total"]
    took = lasted(hasty, b"GET /healthz HTTP/1.1\r\nHost: a\r\nX-Slow: ")
    assert 1.5 < took < 8, took
    took = lasted(hasty, b"POST /api/v1/strange-carts HTTP/1.1\r\nHost: a\r\n"
                  b"Content-Type: application/json\r\n"
                  b"Content-Length: 5000\r\n\r\n")
    assert 2.5 < took < 9, took
    # The second of two on one connection, too; the first was answered.
    connection = socket.create_connection(("127.0.0.1", hasty.http_port), 10)
    connection.sendall(b"GET /metrics HTTP/1.1\r\nHost: a\r\n\r\n")
    assert connection.recv(100).startswith(b"HTTP/1.1 200")
    start = time.monotonic()
    while connection.recv(65536):
        pass
    assert 1.5 < time.monotonic() - start < 8
    connection.close()
    assert hasty.metrics()["pregon_api_too_slow_total"] == before + 3


def test_who_looks_on_is_not_hurried(hasty):
    token = hasty.make_token("admin")
    with socket.create_connection(("127.0.0.1", hasty.http_port), 30) as s:
        s.sendall(("GET /api/v1/events HTTP/1.1\r\nHost: a\r\nAuthorization: "
                   "Bearer %s\r\n\r\n" % token).encode())
        answer, start = b"", time.monotonic()
        while answer.count(b"event: beat") < 2:
            more = s.recv(65536)
            assert more, answer
            answer += more
        assert time.monotonic() - start > 5


def test_who_says_nothing_more_is_left(api):
    """A head that stands still has half a minute."""
    with socket.create_connection(("127.0.0.1", api.http_port), 60) as s:
        s.sendall(b"GET /healthz HTTP/1.1\r\nHost")
        start = time.monotonic()
        assert s.recv(1) == b""
        assert 20 < time.monotonic() - start < 45


def test_a_head_without_end_is_cut(api):
    connection = http.client.HTTPConnection("127.0.0.1", api.http_port,
                                            timeout=10)
    connection.request("GET", "/healthz", headers={"X-Long": "x" * 100000})
    assert connection.getresponse().status in (400, 413, 431, 414)
    connection.close()
    assert api.get("/healthz")[0] == 200
