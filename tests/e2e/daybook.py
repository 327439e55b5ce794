"""The books of closed days: an independent reckoning of them, and what the
guild says."""
import collections
import csv
import decimal
import io
import json

import openapi
from local.guild import bearer, request
from local.process import NotYet

DOCUMENT = openapi.load()
PATH = "/api/v1/books"

VISIT_DAYS = 30
FIGURES = ("sales", "units", "revenue_clp", "customers", "units_per_customer",
           "frequent_customers", "abandoned", "abandoned_percent", "voided",
           "provisional")
GUILD = "guild"


def who(entry):
    """Who bought: the contact, else the name, however written."""
    for kind in ("contact", "customer"):
        written = (entry[kind] or "").strip().lower()
        if written:
            return kind, written
    return None


def hundredths(part, whole):
    if not whole:
        return None
    exact = decimal.Decimal(part) / whole
    return float(exact.quantize(decimal.Decimal("0.01"),
                                decimal.ROUND_HALF_UP))


class Reckoning:
    """What the books should say of purchases and voids.

    entries: {"folio", "cart", "day" (a date), "confirmed", "voided",
    "customer", "contact", "units", "amount", "provisional"}
    """

    def __init__(self, entries, often):
        self.often = often
        self.days = collections.defaultdict(list)
        # (cart or GUILD, who): {day: purchases that count}
        self.visits = collections.defaultdict(collections.Counter)
        for entry in entries:
            self.days[entry["day"]].append(entry)
            if entry["confirmed"] and not entry["voided"] and who(entry):
                for place in (entry["cart"], GUILD):
                    self.visits[place, who(entry)][entry["day"]] += 1

    def books(self):
        """{day: {cart or GUILD: figures}}, of each day with anything."""
        return {day: self._book(day, rows) for day, rows in self.days.items()}

    def _book(self, day, rows):
        carts = sorted({row["cart"] for row in rows})
        book = {cart: self._figures(day, cart, [
            row for row in rows if row["cart"] == cart]) for cart in carts}
        return {GUILD: self._figures(day, GUILD, rows), **book}

    def _figures(self, day, place, rows):
        sold = [r for r in rows if r["confirmed"] and not r["voided"]]
        customers = {who(r) for r in sold} - {None}
        abandoned = sum(not r["confirmed"] for r in rows)
        units = sum(r["units"] for r in sold)
        return {
            "sales": len(sold), "units": units,
            "revenue_clp": sum(r["amount"] for r in sold),
            "customers": len(customers),
            "units_per_customer": hundredths(units, len(customers)),
            "frequent_customers": sum(
                self._came(place, c, day) >= self.often for c in customers),
            "abandoned": abandoned,
            "abandoned_percent": hundredths(100 * abandoned, len(rows)),
            "voided": sum(r["voided"] for r in rows),
            "provisional": sum(r["provisional"] for r in sold)}

    def _came(self, place, customer, day):
        return sum(n for other, n in self.visits[place, customer].items()
                   if 0 <= (day - other).days < VISIT_DAYS)


# What the guild says.

def figures_of(row):
    return {name: row[name] for name in FIGURES}


def editions(guild):
    """{date as text: the last edition}, of all books there are."""
    found, before = {}, ""
    while before is not None:
        page = json.loads(ask(guild, "?limit=20" + (
            "&before=" + before if before else "")))
        for row in page["books"]:
            assert row["cart"] is None
            found.setdefault(row["date"], []).append(row["edition"])
            assert row["latest_edition"] == found[row["date"]][0]
        before = page["next_before"]
    for date, numbers in found.items():
        assert numbers == list(range(numbers[0], 0, -1)), (date, numbers)
    return {date: numbers[0] for date, numbers in found.items()}


def ask(guild, query):
    """The answer's text, which is as described; NotYet if there is none."""
    status, headers, body = request(guild.api_port, "GET", PATH + query,
                                    headers=bearer(guild.token))
    openapi.check_answer(DOCUMENT, PATH, status, headers["Content-Type"],
                         body)
    if status != 200:
        raise NotYet("%d %s" % (status, body.decode()))
    return body.decode("utf-8")


def book(guild, date, edition=None):
    """{cart or GUILD: figures}"""
    said = json.loads(ask(guild, "?date=%s%s" % (
        date, "&edition=%d" % edition if edition else "")))
    assert said["date"] == str(date)
    return {GUILD: said["guild"], **{row["cart"]: figures_of(row)
                                     for row in said["carts"]}}


def number(text):
    if text == "":
        return None
    return float(text) if "." in text else int(text)


def book_csv(guild, date):
    """The same from the CSV, whose form is looked at as well."""
    text = ask(guild, "?format=csv&date=%s" % date)
    assert text.endswith("\r\n") and "\n" not in text.replace("\r\n", "")
    rows = list(csv.DictReader(io.StringIO(text, newline=""), strict=True))
    assert {row["date"] for row in rows} == {str(date)}
    return {row["cart"]: {name: number(row[name]) for name in FIGURES}
            for row in rows}
