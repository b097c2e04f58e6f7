"""Runs docs/tutorial.md command by command: `python -m tests.docs.tutorial [--fresh] [--keep FOLDER]`.

Everything happens in a folder and a home that are made for it. With `--fresh` it is done as on a new machine, on a
clean copy of this repository: first what README.md says to try, then the tutorial with the commands that install
botmcp. Without it the botmcp of this environment is taken.
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

from tests.docs.console import Command, Console, Unlike, installed
from tests.docs.fresh import clean_copy
from tests.docs.pages import DOCS, ROOT, Example, Page
from tests.docs.seen import seen_in_the_designer

PAGE = Page(DOCS / "tutorial.md")
README = Page(ROOT / "README.md")


@contextmanager
def console(folder: Path, fresh: bool, told: Callable[[str], None]) -> Generator[Console]:
    """A shell on a machine that has seen nothing of botmcp but, unless it is fresh, the command itself."""
    home = folder / "home"
    home.mkdir()
    here = clean_copy(folder / "botmcp") if fresh else folder / "work"
    here.mkdir(exist_ok=True)
    shell = Console(here, home, () if fresh else installed(), told=told)
    try:
        yield shell
    finally:
        shell.close()
        shell.run(Command("the end", "botmcp stop || true", (), fails=False))


def wanted(fresh: bool) -> list[Example]:
    """The examples that are run, in their order."""
    first = [one for one in README.examples if one.installs] if fresh else []
    return [*first, *(one for one in PAGE.examples if fresh or not one.installs)]


def play(shell: Console, fresh: bool) -> None:
    """Follow the page; when it opens the designer, look at what a reader sees there."""
    for example in wanted(fresh):
        shell.play([example])
        if "botmcp designer" in example.text:
            shell.told(f"(in the browser: {', '.join(seen_in_the_designer(shell.printed))})")


def main() -> int:
    options = argparse.ArgumentParser(description="Runs the tutorial command by command.")
    options.add_argument("--fresh", action="store_true", help="install as on a new machine, from a clean copy")
    options.add_argument("--keep", type=Path, help="a new folder to run in, which is kept")
    given = options.parse_args()
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="botmcp-tutorial-") as made:
        folder: Path = given.keep or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        right = "as the page says"
        try:
            with console(folder.resolve(), given.fresh, lambda line: print(line, file=sys.stderr)) as shell:
                play(shell, given.fresh)
        except Unlike as error:
            right = str(error)
    count = sum(line.startswith("$ ") for one in wanted(given.fresh) for line in one.text.splitlines())
    print(json.dumps({"commands": count, "outcome": right, "seconds": round(time.monotonic() - began, 1)}))
    return 0 if right == "as the page says" else 1


if __name__ == "__main__":
    raise SystemExit(main())
