"""A worker starts fast: it imports only what it uses."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

UNUSED = frozenset(
    {"mcp", "mcp_types", "starlette", "uvicorn", "litellm", "openai", "httpx", "httpx2", "redis"}
    | {"numpy", "qdrant_client", "tokenizers", "wordllama"}
)


def imported(line: str) -> str:
    """The package named by a line of `-X importtime`; nothing when it is another line."""
    return line.rpartition("|")[2].strip().partition(".")[0] if line.startswith("import time:") else ""


@pytest.fixture
def worker(database: str, tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """`botmcp worker`, telling on stderr what it imports."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    with subprocess.Popen(
        [sys.executable, "-X", "importtime", "-m", "mcp_server.entry", "worker"],
        env={**kept, "DATABASE_URL": database, "BOTMCP_HOME": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        yield process
        process.terminate()


def test_a_worker_at_work_has_imported_neither_the_sdk_nor_a_web_server_nor_a_model_library(
    worker: subprocess.Popen[str],
) -> None:
    assert worker.stderr
    said: list[str] = []
    for line in worker.stderr:
        said.append(line)
        if "worker.started" in line:
            break
    assert "worker.started" in said[-1], said[-20:]
    found = {imported(line) for line in said}
    assert {"psycopg", "workflow", "keywords"} <= found, "the lines are read as they are written"
    assert found & UNUSED == frozenset()
