"""docs/compatibility.md says of every keyword of the host what becomes of it, as the registry has it."""

from __future__ import annotations

import json

import pytest

from keywords.library import registry
from mcp_server import compatibility_page as pages

STATES = {pages.HERE, pages.REMOTE, pages.KEPT, pages.CODE, pages.NOTED, pages.REFUSED}


def test_the_page_is_up_to_date() -> None:
    assert pages.PAGE.read_text("utf-8") == pages.page(json.loads(pages.CORPUS.read_text("utf-8")))


def test_each_keyword_of_the_host_is_one_of_ours_or_says_why_not() -> None:
    known = registry()
    for row in pages.rows():
        for part in row.parts:
            state, why = pages.state(part, known)
            assert state in STATES and (why or state == pages.HERE), (row.name, part)
    with pytest.raises(LookupError):
        pages.state("MAKE COFFEE", known)


def test_what_we_only_announce_is_never_said_to_work_here() -> None:
    known = registry()
    told = {part: pages.state(part, known)[0] for row in pages.rows() for part in row.parts}
    for keyword in known:
        if keyword.announced:
            names = {keyword.name, *(form.words for form in keyword.forms)} & told.keys()
            assert all(told[name] in (pages.REMOTE, pages.NOTED) for name in names), keyword.name


def test_nearly_every_public_dialog_comes_to_its_end() -> None:
    dialogs = json.loads(pages.CORPUS.read_text("utf-8"))["dialogs"]
    programs = [each for each in dialogs if not each["path"].endswith(pages.NO_PROGRAMS)]
    assert len(dialogs) > 200
    assert sum(each["status"] == "completed" for each in programs) >= 0.99 * len(programs)
    assert sum(each["reached"] for each in dialogs) >= 0.8 * sum(each["statements"] for each in dialogs)
    for each in dialogs:
        assert each["status"] == "completed" or f"`{each['path']}`" in pages.PAGE.read_text("utf-8")
