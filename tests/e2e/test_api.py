"""pregon-api over HTTP: what openapi.json says, and nothing else."""
import http.client
import json
import os
import socket
import ssl
import subprocess
import threading

import openapi
import pytest
from local.certs import Authority
from local.guild import Guild, Part, bearer, build_dir, fetch
from local.ports import free_port
from local.process import wait_for

DOCUMENT = openapi.load()
CART = "APIS01"
NOBODY = "127.0.0.1:1"
NOTHING = "nothing"	# an id that nothing has
PERSONAL = ("/api/v1/members", "/api/v1/members/{rut}", "/api/v1/customers",
            "/api/v1/session", "/api/v1/rejected")
ENDLESS = ("/api/v1/events",)
PATHS = {	# a plain request of each path that can be read
    path: path.replace("{cart}", CART).replace(
        "{id}", CART if "/rules/" in path else NOTHING)
    for path, item in DOCUMENT["paths"].items()
    if "get" in item and path not in PERSONAL + ENDLESS}
LAID_DOWN = ("/api/v1/zones", "/api/v1/rules", "/api/v1/products")


def api(dir, **settings):
    """One that has no Kafka and asks for no token."""
    settings = {k.replace("__", "."): v for k, v in settings.items()}
    port = free_port()
    return Part("api", "pregon-api", str(dir),
                {"http.port": port, "database": str(dir),
                 "brokers": NOBODY, "auth.reads": "false", **settings},
                http_port=port)


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    """An API whose roles have not made a database yet."""
    part = api(tmp_path_factory.mktemp("bare")).start()
    yield part
    part.stop()


def ask(part, path, method="GET", headers=None, body=None, token=None):
    headers = {**bearer(token), **(headers or {})}
    connection = http.client.HTTPConnection("127.0.0.1", part.http_port,
                                            timeout=10)
    connection.request(method, path, body=body, headers=headers)
    response = connection.getresponse()
    answer = response.read()
    connection.close()
    return response.status, response.headers, answer


def ask_checked(part, pattern, path, token=None):
    status, headers, body = ask(part, path, token=token)
    openapi.check_answer(DOCUMENT, pattern, status, headers["Content-Type"],
                         body)
    return status, body


@pytest.mark.parametrize("pattern", PATHS)
def test_a_missing_database_is_said_with_its_role(bare, pattern):
    status, body = ask_checked(bare, pattern, PATHS[pattern])
    if pattern in ("/healthz", "/metrics", "/api/v1/stats", "/api/v1/site",
                   "/api/v1/roles"):
        assert status == 200
        return
    assert status == 503
    if pattern.startswith(LAID_DOWN):	# Kafka's own word
        assert "Kafka" in json.loads(body)["detail"]
    else:
        assert json.loads(body)["role"] in ("positions", "sales", "stock",
                                            "support")


@pytest.mark.parametrize("pattern", PATHS)
def test_each_parameter_is_the_described_one(bare, pattern):
    """A wrong value is refused by the parameter's name; a parameter that is
    not described is refused as such."""
    described = {p["name"] for p in
                 DOCUMENT["paths"][pattern]["get"]["parameters"]
                 if p["in"] == "query"}
    for name in {"live", "from", "to", "format", "date", "cart", "after",
                 "limit", "state", "cause", "zzz"}:
        status, body = ask_checked(bare, pattern,
                                   PATHS[pattern] + "?%s=%%21" % name)
        problem = json.loads(body)
        assert (status, problem["field"]) == (400, name)
        known = "no such parameter" not in problem["detail"]
        assert known == (name in described), (pattern, name, problem)


@pytest.mark.parametrize("pattern", PERSONAL)
def test_people_are_not_shown_where_reads_are_open(bare, pattern):
    status, body = ask_checked(bare, pattern, pattern.replace(
        "{rut}", "12345678-5"))
    assert status == 401
    assert "12345678" not in body.decode()


def test_paths_that_are_not_described_are_not_found(bare):
    for path in ("/", "/api/v1", "/api/v1/carts/", "/api/v2/carts", "/metrics/",
                 "/api/v1/carts/APIS01/track/x", "//api/v1/carts"):
        status, headers, body = ask(bare, path)
        assert status == 404, path
        assert headers["Content-Type"] == "application/problem+json"


def test_other_methods_are_refused_with_those_allowed(bare):
    for method in ("POST", "PUT", "DELETE", "PATCH", "OPTIONS"):
        status, headers, body = ask(bare, "/api/v1/carts", method, body="{}")
        assert (status, headers["Allow"]) == (405, "GET, HEAD"), method
    status, headers, body = ask(bare, "/api/v1/stats", "HEAD")
    assert (status, body) == (200, b"") and int(headers["Content-Length"])


def test_every_answer_has_the_security_headers(bare):
    for path in ("/api/v1/stats", "/nothing", "/metrics"):
        headers = ask(bare, path)[1]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert "default-src 'none'" in headers["Content-Security-Policy"]
        assert headers["Cache-Control"]
        assert "Server" not in headers


def test_a_connection_is_kept(bare):
    connection = http.client.HTTPConnection("127.0.0.1", bare.http_port,
                                            timeout=10)
    connection.connect()
    before = connection.sock
    for path in ("/api/v1/stats", "/api/v1/carts", "/nothing"):
        connection.request("GET", path)
        connection.getresponse().read()
        assert connection.sock is before
    connection.close()


def test_requests_are_counted_by_class(bare):
    def counted(name):
        return bare.metrics()['pregon_api_requests_total{class="%s"}' % name]
    before = counted("4xx")
    ask(bare, "/nothing")
    assert counted("4xx") == before + 1
    assert bare.metrics()["pregon_api_request_ms_count"] > 0


def test_a_request_without_end_is_cut_off(bare):
    for request in (b"GET /" + b"a" * 200000,
                    b"GET /healthz HTTP/1.1\r\n" + b"A: b\r\n" * 50000,
                    b"GET /healthz HTTP/1.1\r\nHost: a\r\n"
                    b"Content-Length: 99999999\r\n\r\n" + b"x" * 500000):
        with socket.create_connection(("127.0.0.1", bare.http_port), 10) as s:
            answer = b""
            try:
                s.sendall(request)
                answer = s.recv(1000)
            except ConnectionError:
                pass
            assert not answer.startswith(b"HTTP/1.1 2"), request[:60]
    assert fetch(bare.http_port, "/healthz")[0] == 200


def test_many_askers_are_all_answered(bare):
    wrong = []

    def asker():
        for _ in range(50):
            if fetch(bare.http_port, "/api/v1/stats")[0] != 200:
                wrong.append(1)
    threads = [threading.Thread(target=asker) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


def test_https_with_its_own_certificate(tmp_path):
    authority = Authority(str(tmp_path / "ca"))
    certificate, key = authority.broker()
    part = api(tmp_path, tls__cert=certificate, tls__key=key)
    part.start(wait=False)
    try:
        part.child.wait_for(lambda: "api.ready" in part.child.output(),
                            "it is ready", 20)
        context = ssl.create_default_context(cafile=authority.ca)
        connection = http.client.HTTPSConnection(
            "localhost", part.http_port, timeout=10, context=context)
        connection.request("GET", "/api/v1/stats")
        response = connection.getresponse()
        assert response.status == 200
        assert response.headers["Strict-Transport-Security"]
        connection.close()
    finally:
        part.stop()


def policy(part, path="/"):
    """{what: [from where]}"""
    return dict((words[0], words[1:]) for words in (
        part.split() for part in ask(part, path)[1][
            "Content-Security-Policy"].split(";")))


def test_a_page_may_fetch_what_the_map_needs_and_no_more(tmp_path):
    """What the site is, and the policy of its pages, by the same setting."""
    root = tmp_path / "web"
    root.mkdir()
    (root / "index.html").write_text("<!doctype html>\n")
    part = api(tmp_path, web__root=root)
    part.start()
    try:
        plain = policy(part)
        assert plain.pop("img-src") == [
            "'self'", "data:", "blob:", "https://tile.openstreetmap.org"]
        assert plain.pop("connect-src") == ["'self'"]
        assert plain == {"default-src": ["'self'"], "object-src": ["'none'"],
                         "base-uri": ["'none'"], "form-action": ["'self'"],
                         "frame-ancestors": ["'none'"]}
        site = json.loads(ask_checked(part, "/api/v1/site",
                                      "/api/v1/site")[1])
        assert (site["name"], site["language"]) == ("Pregón", "es")
        assert site["timezone"] == "America/Santiago"
        assert site["tiles"] == {
            "kind": "xyz", "attribution": "© OpenStreetMap contributors",
            "url": "https://tile.openstreetmap.org/{z}/{x}/{y}.png"}
        part.settings.update({
            "site.name": "Los carros \"del\" Puerto", "site.language": "en",
            "tiles.url": "https://maps.example.cl/rm.pmtiles",
            "auth.reads": "true"})
        part.stop()
        part.start(wait=False)
        wait_for(lambda: fetch(part.http_port, "/api/v1/site")[0] == 200,
                 "it is back", 20)
        assert policy(part)["connect-src"] == ["'self'",
                                               "https://maps.example.cl"]
        assert policy(part)["img-src"] == ["'self'", "data:", "blob:"]
        site = json.loads(ask_checked(part, "/api/v1/site",
                                      "/api/v1/site")[1])
        assert site["name"] == "Los carros \"del\" Puerto"
        assert (site["language"], site["tiles"]["kind"]) == ("en", "pmtiles")
        part.settings["tiles.url"] = ""
        part.stop()
        part.start(wait=False)
        wait_for(lambda: fetch(part.http_port, "/api/v1/site")[0] == 200,
                 "it is back", 20)
        assert policy(part)["img-src"] == ["'self'", "data:", "blob:"]
        assert json.loads(ask(part, "/api/v1/site")[2])["tiles"] == {
            "kind": "none", "url": "", "attribution": ""}
    finally:
        part.stop()


def refused(dir, *flags, status=1):
    done = subprocess.run(
        [os.path.join(build_dir(), "bin", "pregon-api"), "--http.port=0",
         "--database=%s" % dir, "--brokers=" + NOBODY, *flags], text=True, timeout=20,
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT)
    assert done.returncode == status, done.stdout
    lines = done.stdout.strip().splitlines()
    assert len(lines) == 1, lines
    return lines[0]


def test_what_keeps_it_from_starting_is_one_line(tmp_path):
    (tmp_path / "cert.pem").write_text("no certificate\n")
    cert = "--tls.cert=%s" % (tmp_path / "cert.pem")
    key = "--tls.key=%s" % (tmp_path / "cert.pem")
    assert "tls.key" in refused(tmp_path, cert)
    assert "tls.cert" in refused(tmp_path, cert, key)
    assert "No such file" in refused(tmp_path, cert, "--tls.key=/none")
    assert "/none" in refused("/none")
    assert "Mars/Base" in refused(tmp_path, "--timezone=Mars/Base")
    assert "http.host" in refused(tmp_path, "--http.host=192.0.2.1")
    for url in ("tiles.example.org/{z}/{x}/{y}.png",
                "https://tiles.example.org/{z}/{x}.png",
                "https://a.org;script-src */{z}/{x}/{y}.png"):
        assert "tiles.url" in refused(tmp_path, "--tiles.url=" + url,
                                      status=2)
    assert "site.name" in refused(tmp_path, "--site.name=", status=2)
    assert "site.language" in refused(tmp_path, "--site.language=fr",
                                      status=2)


@pytest.fixture(scope="module")
def guild(tmp_path_factory, kafka, mosquitto):
    """A cart with sales, stock and a track, through the real parts."""
    from local.gpsd import Gpsd
    dir = tmp_path_factory.mktemp("guild")
    recording = os.path.join(openapi.ROOT, "tests", "data", "gnss")
    log = os.path.join(recording, sorted(
        f for f in os.listdir(recording) if f.endswith(".log"))[0])
    with Guild(dir, kafka=kafka, mosquitto=mosquitto) as guild, \
            Gpsd(str(dir / "gpsd"), log) as gpsd:
        gateway = guild.add_gateway(
            CART, gpsd_port=gpsd.port,
            settings={"clock.trust": "system"}).start()
        folios = []
        for units in (1, 2, 3):
            answer = gateway.ask({"type": "sale", "customer": "Ana",
                                  "units": units, "amount": 1000 * units,
                                  "stock_after": 30 - units})
            assert answer["ok"], answer
            folios.append(answer["folio"])
        assert gateway.ask({"type": "void", "folio": folios[0],
                            "reason": "mistaken"})["ok"]
        guild.folios = folios
        wait_for(lambda: len([s for s in guild.sales() if s["voided"]]) == 1
                 and len(guild.sales()) == 3, "the sales are counted", 60)
        wait_for(lambda: guild.cart(CART).get("fix"), "a fix", 60)
        wait_for(lambda: guild.get("/api/v1/carts/%s/track" % CART)["points"],
                 "a track", 120)
        yield guild


@pytest.mark.parametrize("pattern", PATHS)
def test_every_answer_is_as_described(guild, pattern):
    part = guild.part("api")
    status, body = ask_checked(part, pattern, PATHS[pattern], guild.token)
    assert status == (404 if NOTHING in PATHS[pattern] else 200)
    if pattern.endswith("/track"):
        ask_checked(part, pattern, PATHS[pattern] + "?format=geojson",
                    guild.token)


def test_customers_are_as_described(guild):
    part, path = guild.part("api"), "/api/v1/customers"
    ours = path + "?cart=" + CART
    status, body = ask_checked(part, path, ours, guild.token)
    assert [c["customer"] for c in json.loads(body)["customers"]] == ["Ana"]
    status, body = ask_checked(part, path, ours + "&frequent=true",
                               guild.token)
    assert json.loads(body)["customers"] == []
    status, body = ask_checked(part, path, ours + "&format=csv", guild.token)
    assert body.splitlines()[1].startswith(b"Ana,,2,false,")


def test_an_unknown_cart_is_not_found(guild):
    for pattern in PATHS:
        if "{cart}" in pattern:
            status, body = ask_checked(guild.part("api"), pattern,
                                       pattern.replace("{cart}", "ZZZZ99"),
                                       guild.token)
            assert status == 404 and json.loads(body)["field"] == "cart"


def test_the_days_sums_are_those_of_its_sales(guild):
    rows = guild.get("/api/v1/sales/daily?cart=" + CART)["carts"]
    assert [(r["sales"], r["units"], r["revenue_clp"], r["voided"])
            for r in rows] == [(2, 5, 5000, 1)]
    assert guild.get("/api/v1/sales/daily?date=2026-01-01")["carts"] == []


def test_the_walk_over_sales_meets_each_once(guild):
    found, after = [], 0
    while after is not None:
        page = guild.get("/api/v1/sales?limit=1&after=%d" % after)
        found += [s["folio"] for s in page["sales"]]
        after = page["next_after"]
    assert sorted(found) == sorted(guild.folios)


def test_the_live_list_has_those_heard_of(guild):
    live = guild.get("/api/v1/carts?live=true")["carts"]
    assert CART in [c["cart"] for c in live]


def test_json_and_geojson_show_one_track(guild):
    path = "/api/v1/carts/%s/track?" % CART
    points = guild.get(path)
    span = "from=%s&to=%s" % (points["from"], points["to"])
    points = guild.get(path + span)["points"]
    feature = guild.get(path + span + "&format=geojson")["features"][0]
    places = feature["geometry"]["coordinates"]
    if feature["geometry"]["type"] == "Point":
        places = [places]
    assert places == [[p["lon"], p["lat"]] for p in points]
    assert feature["properties"]["times"] == [p["at"] for p in points]


def test_what_the_client_has_is_not_sent_again(guild):
    part = guild.part("api")
    path = "/api/v1/sales/daily?date=2026-01-01"
    status, headers, body = ask(part, path, token=guild.token)
    tag = headers["ETag"]
    status, headers, body = ask(part, path, token=guild.token,
                                headers={"If-None-Match": tag})
    assert (status, body, headers["ETag"]) == (304, b"", tag)
    status, headers, body = ask(part, path, token=guild.token,
                                headers={"If-None-Match": '"other"'})
    assert status == 200
