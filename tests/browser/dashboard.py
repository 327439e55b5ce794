"""The guild's dashboard in a browser: logging in, going from view to view."""
import os
import re

from local.guild import web_root

VIEWS = {"map": ("Mapa", "Map"), "alerts": ("Alertas", "Alerts"),
         "sales": ("Ventas", "Sales"), "restock": ("Reposición", "Restock"),
         "members": ("Miembros", "Members"), "support": ("Ayuda", "Support"),
         "health": ("Sistema", "System")}
LIVE = {"es": "En vivo", "en": "Live"}
# Map tiles that cannot be reached: no test asks the world for any.
NO_TILES = {"tiles.kind": "none"}


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

    def log_in(self, token):
        es = self.language == "es"
        self.page.get_by_label("Clave de acceso" if es
                               else "Access token").fill(token)
        self.page.get_by_role("button", name="Entrar" if es else "Log in",
                              exact=True).click()
        self.live()

    def live(self):
        """Until what it shows is of now."""
        self.page.locator(".pulse[data-state=live]").wait_for()

    def go(self, view, *rest):
        """To a view by its link, or past it to a part of the view."""
        if rest:
            self.page.goto(url(self.guild, "/#/" + "/".join((view, *rest))))
        else:
            name = VIEWS[view][self.language != "es"]
            self.page.get_by_role("navigation").first().get_by_role(
                "link", name=re.compile("^" + name)).click()
        self.page.locator("main.view-" + view).wait_for()
        self.page.locator("main .state.loading").first().wait_for(
            state="hidden")
        return self.page
