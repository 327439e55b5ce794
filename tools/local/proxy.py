"""A TCP proxy on loopback that plays a bad network.

    proxy = Proxy(broker.port)
    ... gateways connect to proxy.port ...
    proxy.cut()        bytes vanish both ways, new connections hang: no signal
    proxy.restore()    the old connections are reset, new ones go through
"""
import selectors
import socket
import struct
import threading

from .ports import free_port

CHUNK = 65536


class Proxy:
    """One thread; it owns all sockets.  Counts bytes each way."""

    def __init__(self, target_port, port=None):
        self.target = ("127.0.0.1", target_port)
        self.port = port or free_port()
        self.up_bytes = 0
        self.down_bytes = 0
        self._is_cut = False
        self._over = False
        self._pairs = {}	# socket: its other side
        self._held = []		# accepted while cut
        self._selector = selectors.DefaultSelector()
        self._wake_r, self._wake_w = socket.socketpair()
        self._listener = socket.socket()
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self._listener.bind(("127.0.0.1", self.port))
        self._listener.listen(1024)
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._selector.register(self._wake_r, selectors.EVENT_READ)
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def cut(self):
        self._is_cut = True

    def restore(self):
        self._is_cut = False
        self._wake()

    def close(self):
        self._over = True
        self._wake()
        self._thread.join(10)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _wake(self):
        self._wake_w.send(b"x")

    def _run(self):
        while not self._over:
            for key, _ in self._selector.select():
                if key.fileobj is self._listener:
                    self._accept()
                elif key.fileobj is self._wake_r:
                    self._wake_r.recv(CHUNK)
                    self._reset_held()
                elif key.fileobj in self._pairs:
                    self._forward(key.fileobj)
        for s in list(self._pairs) + self._held:
            s.close()
        self._listener.close()
        self._selector.close()

    def _accept(self):
        client, _ = self._listener.accept()
        if self._is_cut:
            self._held.append(client)
            return
        server = socket.socket()
        try:
            server.connect(self.target)
        except OSError:
            self._reset(client)
            server.close()
            return
        for one, other in ((client, server), (server, client)):
            one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            self._pairs[one] = other
            self._selector.register(one, selectors.EVENT_READ,
                                    one is client)

    def _forward(self, source):
        target = self._pairs[source]
        try:
            data = source.recv(CHUNK)
        except OSError:
            data = b""
        if self._is_cut and data:
            # Lost: what follows it on this connection would make no sense.
            self._held += [source, target]
            self._forget(source)
            return
        if not data:
            self._forget(source)
            self._reset(source)
            self._reset(target)
            return
        up = self._selector.get_key(source).data
        self.up_bytes += len(data) if up else 0
        self.down_bytes += 0 if up else len(data)
        try:
            target.sendall(data)
        except OSError:
            self._forget(source)
            self._reset(source)
            self._reset(target)

    def _forget(self, one):
        other = self._pairs.pop(one)
        self._pairs.pop(other, None)
        self._selector.unregister(one)
        self._selector.unregister(other)

    def _reset_held(self):
        if self._is_cut:
            return
        for s in self._held:
            self._reset(s)
        self._held.clear()

    @staticmethod
    def _reset(s):
        try:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                         struct.pack("ii", 1, 0))
        except OSError:
            pass
        s.close()
