"""The pages of the documentation and the examples in them.

An example is a fenced block. Its language says what is done with it, a title names the file it is, and a comment right
above it says what a reader need not see:

    <!-- shown only: REASON -->     not run here, because it needs what a test has not
    <!-- fails -->                  the program, or the command, is meant to fail
    <!-- installs -->               installs botmcp: run on a new machine only (`python -m tests.docs.tutorial --fresh`)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
DOCS = ROOT / "docs"

_FENCE = re.compile(
    r"^(?P<indent> *)(?P<fence>`{3,})(?P<info>[^`\n]*)\n(?P<text>.*?)^(?P=indent)(?P=fence) *$",
    re.MULTILINE | re.DOTALL,
)
_MARK = re.compile(r"<!-- ((?:(?!-->).)*?) -->\s*\Z", re.DOTALL)
_TITLE = re.compile(r'title="([^"]+)"')


@dataclass(frozen=True)
class Example:
    """One fenced block of a page."""

    page: Page
    line: int
    language: str
    title: str
    mark: str
    text: str

    @property
    def name(self) -> str:
        return f"{self.page.name}:{self.line}"

    @property
    def shown_only(self) -> str:
        """Why it is not run; empty when it is."""
        return self.mark.removeprefix("shown only:").strip() if self.mark.startswith("shown only") else ""

    @property
    def installs(self) -> bool:
        return self.mark == "installs"

    @property
    def fails(self) -> bool:
        return self.mark == "fails"


@dataclass(frozen=True)
class Page:
    """One Markdown file."""

    path: Path

    @property
    def name(self) -> str:
        return str(self.path.relative_to(ROOT) if self.path.is_relative_to(ROOT) else self.path)

    @cached_property
    def text(self) -> str:
        return self.path.read_text("utf-8")

    @cached_property
    def prose(self) -> str:
        """The page without its blocks, line for line."""
        return _FENCE.sub(lambda found: "\n" * found[0].count("\n"), self.text)

    @cached_property
    def examples(self) -> tuple[Example, ...]:
        found: list[Example] = []
        for block in _FENCE.finditer(self.text):
            before = self.text[: block.start()]
            mark = _MARK.search(before[-400:])
            language, _, rest = block["info"].strip().partition(" ")
            title = _TITLE.search(rest)
            lines = block["text"].splitlines()
            text = "".join(f"{line.removeprefix(block['indent'])}\n" for line in lines)
            example = Example(
                self, before.count("\n") + 2, language, title[1] if title else "", mark[1].strip() if mark else "", text
            )
            found.append(example)
        return tuple(found)


def pages() -> list[Page]:
    """Every page that readers of the product see."""
    documents = [*DOCS.rglob("*.md"), *(ROOT / "bottemplates").glob("*/README.md")]
    return [Page(path) for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted(documents))]


def examples(*languages: str) -> list[Example]:
    """Every example in one of these languages."""
    return [one for page in pages() for one in page.examples if one.language in languages]
