#!/usr/bin/env python3
"""The land of the world for our maps, from Natural Earth.

usage: land.py OUT SOURCE

SOURCE is "npm": the package world-atlas in the version below, whose bytes
must be the ones named here; or the path of its land-50m.json; or "none": maps
without coasts. Where npm cannot be had, the maps are without coasts too, and
a warning says so: nobody shall be kept from building.

OUT: "land", then varints: number of rings, and for each ring the number of
its points and their zigzag differences from the point before, longitude and
latitude, in hundredths of a degree. A ring is not closed.
"""

import base64
import hashlib
import json
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tempfile

PACKAGE = "world-atlas@2.0.2"
SHA512 = ("IXfV0qwlKXpckz1FhwXVwKRjiIhOnWttOskm5CtxMsjgE/MXAYRHWJqgXOpM8Ikc"
          "PBoXnyTU5lFHcYa5ChG0LQ==")
MEMBER = "package/land-50m.json"
STEPS_A_DEGREE = 100


def fetch():
    """land-50m.json from the registry, through npm."""
    if not shutil.which("npm"):
        raise OSError("npm is not installed")
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            ["npm", "pack", PACKAGE, "--prefer-offline", "--silent",
             "--fetch-retries=4", f"--pack-destination={folder}"],
            cwd=folder, capture_output=True, timeout=240)
        packed = list(pathlib.Path(folder).glob("*.tgz"))
        if done.returncode or not packed:
            raise OSError("npm cannot fetch " + PACKAGE)
        digest = hashlib.sha512(packed[0].read_bytes()).digest()
        if digest != base64.b64decode(SHA512):
            sys.exit(f"land.py: {PACKAGE} is not the package it was")
        with tarfile.open(packed[0]) as archive:
            return json.load(archive.extractfile(MEMBER))


def decode(topology):
    """Arcs as steps of the grid, each with its absolute points."""
    sx, sy = topology["transform"]["scale"]
    tx, ty = topology["transform"]["translate"]
    for arc in topology["arcs"]:
        x = y = 0
        points = []
        for dx, dy in arc:
            x, y = x + dx, y + dy
            points.append((round((x * sx + tx) * STEPS_A_DEGREE),
                           round((y * sy + ty) * STEPS_A_DEGREE)))
        yield points


def rings(topology):
    arcs = list(decode(topology))
    for shape in topology["objects"]["land"]["geometries"]:
        polygons = shape["arcs"]
        if shape["type"] == "Polygon":
            polygons = [polygons]
        for ring in (ring for polygon in polygons for ring in polygon):
            points = []
            for at in ring:
                arc = arcs[at] if at >= 0 else arcs[~at][::-1]
                points += arc if not points else arc[1:]
            kept = [p for i, p in enumerate(points) if p != points[i - 1]]
            if len(kept) > 3 or len(set(kept)) > 2:
                yield kept


def varint(out, v):
    while v > 127:
        out.append(v & 127 | 128)
        v >>= 7
    out.append(v)


def encode(all_rings):
    out = bytearray(b"land")
    varint(out, len(all_rings))
    for ring in all_rings:
        varint(out, len(ring))
        before = (0, 0)
        for point in ring:
            for new, old in zip(point, before):
                step = new - old
                varint(out, step << 1 if step >= 0 else (-step << 1) - 1)
            before = point
    return bytes(out)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    out, source = sys.argv[1:]
    found = []
    if source == "npm":
        try:
            found = list(rings(fetch()))
        except (OSError, subprocess.TimeoutExpired) as why:
            print(f"warning: the maps of the network have no coasts: {why}.\n"
                  "To draw them later, remove this file and build again: "
                  f"{out}", file=sys.stderr)
    elif source != "none":
        text = pathlib.Path(source).read_text(encoding="utf-8")
        found = list(rings(json.loads(text)))
    pathlib.Path(out).write_bytes(encode(found))


main()
