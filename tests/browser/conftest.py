"""What the browser tests share: the local runners on the path, a browser of
the test's own, a guild with the built dashboard."""
import os
import sys

import pytest

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))
sys.dont_write_bytecode = True
sys.path.insert(0, os.path.join(ROOT, "tools"))
# The hands of the end-to-end tests: made-up receivers, carts, people.
sys.path.append(os.path.join(ROOT, "tests", "e2e"))
sys.path.append(HERE)

from browser import Browser  # noqa: E402
from dashboard import API, require_web  # noqa: E402
from local.guild import Guild  # noqa: E402


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    report = (yield).get_result()
    if call.when == "call":
        item.failed_ = report.failed


@pytest.fixture
def browser(tmp_path, request):
    """A test that fails leaves pictures of what was to be seen."""
    with Browser(tmp_path / "driver.log") as it:
        yield it
        if getattr(request.node, "failed_", False):
            for picture in it.pictures(tmp_path):
                print("what was to be seen:", picture)


# Of a guild of seconds: what takes minutes is shown in seconds.
QUICK = {"positions": {"missing.s": 10, "zone.dwell_s": 3},
         "stock": {"stock.lot_wait_s": 4}}


@pytest.fixture(scope="module")
def guild(tmp_path_factory):
    """One guild for the tests of a file; each has carts of its own."""
    require_web()
    with Guild(tmp_path_factory.mktemp("guild"),
               settings={"api": API, **QUICK}) as it:
        yield it
