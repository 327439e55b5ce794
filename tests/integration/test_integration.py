"""Every cmocka program of tests/integration."""

import pathlib
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1]))
import native  # noqa: E402


@pytest.mark.parametrize("name", native.names("integration"))
def test_program(name):
    native.run(name)
