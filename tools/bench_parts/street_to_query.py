"""From a purchase at the POS to its row in the API's answer, at a constant
load: the whole path, every part real."""
import http.client
import json
import socket
import threading
import time

from local.guild import Guild, bearer
from local.process import wait_for

from .figure import figure, note, percentile

GATEWAYS = 10
PER_SECOND = 10.0	# purchases a gateway
SECONDS = 30
WARM_UP_S = 5
POLL_S = 0.001
SETTLE_S = 10
GOAL_P50_MS, GOAL_P99_MS = 20, 50


def measure(dir):
    with Guild(dir) as guild:
        gateways = [guild.add_gateway("BENCH%02d" % i).start()
                    for i in range(GATEWAYS)]
        for gateway in gateways:
            wait_for(lambda: gateway.ask({"type": "state"})["connected"],
                     "connected", 30)
        sold, seen = run(guild, gateways)
    counted = {f: at for f, (at, warm) in sold.items() if not warm}
    waits = [1000 * (seen[f] - at) for f, at in counted.items() if f in seen]
    missing = len(counted) - len(waits)
    note("street_to_query: %d sales at "
         "%.0f a second from %d gateways, %d not seen, max %.0f ms" % (
             len(counted), GATEWAYS * PER_SECOND, GATEWAYS, missing,
             max(waits)))
    if missing:
        raise RuntimeError("%d sales never came" % missing)
    figure("street_to_query_p50", percentile(waits, 50), "ms", GOAL_P50_MS,
           "goal<=%d" % GOAL_P50_MS)
    figure("street_to_query_p99", percentile(waits, 99), "ms", GOAL_P99_MS,
           "goal<=%d" % GOAL_P99_MS)


def run(guild, gateways):
    """({folio: (asked, warming up)}, {folio: shown})"""
    sold, seen, over = {}, {}, threading.Event()
    watcher = threading.Thread(target=watch, args=(guild, seen, over))
    watcher.start()
    began = time.monotonic() + 0.5
    vendors = [threading.Thread(
        target=sell, args=(g, sold, began + i / GATEWAYS / PER_SECOND, began))
        for i, g in enumerate(gateways)]
    for vendor in vendors:
        vendor.start()
    for vendor in vendors:
        vendor.join()
    try:
        wait_for(lambda: sold.keys() <= seen.keys(), "all are shown",
                 SETTLE_S)
    finally:
        over.set()
        watcher.join()
    return sold, seen


def sell(gateway, sold, first, began):
    with socket.socket(socket.AF_UNIX) as s:
        s.connect(gateway.socket_path)
        answers = s.makefile("rb")
        for i in range(int((WARM_UP_S + SECONDS) * PER_SECOND)):
            due = first + i / PER_SECOND
            time.sleep(max(0, due - time.monotonic()))
            asked = time.monotonic()
            s.sendall(json.dumps({
                "type": "sale", "customer": "Ana %d" % (i % 50), "units": 1,
                "amount": 500}).encode() + b"\n")
            answer = json.loads(answers.readline())
            sold[answer["folio"]] = asked, asked < began + WARM_UP_S


def watch(guild, seen, over):
    """An impatient admin: asks for new sales all the time."""
    connection = http.client.HTTPConnection("127.0.0.1", guild.api_port,
                                            timeout=10)
    after = 0
    while not over.is_set():
        connection.request("GET", "/api/v1/sales?limit=1000&after=%d" % after,
                           headers=bearer(guild.token))
        rows = json.loads(connection.getresponse().read())["sales"]
        now = time.monotonic()
        for row in rows:
            after = row["id"]
            seen.setdefault(row["folio"], now)
        time.sleep(POLL_S)
    connection.close()
