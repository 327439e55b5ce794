"""A real browser from Python: playwright's own methods, said as Python says
them.

    with Browser(dir) as browser:
        context = browser.context(locale="es-CL")
        page = context.new_page()
        page.goto("http://127.0.0.1:8080/")
        page.get_by_role("button", name="Entrar").click()

Every name is playwright's, in snake case (docs of playwright for JavaScript);
the last argument's options are keywords.  driver.mjs makes the calls; both end
with this process.
"""
import base64
import json
import os
import re
import select
import shutil
import subprocess
import tempfile
import time

from local.process import find_program

HERE = os.path.dirname(os.path.abspath(__file__))
MODULES = os.path.join(HERE, "node_modules")
START_S = 60
# Longer than any time-out of a call itself.
ANSWER_S = 300
# Conditions are asked for calmly: the asking is a load of its own.
ASK_S = 0.1

PHONE = {"viewport": {"width": 390, "height": 844}, "device_scale_factor": 2,
         "is_mobile": True, "has_touch": True}
DESK = {"viewport": {"width": 1400, "height": 900}}


class BrowserError(AssertionError):
    """What playwright says that went wrong."""


class Function(str):
    """JavaScript source of a function, for evaluate and its like."""


def camel(name):
    head, *rest = name.rstrip("_").split("_")
    return head + "".join(word.upper() if word in ("html", "cdp")
                          else word.title() for word in rest)


class Thing:
    """Something of the driver's, or a method of it by its path."""

    def __init__(self, driver, number):
        self._driver, self._number = driver, number

    def __getattr__(self, name):
        if name.startswith("__"):
            raise AttributeError(name)
        return Method(self, camel(name))

    def __del__(self):
        self._driver.dropped.append(self._number)


class Method:
    def __init__(self, thing, path):
        self._thing, self._path = thing, path

    def __getattr__(self, name):
        return Method(self._thing, self._path + "." + camel(name))

    def __call__(self, *arguments, **options):
        __tracebackhide__ = True
        return self._thing._driver.call(self._thing, self._path, arguments,
                                        options)


class Browser:
    """Chromium with a profile of its own.

    log     what the driver says that is no answer
    """

    def __init__(self, log):
        self.log = str(log)
        self.dropped = []
        self._calls = 0
        self._rest = b""
        self._process = None

    def start(self):
        assert os.path.isdir(MODULES), \
            "no %s: run `npm ci` in %s first" % (MODULES, HERE)
        # Short: a path of Chromium's own socket must fit in 107 bytes.
        self._profile = tempfile.mkdtemp(prefix="pregon-")
        self._log = open(self.log, "ab")
        self._process = subprocess.Popen(
            [find_program("node"), os.path.join(HERE, "driver.mjs"),
             find_program("chromium")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            cwd=HERE, start_new_session=True,
            env=dict(os.environ, TMPDIR=self._profile))
        self.version = self._answer(0, START_S)
        self._browser = Thing(self, 0)
        return self

    def stop(self):
        if self._process is None:
            return
        try:
            self._process.stdin.close()
            self._process.wait(20)
        except (OSError, subprocess.TimeoutExpired):
            self._process.kill()
            self._process.wait()
        self._process.stdout.close()
        self._log.close()
        shutil.rmtree(self._profile, ignore_errors=True)
        self._process = None

    def __enter__(self):
        try:
            return self.start()
        except BaseException:
            self.stop()
            raise

    def __exit__(self, *_):
        self.stop()

    def context(self, dark=False, language="es", **options):
        """A visitor: cookies and storage of their own."""
        settings = {"locale": "es-CL" if language == "es" else "en-GB",
                    "timezone_id": "America/Santiago",
                    "color_scheme": "dark" if dark else "light", **DESK,
                    **options}
        context = self._browser.new_context(**settings)
        context.set_default_timeout(30000)
        return context

    def start_tracing(self, page, **options):
        self._browser.start_tracing(page, **options)

    def stop_tracing(self):
        return self._browser.stop_tracing()

    def pictures(self, dir):
        """Takes one of each page that is open; their paths."""
        pages = [page for context in self._browser.contexts()
                 for page in context.pages()]
        paths = [os.path.join(dir, "page%d.png" % i)
                 for i in range(len(pages))]
        for page, path in zip(pages, paths):
            page.screenshot(path=path)
        return paths

    def journal(self, context):
        """What its pages did: requests, errors, words of the console."""
        return self._ask({"on": context._number, "journal": True})

    def call(self, thing, path, arguments, options):
        __tracebackhide__ = True
        words = [self._said(a) for a in arguments]
        if options:
            words.append({camel(k): self._said(v)
                          for k, v in options.items()})
        return self._ask({"on": thing._number, "path": path, "with": words})

    def _ask(self, request):
        __tracebackhide__ = True
        self._calls += 1
        gone, self.dropped = self.dropped, []
        line = json.dumps({"id": self._calls, **request, "drop": gone})
        self._process.stdin.write(line.encode() + b"\n")
        self._process.stdin.flush()
        return self._answer(self._calls, ANSWER_S)

    def _answer(self, number, seconds):
        __tracebackhide__ = True
        deadline = time.monotonic() + seconds
        while b"\n" not in self._rest:
            out = self._process.stdout
            ready = select.select([out], [], [],
                                  max(0, deadline - time.monotonic()))[0]
            more = os.read(out.fileno(), 1 << 20) if ready else b""
            if not more:
                raise BrowserError("the driver %s; %s says more" % (
                    "ended" if ready else "is silent", self.log))
            self._rest += more
        line, _, self._rest = self._rest.partition(b"\n")
        answer = json.loads(line)
        assert answer["id"] == number, answer
        if "error" in answer:
            raise BrowserError(re.sub(r"\x1b\[\d+m", "", answer["error"]))
        return self._meant(answer.get("value"))

    def _said(self, value):
        if isinstance(value, Thing):
            return {"$": value._number}
        if isinstance(value, Function):
            return {"$function": str(value)}
        if isinstance(value, re.Pattern):
            flags = "i" if value.flags & re.IGNORECASE else ""
            return {"$regexp": [value.pattern, flags]}
        if isinstance(value, dict):
            return {camel(k): self._said(v) for k, v in value.items()}
        if isinstance(value, (list, tuple)):
            return [self._said(v) for v in value]
        return value

    def _meant(self, value):
        if isinstance(value, list):
            return [self._meant(v) for v in value]
        if isinstance(value, dict):
            if "$" in value:
                return Thing(self, value["$"])
            if "$bytes" in value:
                return base64.b64decode(value["$bytes"])
            return {k: self._meant(v) for k, v in value.items()}
        return value


def eventually(condition, what, timeout=30.0):
    """Calls condition until it gives something true, and returns that; a
    BrowserError or an AssertionError is "not yet"."""
    deadline = time.monotonic() + timeout
    while True:
        why = ""
        try:
            result = condition()
            if result:
                return result
        except AssertionError as e:
            why = ": %s" % e
        assert time.monotonic() < deadline, \
            "%s: not within %g s%s" % (what, timeout, why)
        time.sleep(ASK_S)
