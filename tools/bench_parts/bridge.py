"""The bridge against one that waits for nothing, through the same broker and
the same Kafka, in turns."""
import os

from local.guild import Guild
from local.process import Child

from .figure import figure, helper, median, note, run_helper

CARTS = 20000
ROUNDS = 3
DRAIN_FRAMES = 10	# a cart, one under way at a time
LIVE_RATE = 20000	# frames a second, offered
LIVE_SECONDS = 10
NAMES = ("bridge", "bare")


class Bare:
    """tools/bench/bare_forwarder as a part that can be started."""

    def __init__(self, dir, guild):
        self.log = os.path.join(dir, "log", "bare_forwarder.log")
        self.argv = [helper("bare_forwarder"),
                     "--port=%d" % guild.mosquitto.port, "--user=bare",
                     "--password=" + guild.mosquitto.add_bridge("bare"),
                     "--brokers=" + guild.bootstrap]

    def start(self):
        self.child = Child(self.argv, self.log)
        self.child.wait_for(lambda: "ready" in self.child.output(),
                            "bare_forwarder has subscribed")
        return self

    @property
    def pid(self):
        return self.child.pid

    def stop(self):
        self.child.stop()


def measure(dir):
    guild = Guild(dir)
    password = guild.mosquitto.add_sim("sim")
    bare = Bare(dir, guild)
    bridge = guild.part("bridge")
    flags = ["--port=%d" % guild.mosquitto.port, "--user=sim",
             "--password=" + password, "--carts=%d" % CARTS]
    try:
        guild.mosquitto.start()
        guild.kafka.start()
        # Makes the topics; and neither is measured with a cold Kafka.
        for part in (bridge, bare):
            load(part, [*flags, "--frames=3"])
        rounds = []
        for i in range(ROUNDS):
            order = NAMES if i % 2 == 0 else NAMES[::-1]
            rounds.append({name: one(name, bare if name == "bare" else bridge,
                                     flags) for name in order})
    finally:
        bare_child = getattr(bare, "child", None)
        if bare_child:
            bare_child.stop()
        guild.stop()
    report(rounds)


def one(name, part, flags):
    drain = load(part, [*flags, "--frames=%d" % DRAIN_FRAMES])
    live = load(part, [*flags, "--rate=%d" % LIVE_RATE,
                       "--seconds=%d" % LIVE_SECONDS])
    for kind, r in (("drain", drain), ("live", live)):
        note("bridge: %s %s: %d frames, %.0f/s, ack p50 %.1f ms p99 %.1f ms, "
             "%.2f CPU s a million, %d sent again" % (
                 name, kind, r["frames"], r["rate"], r["p50_ms"], r["p99_ms"],
                 r["cpu_s_per_million"], r["resent"]))
    return {"drain": drain, "live": live}


def load(part, flags):
    part.start()
    try:
        return run_helper("bridge_load", *flags, "--pid=%d" % part.pid)
    finally:
        part.stop()


def report(rounds):
    def of(name, kind, what):
        return median([r[name][kind][what] for r in rounds])

    def cpu(name):
        return median([
            1e6 * sum(r[name][k]["cpu_s"] for k in ("drain", "live"))
            / sum(r[name][k]["frames"] for k in ("drain", "live"))
            for r in rounds])

    text = "medians of %d, %d carts" % (ROUNDS, CARTS)
    for kind in ("drain", "live"):
        figure("bridge_" + kind, of("bridge", kind, "rate"), "frames/s",
               of("bare", kind, "rate"), "goal>=0.8x (%s)" % text)
    figure("bridge_cpu", cpu("bridge"), "s/Mframe", cpu("bare"),
           "goal<=1.5x (drain and live together, %s)" % text)
    for kind in ("drain", "live"):
        figure("bridge_cpu_" + kind,
               of("bridge", kind, "cpu_s_per_million"), "s/Mframe",
               of("bare", kind, "cpu_s_per_million"), text)
        figure("bridge_ack_p99_" + kind, of("bridge", kind, "p99_ms"), "ms",
               of("bare", kind, "p99_ms"), "from sending to its ack")
