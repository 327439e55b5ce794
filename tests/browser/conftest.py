"""What the browser tests share: the local runners on the path, a browser of
the test's own, the built dashboard."""
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


@pytest.fixture
def browser(tmp_path):
    with Browser(tmp_path / "driver.log") as it:
        yield it
