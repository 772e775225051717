#!/usr/bin/env python3
"""Writes files as C arrays: gcc 12 has no #embed.

usage: embed.py OUT.c PREFIX NAME=FILE...

Each file becomes `const unsigned char PREFIX_NAME[]`, with a NUL after its
end that `const size_t PREFIX_NAME_bytes` does not count.
"""

import sys


def array(name, data):
    rows = []
    for at in range(0, len(data), 20):
        rows.append(",".join(str(b) for b in data[at:at + 20]) + ",")
    body = "\n".join(rows)
    return (f"extern const unsigned char {name}[];\n"
            f"extern const size_t {name}_bytes;\n"
            f"const unsigned char {name}[] = {{\n{body}\n0}};\n"
            f"const size_t {name}_bytes = {len(data)};\n")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    out, prefix = sys.argv[1:3]
    parts = ["#include <stddef.h>\n"]
    for pair in sys.argv[3:]:
        name, _, path = pair.partition("=")
        with open(path, "rb") as f:
            parts.append(array(f"{prefix}_{name}", f.read()))
    with open(out, "w", encoding="ascii") as f:
        f.write("\n".join(parts))


main()
