"""Servers that share no data folder sign alike where they are given one key, and each for itself where not."""

from __future__ import annotations

from pathlib import Path

import pytest

from mcp_server.secret import secret
from mcp_server.settings import SettingsError, read

KEY = "0123456789abcdef0123456789abcdef"


def test_servers_with_one_key_sign_alike_and_each_purpose_otherwise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    monkeypatch.delenv("BOTMCP_SIGNING_KEY", raising=False)
    assert secret(first, "inbox") != secret(second, "inbox")
    monkeypatch.setenv("BOTMCP_SIGNING_KEY", KEY)
    made = secret(first, "inbox")
    assert made == secret(second, "inbox") != secret(first, "designer")
    monkeypatch.setenv("BOTMCP_SIGNING_KEY", KEY[::-1])
    assert secret(first, "inbox") != made


def test_a_key_that_could_be_guessed_is_refused_and_none_is_ever_shown() -> None:
    with pytest.raises(SettingsError, match="at least 32 characters"):
        read({"BOTMCP_SIGNING_KEY": "short"})
    assert KEY not in repr(read({"BOTMCP_SIGNING_KEY": KEY}))
