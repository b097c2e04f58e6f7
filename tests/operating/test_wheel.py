"""The wheel holds the product, all of it and nothing else, and works without the repository."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

from tests.operating.install import PACKAGES, ROOT, missing, strangers


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Built by the tool that pyproject.toml names, from a copy of what it needs."""
    folder = tmp_path_factory.mktemp("wheel")
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, folder / name)
    for name in PACKAGES:
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    told = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder / "dist"]
    done = subprocess.run(told, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (made,) = (folder / "dist").glob("*.whl")
    return made


def test_it_holds_no_tests_no_documents_and_no_data_of_evaluations(wheel: Path) -> None:
    assert strangers(wheel) == []


def test_it_holds_every_file_of_the_product(wheel: Path) -> None:
    if (ROOT / ".git").exists():
        assert missing(wheel, ROOT) == []
    with ZipFile(wheel) as archive:
        names = archive.namelist()
    for kind in (".bas", ".sql", ".lark", ".css", ".js", ".html", ".csv", ".json"):
        assert any(name.endswith(kind) for name in names), kind


def test_what_is_installed_from_it_works_without_the_repository(wheel: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site"
    with ZipFile(wheel) as archive:
        archive.extractall(installed)
    # the libraries of this environment, but not the way to this repository that an editable install leaves there
    code = (
        "import sys\n"
        f"sys.path[:] = [p for p in sys.path if p != {str(ROOT)!r}]\n"
        "import mcp_server, keywords, migrations\n"
        "assert all('site' in str(m.__path__) for m in (mcp_server, keywords, migrations)), keywords.__path__\n"
        "from mcp_server.entry import main\n"
        "sys.argv = ['botmcp', 'package', 'test', 'starter', '--json']\n"
        "sys.exit(main())\n"
    )
    environment = {"PYTHONPATH": str(installed), "BOTMCP_HOME": str(tmp_path / "home"), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr + done.stdout
    assert json.loads(done.stdout)["passed"]
