"""The site is built without a warning, and asks no other host for anything."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

from tests.docs.pages import DOCS, ROOT

ZENSICAL = Path(sys.executable).with_name("zensical")
LOADS = re.compile(
    r"""<(?:script|img|iframe)[^>]*\ssrc=["'](https?:[^"']+)|<link[^>]*rel="?stylesheet[^>]*(https?:[^"'>\s]+)"""
)


def test_the_site_is_built_strictly_and_needs_no_other_host(tmp_path: Path) -> None:
    shutil.copytree(DOCS, tmp_path / "docs")
    shutil.copy(ROOT / "zensical.toml", tmp_path)
    done = subprocess.run([ZENSICAL, "build", "--strict"], cwd=tmp_path, capture_output=True, text=True, check=False)
    wrong = re.findall(r"Warning: .*|\[ \S+:\d+:\d+ \]", re.sub(r"\x1b\[[0-9;]*m", "", done.stderr))
    assert done.returncode == 0, "\n".join(wrong) or done.stderr
    built = list((tmp_path / "site").rglob("*.html"))
    assert len(built) >= len(list(DOCS.rglob("*.md")))
    for page in built:
        assert not LOADS.search(page.read_text("utf-8")), f"{page.name} loads from elsewhere"
