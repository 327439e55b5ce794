"""The guild's dashboard in a browser: logging in, going from view to view."""
import os
import re

from local.guild import web_root
from local.ports import free_port

VIEWS = {"map": ("Mapa", "Map"), "alerts": ("Alertas", "Alerts"),
         "sales": ("Ventas", "Sales"), "restock": ("Reposición", "Restock"),
         "members": ("Miembros", "Members"), "support": ("Ayuda", "Support"),
         "health": ("Sistema", "System")}
# Tiles from a port where nobody listens: no test asks the world for any, and
# every one of them shows that the page does without.
API = {"tiles.url": "http://127.0.0.1:%d/{z}/{x}/{y}.png" % free_port()}


def require_web():
    assert os.path.isfile(os.path.join(web_root(), "index.html")), \
        "no %s: `make web` first" % web_root()


def url(guild, path="/"):
    return "http://127.0.0.1:%d%s" % (guild.api_port, path)


class Dashboard:
    """One who is logged in, and the page they look at."""

    def __init__(self, context, guild, token=None, language="es"):
        self.context, self.guild, self.language = context, guild, language
        self.page = context.new_page()
        self.page.goto(url(guild))
        self.log_in(token or guild.token)

    def say(self, es, en):
        return es if self.language == "es" else en

    def log_in(self, token):
        page = self.page
        if page.locator("html").get_attribute("lang") != self.language:
            page.get_by_role("button", name=self.say("Español", "English"),
                             exact=True).click()
        page.get_by_label(self.say("Clave de acceso", "Access token")).fill(
            token)
        page.get_by_role("button", name=self.say("Entrar", "Log in"),
                         exact=True).click()
        self.live()

    def live(self):
        """Until what it shows is of now."""
        self.page.locator(".pulse[data-state=live]").wait_for()

    def link(self, view):
        return self.page.get_by_role("navigation").first().get_by_role(
            "link", name=re.compile("^" + self.say(*VIEWS[view])))

    def go(self, view, *rest):
        """To a view by its link, or past it to a part of the view."""
        if rest:
            self.page.goto(url(self.guild, "/#/" + "/".join((view, *rest))))
        else:
            self.link(view).click()
        self.page.locator("main.view-" + view).wait_for()
        self.settle()
        return self.page

    def settle(self):
        """Until nothing is being fetched for the first time."""
        self.page.locator("main .view-root > *").first().wait_for(
            state="attached")
        self.page.locator("main .state.loading").first().wait_for(
            state="hidden")


def wide(page):
    """How many pixels it is too wide for its window."""
    return page.evaluate("document.documentElement.scrollWidth - innerWidth")
