"""The whole guild on one machine: broker, Kafka, bridge, consumers, API.

    with Guild(dir) as guild:
        cart = guild.add_gateway("DEMO01", gpsd_port=gpsd.port)
        cart.ask({"type": "sale", "customer": "Ana", "units": 2,
                  "amount": 3000})
        guild.get("/api/v1/carts")

Every part is the real program with a configuration file of its own under
dir/etc.  A part may be killed and started again by name: guild.part("bridge").
"""
import http.client
import json
import os
import secrets
import socket
import ssl
import subprocess

from .certs import Authority
from .kafka import Kafka
from .mosquitto import ADMIN, Mosquitto
from .ports import free_port
from .process import Child, NotYet, wait_for

ROLES = ("positions", "sales", "stock", "members", "support", "notify")
ROOT = os.path.dirname(os.path.dirname(os.path.dirname(
    os.path.abspath(__file__))))
TEMPLATES = os.path.join(ROOT, "backend", "templates")
START_TIMEOUT_S = 60
# A kernel's path of a Unix socket is at most 107 bytes.
SOCKET_PATH_MAX = 107


def build_dir():
    return os.environ.get("PREGON_BUILD") or os.path.join(ROOT, "build")


def web_root():
    """The dashboard, as `make web` builds it."""
    return os.path.join(build_dir(), "web")


def write_ini(path, settings):
    """settings: {"section.key": value}; a key without a dot comes first."""
    sections = {}
    for name, value in settings.items():
        section, _, key = name.rpartition(".")
        # "kafka.socket.timeout.ms" is librdkafka's, whole, under [kafka].
        if name.startswith("kafka."):
            section, key = "kafka", name[len("kafka."):]
        sections.setdefault(section, []).append("%s = %s" % (key, value))
    with open(path, "w") as f:
        os.chmod(path, 0o600)
        for section in sorted(sections):
            if section:
                f.write("\n[%s]\n" % section)
            f.write("\n".join(sections[section]) + "\n")


def write_secret(path):
    """The guild's own secret, as pregonctl secret create makes it."""
    if not os.path.exists(path):
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600),
                       "w") as f:
            f.write(secrets.token_hex(32) + "\n")


class Part:
    """One of our programs, with its configuration, log and health port."""

    def __init__(self, name, program, dir, settings, words=(), env=None,
                 prefix=(), http_port=None, trust=None):
        self.name = name
        self.http_port = http_port
        # An ssl.SSLContext where its port speaks HTTPS.
        self.trust = trust
        self.program = os.path.join(build_dir(), "bin", program)
        self.words = list(words)
        self.env = env
        # A command that runs the program: ("faketime", "-f", ...).
        self.prefix = list(prefix)
        self.settings = dict(settings)
        self.log = os.path.join(dir, "log", name + ".log")
        self.ini = os.path.join(dir, "etc", name + ".ini")
        for folder in ("log", "etc"):
            os.makedirs(os.path.join(dir, folder), exist_ok=True)
        self.child = None

    def start(self, wait=True):
        write_ini(self.ini, self.settings)
        self.child = Child([*self.prefix, self.program,
                            "--config=" + self.ini, *self.words],
                           self.log, name=self.name, env=self.env)
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=START_TIMEOUT_S):
        self.child.wait_for(self.healthy, self.name + " is healthy", timeout)

    def healthy(self):
        return fetch(self.http_port, "/healthz",
                     trust=self.trust)[0] == 200

    def metrics(self):
        """{name{labels}: value}"""
        status, body = fetch(self.http_port, "/metrics", trust=self.trust)
        assert status == 200, body
        rows = [r.rsplit(" ", 1) for r in body.decode().splitlines()
                if r and not r.startswith("#")]
        return {name: float(value) for name, value in rows}

    @property
    def pid(self):
        return self.child.pid

    def running(self):
        return self.child is not None and self.child.running()

    def stop(self):
        if self.child:
            self.child.stop()

    def kill9(self):
        self.child.kill9()

    def restart(self):
        self.stop()
        return self.start()


class Gateway(Part):
    """A cart's gateway; what its POS would say goes through ask()."""

    def __init__(self, cart, dir, settings, **more):
        self.cart = cart
        self.socket_path = os.path.join(dir, "pos-%s.sock" % cart)
        if len(self.socket_path) > SOCKET_PATH_MAX:
            raise ValueError("%s: over %d characters, the longest path of a "
                             "Unix socket" % (self.socket_path,
                                              SOCKET_PATH_MAX))
        settings = {
            "cart": cart, "pos.socket": self.socket_path,
            "outbox.path": os.path.join(dir, "outbox-%s.db" % cart),
            **settings}
        super().__init__("gateway-" + cart, "pregon-gateway", dir, settings,
                         **more)

    def healthy(self):
        try:
            return self.ask({"type": "state"}).get("ok")
        except OSError:
            return False

    def ask(self, request, timeout=10.0):
        """One line to the POS socket and its answer; OSError if there is
        none."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(timeout)
            s.connect(self.socket_path)
            s.sendall(json.dumps(request).encode() + b"\n")
            answer = b""
            while not answer.endswith(b"\n"):
                more = s.recv(65536)
                if not more:
                    raise ConnectionError("%s closed without an answer"
                                          % self.name)
                answer += more
        return json.loads(answer)


def connect(port, timeout=10.0, trust=None):
    """An http.client connection, which opens itself when it is used."""
    if trust:
        return http.client.HTTPSConnection("127.0.0.1", port, context=trust,
                                           timeout=timeout)
    return http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)


def request(port, method, path, body=None, headers=None, timeout=10.0,
            trust=None):
    """(status, headers, body) on loopback; (0, {}, b"") if nobody answers.
    trust: an ssl.SSLContext, for HTTPS."""
    connection = connect(port, timeout, trust)
    try:
        connection.request(method, path, body=body, headers=headers or {})
        response = connection.getresponse()
        return response.status, response.headers, response.read()
    except (OSError, http.client.HTTPException):
        return 0, {}, b""
    finally:
        connection.close()


def fetch(port, path, timeout=10.0, token=None, trust=None):
    """(status, body) of a GET on loopback; (0, b"") if nobody answers."""
    status, _, body = request(port, "GET", path, timeout=timeout,
                              headers=bearer(token), trust=trust)
    return status, body


def sent_bytes(body):
    return body.encode() if isinstance(body, str) else body


def bearer(token):
    return {"Authorization": "Bearer " + token} if token else {}


class Guild:
    """All the guild's programs in one folder.

    partitions   of the topics with hashed keys (default: the programs' own)
    bootstrap    an existing Kafka instead of one of our own
    tls          carts may also come by certificate
    https        the API speaks HTTPS, with a certificate of our own making
    settings     {"bridge": {...}, "positions": {...}, ...} beside our own

    token        an admin's, made at the first start
    """

    def __init__(self, dir, partitions=None, bootstrap=None, tls=False,
                 api_port=None, settings=None, kafka=None, mosquitto=None,
                 https=False):
        self.dir = os.path.abspath(dir)
        os.makedirs(self.dir, exist_ok=True)
        self.extra = settings or {}
        self.own_kafka = bootstrap is None and kafka is None
        self.kafka = kafka or (Kafka(self._in("kafka"))
                               if bootstrap is None else None)
        self.bootstrap = bootstrap or self.kafka.bootstrap
        self.own_mosquitto = mosquitto is None
        self.mosquitto = mosquitto or Mosquitto(self._in("mosquitto"),
                                                tls=tls)
        self.database = self._in("database")
        os.makedirs(self.database, exist_ok=True)
        self.partitions = partitions
        self.secret_file = self._in("secret")
        write_secret(self.secret_file)
        self.gateways = {}
        self.parts = {}
        self.token = None
        self._bridges = 0
        self.add_bridge()
        for role in ROLES:
            self._part(role, "pregon-consumer",
                       {"brokers": self.bootstrap,
                        "database": self.database,
                        "secret_file": self.secret_file,
                        **(self._gate() if role == "members" else {}),
                        "notify.templates": TEMPLATES}, [role])
        self.api_port = api_port or free_port()
        self.trust = None
        https = self._https() if https else {}
        self._part("api", "pregon-api",
                   {"http.port": self.api_port, "database": self.database,
                    "brokers": self.bootstrap,
                    "secret_file": self.secret_file,
                    "mqtt.host": "127.0.0.1", "mqtt.tls": "false",
                    "mqtt.port": self.mosquitto.port,
                    # Absent while it was not built: only the API, then.
                    **({"web.root": web_root()}
                       if os.path.isdir(web_root()) else {}),
                    **https},
                   http_port=self.api_port, trust=self.trust)

    def _https(self):
        """The API's settings for HTTPS; self.trust is who asks it."""
        authority = Authority(os.path.join(self.dir, "https"))
        certificate, key = authority.broker()
        self.trust = ssl.create_default_context(cafile=authority.ca)
        return {"tls.cert": certificate, "tls.key": key}

    @property
    def url(self):
        return "%s://%s:%d" % (("https", "localhost", self.api_port)
                               if self.trust else
                               ("http", "127.0.0.1", self.api_port))

    def add_bridge(self):
        """One more bridge (not started); the first is there already."""
        self._bridges += 1
        name = "bridge" + (str(self._bridges) if self._bridges > 1 else "")
        settings = {"brokers": self.bootstrap, "mqtt.host": "127.0.0.1",
                    "mqtt.port": self.mosquitto.port, "mqtt.user": name,
                    "mqtt.password": self.mosquitto.add_bridge(name)}
        if self.partitions:
            settings.update({"partitions." + t: self.partitions for t in (
                "coordenadas", "ventas", "stock", "reposiciones")})
        return self._part(name, "pregon-bridge", settings)

    def _gate(self):
        """Who lets carts in and out of the broker."""
        return {"gate.host": "127.0.0.1", "gate.port": self.mosquitto.port,
                "gate.user": ADMIN,
                "gate.password": self.mosquitto.passwords[ADMIN]}

    def add_gateway(self, cart, gpsd_port=None, tls=False, settings=None,
                    dir=None, **more):
        """A cart's gateway (not started).  dir keeps outbox and socket."""
        ours = {"mqtt.host": "127.0.0.1", "mqtt.port": self.mosquitto.port}
        if tls:
            self.mosquitto.add_carts([cart], by_certificate=True)
            certificate, key = self.mosquitto.authority.issue(cart)
            ours.update({"mqtt.port": self.mosquitto.tls_port,
                         "mqtt.host": "localhost",
                         "mqtt.cafile": self.mosquitto.authority.ca,
                         "mqtt.certfile": certificate,
                         "mqtt.keyfile": key})
        else:
            ours.update({"mqtt.user": cart,
                         "mqtt.password": self.mosquitto.add_cart(cart)})
        if gpsd_port:
            ours["gpsd.port"] = gpsd_port
        ours.update(settings or {})
        gateway = Gateway(cart, dir or self.dir, ours, **more)
        self.gateways[cart] = gateway
        return gateway

    def part(self, name):
        return self.parts[name]

    def start(self, say=lambda text: None):
        """Starts whatever of the guild does not run, in order."""
        if self.own_mosquitto and not self.mosquitto.running():
            say("Mosquitto")
            self.mosquitto.start()
        if self.own_kafka and not self.kafka.running():
            say("Kafka")
            self.kafka.start()
        for name, part in self.parts.items():
            if not part.running():
                say(name)
                part.start()
        if self.token is None:
            self.token = self.make_token("admin", name="guild.py")
        return self

    def make_token(self, role, name="", cart=None):
        """A token of the API's; back when the API knows it."""
        words = ["--role=" + role, "--name=" + name]
        if cart:
            words.append("--cart=" + cart)
        token = self.ctl("token", "create", *words).strip()
        # Neither 401 (not known) nor 503 (topic_reglas was not read yet): a
        # write without its Idempotency-Key, which nobody's setting opens.
        wait_for(lambda: self.post("/api/v1/restocks", token=token)[0]
                 in (400, 403, 404), "the API knows the token", 30)
        return token

    def stop(self):
        for gateway in self.gateways.values():
            gateway.stop()
        for part in reversed(list(self.parts.values())):
            part.stop()
        if self.own_mosquitto:
            self.mosquitto.stop()
        if self.own_kafka:
            self.kafka.stop()

    def get(self, path, token=None):
        """The API's JSON answer; NotYet with its words if not 200."""
        status, body = fetch(self.api_port, path, token=token or self.token,
                             trust=self.trust)
        if status == 401 and token is None:
            # Kafka lost its data, and our token with it.
            self.token = self.make_token("admin", name="guild.py")
            status, body = fetch(self.api_port, path, token=self.token,
                                 trust=self.trust)
        if status != 200:
            raise NotYet("%s: %d %s" % (path, status,
                                        body.decode(errors="replace")))
        return json.loads(body)

    def post(self, path, body=None, key=None, token=None, headers=None,
             content_type=None, method="POST"):
        """(status, headers, body) of a write.  A body that is no text or
        bytes goes as JSON; key: its Idempotency-Key; token: the admin's, or
        "" for none.  JSON answers come as what they say."""
        sent = bearer(self.token if token is None else token)
        if key is not None:
            sent["Idempotency-Key"] = key
        if body is not None and not isinstance(body, (str, bytes)):
            body = json.dumps(body)
            content_type = content_type or "application/json"
        if content_type:
            sent["Content-Type"] = content_type
        sent.update(headers or {})
        status, got, answer = request(
            self.api_port, method, path, sent_bytes(body), sent,
            trust=self.trust)
        kind = got.get("Content-Type", "")
        if kind.startswith("application/") and answer:
            answer = json.loads(answer)
        return status, got, answer

    def put(self, path, body=None, **more):
        return self.post(path, body, method="PUT", **more)

    def delete(self, path, **more):
        return self.post(path, method="DELETE", **more)

    def cart(self, plate):
        """One cart as the API lists it; {} while it was not heard of."""
        rows = self.get("/api/v1/carts")["carts"]
        return next((row for row in rows if row["cart"] == plate), {})

    def sales(self):
        """Every sale the guild knows, by the API's accounting walk."""
        rows, after = [], 0
        while True:
            page = self.get("/api/v1/sales?limit=1000&after=%d"
                            % after)["sales"]
            if not page:
                return rows
            rows += page
            after = page[-1]["id"]

    def ctl(self, *words, check=True, timeout=60):
        """pregonctl with the guild's brokers; its standard output."""
        done = subprocess.run(
            [os.path.join(build_dir(), "bin", "pregonctl"),
             "--brokers=" + self.bootstrap, *map(str, words)],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, timeout=timeout)
        if check:
            assert done.returncode == 0, "pregonctl %s: %s" % (
                " ".join(map(str, words)), done.stderr)
            return done.stdout
        return done

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        self.stop()

    def _in(self, name):
        return os.path.join(self.dir, name)

    def _part(self, name, program, settings, words=(), http_port=None,
              trust=None):
        """http_port: the one of its own settings; else a health port."""
        settings = {**settings, **self.extra.get(name, {})}
        if not http_port:
            http_port = settings.setdefault("health.port", free_port())
        part = Part(name, program, self.dir, settings, words,
                    http_port=http_port, trust=trust)
        self.parts[name] = part
        return part
