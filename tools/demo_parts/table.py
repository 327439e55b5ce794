"""The small table that the demo prints: what the API says, and nothing else."""
import datetime
import time

STATES = ("recibido", "preparando", "entregando", "finalizado", "cancelado")
ROW = "%-8s %-24s %8s %8s %6s %10s  %s"


def table(guild, accounts, mail):
    carts = {c["cart"]: c for c in guild.get("/api/v1/carts")["carts"]}
    sales = daily(guild)
    stock = {}
    for row in guild.get("/api/v1/stock")["stock"]:
        stock.setdefault(row["cart"], []).append("%d:%d%s" % (
            row["product"], row["level_units"],
            " ordered" if row["order_open"] else ""))
    lines = [time.strftime("%H:%M:%S  ") + ROW % (
        "cart", "position", "contact", "backlog", "sales", "revenue",
        "stock")]
    for cart in sorted(guild.gateways):
        row = carts.get(cart)
        day = sales.get(cart, {"sales": 0, "revenue_clp": 0})
        lines.append(" " * 10 + ROW % (
            cart, position(row), contact(row),
            row["backlog"] if row else "-", day["sales"],
            day["revenue_clp"], " ".join(stock.get(cart, []))))
    lines += alerts(guild) + [orders(guild), people(guild, mail)]
    latency = accounts.latency_ms()
    if latency:
        lines.append("          street to query: p50 %.0f ms, p99 %.0f ms, "
                     "%d folios given, %d shown" % (
                         *latency, len(accounts.folios),
                         len(accounts.folios.keys() & accounts.seen.keys())))
    return "\n".join(lines)


def alerts(guild):
    """A line for each that is open: what is wrong, since when, what is known."""
    rows = guild.get("/api/v1/alerts?state=open")["alerts"]
    return ["          alert: %-8s %-16s for %3.0f s  %s" % (
        row["cart"] or "-", row["cause"], max(
            0, time.time() - unix(row["since"])),
        " ".join(str(row[k]) for k in ("known", "subject", "note")
                 if row.get(k) and row[k] != "nothing"))
            for row in rows]


def orders(guild):
    """How many restock orders are in each state."""
    count = dict.fromkeys(STATES, 0)
    for row in guild.get("/api/v1/restocks?limit=1000")["restocks"]:
        count[row["state"]] += 1
    return "          orders: " + ", ".join(
        "%d %s" % (count[s], s) for s in STATES)


def people(guild, mail):
    """Members in each state, tickets that are not resolved, mails that came."""
    members = guild.get("/api/v1/members?limit=1000")["members"]
    tickets = guild.get("/api/v1/tickets?limit=1000")["tickets"]
    return "          people: " + ", ".join(
        "%d %s" % (sum(m["state"] == state for m in members), state)
        for state in ("waiting", "approved")) + (
            "; tickets: %d of %d answered; mails: %d" % (
                sum(t["state"] == "resolved" for t in tickets), len(tickets),
                mail.count()))


def daily(guild):
    """Today's row of each cart; today is the guild's day, not ours."""
    answer = guild.get("/api/v1/sales/daily")
    return {row["cart"]: row for row in answer["carts"]}


def position(row):
    if not row or not row.get("fix"):
        return "no fix yet"
    return "%.6f %.6f" % (row["fix"]["lat"], row["fix"]["lon"])


def contact(row):
    if not row:
        return "never"
    return "%.0f s" % max(0, time.time() - unix(row["contact_at"]))


def unix(text):
    """RFC 3339, as the API writes it, to Unix time."""
    return datetime.datetime.fromisoformat(
        text.replace("Z", "+00:00")).timestamp()
