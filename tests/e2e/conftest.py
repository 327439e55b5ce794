"""What the end-to-end tests share: the local runners on the path, and a Kafka
and a Mosquitto for tests that leave them as they were."""
import os
import sys

import pytest

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))

from local.guild import build_dir  # noqa: E402
from local.kafka import Kafka  # noqa: E402
from local.mosquitto import Mosquitto  # noqa: E402


@pytest.fixture(scope="session")
def binaries():
    """The folder of the programs under test."""
    folder = os.path.join(build_dir(), "bin")
    assert os.path.isdir(folder), "%s: build the programs first" % folder
    return folder


@pytest.fixture(scope="session")
def gnss():
    """recording(name): the path of a recorded receiver."""
    return lambda name: os.path.join(ROOT, "tests", "data", "gnss",
                                     name + ".log")


@pytest.fixture(scope="session")
def kafka(tmp_path_factory):
    """A running Kafka, for tests that do not stop it."""
    with Kafka(tmp_path_factory.mktemp("kafka")) as broker:
        yield broker


@pytest.fixture(scope="session")
def mosquitto(tmp_path_factory):
    """A running Mosquitto, for tests that do not stop it."""
    with Mosquitto(tmp_path_factory.mktemp("mosquitto"), tls=True) as broker:
        yield broker


@pytest.fixture
def own_kafka(tmp_path):
    """A Kafka of the test's own, to be killed at will."""
    with Kafka(tmp_path / "kafka") as broker:
        yield broker


@pytest.fixture
def own_mosquitto(tmp_path):
    """A Mosquitto of the test's own, to be killed at will."""
    with Mosquitto(tmp_path / "mosquitto") as broker:
        yield broker
