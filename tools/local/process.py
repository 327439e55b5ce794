"""Child processes that never outlive the program that started them.

Each child has a session of its own, so that a Ctrl-C at the terminal reaches
only us, and so that it can be ended with whatever it started in turn.  One
small shell, the guard, holds the list of living children: when we die, even
by SIGKILL, its pipe closes and it ends them.  (PR_SET_PDEATHSIG would not do:
it is lost when a daemon changes its user, and it fires when the thread that
started the child ends.)
"""
import atexit
import os
import shutil
import signal
import subprocess
import threading
import time

POLL_S = 0.01

_GUARD = """
trap '' HUP INT TERM
alive=
while read -r op pid; do
	case $op in
	+)	alive="$alive $pid" ;;
	-)	left=
		for p in $alive; do [ "$p" = "$pid" ] || left="$left $p"; done
		alive=$left ;;
	esac
done
for p in $alive; do kill -s KILL -- "-$p" 2>/dev/null; done
"""


class Timeout(AssertionError):
    """What was waited for did not come in time."""


class Died(AssertionError):
    """A child ended that should be running."""


class NotYet(AssertionError):
    """A condition's word that it cannot be told yet: wait_for asks again."""


def wait_for(condition, what, timeout=30.0):
    """Calls condition until it returns something true, and returns that."""
    deadline = time.monotonic() + timeout
    while True:
        try:
            result, why = condition(), None
        except NotYet as e:
            result, why = None, e
        if result:
            return result
        if time.monotonic() > deadline:
            raise Timeout("%s: not within %g s%s" % (
                what, timeout, why and ": %s" % why or "")) from None
        time.sleep(POLL_S)


def find_program(name):
    """The path of a program that tools/setup installs."""
    # A Debian user's PATH has no sbin.
    path = os.environ.get("PATH", "") + ":/usr/local/sbin:/usr/sbin"
    found = shutil.which(name, path=path)
    if not found:
        raise FileNotFoundError(
            "no %s: run `tools/setup test` first" % name)
    return found


class _Guard:
    """The shell that ends our children if we cannot; see above."""

    def __init__(self):
        self.shell = None
        self.lock = threading.Lock()

    def tell(self, op, pid):
        with self.lock:
            if self.shell is None:
                self._start()
            try:
                self.shell.stdin.write(b"%s %d\n" % (op, pid))
                self.shell.stdin.flush()
            except BrokenPipeError:
                pass

    def _start(self):
        self.shell = subprocess.Popen(
            ["/bin/sh", "-c", _GUARD], stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True)


_guard = _Guard()
_living = set()


class Child:
    """One running program, its output in a file; any thread may use it.

    argv    program and arguments
    log     path that standard output and error are appended to
    name    for messages; by default the program's
    env     variables to set beside our own
    """

    def __init__(self, argv, log, name=None, env=None, cwd=None):
        self.argv = [str(a) for a in argv]
        self.name = name or os.path.basename(self.argv[0])
        self.log = str(log)
        self._status = None
        self._lock = threading.Lock()
        # What an earlier run wrote there is not this one's.
        self._log_start = (os.path.getsize(self.log)
                           if os.path.exists(self.log) else 0)
        with open(self.log, "ab") as out:
            self._popen = subprocess.Popen(
                self.argv, stdin=subprocess.DEVNULL, stdout=out, stderr=out,
                cwd=cwd, start_new_session=True,
                env=dict(os.environ, **(env or {})))
        self.pid = self._popen.pid
        _guard.tell(b"+", self.pid)
        _living.add(self)

    def running(self):
        """False once the program itself has ended."""
        with self._lock:
            if self._status is None and self._has_ended():
                self._bury()
            return self._status is None

    @property
    def status(self):
        """Exit status as subprocess has it; None while it runs."""
        self.running()
        return self._status

    def signal(self, number):
        """Sends a signal to the program itself, not to its children."""
        if self.running():
            os.kill(self.pid, number)

    def pause(self):
        """Stops the whole session, as if the machine had frozen."""
        if self.running():
            os.killpg(self.pid, signal.SIGSTOP)

    def resume(self):
        if self.running():
            os.killpg(self.pid, signal.SIGCONT)

    def kill9(self):
        """SIGKILL to the program and to all that it started."""
        if self.running():
            os.killpg(self.pid, signal.SIGKILL)
            self.wait(30)
        return self._status

    def stop(self, timeout=10.0):
        """SIGTERM, then SIGKILL to what is left; returns the status."""
        if self.running():
            os.kill(self.pid, signal.SIGTERM)
            os.killpg(self.pid, signal.SIGCONT)
            try:
                self.wait(timeout)
            except Timeout:
                self.kill9()
        return self._status

    def wait(self, timeout):
        """Until the program ends by itself; returns its status."""
        wait_for(lambda: not self.running(), "end of %s" % self.name, timeout)
        return self._status

    def wait_for(self, condition, what, timeout=30.0):
        """As wait_for, but gives up at once if the program ends."""
        def check():
            try:
                result = condition()
            except NotYet:
                if self.running():
                    raise
                result = None
            if not result and not self.running():
                raise Died("%s ended (status %s) before %s; its last lines:"
                           "\n%s" % (self.name, self._status, what,
                                     self.tail()))
            return result
        try:
            return wait_for(check, what, timeout)
        except Timeout as e:
            raise Timeout("%s; last lines of %s:\n%s"
                          % (e, self.name, self.tail())) from None

    def output(self):
        """All that this run has printed so far."""
        with open(self.log, "rb") as f:
            f.seek(self._log_start)
            return f.read().decode(errors="replace")

    def tail(self, lines=15):
        return "\n".join(self.output().splitlines()[-lines:])

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def _has_ended(self):
        # WNOWAIT leaves the zombie, which keeps the group's number ours.
        return os.waitid(os.P_PID, self.pid,
                         os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None

    def _bury(self):
        try:
            os.killpg(self.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass
        self._status = self._popen.wait()
        _living.discard(self)
        _guard.tell(b"-", self.pid)


def stop_all(timeout=5.0):
    """Ends every child still alive, together rather than in turn."""
    children = [c for c in list(_living) if c.running()]
    for child in children:
        os.kill(child.pid, signal.SIGTERM)
        os.killpg(child.pid, signal.SIGCONT)
    deadline = time.monotonic() + timeout
    for child in children:
        child.stop(max(0.0, deadline - time.monotonic()))


_importer = os.getpid()


@atexit.register
def _sweep():
    # A forked copy of us must not end its parent's children.
    if os.getpid() == _importer:
        stop_all()
