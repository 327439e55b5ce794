"""Files that pregon-api serves to browsers, and what no path reaches."""
import gzip
import os
import socket

import pytest
from test_api import api, ask, refused

PAGE, SCRIPT = b"<!doctype html><title>Preg\xc3\xb3n</title>", b"x=1;" * 500
TILES = os.urandom(100000)
SECRET = b"not to be seen"


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    dir = tmp_path_factory.mktemp("web")
    root = dir / "root"
    (root / "assets").mkdir(parents=True)
    (dir / "secret.txt").write_bytes(SECRET)
    (root / "index.html").write_bytes(PAGE)
    (root / "assets" / "app.js").write_bytes(SCRIPT)
    (root / "assets" / "app.js.gz").write_bytes(gzip.compress(SCRIPT))
    (root / "assets" / "map-7DKQ2LXM.js").write_bytes(SCRIPT)
    (root / "city.pmtiles").write_bytes(TILES)
    (root / "city.pmtiles.gz").write_bytes(gzip.compress(TILES))
    (root / ".env").write_bytes(SECRET)
    (root / "big.bin").write_bytes(os.urandom(3000000))
    os.symlink("../secret.txt", root / "link.txt")
    os.symlink("/etc", root / "etc")
    part = api(dir, web__root=str(root)).start()
    part.root = root
    yield part
    part.stop()


def raw(part, target, method=b"GET"):
    """The whole answer to a path as it is, which no client mends."""
    with socket.create_connection(("127.0.0.1", part.http_port), 10) as s:
        s.sendall(method + b" " + target + b" HTTP/1.1\r\nHost: a\r\n"
                  b"Connection: close\r\n\r\n")
        answer = b""
        while True:
            more = s.recv(65536)
            if not more:
                return answer
            answer += more


def test_a_page_and_what_it_loads(site):
    status, headers, body = ask(site, "/")
    assert (status, body) == (200, PAGE)
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    policy = headers["Content-Security-Policy"]
    assert "default-src 'self'" in policy and "unsafe" not in policy
    assert "frame-ancestors 'none'" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] and headers["Cache-Control"]
    assert "Server" not in headers
    assert ask(site, "/?view=map&x=1")[2] == PAGE
    status, headers, body = ask(site, "/assets/app.js")
    assert (status, body) == (200, SCRIPT)
    assert headers["Content-Type"].startswith("text/javascript")
    assert "Content-Encoding" not in headers
    status, headers, body = ask(site, "/assets/app.js", "HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(SCRIPT)
    assert ask(site, "/big.bin")[2] == (site.root / "big.bin").read_bytes()
    assert ask(site, "/", "POST", body="x")[0] == 404


def test_a_packed_one_for_those_who_take_it(site):
    status, headers, body = ask(site, "/assets/app.js",
                                headers={"Accept-Encoding": "br, gzip"})
    assert headers["Content-Encoding"] == "gzip"
    assert headers["Vary"] == "Accept-Encoding"
    assert headers["Content-Type"].startswith("text/javascript")
    assert gzip.decompress(body) == SCRIPT and len(body) < len(SCRIPT)


def test_what_did_not_change_is_not_sent_again(site):
    for path in ("/", "/assets/app.js"):
        tag = ask(site, path)[1]["ETag"]
        status, headers, body = ask(site, path,
                                    headers={"If-None-Match": tag})
        assert (status, body, headers["ETag"]) == (304, b"", tag)
        assert "default-src 'self'" in headers["Content-Security-Policy"]
    page = site.root / "index.html"
    page.write_bytes(PAGE + b"!")
    try:
        assert ask(site, "/", headers={"If-None-Match": tag})[2] == PAGE + \
            b"!"
    finally:
        page.write_bytes(PAGE)


def test_what_is_named_by_its_hash_is_kept(site):
    kept = ask(site, "/assets/map-7DKQ2LXM.js")[1]["Cache-Control"]
    assert "immutable" in kept and "max-age=31536000" in kept
    for path in ("/", "/assets/app.js", "/city.pmtiles"):
        assert ask(site, path)[1]["Cache-Control"] == "private, no-cache"
    assert ask(site, "/assets/gone-7DKQ2LXM.js")[1]["Cache-Control"] == \
        "no-store"


def part(site, asked, method="GET", path="/city.pmtiles", **headers):
    headers = {k.replace("_", "-"): v for k, v in headers.items()}
    return ask(site, path, method, headers={"Range": asked, **headers})


@pytest.mark.parametrize("asked,first,end", [
    ("bytes=0-16383", 0, 16384), ("bytes=0-0", 0, 1),
    ("bytes=99999-", 99999, 100000), ("bytes=50000-200000", 50000, 100000),
    ("bytes=-127", 99873, 100000), ("bytes=-200000", 0, 100000)])
def test_a_part_of_a_file(site, asked, first, end):
    status, headers, body = part(site, asked, Accept_Encoding="gzip")
    assert (status, body) == (206, TILES[first:end])
    assert headers["Content-Range"] == "bytes %d-%d/100000" % (first, end - 1)
    assert int(headers["Content-Length"]) == end - first
    assert headers["Content-Type"] == "application/vnd.pmtiles"
    assert headers["Accept-Ranges"] == "bytes"
    assert "Content-Encoding" not in headers
    assert headers["Content-Security-Policy"] and headers["ETag"]


def test_every_part_together_is_the_file(site):
    got = b""
    while len(got) < len(TILES):
        status, _, body = part(site, "bytes=%d-%d" % (len(got),
                                                      len(got) + 9999))
        assert status == 206
        got += body
    assert got == TILES


def test_a_part_behind_the_end_is_none(site):
    for asked in ("bytes=100000-", "bytes=-0", "bytes=100000-100001"):
        status, headers, body = part(site, asked)
        assert (status, body) == (416, b""), asked
        assert headers["Content-Range"] == "bytes */100000"


def test_what_is_no_single_part_is_the_whole(site):
    for asked in ("bytes=0-9,20-29", "lines=0-9", "bytes=9-0", "bytes=x"):
        status, headers, body = part(site, asked)
        assert (status, body) == (200, TILES), asked
        assert "Content-Range" not in headers
    status, headers, body = part(site, "bytes=0-9", method="HEAD")
    assert (status, body) == (200, b"")
    assert int(headers["Content-Length"]) == len(TILES)
    assert headers["Accept-Ranges"] == "bytes"


def test_a_part_is_of_the_file_that_the_client_knows(site):
    tag = ask(site, "/city.pmtiles")[1]["ETag"]
    assert part(site, "bytes=0-9", If_Range=tag)[0] == 206
    for other in ('"another"', "W/" + tag, "Sat, 21 Nov 2026 00:00:00 GMT"):
        assert part(site, "bytes=0-9", If_Range=other)[2] == TILES, other
    status, headers, body = part(site, "bytes=0-9", If_None_Match=tag)
    assert (status, body) == (304, b"") and "Content-Range" not in headers
    packed = ask(site, "/city.pmtiles", headers={"Accept-Encoding": "gzip"})
    assert packed[1]["ETag"] != tag


@pytest.mark.parametrize("target", [
    b"/../secret.txt", b"/assets/../../secret.txt", b"/%2e%2e/secret.txt",
    b"/..%2fsecret.txt", b"/%2e%2e%2fsecret.txt", b"/..%5csecret.txt",
    b"/%252e%252e/secret.txt", b"/.%00./secret.txt", b"/assets/..%2f..%2f"
    b"secret.txt", b"//secret.txt", b"/./../secret.txt", b"/link.txt",
    b"/etc/passwd", b"/etc/", b"/.env", b"/%2eenv", b"/assets", b"/assets/",
    b"/....//secret.txt", b"/%c0%ae%c0%ae/secret.txt", b"/..;/secret.txt",
    b"../secret.txt", b"http://a/../secret.txt", b"/assets/app.js/",
    b"/assets/../index.html", b"/api/../index.html"])
def test_no_path_leads_out(site, target):
    answer = raw(site, target)
    assert SECRET not in answer and b"root:" not in answer
    assert answer.split(b" ")[1] in (b"404", b"400"), answer[:200]


def test_a_path_adds_no_header(site):
    for target in (b"/x%0d%0aX-Evil:%201", b"/x%0aX-Evil: 1",
                   b"/?a=%0d%0aX-Evil:%201"):
        head = raw(site, target).split(b"\r\n\r\n")[0]
        assert b"X-Evil" not in head


def test_the_api_is_where_it_was(site):
    assert ask(site, "/healthz")[0] == 200
    assert ask(site, "/api/v1/stats")[0] == 200
    status, headers, _ = ask(site, "/api/v1/nothing")
    assert status == 404
    assert headers["Content-Type"] == "application/problem+json"


def test_a_folder_that_is_not_there_keeps_it_from_starting(tmp_path):
    assert "web.root /none" in refused(tmp_path, "--web.root=/none")
