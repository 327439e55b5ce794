"""RUTs as people write them, judged as an independent check does: 1,000 right
ones and 1,000 wrong ones, with and without dots, hyphens, k and K."""

import os
import pathlib
import random
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
FLAGS = ["-std=c11", "-O1", "-g", "-I.", "-D_GNU_SOURCE", "-Wall", "-Werror",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
RIGHT = WRONG = 1000


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    program = str(tmp_path_factory.mktemp("rut") / "rut_probe")
    subprocess.run([os.environ.get("CC", "gcc"), *FLAGS, "-o", program,
                    "tests/integration/rut_probe.c", "schemas/rut.c"],
                   cwd=ROOT, check=True)
    return program


def ask(program, lines):
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True,
                          stdout=subprocess.PIPE, timeout=60, check=True)
    return done.stdout.splitlines()


def check_digit(number):
    """Starts at 1: s runs through the sum, M through the weights (the usual
    trick of Chilean programs; not the sum of products that schemas has)."""
    s, m = 1, 0
    while number:
        s = (s + number % 10 * (9 - m % 6)) % 11
        number //= 10
        m += 1
    return str(s - 1) if s else "K"


def any_number(rng):
    # As people have them, and of every length.
    return rng.choice((rng.randint(1_000_000, 27_999_999),
                       rng.randint(1, 10 ** rng.randint(1, 8) - 1)))


def written(rng, number, digit):
    digits = str(number)
    style = rng.randrange(3)
    if style == 0:
        digits = "{:,}".format(number).replace(",", ".")
    elif style == 1 and len(digits) < 8:
        digits = digits.rjust(8, "0")
    return (digits + rng.choice(("-", ""))
            + (rng.choice("kK") if digit == "K" else digit))


def test_check_digits_that_are_known():
    # Published ones: the treasury's, the tax office's, a bank's.
    for rut in ("60805000-0", "60803000-K", "97004000-5", "11111111-1"):
        number, digit = rut.split("-")
        assert check_digit(int(number)) == digit


def test_right_ones_are_taken_in_their_one_form(probe):
    rng = random.Random(1)
    numbers = [any_number(rng) for _ in range(RIGHT)]
    lines = [written(rng, n, check_digit(n)) for n in numbers]
    assert sum("." in x for x in lines) > 200
    assert sum(x[-1] == "k" for x in lines) > 20
    assert sum(x[-1] == "K" for x in lines) > 20
    assert ask(probe, lines) == ["ok %d-%s" % (n, check_digit(n))
                                 for n in numbers]


def test_wrong_ones_are_refused_each_for_its_reason(probe):
    rng = random.Random(2)
    lines, expected = [], []
    for i in range(WRONG):
        number = any_number(rng)
        digit = check_digit(number)
        if i % 4 == 3:	# no RUT at all
            right = written(rng, number, digit)
            lines.append(rng.choice((
                right[:-1] + rng.choice("xÑ*"), "1" + "0" * 8 + right,
                "x" + right, right + " " + digit, "", "-" + right,
                right.replace(right[0], "o", 1), "0-0",
                right + "--", ".%s" % right)))
            expected.append("form")
        else:
            wrong = rng.choice([d for d in "0123456789K" if d != digit])
            lines.append(written(rng, number, wrong))
            expected.append("digit")
    assert ask(probe, lines) == expected


def test_a_slip_of_the_pen_is_caught(probe):
    """Modulo 11 finds each single wrong digit and each swap of neighbours."""
    rng = random.Random(3)
    lines = []
    for _ in range(300):
        number = rng.randint(10_000_000, 99_999_999)
        right = "%d-%s" % (number, check_digit(number))
        for i in range(8):
            other = rng.choice([d for d in "123456789" if d != right[i]])
            lines.append(right[:i] + other + right[i + 1:])
            if i < 7 and right[i] != right[i + 1] and right[1] != "0":
                lines.append(right[:i] + right[i + 1] + right[i]
                             + right[i + 2:])
    assert set(ask(probe, lines)) == {"digit"}
    assert len(lines) > 3500
