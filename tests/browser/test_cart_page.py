"""A cart out of its box: its page knows no plate and does one thing.  What the
guild's QR code says is pasted there, each step is shown, up to the map; and
what stops it is said in words, in both languages."""
import time

import axe
import nmea
from browser import PHONE, eventually
from demo_parts.people import rut
from local.gpsd import Gpsd
from local.guild import Gateway
from local.ports import free_port
from local.process import wait_for

PLATE, NUMBER = "BOXD01", 15200700
WALK_S = 600


def enrolment(guild):
    status, _, answer = guild.post("/api/v1/members", {
        "first_name": "Rita", "last_name": "Vera", "rut": rut(NUMBER),
        "email": "rita@example.cl", "plate": PLATE, "premium": True})
    assert status == 202, answer
    wait_for(lambda: guild.get("/api/v1/members/" + rut(NUMBER))["state"]
             == "approved", "approved", 20)
    status, _, answer = guild.post("/api/v1/members/%s/enrol" % rut(NUMBER))
    assert status == 200, answer
    return answer


def test_a_cart_out_of_its_box_is_connected_on_its_own_page(
        browser, guild, tmp_path):
    given = enrolment(guild)
    port = free_port()
    log = str(tmp_path / "walk.nmea")
    size = nmea.write_walk(log, int(time.time()) + 1, WALK_S)
    gateway = Gateway("BOX", str(tmp_path), {
        "cart": "", "page.port": port, "mqtt.port": guild.mosquitto.port,
        "link.linger_s": 0})
    with Gpsd(tmp_path, log, baud=10 * size, once=True) as gpsd:
        gateway.settings["gpsd.port"] = gpsd.port
        gateway.start(wait=False)
        try:
            page = browser.context(**PHONE).new_page()

            def there():
                page.goto("http://127.0.0.1:%d/" % port, timeout=5000)
                return True
            eventually(there, "its page")
            page.get_by_role("heading", name="Conectar con el gremio"
                             ).wait_for()
            assert not page.get_by_role("button", name="Vender").is_visible()
            box = page.get_by_label("Dirección y código")
            connect = page.get_by_role("button", name="Conectar")
            # A letter mistyped.
            wrong = given["url"][:-1] + ("2" if given["url"][-1] != "2"
                                         else "3")
            box.fill(wrong)
            connect.tap()
            page.get_by_text("El gremio no conoce ese código").wait_for()
            assert not axe.faults(page)
            page.get_by_role("button", name="English").tap()
            page.get_by_text("The guild does not know that code").wait_for()
            page.get_by_role("button", name="Español").tap()
            # And right, as it is typed by hand.
            box.fill("http://127.0.0.1:%d %s" % (
                guild.api_port, given["code"].lower().replace("-", " ")))
            connect.tap()
            page.get_by_text("Listo: tu carro está en el mapa del gremio."
                             ).wait_for(timeout=90000)
            assert page.locator("#enrol-steps li.ok").count() == 4
            page.get_by_role("heading", name=PLATE).wait_for()
            assert not axe.faults(page)
            # It is a cart like any other now.
            page.get_by_role("button", name="Vender").tap()
            page.get_by_role("button", name="Abrir el día").wait_for()
            wait_for(lambda: guild.cart(PLATE).get("fix"), "on the map", 20)
        finally:
            gateway.stop()
