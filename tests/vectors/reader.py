"""Reads Pregón's messages with Debian's python3-msgpack, from the text of
schemas/*.md and nothing else: a second opinion on the codecs in C."""

import re

import msgpack

TIME_MIN, TIME_MAX = 1577836800000, 4102444800000
BOOT_MS_MAX = 10 * 366 * 86400 * 1000
UINT64 = (1 << 64) - 1
SEQ_MAX = (1 << 48) - 1
CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
STREAMS = ["pos", "sale", "stock", "help"]


class Refused(Exception):
    """`field` is None where MessagePack itself could not be read."""

    def __init__(self, field, later_version=False):
        super().__init__(field)
        self.field = field
        self.later_version = later_version


def unpack(data):
    """Bytes that are no UTF-8 become surrogates, which text() refuses."""
    try:
        return msgpack.unpackb(data, raw=False, strict_map_key=False,
                               unicode_errors="surrogateescape")
    except Exception as error:
        raise Refused(None) from error


# Values.  Each is given the name of its field.

def integer(v, field, least, most):
    if type(v) is not int or not least <= v <= most:
        raise Refused(field)
    return v


def array(v, field, least, most=None):
    if type(v) is not list or len(v) < least or len(v) > (most or len(v)):
        raise Refused(field)
    return v


def text(v, field, most, nil=True):
    if v is None and nil:
        return None
    if type(v) is not str or "\0" in v:
        raise Refused(field)
    try:
        length = len(v.encode())
    except UnicodeEncodeError:
        raise Refused(field) from None
    if length > most:
        raise Refused(field)
    return v


def boolean(v, field):
    if type(v) is not bool:
        raise Refused(field)
    return v


def binary(v, field, length):
    if type(v) is not bytes or len(v) != length:
        raise Refused(field)
    return v.hex()


def epoch(v, field):
    if binary(v, field, 5) == "0" * 10:
        raise Refused(field)
    return v.hex()


def choice(v, field, names):
    return names[integer(v, field, 0, len(names) - 1)]


def instant(at, boot, field):
    if at is not None:
        integer(at, field, 0, TIME_MAX)
    if boot is not None:
        integer(boot, field, 0, UINT64)
    if at is None:
        return None
    if boot:
        integer(at, field, 0, BOOT_MS_MAX)
        return {"ms": at, "boot": "%016x" % boot}
    integer(at, field, TIME_MIN, TIME_MAX)
    return {"ms": at}


def place(v, field):
    if v is None:
        return None
    v = array(v, field, 3)
    return {"lat_e6": integer(v[0], field, -90000000, 90000000),
            "lon_e6": integer(v[1], field, -180000000, 180000000),
            "age_s": integer(v[2], field, 0, (1 << 32) - 1)}


def word(v, field, most):
    if not text(v, field, most, nil=False):
        raise Refused(field)
    return v


def given(v, field, most):
    return text(v, field, most) or None


def plate(v, field):
    if not re.fullmatch("[A-Z0-9]{4,8}", text(v, field, 8, nil=False)):
        raise Refused(field)
    return v


def unix(v, field):
    return integer(v, field, TIME_MIN, TIME_MAX)


def moment(v, field):
    return None if v is None else unix(v, field)


def revision(v, field, least=0):
    return integer(v, field, least, (1 << 32) - 1)


def point(lat, lon, field):
    return [integer(lat, field, -90000000, 90000000),
            integer(lon, field, -180000000, 180000000)]


# Items.

def fix(state):
    """What a reader gives out for the running values of a run."""
    ms = state["t"] * state["unit"]
    at = instant(ms, state["boot"], "fixes.time")
    return {"at": at,
            "lat_e6": integer(state["lat"], "fixes.lat",
                              -90000000, 90000000),
            "lon_e6": integer(state["lon"], "fixes.lon",
                              -180000000, 180000000),
            "speed_dm_s": integer(state["speed"], "fixes.speed", 0, 5000),
            "course_deg": state["course"],
            "accuracy_m": state["accuracy"], "flags": state["flags"]}


class Values:
    """A run's values, taken one after the other."""

    def __init__(self, values):
        self.values = values
        self.at = 0

    def take(self, field, least, most, nil=False):
        if self.at == len(self.values):
            raise Refused("fixes")
        v = self.values[self.at]
        self.at += 1
        if v is None and nil:
            return None
        return integer(v, field, least, most)

    def quality(self, state):
        state["accuracy"] = self.take("fixes.accuracy", 0, 65534, nil=True)

    def left(self):
        return len(self.values) - self.at


def run(item):
    values = Values(array(item, "fixes", 8))
    values.take("fixes", 1, 1)
    form = values.take("fixes.form", 0, 7)
    s = {"unit": 1 if form & 1 else 1000, "dlat": 0, "dlon": 0, "boot": None}
    s["t"] = values.take("fixes.time", 0, TIME_MAX)
    if form & 2:
        s["boot"] = values.take("fixes.boot", 1, UINT64)
    s["lat"] = values.take("fixes.lat", -90000000, 90000000)
    s["lon"] = values.take("fixes.lon", -180000000, 180000000)
    s["speed"] = values.take("fixes.speed", 0, 5000)
    s["course"] = values.take("fixes.course", 0, 359)
    values.quality(s)
    s["flags"] = values.take("fixes.flags", 0, 255) if form & 4 else 0
    fixes = [fix(s)]
    while values.left():
        further(values, s)
        fixes.append(fix(s))
    return {"kind": "fixes", "count": len(fixes), "fixes": fixes}


def further(values, s):
    far = 1 << 48
    dt = values.take("fixes.time", -far, far)
    ddlat = values.take("fixes.lat", -far, far)
    ddlon = values.take("fixes.lon", -far, far)
    dspeed = values.take("fixes.speed", -far, far)
    dcourse = values.take("fixes.course", -180, 179)
    if dt < 0:
        dt = -1 - dt
        values.quality(s)
        s["flags"] = values.take("fixes.flags", 0, 255)
    s["t"] += dt
    s["dlat"] += ddlat
    s["dlon"] += ddlon
    s["lat"] += s["dlat"]
    s["lon"] += s["dlon"]
    s["speed"] += dspeed
    s["course"] = (s["course"] + dcourse) % 360


def run_count(item):
    """How many fixes a bad run says it has, else 1."""
    try:
        form = integer(item[1], "", 0, 7)
        at, count = 8 + (form >> 1 & 1) + (form >> 2 & 1), 1
        while at < len(item):
            at += 5 if integer(item[at], "", -UINT64, UINT64) >= 0 else 7
            count += 1
        return count if at == len(item) else 1
    except (Refused, IndexError):
        return 1


def gap(v):
    v = array(v, "gap", 6)
    count = integer(v[1], "gap.count", 1, 1 << 40)
    reason = choice(v[5], "gap.reason", ["full", "forgotten", "refused"])
    return {"kind": "gap", "count": count,
            "from": instant(v[2], v[4], "gap.from"),
            "to": instant(v[3], v[4], "gap.to"), "reason": reason}


def marker(v):
    v = array(v, "time", 3)
    return {"kind": "time", "count": 1,
            "boot": "%016x" % integer(v[1], "time.boot", 1, UINT64),
            "offset_ms": integer(v[2], "time.offset",
                                 TIME_MIN - BOOT_MS_MAX, TIME_MAX)}


def line(v):
    v = array(v, "sale.lines", 3)
    return [integer(v[0], "sale.lines.product", 0, 65535),
            integer(v[1], "sale.lines.units", 1, 1000000),
            integer(v[2], "sale.lines.amount", 0, 10 ** 12)]


def sale(v):
    v = array(v, "sale", 10)
    at = instant(v[1], v[2], "sale.at")
    confirmed = boolean(v[3], "sale.confirmed")
    opened = None if v[4] is None else integer(v[4], "sale.open", 0,
                                               BOOT_MS_MAX)
    return {"kind": "sale", "count": 1, "at": at, "confirmed": confirmed,
            "open_ms": opened, "customer": text(v[5], "sale.customer", 80),
            "contact": text(v[6], "sale.contact", 80),
            "request_id": text(v[7], "sale.request_id", 80),
            "place": place(v[8], "sale.place"),
            "lines": [line(x) for x in array(v[9], "sale.lines",
                                             1 if confirmed else 0, 64)]}


def void(v):
    v = array(v, "void", 5)
    return {"kind": "void", "count": 1, "at": instant(v[1], v[2], "void.at"),
            "folio": text(v[3], "void.folio", 80, nil=False),
            "reason": text(v[4], "void.reason", 500)}


def stock(v):
    v = array(v, "stock", 8)
    reasons = ["sale", "restock", "count", "waste", "void"]
    return {"kind": "stock", "count": 1,
            "at": instant(v[1], v[2], "stock.at"),
            "product": integer(v[3], "stock.product", 0, 65535),
            "delta": integer(v[4], "stock.delta", -2000000, 2000000),
            "level": integer(v[5], "stock.level", -1000000, 1000000),
            "reason": choice(v[6], "stock.reason", reasons),
            "order": text(v[7], "stock.order", 80)}


def help_(v):
    v = array(v, "help", 5)
    return {"kind": "help", "count": 1, "at": instant(v[1], v[2], "help.at"),
            "note": text(v[3], "help.note", 500),
            "place": place(v[4], "help.place")}


ITEMS = {1: (run, ["pos"]), 2: (gap, STREAMS), 3: (marker, STREAMS),
         4: (sale, ["sale"]), 5: (void, ["sale"]), 6: (stock, ["stock"]),
         7: (help_, ["help"])}


def item(v, stream):
    kind = integer(array(v, "item", 1)[0], "item.kind", 1, 65535)
    reader, streams = ITEMS.get(kind, (None, []))
    if stream not in streams:
        raise Refused("item.kind")
    return reader(v)


def bad_count(v):
    if type(v) is list and len(v) > 1:
        if v[0] == 1:
            return run_count(v)
        if v[0] == 2 and type(v[1]) is int and 1 <= v[1] <= 1 << 40:
            return v[1]
    return 1


def depth(v):
    if type(v) is dict:
        v = [x for pair in v.items() for x in pair]
    return 1 + max(map(depth, v), default=0) if type(v) is list else 0


# Messages.

def message(data, name, fields):
    v = array(unpack(data), name, 1)
    if integer(v[0], name, 1, 65535) != 1:
        raise Refused(name, later_version=True)
    return array(v, name, fields)


def frame(data, stream):
    v = message(data, "frame", 6)
    out = {"ledger": integer(v[1], "frame.ledger", 0, (1 << 32) - 1),
           "epoch": epoch(v[2], "frame.epoch"),
           "first_seq": integer(v[3], "frame.first_seq", 0, SEQ_MAX)}
    out["count"] = integer(v[4], "frame.count", 1,
                           SEQ_MAX - out["first_seq"])
    seq, items = out["first_seq"], []
    for x in array(v[5], "frame.payload", 1, 4096):
        integer(depth(x), "frame.payload", 0, 8)
        try:
            got = item(x, stream)
        except Refused as refused:
            got = {"kind": "bad", "count": bad_count(x),
                   "field": refused.field}
        items.append(dict(got, seq=seq))
        seq += got["count"]
    if seq != out["first_seq"] + out["count"]:
        raise Refused("frame.count")
    return dict(out, items=items)


def status(data):
    v = message(data, "status", 16)
    got = None
    head = {"epoch": epoch(v[1], "status.epoch"),
            "count": integer(v[2], "status.count", 0, UINT64),
            "connection": integer(v[3], "status.connection", 0, UINT64),
            "state": choice(v[4], "status.state",
                            ["stopped", "online", "lost"]),
            "at": instant(v[5], v[6], "status.at"),
            "boot": "%016x" % integer(v[7], "status.boot", 0, UINT64),
            "fix_mode": choice(v[8], "status.fix_mode",
                               ["no_gpsd", "silent", "no_fix", "2d", "3d"])}
    if v[9] is not None:
        got = run(v[9])["fixes"]
        if len(got) != 1:
            raise Refused("status.fix")
    if 16 < len(v) < 18:
        raise Refused("status")
    oldest = instant(v[16], v[17], "status.oldest") if len(v) > 16 else None
    if oldest is not None:
        head["oldest"] = oldest
    battery = v[12] if v[12] is None else integer(v[12], "status.battery",
                                                  0, 100)
    return dict(head, fix=got and got[0],
                day_open=boolean(v[10], "status.day_open"),
                backlog=integer(v[11], "status.backlog", 0, (1 << 32) - 1),
                battery=battery,
                ledger=integer(v[13], "status.ledger", 0, (1 << 32) - 1),
                applied=integer(v[14], "status.applied", 0, UINT64),
                version=text(v[15], "status.version", 32, nil=False))


def ack(data):
    v = message(data, "ack", 7)
    out = {"ledger": integer(v[1], "ack.ledger", 0, (1 << 32) - 1),
           "stream": choice(v[2], "ack.stream", STREAMS),
           "epoch": epoch(v[3], "ack.epoch"),
           "first_seq": integer(v[4], "ack.first_seq", 0, SEQ_MAX)}
    return dict(out, next_seq=integer(v[5], "ack.next_seq",
                                      out["first_seq"] + 1, SEQ_MAX),
                server_time_ms=integer(v[6], "ack.server_time",
                                       TIME_MIN, TIME_MAX))


def guild(data):
    v = message(data, "guild", 3)
    log = v[3] if len(v) > 3 else None
    since = v[2]
    if since is not None:
        since = 1000 * integer(since, "guild.since", 0, TIME_MAX // 1000)
    return {"ledger": integer(v[1], "guild.ledger", 0, (1 << 32) - 1),
            "since_ms": since,
            "log_id": None if log is None else
            binary(log, "guild.log_id", 16)}


def cmd(data):
    kinds = ["settings", "catalogue", "message", "order"]
    v = message(data, "cmd", 5)
    id_ = integer(v[1], "cmd.id", 0, UINT64)
    kind = integer(v[2], "cmd.kind", 1, 65535)
    ledger = integer(v[4], "cmd.ledger", 0, (1 << 32) - 1)
    if kind > len(kinds):
        raise Refused("cmd.kind", later_version=True)
    return {"id": id_, "kind": kinds[kind - 1], "ledger": ledger,
            "payload": msgpack.packb(v[3]).hex()}


def pairs(v):
    return [[text(p[0], "settings.key", 80, nil=False),
             text(p[1], "settings.value", 500, nil=False)]
            for p in (array(x, "settings", 2)
                      for x in array(v, "settings", 0, 64))]


def goods(v):
    return [[integer(p[0], "catalogue.code", 0, 65535),
             text(p[1], "catalogue.name", 80, nil=False),
             integer(p[2], "catalogue.price", 0, 10 ** 12)]
            for p in (array(x, "catalogue", 3)
                      for x in array(v, "catalogue", 0, 2000))]


def settings(data):
    return pairs(unpack(data))


def catalogue(data):
    return goods(unpack(data))


def words(data):
    v = array(unpack(data), "message", 2)
    return {"at_ms": integer(v[0], "message.at", TIME_MIN, TIME_MAX),
            "text": text(v[1], "message.text", 500, nil=False)}


# Names.

def number(digits):
    value = 0
    for c in digits.upper().translate(str.maketrans("ILO", "110")):
        value = value * 32 + CROCKFORD.index(c)
    if not digits or value > UINT64:
        raise ValueError(digits)
    return value


def folio(written):
    try:
        cart, epoch_, seq = written.split("-")
        out = {"cart": cart.upper(), "epoch": "%010x" % number(epoch_),
               "seq": number(seq)}
    except ValueError:
        raise Refused("folio") from None
    if (not re.fullmatch("[A-Z0-9]{4,8}", out["cart"]) or len(epoch_) != 8
            or out["epoch"] == "0" * 10):
        raise Refused("folio")
    return out


def murmur2(key):
    """Kafka's own, signed as Java has it."""
    m, mask = 0x5bd1e995, 0xffffffff
    h = 0x9747b28c ^ len(key)
    whole = len(key) & ~3
    for i in range(0, whole, 4):
        k = int.from_bytes(key[i:i + 4], "little") * m & mask
        h = h * m & mask ^ (k ^ k >> 24) * m & mask
    if whole != len(key):
        h = (h ^ int.from_bytes(key[whole:], "little")) * m & mask
    h = (h ^ h >> 13) * m & mask
    h ^= h >> 15
    return h - (1 << 32) if h >> 31 else h


def partition(topic, key, count):
    reserved = topic in ("topic_coordenadas", "topic_nuevos-usuarios")
    return reserved + (murmur2(key) & 0x7fffffff) % (count - reserved)
