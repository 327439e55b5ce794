"""A gateway's memory, connected by its certificate and to gpsd, after days'
worth of events."""
import os
import time

from local.gpsd import Gpsd
from local.guild import ROOT, Guild
from local.process import wait_for

from .figure import figure, note

SALES = 600
SECONDS = 60
BAUD = 38400
GOAL_MB = 12
MB = 1e6


def memory(pid):
    """{"Pss": bytes, "Rss": bytes, ...}"""
    found = {}
    with open("/proc/%d/smaps_rollup" % pid) as f:
        for line in f:
            words = line.split()
            if len(words) == 3 and words[2] == "kB":
                found[words[0].rstrip(":")] = int(words[1]) * 1024
    return found


def measure(dir):
    log = os.path.join(ROOT, "tests", "data", "gnss", "sirf2.log")
    guild = Guild(dir, tls=True)
    try:
        guild.mosquitto.start()
        guild.kafka.start()
        guild.part("bridge").start()
        with Gpsd(os.path.join(dir, "gpsd"), log, baud=BAUD) as gpsd:
            gateway = guild.add_gateway("BENCH1", gpsd_port=gpsd.port,
                                        tls=True,
                                        settings={"clock.trust": "gnss"})
            gateway.start()
            wait_for(lambda: gateway.ask({"type": "state"})["connected"],
                     "connected", 30)
            before = memory(gateway.pid)
            work(gateway)
            after = memory(gateway.pid)
            state = gateway.ask({"type": "state"})
    finally:
        guild.stop()
    note("gateway_rss: %d sales with their stock events; Pss %.2f MB before, "
         "%.2f after" % (SALES, before["Pss"] / MB, after["Pss"] / MB))
    note("gateway_rss: %d fixes taken, %d kept, %d frames sent, %d acks" % (
        state["fix"]["taken"], state["fix"]["kept"],
        state["link"]["frames"], state["link"]["acks"]))
    figure("gateway_rss", after["Pss"] / MB, "MB", GOAL_MB,
           "goal<=%d (PSS)" % GOAL_MB)
    figure("gateway_rss_alone", after["Rss"] / MB, "MB", GOAL_MB,
           "if nothing else on the cart used the same libraries; %.2f MB are "
           "its own" % ((after["Private_Dirty"] + after["Private_Clean"])
                        / MB))


def work(gateway):
    began = time.monotonic()
    for i in range(SALES):
        time.sleep(max(0, began + i * SECONDS / SALES - time.monotonic()))
        answer = gateway.ask({"type": "sale", "customer": "Ana %d" % (i % 50),
                              "units": 1, "amount": 500,
                              "stock_after": SALES - i})
        assert answer["ok"], answer
    wait_for(lambda: gateway.ask({"type": "state"})["backlog_by_stream"]
             ["stock"] == 0,
             "all sales are acknowledged", 30)
