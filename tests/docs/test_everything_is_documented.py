"""What the product has stands in the pages, and what the pages name the product has."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

import pytest

from keywords.compile import compile_program
from keywords.library import registry
from mcp_server import http, settings_page, tools_page
from mcp_server.app import open_app
from mcp_server.cli import reference_page as commands_page
from mcp_server.mcp_face.catalogue import TOOLS
from mcp_server.rest import api_page
from mcp_server.rest.api import TABLE
from mcp_server.settings import Settings, read
from tests.docs.pages import DOCS, ROOT, Example, Page, pages

COMMANDS = dict(commands_page.commands())
CODE = re.compile(r"`([^`\n]+)`")
PROGRAM = re.compile(r'^[A-Z][A-Z ]+\b.*"')  # a keyword with a text behind it
PART = re.compile(r"is never closed\.$|stands outside")  # what is wrong with a part of a block alone
HISTORY = ("docs/decisions/", "docs/coverage.md", "docs/compatibility.md")  # say what was decided, shown, or elsewhere


def text_of(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def guides() -> list[Page]:
    return [page for page in pages() if not page.name.startswith(HISTORY)]


def test_every_keyword_has_its_row() -> None:
    page = text_of("reference/keywords.md")
    for keyword in registry():
        assert keyword.group == "internal" or keyword.summary in page, keyword.name


def test_every_tool_has_its_section() -> None:
    page = text_of("reference/mcp-tools.md")
    for tool in TOOLS:
        assert f"\n## {tool.name}\n" in page, tool.name
        assert tool.title in page, tool.name


async def test_the_page_of_tools_is_up_to_date() -> None:
    assert text_of("reference/mcp-tools.md") == tools_page.page(await tools_page.listed()), (
        "run python -m mcp_server.tools_page"
    )


def test_every_command_has_its_section() -> None:
    page = text_of("reference/command-line.md")
    for name in COMMANDS:
        assert f"\n## {name}\n" in page, name
    assert page == commands_page.page(), "run python -m mcp_server.cli.reference_page"


def test_every_command_and_option_says_what_it_does() -> None:
    for name, command in COMMANDS.items():
        assert command.help, name
        for one in command.params:
            assert one.hidden or one.help, f"{name} {one.name}"


def test_every_setting_has_its_row() -> None:
    page = text_of("reference/settings.md")
    for setting in fields(Settings):
        for variable in setting.metadata.get("variables", ()):
            assert f"`{variable}`" in page, variable
    assert page == settings_page.page(), "run python -m mcp_server.settings_page"


async def test_every_address_of_a_server_is_described(database: str, tmp_path: Path) -> None:
    settings = read({"BOTMCP_HOME": str(tmp_path), "DATABASE_URL": database, "BOTMCP_METRICS_PORT": "9"})
    page = text_of("reference/addresses.md")
    async with open_app(settings, "look") as app:
        paths = [str(getattr(route, "path", "")) for route in http.application(app).routes]
    for path in paths:
        if path and not path.startswith(("/api/v1", "/designer")):  # whole faces, with pages of their own
            said = path.replace("{name:path}", "{name}")
            assert f"`{said}`" in page, f"{path} is not in docs/reference/addresses.md"


def test_every_operation_of_the_api_is_described() -> None:
    page = text_of("api/workflow-api.md")
    for operation in TABLE:
        assert f"`{operation.method} {operation.path}`" in page, operation.name
    assert page == api_page.page(), "run python -m mcp_server.rest.api_page"


@pytest.mark.parametrize("page", guides(), ids=lambda page: page.name)
def test_commands_that_a_page_names_exist(page: Page) -> None:
    shells = "\n".join(line for one in page.examples for line in typed(one))
    said = [*CODE.findall(page.prose), *re.findall(r"^botmcp .*$", shells, re.MULTILINE)]
    groups = {" ".join(name.split()[:2]) for name in COMMANDS}
    for words in (code.split() for code in said if re.match(r"botmcp [a-z-]", code)):
        found = [name for name in COMMANDS if words[: len(name.split())] == name.split()]
        if not found:
            group = " ".join(words[:2]) in groups and words[2:] in ([], ["--help"])
            assert words[1].startswith("-") or group, f"`{' '.join(words)}` is no command"
            continue
        command = COMMANDS[max(found, key=len)]
        options = {each for one in command.params for each in (*one.opts, *one.secondary_opts)} | {"-h", "--help"}
        for word in words:
            if re.match(r"^--?[a-z]", word):
                assert word.partition("=")[0] in options, f"`{' '.join(words)}`: there is no {word}"


def typed(example: Example) -> list[str]:
    """The commands of an example."""
    if example.language == "console":
        return [line.removeprefix("$ ") for line in example.text.splitlines() if line.startswith("$ ")]
    return example.text.splitlines() if example.language == "shell" else []


@pytest.mark.parametrize("page", guides(), ids=lambda page: page.name)
def test_settings_that_a_page_names_exist(page: Page) -> None:
    known = {name for setting in fields(Settings) for name in setting.metadata.get("variables", ())}
    for name in re.findall(r"\bBOTMCP_[A-Z0-9_]+\b", page.text):
        assert name in known, f"{page.name}: {name} is no setting"


def test_programs_in_the_text_are_right() -> None:
    keywords = registry()
    for page in guides():
        if page.name.endswith("reference/keywords.md"):
            continue  # the registry's own tests check the examples there
        for code in CODE.findall(page.prose):
            if PROGRAM.match(code) and not code.startswith("WITH ") and "..." not in code and "[" not in code:
                found = compile_program(code.replace(r"\|", "|"), keywords, "text").errors
                found = tuple(error for error in found if not PART.search(error.message))
                assert not found, f"{page.name}: `{code}`: {found[0]}"


def test_every_benchmark_stands_on_its_page() -> None:
    page = text_of("benchmarks.md")
    for path in sorted([*(ROOT / "tests/benchmarks").glob("*.py"), *(ROOT / "tests/chaos").glob("*.py")]):
        if '"--quick"' in path.read_text("utf-8"):
            stem = re.sub("_(measured|kills)$", "", path.stem)
            names = (f"{path.parent.name}/{stem}.py", f"{path.parent.name}.{stem}")
            assert any(f"tests{mark}{name}" in page for mark in "/." for name in names), (
                f"{path} is not in benchmarks.md"
            )


def test_tests_that_a_page_names_exist() -> None:
    for page in pages():
        for name in re.findall(r"`(tests/[\w/.-]+\.\w+)", page.text):
            assert (ROOT / name).exists(), f"{page.name} names {name}, which does not exist"


def test_generated_pages_say_how_they_are_made() -> None:
    for page in (DOCS / "reference").glob("*.md"):
        text = page.read_text("utf-8")
        made = re.search(r"Made by `python -m ([\w.]+)`", text)
        assert made is None or Path(made[1].replace(".", "/") + ".py").exists(), page.name
