"""Runs a cmocka program as one pytest test, and shows its words if it fails."""

import os
import pathlib
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("PREGON_BUILD", ROOT / "build"))
LIMIT_S = 300


def names(group):
    """The programs that a group's sources ask for (not what lies built)."""
    return sorted(p.stem for p in (ROOT / "tests" / group).glob("test_*.c"))


def run(name):
    program = BUILD / "tests" / name
    assert program.exists(), f"{program} is not built: make tests"
    done = subprocess.run([str(program)], cwd=ROOT, timeout=LIMIT_S,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, errors="replace")
    assert done.returncode == 0, done.stdout[-8000:]
    assert "[  PASSED  ]" in done.stdout, "no test ran:\n" + done.stdout
