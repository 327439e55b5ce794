"""Free TCP ports that stay free while a server is down.

They are taken from below the kernel's ephemeral range: from inside it, a
client that retries while its server is dead would one day be given the
server's own port as its source, and so keep the server from coming back
(or, on loopback, connect to itself).
"""
import os
import random
import socket

LOWEST = 10000

_given = set()


def _ephemeral_start():
    try:
        with open("/proc/sys/net/ipv4/ip_local_port_range") as f:
            return int(f.read().split()[0])
    except OSError:
        return 32768


def is_free(port, host="127.0.0.1"):
    """True if a server could listen on the port now."""
    with socket.socket() as s:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            s.bind((host, port))
        except OSError:
            return False
        return True


def _share():
    """(which, of how many) of the test workers that run side by side we are:
    a port is picked some time before somebody listens on it."""
    worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0")
    return (int(worker[len("gw"):]),
            int(os.environ.get("PYTEST_XDIST_WORKER_COUNT", "1")))


def free_port():
    """A port nobody listens on and that was not handed out before, here or
    to another test worker."""
    which, workers = _share()
    highest = _ephemeral_start()
    if highest < LOWEST + 1000:
        highest = 65536
    for _ in range(1000):
        port = random.randrange(LOWEST + which, highest, workers)
        if port not in _given and is_free(port):
            _given.add(port)
            return port
    raise OSError("no free TCP port on 127.0.0.1")


def require_free(port):
    """Raises OSError with words if somebody listens on the port: whoever
    waits for a server there would take that one for it."""
    if not is_free(port):
        raise OSError("port %d of 127.0.0.1 is in use" % port)
