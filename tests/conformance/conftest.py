"""Where there is no npm, the suites are not run here: `python -m tests.conformance` on a machine that has it does."""

from __future__ import annotations

import shutil

import pytest

NPM = shutil.which("npm")
collect_ignore = [] if NPM else ["test_suites.py"]


def pytest_report_header(config: pytest.Config) -> str:
    return "conformance: " + ("with npm's suites" if NPM else "WITHOUT the official suites, for npm is missing")
