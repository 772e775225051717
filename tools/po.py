#!/usr/bin/env python3
"""Messages of the sources and their catalogues.

usage: po.py extract        the template on standard output
       po.py merge          bring locale/*.po up to date with the sources
       po.py missing LANG   messages of LANG that need work, as a .po
       po.py check          fail unless fr and ar are complete

A message is what stands in N_("..."), in the second argument of lang_text and
in the second and third of lang_plural, in src, include, records and routes; and
what stands in {{_ ...}} in templates.
"""

import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOCALE = ROOT / "locale"
FOLDERS = ["src", "include", "records", "routes"]
KEYWORDS = ["--keyword", "--keyword=N_", "--keyword=lang_text:2",
            "--keyword=lang_plural:2,3"]
PLACES = re.compile(r"\{[a-z_]\w*\}|%(?:\d+\$)?[-+0#]*\d*(?:\.\d+)?"
                    r"(?:hh|ll|[hlzjt])?[sduxgfc]")

TEMPLATE_TEXT = re.compile(r"\{\{_\s*(.*?)\s*\}\}", re.S)
NUMBERS = ("{n}", "%llu", "%zu", "%u", "%d")


def sources():
    for folder in FOLDERS:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in (".c", ".h", ".def"):
                yield str(path.relative_to(ROOT))


def run(args, **more):
    return subprocess.run(args, check=True, cwd=ROOT, **more)


def template_messages():
    """The texts of the templates as a .po, blanks as the loader reads them."""
    yield ('msgid ""\nmsgstr "Content-Type: text/plain; charset=UTF-8\\n"\n')
    for path in sorted((ROOT / "templates").glob("*.html")):
        for found in TEMPLATE_TEXT.findall(path.read_text(encoding="utf-8")):
            text = " ".join(found.split()).replace("\\", r"\\")
            text = text.replace('"', r"\"")
            yield f'#: templates/{path.name}\nmsgid "{text}"\nmsgstr ""\n'


def with_templates(text):
    with tempfile.TemporaryDirectory() as folder:
        a, b = pathlib.Path(folder, "a.po"), pathlib.Path(folder, "b.po")
        a.write_text(text, encoding="utf-8")
        once = run(["msguniq", "--no-wrap", "-"], text=True,
                   input="\n".join(template_messages()), capture_output=True)
        b.write_text(once.stdout, encoding="utf-8")
        return run(["msgcat", "--use-first", "--no-wrap", "--sort-output",
                    "--add-location=file", str(a), str(b)], text=True,
                   capture_output=True).stdout


def extract():
    out = run(["xgettext", "--language=C", "--from-code=UTF-8", "--output=-",
               "--no-wrap", "--sort-output", "--add-location=file",
               "--package-name=passerelle", "--force-po", "--files-from=-",
               *KEYWORDS],
              input="\n".join(sources()), text=True, capture_output=True)
    # The clock would make every extraction another one.
    text = re.sub(r'"POT-Creation-Date:.*\n', "", out.stdout)
    text = "\n\n".join(plain_percent(b) for b in text.split("\n\n"))
    return with_templates(text)


def plain_percent(block):
    """xgettext takes the "% i" of "95% intervals" for a conversion."""
    message = block[block.find("msgid"):]
    if re.search(r"%[^%]", message) and not PLACES.search(
            message.replace("%%", "")):
        return block.replace(", c-format", ", no-c-format")
    return block


def merge(template):
    for path in sorted(LOCALE.glob("*.po")):
        run(["msgmerge", "--quiet", "--update", "--backup=none",
             "--no-fuzzy-matching", "--no-wrap", "--sort-output",
             "--add-location=file", str(path), template])
        clean = subprocess.run(
            ["msgattrib", "--no-obsolete", "--no-wrap", "--sort-output",
             "--add-location=file", str(path)],
            check=True, capture_output=True, text=True).stdout
        path.write_text(clean, encoding="utf-8")
        if path.stem == "en":
            run(["msgen", "--no-wrap", "--sort-output",
                 "--add-location=file", "-o", str(path), str(path)])


def unquote(lines):
    text = "".join(re.findall(r'"((?:[^"\\]|\\.)*)"', " ".join(lines)))
    return re.sub(r"\\(.)",
                  lambda m: {"n": "\n", "t": "\t"}.get(m[1], m[1]), text)


def entries(text):
    """(flags, msgid, plural id or None, [translations])"""
    for block in text.split("\n\n"):
        fields, flags, key = {}, set(), None
        for line in block.splitlines():
            if line.startswith("#,"):
                flags |= {f.strip() for f in line[2:].split(",")}
            found = re.match(r'(msgid_plural|msgid|msgstr(?:\[\d+\])?)\s+(".*)',
                             line)
            if found:
                key = found[1]
                fields[key] = [found[2]]
            elif line.startswith('"') and key:
                fields[key].append(line)
        if "msgid" in fields:
            yield (flags, unquote(fields["msgid"]),
                   unquote(fields["msgid_plural"])
                   if "msgid_plural" in fields else None,
                   [unquote(v) for k, v in fields.items()
                    if k.startswith("msgstr")])


def places(text):
    """What is filled in; %2$s counts as %s, since an order may differ."""
    found = PLACES.findall(text.replace("%%", ""))
    return sorted(re.sub(r"%\d+\$", "%", place) for place in found)


def faults_of(code, wanted):
    path = LOCALE / f"{code}.po"
    have = {msgid: (flags, plural, texts) for flags, msgid, plural, texts
            in entries(path.read_text(encoding="utf-8"))}
    forms = int(re.search(r"nplurals=(\d+)", have[""][2][0])[1])
    for msgid, plural in wanted:
        flags, have_plural, texts = have.get(msgid, (set(), None, []))
        if "fuzzy" in flags:
            yield f"{code}: not sure: {msgid}"
        if plural and (have_plural != plural or len(texts) != forms):
            yield f"{code}: {forms} forms are needed: {msgid}"
        if not texts or not all(texts):
            yield f"{code}: no translation: {msgid}"
            continue
        for text in texts:
            source = places(plural or msgid)
            # A form for none, one or two may leave the number out.
            bare = [x for x in source if x not in NUMBERS]
            if places(text) != source and not (plural and
                                               places(text) == bare):
                yield f"{code}: other placeholders: {msgid} -> {text}"
            if msgid[-1:].isspace() != text[-1:].isspace():
                yield f"{code}: another end: {msgid} -> {text}"


def check(template_text):
    wanted = [(msgid, plural) for _, msgid, plural, _
              in entries(template_text) if msgid]
    if not wanted:
        return ["the sources have no messages"]
    faults = [f for code in ("fr", "ar") for f in faults_of(code, wanted)]
    for code in ("en", "fr", "ar"):
        made = subprocess.run(["msgfmt", "--check", "-o", "/dev/null",
                               str(LOCALE / f"{code}.po")],
                              capture_output=True, text=True)
        if made.returncode:
            faults.append(made.stderr.strip())
    return faults


def main():
    command = sys.argv[1] if len(sys.argv) > 1 else ""
    if command == "extract":
        sys.stdout.write(extract())
    elif command == "merge":
        with tempfile.NamedTemporaryFile("w", suffix=".pot",
                                         encoding="utf-8") as f:
            f.write(extract())
            f.flush()
            merge(f.name)
    elif command == "missing" and len(sys.argv) > 2:
        run(["msgattrib", "--untranslated", "--no-wrap", "--no-location",
             str(LOCALE / f"{sys.argv[2]}.po")])
    elif command == "check":
        faults = check(extract())
        for fault in faults:
            print(fault)
        print(f"{len(faults)} faults")
        sys.exit(1 if faults else 0)
    else:
        sys.exit(__doc__)


main()
