"""What the map's places mean: a passer-by reports a cart from the public page;
a zone is drawn where it is to be, and a cart leaves it."""
import re

from browser import PHONE, eventually
from dashboard import Dashboard, url
from test_astray import Walker

PROMPT = {"link.linger_s": 0, "keep.distance_m": 1, "heartbeat.moving_s": 3,
          "heartbeat.parked_s": 3}
HERE = {"permissions": ["geolocation"]}


def report(browser, guild, place, note):
    """A passer-by, who gives their place and then taps the map at its middle,
    which shows just that."""
    page = browser.context(geolocation={
        "latitude": place["lat"], "longitude": place["lon"],
        "accuracy": 12}, **HERE, **PHONE).new_page()
    page.goto(url(guild, "/public/#/report"))
    page.get_by_role("button", name="Usar mi ubicación").tap()
    status = page.get_by_role("status")
    status.filter(has_text="a unos 12 m").wait_for()
    page.get_by_role("button", name="Marcarlo en el mapa").tap()
    map_ = page.get_by_role("region", name="Mapa: toca donde está el carrito")
    map_.scroll_into_view_if_needed()
    # It has come to the place given before; a tap marks it there.
    map_.locator(".leaflet-marker-icon").wait_for()
    box = map_.bounding_box()
    page.touchscreen.tap(box["x"] + box["width"] / 2,
                         box["y"] + box["height"] / 2)
    status.filter(has_text="marcado en el mapa").wait_for()
    page.get_by_label("¿Qué viste?").fill(note)
    page.get_by_role("button", name="Enviar el aviso").tap()
    page.get_by_role("heading", name="Gracias: el aviso llegó").wait_for()


def alert(page, text):
    return page.get_by_role("list", name="Alertas abiertas").get_by_role(
        "listitem").filter(has_text=text)


def test_a_cart_reported_by_a_passer_by(browser, guild, tmp_path):
    with Walker(guild, tmp_path, "SEEN01", 0, settings=PROMPT) as cart:
        fix = cart.fix()
        board = Dashboard(browser.context(), guild)
        page = board.go("alerts")
        report(browser, guild, fix, "Nadie está con él")
        seen = alert(page, "SEEN01")
        seen.get_by_text("Reportado fuera de lugar").first().wait_for()
        seen.get_by_text(re.compile("«Nadie está con él»")).wait_for()
        # Far from every cart of ours, it is a stranger.
        report(browser, guild, {"lat": fix["lat"] - .2, "lon": fix["lon"]},
               "Uno verde, sin patente")
        stranger = alert(page, "Carrito desconocido")
        eventually(lambda: newer(page) or stranger.is_visible(),
                   "the stranger is told of")
        assert "Uno verde, sin patente" in stranger.inner_text()
        # On the map it is a sign of its own, the reported cart is astray.
        page = board.go("map")
        page.get_by_role("button", name="Alerta: Carrito desconocido"
                         ).wait_for(state="attached")
        page.get_by_role("option", name=re.compile(
            "SEEN01 Fuera de lugar")).click()
        page.get_by_role("heading", name="SEEN01").wait_for()
        # An admin has looked: it is settled with a note.
        page = board.go("alerts")
        alert(page, "SEEN01").get_by_role(
            "button", name=re.compile("^Resolver")).click()
        page.get_by_label("Qué se hizo").fill("Llamé: estaba comprando pan")
        page.get_by_role("dialog").get_by_role(
            "button", name="Resolver").click()
        alert(page, "SEEN01").wait_for(state="hidden")
        page.get_by_role("button", name="Pasadas").click()
        page.get_by_text(re.compile("Llamé: estaba comprando pan")).wait_for()


def newer(page):
    """New alerts wait behind a button while somebody reads."""
    button = page.get_by_role("button", name=re.compile("^Mostrar .* nueva"))
    if button.is_visible():
        button.click()
    return False


def test_a_zone_is_drawn_in_place_and_a_cart_leaves_it(
        browser, guild, tmp_path):
    with Walker(guild, tmp_path, "LEAV01", 3, settings=PROMPT) as cart:
        cart.fix()
        board = Dashboard(browser.context(), guild)
        page = board.go("map", "LEAV01")
        page.get_by_role("heading", name="LEAV01").wait_for()
        page.get_by_role("button", name="Volver a la lista").click()
        page.get_by_role("button", name=re.compile("^Zonas")).click()
        page.get_by_role("button", name="Zona nueva").click()
        page.get_by_label("Nombre").fill("La cuadra")
        page.get_by_label("Para qué carritos").fill("LEAV01")
        page.get_by_role("button", name="Agregar", exact=True).click()
        page.get_by_role("button", name="Dibujar polígono").click()
        # Around where the cart is seen, which walks south, out of it.
        map_ = page.get_by_role("region", name="Mapa de los carritos")
        box = map_.bounding_box()
        x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
        corners = ((-150, -200), (150, -200), (150, 60), (-150, 60))
        for dx, dy in corners + corners[:1]:
            page.mouse.click(x + dx, y + dy)
        page.get_by_text("Polígono, 4 puntos").wait_for()
        page.get_by_role("button", name="Guardar").click()
        page.get_by_text("Zona guardada.").wait_for()
        zone, = [z for z in guild.get("/api/v1/zones")["zones"]
                 if z["name"] == "La cuadra"]
        assert zone["carts"] == ["LEAV01"]
        assert zone["geometry"]["type"] == "Polygon"
        page.get_by_role("button", name=re.compile("^Carritos")).click()
        page.get_by_role("option", name=re.compile(
            "LEAV01 Fuera de lugar")).wait_for(timeout=90000)
        page = board.go("alerts")
        alert(page, "LEAV01").get_by_text(re.compile(
            "Fuera de la zona «La cuadra»")).wait_for()
