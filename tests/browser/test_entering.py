"""Logging in and out, two languages, light and dark, and a phone."""
import re

from browser import PHONE, eventually
from dashboard import VIEWS, Dashboard, url, wide


def test_a_wrong_token_is_told_and_a_right_one_enters(browser, guild):
    context = browser.context()
    page = context.new_page()
    page.goto(url(guild))
    page.get_by_label("Clave de acceso").fill("nobody's")
    page.get_by_role("button", name="Entrar", exact=True).click()
    alert = page.get_by_role("alert").filter(has_text=re.compile("."))
    alert.first().wait_for()
    page.get_by_label("Clave de acceso").fill(guild.token)
    page.keyboard.press("Enter")
    page.get_by_role("navigation", name="Vistas").wait_for()
    # The session is a cookie that no script reads; no token is kept.
    cookie, = context.cookies()
    assert cookie["httpOnly"] and cookie["sameSite"] == "Strict"
    kept = page.evaluate("JSON.stringify([{...localStorage},"
                         " {...sessionStorage}, document.cookie])")
    assert guild.token not in kept and cookie["value"] not in kept
    page.reload()
    page.get_by_role("navigation", name="Vistas").wait_for()
    second = context.new_page()
    second.goto(url(guild, "/#/sales"))
    second.get_by_role("button", name="Salir").click()
    second.get_by_label("Clave de acceso").wait_for()
    page.reload()
    page.get_by_label("Clave de acceso").wait_for()


def test_english_at_a_switch_and_kept(browser, guild):
    board = Dashboard(browser.context(), guild)
    page = board.page
    assert page.locator("html").get_attribute("lang") == "es"
    page.get_by_role("button", name="English").click()
    board.language = "en"
    for view, (_, name) in VIEWS.items():
        board.go(view)
        assert page.title().startswith(name + " · ")
    page.reload()
    page.get_by_role("navigation", name="Views").wait_for()
    assert page.locator("html").get_attribute("lang") == "en"
    page.get_by_role("button", name="Español").click()
    page.get_by_role("navigation", name="Vistas").wait_for()


def test_every_view_by_keyboard_alone(browser, guild):
    board = Dashboard(browser.context(), guild)
    page = board.page
    for view, (name, _) in VIEWS.items():
        board.link(view).focus()
        page.keyboard.press("Enter")
        page.locator("main.view-" + view).wait_for()
        # The view takes the focus, so that Tab goes on within it.
        eventually(lambda: page.evaluate(
            "document.activeElement.id === 'main' ||"
            " document.querySelector('main').contains("
            "document.activeElement)"), name + " has the focus")


def test_a_theme_is_chosen_and_kept(browser, guild):
    board = Dashboard(browser.context(), guild)
    page = board.page
    light = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.get_by_role("button", name="Tema oscuro").click()
    page.reload()
    board.live()
    dark = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert dark != light
    page.get_by_role("button", name="Tema claro").wait_for()


def test_a_phone_shows_all_of_it(browser, guild):
    board = Dashboard(browser.context(**PHONE), guild)
    for view in VIEWS:
        page = board.go(view)
        assert wide(page) <= 0, view
        box = page.get_by_role("navigation").first().bounding_box()
        assert box["y"] > 700, "the views are not below"


def test_no_view_says_anything_to_the_console(browser, guild):
    context = browser.context()
    board = Dashboard(context, guild)
    for view in VIEWS:
        board.go(view)
    journal = browser.journal(context)
    assert not journal["errors"]
    # Nobody is logged in at first; tiles cannot be reached here.
    refused = [(r["url"], r["status"]) for r in journal["requests"]
               if (r.get("status") or 0) >= 400]
    assert [status for _, status in refused] == [401], refused
    words = [m["text"] for m in journal["console"]
             if m["type"] in ("error", "warning")
             and not m["text"].startswith("Failed to load resource")]
    assert not words
