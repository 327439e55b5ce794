"""The small table that the demo prints: what the API says, and nothing else."""
import datetime
import time

ROW = "%-8s %-24s %8s %8s %6s %10s  %s"


def table(guild, accounts):
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
    latency = accounts.latency_ms()
    if latency:
        lines.append("          street to query: p50 %.0f ms, p99 %.0f ms, "
                     "%d folios given, %d shown" % (
                         *latency, len(accounts.folios),
                         len(accounts.folios.keys() & accounts.seen.keys())))
    return "\n".join(lines)


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
