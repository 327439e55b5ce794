"""pregonctl, against the real parts: what an operator does by hand."""
import json
import os
import re
import shutil
import stat
import subprocess

import pytest
from local.guild import Guild, build_dir
from local.process import wait_for

CART = "CTLS01"
DEAD = "CTLS02"


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    with Guild(tmp_path_factory.mktemp("ctl")) as guild:
        guild.add_gateway(CART).start()
        yield guild


def ctl(*words, stdin=None):
    """(exit status, stdout, stderr)"""
    done = subprocess.run(
        [os.path.join(build_dir(), "bin", "pregonctl"), *map(str, words)],
        input=stdin or "", stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True, timeout=60)
    return done.returncode, done.stdout, done.stderr


def to_gateway(guild, *words, cart=CART, stdin=None):
    status, out, err = ctl(
        words[0], "--socket=" + guild.gateways[cart].socket_path, *words[1:],
        stdin=stdin)
    return status, [json.loads(line) for line in out.splitlines()], err


def records(guild, topic):
    return [json.loads(line) for line in
            guild.ctl("tail", topic, "--from", "beginning").splitlines()]


def commands_of(guild, kind, cart=CART):
    return [r for r in records(guild, "topic_comandos")
            if r["key"].startswith(cart + "/") and r["value"]
            and r["value"]["kind"] == kind]


def test_help_lists_every_command_and_its_keys():
    status, out, err = ctl("--help")
    assert status == 0 and "Exit status" in out
    names = [line.split()[0] for line in out.splitlines()
             if line.startswith("  ") and not line.startswith("   ")]
    assert {"tail", "topics", "sale", "state", "catalogue", "outbox",
            "ledger"} <= set(names)
    for name in names:
        status, out, err = ctl(name, "--help")
        assert status == 0 and "keys:" in out, name


def test_wrong_words_are_a_status_of_their_own():
    for words in ((), ("no-such",), ("tail",), ("tail", "no_topic"),
                  ("tail", "topic_ventas", "--zzz=1"), ("topics", "crate"),
                  ("topics", "grow", "topic_ventas", "many"),
                  ("ledger", "raise"), ("ledger", "raise", "--since=soon"),
                  ("secret",), ("secret", "create"), ("secret", "show", "/x"),
                  ("outbox", "import", "/none"),
                  ("message", "hi"), ("message", "hi", "--cart=x"),
                  ("settings", "key", "--cart=" + CART),
                  ("catalogue", "push", "/none", "--cart=" + CART),
                  ("sale", "--socket=/none", "{}", "{}")):
        status, out, err = ctl(*words)
        assert status == 2 and err.startswith(("pregonctl", "usage")), words


def test_an_absent_part_is_one_line_that_names_it(tmp_path):
    for words, name in (
            (("state", "--socket=/none/pos.sock"), "/none/pos.sock"),
            (("topics", "check", "--brokers=127.0.0.1:1", "--timeout=1"),
             "127.0.0.1:1"),
            (("ledger", "show", "--brokers=127.0.0.1:1", "--timeout=1"), ""),
            (("outbox", "list", tmp_path / "none.db"), "none.db")):
        status, out, err = ctl(*words)
        ours = [line for line in err.splitlines()
                if line.startswith("pregonctl")]
        assert (status, len(ours)) == (1, 1) and name in ours[0], err


def test_a_secret_is_made_once_for_its_owner_alone(tmp_path):
    file = tmp_path / "secret"
    status, out, err = ctl("secret", "create", file)
    assert status == 0 and not out and str(file) in err, err
    made = file.read_text()
    assert re.fullmatch("[0-9a-f]{64}\n", made)
    assert made[:64] not in err and stat.S_IMODE(file.stat().st_mode) == 0o600
    for path in (file, tmp_path / "none" / "secret", tmp_path):
        status, out, err = ctl("secret", "create", path)
        assert status == 1 and err.startswith(f"pregonctl: {path}: "), err
    assert file.read_text() == made
    assert [p.name for p in tmp_path.iterdir()] == ["secret"]


def test_a_sale_from_flags_and_from_json(guild):
    status, answers, err = to_gateway(
        guild, "sale", "--customer", "Ana", "--units=3", "--amount=4500",
        "--stock_after=17")
    assert status == 0 and answers[0]["folio"].startswith(CART), err
    status, answers, err = to_gateway(
        guild, "sale", '{"customer": "Eva", "units": 1, "amount": 1500}')
    assert status == 0, err
    status, answers, err = to_gateway(
        guild, "sale", "-", stdin='{"units": 1, "amount": 9}\n\n'
                                  '{"units": 2, "amount": 18}\n')
    assert status == 0 and len({a["folio"] for a in answers}) == 2
    status, answers, err = to_gateway(guild, "void", "--reason=oops",
                                      "--folio=" + answers[0]["folio"])
    assert status == 0, answers
    wait_for(lambda: guild.get("/api/v1/stats")["sales"], "it is counted", 30)


def test_what_the_gateway_refuses_has_a_status_of_its_own(guild):
    status, answers, err = to_gateway(guild, "sale", "--units=0",
                                      "--amount=1")
    assert status == 3 and answers[0]["ok"] is False
    assert answers[0]["error"]
    assert to_gateway(guild, "sale", "--units=some")[0] == 2


def test_the_other_requests(guild):
    for words in (("open",), ("stock", "--level=40"),
                  ("abandoned", "--units=1", "--amount=1"),
                  ("help", "--note=se acabó el gas"), ("inbox",), ("close",),
                  ("state",)):
        status, answers, err = to_gateway(guild, *words)
        assert status == 0 and answers[0]["ok"], (words, answers, err)
    assert answers[0]["cart"] == CART


def test_tail_shows_what_the_topics_hold(guild):
    folio = to_gateway(guild, "sale", "--units=2", "--amount=3000",
                       "--customer=Tail")[1][0]["folio"]
    def sale_of_tail():
        for record in records(guild, "topic_ventas"):
            for item in record["value"]["items"]:
                if item.get("customer") == "Tail":
                    return record, item
        return None
    record, item = wait_for(sale_of_tail, "the sale is in Kafka", 30)
    assert record["key"] == CART
    assert record["headers"]["schema"] == "sale/1"
    assert folio.split("-")[1] == record["value"]["epoch"]
    assert item["lines"] == [{"product": 0, "units": 2, "amount_clp": 3000}]
    statuses = [r["value"] for r in records(guild, "topic_coordenadas")
                if r["headers"]["schema"] == "status/1"]
    assert any(s["state"] == "online" for s in statuses)
    assert any(r["key"] == "guild" and r["value"]["ledger"] > 50000
               for r in records(guild, "topic_comandos"))
    first = guild.ctl("tail", "topic_ventas", "--from=beginning",
                      "--count=1").splitlines()
    assert len(first) == 1


def test_tail_follows_what_comes(guild):
    tail = subprocess.Popen(
        [os.path.join(build_dir(), "bin", "pregonctl"), "tail",
         "topic_ventas", "--brokers=" + guild.bootstrap, "--count=1"],
        stdout=subprocess.PIPE, text=True)
    try:
        # It says nothing when it is ready: sell until it has heard one.
        def heard():
            to_gateway(guild, "sale", "--units=1", "--amount=1")
            return tail.poll() is not None
        wait_for(heard, "it has shown a sale", 60)
        out = tail.communicate(timeout=30)[0]
        assert json.loads(out)["topic"] == "topic_ventas"
        assert tail.returncode == 0
    finally:
        tail.kill()
        tail.wait()


def test_topics_are_made_checked_and_grown(guild):
    assert guild.ctl("topics", "create").splitlines()[-1] == "0 made"
    assert "topic_ventas" in guild.ctl("topics", "check")
    status, out, err = ctl("topics", "check", "--brokers=" + guild.bootstrap,
                           "--partitions.ventas=9")
    assert status == 1 and "topic_ventas" in err and "9" in err
    out = guild.ctl("topics", "grow", "topic_soporte", 5)
    assert out.strip() == "topic_soporte: 2 -> 5 partitions"
    wait_for(lambda: "topic_soporte            5"
             in guild.ctl("topics", "check"), "it has grown", 30)
    for topic, count in (("topic_soporte", 5), ("topic_soporte", 2),
                         ("topic_comandos", 9)):
        done = guild.ctl("topics", "grow", topic, count, check=False)
        assert done.returncode == 1, topic


def test_a_catalogue_reaches_the_cart(guild, tmp_path):
    csv = tmp_path / "products.csv"
    csv.write_text("product_name,price\nEmpanada,1500\nJugo,900\n")
    carts = tmp_path / "carts"
    carts.write_text("# north\n%s\n%s\n" % (CART, "ZZZZ99"))
    assert "2 carts" in guild.ctl("catalogue", "push", csv,
                                  "--all-carts-of", carts)
    record = commands_of(guild, "catalogue")[-1]
    assert record["key"] == CART + "/catalogue"
    assert record["value"]["payload"][1] == {"code": 1, "name": "Jugo",
                                             "price_clp": 900}

    def sold():
        status, answers, err = to_gateway(
            guild, "sale", "--product=Jugo", "--units=2")
        return status == 0
    wait_for(sold, "the cart sells by the catalogue", 60)


def test_messages_and_settings_reach_the_cart(guild):
    guild.ctl("message", "Llega gas a las 15:00", "--cart", CART)
    guild.ctl("message", "Y pan", "--cart", CART)

    def texts():
        return [m["text"] for m in
                to_gateway(guild, "inbox")[1][0]["messages"]
                if "text" in m]		# news of an order has none
    wait_for(lambda: "Y pan" in texts(), "both are there", 60)
    assert texts().count("Llega gas a las 15:00") == 1
    guild.ctl("settings", "keep.distance_m=25", "keep.interval_s=50",
              "--cart", CART)
    assert commands_of(guild, "settings")[-1]["value"]["payload"] == {
        "keep.distance_m": "25", "keep.interval_s": "50"}


def test_the_ledger_is_shown_and_raised(guild):
    def ledger():
        words = guild.ctl("ledger", "show").splitlines()
        return {k: v for k, v in (w.split(": ", 1) for w in words)}
    before = ledger()
    words = ("ledger", "raise", "--since=2026-01-01T00:00:00Z")
    assert "would be written" in guild.ctl(*words)
    assert ledger() == before
    guild.ctl(*words, "--yes")
    after = ledger()
    assert int(after["ledger"]) > int(before["ledger"])
    assert after["log"] == before["log"]
    assert after["since"] == "2026-01-01T00:00:00.000Z"
    guild.ctl(*words, "--yes", "--broker-ledger",
              int(after["ledger"]) + 1000)
    assert int(ledger()["ledger"]) == int(after["ledger"]) + 1001
    for since in ("2999-01-01T00:00:00Z", "1999-01-01T00:00:00Z"):
        assert ctl("ledger", "raise", "--since", since)[0] == 2


def folios_of(guild, cart):
    return sorted(s["folio"] for s in guild.sales() if s["cart"] == cart)


def test_a_dead_carts_file_is_handed_in_once(guild, tmp_path):
    """Some sales are acknowledged, then the cart sells without a network and
    is never heard of again: its card is read."""
    gateway = guild.add_gateway(DEAD).start()
    folios = [to_gateway(guild, "sale", "--units=1", "--amount=%d" % i,
                         cart=DEAD)[1][0]["folio"] for i in range(1, 6)]
    wait_for(lambda: folios_of(guild, DEAD) == sorted(folios),
             "the first are counted", 60)
    wait_for(lambda: gateway.ask({"type": "state"})["backlog"] == 0,
             "and acknowledged", 60)
    gateway.stop()
    gateway.settings["mqtt.port"] = 1
    gateway.start()
    folios += [to_gateway(guild, "sale", "--units=1", "--amount=%d" % i,
                          cart=DEAD)[1][0]["folio"] for i in range(6, 16)]
    gateway.kill9()
    card = str(tmp_path / "outbox.db")
    for end in ("", "-wal"):
        if os.path.exists(gateway.settings["outbox.path"] + end):
            shutil.copy(gateway.settings["outbox.path"] + end, card + end)
    before = sorted((f, os.stat(tmp_path / f).st_mtime_ns)
                    for f in os.listdir(tmp_path))

    listed = [line.split() for line in
              ctl("outbox", "list", card)[1].splitlines()]
    sales = [row for row in listed if row[0] == "sale"]
    assert [row[3] for row in sales] == ["0", "10"], sales
    assert sales[0][1] == folios[0].split("-")[1]
    assert sales[1][1] == folios[5].split("-")[1]
    assert sales[1][4].startswith("20") and sales[1][5] >= sales[1][4]

    assert len(folios_of(guild, DEAD)) == 5
    # Under another plate its sales would be counted again.
    wrong = guild.ctl("outbox", "import", card, "--cart", "OTHER9",
                      check=False)
    assert wrong.returncode == 2 and DEAD in wrong.stderr, wrong.stderr
    out = guild.ctl("outbox", "import", card, "--cart", DEAD)
    assert "sale: 10 events" in out, out
    wait_for(lambda: folios_of(guild, DEAD) == sorted(folios),
             "all are counted", 60)
    revenue = guild.get("/api/v1/stats")["revenue_clp"]
    for words in ((), ("--all",)):
        out = guild.ctl("outbox", "import", card, "--cart", DEAD, *words)
        # Among the first may be a time marker, which has a number too.
        handed_in = int(out.split("sale: ")[1].split()[0])
        assert handed_in >= 15 if words else handed_in == 10, out
    duplicates = guild.get("/api/v1/stats")["duplicates"]
    wait_for(lambda: guild.get("/api/v1/stats")["duplicates"]
             >= duplicates, "they were seen again", 60)
    assert folios_of(guild, DEAD) == sorted(folios)
    assert guild.get("/api/v1/stats")["revenue_clp"] == revenue
    assert guild.get("/api/v1/stats")["conflicts"] == 0
    assert guild.get("/api/v1/gaps?cart=" + DEAD)["gaps"] == []
    # Nothing was written to the card.
    assert before == sorted((f, os.stat(tmp_path / f).st_mtime_ns)
                            for f in os.listdir(tmp_path))


def test_a_file_that_is_no_outbox_is_refused(tmp_path):
    (tmp_path / "text.db").write_text("no database" * 1000)
    status, out, err = ctl("outbox", "list", tmp_path / "text.db")
    assert status == 1 and "text.db" in err
