"""Fixes a second from a backlog into the store (tools/bench/
consumer_fixes.c, which prints the figures) on a real broker."""
import os
import subprocess

from local.kafka import Kafka

from .figure import helper

CARTS, FRAMES = 1000, 100	# frames of 60 fixes a cart


def measure(dir):
    folder = os.path.join(dir, "store")
    os.makedirs(folder)
    with Kafka(os.path.join(dir, "kafka")) as kafka:
        done = subprocess.run(
            [helper("consumer_fixes"), kafka.bootstrap, folder, str(CARTS),
             str(FRAMES)], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=600)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    print(done.stdout, end="", flush=True)
