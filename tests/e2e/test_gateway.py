"""pregon-gateway with the real gpsd and the real Mosquitto; the guild's side is
played by the test (one_cart.py)."""
import glob
import json
import math
import time

import pytest

from local.gpsd import Gpsd
from local.ports import free_port
from local.proxy import Proxy
from one_cart import LEDGER, SYSTEM_TIME, Cart

SALE = {"type": "sale", "customer": "Ana", "units": 3, "amount": 4500}


@pytest.fixture
def gpsd(tmp_path, gnss):
    """A walk, some four fixes a second, for ever."""
    with Gpsd(tmp_path / "gpsd", gnss("haicom-305N"), baud=9600) as gpsd:
        yield gpsd


def test_a_sale_has_a_folio_and_comes_with_its_stock(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "SALE01") as cart:
        cart.bridge.wait(lambda: cart.state()["connected"], "connected")
        answer = cart.ask(**SALE, stock_after=17, contact="a@b.cl")
        assert answer["ok"] and answer["folio"].startswith("SALE01-")
        cart.bridge.wait(lambda: cart.bridge.items("stock"), "stock")
        cart.bridge.wait(cart.bridge.sales, "the sale")
        kind, at, boot, confirmed, *_, lines = cart.bridge.sales()[0]
        assert confirmed and lines == [[0, 3, 4500]]
        stock = list(cart.bridge.items("stock").values())[0]
        assert stock[0] == 6 and stock[3:7] == [0, -3, 17, 0]
        cart.quiet()
        assert cart.ask(**SALE)["ok"]
        assert cart.state()["level"] == 14


def test_fixes_of_gpsd_reach_the_broker(tmp_path, mosquitto, gpsd):
    with Cart(tmp_path, mosquitto, "FIX001", gpsd.port,
              link__linger_s=0) as cart:
        cart.bridge.wait(lambda: len(cart.bridge.fixes()) >= 3, "fixes", 60)
        for fix in cart.bridge.fixes():
            assert abs(fix["lat"] + 27.2107) < 0.001
            assert abs(fix["lon"] - 153.0521) < 0.001
        # A log of 2007: the date cannot be true.
        assert cart.bridge.fixes()[-1]["flags"] & SYSTEM_TIME
        assert abs(cart.bridge.fixes()[-1]["at"] / 1000 - time.time()) < 5
        cart.bridge.wait(lambda: cart.bridge.statuses[-1]["fix_mode"] == 4,
                         "a status that says 3D")
        assert cart.state()["clock"]["receiver_date"] == "impossible"


def test_after_kill_9_it_goes_on_in_a_new_epoch(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "KILL01") as cart:
        cart.bridge.acks = False
        first = cart.ask(**SALE)["folio"]
        cart.bridge.wait(cart.bridge.sales, "sent")
        cart.gateway.kill9()
        cart.bridge.wait(lambda: cart.bridge.statuses[-1]["state"] == "lost",
                         "the will")
        will = cart.bridge.statuses[-1]
        assert will["fix"] is None and will["connection"] == 1
        cart.gateway.start()
        second = cart.ask(**SALE)["folio"]
        assert first[:15] != second[:15]
        cart.bridge.acks = True
        cart.quiet()
        epochs = {epoch for epoch, _ in cart.bridge.items("sale")}
        assert len(epochs) == 2 and len(cart.bridge.sales()) == 2
        # The oldest epoch goes first.
        after = [f for f in cart.bridge.frames if f[0] == "sale"][1:]
        assert after[0][1] == cart.bridge.frames[0][1]


def test_a_clean_stop_is_said(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "STOP01") as cart:
        cart.bridge.wait(lambda: cart.bridge.statuses, "a status")
        assert cart.bridge.statuses[-1]["state"] == "online"
        assert cart.gateway.child.stop() == 0
        cart.bridge.wait(
            lambda: cart.bridge.statuses[-1]["state"] == "stopped", "stopped")


def test_no_ack_lets_go_of_what_it_does_not_name(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "ACK001",
              link__ack_timeout_ms=100) as cart:
        bridge = cart.bridge
        bridge.acks = False
        for _ in range(3):
            assert cart.ask(**SALE)["ok"]
        bridge.wait(bridge.sales, "a frame")
        _, epoch, first, count, _ = bridge.frames[-1]
        # Of another ledger; of another epoch; beyond what is held next.
        bridge.acknowledge("sale", epoch, 0, 3, ledger=LEDGER - 1)
        bridge.acknowledge("sale", b"\1\2\3\4\5", 0, 3)
        bridge.acknowledge("sale", epoch, 1, 2)
        bridge.wait(lambda: cart.state()["link"]["acks_ignored"] >= 3,
                    "three acks are ignored")
        # Three sales; the guild's time may have brought a marker.
        assert cart.state()["backlog_by_stream"]["sale"] in (3, 4)
        # Sent again by itself, and larger if there is more.
        bridge.wait(lambda: bridge.frames[-1][2] == 0
                    and bridge.frames[-1][3] >= 3, "again")
        assert cart.state()["link"]["resent"] > 0
        bridge.acknowledge("sale", epoch, 0, 2)
        bridge.wait(lambda: bridge.frames[-1][2] == 2, "the rest")
        bridge.acknowledge(*bridge.frames[-1][:4])
        cart.quiet()


def test_a_raised_ledger_has_all_sent_again(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "RAISE1") as cart:
        for _ in range(4):
            cart.ask(**SALE)
        cart.bridge.wait(lambda: len(cart.bridge.sales()) == 4, "sent")
        cart.quiet()
        cart.bridge.frames.clear()
        cart.bridge.ledger += 1
        cart.bridge.say_ledger(since=0)
        cart.bridge.wait(lambda: len(cart.bridge.sales()) == 4, "again")
        cart.quiet()
        assert cart.state()["ledger"] == LEDGER + 1
        cart.bridge.wait(
            lambda: cart.bridge.statuses[-1]["ledger"] == LEDGER + 1,
            "a status of the new ledger")
        # The broker keeps it for the next test's carts.
        cart.bridge.ledger = LEDGER
        cart.bridge.say_ledger()


def test_commands_are_applied_once(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "CMD001") as cart:
        bridge = cart.bridge
        bridge.wait(lambda: cart.state()["ledger"] == LEDGER, "the ledger")
        for _ in range(2):
            bridge.command(4, "catalogue", [[0, "Empanada", 1500],
                                            [1, "Mote", 2000]])
            bridge.command(9, "message", [int(time.time() * 1000), "hola"])
        bridge.command(12, "settings", [["keep.distance_m", "35"],
                                        ["mqtt.host", "evil"]])
        bridge.wait(lambda: bridge.statuses[-1]["applied"] == 12, "applied")
        state = cart.state()
        assert state["commands"]["applied"] == 3
        assert state["commands"]["repeated"] == 2
        assert state["commands"]["refused_settings"] == 1
        assert [p["name"] for p in state["catalogue"]] == ["Empanada", "Mote"]
        answer = cart.ask(type="sale", lines=[
            {"product": "mote", "units": 2}])
        assert answer["ok"], answer
        bridge.wait(bridge.sales, "the sale")
        assert bridge.sales()[0][-1] == [[1, 2, 4000]]
        cart.gateway.kill9()
        cart.gateway.start()
        messages = cart.ask(type="inbox")["messages"]
        assert [m["text"] for m in messages] == ["hola"]
        assert len(cart.state()["catalogue"]) == 2
        bridge.command(9, "message", [int(time.time() * 1000), "hola"])
        bridge.wait(lambda: cart.state()["commands"]["repeated"] == 1,
                    "known already")
        assert len(cart.ask(type="inbox")["messages"]) == 1


def test_the_day_and_the_status(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "DAY001",
              heartbeat__parked_s=1) as cart:
        bridge = cart.bridge
        bridge.wait(lambda: bridge.statuses, "a status")
        assert not bridge.statuses[-1]["day_open"]
        cart.ask(type="open")
        bridge.wait(lambda: bridge.statuses[-1]["day_open"], "open")
        counts = len(bridge.statuses)
        bridge.wait(lambda: len(bridge.statuses) >= counts + 2, "heartbeats")
        numbers = [s["count"] for s in bridge.statuses]
        assert numbers == sorted(set(numbers))


def test_a_gpsd_that_restarts_and_a_receiver_that_is_unplugged(
        tmp_path, mosquitto, gpsd):
    with Cart(tmp_path, mosquitto, "GPSD01", gpsd.port,
              link__linger_s=0) as cart:
        bridge = cart.bridge

        def mode():
            return bridge.statuses[-1]["fix_mode"] if bridge.statuses else 0

        bridge.wait(lambda: mode() == 4, "3D", 60)
        gpsd.kill9()
        bridge.wait(lambda: mode() == 0, "no gpsd", 30)
        assert not cart.state()["gpsd_connected"]
        gpsd.start_gpsd()
        taken = cart.state()["fix"]["taken"]
        bridge.wait(lambda: mode() == 4, "3D again", 60)
        assert cart.state()["fix"]["taken"] > taken
        assert cart.state()["fix"]["gpsd_connections"] == 2
        gpsd.silence()
        bridge.wait(lambda: mode() == 1, "silent", 30)
        # The last place is still the last place.
        assert bridge.statuses[-1]["fix"] is not None
        gpsd.feed()
        bridge.wait(lambda: mode() == 4, "it speaks", 60)


def test_after_a_cut_the_status_goes_first_and_nothing_is_lost(
        tmp_path, mosquitto, gpsd):
    with Proxy(mosquitto.port) as proxy, \
            Cart(tmp_path, mosquitto, "CUT001", gpsd.port,
                 mqtt__port=proxy.port, link__linger_s=0,
                 keep__distance_m=1) as cart:
        bridge = cart.bridge
        bridge.wait(bridge.fixes, "fixes", 60)
        proxy.cut()
        bridge.wait(lambda: not cart.state()["connected"], "cut", 40)
        bridge.pump()
        bridge.seen.clear()
        folios = [cart.ask(**SALE)["folio"] for _ in range(5)]
        assert len(set(folios)) == 5
        kept = cart.state()["fix"]["kept"]
        bridge.wait(lambda: cart.state()["fix"]["kept"] >= kept + 5,
                    "a backlog of fixes", 60)
        proxy.restore()
        bridge.wait(lambda: len(bridge.sales()) == 5, "the sales", 30)
        assert "status" in bridge.seen[:bridge.seen.index("sale")]
        assert bridge.statuses[-1]["connection"] >= 2
        bridge.wait(lambda: cart.state()["backlog_by_stream"]["pos"] <= 1,
                    "the backlog is gone", 30)
        state = cart.state()
        numbers = sorted(n for _, n in bridge.items("pos"))
        assert numbers[0] == 0 and state["fix"]["lost"] == 0
        assert len(bridge.fixes()) >= state["fix"]["kept"] - 2


def test_without_an_ack_the_same_frame_is_sent_again(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "HANG01", link__ack_timeout_ms=50) as cart:
        bridge = cart.bridge
        bridge.acks = False
        cart.ask(**SALE)
        bridge.wait(lambda: len(bridge.frames) >= 4, "resends")
        assert {f[2:4] for f in bridge.frames} == {(0, 1)}
        bridge.acks = True
        cart.quiet()
        assert cart.state()["link"]["frames"] == len(bridge.frames)


def test_events_before_any_time_are_mended_by_the_first_ack(
        tmp_path, mosquitto):
    """The machine's clock is right here, but says that nobody set it."""
    boot = tmp_path / "boot"
    boot.write_text("first boot\n")
    broker = free_port()
    with Cart(tmp_path, mosquitto, "TIME01", mqtt__port=broker,
              clock__boot_id_file=boot) as cart:
        if cart.state()["clock"]["trusted"]:
            pytest.skip("this machine's clock is synchronised")
        made = time.time()
        cart.ask(**SALE)
        cart.gateway.kill9()
        cart.gateway.start()
        cart.ask(**SALE)
        with Proxy(mosquitto.port, port=broker):
            bridge = cart.bridge
            bridge.wait(lambda: [i for i in bridge.items("sale").values()
                                 if i[0] == 3], "a marker", 30)
            cart.quiet()
            assert cart.state()["clock"]["source"] == "server"
            markers = [i for i in bridge.items("sale").values() if i[0] == 3]
            assert len(markers) == 1
            _, boot_id, offset = markers[0]
            for _, at, sale_boot, *_ in bridge.sales():
                assert sale_boot == boot_id
                assert abs((at + offset) / 1000 - made) < 5
            cart.ask(**SALE)
            bridge.wait(lambda: len(bridge.sales()) == 3, "a third")
            _, at, sale_boot, *_ = bridge.sales()[-1]
            assert sale_boot is None and abs(at / 1000 - time.time()) < 5


def test_two_gateways_do_not_share_an_outbox(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "TWIN01") as cart:
        other = Cart(tmp_path, mosquitto, "TWIN02")
        other.gateway.settings["outbox.path"] = \
            cart.gateway.settings["outbox.path"]
        other.gateway.start(wait=False)
        assert other.gateway.child.wait(10) != 0
        lines = other.gateway.child.output().splitlines()
        assert len(lines) == 1 and "outbox.path" in lines[0], lines
        other.bridge.close()


def test_a_socket_in_use_is_said(tmp_path, mosquitto):
    with Cart(tmp_path, mosquitto, "SOCK01") as cart:
        other = Cart(tmp_path, mosquitto, "SOCK02")
        other.gateway.settings["pos.socket"] = cart.gateway.socket_path
        other.gateway.start(wait=False)
        assert other.gateway.child.wait(10) != 0
        lines = other.gateway.child.output().splitlines()
        assert len(lines) == 1 and "in use" in lines[0], lines
        other.bridge.close()


def test_a_certificate_is_enough(tmp_path, mosquitto):
    mosquitto.add_carts(["CERT01"], by_certificate=True)
    certificate, key = mosquitto.authority.issue("CERT01")
    with Cart(tmp_path, mosquitto, "CERT01", mqtt__port=mosquitto.tls_port,
              mqtt__host="localhost", mqtt__password="",
              mqtt__cafile=mosquitto.authority.ca, mqtt__certfile=certificate,
              mqtt__keyfile=key) as cart:
        assert cart.ask(**SALE)["ok"]
        cart.bridge.wait(cart.bridge.sales, "the sale")
        cart.quiet()


def test_sales_read_are_published_in_a_moment(tmp_path, mosquitto):
    """From the POS's line to the frame at the broker's subscriber."""
    with Cart(tmp_path, mosquitto, "FAST01") as cart:
        bridge = cart.bridge
        cart.quiet()
        waits = []
        for i in range(50):
            began = time.perf_counter()
            cart.ask(**SALE)
            while len(bridge.sales()) <= i:
                bridge._take(*bridge.client.receive(5))
            waits.append(1000 * (time.perf_counter() - began))
            cart.quiet()
        waits.sort()
        print("street to broker: p50 %.1f ms, p90 %.1f ms" % (
            waits[25], waits[45]))
        # A loaded machine must not fail it, a linger or a Nagle must.
        assert waits[25] < 40


# What gpsd reported against what was kept.

def metres(a, b):
    mean = math.radians((a["lat"] + b["lat"]) / 2)
    return 111195 * math.hypot(a["lat"] - b["lat"],
                               (a["lon"] - b["lon"]) * math.cos(mean))


def reported(path):
    from demo_parts.table import unix
    fixes = {}
    with open(path) as lines:
        for line in lines:
            try:
                report = json.loads(line)
            except ValueError:
                continue
            if report.get("class") == "TPV" and report.get("mode", 0) >= 2 \
                    and "lat" in report and "time" in report:
                fixes.setdefault(unix(report["time"]), {}).update(report)
    return [{"at": at, "lat": f["lat"], "lon": f["lon"]}
            for at, f in sorted(fixes.items())]


@pytest.mark.parametrize("log", ["navisys-gr701w", "quectel-eg25-g",
                                 "haicom-305N", "sirf2"])
def test_what_is_kept_is_what_gpsd_reported(tmp_path, mosquitto, gnss, log):
    name = "LOG" + log[:4].upper().replace("-", "")
    path = str(tmp_path / "tpv.json")
    with Gpsd(tmp_path / "gpsd", gnss(log), baud=115200, once=True,
              silent=True) as gpsd:
        with Cart(tmp_path, mosquitto, name, gpsd.port, link__linger_s=1,
                  clock__trust="gnss") as cart:
            pipe = gpsd.capture(path)
            cart.bridge.wait(lambda: cart.state()["gpsd_connected"], "gpsd")
            gpsd.feed()
            gpsd.wait_fed()
            cart.bridge.wait(lambda: cart.state()["backlog"] == 0
                             and cart.bridge.fixes(), "all is sent", 60)
            track = [{**f, "at": f["at"] / 1000}
                     for f in cart.bridge.fixes()]
            refused = cart.state()["refused_fixes"]
            pipe.stop()
    theirs = reported(path)
    for point in track:
        assert any(abs(point["lat"] - f["lat"]) <= 1.01e-6
                   and abs(point["lon"] - f["lon"]) <= 1.01e-6
                   and abs(point["at"] - f["at"]) <= 1.0
                   for f in theirs), (point, refused)
    taken = [f for f in theirs if f["at"] >= track[0]["at"]]
    far = [f for f in taken
           if not any(metres(f, p) <= 25 and abs(f["at"] - p["at"]) <= 60
                      for p in track)]
    print("%s: gpsd %d, taken %d, kept %d, far %d, refused %s" % (
        log, len(theirs), len(taken), len(track), len(far), refused))
    assert far == []


@pytest.mark.parametrize("monotonic", ["left alone", "faked too"])
def test_a_clock_in_1970_that_is_put_right(tmp_path, mosquitto, monotonic):
    """libfaketime's; without a network, and put right under our eyes."""
    library = glob.glob("/usr/lib/*/faketime/libfaketime.so.1")
    if not library:
        pytest.skip("no libfaketime")
    clock = tmp_path / "clock"
    clock.write_text("@1970-01-01 00:00:30\n")
    env = {"LD_PRELOAD": library[0], "TZ": "UTC",
           "FAKETIME_TIMESTAMP_FILE": str(clock),
           "FAKETIME_CACHE_DURATION": "1"}
    if monotonic == "left alone":
        env["DONT_FAKE_MONOTONIC"] = "1"
    broker = free_port()
    with Cart(tmp_path, mosquitto, "YEAR%02d" % len(monotonic), env=env,
              mqtt__port=broker) as cart:
        made = [time.time()]
        cart.ask(**SALE)
        assert not cart.state()["clock"]["trusted"]
        # Replaced, not rewritten: a reader never sees an empty file.
        (tmp_path / "right").write_text("+0\n")
        (tmp_path / "right").rename(clock)
        cart.bridge.wait(
            lambda: cart.state()["clock"]["source"] == "system", "put right")
        made.append(time.time())
        cart.ask(**SALE)
        with Proxy(mosquitto.port, port=broker):
            cart.bridge.wait(lambda: len(cart.bridge.sales()) == 2, "sales")
            offset = next(i[2] for i in cart.bridge.items("sale").values()
                          if i[0] == 3)
            for (_, at, boot, *_), when in zip(cart.bridge.sales(), made):
                unix = (at + offset if boot else at) / 1000
                assert abs(unix - when) < 2
