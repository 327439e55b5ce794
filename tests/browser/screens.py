#!/usr/bin/python3
"""screens.py [FOLDER]: a picture of each view, of a guild in the middle of its
day (town.py), as docs/screens keeps them.  Needs what the tests here need, and
python3-pil."""
import os
import re
import sys
import tempfile
import pathlib

from PIL import Image

import conftest
from browser import PHONE, Browser, eventually
from dashboard import API, Dashboard, require_web, url
from demo_parts.people import rut
from local.guild import Guild
from local.ports import free_port
from local.process import stop_all
from town import ASTRAY, MISSING, WELL, Town

SIZE_MAX = 150_000
COLOURS = 256
# Nothing is seen on its way.
STILL = {"reduced_motion": "reduce"}
HAND = {**PHONE, **STILL}
FOLDER = os.path.join(conftest.ROOT, "docs", "screens")


class Album:
    def __init__(self, folder):
        self.folder = folder
        os.makedirs(folder, exist_ok=True)

    def take(self, page, name):
        path = os.path.join(self.folder, name + ".png")
        page.mouse.move(0, 0)
        page.screenshot(path=path, animations="disabled")
        with Image.open(path) as picture:
            small = picture.convert("RGB").quantize(
                COLOURS, Image.Quantize.MAXCOVERAGE,
                dither=Image.Dither.NONE)
        small.save(path, optimize=True)
        size = os.path.getsize(path)
        print("%-28s %4d kB%s" % (name, size // 1000,
                                  " (too large)" if size > SIZE_MAX else ""))


def map_with(board, plate):
    page = board.go("map", plate)
    page.get_by_role("heading", name=plate).wait_for()
    page.get_by_text("Última posición").wait_for()
    return page


def views(album, board, suffix=""):
    page = board.go("map")
    page.get_by_role("button", name=re.compile("^Ver todos")).click()
    album.take(page, "map" + suffix)
    for view in ("alerts", "sales", "restock", "members", "support",
                 "health"):
        album.take(board.go(view), view + suffix)


def details(album, board):
    album.take(map_with(board, WELL), "map-cart")
    album.take(map_with(board, MISSING), "map-missing")
    page = board.go("alerts")
    page.get_by_role("button", name=re.compile("^Resolver")).first().click()
    page.get_by_role("dialog").wait_for()
    album.take(page, "alerts-resolve")
    page.keyboard.press("Escape")
    page = board.go("restock")
    page.get_by_role("button", name="Ver la orden de " + ASTRAY).click()
    page.get_by_text("Lo que pasó").wait_for()
    album.take(page, "restock-order")
    page.keyboard.press("Escape")
    page = board.go("restock", "deliveries")
    album.take(page, "restock-deliveries")
    page = board.go("support")
    page.get_by_role("list", name="Pedidos de ayuda").get_by_role(
        "link").first().click()
    page.get_by_role("textbox", name="Respuesta").wait_for()
    album.take(page, "support-ticket")
    page = board.go("members")
    page.get_by_role("button", name=re.compile(
        "^Conectar el carrito")).first().click()
    page.get_by_role("img", name=re.compile("^Código QR")).wait_for()
    album.take(page, "members-enrol")


def public(album, browser, guild):
    for dark, suffix in ((False, ""), (True, "-dark")):
        page = browser.context(dark=dark, **STILL).new_page()
        page.goto(url(guild))
        page.get_by_label("Clave de acceso").wait_for()
        album.take(page, "login" + suffix)
    page = browser.context(**HAND).new_page()
    page.goto(url(guild, "/public/"))
    page.get_by_role("link", name="Vi un carrito raro").wait_for()
    album.take(page, "public-phone")
    page.goto(url(guild, "/public/#/register"))
    page.get_by_label("RUT").fill(rut(14000200))
    album.take(page, "public-register-phone")
    page.goto(url(guild, "/public/#/report"))
    page.get_by_role("button", name="Marcarlo en el mapa").tap()
    page.get_by_role("button", name="Poner el punto al centro").tap()
    album.take(page, "public-report-phone")


def vendor(album, browser, guild):
    port = free_port()
    cart = guild.add_gateway("VEND01", settings={"page.port": port}).start()
    eventually(lambda: cart.ask({"type": "state"})["catalogue"], "catalogue")
    cart.ask({"type": "open"})
    for product, level in (("sopaipilla", 60), ("empanada", 45)):
        cart.ask({"type": "stock", "product": product, "level": level,
                  "reason": "count"})
    for dark, suffix in ((False, ""), (True, "-dark")):
        page = browser.context(dark=dark, **HAND).new_page()
        page.goto("http://127.0.0.1:%d/" % port)
        for product in ("sopaipilla", "sopaipilla", "empanada"):
            page.get_by_role("button", name="Agregar uno: " + product).tap()
        album.take(page, "vendor-phone" + suffix)
    page.get_by_role("button", name=re.compile("^Vender ")).tap()
    page.get_by_role("button", name=re.compile("^Ventas")).tap()
    page.get_by_text("contada por el gremio").wait_for()
    album.take(page, "vendor-sales-phone")
    cart.stop()


def photograph(album, browser, guild, token):
    board = Dashboard(browser.context(**STILL), guild, token=token)
    views(album, board)
    details(album, board)
    views(album, Dashboard(browser.context(dark=True, **STILL), guild,
                           token=token), "-dark")
    views(album, Dashboard(browser.context(**HAND), guild, token=token),
          "-phone")
    public(album, browser, guild)
    vendor(album, browser, guild)


def main(folder):
    require_web()
    album = Album(folder)
    with tempfile.TemporaryDirectory(prefix="pregon-") as dir:
        dir = pathlib.Path(dir)
        settings = {"api": {**API, "site.name": "Gremio de sopaipilleros",
                            "site.url": "https://gremio.example"},
                    **conftest.QUICK}
        with Guild(dir / "guild", settings=settings) as guild:
            token = guild.make_token("admin", name="Rosa")
            with Town(guild, dir, token=token), \
                    Browser(dir / "driver.log") as browser:
                photograph(album, browser, guild, token)
        stop_all()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else FOLDER))
