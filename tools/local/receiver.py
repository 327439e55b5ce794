"""A GNSS receiver that replays a recording: python3 receiver.py PORT BAUD
ONCE LOG.

gpsd connects to it by TCP (as to a serial-to-network converter) and gets the
log's bytes at the pace of a serial line, 10 bits a byte.  While nobody is
connected the replay stands still, so a gpsd that is restarted misses nothing
and a log is read from its beginning.  ONCE 1 ends the feed at the log's end
but stays connected, silent, like a receiver indoors; 0 begins again.

It is a program of its own so that SIGSTOP can silence it.
"""
import select
import socket
import sys
import time

TICK_S = 0.02


def _read_away(connection):
    """Discards what gpsd sends; False when it has hung up."""
    while select.select([connection], [], [], 0)[0]:
        if not connection.recv(4096):
            return False
    return True


class Replay:
    """The log's bytes, handed out as a line of that speed would."""

    def __init__(self, data, baud, once):
        self.data = data
        self.bytes_per_s = baud / 10
        self.once = once
        self.position = 0

    def run(self, connection):
        """Feeds one connection until it breaks."""
        due = 0.0
        last = time.monotonic()
        while _read_away(connection):
            time.sleep(TICK_S)
            now = time.monotonic()
            # After a SIGSTOP the time away is not made up for.
            due += min(now - last, 10 * TICK_S) * self.bytes_per_s
            last = now
            chunk = self._take(int(due))
            due -= int(due)
            if chunk:
                connection.sendall(chunk)

    def _take(self, size):
        chunk = self.data[self.position:self.position + size]
        self.position += len(chunk)
        if chunk and self.position == len(self.data):
            print("replayed", flush=True)
            if not self.once:
                self.position = 0
        return chunk


def main():
    port, baud, once = (int(a) for a in sys.argv[1:4])
    with open(sys.argv[4], "rb") as f:
        replay = Replay(f.read(), baud, once)
    with socket.create_server(("127.0.0.1", port)) as server:
        print("listening", flush=True)
        while True:
            connection, _ = server.accept()
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with connection:
                try:
                    replay.run(connection)
                except OSError:
                    pass


if __name__ == "__main__":
    main()
