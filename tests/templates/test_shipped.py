"""Every shipped template: its programs check clean, its samples and its papers are complete."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from hostbridge.bots import PackageBots
from hostbridge.packages import Packages, is_workflow, shipped
from keywords.check import check
from keywords.compile import compile_program
from keywords.library import registry

PACKAGES = sorted(shipped().glob("*.gbai"))
PROGRAMS = sorted(shipped().rglob("*.bas"))
SAMPLES = sorted(shipped().glob("*/samples/*.json"))
TABLE = registry()
ACTING = {"SET BOT MEMORY", "BOT SHARE MEMORY", "PUBLISH EVENT", "HUMAN APPROVAL", "BOT"}
BOTS = PackageBots(Packages([]), TABLE, lambda origin: False)


def package_of(path: Path) -> str:
    [folder] = [parent for parent in path.parents if parent.suffix == ".gbai"]
    return folder.stem


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{package_of(path)}/{path.stem}")
def test_every_program_checks_without_error_or_warning(path: Path) -> None:
    assert check(path.read_text("utf-8"), TABLE, BOTS.names(package_of(path))) == ()


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{package_of(path)}/{path.stem}")
def test_every_program_says_what_it_is_for(path: Path) -> None:
    program = compile_program(path.read_text("utf-8"), TABLE, path.stem).program
    assert program
    assert program.description or path.stem in ("start", "tables")
    for param in program.params:
        assert param.description, param.name
        assert param.like is not None or param.default is not None or param.options, param.name


@pytest.mark.parametrize("path", PROGRAMS, ids=lambda path: f"{package_of(path)}/{path.stem}")
def test_no_program_that_acts_is_a_tool_of_a_model(path: Path) -> None:
    program = compile_program(path.read_text("utf-8"), TABLE, path.stem).program
    assert program
    assert is_workflow(program.source) or not ACTING & set(program.keywords)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: f"{package_of(path)}/{path.stem}")
def test_every_sample_is_complete(path: Path) -> None:
    sample = json.loads(path.read_text("utf-8"))
    assert sample["title"] and sample["shows"]
    for run in (sample, *sample.get("then", ())):
        text = Packages([]).program(run["workflow"])
        program = compile_program(text.source, TABLE, text.name).program
        assert program
        names = {param.name for param in program.params}
        assert set(run["inputs"]) <= names
        assert {param.name for param in program.params if param.required} <= set(run["inputs"])
    for made in sample.get("decisions", ()):
        assert made["decision"] in ("approve", "reject") and made["by"] and made["comment"]


@pytest.mark.parametrize("folder", PACKAGES, ids=lambda folder: folder.stem)
def test_every_package_says_what_is_in_it(folder: Path) -> None:
    told = json.loads((folder / "package.json").read_text("utf-8"))
    dialogs = {path.stem for path in folder.rglob("*.bas")}
    called: set[str] = set()
    for path in folder.rglob("*.bas"):
        program = compile_program(path.read_text("utf-8"), TABLE, path.stem).program
        assert program
        called |= {bot.replace(" ", "-") for bot in program.bots}
    assert told["name"] == folder.stem
    assert set(told["requirements"]["bots"]) == (called & dialogs)
    readme = (folder / "README.md").read_text("utf-8")
    missing = [name for name in dialogs if f"`{name}.bas`" not in readme]
    missing += [path.stem for path in folder.glob("samples/*.json") if f"`{path.stem}`" not in readme]
    assert not missing
