"""The small BASIC programs behind the tools that run one keyword, and what a text calls itself."""

from __future__ import annotations

import re
from typing import Any

from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText

LONGEST_SOURCE = 1_000_000

# Their inputs are variables: what a tool gives needs no PARAM, and the keyword itself checks it.
PUBLISH = ProgramText("RETURN PUBLISH EVENT name WITH data\n", "publish_event")
SHARE = ProgramText("RETURN BOT SHARE MEMORY key WITH target\n", "share_memory")
SET_AND_SHARE = ProgramText("SET BOT MEMORY key, value\nRETURN BOT SHARE MEMORY key WITH target\n", "share_memory")


def model_question(with_cost: bool, with_latency: bool) -> ProgramText:
    """The program of one question to a model, with the limits that are given."""
    clauses = " WITH OPTIMIZE FOR goal"
    clauses += " WITH MAX_COST cost" if with_cost else ""
    clauses += " WITH MAX_LATENCY latency" if with_latency else ""
    return ProgramText(f"RETURN LLM prompt{clauses}\n", "llm_optimize_for")


_NAMED = re.compile(r'^\s*ORCHESTRATE\s+WORKFLOW\s+"([^"\n]{1,200})"', re.IGNORECASE | re.MULTILINE)


def name_of(source: str) -> str:
    """What the text calls its workflow; "workflow" when it does not."""
    found = _NAMED.search(source)
    return found[1] if found else "workflow"


def told(diagnostic: Diagnostic) -> dict[str, Any]:
    """A diagnostic as plain JSON: of `check --json` and of the validate_workflow tool."""
    return {
        "line": diagnostic.line,
        "column": diagnostic.column,
        "severity": diagnostic.severity,
        "message": diagnostic.message,
        "fix": diagnostic.fix,
    }


def sentence(diagnostic: Diagnostic) -> str:
    """A diagnostic as one line for people and models."""
    fix = f" {diagnostic.fix}" if diagnostic.fix else ""
    return f"Line {diagnostic.line}, column {diagnostic.column}: {diagnostic.message}{fix}"
