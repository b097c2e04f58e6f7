"""The lines by which the command line follows an execution."""

from __future__ import annotations

import io
from datetime import UTC, datetime
from uuid import UUID

import pytest
from rich.console import Console

from mcp_server.cli.progress import Shown
from workflow.details import JournalRow

AT = datetime(2030, 1, 1, tzinfo=UTC)


def row(keyword: str, written: str) -> JournalRow:
    place = (UUID(int=1), "shop", "charge", "main", 0, 1, 1, 0, 1, 1)
    return JournalRow(*place, keyword, None, AT, None, None, written)


@pytest.mark.parametrize(
    ("written", "told"),
    [
        ("SET BOT MEMORY key, VAL(GET BOT MEMORY key) + 1", "GET BOT MEMORY key"),
        ('count = VAL(GET BOT MEMORY "a) b" + LEN("x")) + 1', 'GET BOT MEMORY "a) b" + LEN("x")'),
        ("x = [GET BOT MEMORY key][0]", "GET BOT MEMORY key"),
        ('x = GET BOT MEMORY "k" FROM bots[0]', 'GET BOT MEMORY "k" FROM bots[0]'),
        ('y = GET BOT MEMORY("k") + 1', 'GET BOT MEMORY("k") + 1'),
    ],
)
def test_a_call_is_told_without_what_closes_behind_it(written: str, told: str):
    out = io.StringIO()
    Shown(Console(file=out, width=200), AT).rows((row("GET BOT MEMORY", written),))
    assert out.getvalue().strip() == f"0.00 s shop: {told}"
