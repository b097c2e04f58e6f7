"""The log: facts with fields, in a file, without secrets."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog

from mcp_server import logs
from mcp_server.settings import read


@pytest.fixture(autouse=True)
def _restored() -> Iterator[None]:
    root = logging.getLogger()
    before, level = root.handlers[:], root.level
    yield
    for handler in root.handlers:
        if handler not in before:
            handler.close()
    root.handlers[:], root.level = before, level
    structlog.reset_defaults()


def test_secrets_are_blanked_wherever_they_come_from(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = logs.to_file(read({"BOTMCP_HOME": str(tmp_path / "home")}), "test")
    log = structlog.get_logger()
    log.info("test.one", token="geheim", url="redis://user:geheim@host/0", api_key="geheim", seconds=1)
    logging.getLogger("other").warning("to %s", "http://127.0.0.1")
    try:
        raise ValueError("postgresql://u:geheim@h/d")
    except ValueError:
        log.exception("test.two")
    text = file.read_text("utf-8")
    assert "geheim" not in text
    one, _, two = (json.loads(line) for line in text.splitlines())
    assert (one["event"], one["token"], one["url"], one["seconds"]) == ("test.one", "***", "redis://user:***@host/0", 1)
    assert "ValueError" in two["exception"]
    assert file.parent.stat().st_mode & 0o777 == 0o700
    assert capsys.readouterr().out == "", "stdout belongs to the protocol"
