"""Every example of the pages is run: programs where nothing is real, commands for real, requests against the product.

A comment `' says: words` in a program is a promise: what its TALK lines say, in this order.
"""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from hostbridge.packages import Packages
from keywords.compile import compile_program
from keywords.library import registry
from keywords.registry import Registry
from mcp_server.rehearsal.run import Rehearsed
from mcp_server.settings import read
from tests.docs.console import Command, Console, Unlike, installed
from tests.docs.pages import ROOT, Example, Page, examples, pages
from tests.docs.stage import file_of, on_stage
from tests.docs.warm import Warm
from tests.language.straight import Runner

SAYS = re.compile(r"'\s*says:\s*(.*?)\s*$", re.MULTILINE)
LANGUAGES = {"basic", "console", "json", "python", "toml", "csv", "text", "yaml", "shell", "http", "ini", "html"}
PROGRAMS = [one for one in examples("basic") if not one.shown_only]
PROMISING = [one for one in PROGRAMS if SAYS.search(one.text)]
REFUSED = "rejected the approval."
TUTORIAL = "docs/tutorial.md"  # test_tutorial.py runs it


@pytest.fixture(scope="session")
async def performed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Rehearsed]:
    return await on_stage(tmp_path_factory.mktemp("pages"), PROGRAMS)


@pytest.fixture(scope="session")
def keywords() -> Registry:
    return registry()


def test_every_example_says_what_it_is() -> None:
    for page in pages():
        for one in page.examples:
            assert one.language in LANGUAGES, f"{one.name}: a block in the language {one.language!r} is run by nobody"
            if one.mark.startswith("shown only"):
                assert len(one.shown_only) > 8, f"{one.name}: say why it is not run"
            if one.language in ("shell", "http", "yaml", "ini", "html"):
                assert one.shown_only, f"{one.name}: {one.language} is not run here; make it console, or say why not"


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
def test_programs_are_right(program: Example, keywords: Registry) -> None:
    found = compile_program(program.text, keywords, program.name)
    assert bool(found.errors) == program.fails, "\n".join(map(str, found.errors))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda one: one.name)
def test_programs_come_to_their_end(program: Example, performed: dict[str, Rehearsed]) -> None:
    found = performed[file_of(program)]
    refused = str((found.error or {}).get("message")).endswith(REFUSED)  # the stage refuses once; a program may end so
    well = found.status in ("completed", "waiting") or refused
    assert well is not program.fails, found.error


@pytest.mark.parametrize("program", PROMISING, ids=lambda one: one.name)
def test_programs_say_what_the_page_says(program: Example, keywords: Registry) -> None:
    runner = Runner(keywords)
    compiled = compile_program(program.text, runner.registry, program.name).program
    assert compiled is not None
    said = runner.run(compiled, {}, lambda call: None).talk
    assert said == SAYS.findall(program.text)


@pytest.fixture(scope="session")
def made_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which botmcp has made its database: copying one is quicker than making one."""
    home = tmp_path_factory.mktemp("made")
    Console(home, home, installed()).run(Command("the beginning", "botmcp migrate", (), fails=False))
    return home


@pytest.fixture(scope="session")
def warm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Warm]:
    server = Warm(tmp_path_factory.mktemp("warm"))
    yield server
    server.close()


@pytest.fixture
def shell(made_home: Path, warm: Warm, tmp_path: Path) -> Iterator[Console]:
    """A shell with a home of its own; what runs in it ends with the test."""
    shutil.copytree(made_home, tmp_path / "home")
    (tmp_path / "work").mkdir()
    console = Console(tmp_path / "work", tmp_path / "home", (warm.bin, *installed()))
    yield console
    console.close()
    console.run(Command("the end", "botmcp stop", (), fails=False))


SHELLS = [page for page in pages() if any(e.language == "console" and not e.shown_only for e in page.examples)]


@pytest.mark.parametrize("page", [p for p in SHELLS if p.name != TUTORIAL], ids=lambda page: page.name)
def test_commands_print_what_the_page_says(page: Page, shell: Console) -> None:
    if "bottemplates" in page.name:  # whose commands name the files of a clone
        (shell.folder / "bottemplates").symlink_to(ROOT / "bottemplates")
    shell.play(one for one in page.examples if not one.installs)


def shown(language: str) -> list[Example]:
    return [one for one in examples(language) if not one.shown_only]


def test_settings_files_are_understood(tmp_path: Path) -> None:
    for one in shown("toml"):
        tomllib.loads(one.text)
        if one.title != "botmcp.toml":
            continue
        (tmp_path / "botmcp.toml").write_text(one.text, "utf-8")
        read({"BOTMCP_HOME": str(tmp_path), "LOCAL_KEY": "a key"})


def test_json_is_json() -> None:
    for one in shown("json"):
        json.loads(one.text)


def test_tables_have_as_many_cells_in_every_row() -> None:
    for one in shown("csv"):
        assert len({len(row) for row in csv.reader(io.StringIO(one.text))}) == 1, one.name


def test_python_compiles_and_a_command_of_its_page_runs_it() -> None:
    for one in shown("python"):
        compile(one.text, one.name, "exec")
        named = Path(one.title).name
        assert named, f"{one.name}: a title names the file, so that a command can run it"
        shells = [each for each in one.page.examples if each.language == "console"]
        assert any(named in each.text for each in shells), f"{one.name}: no command of the page runs {named}"


def test_a_command_that_prints_something_else_is_found(tmp_path: Path) -> None:
    path = tmp_path / "page.md"
    path.write_text("```console\n$ echo right\nwrong\n```\n", "utf-8")
    page = Page(path)
    with pytest.raises(Unlike, match="should print"):
        Console(tmp_path, tmp_path).play(page.examples)


def test_packages_of_the_pages_are_packages(tmp_path: Path) -> None:
    for example in examples("basic", "csv", "text"):
        if ".gbai/" in example.title:
            Console(tmp_path, tmp_path).write(example)
            name = re.findall(r"([\w-]+)\.gbai/", example.title)[-1]
            assert name in Packages([tmp_path]).names(), f"{example.name}: {example.title} is no file of a package"
