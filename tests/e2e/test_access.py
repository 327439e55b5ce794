"""Who may ask pregon-api, how often, and what becomes of a repeat: against a
real Kafka, with no role running (a read that is let in hears that its role has
made no database)."""
import http.client
import json
import os
import signal
import subprocess
import threading
import time

import pytest
from local.guild import Part, bearer, build_dir, request
from local.kafka import Kafka
from local.ports import free_port
from local.process import wait_for

CART, OTHER = "ACCE01", "ACCE02"
ORDER = {"cart": CART, "lines": [{"product": 0, "units": 20}]}
REPORT = {"lat": -33.4378, "lon": -70.6505, "note": "sin patente"}


def ctl(bootstrap, *words):
    """(exit status, stdout, stderr)"""
    done = subprocess.run(
        [os.path.join(build_dir(), "bin", "pregonctl"),
         "--brokers=" + bootstrap, *words], stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


class Api(Part):
    def __init__(self, dir, bootstrap, **settings):
        self.bootstrap = bootstrap
        port = free_port()
        super().__init__("api", "pregon-api", str(dir), {
            "http.port": port, "database": str(dir), "brokers": bootstrap,
            **{k.replace("__", "."): v for k, v in settings.items()}},
            http_port=port)

    def make_token(self, role, *words):
        status, out, err = ctl(self.bootstrap, "token", "create",
                               "--role=" + role, *words)
        assert status == 0, err
        token = out.strip()
        self.wait_known(token)
        return token

    def wait_known(self, token, known=True):
        wait_for(lambda: (self.post("/api/v1/restocks", token=token)[0]
                          not in (401, 503)) == known,
                 "the token is %sknown" % ("" if known else "not "), 20)

    def ask(self, method, path, body=None, token=None, key=None,
            kind="application/json", **headers):
        """(status, headers, body), JSON read."""
        headers = {**bearer(token), **headers}
        if key is not None:
            headers["Idempotency-Key"] = key
        if body is not None and not isinstance(body, (bytes, str)):
            body = json.dumps(body)
        if body is not None and kind:
            headers["Content-Type"] = kind
        status, got, answer = request(self.http_port, method, path, body,
                                      headers)
        if got.get("Content-Type", "").startswith("application/"):
            answer = json.loads(answer)
        return status, got, answer

    def get(self, path, **more):
        return self.ask("GET", path, **more)

    def post(self, path, body=None, **more):
        return self.ask("POST", path, body, **more)


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    """A Kafka with the topics, and nothing else of the guild."""
    with Kafka(tmp_path_factory.mktemp("kafka")) as kafka:
        status, out, err = ctl(kafka.bootstrap, "topics", "create")
        assert status == 0, err
        yield kafka


@pytest.fixture(scope="module")
def api(tmp_path_factory, broker):
    part = Api(tmp_path_factory.mktemp("api"), broker.bootstrap).start()
    yield part
    part.stop()


@pytest.fixture(scope="module")
def tokens(api):
    return {"admin": api.make_token("admin", "--name=Rosa"),
            "depot": api.make_token("depot"),
            "vendor": api.make_token("vendor", "--cart=" + CART)}


def records(bootstrap, topic):
    status, out, err = ctl(bootstrap, "tail", topic, "--from", "beginning")
    assert status == 0, err
    return [json.loads(line) for line in out.splitlines()]


def let_in(answer):
    """Its role has no database: only who is let in hears that."""
    return answer[0] == 503 and answer[2].get("role")


def test_who_has_no_token_is_told_which(api, tokens):
    status, headers, body = api.get("/api/v1/carts")
    assert status == 401
    assert headers["WWW-Authenticate"].startswith("Bearer")
    assert headers["Content-Type"] == "application/problem+json"
    assert "admin or depot" in body["detail"]
    status, headers, body = api.get("/api/v1/carts", token="no.such")
    assert status == 401 and "invalid_token" in headers["WWW-Authenticate"]
    status, headers, body = api.get("/api/v1/carts",
                                    Authorization="Basic YTpi")
    assert status == 401
    assert api.get("/healthz")[0] == 200
    assert api.get("/metrics")[0] == 200


def test_each_role_has_its_paths(api, tokens):
    for path, served in (("/api/v1/carts", {"admin", "depot"}),
                         ("/api/v1/sales", {"admin"}),
                         ("/api/v1/stock", {"admin", "depot", "vendor"})):
        for role, token in tokens.items():
            answer = api.get(path, token=token)
            if role in served:
                assert let_in(answer), (path, role, answer)
            else:
                assert answer[0] == 403, (path, role, answer)
                assert role in answer[2]["detail"]


def test_a_vendor_sees_and_asks_for_the_own_cart_alone(api, tokens):
    vendor = tokens["vendor"]
    assert let_in(api.get("/api/v1/carts/" + CART, token=vendor))
    assert api.get("/api/v1/carts/" + OTHER, token=vendor)[0] == 403
    assert let_in(api.get("/api/v1/stock?cart=" + CART, token=vendor))
    assert api.get("/api/v1/stock?cart=" + OTHER, token=vendor)[0] == 403
    status, _, body = api.post("/api/v1/restocks", {**ORDER, "cart": OTHER},
                               token=vendor, key="other")
    assert (status, body["field"]) == (403, "cart")
    assert api.get("/api/v1/restocks/%s-R0000000000000" % OTHER,
                   token=vendor)[0] == 403
    status, _, body = api.post("/api/v1/restocks", ORDER, token=vendor,
                               key="own")
    assert status == 202 and body["id"].startswith(CART + "-R")


def test_only_a_hash_of_a_token_is_in_kafka(api, tokens, broker):
    lines = [json.dumps(r) for r in records(broker.bootstrap, "topic_reglas")]
    for token in tokens.values():
        id, secret = token.split(".")
        assert any(id in line for line in lines)
        assert not any(secret in line for line in lines)
    status, out, err = ctl(broker.bootstrap, "token", "list")
    assert status == 0 and "Rosa" in out and CART in out
    assert not any(t.split(".")[1] in out for t in tokens.values())


def test_a_revoked_token_is_refused_at_once(api, broker):
    token = api.make_token("admin")
    assert let_in(api.get("/api/v1/carts", token=token))
    status, out, err = ctl(broker.bootstrap, "token", "revoke",
                           token.split(".")[0])
    assert status == 0, err
    api.wait_known(token, known=False)
    assert api.get("/api/v1/carts", token=token)[0] == 401
    assert ctl(broker.bootstrap, "token", "revoke", "nobody")[0] == 1
    assert ctl(broker.bootstrap, "token", "create", "--role=vendor")[0] == 2
    assert ctl(broker.bootstrap, "token", "create", "--role=admin",
               "--cart=" + CART)[0] == 2


def test_a_repeat_is_answered_as_the_first(api, tokens, broker):
    admin = tokens["admin"]
    first = api.post("/api/v1/restocks", ORDER, token=admin, key="k-1")
    assert first[0] == 202 and "Idempotency-Replayed" not in first[1]
    again = api.post("/api/v1/restocks", ORDER, token=admin, key="k-1")
    assert (again[0], again[2]) == (202, first[2])
    assert again[1]["Idempotency-Replayed"] == "true"
    assert again[1].get("Location") == first[1].get("Location")
    status, _, body = api.post("/api/v1/restocks", {**ORDER, "cart": OTHER},
                               token=admin, key="k-1")
    assert (status, body["field"]) == (422, "Idempotency-Key")
    # Another's key is another key.
    status, _, body = api.post("/api/v1/restocks", ORDER,
                               token=tokens["depot"], key="k-1")
    assert status == 202 and body["id"] != first[2]["id"]
    # What it forgot with its memory, the id remembers.
    api.restart()
    api.wait_known(admin)
    status, headers, body = api.post("/api/v1/restocks", ORDER, token=admin,
                                     key="k-1")
    assert (status, body["id"]) == (202, first[2]["id"])
    assert "Idempotency-Replayed" not in headers
    asked = [r for r in records(broker.bootstrap, "topic_stock")
             if r["value"] and first[2]["id"] in json.dumps(r["value"])]
    assert len(asked) == 2


def test_the_same_key_at_once_is_done_once(api, tokens):
    answers = []

    def ask():
        answers.append(api.post("/api/v1/restocks", ORDER,
                                token=tokens["admin"], key="at-once"))
    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    done = [a for a in answers if a[0] == 202]
    assert sum("Idempotency-Replayed" not in a[1] for a in done) == 1
    assert len({a[2]["id"] for a in done}) == 1
    for status, headers, body in answers:
        assert status == 202 or (status == 409 and headers["Retry-After"])


def test_a_key_is_asked_for_where_a_repeat_does_harm(api, tokens):
    status, _, body = api.post("/api/v1/restocks", ORDER,
                               token=tokens["admin"])
    assert (status, body["field"]) == (400, "Idempotency-Key")
    for key in ("k" * 81, "a b", "\xe1"):
        status, _, body = api.post("/api/v1/restocks", ORDER,
                                   token=tokens["admin"], key=key)
        assert (status, body["field"]) == (400, "Idempotency-Key"), key


def test_bodies_are_bounded_and_of_the_right_type(api, tokens):
    def post(body, **more):
        return api.post("/api/v1/restocks", body, token=tokens["admin"],
                        key="bodies", **more)
    for length in (65537, 200000, 20000000):
        status, headers, body = post(b" " * length)
        assert status == 413 and "65536" in body["detail"], length
    assert post(b" " * 65536)[0] in (400, 422)
    for kind in ("text/plain", "application/jsonx", None):
        status, headers, body = post(ORDER, kind=kind)
        assert (status, body["field"]) == (415, "Content-Type"), kind
    assert post(ORDER, kind="Application/JSON; charset=utf-8")[0] == 202
    status, _, body = api.post("/api/v1/restocks", ORDER, key="gzip",
                               token=tokens["admin"],
                               **{"Content-Encoding": "gzip"})
    assert (status, body["field"]) == (415, "Content-Encoding")
    assert api.get("/healthz")[0] == 200


def test_a_body_in_chunks_is_a_body(api, tokens):
    connection = http.client.HTTPConnection("127.0.0.1", api.http_port,
                                            timeout=10)
    text = json.dumps(ORDER).encode()
    connection.request(
        "POST", "/api/v1/restocks", iter([text[:7], text[7:]]),
        {**bearer(tokens["admin"]), "Idempotency-Key": "chunks",
         "Content-Type": "application/json"}, encode_chunked=True)
    assert connection.getresponse().status == 202
    connection.close()


def test_reads_may_be_opened_and_writes_not(tmp_path, broker):
    part = Api(tmp_path, broker.bootstrap, auth__reads="false").start()
    try:
        assert let_in(part.get("/api/v1/sales"))
        wait_for(lambda: part.post("/api/v1/restocks", ORDER, key="k")[0]
                 == 401, "writes need a token", 20)
    finally:
        part.stop()


def report_from(port, address, connection=None, forwarded=None):
    """A report from one of loopback's addresses: (status, headers, s)."""
    own = connection or http.client.HTTPConnection(
        "127.0.0.1", port, timeout=10, source_address=(address, 0))
    start = time.monotonic()
    headers = {"Content-Type": "application/json"}
    if forwarded:
        headers["X-Forwarded-For"] = forwarded
    own.request("POST", "/api/v1/strange-carts", json.dumps(REPORT), headers)
    response = own.getresponse()
    response.read()
    took = time.monotonic() - start
    if connection is None:
        own.close()
    return response.status, response.headers, took


def test_one_address_is_held_and_another_served(api):
    """10,000 reports from one; another's are taken within 100 ms."""
    statuses, held = {}, threading.Lock()

    def flood():
        own = http.client.HTTPConnection(
            "127.0.0.1", api.http_port, timeout=10,
            source_address=("127.0.0.2", 0))
        for _ in range(2500):
            status, headers, _ = report_from(api.http_port, None, own)
            if status == 429:
                assert int(headers["Retry-After"]) >= 1
            with held:
                statuses[status] = statuses.get(status, 0) + 1
        own.close()
    threads = [threading.Thread(target=flood) for _ in range(4)]
    start = time.monotonic()
    for thread in threads:
        thread.start()
    took, n = [], 0
    while any(t.is_alive() for t in threads):
        status, _, s = report_from(api.http_port, "127.0.1.%d" % (n // 10 + 1))
        assert status == 202
        took.append(s)
        n += 1
    for thread in threads:
        thread.join()
    elapsed = time.monotonic() - start
    assert sum(statuses.values()) == 10000 and set(statuses) == {202, 429}
    assert 10 <= statuses[202] <= 11 + elapsed / 6
    took.sort()
    # Our own threads stand in its way, too: the slowest hundredth is theirs.
    assert took and took[len(took) * 99 // 100] < 0.1, took[-10:]


def test_a_proxys_word_counts_only_where_it_is_trusted(tmp_path, api, broker):
    part = Api(tmp_path, broker.bootstrap, trusted__proxy="127.0.0.1",
               public__burst=3).start()
    try:
        seen = [report_from(part.http_port, "127.0.0.1",
                            forwarded="203.0.113.%d" % i)[0]
                for i in range(20)]
        assert set(seen) == {202}
        # The client's own claim stands before the proxy's word.
        seen = [report_from(part.http_port, "127.0.0.1",
                            forwarded="203.0.114.%d, 203.0.113.200" % i)[0]
                for i in range(6)]
        assert seen == [202] * 3 + [429] * 3
        # Who is no proxy is the one who asks.
        seen = [report_from(part.http_port, "127.0.0.3",
                            forwarded="203.0.115.%d" % i)[0]
                for i in range(6)]
        assert seen == [202] * 3 + [429] * 3
    finally:
        part.stop()


def test_kafka_away_is_said_and_a_retry_is_the_same(tmp_path, own_kafka):
    kafka = own_kafka
    assert ctl(kafka.bootstrap, "topics", "create")[0] == 0
    part = Api(tmp_path / "api", kafka.bootstrap).start()
    try:
        admin = part.make_token("admin")
        first = part.post("/api/v1/restocks", ORDER, token=admin, key="a")
        assert first[0] == 202
        kafka.stop()
        start = time.monotonic()
        status, headers, body = part.post("/api/v1/restocks", ORDER,
                                          token=admin, key="b")
        assert status == 503 and int(headers["Retry-After"]) > 0
        assert "Kafka" in body["detail"]
        assert 4 < time.monotonic() - start < 7
        # It knows its tokens as long as it runs, and what it has answered.
        assert let_in(part.get("/api/v1/carts", token=admin))
        assert part.post("/api/v1/restocks", ORDER, token=admin,
                         key="a")[2] == first[2]
        # One that starts now knows nobody, and says so.
        part.stop()
        part.start(wait=False)
        wait_for(lambda: part.get("/healthz")[0], "it answers", 20)
        status, headers, body = part.get("/api/v1/carts", token=admin)
        assert status == 503 and "topic_reglas" in body["detail"]
        assert part.get("/healthz")[0] == 503
        assert part.get("/metrics")[0] == 200
        kafka.start()
        part.wait_ready()
        part.wait_known(admin)
        status, headers, body = wait_for(
            lambda: [a for a in [part.post("/api/v1/restocks", ORDER,
                                           token=admin, key="b")]
                     if a[0] == 202], "Kafka takes it", 30)[0]
        assert body["id"] != first[2]["id"]
    finally:
        part.stop()


def test_a_stop_answers_those_who_wait(tmp_path, own_kafka):
    kafka = own_kafka
    assert ctl(kafka.bootstrap, "topics", "create")[0] == 0
    part = Api(tmp_path / "api", kafka.bootstrap).start()
    admin = part.make_token("admin")
    answers = []
    os.kill(kafka.pid, signal.SIGSTOP)
    try:
        threads = [threading.Thread(target=lambda i=i: answers.append(
            part.post("/api/v1/restocks", ORDER, token=admin,
                      key="w%d" % i)[0])) for i in range(50)]
        for thread in threads:
            thread.start()
        wait_for(lambda: part.metrics()["pregon_api_submits_under_way"] == 50,
                 "all wait", 10)
        part.stop()
        for thread in threads:
            thread.join(20)
        assert answers == [503] * 50
        assert "api.stopped" in part.child.output()
    finally:
        os.kill(kafka.pid, signal.SIGCONT)
        part.stop()
