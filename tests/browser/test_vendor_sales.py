"""The vendor's page in a phone's browser, on a cart with no network: what is
sold there is sold once, whatever is pressed, closed or killed."""
import random
import re

from browser import BrowserError, PHONE, eventually
from local.guild import Guild
from local.ports import free_port
from local.process import wait_for
from vendors import compare

SALES = 50
SEED = 11
PRICES = {"sopaipilla": 500, "empanada": 1800}
CATALOGUE = "product_name,price\n" + "".join(
    "%s,%d\n" % row for row in PRICES.items())


class Tab:
    """A tab of the vendor's phone."""

    def __init__(self, context, url):
        self.page = context.new_page()
        self.url = url
        self.load()

    def load(self):
        """Until the page is there and knows its cart; the cart may be
        starting meanwhile."""
        def there():
            self.page.goto(self.url, timeout=5000)
            self.product("empanada").wait_for(timeout=5000)
            return True
        eventually(there, "the page is loaded", 60)

    def reload(self):
        try:
            self.page.reload(timeout=5000)
        except BrowserError:
            self.load()		# the cart was not there: the vendor tries again

    def product(self, name):
        return self.page.get_by_role("button", name="Agregar uno: " + name)

    def choose(self, name, units, customer):
        for _ in range(units):
            self.product(name).click()
        self.page.get_by_text("Cliente (opcional)").click()
        self.page.get_by_label("Nombre").fill(customer)

    def sell(self, presses):
        """The basket is empty when it was taken; a press too soon after the
        last sale's is not, and a vendor presses again."""
        button = self.page.get_by_role("button", name=re.compile("^Vender "))

        def taken():
            button.click(click_count=presses)
            return self.page.get_by_role(
                "button", name="Toca un producto").is_visible()
        eventually(taken, "the sale is taken")

    def sold(self):
        """Each sale that it shows: {folio: (customer, what became of it)}"""
        self.page.get_by_role("button", name=re.compile("^Ventas")).click()
        rows = self.page.locator("#sold .folio").all_inner_texts()
        where = self.page.locator("#sold .where").all_inner_texts()
        named = [row.split(" · ") for row in rows]
        assert len({folio for folio, _ in named}) == len(rows), rows
        return {folio: (customer, what)
                for (folio, customer), what in zip(named, where)}


def settle(tab):
    """Until nothing waits in the phone for the cart."""
    tab.page.get_by_role("button", name=re.compile("^Ventas")).click()
    eventually(lambda: tab.page.locator("#pending li").count() == 0,
               "the cart has all that the phone kept", 60)


def test_50_sales_with_no_network(tmp_path, browser):
    rng = random.Random(SEED)
    port = free_port()
    with Guild(tmp_path / "guild") as guild:
        guild.put("/api/v1/products", CATALOGUE, content_type="text/csv")
        cart = guild.add_gateway("PAGE50", settings={"page.port": port})
        cart.start()
        wait_for(lambda: len(cart.ask({"type": "state"})["catalogue"]) == 2,
                 "the catalogue has come", 60)
        guild.mosquitto.stop()
        phone = browser.context(**PHONE)
        url = "http://127.0.0.1:%d/" % port
        tabs = [Tab(phone, url), Tab(phone, url)]
        kills = reloads = 0
        amounts = {}
        for i in range(SALES):
            tab = rng.choice(tabs)
            tab.page.bring_to_front()
            tab.page.get_by_role("button", name="Vender", exact=True).click()
            customer = "c%02d" % i
            product, units = rng.choice(list(PRICES)), rng.randint(1, 3)
            amounts[customer] = units * PRICES[product]
            tab.choose(product, units, customer)
            fault = rng.random()
            if fault < 0.15:	# dead when the button is pressed
                cart.kill9()
                kills += 1
            tab.sell(presses=rng.choice([1, 2, 3]))
            if 0.15 <= fault < 0.3:	# dead while it may be answering
                cart.kill9()
                kills += 1
            if rng.random() < 0.25:
                tab.reload() if cart.running() else tab.page.goto(
                    "about:blank")
                reloads += 1
            if not cart.running():
                cart.start()
            if tab.page.evaluate("location.href") == "about:blank":
                tab.load()
        for tab in tabs:
            tab.page.bring_to_front()
            settle(tab)
        shown = [eventually(lambda: has(tab.sold(), SALES), "all is shown")
                 for tab in tabs]
        assert kills >= 5 and reloads >= 5, (kills, reloads)
        assert shown[0] == shown[1]
        assert sorted(c for c, _ in shown[0].values()) == sorted(amounts)
        assert {what for _, what in shown[0].values()} \
            == {"guardada en el carro, espera red"}
        assert "50 ventas esperan red" in tabs[1].page.locator(
            "#link").inner_text()

        guild.mosquitto.start()
        eventually(lambda: {what for _, what in tabs[1].sold().values()}
                   == {"contada por el gremio"}, "all is counted", 90)
        wait_for(lambda: len(guild.sales()) >= SALES, "the guild counts", 60)
        assert compare(guild, {folio: amounts[customer] for folio,
                               (customer, _) in shown[0].items()}) == ([], [])
        assert not browser.journal(phone)["errors"]
        print("kills %d, reloads %d" % (kills, reloads))


def has(rows, count):
    return rows if len(rows) == count else None
