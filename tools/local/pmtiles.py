"""A map of a town that is nowhere, as a PMTiles file of PNG images: streets in
a grid, parks, a canal.  Drawn by us, so anybody's to use.

    pmtiles.write(path, (-70.70, -33.48, -70.60, -33.40), range(11, 16))

The format is https://github.com/protomaps/PMTiles version 3: a head of 127
bytes, a directory of the tiles' places along a Hilbert curve, the images.
"""
import gzip
import json
import math
import struct
import zlib

SIZE = 256
# Lengths on the ground are in pixels of this zoom.
FINE = 20
BLOCK, STREET, AVENUE = 1536, 96, 192
BLOCKS_TO_AVENUE = 8
PAPER, WAY, PARK, WATER, YARD = range(5)
COLOURS = bytes.fromhex("f2efe9" "ffffff" "cfe6c4" "aad3df" "e6dfd3")
GZIP, NONE, PNG = 2, 1, 2


# Where a tile is.

def tile_at(lon, lat, zoom):
    """x, y of the tile that holds a place."""
    n, phi = 1 << zoom, math.radians(lat)
    return (min(n - 1, int((lon + 180) / 360 * n)),
            min(n - 1, int((1 - math.asinh(math.tan(phi)) / math.pi)
                           / 2 * n)))


def number(z, x, y):
    """Of the tile along the curve, all of the zooms above before it."""
    found = (4 ** z - 1) // 3
    for bit in reversed(range(z)):
        side = 1 << bit
        right, down = int(bool(x & side)), int(bool(y & side))
        found += side * side * ((3 * right) ^ down)
        if not down:
            if right:
                x, y = side - 1 - x, side - 1 - y
            x, y = y, x
        x, y = x & side - 1, y & side - 1
    return found


# What is to be seen there.

def block_of(zoom):
    """From far away only every eighth street is seen, and so on."""
    block = BLOCK
    while block << zoom < 12 << FINE:
        block *= BLOCKS_TO_AVENUE
    return block


def ground(across, down):
    if (across + 2 * down) % 29 == 0:
        return WATER
    return (PARK, YARD, YARD)[kind] if (
        kind := (across * 73856093 ^ down * 19349663) % 11) < 3 else PAPER


def strips(zoom, tile):
    """The pixels of a tile along one axis: (block, is a way) of each."""
    block, pixel = block_of(zoom), 1 << FINE - zoom
    found = []
    for i in range(SIZE):
        at = (tile * SIZE + i) * pixel
        width = AVENUE if at // block % BLOCKS_TO_AVENUE == 0 else STREET
        found.append((at // block,
                      at % block < max(width * block // BLOCK // 2, pixel)))
    return found


def image(zoom, x, y):
    across, rows, known = strips(zoom, x), [], {}
    for down in strips(zoom, y):
        if down not in known:
            known[down] = b"\0" + bytes(
                WAY if down[1] or way else ground(block, down[0])
                for block, way in across)
        rows.append(known[down])
    return png(b"".join(rows))


def png(rows):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(
            ">I", zlib.crc32(kind + data))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(
        ">IIBBBBB", SIZE, SIZE, 8, 3, 0, 0, 0)) + chunk(
        b"PLTE", COLOURS) + chunk(b"IDAT", zlib.compress(rows, 9)) + chunk(
        b"IEND", b"")


# The file.

def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def directory(entries):
    """entries: (number, offset, length), in order."""
    numbers = [e[0] for e in entries]
    columns = [[a - b for a, b in zip(numbers, [0] + numbers)],
               [1] * len(entries), [e[2] for e in entries],
               [e[1] + 1 for e in entries]]
    return gzip.compress(varint(len(entries)) + b"".join(
        varint(n) for column in columns for n in column), mtime=0)


def place(lon, lat):
    return struct.pack("<ii", round(lon * 1e7), round(lat * 1e7))


def head(root, about, data, entries, contents, zooms, box):
    west, south, east, north = box
    middle = place((west + east) / 2, (south + north) / 2)
    parts, at = b"", 127
    for length in len(root), len(about), 0, data:
        parts += struct.pack("<QQ", at, length)
        at += length
    return b"PMTiles\3" + parts + struct.pack(
        "<QQQ", entries, entries, contents) + bytes(
        [0, GZIP, NONE, PNG, min(zooms), max(zooms)]) + place(
        west, south) + place(east, north) + bytes([min(zooms)]) + middle


def write(path, box, zooms):
    """box: (west, south, east, north)."""
    west, south, east, north = box
    entries, images, at = [], {}, 0
    for z in zooms:
        left, top = tile_at(west, north, z)
        right, bottom = tile_at(east, south, z)
        for x in range(left, right + 1):
            for y in range(top, bottom + 1):
                data = image(z, x, y)
                if data not in images:
                    images[data], at = at, at + len(data)
                entries.append((number(z, x, y), images[data], len(data)))
    entries.sort()
    root = directory(entries)
    assert 127 + len(root) <= 16384, "too many tiles for one directory"
    about = gzip.compress(json.dumps({
        "name": "a town that is nowhere", "attribution": ""}).encode(),
        mtime=0)
    with open(path, "wb") as f:
        f.write(head(root, about, at, len(entries), len(images), zooms, box)
                + root + about + b"".join(images))
