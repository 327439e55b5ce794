"""Restock orders from the API to finalizado, through the real broker and
read back by a consumer that is none of ours (tools/bench/orders.c).

The reference is the best published figure of a student guild: 1,000 orders
in 2.1 s on Kafka.
"""
import os

from local.guild import Guild

from .figure import figure, median, note, run_helper

REFERENCE_MS = 2100
ROUNDS = 5


def run(guild, orders, clients=1, connections=100, rate=0, burst=0):
    return run_helper("orders", guild.bootstrap, guild.api_port, guild.token,
                      orders, clients, connections, rate, burst)


def say(what, got):
    note("%s: total %.0f ms, one order mean %.1f p99 %.1f ms, the API's "
         "answer %.1f ms, repeats %d" % (
             what, got["total_ms"], got["mean_ms"], got["p99_ms"],
             got["answer_ms"], got["repeats"]))


def measure_partitions(dir, partitions):
    """Median of the rounds of 1,000 orders by one client."""
    with Guild(dir, partitions=partitions, settings={
            "stock": {"stock.auto_advance": "0,0,0"}}) as guild:
        guild.start()
        run(guild, 100)		# connections, caches, the topics' partitions
        where = "%d partition%s" % (partitions, "s" * (partitions > 1))
        rounds = [run(guild, 1000) for _ in range(ROUNDS)]
        for got in rounds:
            say("1000 orders, " + where, got)
        say("1000 orders of two clients, " + where, run(guild, 1000, 2, 50))
        say("100 orders, " + where, run(guild, 100))
        say("5000 orders, " + where, run(guild, 5000))
        say("1000 orders at 500 a second, " + where,
            run(guild, 1000, rate=500))
        say("1000 orders at 200 a second and then 600 at once, " + where,
            run(guild, 1000, rate=200, burst=600))
        return rounds


def measure(dir):
    for partitions in (1, 5):
        rounds = measure_partitions(
            os.path.join(dir, "p%d" % partitions), partitions)
        of = {name: median([got[name] for got in rounds])
              for name in ("total_ms", "mean_ms", "p99_ms")}
        name = "orders_1000_ms" + ("" if partitions == 1 else "_5_partitions")
        figure(name, of["total_ms"], "ms", REFERENCE_MS,
               "mean_ms=%.1f p99_ms=%.1f" % (of["mean_ms"], of["p99_ms"]))
