"""The local Kafka, Mosquitto and gpsd themselves: do they do what the other
tests lean on?"""
import json
import os
import signal
import socket
import ssl
import subprocess
import sys

import pytest

from local.gpsd import Gpsd
from local.guild import ROOT
from local.kafka import Kafka, answers
from local.mosquitto import ADMIN, Mosquitto
from local.mqtt import REFUSED, Client, Refused
from local.ports import is_free
from local.process import Child, Died, Timeout, wait_for

UPLINK = ("pos", "sale", "stock", "help", "status")
# A refused message must not come: long beside a loopback's fraction of a ms,
# and sync() has already told that the broker handled it.
QUIET_S = 0.2


# Children.

def test_a_child_that_ends_early_is_told_with_its_last_words(tmp_path):
    child = Child(["sh", "-c", "echo no such road; exit 3"],
                  tmp_path / "log")
    with pytest.raises(Died, match="no such road"):
        child.wait_for(lambda: False, "anything", 10)
    assert child.status == 3


def test_what_does_not_come_in_time_says_so(tmp_path):
    with Child(["sleep", "60"], tmp_path / "log") as child:
        with pytest.raises(Timeout, match="rain: not within 0.1 s"):
            child.wait_for(lambda: False, "rain", 0.1)
        assert child.running()
    assert child.status == -signal.SIGTERM


def test_stopping_ends_what_a_child_has_started_too(tmp_path):
    child = Child(["sh", "-c", "sleep 600 & echo $!; wait"],
                  tmp_path / "log")
    grandchild = int(child.wait_for(child.output, "its pid"))
    child.stop()
    wait_for(lambda: _gone(grandchild), "end of the grandchild", 5)


def test_children_end_with_a_parent_that_is_killed(tmp_path):
    script = ("import sys, time; sys.path.insert(0, sys.argv[1])\n"
              "from local.process import Child\n"
              "print(Child(['sleep', '600'], sys.argv[2]).pid, flush=True)\n"
              "time.sleep(600)\n")
    tools = next(p for p in sys.path if p.endswith("/tools"))
    parent = subprocess.Popen(
        [sys.executable, "-c", script, tools, str(tmp_path / "log")],
        stdout=subprocess.PIPE, text=True)
    child = int(parent.stdout.readline())
    parent.kill()
    parent.communicate()
    wait_for(lambda: _gone(child), "end of the child", 5)


def _gone(pid):
    try:
        with open("/proc/%d/stat" % pid) as f:
            return f.read().rsplit(")", 1)[1].split()[0] == "Z"
    except (FileNotFoundError, ProcessLookupError):
        return True


# Kafka.

def produce(kafka, topic, *records):
    subprocess.run(["kcat", "-P", "-b", kafka.bootstrap, "-t", topic,
                    "-X", "acks=all"],
                   input="\n".join(records), text=True, check=True,
                   timeout=30)


def consume(kafka, topic):
    done = subprocess.run(["kcat", "-C", "-b", kafka.bootstrap, "-t", topic,
                           "-e", "-q", "-o", "beginning"],
                          stdout=subprocess.PIPE, text=True, timeout=30)
    return done.stdout.splitlines()


def test_kafka_keeps_its_records_through_kill_9(own_kafka):
    port, cluster = own_kafka.port, own_kafka.cluster_id()
    own_kafka.create_topic("ventas")
    produce(own_kafka, "ventas", "one", "two")
    own_kafka.kill9()
    assert is_free(port)
    own_kafka.start()
    assert own_kafka.port == port and own_kafka.cluster_id() == cluster
    assert consume(own_kafka, "ventas") == ["one", "two"]


def test_kafka_makes_no_topic_by_itself(kafka):
    listed = subprocess.run(
        ["kcat", "-L", "-b", kafka.bootstrap, "-t", "never-made",
         "-X", "allow.auto.create.topics=true"],
        stdout=subprocess.PIPE, text=True, timeout=30).stdout
    assert 'topic "never-made" with 0 partitions' in listed
    assert "Unknown topic" in listed


def test_a_paused_kafka_keeps_its_port_and_answers_again(kafka):
    kafka.pause()
    try:
        assert not answers(kafka.port, timeout=0.5)
        assert not is_free(kafka.port)
    finally:
        kafka.resume()
    wait_for(lambda: answers(kafka.port), "Kafka answers", 30)


def test_a_wiped_kafka_is_empty_and_another_unless_it_keeps_its_id(tmp_path):
    kafka = Kafka(tmp_path / "kafka")
    with kafka:
        kafka.create_topic("ventas")
        produce(kafka, "ventas", "one")
        first = kafka.cluster_id()
    kafka.wipe(keep_id=True)
    assert kafka.cluster_id() == first
    with kafka:
        kafka.create_topic("ventas")
        assert consume(kafka, "ventas") == []
    kafka.wipe()
    assert kafka.cluster_id() != first


def test_a_port_in_use_is_refused(kafka, tmp_path):
    with pytest.raises(OSError, match="in use"):
        Kafka(tmp_path / "kafka", port=kafka.port).start()


# Mosquitto: each client's rights, tried with its own credentials.

@pytest.fixture(scope="module")
def mosquitto(tmp_path_factory):
    """One where nobody else leaves retained statuses."""
    with Mosquitto(tmp_path_factory.mktemp("mosquitto"), tls=True) as broker:
        yield broker


@pytest.fixture
def admin(mosquitto):
    """Hears everything."""
    with client(mosquitto, ADMIN) as admin:
        assert admin.subscribe("pregon/#") == [0]
        yield admin


def client(broker, name):
    return Client(broker.port, name, broker.passwords[name])


def heard(listener, count):
    """The next messages' topics, and that no other comes."""
    topics = [listener.receive(5) for _ in range(count)]
    assert None not in topics, "only %s came" % topics
    assert listener.receive(QUIET_S) is None
    return [m[0] for m in topics]


def test_a_cart_writes_its_own_uplink_and_nothing_else(mosquitto, admin):
    mosquitto.add_carts(["OWN001", "OTHER1"])
    own = ["pregon/OWN001/" + s for s in UPLINK]
    with client(mosquitto, "OWN001") as cart:
        for topic in (*["pregon/OTHER1/" + s for s in UPLINK],
                      "pregon/OWN001/other", "pregon/OWN001", "pregon/guild",
                      "pregon/OWN001/pos/x", *own):
            cart.publish(topic, b"x")
        cart.sync()
    assert heard(admin, len(own)) == own


def test_a_cart_that_forges_an_ack_is_refused(mosquitto, admin):
    mosquitto.add_carts(["FORGER", "VICTIM"])
    mosquitto.add_bridge()
    with client(mosquitto, "VICTIM") as victim, \
            client(mosquitto, "FORGER") as forger, \
            client(mosquitto, "bridge") as bridge:
        assert victim.subscribe("pregon/VICTIM/ack", "pregon/VICTIM/cmd",
                                "pregon/guild") == [0, 0, 0]
        for topic in ("pregon/VICTIM/ack", "pregon/VICTIM/cmd",
                      "pregon/FORGER/ack", "pregon/guild"):
            forger.publish(topic, b"forged")
        forger.sync()
        bridge.publish("pregon/VICTIM/ack", b"true")
        assert victim.receive(5) == ("pregon/VICTIM/ack", b"true", False)
        assert victim.receive(QUIET_S) is None
    assert heard(admin, 1) == ["pregon/VICTIM/ack"]


def test_a_cart_hears_only_its_own_downlink(mosquitto):
    mosquitto.add_carts(["EAR001", "EAR002"])
    with client(mosquitto, "EAR001") as cart:
        for topic in ("pregon/EAR002/ack", "pregon/EAR002/cmd",
                      "pregon/EAR001/pos", "pregon/+/ack", "pregon/#", "#",
                      "pregon/EAR001/#", "$share/g/pregon/EAR001/ack",
                      "$share/g/pregon/+/pos", "$SYS/#",
                      "$CONTROL/dynamic-security/#"):
            assert cart.subscribe(topic) == [REFUSED], topic


def test_bridges_share_the_uplink_and_see_retained_statuses(mosquitto):
    mosquitto.add_carts(["SHARE1"])
    for name in ("bridge-a", "bridge-b"):
        mosquitto.add_bridge(name)
    shared = ["$share/bridges/pregon/+/" + s for s in UPLINK]
    with client(mosquitto, "bridge-a") as a, \
            client(mosquitto, "bridge-b") as b, \
            client(mosquitto, "SHARE1") as cart:
        assert a.subscribe(*shared) == b.subscribe(*shared) == [0] * 5
        for number in range(20):
            cart.publish("pregon/SHARE1/sale", b"%d" % number)
        cart.publish("pregon/SHARE1/status", b"here", retain=True)
        cart.sync()
        got = []
        for bridge in (a, b):
            while message := bridge.receive(QUIET_S):
                got.append(message[1])
        assert sorted(got) == sorted([b"%d" % n for n in range(20)]
                                     + [b"here"])
    with client(mosquitto, "bridge-a") as late:
        assert late.subscribe("pregon/+/status") == [0]
        assert late.receive(5) == ("pregon/SHARE1/status", b"here", True)
    with client(mosquitto, "SHARE1") as cart:
        # Nothing retained is left for the other tests.
        cart.publish("pregon/SHARE1/status", b"", retain=True)
        cart.sync()


def test_a_sim_plays_any_cart_but_no_bridge(mosquitto, admin):
    mosquitto.add_sim()
    with client(mosquitto, "sim") as sim:
        assert sim.subscribe("pregon/+/ack", "pregon/+/cmd",
                             "pregon/guild") == [0, 0, 0]
        sim.publish("pregon/SIM001/ack", b"x")
        sim.publish("pregon/SIM999/pos", b"x")
    assert heard(admin, 1) == ["pregon/SIM999/pos"]


def test_a_stranger_or_a_wrong_password_is_refused(mosquitto):
    mosquitto.add_carts(["KNOWN1"])
    for name, password in (("NOBODY", "x"), ("KNOWN1", "x"), ("KNOWN1", "")):
        with pytest.raises(Refused):
            Client(mosquitto.port, name, password)


def test_disabling_a_client_ends_its_connection_and_keeps_it_out(mosquitto):
    mosquitto.add_carts(["GONE01"])
    with client(mosquitto, "GONE01") as cart:
        cart.sync()
        mosquitto.disable("GONE01")
        with pytest.raises(ConnectionError):
            cart.receive(5)
    with pytest.raises(Refused):
        client(mosquitto, "GONE01")
    mosquitto.enable("GONE01")
    client(mosquitto, "GONE01").close()


def publish_tls(mosquitto, certificate, key, topic):
    """The ordinary way to a TLS listener, with openssl as the client."""
    context = ssl.create_default_context(cafile=mosquitto.authority.ca)
    if certificate:
        context.load_cert_chain(certificate, key)
    with socket.create_connection(("127.0.0.1", mosquitto.tls_port)) as raw:
        with context.wrap_socket(raw, server_hostname="localhost") as tls:
            with Client(connection=tls, username=None, password=None) as c:
                c.publish(topic, b"x")
                c.sync()


def test_a_certificate_is_a_cart_until_it_is_disabled(mosquitto, admin):
    mosquitto.add_carts(["TLS001", "TLS002"], by_certificate=True)
    own = mosquitto.authority.issue("TLS001")
    publish_tls(mosquitto, *own, "pregon/TLS002/pos")
    publish_tls(mosquitto, *own, "pregon/TLS001/pos")
    assert heard(admin, 1) == ["pregon/TLS001/pos"]
    with pytest.raises(OSError):
        publish_tls(mosquitto, None, None, "pregon/TLS001/pos")
    mosquitto.disable("TLS001")
    publish_tls(mosquitto, *own, "pregon/TLS001/pos")
    assert heard(admin, 0) == []


def test_a_cart_with_a_certificate_cannot_come_without_it(mosquitto):
    mosquitto.add_carts(["TLS003"], by_certificate=True)
    with pytest.raises(Refused):
        Client(mosquitto.port, "TLS003", "")


def test_clients_and_retained_messages_outlive_a_restart(own_mosquitto):
    own_mosquitto.add_carts(["STAY01"])
    own_mosquitto.add_bridge()
    with client(own_mosquitto, "STAY01") as cart:
        cart.publish("pregon/STAY01/status", b"here", retain=True)
        cart.sync()
    own_mosquitto.restart()
    with client(own_mosquitto, "bridge") as bridge:
        bridge.subscribe("pregon/+/status")
        assert bridge.receive(5)[1] == b"here"
    own_mosquitto.kill9()
    own_mosquitto.start()
    client(own_mosquitto, "STAY01").close()


def test_a_file_that_a_killed_broker_left_half_written_is_put_back(
        own_mosquitto):
    """By our runner, and by what the operator's systemd runs before it."""
    own_mosquitto.add_carts(["HALF01"])
    own_mosquitto.kill9()
    path = own_mosquitto._dynsec_file
    with open(path) as f:
        whole = f.read()
    with open(os.path.join(ROOT, "tools", "packaging",
                           "mosquitto-keep.conf")) as f:
        command = f.read().split("/bin/sh -c '")[1].rpartition("'")[0]
    command = command.replace("\\\n", "").replace("$$", "$").replace(
        "/var/lib/mosquitto", own_mosquitto.dir)
    for half in ("", whole[:len(whole) // 2], whole[:-2]):
        os.remove(path + ".kept")
        subprocess.run(["/bin/sh", "-c", command], check=True)
        with open(path, "w") as f:
            f.write(half)
        subprocess.run(["/bin/sh", "-c", command], check=True)
        with open(path) as f:
            assert f.read() == whole
    with open(path, "w") as f:
        f.write(whole[:1000])
    own_mosquitto.start()
    client(own_mosquitto, "HALF01").close()


# gpsd.

def fixes(path):
    """gpsd's TPV reports in a capture."""
    with open(path) as f:
        reports = [json.loads(line) for line in f if line.endswith("}\n")]
    return [r for r in reports if r["class"] == "TPV"]


def test_gpsd_reports_a_recording_from_its_first_byte(gnss, tmp_path):
    with Gpsd(tmp_path, gnss("navisys-gr701w"), baud=230400, once=True,
              silent=True) as gpsd:
        path = tmp_path / "tpv"
        gpsd.capture(path)
        gpsd.feed()
        wait_for(lambda: fixes(path)
                 and fixes(path)[-1].get("time") == "2024-03-28T15:15:25.000Z",
                 "the log's last fix", 20)
    seen = fixes(path)
    assert next(f["time"] for f in seen if "time" in f) \
        == "2024-03-28T15:14:05.000Z"
    last = [f for f in seen if "lat" in f][-1]
    # The log's own header: Lewiston, 46.4045N 117.0207W.
    assert abs(last["lat"] - 46.4045) < 0.001
    assert abs(last["lon"] + 117.0207) < 0.001


def test_gpsd_is_killed_silenced_and_unplugged_apart(gnss, tmp_path):
    with Gpsd(tmp_path, gnss("sirf2"), baud=38400) as gpsd:
        def comes(name):
            path = tmp_path / name
            pipe = gpsd.capture(path)
            wait_for(lambda: len(fixes(path)) > 2, "fixes in " + name, 20)
            return pipe, path

        pipe, path = comes("first")
        gpsd.silence()
        count = len(fixes(path))
        with pytest.raises(Timeout):
            wait_for(lambda: len(fixes(path)) > count + 1, "a fix", 1)
        assert pipe.running()
        gpsd.feed()
        wait_for(lambda: len(fixes(path)) > count + 2, "fixes again", 10)

        port = gpsd.port
        gpsd.kill9()
        assert is_free(port)
        pipe.wait(10)
        gpsd.start_gpsd()
        pipe, path = comes("after a restart")

        gpsd.unplug()
        count = len(fixes(path))
        gpsd.plug()
        wait_for(lambda: len(fixes(path)) > count + 2, "fixes once plugged",
                 20)
    assert not os.path.exists(gpsd._control)
