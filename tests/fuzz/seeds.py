#!/usr/bin/python3
"""Writes each golden vector as a file to begin fuzzing from.

seeds.py FOLDER: makes FOLDER/frame, FOLDER/status, ...
"""

import json
import pathlib
import sys

VECTORS = pathlib.Path(__file__).resolve().parents[2] / "schemas" / "vectors"
STREAMS = ["pos", "sale", "stock", "help"]


def seed(path, vector):
    """The fuzzer that takes it, and its bytes."""
    if path.stem.startswith("frame_"):
        stream = STREAMS.index(vector["stream"])
        return "frame", bytes([stream]) + bytes.fromhex(vector["hex"])
    if path.stem == "folio":
        return "folio", vector["text"].encode()
    if path.stem == "cmd_payload":
        return "cmd", bytes.fromhex(vector["hex"])
    return path.stem, bytes.fromhex(vector["hex"])


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
