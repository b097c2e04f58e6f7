"""What commands print with: rich on a terminal, plain text into a pipe."""

from __future__ import annotations

import json
import sys
from typing import Any

from rich.console import Console

out = Console(highlight=False, soft_wrap=True)

COLOURS = {
    "completed": "green",
    "failed": "red",
    "cancelled": "yellow",
    "waiting": "cyan",
    "paused": "yellow",
    "in_doubt": "yellow",
}


def coloured(status: str) -> str:
    """A status with its colour, as rich markup."""
    return f"[{COLOURS[status]}]{status}[/]" if status in COLOURS else status


def print_json(value: Any) -> None:
    """JSON for other programs, untouched by the terminal's width."""
    json.dump(value, sys.stdout, ensure_ascii=False, indent=2, default=str)
    sys.stdout.write("\n")
    sys.stdout.flush()
