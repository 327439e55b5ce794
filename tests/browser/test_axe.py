"""axe-core finds no serious or critical fault: every view, the pages of those
who are not logged in, dialogs that are open; both languages, light and dark;
on the vendor's page as well."""
import re

import pytest

from axe import faults
from browser import PHONE, eventually
from dashboard import VIEWS, Dashboard, url
from local.ports import free_port
from town import WELL, Town

LOOKS = [("es", False), ("en", False), ("es", True), ("en", True)]


@pytest.fixture(scope="module")
def town(guild, tmp_path_factory):
    with Town(guild, tmp_path_factory.mktemp("town")) as it:
        yield it


class Judge:
    """Gathers what is wrong where, so that one run tells all."""

    def __init__(self, browser):
        self.browser, self.found = browser, []

    def look(self, page, where):
        self.found += ["%s: %s" % (where, f) for f in faults(page)]

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        if kind is None:
            assert not self.found, "\n".join(self.found)


@pytest.mark.parametrize("language,dark", LOOKS)
def test_every_view(browser, town, language, dark):
    board = Dashboard(browser.context(dark=dark), town.guild,
                      language=language)
    say = board.say
    with Judge(browser) as judge:
        for view in VIEWS:
            judge.look(board.go(view), view)
        page = board.go("map", WELL)
        page.get_by_role("heading", name=WELL).wait_for()
        judge.look(page, "a cart")
        page.get_by_role("button", name=say("Volver a la lista",
                                            "Back to the list")).click()
        page.get_by_role("button", name=re.compile(
            say("^Zonas", "^Zones"))).click()
        judge.look(page, "zones")
        page.get_by_role("button", name=say("Zona nueva", "New zone")).click()
        judge.look(page, "a new zone")
        page = board.go("alerts")
        page.get_by_role("button", name=say("Pasadas", "Past")).click()
        board.settle()
        judge.look(page, "past alerts")
        page = board.go("restock")
        page.get_by_role("link", name=say("Entregas", "Deliveries"),
                         exact=True).click()
        page.get_by_role("button", name=say("Abiertas", "Open"),
                         exact=True).wait_for()
        board.settle()
        judge.look(page, "deliveries")
        page = board.go("support")
        page.get_by_role("link", name=re.compile(WELL)).click()
        page.get_by_role("log").wait_for()
        judge.look(page, "a conversation")


@pytest.mark.parametrize("language,dark", LOOKS)
def test_open_dialogs(browser, town, language, dark):
    board = Dashboard(browser.context(dark=dark), town.guild,
                      language=language)
    say = board.say
    with Judge(browser) as judge:
        page = board.go("alerts")
        dialog(judge, page, say("^Resolver", "^Resolve"))
        page = board.go("restock")
        for es, en in (("^Nueva orden", "^New order"),
                       ("^Ver la orden de", "^See the order of"),
                       ("^Mover a Preparando", "^Move to Preparing"),
                       ("^Cancelar la orden de", "^Cancel the order of")):
            dialog(judge, page, say(es, en))
        page = board.go("members")
        for es, en in (("^Registrar a mano", "^Register by hand"),
                       ("^Aprobar$", "^Approve$"),
                       ("^Rechazar$", "^Reject$"),
                       ("^Más de", "^More about"),
                       ("^Conectar el carrito", "^Connect the cart")):
            dialog(judge, page, say(es, en))
        page = board.go("support")
        dialog(judge, page, say("Nuevo pedido", "New ticket"))


def dialog(judge, page, name):
    page.get_by_role("button", name=re.compile(name)).first().click()
    there = page.get_by_role("dialog")
    there.wait_for()
    there.locator(".state.loading").wait_for(state="hidden")
    judge.look(page, "dialog " + name)
    page.keyboard.press("Escape")
    there.wait_for(state="hidden")


@pytest.mark.parametrize("language,dark", LOOKS)
def test_pages_of_those_who_are_not_logged_in(browser, guild, language, dark):
    page = browser.context(dark=dark).new_page()
    with Judge(browser) as judge:
        for path in ("/", "/public/", "/public/#/register",
                     "/public/#/report", "/public/#/enrol",
                     "/public/#/enrol/TRMA-XHKA-HDMR-D0BH"):
            # Another part alone would not load the page anew.
            page.goto("about:blank")
            page.goto(url(guild, path))
            page.get_by_role("heading").first().wait_for()
            if language == "en" and path == "/":
                page.get_by_role("button", name="English").click()
            eventually(lambda: page.locator("html").get_attribute("lang")
                       == language, language)
            if path.endswith("/report"):
                page.get_by_role("button", name="Marcarlo en el mapa"
                                 if language == "es"
                                 else "Mark it on the map").click()
                page.locator(".leaflet-container").wait_for()
            judge.look(page, path)


@pytest.mark.parametrize("language,dark", LOOKS)
def test_the_vendors_page(browser, guild, language, dark):
    plate = "AXE%s%d" % (language.upper(), dark)
    port = free_port()
    cart = guild.add_gateway(plate, settings={"page.port": port,
                                              "page.pin": "2468"}).start()
    page = browser.context(dark=dark, **PHONE).new_page()
    page.goto("http://127.0.0.1:%d/" % port)
    es = language == "es"
    if not es:
        page.get_by_role("button", name="English").click()
    with Judge(browser) as judge:
        page.get_by_label("PIN").wait_for()
        judge.look(page, "locked")
        page.get_by_label("PIN").fill("2468")
        page.keyboard.press("Enter")
        sell = page.locator("#sell-now")
        sell.wait_for()
        assert cart.ask({"type": "sale", "units": 1, "amount": 500})["ok"]
        page.locator("#sold li[data-folio]").wait_for(state="attached")
        for tab in ("sell", "sales", "stock", "guild"):
            page.locator("#tab-" + tab).click()
            judge.look(page, tab)
        page.get_by_role("button", name="Pedir ayuda" if es
                         else "Ask for help").click()
        page.get_by_role("dialog").wait_for()
        judge.look(page, "dialog")
    cart.stop()
