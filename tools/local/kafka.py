"""One Kafka broker (KRaft, no ZooKeeper) in a folder, for trials and tests.

Its jars come from tools/setup.  Settings differ from Kafka's own where those
suit a cluster in a data centre and would make one small broker slow: the
comment beside each says how.
"""
import base64
import glob
import os
import shutil
import socket
import struct
import subprocess
import uuid

from .ports import free_port, require_free
from .process import Child

VERSION = "4.1.1"
HEAP = ["-Xms256m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]
START_TIMEOUT_S = 90

# Of Kafka's protocol: the requests that we make ourselves.
METADATA, CREATE_TOPICS, ALTER_CONFIGS = 3, 19, 44

_PROPERTIES = """\
process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:{controller_port}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller_port}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs={data}

# A topic exists because the bridge made it, with its partitions.
auto.create.topics.enable=false

# 50 partitions and 3 copies by default: files that one broker need not open.
offsets.topic.num.partitions=1
offsets.topic.replication.factor=1
transaction.state.log.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
share.coordinator.state.topic.num.partitions=1
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1

# A group need not wait 3 s for members that may still come.
group.initial.rebalance.delay.ms=0
# Default 6000: tests of a dead consumer would wait that long.
group.min.session.timeout.ms=1000

# After a kill -9 the restarted broker may register only once its former self
# counts as dead: default 9 s.
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=3000
"""

_LOG4J = """\
log4j.rootLogger=WARN, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d{ISO8601} %p %c{1}: %m%n
"""


def jars_dir():
    """Where tools/setup keeps Kafka's jars."""
    cache = os.environ.get("XDG_CACHE_HOME") or os.path.join(
        os.path.expanduser("~"), ".cache")
    return os.path.join(cache, "pregon", "kafka-" + VERSION)


def _java():
    home = os.environ.get("JAVA_HOME")
    if home and os.access(os.path.join(home, "bin", "java"), os.X_OK):
        return os.path.join(home, "bin", "java")
    return "java"


def _new_cluster_id():
    # Kafka's own form: 16 bytes, base 64 for URLs; a leading '-' would be
    # taken for an option by the format tool.
    while True:
        text = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode()[:22]
        if not text.startswith("-"):
            return text


def _receive(connection, size):
    data = b""
    while len(data) < size:
        more = connection.recv(size - len(data))
        if not more:
            raise ConnectionError("Kafka hung up")
        data += more
    return data


def _exchange(port, api, version, body, timeout):
    """One request of Kafka's protocol and the body of its response."""
    request = struct.pack(">hhih6s", api, version, 1, 6, b"pregon") + body
    with socket.create_connection(("127.0.0.1", port), timeout) as s:
        s.sendall(struct.pack(">i", len(request)) + request)
        size, _correlation = struct.unpack(">ii", _receive(s, 8))
        return _receive(s, size - 4)


def answers(port, timeout=1.0):
    """True if a broker that serves clients listens on the port.

    An open port is not enough: until the controller has let the broker in,
    the list of brokers in its metadata is empty.
    """
    try:
        metadata = _exchange(port, METADATA, 0, struct.pack(">i", 0), timeout)
    except OSError:
        return False
    return struct.unpack_from(">i", metadata)[0] > 0


class Kafka:
    """A broker on 127.0.0.1:port with all its state under dir.

    A folder that holds data from before is taken up again as it is.

    settings    {"property": "value"} beside our own
    """

    def __init__(self, dir, port=None, settings=None):
        self.settings = settings or {}
        self.dir = os.path.abspath(dir)
        self.port = port or free_port()
        self.controller_port = free_port()
        self.data = os.path.join(self.dir, "data")
        self.log = os.path.join(self.dir, "kafka.log")
        self.child = None

    @property
    def bootstrap(self):
        return "127.0.0.1:%d" % self.port

    @property
    def pid(self):
        return self.child.pid

    def start(self, wait=True):
        """Formats an empty folder, starts the broker, waits till it serves."""
        if self.running():
            raise RuntimeError("Kafka runs already (pid %d)" % self.pid)
        require_free(self.port)
        os.makedirs(self.dir, exist_ok=True)
        self._write_configuration()
        if not os.path.exists(os.path.join(self.data, "meta.properties")):
            self._format(_new_cluster_id())
        self.child = Child(
            [_java(), *HEAP, *self._jvm(), "kafka.Kafka", self._properties],
            self.log, name="Kafka",
            # 400 arenas' worth of address space otherwise, on many cores.
            env={"MALLOC_ARENA_MAX": "2"})
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=START_TIMEOUT_S):
        self.child.wait_for(lambda: answers(self.port),
                            "Kafka serves on port %d" % self.port, timeout)

    def running(self):
        return self.child is not None and self.child.running()

    def stop(self):
        """A clean end: everything synced, no recovery at the next start."""
        if self.child:
            self.child.stop(timeout=30)

    def kill9(self):
        self.child.kill9()

    def restart(self, wait=True):
        """Again on the same port and data; stops it first if it runs."""
        self.stop()
        return self.start(wait)

    def pause(self):
        self.child.pause()

    def resume(self):
        self.child.resume()

    def wipe(self, keep_id=False):
        """Loses the log: all data goes, the next start finds an empty broker.

        It has a new cluster id unless keep_id, the case of one who restored
        a broker's identity without its data.  Kafka must not be running.
        """
        if self.running():
            raise RuntimeError("stop Kafka before its data is wiped")
        cluster = self.cluster_id() if keep_id else _new_cluster_id()
        shutil.rmtree(self.data, ignore_errors=True)
        self._write_configuration()
        self._format(cluster)

    def cluster_id(self):
        """The id in the data folder; None before the first start."""
        try:
            with open(os.path.join(self.data, "meta.properties")) as f:
                for line in f:
                    if line.startswith("cluster.id="):
                        return line.split("=", 1)[1].strip()
        except FileNotFoundError:
            pass
        return None

    def create_topic(self, name, partitions=1):
        """For tests of Kafka alone; the guild's are made by its programs."""
        raw = name.encode()
        answer = _exchange(
            self.port, CREATE_TOPICS, 2,
            struct.pack(">ih%dsihiii?" % len(raw), 1, len(raw), raw,
                        partitions, 1, 0, 0, 10000, False), 15)
        # Throttle time and count, the name again, then its error.
        error, = struct.unpack_from(">h", answer, 4 + 4 + 2 + len(raw))
        if error:
            raise RuntimeError("topic %s not made: Kafka's error %d"
                               % (name, error))

    def set_topic(self, name, settings):
        """Changes settings of a topic."""
        def text(words):
            raw = words.encode()
            return struct.pack(">h", len(raw)) + raw

        answer = _exchange(
            self.port, ALTER_CONFIGS, 0,
            # One resource, which is a topic (2); each setting is set (0).
            struct.pack(">ib", 1, 2) + text(name)
            + struct.pack(">i", len(settings))
            + b"".join(text(key) + b"\0" + text(value)
                       for key, value in settings.items()) + b"\0", 15)
        # Throttle time and count, then the error of the only one.
        error, = struct.unpack_from(">h", answer, 8)
        if error:
            raise RuntimeError("topic %s not set: Kafka's error %d"
                               % (name, error))

    def __enter__(self):
        return self if self.running() else self.start()

    def __exit__(self, *_):
        # What a with block leaves behind is thrown away: no need to sync.
        if self.running():
            self.kill9()

    @property
    def _properties(self):
        return os.path.join(self.dir, "server.properties")

    def _write_configuration(self):
        with open(self._properties, "w") as f:
            f.write(_PROPERTIES.format(port=self.port, data=self.data,
                                       controller_port=self.controller_port))
            f.writelines("%s=%s\n" % s for s in self.settings.items())
        with open(os.path.join(self.dir, "log4j.properties"), "w") as f:
            f.write(_LOG4J)

    def _jvm(self):
        jars = jars_dir()
        if not glob.glob(os.path.join(jars, "kafka_*.jar")):
            raise FileNotFoundError(
                "no Kafka in %s: run `tools/setup run` first" % jars)
        return ["-cp", os.path.join(jars, "*"),
                "-Dlog4j.configuration=file:%s"
                % os.path.join(self.dir, "log4j.properties"),
                # Kafka pokes log4j 2 as well, which then complains that
                # nobody configured it.
                "-Dlog4j2.statusLoggerLevel=OFF"]

    def _format(self, cluster):
        os.makedirs(self.data, exist_ok=True)
        done = subprocess.run(
            [_java(), "-Xmx128m", "-XX:+UseSerialGC",
             "-XX:TieredStopAtLevel=1", *self._jvm(),
             "kafka.tools.StorageTool", "format", "-t", cluster,
             "-c", self._properties],
            stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            raise RuntimeError("Kafka's folder %s could not be formatted:\n%s"
                               % (self.data, done.stdout))
