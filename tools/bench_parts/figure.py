"""A figure's line, and the C helpers of tools/bench."""
import os
import subprocess

from local.guild import build_dir


def figure(name, value, unit, reference, note=""):
    """Prints one figure; ratio is value over reference."""
    ratio = value / reference if reference else float("nan")
    print("bench %s value=%s unit=%s reference=%s ratio=%.2f%s" % (
        name, short(value), unit, short(reference), ratio,
        " " + note if note else ""), flush=True)


def note(text):
    """What a figure stands on: counts, rounds, a share."""
    print("# " + text, flush=True)


def short(value):
    if value >= 1000:
        return "%.0f" % value
    return ("%.2f" % value).rstrip("0").rstrip(".")


def median(values):
    ordered = sorted(values)
    return ordered[len(ordered) // 2]


def percentile(values, per_cent):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, len(ordered) * per_cent // 100)]


def helper(name):
    """The path of a program of tools/bench."""
    return os.path.join(build_dir(), "bench", name)


def run_helper(name, *flags, input=None, timeout=600):
    """Runs one to its end; the NAME=VALUE words of its last line."""
    done = subprocess.run(
        [helper(name), *map(str, flags)], input=input, text=True,
        stdin=None if input is not None else subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout)
    if done.returncode != 0 or not done.stdout.strip():
        raise RuntimeError("%s: status %d: %s" % (
            name, done.returncode, done.stderr.strip()))
    return words(done.stdout.splitlines()[-1])


def words(line):
    """NAME=VALUE words as numbers; others stay text."""
    found = {}
    for word in line.split():
        name, equals, value = word.partition("=")
        if not equals:
            continue
        try:
            found[name] = float(value)
        except ValueError:
            found[name] = value
    return found
