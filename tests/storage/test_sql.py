"""Named SQL: what is read from a package's file."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.sql import queries

Package = Callable[[str], str]


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Package:
    """Makes a package that holds this SQL, and answers its name."""
    monkeypatch.syspath_prepend(str(tmp_path))

    def made(text: str) -> str:
        (tmp_path / "planted_sql").mkdir()
        (tmp_path / "planted_sql" / "__init__.py").write_text("")
        (tmp_path / "planted_sql" / "queries.sql").write_bytes(text.encode())
        monkeypatch.delitem(sys.modules, "planted_sql", raising=False)
        return "planted_sql"

    return made


def test_statements_come_by_name(package: Package):
    found = queries(package("-- what this is\n-- name: one\nselect 1\n\n-- name: two\nselect\n  2;\n"))
    assert found == {"one": b"select 1", "two": b"select\n  2;"}


def test_comments_of_their_own_line_are_left_out_since_psycopg_reads_them(package: Package):
    found = queries(
        package("-- name: one\n-- 5 % of it\nselect 1 -- kept\n  -- more\n-- about two\n-- name: two\nselect 2")
    )
    assert found == {"one": b"select 1 -- kept", "two": b"select 2"}


def test_line_ends_of_windows_do_no_harm(package: Package):
    assert queries(package("-- name: one\r\nselect\r\n1\r\n")) == {"one": b"select\n1"}


def test_two_statements_of_one_name_are_refused(package: Package):
    with pytest.raises(ValueError, match="two statements named one"):
        queries(package("-- name: one\nselect 1\n-- name: one\nselect 2"))


def test_a_name_without_a_statement_is_refused(package: Package):
    with pytest.raises(ValueError, match="names one but gives no statement"):
        queries(package("-- name: one\n-- only a comment\n-- name: two\nselect 2"))
