#!/usr/bin/env python3
"""test_document.py SCHEMA WRITE_TOWN: the checks themselves can fail.

One change to a sound document each; the schema or document.py must say so.
"""
import copy
import json
import os
import subprocess
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import document  # noqa: E402


def column(doc, path, code, row, value):
    table = doc
    for step in path.split("/"):
        table = table[step]
    i = [c["code"] for c in table["columns"]].index(code)
    table["rows"][row][i] = value


def lone_withheld(doc):
    """Shows all but one of the withheld counts of the first such area."""
    table = doc["distribution"]["counts"]
    population = {row[0]: row[3] for row in
                  doc["distribution"]["areas"]["rows"]}
    for row in table["rows"]:
        hidden = [i for i, cell in enumerate(row) if cell == "withheld"]
        if len(hidden) >= 2 and isinstance(population[row[0]], int):
            for i in hidden[1:]:
                row[i] = 1
            return
    raise AssertionError("no area with two withheld counts")


BY_SCHEMA = {
    "unknown key": lambda d: d.update(extra=1),
    "key missing": lambda d: d.pop("figures"),
    "unknown unit": lambda d: d["population"]["total"].update(unit="people"),
    "unknown status": lambda d: d["population"]["total"].update(status="no"),
    "text for a number": lambda d: d["population"]["total"].update(value="1"),
    "true for a number": lambda d: d["population"]["total"].update(value=True),
    "no language": lambda d: d.update(title={}),
    "long language": lambda d: d.update(title={"eng": "x"}),
    "unknown kind": lambda d: d["figures"][0].update(kind="pie"),
    "figure key missing": lambda d: d["figures"][0].pop("value"),
    "unknown column key": lambda d:
        d["origins"]["table"]["columns"][0].update(color="red"),
    "empty code": lambda d: d["origins"]["table"].update(code=""),
    "language twice": lambda d: d.update(languages=["en", "en"]),
    "negative cells": lambda d: d["protection"].update(withheld_cells=-1),
    "both absent and not": lambda d:
        d["access"].update(absent={"en": "x"}),
    "curve out of bounds": lambda d: next(
        f for f in d["figures"] if f["kind"] == "concentration")
        ["series"][0]["xy"].__setitem__(2, 1.5),
    "unknown schema": lambda d: d.update(schema="passerelle.profile/2"),
}
BY_CHECK = {
    "total changed": lambda d: d["population"]["total"].update(value=1),
    "origin changed": lambda d: column(d, "origins/table", "count", 0, 7),
    "area changed": lambda d:
        column(d, "distribution/areas", "population", 0, 7),
    "share above one": lambda d:
        column(d, "distribution/areas", "share", 0, 1.2),
    "row too short": lambda d: d["origins"]["table"]["rows"][0].pop(),
    "unknown area": lambda d: column(d, "distribution/areas", "area", 0, "zz"),
    "unknown origin": lambda d: column(d, "origins/table", "origin", 0, "QQ"),
    "unknown term": lambda d: column(d, "outcomes/table", "group", 0, "QQ"),
    "language missing": lambda d: d["title"].pop("fr"),
    "place not filled": lambda d: d["title"].update(en="In {city}"),
    "code twice": lambda d: d["origins"]["table"].update(code="areas"),
    "figure without table": lambda d: d["figures"][0].update(table="none"),
    "figure without column": lambda d: d["figures"][0].update(value="none"),
    "chapter without figure": lambda d:
        d["chapters"][0]["figures"].append("none"),
    "chapter out of order": lambda d: d["chapters"].reverse(),
    "withheld told by its area": lone_withheld,
    "withheld share shown": lambda d:
        column(d, "outcomes/table", "value", 2, 0.15),
    "outside its interval": lambda d:
        column(d, "outcomes/table", "low", 0, 0.99),
    "value and no value": lambda d:
        d["population"]["total"].update(status="withheld"),
    "series differs": lambda d:
        column(d, "population/series", "total", 1, 1),
}


def main(arguments):
    schema, program = arguments
    module = document.validator()
    sound = json.loads(subprocess.run([program, "full"], check=True,
                                      stdout=subprocess.PIPE).stdout)
    check = module.Validator(module.load(schema))
    bad = 0

    def report(name):
        nonlocal bad
        bad += 1
        print("not noticed:", name)

    if check.faults(sound):
        report("the sound document has faults")
    for name, change in BY_SCHEMA.items():
        doc = copy.deepcopy(sound)
        change(doc)
        if not check.faults(doc):
            report(name)
    for name, change in BY_CHECK.items():
        doc = copy.deepcopy(sound)
        change(doc)
        document.faults.clear()
        try:
            document.check(doc, {})
        except KeyError as missing:
            document.fault("nothing is called", missing)
        if not document.faults:
            report(name)
    try:
        list(module.Validator({"unheard": 1}).faults({}))
        report("a keyword that the validator does not know")
    except ValueError:
        pass
    print(len(BY_SCHEMA) + len(BY_CHECK), "changes,", bad, "not noticed")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
