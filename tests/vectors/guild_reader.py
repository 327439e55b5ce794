"""Reads the guild's own records, as reader.py reads what carts say."""

import re

from reader import (Refused, UINT64, array, binary, boolean, choice, given,
                    goods, integer, message, moment, pairs, plate, point,
                    revision, text, unix, unpack, word)

# Orders.

ORDER_STATES = ["recibido", "preparando", "entregando", "finalizado",
                "cancelado"]


def order_lines(lines, least):
    return [[integer(p[0], "order.lines.product", 0, 65535),
             integer(p[1], "order.lines.units", 0, 1000000)]
            for p in (array(x, "order.lines", 2) for x in
                      array(lines, "order.lines", least, 64))]


def order_parts(order, state, at, lines):
    return {"order": word(order, "order.order", 48),
            "state": choice(state, "order.state", ORDER_STATES),
            "at_ms": unix(at, "order.at"), "lines": order_lines(lines, 1)}


def order(data):
    v = message(data, "order", 7)
    parts = dict(order_parts(v[1], v[3], v[4], v[6]),
                 cart=plate(v[2], "order.cart"), by=word(v[5], "order.by", 80))
    if len(v) == 7:
        return parts
    if len(v) < 12:
        raise Refused("order")
    return dict(parts, revision=revision(v[7], "order.revision"),
                reason=given(v[8], "order.reason", 500),
                delivery=given(v[9], "order.delivery", 32),
                origin=choice(v[10], "order.origin", ["level", "manual"]),
                disputed=boolean(v[11], "order.disputed"))


def order_news(data):
    v = array(unpack(data), "order", 4)
    return order_parts(*v[:4])


def request(data):
    v = message(data, "request", 10)
    kind = choice(v[1], "request.kind", ["create", "move"])
    return {"kind": kind, "order": word(v[2], "request.order", 48),
            "cart": plate(v[3], "request.cart"),
            "at_ms": unix(v[4], "request.at"),
            "by": word(v[5], "request.by", 80),
            "to": choice(v[6], "request.to", ORDER_STATES),
            "lines": order_lines(v[7], 1 if kind == "create" else 0),
            "reason": given(v[8], "request.reason", 500),
            "mail": given(v[9], "request.mail", 80)}


def stop(v):
    v = array(v, "delivery.stops", 4)
    out = {"order": word(v[0], "delivery.stops.order", 48),
           "cart": plate(v[1], "delivery.stops.cart"), "place": None}
    if v[2] is not None or v[3] is not None:
        out["place"] = point(v[2], v[3], "delivery.stops.place")
    return out


def delivery(data):
    v = message(data, "delivery", 6)
    return {"id": word(v[1], "delivery.id", 32),
            "state": choice(v[2], "delivery.state",
                            ["preparando", "entregando", "finalizada",
                             "cancelada"]),
            "revision": revision(v[3], "delivery.revision"),
            "at_ms": unix(v[4], "delivery.at"),
            "stops": [stop(x) for x in
                      array(v[5], "delivery.stops", 0, 64)]}


# The guild's judgement.

CAUSES = ["missing", "astray.zone", "astray.hours", "astray.reported",
          "fugitive", "backlog", "gap.pos", "gap.sale", "gap.stock",
          "sale.refused", "restock.dispute"]


def alert_place(v):
    if v is None:
        return None
    v = array(v, "alert.place", 3)
    lat, lon = point(v[0], v[1], "alert.place")
    return {"lat_e6": lat, "lon_e6": lon,
            "at_ms": moment(v[2], "alert.place")}


def alert(data):
    v = message(data, "alert", 17)
    most = (1 << 63) - 1
    moved = v[12]
    if moved is not None:
        integer(moved, "alert.moved", 0, most)
    return {"id": word(v[1], "alert.id", 48),
            "cart": v[2] if v[2] is None else plate(v[2], "alert.cart"),
            "cause": choice(v[3], "alert.cause", CAUSES),
            "state": choice(v[4], "alert.state",
                            ["opened", "changed", "resolved"]),
            "revision": revision(v[5], "alert.revision"),
            "at_ms": unix(v[6], "alert.at"),
            "since_ms": unix(v[7], "alert.since"),
            "until_ms": moment(v[8], "alert.until"),
            "known": choice(v[9], "alert.known",
                            ["nothing", "link_lost", "stopped", "no_fix"]),
            "why": choice(v[10], "alert.why",
                          ["unknown", "network", "gateway", "power",
                           "receiver"]),
            "place": alert_place(v[11]), "moved_m": moved,
            "count": integer(v[13], "alert.count", 0, most),
            "subject": given(v[14], "alert.subject", 80),
            "by": given(v[15], "alert.by", 80),
            "note": given(v[16], "alert.note", 500)}


def resolution(data):
    v = message(data, "resolution", 5)
    return {"id": word(v[1], "resolution.id", 48),
            "at_ms": unix(v[2], "resolution.at"),
            "by": word(v[3], "resolution.by", 80),
            "note": given(v[4], "resolution.note", 500)}


def notice(data):
    v = message(data, "notice", 7)
    if len(data) > 8192:
        raise Refused("notice")
    return {"id": word(v[1], "notice.id", 96),
            "to": word(v[2], "notice.to", 120),
            "event": word(v[3], "notice.event", 40),
            "subject": text(v[4], "notice.subject", 96, nil=False),
            "at_ms": unix(v[5], "notice.at"),
            "values": [[word(p[0], "notice.values.name", 40),
                        text(p[1], "notice.values.value", 500, nil=False)]
                       for p in (array(x, "notice.values", 2) for x in
                                 array(v[6], "notice.values", 0, 16))]}


def report(data):
    v = message(data, "report", 6)
    lat, lon = point(v[3], v[4], "report.place")
    return {"id": word(v[1], "report.id", 32),
            "at_ms": unix(v[2], "report.at"), "lat_e6": lat, "lon_e6": lon,
            "note": given(v[5], "report.note", 500)}


def beat(data):
    v = message(data, "beat", 3)
    return {"bridge": word(v[1], "beat.bridge", 80),
            "count": integer(v[2], "beat.count", 0, UINT64)}


# What the guild has laid down.

def ring(v):
    v = array(v, "zone.areas.ring", 6)
    if len(v) % 2:
        raise Refused("zone.areas.ring")
    return [point(v[i], v[i + 1], "zone.areas.point")
            for i in range(0, len(v), 2)]


def area(v):
    v = array(v, "zone.areas", 2)
    if choice(v[0], "zone.areas.form", ["rings", "circle"]) == "rings":
        return {"rings": [ring(x) for x in v[1:]]}
    v = array(v, "zone.areas", 4)
    return {"centre": point(v[1], v[2], "zone.areas.centre"),
            "radius_m": integer(v[3], "zone.areas.radius", 1, 100000),
            "rings": [ring(x) for x in v[4:]]}


def zone(data):
    v = message(data, "zone", 8)
    if not re.fullmatch("[a-z0-9-]{1,32}", text(v[1], "zone.id", 32, False)):
        raise Refused("zone.id")
    out = {"id": v[1], "revision": revision(v[2], "zone.revision", 1),
           "name": word(v[3], "zone.name", 80),
           "at_ms": unix(v[4], "zone.at"), "by": word(v[5], "zone.by", 80),
           "carts": [plate(x, "zone.carts")
                     for x in array(v[6], "zone.carts", 0, 256)],
           "areas": [area(x) for x in array(v[7], "zone.areas", 1, 16)]}
    rings = [x for a in out["areas"] for x in a["rings"]]
    if len(rings) > 64 or sum(map(len, rings)) > 4000:
        raise Refused("zone.areas")
    return out


def rules(data):
    v = message(data, "rules", 5)
    scope = text(v[1], "rules.scope", 8, nil=False)
    return {"scope": scope if scope == "*" else plate(scope, "rules.scope"),
            "at_ms": unix(v[2], "rules.at"), "by": word(v[3], "rules.by", 80),
            "settings": pairs(v[4])}


def products(data):
    v = message(data, "products", 4)
    return {"at_ms": unix(v[1], "products.at"),
            "by": word(v[2], "products.by", 80), "products": goods(v[3])}


def token(data):
    v = message(data, "token", 8)
    if "." in word(v[1], "token.id", 16):
        raise Refused("token.id")
    role = choice(v[3], "token.role", ["admin", "depot", "vendor"])
    if role != "vendor" and v[7] is not None:
        raise Refused("token.cart")
    return {"id": v[1], "name": word(v[2], "token.name", 80), "role": role,
            "hash": binary(v[4], "token.hash", 32),
            "created_ms": unix(v[5], "token.created"),
            "by": word(v[6], "token.by", 80),
            "cart": plate(v[7], "token.cart") if role == "vendor" else None}


def alert_id(written):
    """The cart and cause, and the time where it is one."""
    found = re.fullmatch("([A-Z0-9]{4,8})-([a-z.]+)-([0-9a-z]{1,13})",
                         written)
    cart = found and found[1]
    if not found:
        found = re.fullmatch("()([a-z.]+)-([A-Za-z0-9_-]+)", written)
    if not found or found[2] not in CAUSES or len(written) > 48:
        raise Refused("alert.id")
    out = {"cart": cart, "cause": found[2]}
    if re.fullmatch("[0-9a-z]+", found[3]):
        out["since_ms"] = int(found[3], 36)
    return out
