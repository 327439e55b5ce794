"""Payload bytes a fix: recordings through the real gpsd, then the gateway's
own modules (tools/bench/fix_bytes.c)."""
import concurrent.futures
import datetime
import glob
import json
import os

from local.gpsd import Gpsd
from local.guild import ROOT

from .figure import figure, note, run_helper

# gpsd needs the pauses between a receiver's cycles to see them: not faster
# than some multiple of the recorder's own line.
BAUD = 115200
WALK_HOURS = 3
GOAL_BATCH, GOAL_SINGLE = 8, 40


def measure(dir):
    logs = sorted(glob.glob(os.path.join(ROOT, "tests", "data", "gnss",
                                         "*.log")))
    with concurrent.futures.ThreadPoolExecutor(len(logs)) as pool:
        tracks = list(pool.map(lambda log: recorded(dir, log), logs))
    real = {name: sum(t[name] for t in tracks) for name in tracks[0]}
    walk = run_helper("fix_bytes", "--walk=%d" % WALK_HOURS)

    figure("fix_bytes_batch", real["all_bytes"] / real["taken"], "B",
           real["all_owntracks"] / real["taken"],
           "goal<=%d (the recordings, unthinned, a frame a minute)"
           % GOAL_BATCH)
    figure("fix_bytes_single", real["alone_bytes"] / real["kept"], "B",
           real["kept_owntracks"] / real["kept"],
           "goal<=%d (the recordings' kept fixes, a frame each)"
           % GOAL_SINGLE)
    for name, t in (("recorded", real), ("made_up_walk", walk)):
        ours(name, t)


def ours(name, t):
    """The same by how frames come to be; the last: per second of a track."""
    json_bytes = t["kept_owntracks"] / t["kept"]
    figure("fix_bytes_kept_linger_" + name, t["linger_bytes"] / t["kept"],
           "B", json_bytes, "%d kept fixes in %d frames, by the linger of "
           "60 s" % (t["kept"], t["linger_frames"]))
    figure("fix_bytes_kept_backlog_" + name, t["backlog_bytes"] / t["kept"],
           "B", json_bytes, "the same in %d frames of up to 60 fixes"
           % t["backlog_frames"])
    if name != "recorded":
        figure("fix_bytes_1hz_" + name, t["all_bytes"] / t["taken"], "B",
               t["all_owntracks"] / t["taken"], "%d fixes unthinned, a "
               "frame a minute" % t["taken"])
    figure("track_bytes_hour_" + name,
           t["linger_bytes"] / t["seconds"] * 3600, "B",
           t["all_bytes"] / t["seconds"] * 3600,
           "an hour of it as kept, against unthinned")


def recorded(dir, log):
    name = os.path.basename(log)[:-len(".log")]
    folder = os.path.join(dir, "gpsd-" + name)
    seen = os.path.join(folder, "seen.json")
    with Gpsd(folder, log, baud=BAUD, once=True, silent=True) as gpsd:
        pipe = gpsd.capture(seen)
        gpsd.feed()
        gpsd.wait_fed()
        settle(seen, pipe)
        pipe.stop()
    with open(seen) as f:
        rows = [row(json.loads(line)) for line in f]
    track = run_helper("fix_bytes", input="".join(filter(None, rows)))
    note("fix_bytes: %s: %d fixes over %d s, %d kept" % (
        name, track["taken"], track["seconds"], track["kept"]))
    return track


def settle(path, pipe):
    """Until gpsd has written nothing for a second."""
    size = -1
    while size != os.path.getsize(path):
        size = os.path.getsize(path)
        try:
            pipe.wait(1.0)
        except Exception:
            pass


def row(report):
    """A TPV as fix_bytes reads it; None for anything else."""
    if report.get("class") != "TPV" or "time" not in report:
        return None
    ms = 1000 * datetime.datetime.fromisoformat(
        report["time"].replace("Z", "+00:00")).timestamp()
    rest = ["%r" % report.get(n, float("nan")) for n in (
        "lat", "lon", "speed", "track", "eph")]
    return "%d %d %s\n" % (round(ms), report.get("mode", 0), " ".join(rest))
