"""The restock board: an order through its four states by keyboard and by
mouse, taken by nobody else's hand; what the board does, the guild has done."""
import re

import pytest

from browser import PHONE, eventually
from dashboard import Dashboard

WAY = ("Recibido", "Preparando", "Entregando", "Finalizado")
CATALOGUE = "product_name,price\nsopaipilla,500\nempanada,1800\n"


@pytest.fixture(scope="module")
def stocked(guild):
    status, _, answer = guild.put("/api/v1/products", CATALOGUE,
                                  content_type="text/csv")
    assert status in (200, 202), answer
    eventually(lambda: len(guild.get("/api/v1/products")["products"]) == 2,
               "the catalogue is known")
    return guild


def order_by_hand(guild, cart):
    status, _, answer = guild.post("/api/v1/restocks", {
        "cart": cart, "lines": [{"product": 1, "units": 40}]}, key=cart)
    assert status == 202, answer


def state_at_guild(guild, cart):
    row, = [o for o in guild.get("/api/v1/restocks")["restocks"]
            if o["cart"] == cart]
    return row["state"]


def card(page, cart, state):
    """The order's card, once it is at rest there."""
    return page.locator("section", has=page.get_by_role(
        "heading", name=re.compile("^" + state))).locator(
        "article[aria-busy=false]", has_text=cart)


def arrives(guild, page, cart, state):
    there = card(page, cart, state)
    there.wait_for()
    eventually(lambda: state_at_guild(guild, cart) == state.lower(),
               "the guild has it as " + state)
    return there


def test_four_states_by_keyboard(browser, stocked):
    board = Dashboard(browser.context(), stocked)
    page = board.go("restock")
    keys = page.keyboard
    page.get_by_role("button", name="Nueva orden").focus()
    keys.press("Enter")
    dialog = page.get_by_role("dialog", name="Nueva orden de reposición")
    dialog.wait_for()
    # The plate has the focus, then product and units.
    keys.type("KEYS01")
    page.get_by_label("Unidades").focus()
    keys.type("30")
    keys.press("Enter")
    dialog.wait_for(state="hidden")
    for i, state in enumerate(WAY):
        it = arrives(stocked, page, "KEYS01", state)
        if state == WAY[-1]:
            break
        it.focus()
        keys.press("Space")
        keys.press("ArrowRight")
        said = page.locator("[aria-live=assertive]")
        eventually(lambda: said.inner_text() == "Sobre %s." % WAY[i + 1],
                   "a screen reader hears where it is")
        keys.press("Space")
        if WAY[i + 1] != "Entregando":
            # All that was asked for, or prepared.
            page.get_by_role("dialog").wait_for()
            keys.press("Enter")
    # The focus stayed with the card all the way.
    eventually(lambda: page.evaluate(
        "document.activeElement.textContent").startswith("KEYS01"),
        "the card has the focus")
    # The order whole: everything that happened to it.
    keys.press("Enter")
    detail = page.get_by_role("dialog", name="Orden de KEYS01")
    detail.get_by_text("Lo que pasó").wait_for()
    assert detail.locator(".history li").count() >= 4
    keys.press("Escape")
    detail.wait_for(state="hidden")


def test_four_states_by_mouse(browser, stocked):
    board = Dashboard(browser.context(), stocked)
    order_by_hand(stocked, "DRAG01")
    page = board.go("restock")
    for i, state in enumerate(WAY[:-1]):
        it = arrives(stocked, page, "DRAG01", state)
        drag(page, it, WAY[i + 1])
        if WAY[i + 1] != "Entregando":
            dialog = page.get_by_role("dialog")
            dialog.locator("button.primary").click()
    it = arrives(stocked, page, "DRAG01", "Finalizado")
    # What is not the next is refused in words.
    order_by_hand(stocked, "DRAG02")
    it = arrives(stocked, page, "DRAG02", "Recibido")
    drag(page, it, "Finalizado")
    page.locator(".toast").filter(
        has_text="Desde Recibido se pasa a Preparando").wait_for()
    arrives(stocked, page, "DRAG02", "Recibido")


def test_an_order_is_cancelled_by_keyboard(browser, stocked):
    board = Dashboard(browser.context(), stocked)
    order_by_hand(stocked, "KEYS02")
    page = board.go("restock")
    arrives(stocked, page, "KEYS02", "Recibido")
    page.get_by_role("button", name="Cancelar la orden de KEYS02").focus()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    dialog.wait_for()
    page.keyboard.type("El carrito cerró")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    eventually(lambda: state_at_guild(stocked, "KEYS02") == "cancelado",
               "it is cancelled")
    shown = page.get_by_role("button", name=re.compile("^Canceladas de hoy"))
    shown.focus()
    page.keyboard.press("Enter")
    card(page, "KEYS02", "Cancelado").get_by_text("El carrito cerró").wait_for()


def test_an_order_moves_on_a_phone(browser, stocked):
    order_by_hand(stocked, "HAND01")
    board = Dashboard(browser.context(**PHONE), stocked)
    page = board.go("restock")
    arrives(stocked, page, "HAND01", "Recibido")
    page.get_by_role("button", name="Mover a Preparando: orden de HAND01"
                     ).tap()
    page.get_by_role("dialog").locator("button.primary").tap()
    arrives(stocked, page, "HAND01", "Preparando")


def drag(page, it, to):
    """As a hand does: pressed, moved bit by bit, let go."""
    column = page.locator("section", has=page.get_by_role(
        "heading", name=re.compile("^" + to)))
    it.scroll_into_view_if_needed()
    a = it.locator(".order-lines").bounding_box()
    b = column.bounding_box()
    page.mouse.move(a["x"] + a["width"] / 2, a["y"] + a["height"] / 2)
    page.mouse.down()
    page.mouse.move(b["x"] + b["width"] / 2, b["y"] + 120, steps=12)
    page.mouse.up()
