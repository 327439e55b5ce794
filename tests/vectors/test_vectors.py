"""Every golden byte of schemas/vectors, read by an independent library."""

import json
import pathlib
import sys

import pytest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import guild_reader  # noqa: E402
import member_reader  # noqa: E402
import reader  # noqa: E402

FOLDER = HERE.parents[1] / "schemas" / "vectors"
PAYLOADS = {"settings": reader.settings, "catalogue": reader.catalogue,
            "message": reader.words, "order_news": guild_reader.order_news}
# Other files are called as their readers.
WRITTEN = {"folio": reader.folio, "alert_id": guild_reader.alert_id,
           "member_key": member_reader.member_key,
           "rut": member_reader.rut, "mail": member_reader.mail}
READERS = (member_reader, guild_reader, reader)


def read(file, vector):
    if file in WRITTEN:
        return WRITTEN[file](vector["text"])
    data = bytes.fromhex(vector["hex"])
    if file.startswith("frame_"):
        return reader.frame(data, vector["stream"])
    if file == "cmd_payload":
        return PAYLOADS[vector["format"]](data)
    return next(getattr(r, file) for r in READERS if hasattr(r, file))(data)


def vectors():
    for path in sorted(FOLDER.glob("*.json")):
        for vector in json.loads(path.read_text()):
            yield pytest.param(path.stem, vector,
                               id=f"{path.stem}/{vector['name']}")


@pytest.mark.parametrize("file,vector", vectors())
def test_vector(file, vector):
    if file == "partition":
        key = vector["key"].encode()
        assert reader.murmur2(key) == vector["murmur2"]
        if "topic" in vector:
            assert reader.partition(vector["topic"], key,
                                    vector["partitions"]) \
                == vector["partition"]
    elif "error" in vector:
        with pytest.raises(reader.Refused) as refused:
            read(file, vector)
        # The library itself may refuse first: it does not know the field.
        assert refused.value.field in (vector["error"], None)
        assert refused.value.later_version == \
            (vector.get("errno") == "ENOTSUP")
    else:
        assert read(file, vector) == vector["values"]


def test_each_format_has_vectors_that_are_read_and_that_are_refused():
    for path in FOLDER.glob("*.json"):
        if path.stem == "partition":
            continue
        found = json.loads(path.read_text())
        bad = [v for v in found if "error" in v or
               any(i["kind"] == "bad" for i in v["values"]["items"])] \
            if path.stem.startswith("frame_") else \
            [v for v in found if "error" in v]
        assert bad, path
        assert len(bad) < len(found) or path.stem == "frame_envelope", path
