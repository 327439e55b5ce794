"""What the dashboard decides without a page (backend/web/test), by Node's own
test runner."""
import pathlib
import subprocess

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[2] / "backend/web/test"


@pytest.mark.parametrize(
    "name", sorted(p.name for p in TESTS.glob("*.test.mjs")))
def test_module(name):
    run = subprocess.run(["node", "--test", "--test-reporter=tap", TESTS / name], text=True,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                         timeout=300)
    assert run.returncode == 0, run.stdout
    assert "# fail 0" in run.stdout and "# pass 0" not in run.stdout
