"""A cart's network: a namespace of its own with two links to ours.

    with CartNetwork(broker.port, gpsd.port) as cart:
        Gateway(..., {"mqtt.host": cart.broker_host, "gpsd.host":
                cart.gpsd_host, ...}, prefix=cart.prefix)
        cart.cut()         what is sent over the air vanishes: no signal
        cart.restore()

Only the link to the broker can be cut; the receiver's wire is inside the cart.
Root's, and not in every container: possible() says so.
"""
import contextlib
import os
import socket
import subprocess
import threading

_FIRST, _LAST = 16, 250		# of 10.213.N.0/29


def _ip(*words):
    done = subprocess.run(["ip", *words], stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise OSError("ip %s: %s" % (" ".join(words), done.stdout.strip()))


def possible():
    """May namespaces with links be made here?"""
    try:
        with CartNetwork():
            return True
    except OSError:
        return False


class CartNetwork:
    """ports: of 127.0.0.1, which the cart reaches under the same numbers:
    the broker's at broker_host, the receiver's at gpsd_host."""

    def __init__(self, broker_port=None, gpsd_port=None):
        self.name = "pregon-%d-%d" % (os.getpid(), id(self) % 10000)
        self.prefix = ["ip", "netns", "exec", self.name]
        self._undo = contextlib.ExitStack()
        try:
            _ip("netns", "add", self.name)
            self._undo.callback(_ip, "netns", "del", self.name)
            self._air, self.broker_host = self._link("a")
            _, self.gpsd_host = self._link("w")
            for host, port in ((self.broker_host, broker_port),
                               (self.gpsd_host, gpsd_port)):
                if port:
                    self._undo.enter_context(_Relay(host, port))
        except BaseException:
            self._undo.close()
            raise

    def cut(self):
        _ip("link", "set", self._air, "down")

    def restore(self):
        _ip("link", "set", self._air, "up")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._undo.close()

    def _link(self, letter):
        """(our end's name, our end's address), both ends up."""
        for number in range(_FIRST, _LAST):
            ours = "pg%s%d" % (letter, number)
            theirs = "pc%s%d" % (letter, number)
            try:
                _ip("link", "add", ours, "type", "veth", "peer", "name",
                    theirs, "netns", self.name)
            except OSError as e:
                if "exists" in str(e):
                    continue	# another test's
                raise
            break
        self._undo.callback(_ip, "link", "del", ours)
        subnet = "10.213.%d.%%d" % number if letter == "a" \
            else "10.214.%d.%%d" % number
        _ip("address", "add", subnet % 1 + "/29", "dev", ours)
        _ip("link", "set", ours, "up")
        _ip("-n", self.name, "address", "add", subnet % 2 + "/29", "dev",
            theirs)
        _ip("-n", self.name, "link", "set", theirs, "up")
        return ours, subnet % 1


class _Relay:
    """host:port to 127.0.0.1:port, a pair of threads a connection."""

    def __init__(self, host, port):
        self._port = port
        self._sockets = set()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind((host, port))
        self._listener.listen(64)
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        for s in [self._listener, *self._sockets]:
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
            s.close()

    def _accept(self):
        while True:
            try:
                client, _ = self._listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(
                    ("127.0.0.1", self._port), 5)
            except OSError:
                client.close()
                continue
            self._sockets |= {client, server}
            for one, other in ((client, server), (server, client)):
                one.settimeout(None)
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                threading.Thread(target=self._copy, args=(one, other),
                                 daemon=True).start()

    @staticmethod
    def _copy(source, target):
        with contextlib.suppress(OSError):
            while data := source.recv(65536):
                target.sendall(data)
        for s in (source, target):
            with contextlib.suppress(OSError):
                s.shutdown(socket.SHUT_RDWR)
