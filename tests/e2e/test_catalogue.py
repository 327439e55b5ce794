"""The guild's catalogue, from a file to every cart, also one that was off."""
import csv
import io
import time

import pytest
import records
from local.guild import Guild
from local.process import wait_for

CART, OFF = "CATA01", "CATA02"
PATH = "/api/v1/products"
ROWS = 1000
RETURN_S = 5
PARTITIONS = 2


@pytest.fixture(scope="module")
def guild(tmp_path_factory, mosquitto):
    with Guild(tmp_path_factory.mktemp("catalogue"),
               mosquitto=mosquitto) as guild:
        for plate in (CART, OFF):
            guild.add_gateway(plate,
                              settings={"clock.trust": "system"}).start()
            wait_for(lambda p=plate: guild.cart(p), plate + " is there", 30)
        yield guild


def table(products):
    """CSV of (name, price) pairs, as a spreadsheet writes it."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["product_name", "price"])
    writer.writerows(products)
    return text.getvalue()


def put(guild, products):
    status, _, answer = guild.put(PATH, table(products),
                                  content_type="text/csv; charset=utf-8")
    return status, answer


def shown(guild):
    return [(p["code"], p["name"], p["price"])
            for p in guild.get(PATH)["products"]]


def on_cart(guild, plate):
    return [(p["code"], p["name"], p["price"]) for p in
            guild.gateways[plate].ask({"type": "state"})["catalogue"]]


def written(guild):
    """Records of the catalogue, as laid down and as sent to the carts."""
    return [
        (r.headers["schema"], r.partition, r.offset)
        for topic in ("topic_reglas", "topic_comandos")
        for r in records.read(guild.bootstrap, topic, PARTITIONS)
        if r.key in (b"products", b"*/catalogue")]


PRODUCTS = [('Empanada n.º %d, de "pino"' % i, 500 + i) for i in range(ROWS)]


def test_a_thousand_rows_reach_a_cart_that_was_off(guild):
    guild.gateways[OFF].stop()
    status, answer = put(guild, PRODUCTS)
    assert (status, answer) == (202, {"products": ROWS, "changed": True})
    expected = [(i, name, price) for i, (name, price) in enumerate(PRODUCTS)]
    wait_for(lambda: shown(guild) == expected, "the catalogue is shown", 20)
    wait_for(lambda: on_cart(guild, CART) == expected,
             "the cart that was on has it", 20)
    start = time.monotonic()
    guild.gateways[OFF].start()
    wait_for(lambda: on_cart(guild, OFF) == expected,
             "the cart that was off has it", 30)
    assert time.monotonic() - start < RETURN_S


def test_the_same_file_again_changes_nothing(guild):
    before = written(guild)
    assert before
    status, answer = put(guild, PRODUCTS)
    assert (status, answer) == (200, {"products": ROWS, "changed": False})
    assert written(guild) == before


def test_codes_stay_with_their_names(guild):
    """Rows that move, go and come: a sold product's code stays its own."""
    codes = {name: code for code, name, _ in shown(guild)}
    products = [("Mote con huesillo", 1500)] + PRODUCTS[::-1][10:]
    products[5] = (products[5][0], 99)
    assert put(guild, products)[0] == 202
    wait_for(lambda: len(shown(guild)) == len(products), "the change", 20)
    after = shown(guild)
    assert [(n, p) for _, n, p in after] == products
    assert after[0][0] == ROWS
    assert all(codes[name] == code for code, name, _ in after[1:])
    for plate in (CART, OFF):
        wait_for(lambda p=plate: on_cart(guild, p) == after,
                 plate + " has it", 20)


def test_what_comes_out_as_csv_may_go_in_again(guild):
    status, headers, text = guild.post(PATH + "?format=csv", method="GET")
    assert status == 200 and headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(io.StringIO(text.decode())))
    assert [(int(r["code"]), r["product_name"], int(r["price"]))
            for r in rows] == shown(guild)
    status, _, answer = guild.put(PATH, text, content_type="text/csv")
    assert (status, answer["changed"]) == (200, False)


def test_each_wrong_line_is_named(guild):
    status, _, answer = guild.put(PATH, "product_name,price\nPan,100\n,5\n"
                                  "Té,dear\nPan,7\n", content_type="text/csv")
    assert status == 422
    assert [e["field"] for e in answer["errors"]] == [
        "line 3, product_name", "line 4, price", "line 5, product_name"]
    status, _, answer = guild.put(PATH, "name,price\n",
                                  content_type="text/csv")
    assert (status, answer["errors"][0]["field"]) == (422, "line 1")


def test_a_catalogue_that_no_cart_can_hold_is_refused(guild):
    before = shown(guild)
    assert put(guild, [("p%d" % i, 1) for i in range(2001)])[0] == 422
    status, answer = put(guild, [("%080d" % i, 1) for i in range(1500)])
    assert status == 422 and "bytes" in answer["detail"]
    assert shown(guild) == before
