#!/usr/bin/env python3
"""document.py [--total N] [--package DIR] SCHEMA PROGRAM ARGUMENT...

Runs a program that writes a profile document, twice; the bytes must be the
same. Checks the document against the schema and then what a schema cannot say:
sums, units, names, references, and that no withheld count can be had back from
a row, a column or another table by subtraction. With --package the test is
skipped where that directory is absent.
"""
import importlib.machinery
import importlib.util
import json
import os
import subprocess
import sys

TOOLS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..",
                     "tools", "validate")
STATES = {"withheld", "source", "missing", "undefined"}
SIGNED = {"growth", "change", "change_share", "migrants_change_share"}
faults = []


def fault(*words):
    faults.append(" ".join(str(word) for word in words))


def validator():
    loader = importlib.machinery.SourceFileLoader("validate", TOOLS)
    spec = importlib.util.spec_from_loader("validate", loader)
    module = importlib.util.module_from_spec(spec)
    sys.dont_write_bytecode = True
    loader.exec_module(module)
    return module


def walk(node, at=""):
    yield at, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, f"{at}/{key}")
    elif isinstance(node, list):
        for i, value in enumerate(node):
            yield from walk(value, f"{at}/{i}")


def is_table(node):
    return isinstance(node, dict) and "columns" in node and "rows" in node


def is_names(node):
    return (isinstance(node, dict) and node and
            all(len(key) == 2 and key.islower() for key in node) and
            all(isinstance(value, str) for value in node.values()))


def known(cell):
    """The number that a reader sees, or None."""
    if isinstance(cell, dict):
        return cell.get("at_least")
    return cell if isinstance(cell, (int, float)) else None


class Sheet:
    def __init__(self, table):
        self.codes = [column["code"] for column in table["columns"]]
        self.rows = table["rows"]

    def column(self, code):
        i = self.codes.index(code)
        return [row[i] for row in self.rows]

    def dicts(self):
        return [dict(zip(self.codes, row)) for row in self.rows]


def check_names(doc):
    languages = doc["languages"]
    for at, node in walk(doc):
        if is_names(node) and not at.endswith("/markdown") and \
                not at.startswith("/names/areas"):
            if list(node) != languages:
                fault(at, "has the languages", list(node))
            for text in node.values():
                if "{" in text or "}" in text:
                    fault(at, "has a place that was not filled:", text)


def check_cell(doc, at, table, column, cell):
    kind = column["kind"]
    if kind == "number":
        if cell is not None and known(cell) is None and cell not in STATES:
            fault(at, "is no number:", cell)
        if column["unit"] == "share" and column["code"] not in SIGNED and \
                known(cell) is not None and not 0 <= known(cell) <= 1:
            fault(at, "is no share:", cell)
    elif cell is None:
        return
    elif kind == "area" and cell not in doc["names"]["areas"]:
        fault(at, "names no area:", cell)
    elif kind == "origin" and cell not in doc["names"]["origins"]:
        fault(at, "names no origin:", cell)
    elif kind == "term" and cell not in table.get("terms", {}):
        fault(at, "is no term of the table:", cell)
    elif kind in ("code", "period") and not isinstance(cell, str):
        fault(at, "is no text:", cell)


def check_tables(doc):
    tables = {}
    for at, table in walk(doc):
        if not is_table(table):
            continue
        if table["code"] in tables:
            fault(at, "repeats the code", table["code"])
        tables[table["code"]] = Sheet(table)
        codes = tables[table["code"]].codes
        if len(set(codes)) != len(codes):
            fault(at, "has a column twice")
        for i, row in enumerate(table["rows"]):
            if len(row) != len(codes):
                fault(at, "row", i, "has", len(row), "of", len(codes))
            for column, cell in zip(table["columns"], row):
                check_cell(doc, f"{at}/{i}/{column['code']}", table, column,
                           cell)
    return tables


def check_numbers(doc):
    for at, node in walk(doc):
        if not (isinstance(node, dict) and "value" in node and "period" in node):
            continue
        value, status = node["value"], node.get("status")
        if value is None and status not in STATES:
            fault(at, "has no value and no reason:", status)
        if value is not None and status in STATES:
            fault(at, "has a value and the status", status)
        if value is not None and node["unit"] == "share" and \
                at.rsplit("/", 1)[1] not in SIGNED and not 0 <= value <= 1:
            fault(at, "is no share:", value)
        if value is not None and node["unit"] == "index" and \
                not -1 <= value <= 1 and node.get("code") not in UNBOUNDED:
            fault(at, "is out of bounds:", value)


UNBOUNDED = {"squared_coefficient_of_variation"}


def check_figures(doc, tables):
    seen = set()
    for figure in doc["figures"]:
        code = figure["code"]
        if code in seen or code in tables:
            fault("figure", code, "repeats a code")
        seen.add(code)
        if figure["table"] not in tables:
            fault("figure", code, "has no table", figure["table"])
            continue
        sheet = tables[figure["table"]]
        kind = figure["kind"]
        wanted = [figure[key] for key in
                  ("value", "area", "label", "low", "high", "from", "to",
                   "sex", "age", "share") if key in figure]
        wanted += figure.get("items", []) + figure.get("also", [])
        if kind == "lines":
            wanted += [figure["x"]]
        if kind in ("columns", "lines"):
            wanted += figure["series"]
        for column in wanted:
            if column not in sheet.codes:
                fault("figure", code, "has no column", column)
        if kind == "pyramid":
            groups = set(sheet.column("group"))
            for group in figure["groups"]:
                if group not in groups:
                    fault("figure", code, "has no group", group)
        for series in figure["series"] if kind == "concentration" else []:
            xs, ys = series["xy"][0::2], series["xy"][1::2]
            if len(xs) != len(ys) or xs != sorted(xs) or ys != sorted(ys) or \
                    (xs[0], ys[0], xs[-1], ys[-1]) != (0, 0, 1, 1):
                fault("figure", code, series["code"], "is no curve")
            if any(y > x + 1e-3 for x, y in zip(xs, ys)):
                fault("figure", code, series["code"], "is over the diagonal")
    for i, chapter in enumerate(doc["chapters"]):
        if chapter["order"] != i:
            fault("chapter", chapter["code"], "is out of order")
        for code in chapter["figures"]:
            if code not in seen:
                fault("chapter", chapter["code"], "has no figure", code)
    if len({chapter["code"] for chapter in doc["chapters"]}) != \
            len(doc["chapters"]):
        fault("a chapter stands twice")


def check_line(doc, name, total, parts):
    """A total and its parts: the sum holds, and nothing withheld is told."""
    below = doc["protection"]["below"]
    shown = [known(part) for part in parts if known(part) is not None]
    hidden = sum(part == "withheld" for part in parts)
    unknown = any(part in ("source", "missing") or isinstance(part, dict)
                  for part in parts)
    top = known(total)
    if isinstance(total, str) and total == "withheld":
        if doc["protection"]["secondary"] and hidden == 0:
            fault(name, "tells its withheld total")
        return
    if top is None:
        return
    rest = top - sum(shown)
    if hidden == 0 and rest != 0:
        fault(name, "does not add up:", top, "is not", sum(shown))
    if hidden and rest < hidden:
        fault(name, "leaves", rest, "for", hidden, "withheld")
    if unknown and not isinstance(total, dict):
        fault(name, "has unknown parts but is not at least")
    if hidden and doc["protection"]["secondary"] and \
            (hidden < 2 or rest - (hidden - 1) < below):
        fault(name, "leaves", rest, "for", hidden, "withheld: that tells")


def number_cell(number):
    if number["value"] is None:
        return number["status"]
    if number.get("status") == "at-least":
        return {"at_least": number["value"]}
    return number["value"]


def check_sums(doc, tables):
    population = doc["population"]
    total = number_cell(population["total"])
    groups = {"majority": number_cell(population["majority"]),
              "migrants": number_cell(population["migrants"])}
    majority = set(doc["majority"])
    origins = {row["origin"]: row["count"] for row in tables["origins"].dicts()}
    areas = tables["areas"].dicts()
    check_line(doc, "groups", total, list(groups.values()))
    check_line(doc, "origins", total, list(origins.values()))
    check_line(doc, "migrant origins", groups["migrants"],
               [n for code, n in origins.items() if code not in majority])
    check_line(doc, "areas", total, [row["population"] for row in areas])
    check_line(doc, "migrants by area", groups["migrants"],
               [row["migrants"] for row in areas])
    counts = {row["area"]: row for row in tables["area-counts"].dicts()}
    if set(counts) != {row["area"] for row in areas}:
        fault("the tables of areas have different areas")
    for row in areas:
        cells = {code: n for code, n in
                 counts.get(row["area"], {}).items()
                 if code != "area"}
        check_line(doc, f"area {row['area']}", row["population"],
                   list(cells.values()))
        check_line(doc, f"migrants of {row['area']}", row["migrants"],
                   [n for code, n in cells.items() if code not in majority])
    for code, count in origins.items():
        check_line(doc, f"origin {code}", count,
                   [row.get(code, 0) for row in counts.values()])
    check_people(doc, tables, {**groups, **origins})
    for row in tables["population-series"].dicts():
        if row["period"] == doc["period"] and \
                (row["total"], row["migrants"]) != (total, groups["migrants"]):
            fault("the series differs from the totals")


def check_people(doc, tables, totals):
    """Sexes and ages of each group."""
    sexes = tables.get("population-sex")
    ages = tables.get("population-structure")
    by_sex = {}
    for row in sexes.dicts() if sexes else []:
        cells = {sex: row[sex] for sex in ("female", "male", "other")
                 if row[sex] is not None}
        by_sex[row["group"]] = cells
        check_line(doc, f"sexes of {row['group']}", totals[row["group"]],
                   list(cells.values()))
    by_age = {}
    for row in ages.dicts() if ages else []:
        by_age.setdefault((row["group"], row["sex"]), []).append(row["count"])
    for (group, sex), cells in by_age.items():
        if sex is not None:
            check_line(doc, f"ages of {group} {sex}", by_sex[group][sex], cells)
        else:
            check_line(doc, f"ages of {group}", totals[group], cells)


def check_outcomes(doc, tables):
    for row in tables["outcomes"].dicts() if "outcomes" in tables else []:
        for name in ("", "gap", "ratio"):
            low, value, high = (row[f"{name}_low" if name else "low"],
                                row[name or "value"],
                                row[f"{name}_high" if name else "high"])
            numbers = [known(x) for x in (low, value, high)]
            if None not in numbers and numbers != sorted(numbers):
                fault("outcome", row["group"], name, "is outside its interval")
        if known(row["numerator"]) is not None and \
                known(row["value"]) is not None and \
                abs(row["value"] - row["numerator"] / row["denominator"]) > 1e-6:
            fault("outcome", row["group"], "is not its share")
        if "withheld" in (row["numerator"], row["denominator"]) and \
                row["value"] != "withheld":
            fault("outcome", row["group"], "tells a withheld count")


KINDS = ["high-high", "low-low", "high-low", "low-high", "not-sure"]


def discovery_cut(ps):
    """Benjamini and Hochberg at 5 %, by the book: largest k with p_k small."""
    ps = sorted(ps)
    fits = [p for k, p in enumerate(ps, 1) if p <= 0.05 * k / len(ps) + 1e-12]
    return max(fits, default=0)


def check_sureness(doc, tables):
    """An interval holds the value freed of chance."""
    measures = doc["measures"]
    for number in measures["city"] + measures["migrants"]:
        if "debiased" in number and not \
                number["low"] <= number["debiased"] <= number["high"]:
            fault(number["code"], "is outside its interval")
    for row in tables["measures-origins"].dicts():
        low, value, high = (known(row.get(f"dissimilarity_{key}"))
                            for key in ("low", "debiased", "high"))
        if low is not None and not low <= value <= high:
            fault("dissimilarity of", row["origin"], "is outside its interval")


def check_clusters(doc, tables):
    """Classes follow from shares and p; the tallies from the classes."""
    if "area-clusters" not in tables:
        if "absent" not in doc["distribution"]["clusters"]:
            fault("the clusters are neither there nor absent")
        return
    rows = tables["area-clusters"].dicts()
    areas = {row["area"]: row for row in tables["areas"].dicts()}
    taking = [row for row in rows if row["cluster"] in KINDS]
    shares = [row["share"] for row in rows if known(row["share"]) is not None]
    mean = sum(shares) / len(shares)
    cut = discovery_cut([row["p"] for row in taking])
    for row in rows:
        area = areas[row["area"]]
        if area["migrants"] == "withheld" and row["cluster"] != "withheld":
            fault("the cluster of", row["area"], "uses a withheld count")
        if area["migrants"] == "withheld" and row["share"] != "withheld":
            fault("the share in", row["area"], "tells a withheld count")
        if known(row["share"]) is not None and abs(
                row["share"] - known(area["migrants"]) /
                known(area["population"])) > 1e-6:
            fault("the share in", row["area"], "is not the area's")
    for row in taking:
        if (row["cluster"] != "not-sure") != (row["p"] <= cut):
            fault("the cluster of", row["area"], "does not follow from its p")
        high, near = row["share"] >= mean, row["moran"] >= 0
        if row["cluster"] not in ("not-sure", {
                (True, True): "high-high", (True, False): "high-low",
                (False, False): "low-high", (False, True): "low-low"}[
                    high, near]):
            fault("the cluster of", row["area"], "is of the wrong kind")
    for row in tables["measures-clusters"].dicts():
        code = row["group"]
        column = [r["cluster" if code == "migrants" else f"cluster_{code}"]
                  for r in rows]
        for kind in KINDS:
            if column.count(kind) != row[kind.replace("-", "_")]:
                fault("clusters of", code, kind, "are not", column.count(kind))
        if row["areas"] + row["left_out"] != len(rows) or \
                row["areas"] != sum(column.count(kind) for kind in KINDS):
            fault("clusters of", code, "miss areas")


def check_scales(doc, tables):
    """The ratio is that of the ends of the curves."""
    if "measures-bandwidths" not in tables:
        return
    rows = tables["measures-bandwidths"].dicts()
    radii = [row["bandwidth"] for row in rows]
    if radii != sorted(radii) or radii[0] != 500 or radii[-1] != 4000:
        fault("the bandwidths are", radii)
    for row in tables["measures-scales"].dicts():
        first, last = rows[0][row["group"]], rows[-1][row["group"]]
        if (row["micro"], row["macro"]) != (first, last):
            fault("the scales of", row["group"], "are not its curve's ends")
        if known(row["ratio"]) is not None and \
                abs(row["ratio"] - max(0, last) / first) > 0.0051:
            fault("the ratio of", row["group"], "is", row["ratio"])
        if known(row["ratio"]) is not None and first < 0.01:
            fault("the ratio of", row["group"], "is of nothing")


def check(doc, options):
    check_names(doc)
    tables = check_tables(doc)
    check_numbers(doc)
    check_figures(doc, tables)
    check_sums(doc, tables)
    check_outcomes(doc, tables)
    check_sureness(doc, tables)
    check_clusters(doc, tables)
    check_scales(doc, tables)
    if "total" in options and \
            doc["population"]["total"]["value"] != int(options["total"]):
        fault("the total is", doc["population"]["total"]["value"])


def main(arguments):
    options = {}
    while arguments and arguments[0].startswith("--"):
        options[arguments[0][2:]] = arguments[1]
        arguments = arguments[2:]
    if "package" in options and not os.path.isdir(options["package"]):
        print(f"1..0 # SKIP {options['package']} is not there")
        return 0
    schema, program = arguments[0], arguments[1:]
    runs = [subprocess.run(program, stdout=subprocess.PIPE, check=True).stdout
            for _ in range(2)]
    if runs[0] != runs[1]:
        fault("two runs differ")
    doc = json.loads(runs[0])
    module = validator()
    for at, text in module.Validator(module.load(schema)).faults(doc):
        fault(at, text)
    check(doc, options)
    for text in faults[:40]:
        print(text)
    if len(faults) > 40:
        print(len(faults) - 40, "more")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
