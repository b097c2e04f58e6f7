"""Writes docs/compatibility.md: what becomes of each keyword of General Bots packages, and of the public ones.

    python -m mcp_server.compatibility_page [--check]
    botmcp rehearse PACKAGE... --json > told.json; python -m mcp_server.compatibility_page --rehearsed told.json

The keywords are those of `hostbridge/host_keywords.tsv`, looked up in the registry; the dialogs are those of a
rehearsal of all packages of a public repository, kept in `mcp_server/rehearsal/corpus.json`.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

from keywords import structure
from keywords.functions import FUNCTIONS
from keywords.library import registry
from keywords.registry import Effect, Keyword, Registry

PAGE = Path("docs/compatibility.md")
CORPUS = Path("mcp_server/rehearsal/corpus.json")
REPOSITORY = "GeneralBots/bottemplates"
NO_PROGRAMS = ("send-proposal-v0.bas", "msft-partner-center.bas")  # prose; another dialect of 2019, never finished
HERE, REMOTE, KEPT, CODE, NOTED, REFUSED = (
    "works here", "works through the host", "kept in the outbox", "works here once allowed", "understood", "refused",
)  # fmt: skip
_HEAD = """\
# Compatibility with General Bots packages

Packages (`.gbai` folders) written for a General Bots server run here unchanged. `botmcp rehearse PACKAGE.gbai` shows,
before anything is installed, what each of its dialogs would do: nothing real is sent or changed.

| state | means |
|---|---|
| works here | botmcp does it alone; what asks a model needs one of `BOTMCP_MODELS` |
| works here once allowed | off until the owner sets `BOTMCP_RUN_CODE` |
| kept in the outbox | written with the run's state; mail leaves when `BOTMCP_SMTP_URL` is set, see `botmcp outbox` |
| works through the host | a General Bots server does it (`BOTSERVER_URL`); without one a run fails there and says so |
| understood | read and checked, and without an effect of its own |
| refused | not carried out, for the reason given |

Object-storage buckets of the host are not read: packages are found in folders, and in the host's work folder.

Made by `python -m mcp_server.compatibility_page`; do not edit.

## Keywords
"""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the host's table of keywords."""

    section: str
    name: str
    parts: tuple[str, ...]


def rows() -> list[Row]:
    """The host's table."""
    text = resources.files("hostbridge").joinpath("host_keywords.tsv").read_text("utf-8")
    lines = (line.split("\t") for line in text.splitlines() if line and not line.startswith("#"))
    return [
        Row(section, name, tuple(part.strip() for part in parts.split(";") if part.strip()))
        for section, name, parts in lines
    ]


def state(part: str, known: Registry) -> tuple[str, str]:
    """What becomes of a keyword, function or word, and why; raises LookupError when nobody knows it."""
    if part.startswith("-"):
        kind, _, why = part[1:].partition(":")
        return {"here": HERE, "host": REMOTE, "no": REFUSED}[kind], why.strip()
    if part.startswith("~"):
        if part[1:] in structure.BY_NAME or part[1:] in structure.PHRASES:
            return HERE, ""
        raise LookupError(part)
    if part.endswith("()"):
        if part[:-2] in FUNCTIONS:
            return HERE, ""
        raise LookupError(part)
    return _of_keyword(_keyword(part, known))


def _keyword(phrase: str, known: Registry) -> Keyword:
    if phrase in known:
        return known[phrase]
    found = [keyword for keyword in known if any(form.words == phrase for form in keyword.forms)]
    if not found:
        raise LookupError(phrase)
    return found[0]


def _of_keyword(keyword: Keyword) -> tuple[str, str]:
    if keyword.announced and keyword.effect in (Effect.PURE, Effect.RECORD):
        return NOTED, f"{keyword.summary} Nothing calls it yet: start the script by hand or by schedule."
    if keyword.announced:
        return REMOTE, keyword.summary
    if keyword.group == "code":
        return CODE, keyword.summary
    if keyword.group in ("messages", "desk") and keyword.effect is Effect.RECORD and keyword.name != "LOG":
        return KEPT, keyword.summary
    return HERE, ""


def page(corpus: Mapping[str, Any]) -> str:
    """The whole page."""
    return "\n".join([_HEAD, *_keywords(registry()), *_dialogs(corpus), ""])


def _keywords(known: Registry) -> Iterator[str]:
    section = ""
    for row in rows():
        if row.section != section:
            section = row.section
            yield f"\n### {section}\n\n| keyword | state | |\n|---|---|---|"
        told = dict.fromkeys(state(part, known) for part in row.parts) or {(HERE, ""): None}
        states = list(dict.fromkeys(each for each, _ in told))
        reasons = "; ".join(dict.fromkeys(why.rstrip(".") for _, why in told if why)) if len(told) < 4 else ""
        split = ""
        if len(states) > 1:
            by: dict[str, list[str]] = {}
            for part in row.parts:
                by.setdefault(state(part, known)[0], []).append(part.strip("~()"))
            split = "; ".join(f"{each}: {', '.join(names)}" for each, names in by.items())
        cell = " / ".join(states)
        yield f"| {_cell(row.name)} | {cell} | {_cell(split or reasons)} |"


def _dialogs(corpus: Mapping[str, Any]) -> Iterator[str]:
    told: Sequence[Mapping[str, Any]] = corpus["dialogs"]
    plausible = [each for each in told if not each["path"].endswith(NO_PROGRAMS)]
    done = sum(each["status"] == "completed" for each in plausible)
    reached, statements = (sum(each[name] for each in told) for name in ("reached", "statements"))
    refused, kept, missing = (_counted(told, name) for name in ("refused", "kept", "missing"))
    yield f"\n## The packages of {REPOSITORY}\n"
    yield (
        f"All {len(told)} dialogs were rehearsed, with tables empty and with tables that hold what is looked for. "
        f"{done} of the {len(plausible)} that are programs come to their end both times "
        f"({100 * done / max(1, len(plausible)):.1f} %), and {reached:,} of {statements:,} statements "
        f"({100 * reached / max(1, statements):.1f} %) were reached.\n"
    )
    yield f"Answered in the place of a host: {refused or 'nothing'}.\n"
    yield f"Kept in the outbox: {kept or 'nothing'}.\n"
    yield f"Named by packages and found nowhere: {missing or 'nothing'}.\n"
    yield "| dialog that does not come to its end | fault |\n|---|---|"
    for each in told:
        if each["status"] != "completed":
            error = each["error"] or {}
            place = f"line {error['line']}: " if error.get("line") else ""
            fault = f"{place}{error.get('message', each['status'])}"
            note = " (no program)" if each["path"].endswith(NO_PROGRAMS) else ""
            yield f"| `{each['path']}`{note} | {_cell(fault)} |"


def _counted(told: Sequence[Mapping[str, Any]], name: str) -> str:
    found = Counter(entry.partition(":")[0] for each in told for entry in each[name])
    return ", ".join(f"{entry} ({count})" for entry, count in sorted(found.items(), key=lambda one: (-one[1], one[0])))


def _cell(words: str) -> str:
    return " ".join(words.split()).replace("|", "\\|")


def kept_corpus(given: Mapping[str, Any]) -> dict[str, Any]:
    """What the page needs of a rehearsal."""
    names = ("path", "status", "reached", "statements", "refused", "kept", "missing", "error")
    dialogs = [{name: each[name] for name in names} for each in given["dialogs"]]
    for each in dialogs:
        each["kept"] = sorted({entry.partition(":")[0] for entry in each["kept"]})
    return {"dialogs": sorted(dialogs, key=lambda each: each["path"])}


def main(arguments: Sequence[str]) -> int:
    """Write the page, or with --check say whether it is up to date."""
    match list(arguments):
        case ["--rehearsed", told]:
            corpus = kept_corpus(json.loads(Path(told).read_text("utf-8")))
            lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in corpus["dialogs"])
            CORPUS.write_text(f'{{"dialogs": [\n{lines}\n]}}\n', "utf-8")
        case _:
            corpus = json.loads(CORPUS.read_text("utf-8"))
    wanted = page(corpus)
    if "--check" in arguments:
        if PAGE.exists() and PAGE.read_text("utf-8") == wanted:
            return 0
        sys.stderr.write(f"{PAGE} is out of date: run `python -m mcp_server.compatibility_page`.\n")
        return 1
    PAGE.write_text(wanted, "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
