"""The guild's verdicts and what they were made of, as they stand in Kafka:
read by an independent reader (tests/vectors), judged by their records' times.
"""
import math
import os
import sys
import time

import records
from demo_parts.table import unix  # noqa: F401
from local.process import wait_for

sys.path.append(os.path.join(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))), "vectors"))
import guild_reader  # noqa: E402
import reader  # noqa: E402

LATE_MS = 120000	# a frame's fixes are of now, or late data
FRESH_MS = 60000	# a status's fix is of now, or where it last knew
# A verdict is waited for by asking; not so often that the asking is a load.
ASK_S = 0.2
PARTITIONS = 2


def alerts(guild, cart=None):
    """Every record of topic_alertas, in order of time."""
    rows = []
    for r in records.read(guild.bootstrap, "topic_alertas", PARTITIONS):
        if r.headers["schema"] == "alert/1":
            rows.append(dict(guild_reader.alert(r.value),
                             record_ms=r.timestamp_ms, key=r.key.decode()))
    rows.sort(key=lambda a: (a["record_ms"], a["revision"]))
    return [a for a in rows if cart is None or a["cart"] == cart]


def coordinates(guild):
    """Every record of topic_coordenadas that a cart sent, in order:
    {"cart", "record_ms", "status" or "fixes"}."""
    rows = []
    for r in records.read(guild.bootstrap, "topic_coordenadas",
                          PARTITIONS + 1):
        schema = r.headers["schema"]
        row = {"record_ms": r.timestamp_ms,
               "cart": r.key.decode() if r.key else None}
        if schema == "status/1":
            row["status"] = reader.status(r.value)
            fix = row["status"]["fix"]
            row["fixes"] = [fix] if fix else []
        elif schema == "pos/1":
            row["fixes"] = [
                f for item in reader.frame(r.value, "pos")["items"]
                if item["kind"] == "fixes" for f in item["fixes"]]
        else:
            continue
        rows.append(row)
    rows.sort(key=lambda r: r["record_ms"])
    return rows


def reports(rows, cart):
    """Those of the cart's records that say where it is, now."""
    found, blind_ms = [], 0
    for row in rows:
        if row["cart"] != cart:
            continue
        newest = max((f["at"]["ms"] for f in row["fixes"]), default=0)
        status = row.get("status")
        if status is None:
            # What lingered since before it said that it has no fix is old.
            if newest > max(blind_ms, row["record_ms"] - LATE_MS):
                found.append(row)
        elif status["state"] == "lost":
            continue	# the broker's word, not the cart's
        elif status["fix_mode"] in ("2d", "3d") \
                and newest >= status["at"]["ms"] - FRESH_MS:
            found.append(row)
        else:
            # By the record's time, as a clock that is not yet trusted is
            # judged: a fix between the status's own time and this proves
            # nothing either way.
            blind_ms = row["record_ms"]
    return found


def story(rows, cart, from_ms):
    """What the cart said since, for who wonders why it was judged so."""
    lines = []
    for row in rows:
        if row["cart"] != cart or row["record_ms"] < from_ms:
            continue
        status = row.get("status")
        lines.append("%+9.3f %-6s %s" % (
            (row["record_ms"] - from_ms) / 1000,
            status["state"] if status else "pos",
            "epoch=%(epoch)s boot=%(boot)s %(fix_mode)s" % status
            if status else ""))
        if row["fixes"]:
            lines[-1] += " fixes of %s" % ", ".join(
                "%+.1f" % ((f["at"]["ms"] - from_ms) / 1000)
                for f in (row["fixes"][0], row["fixes"][-1]))
    return "\n".join([cart] + lines)


def places(rows, cart):
    """The cart's fixes by their own times, each once."""
    fixes = {f["at"]["ms"]: f for row in rows if row["cart"] == cart
             for f in row["fixes"]}
    return [fixes[ms] for ms in sorted(fixes)]


def tracked(guild, cart):
    """The fixes of its frames, by their own times: what it kept."""
    return places([r for r in coordinates(guild) if "status" not in r], cart)


def way_between(guild, cart, since, until):
    """Metres from where it was last seen to where it was seen again, both
    as the API writes times."""
    since_ms, until_ms = unix(since) * 1000, unix(until) * 1000
    fixes = places(coordinates(guild), cart)
    before = [f for f in fixes if f["at"]["ms"] <= since_ms]
    meanwhile = [f for f in fixes if since_ms < f["at"]["ms"] <= until_ms]
    return metres(before[-1], meanwhile[-1]) if before and meanwhile else 0


def metres(a, b):
    mean = math.radians((a["lat_e6"] + b["lat_e6"]) / 2e6)
    return 0.111195 * math.hypot(
        a["lat_e6"] - b["lat_e6"],
        (a["lon_e6"] - b["lon_e6"]) * math.cos(mean))


def shown(guild, state="open", **more):
    """Alerts as the API lists them."""
    query = "".join("&%s=%s" % pair for pair in more.items())
    return guild.get("/api/v1/alerts?limit=1000&state=%s%s"
                     % (state, query))["alerts"]


def live(guild):
    return {row["cart"] for row in
            guild.get("/api/v1/carts?live=true")["carts"]}


def wait_calmly(condition, what, timeout):
    """wait_for, of what takes its time."""
    def ask():
        time.sleep(ASK_S)
        return condition()
    return wait_for(ask, what, timeout)
