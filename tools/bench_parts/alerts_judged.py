"""Events a second through the pure judgement of silence
(tools/bench/alerts_judged.c), against only decoding them."""
from .figure import figure, run_helper

CARTS = 10000


def measure(dir):
    got = run_helper("alerts_judged", CARTS)
    figure("alerts_judged", got["value"], "events/s", got["reference"],
           "%d carts, %d records, %d alerts; the reference only decodes"
           % (got["carts"], got["records"], got["alerts"]))
