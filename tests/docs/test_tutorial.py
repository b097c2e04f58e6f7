"""The tutorial is followed command by command, as `python -m tests.docs.tutorial` does."""

from __future__ import annotations

from pathlib import Path

from tests.docs import tutorial
from tests.docs.pages import examples


def test_the_tutorial_does_what_it_says(tmp_path: Path) -> None:
    with tutorial.console(tmp_path, False, lambda line: None) as shell:
        tutorial.play(shell, fresh=False)


def test_only_the_installation_is_left_out_here() -> None:
    installing = [one for one in examples("console") if one.installs]
    assert {one.page.name for one in installing} <= {tutorial.PAGE.name, "README.md"}
    assert all("venv" in one.text for one in installing)
