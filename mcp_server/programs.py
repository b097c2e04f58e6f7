"""The small BASIC programs behind the tools that run one keyword, and what a text calls itself."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from keywords.diagnostics import Diagnostic
from keywords.host import ProgramText

LONGEST_SOURCE = 1_000_000

RATE = ProgramText("RETURN RATE LLM NULL, quality IN EXECUTION rated\n", "llm_optimize_for")


def model_question(clauses: Mapping[str, str]) -> ProgramText:
    """The program of one question to a model, with the clauses that are given and the variables that hold them."""
    said = "".join(f" WITH {clause} {name}" for clause, name in clauses.items())
    return ProgramText(f"RETURN LLM prompt{said}\n", "llm_optimize_for")


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
