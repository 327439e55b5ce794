"""From a stranger on the public page to a cart on the map: registered, let in,
enrolled by the QR code that the admin shows, each step seen."""
import os
import re
import subprocess
import time

import nmea
import qr
from browser import PHONE, eventually
from dashboard import Dashboard, url
from demo_parts.people import rut
from local.gpsd import Gpsd
from local.guild import Gateway, build_dir

PLATE, NUMBER = "JNNG25", 15200300
WALK_S = 600


def register(browser, guild):
    """On a phone, as a stranger."""
    page = browser.context(**PHONE).new_page()
    page.goto(url(guild, "/public/"))
    page.get_by_role("link", name="Quiero unirme al gremio").tap()
    for label, text in (("Nombre", "Julia"), ("Apellido", "Ninguén"),
                        ("RUT", rut(NUMBER)), ("Correo", "julia@example.cl"),
                        ("Patente del carrito", "jnng-25")):
        page.get_by_label(label, exact=True).fill(text)
    page.get_by_role("button", name="Registrarse").tap()
    page.get_by_text("Recibimos tu registro, Julia").wait_for()


class Receiver:
    """A gpsd whose receiver walks, from now on."""

    def __init__(self, dir):
        log = str(dir / "walk.nmea")
        size = nmea.write_walk(log, int(time.time()) + 1, WALK_S)
        self.gpsd = Gpsd(dir / "gpsd", log, baud=10 * size, once=True)

    def __enter__(self):
        return self.gpsd.start()

    def __exit__(self, *_):
        self.gpsd.stop()


def test_a_stranger_becomes_a_cart_on_the_map(browser, guild, tmp_path):
    board = Dashboard(browser.context(), guild)
    page = board.go("members")
    register(browser, guild)
    # It appears without a reload; the menu counts who waits.
    waiting = page.get_by_role("listitem").filter(has_text=PLATE)
    waiting.get_by_role("button", name="Aprobar").click()
    page.get_by_role("dialog", name="Aprobar a Julia Ninguén").get_by_role(
        "button", name="Aprobar").click()
    page.get_by_role("button", name="Conectar el carrito " + PLATE).click()
    dialog = page.get_by_role("dialog", name="Conectar el carrito " + PLATE)
    code = dialog.get_by_role("img", name=re.compile("^Código QR"))
    code.wait_for()
    address = dialog.get_by_role("textbox", name="Dirección"
                                 ).input_value()
    assert address.startswith(url(guild, "/public/#/enrol/"))
    assert qr.read(browser, code.screenshot()) == address
    steps = dialog.get_by_role("list").first()
    step = steps.locator("li.now")
    assert "El gateway lo tomó" in step.inner_text()

    # Whoever scans it with a phone is told what to do.
    scanned = browser.context(**PHONE).new_page()
    scanned.goto(address)
    scanned.get_by_role("heading", name="Conectar tu carrito").wait_for()
    scanned.get_by_text(address.rsplit("/", 1)[1], exact=True).wait_for()

    with Receiver(tmp_path) as gpsd:
        gateway = Gateway(PLATE, str(tmp_path), {
            "gpsd.port": gpsd.port, "mqtt.port": guild.mosquitto.port,
            "link.linger_s": 0, "heartbeat.moving_s": 3})
        gateway.start()
        try:
            done = subprocess.run(
                [os.path.join(build_dir(), "bin", "pregon-gateway"),
                 "--config=" + gateway.ini, "--enrol", address],
                stdout=subprocess.PIPE, text=True, timeout=60)
            assert done.returncode == 0, done.stdout
            dialog.get_by_text("Listo: el carrito %s está en el mapa."
                               % PLATE).first().wait_for(timeout=90000)
            assert steps.locator("li.done").count() == 5
            dialog.get_by_role("link", name="Ver %s en el mapa" % PLATE
                               ).click()
            page.get_by_role("heading", name=PLATE).wait_for()
            page.get_by_text("Última posición").wait_for()
        finally:
            gateway.stop()
    # The code is spent: whoever finds the picture gets nothing by it.
    status, _, _ = guild.post("/api/v1/enrol", {
        "code": address.rsplit("/", 1)[1], "gateway": "B" * 26}, token="")
    assert status == 409


def test_one_who_is_rejected_is_told_why_in_the_list(browser, guild):
    status, _, answer = guild.post("/api/v1/members", {
        "first_name": "Raúl", "last_name": "Tapia", "rut": rut(NUMBER + 1),
        "email": "raul@example.cl", "plate": "RJCT01", "premium": False})
    assert status == 202, answer
    board = Dashboard(browser.context(), guild)
    page = board.go("members")
    page.get_by_role("listitem").filter(has_text="RJCT01").get_by_role(
        "button", name="Rechazar").click()
    page.get_by_label("Motivo (lo lee el miembro)").fill("Patente ajena")
    page.get_by_role("dialog").get_by_role(
        "button", name="Rechazar").click()
    row = page.get_by_role("row").filter(has_text="RJCT01")
    row.get_by_text("Patente ajena").wait_for()
    eventually(lambda: "Rechazado" in row.inner_text(), "it says so")
