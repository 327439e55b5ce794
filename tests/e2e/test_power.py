"""Power cuts, lying flash cards, and a POS that repeats itself."""
import glob
import os
import shutil

import pytest

from local.guild import Guild
from local.process import wait_for
from vendors import compare

FIELDS = {"type": "sale", "customer": "Ana", "units": 2, "amount": 1400}


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("power")) as guild:
        yield guild


def sell(gateway, count, prefix):
    folios = {}
    for i in range(count):
        answer = gateway.ask({**FIELDS, "request_id": "%s-%d" % (prefix, i)})
        assert answer["ok"], answer
        folios[answer["folio"]] = FIELDS["amount"]
    return folios


def outbox_files(gateway):
    return [f for f in glob.glob(gateway.settings["outbox.path"] + "*")
            if not f.endswith(".lock")]


def mine(guild, cart, books):
    """compare(), of one cart alone."""
    lost, twice = compare(guild, books)
    return lost, [f for f in twice if f.startswith(cart + "-")]


def test_sales_after_a_rolled_back_flash_are_all_counted(guild, tmp_path):
    gateway = guild.add_gateway("LYING1").start()
    books = sell(gateway, 10, "early")
    wait_for(lambda: gateway.ask({"type": "state"})["backlog"] == 0,
             "acknowledged", 30)
    saved = tmp_path / "flash"
    saved.mkdir()
    gateway.child.pause()
    for path in outbox_files(gateway):
        shutil.copy(path, saved)
    gateway.child.resume()
    books.update(sell(gateway, 10, "middle"))
    wait_for(lambda: not mine(guild, "LYING1", books)[0], "counted", 30)

    gateway.kill9()
    for path in outbox_files(gateway):
        os.remove(path)
    for path in saved.iterdir():
        shutil.copy(path, os.path.dirname(gateway.settings["outbox.path"]))
    gateway.start()
    late = sell(gateway, 50, "late")
    assert not late.keys() & books.keys(), "a folio was given twice"
    books.update(late)
    wait_for(lambda: not mine(guild, "LYING1", books)[0], "counted", 30)
    assert mine(guild, "LYING1", books) == ([], [])
    wait_for(lambda: guild.get("/api/v1/gaps?cart=LYING1")["gaps"] == [],
             "no gap", 10)


def test_a_request_repeated_is_one_sale_with_one_folio(guild):
    gateway = guild.add_gateway("REPEAT").start()
    request = {**FIELDS, "request_id": "the-same"}
    first = gateway.ask(request)
    gateway.kill9()
    gateway.start()
    again = gateway.ask(request)
    assert again == first
    other = gateway.ask({**request, "units": 3})
    assert not other["ok"] and "request_id" in other["error"]
    books = {first["folio"]: FIELDS["amount"]}
    wait_for(lambda: not mine(guild, "REPEAT", books)[0], "counted", 30)
    assert mine(guild, "REPEAT", books) == ([], [])


def test_a_request_repeated_over_a_rolled_back_flash_is_counted_once(
        guild, tmp_path):
    """The flash forgot the sale, the guild did not: its first folio stays."""
    gateway = guild.add_gateway("REPLIE").start()
    sell(gateway, 1, "before")
    saved = tmp_path / "flash"
    saved.mkdir()
    gateway.child.pause()
    for path in outbox_files(gateway):
        shutil.copy(path, saved)
    gateway.child.resume()
    request = {**FIELDS, "request_id": "lost-answer"}
    first = gateway.ask(request)["folio"]
    books = {first: FIELDS["amount"]}
    wait_for(lambda: not mine(guild, "REPLIE", books)[0], "counted", 30)
    gateway.kill9()
    for path in outbox_files(gateway):
        os.remove(path)
    for path in saved.iterdir():
        shutil.copy(path, os.path.dirname(gateway.settings["outbox.path"]))
    gateway.start()
    second = gateway.ask(request)["folio"]
    wait_for(lambda: gateway.ask({"type": "state"})["backlog"] == 0,
             "acknowledged", 30)
    marker = sell(gateway, 1, "after")
    wait_for(lambda: not mine(guild, "REPLIE", marker)[0], "counted", 30)
    rows = [r for r in guild.sales() if r["cart"] == "REPLIE"]
    assert len([r for r in rows if r["folio"] in (first, second)]) == 1
