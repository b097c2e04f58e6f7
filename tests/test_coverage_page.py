"""docs/coverage.md names every requirement once, and what it names exists."""

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent
PAGE = ROOT / "docs" / "coverage.md"
REQUIREMENTS = [f"R{n}" for n in range(1, 62)] + [f"M{n}" for n in range(1, 8)]
ROW = re.compile(r"^\| ([RM]\d+) \| ([^|]+) \| ([^|]+) \|$", re.MULTILINE)


def rows() -> list[tuple[str, str, str]]:
    return ROW.findall(PAGE.read_text("utf-8"))


def test_every_requirement_has_exactly_one_row() -> None:
    assert [name for name, _, _ in rows()] == REQUIREMENTS


def test_every_row_shows_a_test_or_command() -> None:
    for name, _, shown in rows():
        assert "`" in shown or "cannot be measured" in shown, f"{name} shows nothing: {shown}"
    assert "not yet" not in PAGE.read_text("utf-8")


def test_every_test_named_exists() -> None:
    for name, _, shown in rows():
        for path, function in re.findall(r"`(tests/[\w/.-]+)(?:::(\w+))?`", shown):
            file = ROOT / path
            assert file.exists(), f"{name} names {path}, which does not exist"
            if function:
                assert f"def {function}(" in file.read_text("utf-8"), f"{name}: {path} has no {function}"


def test_every_page_named_exists() -> None:
    for name, _, shown in rows():
        for path in re.findall(r"`(docs/[\w/.-]+\.md)`", shown):
            assert (ROOT / path).exists(), f"{name} names {path}, which does not exist"
