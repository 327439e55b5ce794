"""The topics, made on a real Kafka: librdkafka's mock cluster cannot."""
import os
import re
import subprocess

import pytest

from local.kafka import Kafka, jars_dir

MADE = {"topic_coordenadas": 3, "topic_ventas": 2, "topic_stock": 2,
        "topic_nuevos-usuarios": 3, "topic_reposiciones": 2,
        "topic_alertas": 2, "topic_soporte": 2, "topic_avisos": 2,
        "topic_comandos": 2, "topic_rechazados": 2, "topic_reglas": 2}
COMPACTED = {"topic_comandos", "topic_reglas", "topic_nuevos-usuarios"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory):
    with Kafka(tmp_path_factory.mktemp("topics")) as kafka:
        yield kafka


def topics(binaries, broker, *words):
    return subprocess.Popen(
        [os.path.join(binaries, "pregonctl"), "topics",
         "--brokers=" + broker.bootstrap, *words],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def ended(process):
    out, err = process.communicate(timeout=60)
    return process.returncode, out, err


def counts(out):
    return {name: int(n) for name, n in
            re.findall(r"^(topic_\S+) +(\d+)$", out, re.M)}


def settings(broker):
    """Each topic's own settings, as Kafka's tool tells them."""
    said = subprocess.run(
        ["java", "-cp", os.path.join(jars_dir(), "*"),
         "kafka.admin.ConfigCommand", "--bootstrap-server", broker.bootstrap,
         "--entity-type", "topics", "--describe"],
        check=True, timeout=60, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True).stdout
    found = {}
    for line in said.splitlines():
        topic = re.match(r"Dynamic configs for topic (\S+) are", line)
        if topic:
            found[topic[1]] = last = {}
        elif "=" in line:
            key, value = line.split()[0].split("=", 1)
            last[key] = value
    return found


def test_four_at_once_make_each_topic_once(binaries, broker):
    starting = [topics(binaries, broker, "create") for _ in range(4)]
    made = 0
    for process in starting:
        code, out, err = ended(process)
        assert code == 0, err
        assert counts(out) == MADE
        made += int(re.search(r"^(\d+) made$", out, re.M)[1])
    assert made == len(MADE)


def test_they_have_the_settings_of_the_table(binaries, broker):
    assert ended(topics(binaries, broker, "create"))[0] == 0
    found = settings(broker)
    assert set(found) == set(MADE)
    for name, has in found.items():
        assert has["min.insync.replicas"] == "1"
        assert has["cleanup.policy"] == (
            "compact" if name in COMPACTED else "delete")
        # On one broker an ack promises the page cache only.
        assert ("flush.messages" in has) == (name != "topic_coordenadas")
    days = 86400 * 1000
    assert (found["topic_nuevos-usuarios"]["max.compaction.lag.ms"]
            == str(days))
    assert found["topic_ventas"]["retention.ms"] == "-1"
    assert found["topic_coordenadas"]["retention.ms"] == str(30 * days)
    assert found["topic_alertas"]["retention.ms"] == str(365 * days)
    assert found["topic_rechazados"]["retention.bytes"] == str(1 << 30)


def test_too_few_partitions_are_refused_with_words(binaries, broker):
    assert ended(topics(binaries, broker, "create"))[0] == 0
    code, _, err = ended(topics(binaries, broker, "create",
                                "--partitions.ventas=5"))
    assert code != 0
    assert "topic_ventas has 2 partitions, 5 are wanted" in err
    # Counts may have grown since the setting was written.
    code, _, err = ended(topics(binaries, broker, "create",
                                "--partitions.ventas=1"))
    assert code == 0, err
