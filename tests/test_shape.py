"""The shape: the packages it stands on, and what lies at the top of the repository."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).parent.parent
PACKAGES = ("mcp", "lark", "psycopg", "redis", "qdrant-client", "litellm", "pydantic", "starlette")
FILES = ("pyproject.toml", "README.md")
ROOMS = ("mcp_server", "keywords", "workflow", "memory", "smartrouter")
FOLDERS = ("migrations", "bottemplates", "docs", "tests")


def named(requirements: list[str]) -> set[str]:
    return {re.split(r"[^\w-]", requirement, maxsplit=1)[0] for requirement in map(str, requirements)}


def test_the_product_stands_on_the_packages_that_were_named() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert set(PACKAGES) <= named(project["project"]["dependencies"])
    assert "pytest" in named(project["project"]["optional-dependencies"]["dev"])


def test_every_room_that_was_named_is_at_the_top_and_is_python() -> None:
    assert all((ROOT / name).is_file() for name in FILES)
    assert all((ROOT / name).is_dir() for name in FOLDERS)
    assert all((ROOT / room / "__init__.py").is_file() for room in ROOMS)
