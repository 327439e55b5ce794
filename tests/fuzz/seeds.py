#!/usr/bin/python3
"""Writes each golden vector as a file to begin fuzzing from.

seeds.py FOLDER: makes FOLDER/frame, FOLDER/status, ...
"""

import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "vectors"
# Fuzzers that read several formats.
SHARED = {"cmd_payload": "cmd", "resolution": "alert", "alert_id": "alert",
          "beat": "report", "products": "rules", "token": "rules",
          "request": "order", "delivery": "order", "registration": "member",
          "decision": "member", "member_key": "member", "mail": "rut"}
STREAMS = ["pos", "sale", "stock", "help"]


def seed(path, vector):
    """The fuzzer that takes it, and its bytes."""
    if path.stem.startswith("frame_"):
        stream = STREAMS.index(vector["stream"])
        return "frame", bytes([stream]) + bytes.fromhex(vector["hex"])
    name = SHARED.get(path.stem, path.stem)
    if "text" in vector:
        return name, vector["text"].encode()
    return name, bytes.fromhex(vector["hex"])


def main(folder):
    for path in sorted(VECTORS.glob("*.json")):
        if path.stem == "partition":
            continue
        for vector in json.loads(path.read_text()):
            name, data = seed(path, vector)
            target = folder / name
            target.mkdir(parents=True, exist_ok=True)
            (target / f"{path.stem}-{vector['name']}").write_bytes(data)


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
