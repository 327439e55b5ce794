"""A vendor asks for help on the cart's page; the guild answers in the
dashboard, and the vendor reads it."""
import re

from browser import PHONE
from dashboard import Dashboard
from local.ports import free_port

CALL = "Se me acabó el gas"
ANSWER = "Va un cilindro en camino"


def test_a_call_for_help_is_answered(browser, guild):
    port = free_port()
    cart = guild.add_gateway("HELP09", settings={"page.port": port}).start()
    board = Dashboard(browser.context(), guild)
    page = board.go("support")
    vendor = browser.context(**PHONE).new_page()
    vendor.goto("http://127.0.0.1:%d/" % port)
    vendor.get_by_role("button", name=re.compile("^Gremio")).tap()
    vendor.get_by_role("button", name="Pedir ayuda").tap()
    vendor.get_by_label("¿Qué pasa?").fill(CALL)
    vendor.get_by_role("button", name="Enviar").tap()
    # It comes without a reload, and is counted in the menu.
    page.get_by_role("list", name="Pedidos de ayuda").get_by_role(
        "link", name=re.compile("HELP09")).click()
    talk = page.get_by_role("log", name="Conversación")
    talk.get_by_text(CALL).wait_for()
    page.get_by_role("textbox", name="Respuesta").fill(ANSWER)
    page.get_by_role("button", name="Responder").click()
    talk.get_by_text(ANSWER).wait_for()
    vendor.get_by_text(ANSWER).wait_for(timeout=60000)
    page.get_by_role("button", name="Resolver…").click()
    page.get_by_role("dialog").get_by_label("Nota").fill("Entregado")
    page.get_by_role("dialog").get_by_role("button", name="Resolver").click()
    page.get_by_text("Este pedido está resuelto").wait_for()
    vendor.get_by_text("Entregado").wait_for(timeout=60000)
    cart.stop()
