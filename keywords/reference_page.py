"""Writes docs/reference/keywords.md from the table of keywords: `python -m keywords.reference_page [--check]`."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path

from keywords import structure
from keywords.functions import FUNCTIONS
from keywords.library import registry
from keywords.match import written
from keywords.registry import Keyword, Registry

PAGE = Path("docs/reference/keywords.md")

_HEAD = """\
# Keywords

What each keyword is called, how it may be written and what it does to the world ([effects](../architecture.md)).
`[..]` may be left out; `_` may stand for a blank (`GET_BOT_MEMORY`), and a keyword that answers a value may be called
like a function: `GET BOT MEMORY("key")`. Keywords marked *announced* are understood and checked by this release and not
yet carried out: a run that comes to one fails there and says so.

Made by `python -m keywords.reference_page`; do not edit. Programs are built of them as
[the language](basic-language.md) says.
"""
_STRUCTURE = """
## Words of the language itself

These belong to the grammar; no plugin can take them. Parts in `[..]` may be left out.

"""
_FUNCTIONS = """
## Built-in functions

Called with brackets, `LEN(name)`, or as a method of their first argument, `name.len()`. `_` and case do not matter.

| function | arguments |
|---|---|
"""


def page(table: Registry | None = None) -> str:
    """The text of the page, of our own keywords or of all that an installation has."""
    groups: dict[str, list[Keyword]] = {}
    for keyword in table or registry():
        groups.setdefault(keyword.group, []).append(keyword)
    parts = [_HEAD]
    for group, keywords in sorted(groups.items()):
        if group != "internal":
            parts.append(f"\n## {group.capitalize()}\n\n| keyword | effect | what it does |\n|---|---|---|\n")
            parts += [_row(keyword) for keyword in sorted(keywords, key=lambda k: k.name)]
    parts.append(_STRUCTURE)
    parts += [f"- {_forms(written(form) for form in word.forms)}\n" for word in structure.WORDS]
    parts.append(_FUNCTIONS)
    parts += _functions()
    return "".join(parts)


def _row(keyword: Keyword) -> str:
    effect = "announced" if keyword.announced else str(keyword.effect)
    loose = {f"{form.words} {{values:many}}" for form in keyword.forms if keyword.announced}
    shown = [form for form in keyword.forms if form.syntax not in loose] or keyword.forms
    forms = _forms(written(form) for form in shown)
    by = f" Of the plugin {keyword.plugin}." if keyword.plugin else ""
    return f"| {forms} | {effect} | {keyword.summary}{by} Example: `{_cell(keyword.example)}` |\n"


def _forms(forms: Iterable[str]) -> str:
    return "<br>".join(f"`{_cell(form.replace(' :', ':'))}`" for form in forms)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _functions() -> list[str]:
    rows: list[str] = []
    for name, function in sorted(FUNCTIONS.items()):
        if name != function.name or name.startswith("~"):
            continue
        names = ", ".join(f"`{each}`" for each in (name, *function.aliases))
        most = "or more" if function.most >= 100 else f"to {function.most}"
        count = str(function.least) if function.least == function.most else f"{function.least} {most}"
        rows.append(f"| {names} | {count} |\n")
    return rows


def main(arguments: list[str]) -> None:
    """Write the page, or with `--check` end with an error when it is not up to date."""
    if "--check" not in arguments:
        PAGE.parent.mkdir(parents=True, exist_ok=True)
        PAGE.write_text(page(), "utf-8")
    elif not PAGE.exists() or PAGE.read_text("utf-8") != page():
        raise SystemExit(f"{PAGE} is out of date: run python -m keywords.reference_page")


if __name__ == "__main__":
    main(sys.argv[1:])
