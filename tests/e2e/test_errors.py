"""What goes wrong at the start is said in one clear line that says what to
do."""
import os
import socket
import sqlite3
import subprocess

import pytest

from local.guild import build_dir, write_ini
from local.ports import free_port

GUILD = {"pregon-bridge": {"brokers": "127.0.0.1:1", "mqtt.host": "127.0.0.1",
                           "mqtt.port": 1, "health.port": 0},
         "pregon-consumer": {"brokers": "127.0.0.1:1", "health.port": 0},
         "pregon-api": {"http.port": 0}}
WORDS = {"pregon-consumer": ["sales"]}


def run(program, settings, dir, words=(), timeout=30):
    ini = os.path.join(dir, program + ".ini")
    write_ini(ini, settings)
    done = subprocess.run(
        [os.path.join(build_dir(), "bin", program), "--config=" + ini,
         *WORDS.get(program, []), *words],
        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT, text=True, timeout=timeout)
    return done.returncode, done.stdout


def gateway(dir, **more):
    return {"cart": "ERR001", "mqtt.host": "127.0.0.1", "mqtt.port": 1,
            "outbox.path": os.path.join(dir, "outbox.db"),
            "pos.socket": os.path.join(dir, "pos.sock"),
            **{k.replace("__", "."): v for k, v in more.items()}}


def settings_of(program, dir):
    if program == "pregon-gateway":
        return gateway(dir)
    settings = dict(GUILD[program])
    if program != "pregon-bridge":
        settings["database"] = str(dir)
    return settings


ALL = ["pregon-gateway", *GUILD]


@pytest.mark.parametrize("program", ALL)
def test_an_unknown_key_is_refused_with_file_and_line(program, tmp_path):
    status, words = run(program, {**settings_of(program, tmp_path),
                                  "zzz.no_such_key": 1}, tmp_path)
    assert status == 2, words
    last = words.strip().splitlines()
    assert len(last) == 1, words
    assert program + ".ini:" in words and "no_such_key" in words, words


@pytest.mark.parametrize("program", ALL)
def test_a_wrong_type_is_refused_with_what_was_expected(program, tmp_path):
    key = {"pregon-gateway": "keep.distance_m", "pregon-api": "http.port"}.get(
        program, "health.port")
    status, words = run(program, {**settings_of(program, tmp_path),
                                  key: "many"}, tmp_path)
    assert status == 2, words
    assert len(words.strip().splitlines()) == 1, words
    assert key.split(".")[1] in words and "many" in words, words


@pytest.mark.parametrize("program,key", [
    ("pregon-api", "http.port"), ("pregon-consumer", "health.port"),
    ("pregon-bridge", "health.port")])
def test_a_busy_port_is_named(program, key, tmp_path):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        port = taken.getsockname()[1]
        status, words = run(program, {**settings_of(program, tmp_path),
                                      key: port}, tmp_path)
    assert status not in (0, -11, -6), words
    said = [line for line in words.splitlines() if key in line]
    assert len(said) == 1 and str(port) in said[0], words


def can_mount():
    """Not without root, nor in a chroot: its root is no mount point."""
    return subprocess.run(["unshare", "-m", "true"], check=False,
                          stderr=subprocess.DEVNULL).returncode == 0


@pytest.mark.skipif(not can_mount(), reason="needs a mount namespace")
@pytest.mark.parametrize("program", ["pregon-gateway", "pregon-consumer"])
def test_a_read_only_disk_is_named(program, tmp_path):
    dir = tmp_path / "disk"
    dir.mkdir()
    ini = tmp_path / "p.ini"
    write_ini(str(ini), settings_of(program, dir))
    command = "mount -t tmpfs -o ro none %s && exec %s --config=%s %s" % (
        dir, os.path.join(build_dir(), "bin", program), ini,
        " ".join(WORDS.get(program, [])))
    done = subprocess.run(["unshare", "-m", "sh", "-c", command],
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, text=True, timeout=30)
    assert done.returncode not in (0, -11, -6), done.stdout
    last = done.stdout.strip().splitlines()[-1]
    assert "read-only" in last.lower() and str(dir) in last, done.stdout


@pytest.mark.parametrize("program,file", [
    ("pregon-gateway", "outbox.db"), ("pregon-consumer", "sales.db")])
def test_a_database_of_a_newer_version_is_left_alone(program, file, tmp_path):
    settings = settings_of(program, tmp_path)
    # Made by the program itself, then aged.
    made = subprocess.Popen(
        [os.path.join(build_dir(), "bin", program),
         *["--%s=%s" % kv for kv in settings.items()],
         *WORDS.get(program, [])], stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    path = tmp_path / file
    try:
        from local.process import wait_for
        wait_for(lambda: version(path) > 0, "the database is made", 20)
    finally:
        made.terminate()
        made.wait(20)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA user_version = 999")
    db.close()
    status, words = run(program, settings, tmp_path)
    last = words.strip().splitlines()[-1]
    assert status not in (0, -11, -6), words
    assert "999" in last and file in last, words
    assert version(path) == 999


def version(path):
    if not path.exists():
        return 0
    try:
        db = sqlite3.connect("file:%s?mode=ro" % path, uri=True)
        try:
            return db.execute("PRAGMA user_version").fetchone()[0]
        finally:
            db.close()
    except sqlite3.Error:
        return 0


@pytest.mark.parametrize("program", ["pregon-bridge", "pregon-consumer"])
def test_a_missing_broker_is_said_and_waited_for(program, tmp_path):
    from local.process import Child, wait_for
    settings = settings_of(program, tmp_path)
    ini = str(tmp_path / "p.ini")
    write_ini(ini, settings)
    with Child([os.path.join(build_dir(), "bin", program), "--config=" + ini,
                *WORDS.get(program, [])], str(tmp_path / "log")) as child:
        child.wait_for(lambda: "127.0.0.1:1" in child.output(),
                       "it names the broker", 60)
        assert child.running()
