"""What tools/kafka and tools/mosquitto share as commands."""
import signal
import sys

from .process import Died, Timeout


def port(words, default):
    """The port in words[0], or the default."""
    if not words:
        return default
    if not words[0].isdigit() or not 0 < int(words[0]) < 65536:
        sys.exit("%s: not a port" % words[0])
    return int(words[0])


def until_interrupted(server):
    """Waits for Ctrl-C or SIGTERM, then ends the server; 1 if it died."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    while server.running():
        if signal.sigtimedwait({signal.SIGINT, signal.SIGTERM}, 0.5):
            server.stop()
            return 0
    print("it ended by itself:\n%s" % server.child.tail(), file=sys.stderr)
    return 1


def run(main):
    """main(arguments), with what went wrong said in a line."""
    try:
        return main(sys.argv[1:])
    except KeyboardInterrupt:
        return 130
    except (Died, Timeout, RuntimeError, OSError, ValueError) as e:
        print("%s: %s" % (sys.argv[0], e), file=sys.stderr)
        return 1
