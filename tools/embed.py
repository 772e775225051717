#!/usr/bin/env python3
"""Writes files as C arrays: gcc 12 has no #embed.

usage: embed.py OUT.c PREFIX NAME=FILE...
       embed.py OUT.c PREFIX --table FILE...

Each file becomes `const unsigned char PREFIX_NAME[]`, with a NUL after its
end that `const size_t PREFIX_NAME_bytes` does not count. With --table the
files are rows of `PREFIX_table` (base/embedded.h) under their own names.
"""

import pathlib
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


def table(out, prefix, paths):
    parts = ['#include "base/embedded.h"\n']
    rows = []
    for i, path in enumerate(paths):
        data = pathlib.Path(path).read_bytes()
        parts.append("static " + array(f"{prefix}_{i}", data).split(
            "_bytes;\n", 1)[1].rsplit("const size_t", 1)[0])
        rows.append(f'{{"{pathlib.Path(path).name}", '
                    f"{{(const char *){prefix}_{i}, {len(data)}}}}},")
    parts.append(f"const struct embedded {prefix}_table[] = {{\n"
                 + "\n".join(rows)
                 + f"\n}};\nconst size_t {prefix}_table_n = {len(rows)};\n")
    pathlib.Path(out).write_text("\n".join(parts), encoding="ascii")


def main():
    if len(sys.argv) < 4:
        sys.exit(__doc__)
    out, prefix = sys.argv[1:3]
    if sys.argv[3] == "--table":
        return table(out, prefix, sys.argv[4:])
    parts = ["#include <stddef.h>\n"]
    for pair in sys.argv[3:]:
        name, _, path = pair.partition("=")
        with open(path, "rb") as f:
            parts.append(array(f"{prefix}_{name}", f.read()))
    with open(out, "w", encoding="ascii") as f:
        f.write("\n".join(parts))


main()
