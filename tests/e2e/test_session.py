"""Logging in to pregon-api with a browser, against a real Kafka with no role
running (a read that is let in hears that its role has made no database)."""
import http.client
import json
import ssl

import openapi
import pytest
from local.certs import Authority
from local.guild import write_secret
from local.kafka import Kafka
from local.process import wait_for
from test_access import ORDER, Api, ctl, let_in

DOCUMENT = openapi.load()
PATH = "/api/v1/session"
NAME = "pregon-session"


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Kafka(tmp_path_factory.mktemp("kafka")) as kafka:
        status, out, err = ctl(kafka.bootstrap, "topics", "create")
        assert status == 0, err
        yield kafka


@pytest.fixture(scope="module")
def api(tmp_path_factory, broker):
    dir = tmp_path_factory.mktemp("api")
    write_secret(str(dir / "secret"))
    part = Api(dir, broker.bootstrap, secret_file=str(dir / "secret"),
               public__burst=1000).start()
    yield part
    part.stop()


class Browser:
    """Keeps the cookie that it is given, and sends it as browsers do."""

    def __init__(self, api):
        self.api, self.cookie, self.csrf = api, None, None

    def ask(self, method, path, body=None, csrf=None, site="same-origin",
            **more):
        headers = {"Sec-Fetch-Site": site}
        if self.cookie:
            headers["Cookie"] = "theme=dark; %s=%s" % (NAME, self.cookie)
        if csrf:
            headers["X-Pregon-CSRF"] = csrf
        status, got, answer = self.api.ask(method, path, body, **more,
                                           **headers)
        if path == PATH and status != 405:
            openapi.check_answer(DOCUMENT, PATH, status, got["Content-Type"],
                                 json.dumps(answer), method.lower())
        if "Set-Cookie" in got:
            pair, *words = got["Set-Cookie"].split("; ")
            name, self.cookie = pair.split("=", 1)
            assert name == NAME
            assert {"Path=/", "HttpOnly", "SameSite=Strict"} <= set(words)
        return status, got, answer

    def log_in(self, token):
        status, got, answer = self.ask("POST", PATH, {"token": token})
        assert status == 200, answer
        assert got["Cache-Control"] == "no-store"
        self.csrf = answer["csrf"]
        return answer


def test_a_browser_logs_in_asks_writes_and_logs_out(api):
    token = api.make_token("admin", "--name=Rosa")
    browser = Browser(api)
    assert browser.ask("GET", PATH)[0] == 401
    said = browser.log_in(token)
    assert (said["name"], said["role"], said["cart"]) == ("Rosa", "admin",
                                                          None)
    assert token.split(".")[1] not in browser.cookie
    assert browser.ask("GET", PATH)[2] == said
    assert let_in(browser.ask("GET", "/api/v1/carts"))
    status, _, answer = browser.ask("POST", "/api/v1/restocks", ORDER,
                                    csrf=browser.csrf, key="browser-1")
    assert status == 202, answer
    copied = browser.cookie
    assert browser.ask("DELETE", PATH, csrf=browser.csrf)[2] == {
        "ended": True}
    assert browser.cookie == ""
    browser.cookie = copied
    status, got, answer = browser.ask("GET", PATH)
    assert status == 401 and "log in again" in answer["detail"]
    assert "Max-Age=0" in got["Set-Cookie"]


def test_another_sites_page_writes_nothing(api):
    browser = Browser(api)
    browser.log_in(api.make_token("admin"))
    other = Browser(api)
    other.log_in(api.make_token("admin"))
    for more in ({}, {"csrf": "0" * 32}, {"csrf": other.csrf},
                 {"csrf": browser.csrf, "site": "cross-site"},
                 {"csrf": browser.csrf, "site": "same-site"}):
        status, _, answer = browser.ask("POST", "/api/v1/restocks", ORDER,
                                        key="other-site", **more)
        assert (status, answer["field"]) == (403, "X-Pregon-CSRF"), more
    status, _, answer = browser.ask("DELETE", PATH)
    assert (status, answer["field"]) == (403, "X-Pregon-CSRF")
    # A form can send no JSON, and so cannot log its victim in.
    status, _, answer = browser.ask(
        "POST", PATH, json.dumps({"token": "a.b"}), kind="text/plain")
    assert status == 415
    status, got, _ = browser.ask("OPTIONS", PATH)
    assert status == 405
    assert not [name for name in got if name.startswith("Access-Control")]
    assert browser.ask("POST", "/api/v1/restocks", ORDER, csrf=browser.csrf,
                       key="other-site")[0] == 202


def test_it_ends_with_its_token(api, broker):
    token = api.make_token("depot")
    browser = Browser(api)
    browser.log_in(token)
    assert let_in(browser.ask("GET", "/api/v1/carts"))
    assert ctl(broker.bootstrap, "token", "revoke",
               token.split(".")[0])[0] == 0
    wait_for(lambda: browser.ask("GET", "/api/v1/carts")[0] == 401,
             "the session is over", 20)


def test_a_killed_api_logs_nobody_out(api):
    browser = Browser(api)
    said = browser.log_in(api.make_token("vendor", "--cart=ACCE01"))
    assert said["cart"] == "ACCE01"
    api.kill9()
    api.start()
    assert wait_for(lambda: [a for a in [browser.ask("GET", PATH)]
                             if a[0] == 200], "it knows the browser",
                    20)[0][2] == said


def test_a_made_up_cookie_is_refused(api):
    browser = Browser(api)
    browser.log_in(api.make_token("admin"))
    good = browser.cookie
    id, until, nonce, mac = good.split(".")
    later = "%x" % (int(until, 16) + 3600000)
    for cookie in ("", ".", "...", id, "a" * 4000, good + "0", good[:-1],
                   ".".join((id, later, nonce, mac)),
                   ".".join((id, until, nonce[::-1], mac)),
                   ".".join((id, until, nonce, mac[::-1])),
                   ".".join(("nobody", until, nonce, mac)), "%s%n%x.1.2.3"):
        browser.cookie = cookie or "x"
        assert browser.ask("GET", PATH)[0] == 401, cookie
    browser.cookie = good
    assert browser.ask("GET", PATH)[0] == 200


def test_a_token_with_a_line_end_adds_no_header(api):
    browser = Browser(api)
    for token in ("a.b\r\nX-Evil: 1", "a\nb.c", "a\0.b", "a;b.c"):
        status, got, answer = browser.ask("POST", PATH, {"token": token})
        assert status in (400, 401, 422), answer
        assert "X-Evil" not in got and "Set-Cookie" not in got


def test_over_https_the_cookie_is_for_https_alone(tmp_path, broker):
    authority = Authority(str(tmp_path / "ca"))
    certificate, key = authority.broker()
    part = Api(tmp_path, broker.bootstrap, tls__cert=certificate,
               tls__key=key)
    context = ssl.create_default_context(cafile=authority.ca)
    status, out, err = ctl(broker.bootstrap, "token", "create",
                           "--role=admin")
    assert status == 0, err

    def ask(method, path, body=None, **headers):
        connection = http.client.HTTPSConnection(
            "localhost", part.http_port, timeout=10, context=context)
        connection.request(method, path, body,
                           {"Content-Type": "application/json", **headers})
        answer = connection.getresponse()
        answer.read()
        connection.close()
        return answer
    part.start(wait=False)
    try:
        part.child.wait_for(lambda: "api.ready" in part.child.output(),
                            "it is ready", 20)
        answer = wait_for(
            lambda: [a for a in [ask("POST", PATH, json.dumps(
                {"token": out.strip()}))] if a.status == 200],
            "it logs in", 20)[0]
        cookie = answer.headers["Set-Cookie"]
        assert cookie.startswith("__Host-pregon-session=")
        assert "; Secure" in cookie and "Domain" not in cookie
        value = cookie.split(";")[0]
        assert ask("GET", PATH, Cookie=value).status == 200
        # The name that any page of plain HTTP could set says nothing.
        assert ask("GET", PATH, Cookie=value.replace(
            "__Host-", "")).status == 401
    finally:
        part.stop()
