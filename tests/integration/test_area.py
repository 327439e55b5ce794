"""Zones against Shapely: which side of an edge, how far, which are refused.

The reference works in degrees for sides, and for distances in metres on a
plane of its own around each point, from the ellipsoid's radii of curvature.
"""

import math
import os
import pathlib
import random
import subprocess

import pytest
from shapely.geometry import Point, Polygon
from shapely.ops import transform, unary_union

ROOT = pathlib.Path(__file__).resolve().parents[2]
SOURCES = ["tests/integration/area_probe.c", "backend/rules/area.c",
           "backend/rules/area_shape.c", "backend/rules/area_circle.c",
           "backend/rules/area_blame.c", "backend/rules/plane.c"]
FLAGS = ["-std=c11", "-O1", "-g", "-I.", "-D_GNU_SOURCE", "-Wall", "-Werror",
         "-fsanitize=address,undefined", "-fno-sanitize-recover=all"]
A, E2 = 6378137.0, 0.00669437999014	# WGS 84
ZONES = 2500
POINTS = 4	# of each zone: 10,000 in all


@pytest.fixture(scope="module")
def probe(tmp_path_factory):
    program = str(tmp_path_factory.mktemp("area") / "area_probe")
    subprocess.run([os.environ.get("CC", "gcc"), *FLAGS, "-o", program,
                    *SOURCES, "-lgeos_c", "-lm"], cwd=ROOT, check=True)
    return program


def ask(program, lines):
    done = subprocess.run([program], input="\n".join(lines) + "\n", text=True,
                          stdout=subprocess.PIPE, timeout=120, check=True)
    return done.stdout.splitlines()


def radii(lat):
    """Metres of a degree north and east at a latitude."""
    w = 1 - E2 * math.sin(math.radians(lat)) ** 2
    north = A * (1 - E2) / w ** 1.5
    east = A / math.sqrt(w) * math.cos(math.radians(lat))
    return math.radians(north), math.radians(east)


def around(lat, lon):
    """A projection of (lon, lat) to metres from that point."""
    north, east = radii(lat)
    return lambda x, y: ((x - lon) * east, (y - lat) * north)


def rounded(points):
    return [(round(x, 6), round(y, 6)) for x, y in points]


def star(rng, lat, lon, smallest, largest, corners):
    """A ring that does not cross itself, with bays: (lon, lat)."""
    north, east = radii(lat)
    angles = sorted(rng.uniform(0, 2 * math.pi) for _ in range(corners))
    ring = []
    for a in angles:
        r = rng.uniform(smallest, largest)
        ring.append((lon + r * math.sin(a) / east,
                     lat + r * math.cos(a) / north))
    return rounded(ring)


def circle(lat, lon, radius):
    """Points as far from the middle as the radii midway say."""
    ring = []
    for i in range(2048):
        a = 2 * math.pi * i / 2048
        dlat = radius * math.cos(a) / radii(lat)[0]
        north, east = radii(lat + dlat / 2)
        ring.append((lon + radius * math.sin(a) / east,
                     lat + radius * math.cos(a) / north))
    return Polygon(ring)


def e6(ring):
    return " ".join("%d %d" % (round(y * 1e6), round(x * 1e6))
                    for x, y in ring)


def random_area(rng, lat, lon, size):
    """Lines for the probe, and Shapely's own."""
    holes = []
    for i in range(rng.randrange(4)):
        # In sectors of the middle, so that they keep apart.
        north, east = radii(lat)
        a = 2 * math.pi * i / 4
        holes.append(star(rng, lat + size * .25 * math.cos(a) / north,
                          lon + size * .25 * math.sin(a) / east,
                          size * .02, size * .12, rng.randrange(3, 12)))
    # Whole, by Shapely's own word.
    holes = [h for h in holes if Polygon(h).is_valid and len(set(h)) > 2]
    lines = ["hole " + e6(h) for h in holes]
    if rng.random() < .4:
        radius = max(10, round(size * rng.uniform(.3, 1)))
        shape = circle(lat, lon, radius)
        for h in holes:
            if shape.disjoint(Polygon(h)):
                return random_area(rng, lat, lon, size)
            shape = shape.difference(Polygon(h))
        middle = "%d %d" % (round(lat * 1e6), round(lon * 1e6))
        return ["circle %s %d" % (middle, radius)] + lines, shape
    while True:
        outline = star(rng, lat, lon, size * .5, size,
                       rng.randrange(5, 40))
        shape = Polygon(outline, holes)
        if shape.is_valid:
            return ["ring " + e6(outline)] + lines, shape
        if not Polygon(outline).buffer(0).contains(unary_union(
                [Polygon(h) for h in holes])) or not Polygon(
                    outline).is_valid:
            continue


def random_zone(rng):
    lat, lon = rng.uniform(-60, 60), rng.uniform(-179, 179)
    size = 10 ** rng.uniform(1.5, 4)	# 30 m to 10 km
    lat, lon = round(lat, 6), round(lon, 6)
    lines, shape = random_area(rng, lat, lon, size)
    if rng.random() < .3:	# a second area, near or over the first
        north, east = radii(lat)
        more, other = random_area(
            rng, round(lat + rng.uniform(-2, 2) * size / north, 6),
            round(lon + rng.uniform(-2, 2) * size / east, 6), size)
        lines, shape = lines + more, shape.union(other)
    return lines, shape, size


def random_point(rng, shape, size):
    west, south, east, north = shape.bounds
    if rng.random() < .5:
        x = rng.uniform(1.5 * west - .5 * east, 1.5 * east - .5 * west)
        y = rng.uniform(1.5 * south - .5 * north, 1.5 * north - .5 * south)
    else:	# near an edge
        p = shape.boundary.interpolate(rng.random(), normalized=True)
        x = p.x + rng.gauss(0, 3e-4 if size > 300 else 3e-5)
        y = p.y + rng.gauss(0, 3e-4 if size > 300 else 3e-5)
    return round(x, 6), round(y, 6)


def test_sides_and_distances_are_shapelys(probe):
    rng = random.Random(20261121)
    lines, expected = [], []
    for i in range(ZONES):
        zone, shape, size = random_zone(rng)
        lines += ["zone z AAAA11", *zone, "put"]
        expected.append(None)
        for _ in range(POINTS):
            x, y = random_point(rng, shape, size)
            lines.append("judge AAAA11 %d %d 0"
                         % (round(y * 1e6), round(x * 1e6)))
            plane = transform(around(y, x), shape)
            expected.append((shape.contains(Point(x, y)),
                             plane.distance(Point(0, 0)),
                             plane.boundary.distance(Point(0, 0)), size))
    answers = ask(probe, lines)
    assert len(answers) == len(expected)
    compared = inside = 0
    worst = 0.0
    for answer, want in zip(answers, expected):
        if want is None:
            assert answer == "ok"
            continue
        where, metres, depth, _ = answer.split()
        contains, outside_m, edge_m, size = want
        # The plane's promise (over the point's distance from the middle,
        # tan 60 degrees = 1.7), and the centimetres of a circle, which count
        # for more where it meets another line.
        bound = .2 + edge_m * 1.8 * (size * 3 + edge_m) / 6.3e6
        if edge_m > .2:
            assert (where == "inside") == contains, (answer, want)
            compared += 1
        inside += contains
        for ours, theirs in ((float(metres), outside_m),
                             (float(depth), edge_m if contains else 0)):
            if edge_m > .35:
                assert abs(ours - theirs) <= bound, (answer, want)
                worst = max(worst, abs(ours - theirs) / bound)
    print("%d points, %d inside, %d of them not within 0.2 m of an edge, "
          "worst %.2f of the bound" % (ZONES * POINTS, inside, compared,
                                       worst))
    assert ZONES * POINTS * .2 < inside < ZONES * POINTS * .8
    assert compared > .97 * ZONES * POINTS


def test_what_shapely_calls_invalid_is_refused(probe):
    rng = random.Random(4)
    lines, expected = [], []
    for _ in range(2000):
        lat, lon, size = -33.4, -70.6, 400
        outline = star(rng, lat, lon, 50, size, rng.randrange(4, 12))
        if rng.random() < .5:
            i, j = rng.sample(range(len(outline)), 2)
            outline[i], outline[j] = outline[j], outline[i]
        holes = [star(rng, lat + rng.uniform(-2e-3, 2e-3), lon, 5, 60, 5)
                 for _ in range(rng.randrange(3))]
        lines += ["zone z", "ring " + e6(outline)]
        lines += ["hole " + e6(h) for h in holes] + ["put"]
        expected.append((Polygon(outline, holes).is_valid,
                         Polygon(outline).is_valid,
                         [Polygon(h).is_valid for h in holes]))
    answers = ask(probe, lines)
    assert len(answers) == len(expected)
    refused = 0
    for answer, (valid, outline_valid, hole_valid) in zip(answers, expected):
        assert (answer == "ok") == valid, answer
        if valid:
            continue
        refused += 1
        word, area, ring, rest = answer.split(" ", 3)
        assert (word, area) == ("fault", "0")
        if not outline_valid:
            assert ring == "0" and rest.startswith("the outline of area 1")
        elif not all(hole_valid):
            first = hole_valid.index(False) + 1
            assert int(ring) == first
            assert rest.startswith("hole %d of area 1" % first)
        else:
            assert int(ring) >= 1, answer
            assert "outline" in rest or "hole" in rest
    assert 200 < refused < 1900
