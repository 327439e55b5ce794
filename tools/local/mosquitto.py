"""Mosquitto in a folder, with credentials and rights for every client.

    broker = Mosquitto(dir)
    passwords = broker.add_carts(["DEMO01", "DEMO02"])
    bridge_password = broker.add_bridge("bridge")
    broker.start()

Carts are added one file write for all of them while the broker is down, and
by the plugin's control topic while it runs.  Passwords are kept beside it, in
credentials.json, for whoever starts the same folder again.
"""
import json
import os
import secrets
import shutil
import socket
import subprocess

from . import dynsec, mqtt
from .certs import Authority
from .ports import free_port, require_free
from .process import Child, find_program

ADMIN = "admin"
START_TIMEOUT_S = 20
CONTROL_TOPIC = "$CONTROL/dynamic-security/v1"
# Two commands a cart, some 900 bytes: far below message_size_limit.
CARTS_PER_CONTROL_MESSAGE = 40

_CONFIGURATION = """\
per_listener_settings false
allow_anonymous false
plugin {plugin}
plugin_opt_config_file {dir}/dynamic-security.json
{user}
# The largest frame; see schemas/.
message_size_limit 65536

# An ack must not wait for Nagle.
set_tcp_nodelay true

# Frames are QoS 0, and beyond this many waiting for one subscriber they are
# dropped: the default, 1000, is less than one fleet that reconnects.  What is
# dropped is sent again, later than need be.
max_queued_messages 200000
max_queued_bytes 134217728
max_connections -1

# Retained statuses live here: without it a restarted broker would show an
# empty map until each cart's next heartbeat.  Nothing else depends on it (a
# cart keeps what it sent until the guild has it), so half a minute's may go.
persistence true
persistence_location {dir}/
persistence_file retained.db
autosave_interval 30

log_dest stderr
log_type error
log_type warning
log_type notice
log_timestamp_format %Y-%m-%dT%H:%M:%S
connection_messages {connections}

listener {port} 127.0.0.1
"""

_TLS_LISTENER = """
listener {tls_port} 127.0.0.1
cafile {certs}/ca.crt
certfile {certs}/broker.crt
keyfile {certs}/broker.key
require_certificate true
use_identity_as_username true
"""


def _find_plugin():
    name = "mosquitto_dynamic_security.so"
    places = []
    if shutil.which("dpkg-query"):
        listed = subprocess.run(["dpkg-query", "-L", "mosquitto"], text=True,
                                stdout=subprocess.PIPE,
                                stderr=subprocess.DEVNULL).stdout
        places += [p for p in listed.splitlines() if p.endswith("/" + name)]
    for lib in ("/usr/lib", "/usr/lib64", "/usr/local/lib"):
        places += [os.path.join(lib, name),
                   os.path.join(lib, "mosquitto", name)]
    for path in places:
        if os.path.exists(path):
            return path
    raise FileNotFoundError("%s not found: run `tools/setup run` first" % name)


def answers(port):
    """True if something accepts connections on the port."""
    try:
        socket.create_connection(("127.0.0.1", port), 1).close()
    except OSError:
        return False
    return True


class Mosquitto:
    """A broker on 127.0.0.1:port with all its state under dir.

    tls     a second listener, tls_port, that takes carts by certificate only
            (their plate is the certificate's common name)
    """

    def __init__(self, dir, port=None, tls=False, tls_port=None,
                 log_connections=False):
        self.dir = os.path.abspath(dir)
        self.port = port or free_port()
        self.tls_port = tls_port or (free_port() if tls else None)
        self.log = os.path.join(self.dir, "mosquitto.log")
        self.log_connections = log_connections
        self.child = None
        self._elsewhere = False
        os.makedirs(self.dir, mode=0o700, exist_ok=True)
        self.authority = Authority(os.path.join(self.dir, "certs"))
        self.passwords = self._load_passwords()
        if ADMIN not in self.passwords:
            self._add({ADMIN: dynsec.new_password()}, "admin")

    @classmethod
    def at(cls, dir):
        """The broker of a folder that another process may run: to let
        clients in and to shut them out."""
        broker = cls(dir)
        try:
            with open(broker._configuration_file) as f:
                ports = [int(words[1]) for words in map(str.split, f)
                         if words and words[0] == "listener"]
        except FileNotFoundError:
            return broker
        broker.port = ports[0]
        broker._elsewhere = answers(broker.port)
        return broker

    # Clients and their rights.

    def add_carts(self, plates, by_certificate=False):
        """Lets carts in; returns their passwords by plate.

        by_certificate gives no password: such a cart comes by TLS only, with
        authority.issue(plate).  A cart that is there already keeps its own.
        """
        known = self.passwords
        new = {p: None if by_certificate else dynsec.new_password()
               for p in plates if p not in known}
        if self._takes_commands():
            pending = list(new.items())
            step = CARTS_PER_CONTROL_MESSAGE
            for i in range(0, len(pending), step):
                self.control([c for plate, password in pending[i:i + step]
                              for c in dynsec.commands_to_add_cart(
                                  plate, password)])
            self._remember(new)
        else:
            self._add(new, None)
        return {p: self.passwords[p] for p in plates}

    def add_cart(self, plate):
        """Lets one cart in; returns its password."""
        return self.add_carts([plate])[plate]

    def add_bridge(self, name="bridge"):
        """A client that may hear every cart and answer it."""
        return self._add_one(name, "bridge")

    def add_sim(self, name="sim"):
        """A client that may play any cart."""
        return self._add_one(name, "sim")

    def disable(self, username):
        """Shuts a client out, and ends the connection it has."""
        self._set_disabled(username, True)

    def enable(self, username):
        self._set_disabled(username, False)

    def control(self, commands):
        """Sends commands to the plugin of the running broker.

        Raises RuntimeError with the plugin's words if it refuses one.
        """
        ours = secrets.token_hex(8)
        commands = [dict(c, correlationData=ours) for c in commands]
        with mqtt.Client(self.port, ADMIN, self.passwords[ADMIN]) as admin:
            admin.subscribe(CONTROL_TOPIC + "/response")
            admin.publish(CONTROL_TOPIC,
                          json.dumps({"commands": commands}).encode())
            # What others are answered comes to us too.
            responses = []
            while not any(r.get("correlationData") == ours
                          for r in responses):
                answer = admin.receive(timeout=20)
                if answer is None:
                    raise RuntimeError("the broker's plugin does not answer")
                responses = json.loads(answer[1])["responses"]
        self._keep_dynsec()
        errors = ["%s: %s" % (r["command"], r["error"])
                  for r in responses if "error" in r]
        if errors:
            raise RuntimeError("; ".join(errors))
        return responses

    # The process.

    def start(self, wait=True):
        if self.running():
            raise RuntimeError("Mosquitto runs already (pid %d)" % self.pid)
        for port in filter(None, (self.port, self.tls_port)):
            require_free(port)
        self._keep_dynsec()
        configuration = self._write_configuration()
        # A socket for each cart.
        self.child = Child(
            ["/bin/sh", "-c", "ulimit -n 65536 2>/dev/null || "
             "ulimit -n $(ulimit -Hn); exec \"$0\" \"$@\"",
             find_program("mosquitto"), "-c", configuration], self.log, name="Mosquitto")
        if wait:
            self.wait_ready()
        return self

    def wait_ready(self, timeout=START_TIMEOUT_S):
        self.child.wait_for(
            lambda: answers(self.port)
            and (not self.tls_port or answers(self.tls_port)),
            "Mosquitto listens on port %d" % self.port, timeout)

    def running(self):
        return self.child is not None and self.child.running()

    @property
    def pid(self):
        return self.child.pid

    def stop(self):
        if self.child:
            self.child.stop()

    def kill9(self):
        self.child.kill9()

    def restart(self, wait=True):
        """Again on the same port and state; stops it first if it runs."""
        self.stop()
        return self.start(wait)

    def pause(self):
        self.child.pause()

    def resume(self):
        self.child.resume()

    def __enter__(self):
        return self if self.running() else self.start()

    def __exit__(self, *_):
        self.stop()

    # Files.

    def _takes_commands(self):
        return self.running() or self._elsewhere

    def _add_one(self, name, role):
        if name not in self.passwords:
            password = dynsec.new_password()
            if self._takes_commands():
                self.control([{"command": "createClient", "username": name,
                               "password": password,
                               "roles": [{"rolename": role}]}])
                self._remember({name: password})
            else:
                self._add({name: password}, role)
        return self.passwords[name]

    def _add(self, clients, role):
        """Writes clients (password by name); no role means a cart's own."""
        file = dynsec.Configuration(self._dynsec_file)
        for name, password in clients.items():
            own = role
            if own is None:
                own_role = dynsec.cart_role(name)
                file.put_role(own_role)
                own = own_role["rolename"]
            file.put_client(dynsec.client(name, password, own))
        file.save()
        self._remember(clients)

    def _set_disabled(self, username, disabled):
        if username not in self.passwords:
            raise ValueError("%s: no such client" % username)
        # The plugin looks at "disabled" where it checks passwords, so it lets
        # a certificate in all the same: such a cart loses its role as well.
        role = (dynsec.cart_role(username)["rolename"]
                if self.passwords[username] is None else None)
        if not self._takes_commands():
            file = dynsec.Configuration(self._dynsec_file)
            file.set_disabled(username, disabled, role)
            file.save()
            return
        commands = [{"command": "disableClient" if disabled
                     else "enableClient", "username": username}]
        if role:
            commands.append({"command": "removeClientRole" if disabled
                             else "addClientRole",
                             "username": username, "rolename": role})
        self.control(commands)

    def _keep_dynsec(self):
        """Keeps a copy of the plugin's file, or puts it in its place.

        The plugin of 2.0.11 writes the file in place (its ".new" is cut off
        for want of room), so a broker that is killed while it writes leaves
        half a file, and with that it lets nobody in.
        """
        kept = self._dynsec_file + ".kept"
        try:
            with open(self._dynsec_file) as f:
                text = f.read()
            json.loads(text)
        except (FileNotFoundError, ValueError):
            if os.path.exists(kept) and not self._takes_commands():
                shutil.copy(kept, self._dynsec_file)
            return
        _write_private(kept, text)

    @property
    def _dynsec_file(self):
        return os.path.join(self.dir, "dynamic-security.json")

    @property
    def _credentials_file(self):
        return os.path.join(self.dir, "credentials.json")

    @property
    def _configuration_file(self):
        return os.path.join(self.dir, "mosquitto.conf")

    def _load_passwords(self):
        try:
            with open(self._credentials_file) as f:
                return json.load(f)
        except FileNotFoundError:
            return {}

    def _remember(self, clients):
        self.passwords.update(clients)
        _write_private(self._credentials_file,
                       json.dumps(self.passwords, indent=1))

    def _write_configuration(self):
        text = _CONFIGURATION.format(
            plugin=_find_plugin(), dir=self.dir, port=self.port,
            connections=str(self.log_connections).lower(),
            # Else root's broker becomes a user who cannot read our folder.
            user="user root\n" if os.getuid() == 0 else "")
        if self.tls_port:
            self.authority.broker()
            text += _TLS_LISTENER.format(tls_port=self.tls_port,
                                         certs=self.authority.dir)
        with open(self._configuration_file, "w") as f:
            f.write(text)
        return self._configuration_file


def _write_private(path, text):
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(fd, "w") as f:
        f.write(text)
