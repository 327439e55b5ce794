"""Bytes on the wire of a whole day of a cart, over mTLS, in virtual time.

The real gateway under libfaketime at SPEED times, a real gpsd fed with a
made-up day's NMEA at the same pace, the real broker, bridge and Kafka: as many
frames, statuses, acks and pings as in ten hours, and the kernel's own TCP.
What TCP does in real time (an ACK is delayed by 40 ms at most) fits between
two messages at this speed too.
"""
import os
import subprocess
import sys
import time

from local.gpsd import Gpsd
from local.guild import ROOT, Guild
from local.process import wait_for

from .figure import figure, note
from .gateway_rss import MB, memory
from .nmea import Day, sentences
from .wire import Wire

SPEED = 120
HOURS, WALKING_HOURS, WALKS = 10, 3, 6
SALES = 120
CART = "BENCH1"
GOAL_BYTES = 600000
# PINGREQ in a TLS 1.3 record: 2 + 1 + 16 + 5.
PING_PAYLOAD = 24
# Heard of at least so often (the guild counts a cart as missing after it).
LONGEST_SILENCE_S = 60


def measure(dir):
    if os.geteuid() != 0:
        in_namespace(dir)
        return
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    day = Day(HOURS, WALKING_HOURS, WALKS)
    guild = Guild(dir, tls=True)
    try:
        guild.mosquitto.start()
        guild.kafka.start()
        guild.part("bridge").start()
        live(dir, guild, day)
    finally:
        guild.stop()


def in_namespace(dir):
    """Again as root of a user and network namespace of our own."""
    subprocess.run(["unshare", "-rn", sys.executable,
                    os.path.join(ROOT, "tools", "bench", "run"), "cart_day"],
                   check=True, env=dict(os.environ, BENCH_DIR=dir))


def fast_clock(dir):
    """The environment of a program whose clocks all run SPEED times."""
    listed = subprocess.run(["dpkg-query", "-L", "libfaketime"], text=True,
                            stdout=subprocess.PIPE, check=True).stdout
    faketime = next(p for p in listed.splitlines()
                    if p.endswith("/libfaketime.so.1"))
    boottime = os.path.join(dir, "boottime.so")
    subprocess.run([os.environ.get("CC", "gcc"), "-D_GNU_SOURCE", "-shared",
                    "-fPIC", "-O2", "-o", boottime,
                    os.path.join(ROOT, "tools", "bench_parts",
                                 "boottime.c")], check=True)
    return {"LD_PRELOAD": boottime + " " + faketime,
            "FAKETIME": "+0 x%d" % SPEED}


def live(dir, guild, day):
    log = os.path.join(dir, "day.nmea")
    began = int(time.time())
    with open(log, "wb") as f:
        for cycle in sentences(day.fixes(), began):
            f.write(cycle)
    baud = os.path.getsize(log) / day.seconds * 10 * SPEED
    gateway = guild.add_gateway(
        CART, tls=True,
        # An ack may take 5 s here: 40 ms, in the bridge's own time.
        settings={"clock.trust": "gnss", "link.ack_timeout_ms": 5000},
        env=fast_clock(dir))
    with Gpsd(os.path.join(dir, "gpsd"), log, baud=round(baud), once=True,
              silent=True) as gpsd:
        gateway.settings["gpsd.port"] = gpsd.port
        wire = Wire(guild.mosquitto.tls_port)
        gateway.start()
        wait_for(lambda: gateway.ask({"type": "state"})["gpsd_connected"],
                 "gpsd is connected", 30)
        gpsd.feed()
        started = time.monotonic()
        sizes = sell(gateway, day, started)
        ended = time.monotonic()
        state = gateway.ask({"type": "state"})
        gateway.stop()
        wire.stop()
    report(wire, state, sizes, (ended - started) * SPEED)


def sell(gateway, day, started):
    """The day's purchases, all while the cart stands; PSS each hour."""
    stand_s = day.period_s - day.walk_s
    a_stand = SALES // WALKS
    moments = [p * day.period_s + day.walk_s + (i + 0.5) * stand_s / a_stand
               for p in range(WALKS) for i in range(a_stand)]
    events = sorted([(m, "sale") for m in moments]
                    + [(h * 3600, "hour") for h in range(1, HOURS + 1)])
    sizes = []
    stock = 2 * SALES
    for virtual_s, what in events:
        time.sleep(max(0, started + virtual_s / SPEED - time.monotonic()))
        if what == "hour":
            sizes.append(memory(gateway.pid)["Pss"] / MB)
            continue
        stock -= 2
        answer = gateway.ask({"type": "sale", "customer": "Ana Rojas",
                              "units": 2, "amount": 3000,
                              "stock_after": stock})
        assert answer["ok"], answer
    return sizes


def report(wire, state, sizes, virtual_s):
    link, fix = state["link"], state["fix"]
    pings = sum(1 for _, payload in wire.sent if payload == PING_PAYLOAD)
    said = [at for at, payload in wire.sent if payload != PING_PAYLOAD]
    silence_s = SPEED * max(b - a for a, b in zip(said, said[1:]))
    total = wire.up[1] + wire.down[1]
    note("cart_day: %.2f h at %dx: %d fixes taken, %d kept, %d sales "
         "and as many stock events" % (
        virtual_s / 3600, SPEED, fix["taken"], fix["kept"],
        state["pos"]["sales"]))
    note("cart_day: %d frames (%d sent again), %d acks, %d statuses, %d "
         "pings, %d connections, %d bytes of frames" % (
             link["frames"], link["resent"], link["acks"], link["statuses"],
             pings, link["connections"], link["bytes"]))
    note("cart_day: up %d packets %d bytes, down %d packets %d bytes, IP "
         "headers included; longest silence %.0f s" % (
             *wire.up, *wire.down, silence_s))
    note("cart_day: gateway's PSS each hour, MB: %s" % " ".join(
        "%.2f" % s for s in sizes))
    if silence_s > LONGEST_SILENCE_S:
        note("cart_day: the rule of %d s was broken" % LONGEST_SILENCE_S)
    figure("cart_day_bytes", total * HOURS * 3600 / virtual_s, "B",
           GOAL_BYTES, "goal<=%d (%d h, %d h of them walking, %d sales, "
           "mTLS, both ways)" % (GOAL_BYTES, HOURS, WALKING_HOURS, SALES))
