"""A very small MQTT 3.1.1 client over TCP: QoS 0, one thread, no
reconnecting.  Enough to command the broker and to watch it from a test.
"""
import secrets
import select
import socket
import struct
import time
from collections import deque

_CONNECT, _CONNACK, _PUBLISH, _SUBSCRIBE, _SUBACK = 0x10, 0x20, 0x30, 0x82, 0x90
_PINGREQ, _PINGRESP, _DISCONNECT = 0xc0, 0xd0, 0xe0

REFUSED = 0x80


class Refused(ConnectionError):
    """The broker did not take our CONNECT; args[0] is its return code."""


def _string(text):
    raw = text.encode() if isinstance(text, str) else text
    return struct.pack(">H", len(raw)) + raw


def _packet(head, body=b""):
    length, left = b"", len(body)
    while True:
        left, digit = left >> 7, left & 0x7f
        length += bytes([digit | (0x80 if left else 0)])
        if not left:
            return bytes([head]) + length + body


class Client:
    """A connection that is open from construction to close().

    To 127.0.0.1:port, or over a connection made by the caller: one with TLS,
    where the certificate says who we are, needs no user name.

    Messages are (topic, payload, retained).  A broker that ends the
    connection shows as ConnectionError from whichever call notices.
    """

    def __init__(self, port=None, username=None, password=None,
                 client_id=None, timeout=10.0, connection=None):
        self._buffer = b""
        self._messages = deque()
        self._answers = deque()
        self._next_id = 1
        self.timeout = timeout
        self._socket = connection or socket.create_connection(
            ("127.0.0.1", port), timeout)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        # Clean session, no keepalive.
        flags, who = 0x02, b""
        if username is not None:
            flags, who = 0xc2, _string(username) + _string(password)
        self._send(_CONNECT, _string("MQTT") + bytes([4, flags, 0, 0])
                   + _string(client_id or "py-" + secrets.token_hex(6)) + who)
        code = self._answer(_CONNACK)[1]
        if code:
            self._socket.close()
            raise Refused(code)

    def subscribe(self, *filters):
        """Returns the broker's verdicts, one a filter: 0, or REFUSED."""
        packet_id = struct.pack(">H", self._next_id)
        self._next_id = self._next_id % 0xffff + 1
        self._send(_SUBSCRIBE, packet_id + b"".join(
            _string(f) + b"\0" for f in filters))
        return list(self._answer(_SUBACK)[2:])

    def publish(self, topic, payload, retain=False):
        """Sends; the broker says nothing, even if it refuses."""
        self._send(_PUBLISH | (1 if retain else 0), _string(topic) + payload)

    def sync(self):
        """Returns when the broker has handled all we sent before."""
        self._send(_PINGREQ)
        self._answer(_PINGRESP)

    def receive(self, timeout):
        """The next message, or None when none comes in time."""
        deadline = time.monotonic() + timeout
        while not self._messages:
            left = deadline - time.monotonic()
            if left < 0 or not self._read(left):
                break
        return self._messages.popleft() if self._messages else None

    def close(self):
        try:
            self._send(_DISCONNECT)
        except OSError:
            pass
        self._socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _send(self, head, body=b""):
        self._socket.sendall(_packet(head, body))

    def _answer(self, head):
        deadline = time.monotonic() + self.timeout
        while not self._answers:
            left = deadline - time.monotonic()
            if left < 0 or not self._read(left):
                raise TimeoutError("the broker does not answer")
        got, body = self._answers.popleft()
        if got != head:
            raise ConnectionError("expected packet %#x, got %#x" % (head, got))
        return body

    def _read(self, timeout):
        """Takes in what has come; False if nothing did in time."""
        # TLS may hold bytes that the kernel no longer shows.
        held = getattr(self._socket, "pending", int)()
        if not held and not select.select([self._socket], [], [], timeout)[0]:
            return False
        data = self._socket.recv(65536)
        if not data:
            raise ConnectionError("the broker ended the connection")
        self._buffer += data
        while self._take_packet():
            pass
        return True

    def _take_packet(self):
        length = shift = 0
        for i in range(1, 5):
            if len(self._buffer) <= i:
                return False
            length |= (self._buffer[i] & 0x7f) << shift
            shift += 7
            if not self._buffer[i] & 0x80:
                break
        start = i + 1
        if len(self._buffer) < start + length:
            return False
        head, body = self._buffer[0], self._buffer[start:start + length]
        self._buffer = self._buffer[start + length:]
        if head & 0xf0 == _PUBLISH:
            size = struct.unpack_from(">H", body)[0]
            self._messages.append((body[2:2 + size].decode(),
                                   body[2 + size:], bool(head & 1)))
        else:
            self._answers.append((head, body))
        return True
