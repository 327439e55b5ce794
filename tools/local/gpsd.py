"""The real gpsd, fed from a recorded receiver.

    with Gpsd(dir, "tests/data/gnss/sirf2.log") as gpsd:
        ... libgps on 127.0.0.1, gpsd.port ...

The receiver is receiver.py and not gpsfake: gpsfake and its gpsd die
together, while a test wants a gpsd that is restarted, a receiver that falls
silent, and several clients that see a log from its first byte.  It is reached
by TCP and not by a pty, which Debian's AppArmor profile forbids to gpsd.
"""
import os
import socket
import sys

from .mosquitto import answers
from .ports import free_port, require_free
from .process import Child, find_program

START_TIMEOUT_S = 20
# As gpsfake, and the slowest receivers.
DEFAULT_BAUD = 4800


class Gpsd:
    """A gpsd on 127.0.0.1:port and the receiver that it reads.

    log     recording to replay
    baud    pace of the replay; 4800 is the slowest receivers' own
    once    stop feeding at the log's end instead of beginning again
    silent  do not feed before feed() is called: to let clients connect
    """

    def __init__(self, dir, log, port=None, baud=DEFAULT_BAUD, once=False,
                 silent=False):
        self.dir = os.path.abspath(dir)
        self.recording = os.path.abspath(log)
        self.port = port or free_port()
        self.receiver_port = free_port()
        self.baud = baud
        self.once = once
        self.silent = silent
        self.log = os.path.join(self.dir, "gpsd.log")
        self.child = None
        self.receiver = None

    @property
    def device(self):
        return "tcp://127.0.0.1:%d" % self.receiver_port

    @property
    def _control(self):
        # A name that Debian's AppArmor profile lets gpsd use.
        return "/tmp/gpsfake-pregon-%d.sock" % self.port

    @property
    def pid(self):
        return self.child.pid

    def start(self):
        """Starts receiver and gpsd; clients may connect when it returns."""
        os.makedirs(self.dir, exist_ok=True)
        self.plug()
        if self.silent:
            self.silence()
        self.start_gpsd()
        return self

    def stop(self):
        self.stop_gpsd()
        self.unplug()
        if os.path.exists(self._control):
            os.unlink(self._control)

    def running(self):
        return self.child is not None and self.child.running()

    # gpsd alone, for tests of a client that must find it again.

    def start_gpsd(self):
        if self.running():
            raise RuntimeError("gpsd runs already (pid %d)" % self.pid)
        require_free(self.port)
        self.child = Child(
            # Read-only: a recording has nothing to configure.  No fork, no
            # waiting for a client before the device is opened.
            [find_program("gpsd"), "-b", "-N", "-n", "-S", str(self.port),
             "-F", self._control, self.device],
            self.log, name="gpsd",
            # Its shared memory is one a machine by default.
            env={"GPSD_SHM_KEY": "0x4770%04X" % self.port})
        self.child.wait_for(lambda: answers(self.port),
                            "gpsd listens on port %d" % self.port,
                            START_TIMEOUT_S)

    def stop_gpsd(self):
        if self.child:
            self.child.stop()

    def kill9(self):
        """gpsd dies; the receiver stays, and stands still meanwhile."""
        self.child.kill9()

    def restart(self):
        """gpsd again, on the same port; the replay goes on where it was."""
        self.stop_gpsd()
        self.start_gpsd()

    # The receiver alone.

    def silence(self):
        """Nothing more comes, the connection stays: no power, or a tunnel."""
        self.receiver.pause()

    def feed(self):
        """Begins, or goes on, where the replay stands."""
        self.receiver.resume()

    def wait_fed(self, timeout=600):
        """Until the recording has been fed to its end."""
        self.receiver.wait_for(lambda: "replayed" in self.receiver.output(),
                               "the end of the recording", timeout)

    def unplug(self):
        """The device is gone; gpsd sees the end of its connection."""
        if self.receiver:
            self.receiver.kill9()
        if self.running():
            self._hotplug("-")

    def plug(self):
        """The receiver is there again, its recording at the beginning."""
        self.receiver = Child(
            [sys.executable,
             os.path.join(os.path.dirname(__file__), "receiver.py"),
             self.receiver_port, self.baud, int(self.once), self.recording],
            os.path.join(self.dir, "receiver.log"), name="receiver")
        # Not by connecting: the replay would begin for us.
        self.receiver.wait_for(lambda: "listening" in self.receiver.output(),
                               "receiver listens", START_TIMEOUT_S)
        if self.running():
            self._hotplug("+")

    def _hotplug(self, sign):
        """Tells gpsd of a device that came or went, as udev's rule does."""
        with socket.socket(socket.AF_UNIX) as s:
            s.settimeout(5)
            s.connect(self._control)
            s.sendall(("%s%s\r\n\0" % (sign, self.device)).encode())
            s.recv(16)

    def capture(self, path, stamped=False):
        """Starts gpspipe, which writes gpsd's reports (JSON lines) to path,
        each after the date and Unix time of its arrival and ": " if
        stamped.

        Returns its Child; stop it to end the capture.
        """
        pipe = Child([find_program("gpspipe"), "-w",
                      *(["-uu"] if stamped else []), "-o", path,
                      "127.0.0.1:%d" % self.port],
                     os.path.join(self.dir, "gpspipe.log"))
        # gpspipe says nothing of its connection, but gpsd greets it.
        pipe.wait_for(lambda: os.path.exists(path) and os.path.getsize(path),
                      "gpsd's greeting in %s" % path, START_TIMEOUT_S)
        return pipe

    def __enter__(self):
        return self if self.running() else self.start()

    def __exit__(self, *_):
        self.stop()
